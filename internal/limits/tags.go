package limits

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// The limits of tags that all services have in common (AWS General Reference, "Tagging your AWS resources").
const (
	// MaxTags is how many tags a resource has.
	MaxTags = 50
	// MaxObjectTags is how many tags an object in S3 has.
	MaxObjectTags = 10
)

var tagText = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)

const tagLetters = "characters, each one of _.:/=+-@ or a space, digit or letter"

// TagCount checks how many tags a component gives to what it makes.
func TagCount(count, most int) error {
	if count <= most {
		return nil
	}
	return fmt.Errorf("%d tags at most", most)
}

// TagKey checks the name of a tag. Those that begin with aws: are AWS's own.
func TagKey(key string) error {
	length := utf8.RuneCountInString(key)
	if length >= 1 && length <= 128 && tagText.MatchString(key) && !strings.HasPrefix(strings.ToLower(key), "aws:") {
		return nil
	}
	return errors.New("names, not beginning with aws:, of 1 to 128 " + tagLetters)
}

// TagValue checks the value of a tag.
func TagValue(value string) error {
	if utf8.RuneCountInString(value) <= 256 && tagText.MatchString(value) {
		return nil
	}
	return errors.New("at most 256 " + tagLetters)
}
