package limits

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// autoNameLength is what Pulumi appends to a logical name: a hyphen and 7 hexadecimal digits.
const autoNameLength = 8

// balancerNameLength is the longest name of a load balancer or a target group (CreateLoadBalancer, Name).
const balancerNameLength = 32

var balancerPrefix = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// BalancerPrefix checks a logical name that a load balancer is named after: <name><role>-1234567 with Pulumi's auto-naming.
// It is stricter than ELB, which takes capitals, because buckets and repositories are named after it too.
func BalancerPrefix(name, role string) error {
	most := balancerNameLength - autoNameLength - len(role)
	if balancerPrefix.MatchString(name) && len(name) <= most && !strings.HasPrefix(name+"-", "internal-") {
		return nil
	}
	return fmt.Errorf(`lower-case letters, digits and single hyphens, a letter first, at most %d characters (the load balancer's name is made of it), and not "internal-..."`, most)
}

// HealthCheckInterval checks the seconds between two health checks of a target group.
func HealthCheckInterval(seconds int) error { return between(seconds, 5, 300, "seconds") }

// HealthCheckTimeout checks how long a health check may take; strictly less than the interval.
func HealthCheckTimeout(seconds, interval int) error {
	if seconds < interval && between(seconds, 2, 120, "") == nil {
		return nil
	}
	return fmt.Errorf("seconds from 2 to 120 and less than the interval, %d", interval)
}

// HealthCheckThreshold checks how many results in a row make a target healthy or unhealthy.
func HealthCheckThreshold(count int) error { return between(count, 2, 10, "a number") }

var healthCheckPath = regexp.MustCompile(`^/[!-~]*$`)

// HealthCheckPath checks the path that a target group asks for.
func HealthCheckPath(path string) error {
	if healthCheckPath.MatchString(path) && len(path) <= 1024 {
		return nil
	}
	return errors.New("a path of at most 1024 characters that begins with a slash and has neither spaces nor characters beyond ASCII, such as /status/")
}

var httpCode = regexp.MustCompile(`^[234]\d\d$`)

// HealthCheckMatcher checks the HTTP codes of a healthy target: "200", "200,302" or "200-299", within 200-499.
func HealthCheckMatcher(matcher string) error {
	for part := range strings.SplitSeq(matcher, ",") {
		low, high, isRange := strings.Cut(part, "-")
		if !isRange {
			high = low
		}
		if !httpCode.MatchString(low) || !httpCode.MatchString(high) || low > high {
			return errors.New(`HTTP codes from 200 to 499, such as "200", "200,302" or "200-299"`)
		}
	}
	return nil
}

// DeregistrationDelay checks the seconds for which a target that leaves may finish its requests.
func DeregistrationDelay(seconds int) error { return between(seconds, 0, 3600, "seconds") }

// IdleTimeout checks the seconds after which a load balancer closes a silent connection.
func IdleTimeout(seconds int) error { return between(seconds, 1, 4000, "seconds") }

var domainName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$`)

// DomainName checks the name of a website or a hosted zone. ACM refuses a certificate whose first name is longer than
// 64 characters.
func DomainName(name string) error {
	if domainName.MatchString(name) && len(name) <= 64 {
		return nil
	}
	return errors.New("a domain name in lower case without a trailing dot, of at most 64 characters, such as app.example.com")
}

// HostName checks a name that a listener rule takes requests for. ELB compares at most 128 characters (RuleCondition,
// HostHeaderConfig).
func HostName(name string) error {
	if domainName.MatchString(name) && len(name) <= 128 {
		return nil
	}
	return errors.New("a host name in lower case, of at most 128 characters, such as pr-1.example.com")
}

// HostNames checks how many names one listener rule takes requests for: it has at most 5 values in its conditions.
func HostNames(count int) error { return between(count, 1, 5, "host names") }

// DomainInZone checks that a name can have records in a hosted zone.
func DomainInZone(name, zone string) error {
	if name == zone || strings.HasSuffix(name, "."+zone) {
		return nil
	}
	return fmt.Errorf("a zone that %s is in, such as %s", name, ParentDomain(name))
}

// ParentDomain is the domain one level up: example.com for app.example.com, and for example.com itself.
func ParentDomain(name string) string {
	if _, parent, ok := strings.Cut(name, "."); ok && strings.Contains(parent, ".") {
		return parent
	}
	return name
}
