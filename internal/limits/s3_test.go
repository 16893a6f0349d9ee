package limits

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestBucketPrefix(t *testing.T) {
	t.Parallel()
	const role = "-access-logs"
	longest := strings.Repeat("a", 63-8-len(role))
	for _, good := range []string{"site", "my-site-2", longest} {
		assert.NoError(t, BucketPrefix(good, role), good)
	}
	for _, bad := range []string{"", "Site", "1site", "my_site", "my--site", "site-", longest + "a", "sthree-site", "amzn-s3-demo-site"} {
		assert.ErrorContains(t, BucketPrefix(bad, role), "at most 43 characters", bad)
	}
}

func TestObjectKeysAndPrefixes(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"index.html", "naïve file.txt", ".well-known/x", strings.Repeat("a", 1024)} {
		assert.NoError(t, ObjectKey(good), good)
	}
	for _, bad := range []string{"", "a\nb", "\xff", strings.Repeat("a", 1025)} {
		assert.ErrorContains(t, ObjectKey(bad), "1024 bytes", "%q", bad)
	}
	for _, good := range []string{"static/", "a/b/", "_next/static/"} {
		assert.NoError(t, KeyPrefix(good), good)
	}
	for _, bad := range []string{"", "/", "static", "/static/", "a//", "st*tic/", "${aws:username}/"} {
		assert.ErrorContains(t, KeyPrefix(bad), "such as static/", "%q", bad)
	}
}

func TestExpirationDays(t *testing.T) {
	t.Parallel()
	assert.NoError(t, ExpirationDays(1))
	assert.Error(t, ExpirationDays(0))
}
