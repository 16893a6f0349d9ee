package limits_test

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"slipway/internal/limits"
)

// textChecks are the checks of one text, each with what AWS takes, said in another way than the check says it: what the check lets
// through has to be that.
var textChecks = map[string]struct {
	check func(string) error
	aws   func(string) bool
}{
	"BalancerPrefix": {func(s string) error { return limits.BalancerPrefix(s, "-alb") }, func(s string) bool {
		return !strings.HasPrefix(s, "internal-") && matches(`^[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$`, s+"-alb-0123456")
	}},
	"BucketPrefix": {func(s string) error { return limits.BucketPrefix(s, "-logs") }, func(s string) bool {
		return matches(`^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`, s+"-logs-0123456")
	}},
	"RepositoryPrefix": {limits.RepositoryPrefix, func(s string) bool {
		return len(s) <= 256-len("-repository-0123456") && matches(`^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$`, s+"-repository-0123456")
	}},
	"PipelineName": {limits.PipelineName, func(s string) bool {
		return len(s+"-bitbucket-0123456") <= 32 && matches(`^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`, s+"-artifacts-0123456") && limits.RepositoryPrefix(s) == nil
	}},
	"DeliveredStack": {limits.DeliveredStack, func(s string) bool {
		return matches(`^[A-Za-z0-9_-]+$`, s) && len("longest-name-a-deploy-"+s+"-role-0123456") <= 64
	}},
	"ClusterName": {func(s string) error { return limits.ClusterName(s, 8) }, func(s string) bool {
		return !strings.Contains(s, "--") && matches(`^[a-z][a-z0-9-]{0,61}[a-z0-9]$`, s+"-0123456")
	}},
	"ImageByDigest": {limits.ImageByDigest, func(s string) bool { return matches(`^[A-Za-z0-9_:./@-]{1,255}$`, s) && strings.Count(s, "@") == 1 }},
	"SecretARN": {limits.SecretARN, func(s string) bool {
		return !strings.ContainsAny(s, " \t\r\n") && utf8.ValidString(s) && strings.Count(s, ":") >= 5 && len(s) <= 2048
	}},
	"DatabaseName":   {limits.DatabaseName, func(s string) bool { return matches(`^[A-Za-z][A-Za-z0-9_]{0,62}$`, s) }},
	"MasterUsername": {limits.MasterUsername, func(s string) bool { return matches(`^[A-Za-z][A-Za-z0-9_]{0,62}$`, s) }},
	"HealthCheckPath": {limits.HealthCheckPath, func(s string) bool {
		return len(s) <= 1024 && matches(`^/[!-~]*$`, s)
	}},
	"HealthCheckMatcher": {limits.HealthCheckMatcher, func(s string) bool { return matches(`^[234]\d\d(-[234]\d\d)?(,[234]\d\d(-[234]\d\d)?)*$`, s) }},
	"DomainName":         {limits.DomainName, isHost(64)},
	"HostName":           {limits.HostName, isHost(128)},
	"CorsOrigin": {limits.CorsOrigin, func(s string) bool {
		host, port, hasPort := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(s, "http://"), "https://"), ":")
		number, err := strconv.Atoi(port)
		return s == "*" || strings.HasPrefix(s, "http") && matches(`^[a-z0-9.*-]+$`, host) && strings.Count(host, "*") <= 1 && (!hasPort || err == nil && number >= 1 && number <= 65535)
	}},
	"RootObject": {limits.RootObject, func(s string) bool {
		return !strings.HasPrefix(s, "/") && len(s) <= 255 && !strings.ContainsAny(s, " \n")
	}},
	"HeaderValue": {limits.HeaderValue, func(s string) bool { return len(s) <= 1783 && matches(`^[ -~]*$`, s) }},
	"CloudFrontWebACL": {limits.CloudFrontWebACL, func(s string) bool {
		return strings.HasPrefix(s, "arn:aws:wafv2:us-east-1:") && len(s) <= 2048 && strings.Count(s, "/") == 3
	}},
	"ObjectKey": {limits.ObjectKey, func(s string) bool { return len(s) >= 1 && len(s) <= 1024 && utf8.ValidString(s) }},
	"KeyPrefix": {limits.KeyPrefix, func(s string) bool { return strings.HasSuffix(s, "/") && limits.ObjectKey(s+"x") == nil }},
	"EmailAddress": {limits.EmailAddress, func(s string) bool {
		return matches(`^[^\s@"<>()\[\]]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`, s) && len(s) <= 320
	}},
	"VpcCIDR": {limits.VpcCIDR, func(s string) bool {
		block, err := netip.ParsePrefix(s)
		return err == nil && block.Addr().Is4() && block == block.Masked() && block.Bits() >= 16 && block.Bits() <= 28 && s == block.String()
	}},
	"EndpointService":   {limits.EndpointService, func(s string) bool { return matches(`^[a-z0-9.-]+$`, s) }},
	"SecurityGroupText": {limits.SecurityGroupText, func(s string) bool { return len(s) >= 1 && len(s) <= 255 && !strings.ContainsAny(s, "\n'\"<>") }},
	"EnvironmentName":   {limits.EnvironmentName, func(s string) bool { return matches(`^\w+$`, s) && strconv.Quote(s) == `"`+s+`"` }},
	"ContainerUser": {limits.ContainerUser, func(s string) bool {
		return matches(`^[0-9]+(:[0-9]+)?$`, s) && !matches(`^0+(:|$)`, s)
	}},
	"NamePrefix": {func(s string) error { return limits.NamePrefix(s, "-role", limits.RoleNameLength) }, func(s string) bool {
		return matches(`^[A-Za-z0-9+=,.@_-]{1,64}$`, s+"-role-0123456")
	}},
	"DashboardName": {limits.DashboardName, func(s string) bool { return matches(`^[A-Za-z0-9_-]{1,53}$`, s) }},
	"TagKey": {limits.TagKey, func(s string) bool {
		return utf8.ValidString(s) && s != "" && utf8.RuneCountInString(s) <= 128 && !strings.HasPrefix(strings.ToLower(s), "aws:") && !strings.ContainsAny(s, "\n\t,;*?\"'<>&%")
	}},
	"TagValue": {limits.TagValue, func(s string) bool {
		return utf8.ValidString(s) && utf8.RuneCountInString(s) <= 256 && !strings.ContainsAny(s, "\n\t,;*?\"'<>&%")
	}},
	"SnapshotIdentifier": {limits.SnapshotIdentifier, func(s string) bool {
		return matches(`^[A-Za-z0-9:-]{1,400}$`, s) && !strings.Contains(s, "--") && !strings.HasSuffix(s, "-")
	}},
	"TaskUser":         {limits.TaskUser, func(s string) bool { return matches(`^[A-Za-z0-9_.-]+(:[A-Za-z0-9_.-]+)?$`, s) }},
	"ScheduleTimeZone": {limits.ScheduleTimeZone, func(s string) bool { return matches(`^[A-Za-z0-9_+/-]{1,50}$`, s) }},
}

