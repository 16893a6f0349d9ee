package e2e

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/deploytime"
)

// longest is how many times longer than AWS needs a deployment may take by the model.
const longest = 1.05

// TestTheGraphIsTheOneThatAwsNeeds compares what the program waits for with what AWS needs, in the state of real deployments: no edge is
// missing, none is too many, and the time that follows is the shortest.
func TestTheGraphIsTheOneThatAwsNeeds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		stack string
		set   map[string]any
	}{
		"staging":    {"staging", nil},
		"production": {"prod", nil},
		"staging with endpoints": {"staging", map[string]any{
			"slipway:egress": "endpoints", "slipway:accessLogs": true, "slipway:domain": "app.example.com", "slipway:staticDomain": "static.example.com",
		}},
		"production with NAT gateways and all that can be switched on": {"prod", map[string]any{
			"aws:region": "eu-central-1", "slipway:egress": "nat-per-az", "slipway:flowLogs": true, "slipway:databaseMonitoringIntervalSeconds": 30,
			"slipway:webRequestsTarget": 500, "slipway:webMemoryTarget": 60, "slipway:webEnableExecuteCommand": true, "slipway:webSpotWeight": 50,
			"slipway:workerMinCount": 1, "slipway:workerLatencySeconds": 60, "slipway:staticFolder": "docker/app/todo/static",
			"slipway:schedules": map[string]any{"job": map[string]any{"expression": "cron(0 3 * * ? *)", "command": []string{"release"}}},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			p.set(test.stack, test.set)
			p.must("up", "-s", test.stack, "--yes", "--skip-preview")
			first := p.hasTheGraphThatAwsNeeds(test.stack)
			assert.Contains(t, path(first), "aws:rds/clusterInstance:ClusterInstance database-writer", "nothing takes longer than the database")
		})
	}
}

// TestASharedEnvironmentWaitsForNothingSlow: the database, the load balancer and the network are there.
func TestASharedEnvironmentWaitsForNothingSlow(t *testing.T) {
	t.Parallel()
	p := staging(t)
	p.sharedWith("staging", "pr-4", nil)
	p.must("up", "-s", "pr-4", "--yes", "--skip-preview")
	first := p.hasTheGraphThatAwsNeeds("pr-4")
	assert.Equal(t, []string{
		"aws:ecr/repository:Repository image-repository", "docker:index/image:Image image-image", "aws:ecs/taskDefinition:TaskDefinition web-task",
		"aws:ecs/service:Service web-service", "aws:appautoscaling/target:Target web-scaling", "aws:appautoscaling/policy:Policy web-scale-cpu",
	}, path(first))
}

// hasTheGraphThatAwsNeeds checks the stack's edges and the model's times, of the first deployment and of a release.
func (p *project) hasTheGraphThatAwsNeeds(stack string) deploytime.Report {
	p.t.Helper()
	state := p.deployTimes(stack)
	first := deploytime.FirstDeployment(state)
	for _, missing := range first.Missing {
		assert.Failf(p.t, "an edge is missing", "%s has to wait for %s: %s", missing.Of, missing.On, missing.Reason)
	}
	for _, superfluous := range first.Superfluous {
		assert.Failf(p.t, "an edge is too many", "%s waits for %s: %s", superfluous.Of, superfluous.On, superfluous.Reason)
	}
	assert.NotZero(p.t, first.Bound)
	assert.LessOrEqual(p.t, float64(first.Modelled), longest*float64(first.Bound), "%v, and AWS needs %v", first.Modelled, first.Bound)

	release := deploytime.Release(state)
	var types []string
	for _, step := range release.Path {
		types = append(types, step.Resource.Type)
	}
	assert.Equal(p.t, []string{"docker:index/image:Image", "aws:ecs/taskDefinition:TaskDefinition", "aws:ecs/service:Service"}, types)
	assert.Equal(p.t, release.Bound, release.Modelled)
	return first
}

// TestAForgottenEdgeIsFound takes edges out of a real state, one at a time: each is missed, by name.
func TestAForgottenEdgeIsFound(t *testing.T) {
	t.Parallel()
	p := staging(t)
	p.set("staging", map[string]any{"slipway:egress": "endpoints"})
	p.up("staging")
	exported := p.must("stack", "export", "-s", "staging")
	for _, on := range []string{
		"aws:lb/listener:Listener::web-http",
		"aws:iam/rolePolicy:RolePolicy::web-execution-policy",
		"aws:iam/rolePolicy:RolePolicy::database-secret-web",
		"aws:iam/rolePolicy:RolePolicy::queue-send-web",
		"aws:iam/rolePolicy:RolePolicy::site-write-web",
		"aws:rds/clusterInstance:ClusterInstance::database-writer",
		"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule::database-from-web",
		"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule::web-tasks-from-alb",
		"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule::web-alb-to-tasks",
		"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule::web-tasks-to-world",
		"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule::network-endpoints-https",
		"aws:ec2/vpcEndpoint:VpcEndpoint::network-endpoint-logs",
		"aws:ec2/vpcEndpoint:VpcEndpoint::network-endpoint-s3",
		"aws:ecs/clusterCapacityProviders:ClusterCapacityProviders::web-capacity",
	} {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			var missing []string
			for _, edge := range deploytime.FirstDeployment(without(t, exported, "::web-service", on)).Missing {
				if edge.Of.Name() == "web-service" {
					missing = append(missing, edge.On.URN)
				}
			}
			require.Len(t, missing, 1)
			assert.True(t, strings.HasSuffix(missing[0], on), missing[0])
		})
	}
}

// path are the resources of the critical path.
func path(report deploytime.Report) (names []string) {
	for _, step := range report.Path {
		names = append(names, step.Resource.String())
	}
	return names
}

func (p *project) deployTimes(stack string) *deploytime.State {
	p.t.Helper()
	state, err := deploytime.ReadState([]byte(p.must("stack", "export", "-s", stack)))
	require.NoError(p.t, err)
	return state
}

// without is an exported state in which a resource, by the end of its URN, does not wait for another one.
func without(t *testing.T, exported, of, on string) *deploytime.State {
	t.Helper()
	var file map[string]any
	require.NoError(t, json.Unmarshal([]byte(exported[strings.Index(exported, "{"):]), &file))
	removed := 0
	prune := func(urns []any) []any {
		kept := slices.DeleteFunc(urns, func(urn any) bool { return strings.HasSuffix(urn.(string), on) })
		removed += len(urns) - len(kept)
		return kept
	}
	for _, r := range file["deployment"].(map[string]any)["resources"].([]any) {
		r := r.(map[string]any)
		if !strings.HasSuffix(r["urn"].(string), of) {
			continue
		}
		r["dependencies"] = prune(r["dependencies"].([]any))
		properties := r["propertyDependencies"].(map[string]any)
		for property, urns := range properties {
			if urns, ok := urns.([]any); ok {
				properties[property] = prune(urns)
			}
		}
	}
	require.NotZero(t, removed, "%s waits for %s", of, on)
	raw, err := json.Marshal(file)
	require.NoError(t, err)
	state, err := deploytime.ReadState(raw)
	require.NoError(t, err)
	return state
}
