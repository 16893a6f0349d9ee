package components

import (
	"encoding/json"
	"fmt"
	"math"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"slipway/internal/invalid"
	"slipway/internal/limits"
)

func FuzzSubnetLayout(f *testing.F) {
	f.Add("10.0.0.0/16", 4)
	f.Add("192.168.7.0/24", 2)
	f.Add("10.255.240.0/20", 3)
	f.Fuzz(func(t *testing.T, cidr string, zones int) {
		if limits.VpcCIDR(cidr) != nil || limits.Zones(zones) != nil {
			return
		}
		network := netip.MustParsePrefix(cidr)
		layout := layOutSubnets(network, zones)
		if len(layout.public) != zones || len(layout.private) != zones || len(layout.isolated) != zones {
			t.Fatalf("%s, %d zones: %v", cidr, zones, layout)
		}
		all := slices.Concat(layout.public, layout.private, layout.isolated)
		for i, block := range all {
			if block.Bits() > 28 || block != block.Masked() || !network.Contains(block.Addr()) || block.Bits() < network.Bits() {
				t.Errorf("%s is no block of a subnet in %s", block, network)
			}
			for _, other := range all[i+1:] {
				if block.Overlaps(other) {
					t.Errorf("%s and %s overlap", block, other)
				}
			}
		}
		if most := layOutSubnets(network, limits.MaxZones); !slices.Equal(layout.public, most.public[:zones]) {
			t.Errorf("one more zone moves %v to %v", layout.public, most.public)
		}
	})
}

// FuzzScalingSteps gives steps as the configuration does, in JSON. What passes the check is what Application Auto Scaling takes: no gap,
// no overlap, one open end.
func FuzzScalingSteps(f *testing.F) {
	for _, seed := range []string{
		`[{"upper":0,"change":-1},{"lower":1,"change":1},{"lower":100,"change":2}]`, `[{"lower":1,"change":1}]`, `[]`, `[{"change":1},{"change":2}]`,
		`[{"upper":0,"change":-2},{"lower":1,"upper":5,"change":1},{"lower":7,"change":9}]`, `[{"lower":-9223372036854775808,"change":1},{"lower":9223372036854775807,"change":1}]`,
	} {
		f.Add(seed, 0)
	}
	f.Fuzz(func(t *testing.T, text string, minCount int) {
		var given []ScalingStep
		decoder := json.NewDecoder(strings.NewReader(strings.ToLower(text)))
		if decoder.Decode(&given) != nil {
			return
		}
		before := fmt.Sprint(given)
		steps := completeSteps(given)
		if fmt.Sprint(given) != before {
			t.Errorf("completing changes the caller's steps %s", before)
		}
		wrong := invalid.In("test")
		checkSteps(steps, minCount, wrong)
		if err := wrong.Err(); err != nil {
			for line := range strings.Lines(err.Error()) {
				if strings.HasPrefix(line, "  - ") && !strings.HasPrefix(line, "  - steps: ") {
					t.Errorf("a refusal does not name the field: %s", line)
				}
			}
			return
		}
		checkRule(t, scaleOutBySteps(steps, 1))
	})
}

// checkRule checks what AWS asks of the steps of a policy.
func checkRule(t *testing.T, rule scalingRule) {
	t.Helper()
	if len(rule.steps) < 1 || len(rule.steps) > stepsMost {
		t.Fatalf("%d steps", len(rule.steps))
	}
	for i, s := range rule.steps {
		last := i == len(rule.steps)-1
		switch {
		case s.lower == nil || *s.lower < 0 || i == 0 && *s.lower != 0:
			t.Errorf("step %d begins at %v", i, s.lower)
		case last != (s.upper == nil):
			t.Errorf("step %d of %d has the upper end %v", i, len(rule.steps), s.upper)
		case !last && (*s.upper <= *s.lower || *s.upper != *rule.steps[i+1].lower):
			t.Errorf("step %d ends at %d, the next begins at %d", i, *s.upper, *rule.steps[i+1].lower)
		case s.change < 1:
			t.Errorf("step %d adds %d tasks", i, s.change)
		}
	}
}

func FuzzBacklog(f *testing.F) {
	f.Add(60, 0.5, 2, 10)
	f.Add(43200, 1e-300, 1000, 5000)
	f.Add(1, math.NaN(), 1, 1)
	f.Add(43200, 43200.0, 1, 5000)
	f.Fuzz(func(t *testing.T, latency int, perMessage float64, concurrency, maxCount int) {
		backlog := BacklogPerTask{LatencySeconds: latency, SecondsPerMessage: perMessage, Concurrency: concurrency}
		wrong := invalid.In("test")
		backlog.check(wrong)
		if wrong.Err() != nil || limits.TaskCount(maxCount) != nil {
			return
		}
		exact := float64(latency) / perMessage * float64(concurrency)
		if got := float64(backlog.messages()); got < 1 || math.Abs(got-exact) > 1+exact*1e-9 {
			t.Errorf("%+v: %v messages for a task, are %v", backlog, got, exact)
		}
		rule := scaleOutByBacklog(backlog, maxCount, 1)
		checkRule(t, rule)
		for _, s := range rule.steps {
			if s.change > max(1, maxCount) {
				t.Errorf("a step adds %d tasks where %d are the most", s.change, maxCount)
			}
		}
	})
}