var patterns sync.Map

func matches(pattern, text string) bool {
	compiled, ok := patterns.Load(pattern)
	if !ok {
		compiled, _ = patterns.LoadOrStore(pattern, regexp.MustCompile(pattern))
	}
	return compiled.(*regexp.Regexp).MatchString(text)
}

// isHost tells whether a text is a host name of letters, digits and hyphens (RFC 1123).
func isHost(most int) func(string) bool {
	return func(name string) bool {
		labels := strings.Split(name, ".")
		return len(name) <= most && len(labels) >= 2 && !slices.ContainsFunc(labels, func(label string) bool {
			return !matches(`^[a-z0-9-]{1,63}$`, label) || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-")
		})
	}
}

func FuzzTextChecks(f *testing.F) {
	for _, seed := range []string{"", "web", "my-web-2", "app.example.com", "10.0.0.0/16", "/status/", "200,300-399", "10001:10001", "ops@example.com", "static/", "index.html",
		"https://*.example.com:8443", "Europe/Berlin", "default-src 'self'", "xray", "dbowner", "DATABASE_HOST", "rds:app-2026-01-01-06-10", "team:name", "AWS:name", "Überblick",
		"public.ecr.aws/nginx/nginx@sha256:" + strings.Repeat("0", 64), "arn:aws:secretsmanager:us-east-1:123456789012:secret:payments-AbCdEf",
		"arn:aws:wafv2:us-east-1:123456789012:global/webacl/site/01234567-89ab-cdef-0123-456789abcdef"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for name, c := range textChecks {
			err := c.check(text)
			if err == nil && !c.aws(text) {
				t.Errorf("%s takes %q, which AWS does not", name, text)
			}
			checkRefusal(t, name, err)
		}
	})
}

