package limits

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// bucketNameLength is the longest name of a bucket ("Bucket naming rules" in S3's user guide).
const bucketNameLength = 63

// BucketPrefix checks a logical name that a bucket is named after: <name><role>-1234567 with Pulumi's auto-naming.
func BucketPrefix(name, role string) error {
	most := bucketNameLength - autoNameLength - len(role)
	reserved := strings.HasPrefix(name, "sthree-") || strings.HasPrefix(name, "amzn-s3-demo-")
	if balancerPrefix.MatchString(name) && len(name) <= most && !reserved {
		return nil
	}
	return fmt.Errorf(`lower-case letters, digits and single hyphens, a letter first, at most %d characters (a bucket's name is made of it), and not "sthree-..." or "amzn-s3-demo-..."`, most)
}

// ObjectKey checks the name of an object: 1024 bytes of UTF-8. S3 takes control characters, but no URL and no log shows them.
func ObjectKey(key string) error {
	if key != "" && len(key) <= 1024 && utf8.ValidString(key) && !strings.ContainsFunc(key, isControl) {
		return nil
	}
	return errors.New("names of at most 1024 bytes in UTF-8, without control characters")
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// KeyPrefix checks what the keys of objects begin with, as the path of a folder. A wildcard would be one in a policy.
func KeyPrefix(prefix string) error {
	if ObjectKey(prefix) == nil && strings.HasSuffix(prefix, "/") && !strings.HasPrefix(prefix, "/") && !strings.Contains(prefix, "//") && !strings.ContainsAny(prefix, "*?$") {
		return nil
	}
	return errors.New("a path that ends with a slash and does not begin with one, without wildcards, such as static/")
}

// ExpirationDays checks after how many days a lifecycle rule deletes (Expiration, Days).
func ExpirationDays(days int) error { return between(days, 1, 36500, "days") }
