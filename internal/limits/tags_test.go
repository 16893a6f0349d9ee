package limits_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"slipway/internal/limits"
)

func TestTags(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"a", "cost-center", "team:name", "Überblick 2", strings.Repeat("ü", 128)} {
		assert.NoError(t, limits.TagKey(key), key)
	}
	for _, key := range []string{"", "aws:name", "AWS:name", "a,b", "a\nb", "a*", "\xff", strings.Repeat("a", 129)} {
		assert.ErrorContains(t, limits.TagKey(key), "of 1 to 128 characters", key)
	}
	assert.NoError(t, limits.TagValue(""))
	assert.NoError(t, limits.TagValue(strings.Repeat("ü", 256)))
	for _, value := range []string{strings.Repeat("a", 257), "a;b", "a\tb"} {
		assert.ErrorContains(t, limits.TagValue(value), "at most 256", value)
	}
	assert.NoError(t, limits.TagCount(50, limits.MaxTags))
	assert.ErrorContains(t, limits.TagCount(51, limits.MaxTags), "50 tags at most")
}