// FuzzPolicyDocument gives texts as they come from elsewhere: whatever is in them, one statement stays one, and reads back as it was.
func FuzzPolicyDocument(f *testing.F) {
	f.Add("Read", "s3:GetObject", "arn:aws:s3:::bucket/*", "aws:SourceArn")
	f.Add("", `"},{"Effect":"Allow`, "\x00\xff", "</script>")
	f.Fuzz(func(t *testing.T, sid, action, resource, key string) {
		document, err := policyDocument(policyStatement{Sid: sid, Effect: "Allow", Action: []string{action}, Resource: []string{resource},
			Condition: map[string]map[string]string{"StringEquals": {key: resource}}})
		if err != nil {
			t.Fatal(err)
		}
		var read struct {
			Version   string
			Statement []policyStatement
		}
		if err := json.Unmarshal([]byte(document), &read); err != nil || read.Version != "2012-10-17" || len(read.Statement) != 1 {
			t.Fatalf("%s: %v", document, err)
		}
		if s := read.Statement[0]; allValid(sid, action, resource, key) &&
			(s.Sid != sid || s.Effect != "Allow" || s.Action[0] != action || s.Resource[0] != resource || s.Condition["StringEquals"][key] != resource) {
			t.Errorf("%+v is read back as %s", read, document)
		}
	})
}

// allValid tells whether each text is one that JSON holds as it is.
func allValid(texts ...string) bool {
	return !slices.ContainsFunc(texts, func(text string) bool { return !utf8.ValidString(text) })
}

func FuzzContainerDefinitions(f *testing.F) {
	image := "public.ecr.aws/nginx/nginx@sha256:" + strings.Repeat("0", 64)
	f.Add(image, "web", "release", "LEVEL", "debug", 8000, true)
	f.Add(image, "", "", "", "", 0, false)
	f.Add("nginx:latest", "\xff", "\"", "a=b", "\x00", -1, true)
	f.Fuzz(func(t *testing.T, image, command, release, variable, value string, port int, readonly bool) {
		settings := containerSettings{name: webContainer, image: image, command: []string{command}, port: port, readonly: readonly,
			environment: map[string]string{variable: value}, secrets: map[string]string{"SECRET": value}}
		if release != "" {
			settings.releaseCommand = []string{release}
		}
		document, err := containerDefinitions(settings)
		if (err == nil) != (limits.ImageByDigest(image) == nil) {
			t.Fatalf("%q: %v", image, err)
		}
		if err != nil {
			if !strings.HasPrefix(err.Error(), "image: got ") {
				t.Errorf("the refusal does not name the field: %v", err)
			}
			return
		}
		var containers []containerDefinition
		if err := json.Unmarshal([]byte(document), &containers); err != nil {
			t.Fatal(err)
		}
		again, err := containerDefinitions(settings)
		if err != nil || again != document {
			t.Errorf("the same settings make another document")
		}
		essential := 0
		for _, c := range containers {
			if c.Essential {
				essential++
			}
			if allValid(variable, value) && (c.Environment[0] != nameValue{variable, value} || c.Secrets[0] != nameValueFrom{"SECRET", value}) {
				t.Errorf("%q=%q arrives as %v", variable, value, c.Environment)
			}
			if (len(c.MountPoints) > 0) != readonly {
				t.Errorf("%s: mounts %v", c.Name, c.MountPoints)
			}
		}
		if essential != 1 || !containers[0].Essential || (len(containers) == 2) != (release != "") {
			t.Errorf("%d essential of %d containers", essential, len(containers))
		}
	})
}

// FuzzArns reads ARNs in every way that there is. What is made of one that is taken is made of its parts.
func FuzzArns(f *testing.F) {
	for _, seed := range []string{"", "arn", "arn:aws:sqs:us-east-1:123456789012:jobs", "arn:aws:ecs:us-east-1:123456789012:cluster/web", "arn:aws:ecs:us-east-1:123456789012:cluster/",
		"arn:aws:secretsmanager:us-east-1:123456789012:secret:a-AbCdEf", "arn:aws:ssm:us-east-1:123456789012:parameter/a", "arn:aws-cn:sqs:cn-north-1:123456789012:jobs",
		"arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/web/0123456789abcdef/fedcba9876543210"} {
		f.Add(seed, "key", "")
	}
	f.Fuzz(func(t *testing.T, text, jsonKey, version string) {
		parsed, err := parseArn(text)
		if err == nil {
			if back := strings.Join([]string{"arn", parsed.partition, parsed.service, parsed.region, parsed.account, parsed.resource}, ":"); back != text {
				t.Errorf("%q is read as %q", text, back)
			}
		} else if !strings.Contains(err.Error(), fmt.Sprintf("%q", text)) {
			t.Errorf("the refusal does not say what it got: %v", err)
		}
		for name, read := range map[string]func(string) (string, error){"queue": queueUrl, "cluster": clusterName, "listener": loadBalancerOf, "tasks": tasksArn} {
			got, readErr := read(text)
			switch {
			case readErr == nil && (err != nil || got == ""):
				t.Errorf("%s: %q is taken, as %q", name, text, got)
			case readErr != nil && !strings.Contains(readErr.Error(), "takes "):
				t.Errorf("%s: the refusal does not say what it takes: %v", name, readErr)
			}
		}
		if from, err := secretValueFrom(text, jsonKey, version); err == nil && !strings.HasPrefix(from, text) {
			t.Errorf("%q, %q, %q: %q", text, jsonKey, version, from)
		}
		if repository := repositoryArn(text); repository != "" {
			if _, err := parseArn(repository); err != nil {
				t.Error(err)
			}
		}
	})
}