// checkRefusal checks that a message completes "takes ...".
func checkRefusal(t *testing.T, name string, err error) {
	t.Helper()
	if err == nil {
		return
	}
	if message := err.Error(); len(message) < 4 || strings.Contains(message, "%!") || strings.HasSuffix(message, ".") || !utf8.ValidString(message) {
		t.Errorf("%s does not say what it takes: %q", name, message)
	}
}

func FuzzScheduleExpression(f *testing.F) {
	for _, seed := range []string{"rate(1 minute)", "rate(5 minutes)", "cron(0 3 * * ? *)", "cron(0/15 8-18 ? * MON-FRI 2026-2030)", "cron(0 0 L * ? *)", "cron(0 0 ? JAN,JUL 2#1 *)", "at(2026-01-01T00:00:00)"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, expression string) {
		err := limits.ScheduleExpression(expression)
		checkRefusal(t, "ScheduleExpression", err)
		if err != nil {
			return
		}
		if len(expression) > 256 || !matches(`^(rate\([0-9]+ [a-z]+\)|cron\( *[A-Za-z0-9*?,/#-]+( +[A-Za-z0-9*?,/#-]+){5} *\))$`, expression) {
			t.Errorf("%q is taken, and no expression of EventBridge Scheduler", expression)
		}
	})
}

func FuzzFargateSize(f *testing.F) {
	f.Add(256, 512)
	f.Add(4096, 30720)
	f.Add(16384, 122880)
	f.Add(-256, 0)
	f.Fuzz(func(t *testing.T, cpu, memory int) {
		sizes := limits.FargateMemory(cpu)
		if !slices.IsSorted(sizes) || len(sizes) > 0 != (limits.FargateCPU(cpu) == nil) {
			t.Errorf("%d CPU units: sizes %v, refusal %v", cpu, sizes, limits.FargateCPU(cpu))
		}
		if taken := limits.FargateCPU(cpu) == nil && limits.FargateSize(cpu, memory) == nil; taken != onFargate(cpu, memory) {
			t.Errorf("%d CPU units with %d MiB: taken is %v", cpu, memory, taken)
		}
		checkRefusal(t, "FargateSize", limits.FargateSize(cpu, memory))
	})
}

// onFargate is the table of task sizes in GiB (Amazon ECS Developer Guide, "Task size"): from, to, step.
func onFargate(cpu, memory int) bool {
	table := map[int][3]int{512: {1, 4, 1}, 1024: {2, 8, 1}, 2048: {4, 16, 1}, 4096: {8, 30, 1}, 8192: {16, 60, 4}, 16384: {32, 120, 8}}
	if cpu == 256 {
		return memory == 512 || memory == 1024 || memory == 2048
	}
	row, known := table[cpu]
	gib := memory / 1024
	return known && memory%1024 == 0 && gib >= row[0] && gib <= row[1] && (gib-row[0])%row[2] == 0
}

func FuzzCapacity(f *testing.F) {
	f.Add(0.0, 1.0)
	f.Add(0.5, 256.0)
	f.Add(256.5, -0.5)
	f.Fuzz(func(t *testing.T, least, most float64) {
		isHalf := func(units float64) bool { return units >= 0 && units <= 256 && float64(int(units*2)) == units*2 }
		if taken := limits.MinCapacity(least) == nil; taken != isHalf(least) {
			t.Errorf("%v ACU at least: taken is %v", least, taken)
		}
		if limits.MinCapacity(least) == nil && limits.MaxCapacity(most, least) == nil && (!isHalf(most) || most < least || most < 1) {
			t.Errorf("%v to %v ACU are taken", least, most)
		}
		checkRefusal(t, "MaxCapacity", limits.MaxCapacity(most, least))
	})
}

func FuzzDomainInZone(f *testing.F) {
	f.Add("app.example.com", "example.com")
	f.Add("example.com", "example.com")
	f.Add("notexample.com", "example.com")
	f.Fuzz(func(t *testing.T, name, zone string) {
		err := limits.DomainInZone(name, zone)
		if limits.DomainName(name) != nil {
			return
		}
		checkRefusal(t, "DomainInZone", err)
		if parent := limits.ParentDomain(name); limits.DomainInZone(name, parent) != nil || limits.DomainName(parent) != nil {
			t.Errorf("%q is not in %q, which it was given as its zone", name, parent)
		}
		labels, of := strings.Split(name, "."), strings.Split(zone, ".")
		within := len(labels) >= len(of) && slices.Equal(labels[len(labels)-len(of):], of)
		if (err == nil) != within {
			t.Errorf("%q in the zone %q: %v", name, zone, err)
		}
	})
}
