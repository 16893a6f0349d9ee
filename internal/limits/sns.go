package limits

import (
	"errors"
	"net/mail"
	"strings"
)

// EmailAddress checks an address that SNS sends mail to: a plain one, without a name beside it.
func EmailAddress(address string) error {
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || !strings.Contains(address[strings.LastIndex(address, "@"):], ".") {
		return errors.New("an e-mail address such as ops@example.com")
	}
	return nil
}
