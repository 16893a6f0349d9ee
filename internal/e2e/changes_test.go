package e2e

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// A new task definition is a new object, and the service moves to it.
var (
	newTask    = "replace aws:ecs/taskDefinition:TaskDefinition web-task"
	newService = "update aws:ecs/service:Service web-service"

	newWorkersTask    = "replace aws:ecs/taskDefinition:TaskDefinition workers-task"
	newWorkersService = "update aws:ecs/service:Service workers-service"
)

// TestAConfigurationEditChangesWhatItShould deploys each edit onto the same staging, and compares with what may change.
func TestAConfigurationEditChangesWhatItShould(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edit map[string]any
		want []string
	}{
		"more tasks at the most": {
			map[string]any{"slipway:webMaxCount": 4},
			[]string{"update aws:appautoscaling/target:Target web-scaling"},
		},
		"another CPU target": {
			map[string]any{"slipway:webCpuTarget": 60},
			[]string{"update aws:appautoscaling/policy:Policy web-scale-cpu"},
		},
		"larger tasks": {
			map[string]any{"slipway:webCpu": 512, "slipway:webMemory": 1024},
			[]string{newTask, newService},
		},
		"a variable": {
			map[string]any{"slipway:webEnvironment": map[string]any{"LEVEL": "debug"}},
			[]string{newTask, newService},
		},
		"another health check": {
			map[string]any{"slipway:webHealthCheckPath": "/healthz"},
			[]string{"update aws:lb/targetGroup:TargetGroup web-tg"},
		},
		"logs for longer": {
			map[string]any{"slipway:logRetentionDays": 90},
			[]string{"update aws:cloudwatch/logGroup:LogGroup database-log", "update aws:cloudwatch/logGroup:LogGroup web-logs",
				"update aws:cloudwatch/logGroup:LogGroup workers-logs"},
		},
		"larger workers": {
			map[string]any{"slipway:workerCpu": 512, "slipway:workerMemory": 1024},
			[]string{newWorkersTask, newWorkersService},
		},
		"workers by latency": {
			map[string]any{"slipway:workerLatencySeconds": 60},
			[]string{"update aws:appautoscaling/policy:Policy workers-scale-out", "update aws:cloudwatch/metricAlarm:MetricAlarm workers-scale-out",
				"update aws:appautoscaling/policy:Policy workers-scale-in"},
		},
		"a scheduled job": {
			map[string]any{"slipway:schedules": map[string]any{"job": map[string]any{"expression": "cron(0 3 * * ? *)", "command": []string{"release"}}}},
			[]string{"create aws:scheduler/schedule:Schedule workers-job", "create aws:iam/role:Role workers-job-role", "create aws:iam/rolePolicy:RolePolicy workers-job-policy",
				"create aws:sqs/queue:Queue workers-job-dead-letters", "create aws:sqs/queuePolicy:QueuePolicy workers-job-dead-letters",
				"create aws:cloudwatch/metricAlarm:MetricAlarm workers-job-dead-letters", "update aws:cloudwatch/dashboard:Dashboard dashboard-dashboard"},
		},
		"a larger database": {
			map[string]any{"slipway:databaseMaxCapacity": "8"},
			[]string{"update aws:rds/cluster:Cluster database-cluster"},
		},
		"without the Data API": {
			map[string]any{"slipway:databaseDataApi": false},
			[]string{"update aws:rds/cluster:Cluster database-cluster"},
		},
		"a reader": {
			map[string]any{"slipway:databaseReaders": 1},
			[]string{"create aws:rds/clusterInstance:ClusterInstance database-reader-1"},
		},
		"the first interface endpoint": {
			map[string]any{"slipway:endpointServices": []string{"xray"}},
			[]string{"create aws:ec2/vpcEndpoint:VpcEndpoint network-endpoint-xray", "create aws:ec2/securityGroup:SecurityGroup network-endpoints",
				"create aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule network-endpoints-https"},
		},
		"flow logs": {
			map[string]any{"slipway:flowLogs": true},
			[]string{"create aws:cloudwatch/logGroup:LogGroup network-flow-logs", "create aws:ec2/flowLog:FlowLog network-flow-logs",
				"create aws:iam/role:Role network-flow-logs", "create aws:iam/rolePolicy:RolePolicy network-flow-logs"},
		},
		"tasks on Spot": {
			map[string]any{"slipway:webSpotWeight": 50},
			[]string{newService},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := staging(t)
			p.set("staging", c.edit)
			assert.ElementsMatch(t, c.want, p.up("staging"))
			p.must("preview", "-s", "staging", "--expect-no-changes")
		})
	}
}