// FuzzNames makes names out of those that Pulumi takes for projects, stacks and components.
func FuzzNames(f *testing.F) {
	f.Add("slipway", "staging", "web")
	f.Add("my.project_1", "a.b-c", strings.Repeat("n", 20))
	f.Add(strings.Repeat("p", 100), strings.Repeat("s.", 50), strings.Repeat("n", 100))
	pulumiName := regexp.MustCompile(`^[A-Za-z0-9_.-]{1,100}$`)
	awsName := regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)
	f.Fuzz(func(t *testing.T, project, stack, name string) {
		if identifier := clusterIdentifier(name, stack); !strings.HasPrefix(identifier, name+"-") || strings.Contains(identifier[len(name)+1:], "-") {
			t.Errorf("%q and %q make the identifier %q", name, stack, identifier)
		}
		if !pulumiName.MatchString(project) || !pulumiName.MatchString(stack) || limits.BalancerPrefix(name, "-alb") != nil {
			return
		}
		if family := taskFamily(project, stack, name); !awsName.MatchString(family) || !strings.HasSuffix(family, name) {
			t.Errorf("the family %q", family)
		}
		if dashboard := dashboardName(project, stack, name); !awsName.MatchString(dashboard) || !strings.HasSuffix(dashboard, name) {
			t.Errorf("the dashboard %q", dashboard)
		}
	})
}

func FuzzSiteFiles(f *testing.F) {
	for _, seed := range []string{"index.html", "a/b.JS", "app.55e7cbb9ba48.js", "data.20240131.csv", "", ".", "x.\xff"} {
		f.Add(seed, "static/")
	}
	f.Fuzz(func(t *testing.T, name, prefix string) {
		kind := contentType(name)
		if !regexp.MustCompile(`^[a-z]+/[a-z0-9.+-]+(; charset=utf-8)?$`).MatchString(kind) {
			t.Errorf("%q has the type %q", name, kind)
		}
		if contentType("folder/"+name) != kind && !strings.HasPrefix(name, "/") {
			t.Errorf("the type of %q depends on its folder", name)
		}
		if limits.KeyPrefix(prefix) == nil && !isImmutable(prefix+name, []string{prefix}) {
			t.Errorf("%q is below %q and not immutable", prefix+name, prefix)
		}
	})
}

func FuzzDashboardBody(f *testing.F) {
	f.Add("us-east-1", "app/web/1", "targetgroup/web/1", "cluster", "database", "jobs", true, 5)
	f.Add("", "", "", "", "", "", false, 0)
	f.Add("us-east-1", `"`, "\\", "'", "\xff", "\n", true, 100)
	f.Fuzz(func(t *testing.T, region, balancer, target, cluster, database, queue string, insights bool, alarms int) {
		subjects := dashboardSubjects{region: region, loadBalancer: balancer, targetGroup: target, cluster: cluster, insights: insights, database: database,
			alarms: make([]string, max(0, min(alarms, 100)))}
		if queue != "" {
			subjects.queues, subjects.deadLetters = []string{queue}, []string{queue + "-dead"}
		}
		body, err := dashboardBody(subjects)
		if err != nil {
			t.Fatal(err)
		}
		var read struct{ Widgets []dashboardWidget }
		if err := json.Unmarshal([]byte(body), &read); err != nil {
			t.Fatal(err)
		}
		for i, w := range read.Widgets {
			if w.X < 0 || w.Width < 1 || w.X+w.Width > dashboardWidth || w.Height < 1 || w.Height > 1000 {
				t.Errorf("widget %d does not fit: %+v", i, w)
			}
			for _, other := range read.Widgets[i+1:] {
				if w.X < other.X+other.Width && other.X < w.X+w.Width && w.Y < other.Y+other.Height && other.Y < w.Y+w.Height {
					t.Errorf("%q covers %q", w.Properties.Title, other.Properties.Title)
				}
			}
		}
	})
}

func FuzzMaxConnections(f *testing.F) {
	f.Add(0.5, 1.0)
	f.Add(8.0, 256.0)
	f.Fuzz(func(t *testing.T, least, most float64) {
		if limits.MinCapacity(least) != nil || limits.MaxCapacity(most, least) != nil {
			return
		}
		if connections := maxConnections(least, most); connections < 189 || connections > 5000 {
			t.Errorf("%v to %v ACU take %d connections", least, most, connections)
		}
	})
}
