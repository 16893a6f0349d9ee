package limits

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestCloudFrontLimits(t *testing.T) {
	t.Parallel()
	const id = "11111111-2222-3333-4444-555555555555"
	for name, test := range map[string]struct {
		check     func(string) error
		good, bad []string
	}{
		"price class": {PriceClass, PriceClasses, []string{"", "100", "PriceClass_50"}},
		"origin": {CorsOrigin, []string{"*", "https://app.example.com", "http://localhost:8000", "https://*.example.com"},
			[]string{"", "app.example.com", "https://app.example.com/", "https://App.example.com", "https://*", "ftp://a.example", "https://a.*.example"}},
		"root object":  {RootObject, []string{"index.html", "app/index.html"}, []string{"", "/index.html", "a b", strings.Repeat("a", 256)}},
		"header value": {HeaderValue, []string{"", "default-src 'self'"}, []string{"a\r\nb", strings.Repeat("a", 1784)}},
		"web ACL": {CloudFrontWebACL, []string{"arn:aws:wafv2:us-east-1:123456789012:global/webacl/site/" + id},
			[]string{"", id, "arn:aws:wafv2:eu-west-1:123456789012:global/webacl/site/" + id, "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/site/" + id}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, good := range test.good {
				assert.NoError(t, test.check(good), "%q", good)
			}
			for _, bad := range test.bad {
				assert.Error(t, test.check(bad), "%q", bad)
			}
		})
	}
}
