package limits_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"slipway/internal/limits"
)

func TestBalancerPrefix(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"web", "w", "my-web-2", strings.Repeat("a", 20), "internals"} {
		assert.NoError(t, limits.BalancerPrefix(name, "-alb"), name)
	}
	for _, name := range []string{"", "Web", "-web", "web-", "we--b", "2web", "we_b", "internal", "internal-web", strings.Repeat("a", 21)} {
		assert.Error(t, limits.BalancerPrefix(name, "-alb"), name)
	}
}

// A name that is let through makes a name that Elastic Load Balancing takes.
func TestBalancerPrefixMakesANameForElb(t *testing.T) {
	t.Parallel()
	elb := regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$`)
	rapid.Check(t, func(t *rapid.T) {
		prefix := rapid.StringMatching(`[a-z0-9-]{0,24}`).Draw(t, "name")
		if limits.BalancerPrefix(prefix, "-alb") != nil {
			return
		}
		name := prefix + "-alb-0123456"
		assert.LessOrEqual(t, len(name), 32)
		assert.Regexp(t, elb, name)
		assert.False(t, strings.HasPrefix(name, "internal-"))
	})
}

func TestElbRanges(t *testing.T) {
	t.Parallel()
	requireRanges(t, map[string]ranged{
		"interval":       {limits.HealthCheckInterval, []int{5, 300}, []int{4, 301}},
		"threshold":      {limits.HealthCheckThreshold, []int{2, 10}, []int{1, 11}},
		"deregistration": {limits.DeregistrationDelay, []int{0, 3600}, []int{-1, 3601}},
		"idle timeout":   {limits.IdleTimeout, []int{1, 4000}, []int{0, 4001}},
	})
}

func TestHealthCheck(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		timeout, interval int
		fits              bool
	}{{2, 5, true}, {4, 5, true}, {5, 5, false}, {1, 5, false}, {120, 300, true}, {121, 300, false}} {
		assert.Equal(t, test.fits, limits.HealthCheckTimeout(test.timeout, test.interval) == nil, fmt.Sprint(test))
	}
	for _, matcher := range []string{"200", "200,302", "200-299", "200-299,301,400-499"} {
		assert.NoError(t, limits.HealthCheckMatcher(matcher), matcher)
	}
	for _, matcher := range []string{"", "ok", "199", "500", "200-500", "299-200", "200,", "200 302"} {
		assert.Error(t, limits.HealthCheckMatcher(matcher), matcher)
	}
	assert.NoError(t, limits.HealthCheckPath("/status/?deep=1"))
	for _, path := range []string{"", "status", "/a b", "/" + strings.Repeat("a", 1024)} {
		assert.Error(t, limits.HealthCheckPath(path), path)
	}
}

func TestDomains(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"example.com", "app.example.com", "a-b.example.co.uk", "xn--bcher-kva.example"} {
		assert.NoError(t, limits.DomainName(name), name)
	}
	for _, name := range []string{"", "example", "app.example.com.", "App.example.com", "https://example.com", "-a.example.com", "*.example.com", "a b.com", strings.Repeat("a.", 31) + "com"} {
		assert.Error(t, limits.DomainName(name), name)
	}
	for _, host := range []string{"pr-1.test", strings.Repeat("a.", 62) + "test"} {
		assert.NoError(t, limits.HostName(host), host)
	}
	for _, host := range []string{"", "test", "*.test", "PR.test", "a.test:80", strings.Repeat("a.", 63) + "test"} {
		assert.Error(t, limits.HostName(host), host)
	}
	assert.NoError(t, limits.DomainInZone("example.com", "example.com"))
	assert.NoError(t, limits.DomainInZone("a.b.example.com", "example.com"))
	assert.Error(t, limits.DomainInZone("notexample.com", "example.com"))
	assert.Equal(t, "example.com", limits.ParentDomain("app.example.com"))
	assert.Equal(t, "example.com", limits.ParentDomain("example.com"))
}