// changeSource changes one line of the application.
func (p *project) changeSource() {
	p.t.Helper()
	path := filepath.Join(p.dir, "docker", "app", "todo", "api.py")
	source, err := os.ReadFile(path)
	require.NoError(p.t, err)
	require.NoError(p.t, os.WriteFile(path, append(source, "# one more line\n"...), 0o644))
}

// TestARelease changes a line of the application's source: the image, the task definitions and the services change, and
// nothing else.
func TestARelease(t *testing.T) {
	t.Parallel()
	p := staging(t)
	before := p.outputs("staging")["image"]
	p.changeSource()
	want := []string{"update docker:index/image:Image image-image", newTask, newService, newWorkersTask, newWorkersService}
	assert.ElementsMatch(t, want, p.preview("staging"), "in preview")
	assert.ElementsMatch(t, want, p.up("staging"))
	assert.NotEqual(t, before, p.outputs("staging")["image"])
	p.must("preview", "-s", "staging", "--expect-no-changes")
}

// TestGoingBackToAFormerImage deploys an image of the stack's own repository by its digest, and then the source again.
func TestGoingBackToAFormerImage(t *testing.T) {
	t.Parallel()
	p := staging(t)
	former := p.outputs("staging")["image"]
	p.changeSource()
	p.up("staging")

	p.set("staging", map[string]any{"slipway:image": former})
	steps := p.up("staging")
	assert.Subset(t, steps, []string{newTask, newService})
	assert.NotContains(t, steps, "delete aws:ecr/repository:Repository image-repository", "the images stay")
	assert.Equal(t, former, p.outputs("staging")["image"])
	p.must("preview", "-s", "staging", "--expect-no-changes")

	p.set("staging", map[string]any{"slipway:image": nil})
	assert.Subset(t, p.up("staging"), []string{newTask, newService})
	p.must("preview", "-s", "staging", "--expect-no-changes")
}

// TestARolledBackDeploymentFailsTheUpdate has ECS roll the deployment back: the update fails and says so, and the next
// one tries again.
func TestARolledBackDeploymentFailsTheUpdate(t *testing.T) {
	t.Parallel()
	p := staging(t)
	p.changeSource()
	p.faults = "UpdateService:RolledBack"
	out, err := p.run("up", "-s", "staging", "--yes", "--skip-preview")
	require.Error(t, err)
	assert.Contains(t, out, "ECS rolled the deployment back")
	var revisions []string
	for _, o := range p.account() {
		if o.Type == "aws:ecs/taskDefinition:TaskDefinition" && strings.HasSuffix(o.URN, "::web-task") {
			revisions = append(revisions, fmt.Sprint(o.Properties["revision"]))
		}
	}
	assert.ElementsMatch(t, []string{"1", "2"}, revisions, "the revision that runs is still registered")

	p.faults = ""
	assert.Contains(t, p.up("staging"), newService, "the next update deploys again")
	p.must("preview", "-s", "staging", "--expect-no-changes")
}

// TestAFailedCallLosesNothing fails one call in the middle of the first deployment, and then carries on.
func TestAFailedCallLosesNothing(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.faults = "CreateDBCluster:InsufficientStorageClusterCapacity"
	out, err := p.run("up", "-s", "staging", "--yes", "--skip-preview")
	require.Error(t, err)
	assert.Contains(t, out, "api error InsufficientStorageClusterCapacity")
	made := len(p.objects())
	assert.NotZero(t, made, "what did not need the database was made")

	p.faults = ""
	p.up("staging")
	p.must("preview", "-s", "staging", "--expect-no-changes")
	p.must("destroy", "-s", "staging", "--yes")
	assert.Empty(t, p.objects(), "nothing was made twice and forgotten")
}

