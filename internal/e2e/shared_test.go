package e2e

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/localaws"
)

// sharedWith makes the configuration of a stack that shares another one's parts: a copy of that one's, and one key.
func (p *project) sharedWith(base, stack string, values map[string]any) {
	p.t.Helper()
	copyFile(p.t, filepath.Join(p.dir, "Pulumi."+base+".yaml"), filepath.Join(p.dir, "Pulumi."+stack+".yaml"))
	p.set(stack, map[string]any{"slipway:sharedWith": base})
	p.set(stack, values)
}

// of are the objects that a stack has made, by type and logical name.
func (p *project) of(stack string) map[string]localaws.Object {
	p.t.Helper()
	objects := map[string]localaws.Object{}
	for _, o := range p.account() {
		if strings.HasPrefix(o.URN, "urn:pulumi:"+stack+"::") {
			objects[short(o.URN)] = o
		}
	}
	return objects
}

// TestASharedEnvironmentMakesOnlyWhatIsItsOwn deploys two test environments beside staging, and takes one of them down.
func TestASharedEnvironmentMakesOnlyWhatIsItsOwn(t *testing.T) {
	t.Parallel()
	p := staging(t)
	before := p.of("staging")
	shared := p.outputs("staging")["shared"].(map[string]any)
	balancer, database := shared["loadBalancer"].(map[string]any), shared["database"].(map[string]any)
	for _, stack := range []string{"pr-2", "pr-3"} {
		p.sharedWith("staging", stack, nil)
		assert.Contains(t, p.preview(stack), "create aws:lb/listenerRule:ListenerRule web-hosts")
		p.up(stack)
	}
	p.must("preview", "-s", "pr-2", "--expect-no-changes", "--refresh")

	made := p.of("pr-2")
	types := map[string]bool{}
	for _, o := range made {
		types[o.Type] = true
	}
	assert.Equal(t, []string{
		"aws:appautoscaling/policy:Policy", "aws:appautoscaling/target:Target", "aws:cloudwatch/logGroup:LogGroup", "aws:cloudwatch/metricAlarm:MetricAlarm",
		"aws:ec2/securityGroup:SecurityGroup", "aws:ecr/lifecyclePolicy:LifecyclePolicy", "aws:ecr/repository:Repository", "aws:ecs/service:Service", "aws:ecs/taskDefinition:TaskDefinition",
		"aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy", "aws:lb/listenerRule:ListenerRule", "aws:lb/targetGroup:TargetGroup", "aws:secretsmanager/secret:Secret",
		"aws:secretsmanager/secretVersion:SecretVersion", "aws:sqs/queue:Queue", "aws:sqs/queuePolicy:QueuePolicy", "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy", "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
		"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "docker:index/image:Image",
	}, sorted(types), "no network, load balancer, cluster, database or distribution, and nothing else that is slow to make")

	rule := made["aws:lb/listenerRule:ListenerRule web-hosts"].Properties
	assert.Equal(t, balancer["listenerArn"], rule["listenerArn"])
	assert.Equal(t, []any{map[string]any{"hostHeader": map[string]any{"values": []any{"pr-2.test"}}}}, rule["conditions"])
	assert.EqualValues(t, 1, rule["priority"])
	assert.EqualValues(t, 2, p.of("pr-3")["aws:lb/listenerRule:ListenerRule web-hosts"].Properties["priority"])
	for rule, group := range map[string]any{
		"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule web-alb-to-tasks":        balancer["securityGroupId"],
		"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule database-from-web":     database["securityGroupId"],
		"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule database-from-workers": database["securityGroupId"],
		"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule web-tasks-from-alb":    made["aws:ec2/securityGroup:SecurityGroup web-tasks"].ID,
		"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule workers-tasks-to-world":  made["aws:ec2/securityGroup:SecurityGroup workers-tasks"].ID,
	} {
		assert.Equal(t, group, made[rule].Properties["securityGroupId"], rule)
	}
	for _, service := range []string{"web", "workers"} {
		assert.Equal(t, shared["clusterArn"], made["aws:ecs/service:Service "+service+"-service"].Properties["cluster"])
		task := made["aws:ecs/taskDefinition:TaskDefinition "+service+"-task"].Properties
		assert.Equal(t, "slipway-pr-2-"+service, task["family"])
		assert.Contains(t, task["containerDefinitions"], `{"name":"DATABASE_NAME","value":"app_pr_2"}`)
		assert.Contains(t, task["containerDefinitions"], `{"name":"PUBLIC_URL","value":"http://pr-2.test"}`)
		assert.NotContains(t, task["containerDefinitions"], "STATIC_BUCKET", "the application serves its files")
	}
	outputs := p.outputs("pr-2")
	assert.Equal(t, "http://pr-2.test", outputs["webUrl"])
	assert.Equal(t, p.outputs("staging")["loadBalancer"], outputs["loadBalancer"])
	assert.Equal(t, "app_pr_2", outputs["databaseName"])
	assert.Equal(t, map[string]any{"clusterArn": database["clusterArn"]}, outputs["database"], "its capacity is that of the cluster")
	assert.NotContains(t, outputs, "shared", "what is not its own")
	p.must("preview", "-s", "staging", "--expect-no-changes", "--refresh")

	p.must("destroy", "-s", "pr-2", "--yes")
	assert.Empty(t, p.of("pr-2"))
	p.must("preview", "-s", "pr-3", "--expect-no-changes", "--refresh")
	p.must("destroy", "-s", "pr-3", "--yes")
	assert.Equal(t, sorted(before), sorted(p.of("staging")))
	p.must("preview", "-s", "staging", "--expect-no-changes", "--refresh")
}

