package limits

import (
	"errors"
	"net/mail"
	"regexp"
)

var mailDomain = regexp.MustCompile(`^[^\s"@]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)

// EmailAddress checks an address that SNS sends mail to: a plain one, without a name beside it.
func EmailAddress(address string) error {
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || len(address) > 320 || !mailDomain.MatchString(address) {
		return errors.New("an e-mail address such as ops@example.com")
	}
	return nil
}
