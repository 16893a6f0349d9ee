package limits

import (
	"errors"
	"regexp"
	"slices"
)

// PriceClasses are where CloudFront serves from, the cheapest first.
var PriceClasses = []string{"PriceClass_100", "PriceClass_200", "PriceClass_All"}

// PriceClass checks where CloudFront serves from.
func PriceClass(class string) error {
	if slices.Contains(PriceClasses, class) {
		return nil
	}
	return errors.New(`"PriceClass_100" (North America and Europe), "PriceClass_200" (without South America and Oceania) or "PriceClass_All"`)
}

var corsOrigin = regexp.MustCompile(`^https?://(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?(:([1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5]))?$`)

// CorsOrigin checks an origin of Access-Control-Allow-Origin as CloudFront and S3 both take it: scheme, host and perhaps port, a
// wildcard as the first label, or * alone for all.
func CorsOrigin(origin string) error {
	if origin == "*" || corsOrigin.MatchString(origin) && len(origin) <= 255 {
		return nil
	}
	return errors.New(`an origin in lower case, scheme and host without a path, such as "https://app.example.com" or "https://*.example.com"; "*" for all`)
}

var rootObject = regexp.MustCompile(`^[A-Za-z0-9_.$~&@=-][A-Za-z0-9_.$~&@=/-]*$`)

// RootObject checks the default root object of a distribution (DistributionConfig, DefaultRootObject).
func RootObject(name string) error {
	if rootObject.MatchString(name) && len(name) <= 255 {
		return nil
	}
	return errors.New("the name of a file of at most 255 characters that does not begin with a slash, such as index.html")
}

var headerText = regexp.MustCompile(`^[ -~]*$`)

// HeaderValue checks the value of a header that CloudFront adds ("Maximum length of a header value" in CloudFront's quotas).
func HeaderValue(value string) error {
	if len(value) <= 1783 && headerText.MatchString(value) {
		return nil
	}
	return errors.New("text on one line, in ASCII, of at most 1783 characters")
}

var webACL = regexp.MustCompile(`^arn:aws:wafv2:us-east-1:\d{12}:global/webacl/[\w-]{1,128}/[0-9a-f-]{36}$`)

// CloudFrontWebACL checks the ARN of a web ACL of AWS WAF for CloudFront: those are in us-east-1 and global.
func CloudFrontWebACL(arn string) error {
	if webACL.MatchString(arn) {
		return nil
	}
	return errors.New("the ARN of a web ACL of scope CLOUDFRONT, arn:aws:wafv2:us-east-1:<account>:global/webacl/<name>/<id>")
}
