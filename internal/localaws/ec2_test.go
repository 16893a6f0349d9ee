package localaws

import (
	"context"
	"fmt"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestInputsAreCheckedAgainstTheSDK has the types of the SDK say what a resource takes.
func TestInputsAreCheckedAgainstTheSDK(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		typ    string
		inputs map[string]any
		want   string
	}{
		"an unknown property":        {vpcType, map[string]any{"cidr": "10.0.0.0/16"}, `cidr: there is no property "cidr"`},
		"a property of another type": {vpcType, map[string]any{"enableDnsSupport": "yes"}, "enableDnsSupport: enableDnsSupport takes true or false, got a string"},
		"a missing property":         {subnetType, map[string]any{"cidrBlock": "10.0.0.0/24"}, `vpcId: "vpcId" is required`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, failures := newEmbedded(t).check(c.typ, "x", c.inputs)
			require.Len(t, failures, 1)
			assert.Contains(t, failures[0], c.want)
		})
	}
}

// TestARefusalReadsAsTheProvidersError takes a reference to nothing.
func TestARefusalReadsAsTheProvidersError(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	_, err := e.tryCreate(subnetType, "nowhere", map[string]any{"vpcId": "vpc-missing", "cidrBlock": "10.0.9.0/24"})
	refused(t, err, "InvalidVpcID.NotFound")
	assert.Contains(t, err.Error(), "creating EC2 Subnet: operation error EC2: CreateSubnet, ")
}

// TestSecurityGroupsGoWithTheirRules deletes groups that refer to each other, as a service's and its load balancer's do.
func TestSecurityGroupsGoWithTheirRules(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	vpc, _ := e.network()
	balancer := e.create(securityGroupType, "alb", map[string]any{"vpcId": vpc})["id"].(string)
	tasks := e.create(securityGroupType, "tasks", map[string]any{"vpcId": vpc})["id"].(string)
	toTasks := e.create(egressType, "to-tasks", map[string]any{"securityGroupId": balancer, "referencedSecurityGroupId": tasks, "ipProtocol": "tcp", "fromPort": 8000, "toPort": 8000})["id"].(string)
	fromBalancer := e.create(ingressType, "from-alb", map[string]any{"securityGroupId": tasks, "referencedSecurityGroupId": balancer, "ipProtocol": "tcp", "fromPort": 8000, "toPort": 8000})["id"].(string)

	refused(t, e.remove(securityGroupType, "alb", balancer), "DependencyViolation")
	require.NoError(t, e.remove(egressType, "to-tasks", toTasks))
	require.NoError(t, e.remove(securityGroupType, "tasks", tasks), "nothing refers to it any more")
	assert.Nil(t, e.account.lookup(fromBalancer, ingressType), "its rules are gone with it")
	require.NoError(t, e.remove(securityGroupType, "alb", balancer))
}

func TestASecurityGroupHasSixtyRulesEachWay(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	vpc, _ := e.network()
	group := e.create(securityGroupType, "alb", map[string]any{"vpcId": vpc})["id"]
	rule := func(port int) map[string]any {
		return map[string]any{"securityGroupId": group, "cidrIpv4": "10.0.0.0/16", "ipProtocol": "tcp", "fromPort": port, "toPort": port}
	}
	for port := range rulesPerGroup {
		e.create(egressType, fmt.Sprint("port-", port), rule(port))
	}
	_, err := e.tryCreate(egressType, "one-more", rule(8000))
	refused(t, err, "RulesPerSecurityGroupLimitExceeded")
	_, err = e.tryCreate(egressType, "again", rule(1))
	refused(t, err, "InvalidPermission.Duplicate")
	e.create(ingressType, "the other way", rule(8000))
}

func TestDiffReplacesWhatAWSCannotChange(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	old, _ := e.check(securityGroupType, "web", map[string]any{"description": "one"})
	diff := func(inputs map[string]any) plugin.DiffResponse {
		resp, err := e.Check(context.Background(), plugin.CheckRequest{URN: urnOf(securityGroupType, "web"), Olds: old, News: props(inputs)})
		require.NoError(t, err)
		result, err := e.Diff(context.Background(), plugin.DiffRequest{URN: urnOf(securityGroupType, "web"), OldInputs: old, OldOutputs: old, NewInputs: resp.Properties})
		require.NoError(t, err)
		return result
	}
	assert.Equal(t, plugin.DiffNone, diff(map[string]any{"description": "one"}).Changes, "the generated name stays")

	tagged := diff(map[string]any{"description": "one", "tags": map[string]any{"a": "b"}})
	assert.Equal(t, plugin.DiffSome, tagged.Changes)
	assert.Empty(t, tagged.ReplaceKeys, "tags change in place")

	replaced := diff(map[string]any{"description": "two"})
	assert.Equal(t, []resource.PropertyKey{"description"}, replaced.ReplaceKeys)
	assert.False(t, replaced.DeleteBeforeReplace, "a generated name lets the new one exist beside the old one")

	fixed := diff(map[string]any{"description": "two", "name": old["name"].StringValue()})
	assert.True(t, fixed.DeleteBeforeReplace, "a name that the program fixed cannot exist twice")
}