// TestStagingIsKeptByItsSharedEnvironments destroys in the wrong order: AWS refuses, and the right order still works.
func TestStagingIsKeptByItsSharedEnvironments(t *testing.T) {
	t.Parallel()
	p := staging(t)
	p.addSecretOutput("staging")
	p.sharedWith("staging", "pr-2", nil)
	p.up("pr-2")
	assert.NotContains(t, p.must("stack", "output", "-s", "pr-2"), "[secret]", "another output's secret does not spread")
	out, err := p.run("destroy", "-s", "staging", "--yes")
	require.Error(t, err)
	assert.Regexp(t, "DependencyViolation|ClusterContainsServicesException", out)
	p.must("destroy", "-s", "pr-2", "--yes")
	p.must("destroy", "-s", "staging", "--yes")
	assert.Empty(t, p.objects())

	out, err = p.run("preview", "-s", "pr-2")
	require.Error(t, err)
	assert.Contains(t, out, "slipway:sharedWith: the stack staging shares nothing: it is not deployed, was destroyed")
	assert.Contains(t, out, "pulumi up -s staging")
}

// addSecretOutput gives a deployed stack an output that is a secret, as a program of the user's own may have.
func (p *project) addSecretOutput(stack string) {
	p.t.Helper()
	out := p.must("stack", "export", "-s", stack, "--show-secrets")
	var state map[string]any
	require.NoError(p.t, json.Unmarshal([]byte(out[strings.Index(out, "{"):]), &state))
	for _, r := range state["deployment"].(map[string]any)["resources"].([]any) {
		if r := r.(map[string]any); r["type"] == "pulumi:pulumi:Stack" {
			// Pulumi's signature of a secret, with the plain text in JSON.
			r["outputs"].(map[string]any)["token"] = map[string]any{"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": `"correct horse battery staple"`}
		}
	}
	raw, err := json.Marshal(state)
	require.NoError(p.t, err)
	file := filepath.Join(p.t.TempDir(), "state.json")
	require.NoError(p.t, os.WriteFile(file, raw, 0o600))
	p.must("stack", "import", "-s", stack, "--file", file)
	assert.Contains(p.t, p.must("stack", "output", "-s", stack), "[secret]")
}

// TestASharedEnvironmentIsUnderTheWildcard has staging answer for names below its domain.
func TestASharedEnvironmentIsUnderTheWildcard(t *testing.T) {
	t.Parallel()
	p := staging(t)
	p.set("staging", map[string]any{"slipway:domain": "staging.example.com"})
	p.up("staging")
	p.sharedWith("staging", "pr-2", nil)
	out, err := p.run("up", "-s", "pr-2", "--yes", "--skip-preview")
	require.Error(t, err)
	assert.Contains(t, out, "set domainWildcard true there")
	assert.Empty(t, p.of("pr-2"))

	p.set("staging", map[string]any{"slipway:domainWildcard": true})
	assert.Subset(t, p.up("staging"), []string{"replace aws:acm/certificate:Certificate web-certificate", "create aws:route53/record:Record web-wildcard-a"})
	p.must("preview", "-s", "staging", "--expect-no-changes")
	p.up("pr-2")
	assert.Equal(t, "https://pr-2.staging.example.com", p.outputs("pr-2")["webUrl"])
	made := p.of("pr-2")
	assert.Equal(t, p.of("staging")["aws:lb/listener:Listener web-https"].ID, made["aws:lb/listenerRule:ListenerRule web-hosts"].Properties["listenerArn"])
	assert.NotContains(t, sorted(made), "aws:route53/record:Record web-a")
	p.must("destroy", "-s", "pr-2", "--yes")
	p.must("destroy", "-s", "staging", "--yes")
	assert.Empty(t, p.objects())
}

// TestASharedEnvironmentNeedsItsBase names a stack that is not there.
func TestASharedEnvironmentNeedsItsBase(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.sharedWith("staging", "pr-2", nil)
	out, err := p.run("up", "-s", "pr-2", "--yes", "--skip-preview")
	require.Error(t, err)
	assert.Contains(t, out, `unknown stack "organization/slipway/staging"`)
	assert.Contains(t, out, "the stack staging, which has to be deployed first: pulumi up -s staging")
	assert.Empty(t, p.objects())
}

// sorted are the keys of a map in order.
func sorted[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