// TestBadValuesDeployNothing has a wrong value in each field of the configuration. Where one hides another, as what is built does behind an
// image that exists, the other is tried again without it. Of the values that Pulumi itself refuses, by the types that Pulumi.yaml gives, it names
// one at a time: one of each type is tried. internal/config tests each by itself.
func TestBadValuesDeployNothing(t *testing.T) {
	t.Parallel()
	var bad map[string]struct{ Value, Says string }
	readYAML(t, "internal/config/testdata/bad-values.yaml", &bad)
	var documented struct {
		Config map[string]struct{ Type string }
	}
	readYAML(t, "Pulumi.yaml", &documented)
	left, refused := map[string]any{}, map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(bad)) {
		value, kind := any(bad[key].Value), documented.Config[key].Type
		if strings.ContainsAny(bad[key].Value[:min(1, len(bad[key].Value))], "[{") {
			require.NoError(t, yaml.Unmarshal([]byte(bad[key].Value), &value))
		}
		if hasType(value, kind) {
			left["slipway:"+key] = value
		} else {
			refused[kind] = key
		}
	}
	require.Greater(t, len(left), 30)
	require.Contains(t, refused, "boolean")

	deploy := func(values map[string]any) string {
		p := newProject(t)
		p.set("prod", values)
		out, err := p.run("up", "-s", "prod", "--yes", "--skip-preview")
		require.Error(t, err)
		assert.NotContains(t, out, "panic")
		assert.Empty(t, p.objects(), "nothing is deployed")
		return out
	}
	for kind, key := range refused {
		assert.Contains(t, deploy(map[string]any{"slipway:" + key: bad[key].Value}), "'"+key+"'", kind)
	}
	for len(left) > 0 {
		out, before := deploy(left), len(left)
		maps.DeleteFunc(left, func(key string, _ any) bool { return regexp.MustCompile(key + `[^A-Za-z0-9]`).MatchString(out) })
		require.Less(t, len(left), before, "the error names none of these: %v\n%s", left, out)
	}
}

// hasType tells whether Pulumi takes a value of the configuration as one of this type.
func hasType(value any, kind string) bool {
	text, isText := value.(string)
	switch kind {
	case "boolean":
		return text == "true" || text == "false"
	case "integer":
		_, err := strconv.Atoi(text)
		return err == nil
	case "array", "object":
		return !isText
	default:
		return isText
	}
}

func readYAML(t *testing.T, name string, into any) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(repository, name))
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(raw, into))
}

// TestTheDomainOfProduction checks what only a stack with a domain has.
func TestTheDomainOfProduction(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.up("prod")
	assert.Equal(t, "https://app.example.com", p.outputs("prod")["webUrl"])
	p.set("prod", map[string]any{"slipway:domain": "www.example.org"})
	p.must("preview", "-s", "prod") // whoever's domain it is: a local run cannot ask whether it is registered
}

// TestTheArchitectureIsTheImages keeps what is built and what runs it the same.
func TestTheArchitectureIsTheImages(t *testing.T) {
	t.Parallel()
	p := staging(t)
	p.set("staging", map[string]any{"slipway:architecture": "X86_64"})
	assert.Contains(t, p.up("staging"), "update docker:index/image:Image image-image")
	for _, o := range p.account() {
		if o.Type == "docker:index/image:Image" {
			assert.Equal(t, "linux/amd64", o.Properties["build"].(map[string]any)["platform"])
		}
	}
}

func TestAnUnknownKeyIsRefused(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.set("staging", map[string]any{"slipway:egres": "nat"})
	out, err := p.run("up", "-s", "staging", "--yes", "--skip-preview")
	require.Error(t, err)
	assert.Contains(t, out, "slipway:egres")
	assert.Contains(t, out, "did you mean slipway:egress?")
	assert.Empty(t, p.objects())
}
