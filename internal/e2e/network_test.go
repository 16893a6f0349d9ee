package e2e

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// stateResource is what these tests look at in an exported state.
type stateResource struct{ URN, Parent string }

func (p *project) state(stack string) []stateResource {
	p.t.Helper()
	var state struct {
		Deployment struct{ Resources []stateResource }
	}
	require.NoError(p.t, json.Unmarshal([]byte(p.export(stack)), &state))
	return state.Deployment.Resources
}

// TestTheVpcHasTheChildrenOfTheRealAwsx compares with what awsx v2.22.0 registers for two zones with public and isolated
// subnets and no NAT gateway: 16 resources, named and nested like this; 18 with the component and the stack.
func TestTheVpcHasTheChildrenOfTheRealAwsx(t *testing.T) {
	t.Parallel()
	var children []string
	for _, r := range staging(t).state("staging") {
		if strings.Contains(r.URN, "awsx:ec2:Vpc$") {
			children = append(children, short(r.URN)+" in "+short(r.Parent))
		}
	}
	const vpc, subnet, table = "aws:ec2/vpc:Vpc network-vpc", "aws:ec2/subnet:Subnet network-vpc-", "aws:ec2/routeTable:RouteTable network-vpc-"
	want := []string{vpc + " in awsx:ec2:Vpc network-vpc", "aws:ec2/internetGateway:InternetGateway network-vpc in " + vpc}
	for _, name := range []string{"public-1", "public-2", "isolated-1", "isolated-2"} {
		want = append(want, subnet+name+" in "+vpc, table+name+" in "+subnet+name,
			"aws:ec2/routeTableAssociation:RouteTableAssociation network-vpc-"+name+" in "+table+name)
		if strings.HasPrefix(name, "public") {
			want = append(want, "aws:ec2/route:Route network-vpc-"+name+" in "+table+name)
		}
	}
	assert.ElementsMatch(t, want, children)
}

// TestTheNetworkGrowsInPlace adds a zone and changes the way out, one after the other: no subnet moves.
func TestTheNetworkGrowsInPlace(t *testing.T) {
	t.Parallel()
	p := staging(t)
	for _, edit := range []map[string]any{
		{"slipway:zones": 3},
		{"slipway:egress": "nat"},
		{"slipway:egress": "nat-per-az"},
	} {
		before := p.subnets()
		p.set("staging", edit)
		for _, steps := range [][]string{p.preview("staging"), p.up("staging")} {
			for _, step := range steps {
				assert.False(t, strings.HasPrefix(step, "replace ") || strings.HasPrefix(step, "delete aws:ec2/subnet:"), "%v: %s", edit, step)
			}
		}
		after := p.subnets()
		for name, block := range before {
			assert.Equal(t, block, after[name], "%v: %s", edit, name)
		}
		assert.GreaterOrEqual(t, len(after), len(before))
		p.must("preview", "-s", "staging", "--expect-no-changes")
	}
	p.must("destroy", "-s", "staging", "--yes")
	assert.Empty(t, p.objects())
}

// subnets are the address blocks by logical name.
func (p *project) subnets() map[string]any {
	blocks := map[string]any{}
	for _, o := range p.account() {
		if o.Type == "aws:ec2/subnet:Subnet" {
			blocks[short(o.URN)] = o.Properties["cidrBlock"]
		}
	}
	return blocks
}

// TestNobodyReachesATaskByItsAddress holds for staging, whose tasks have public addresses: what is open to the world is the load balancer.
func TestNobodyReachesATaskByItsAddress(t *testing.T) {
	t.Parallel()
	p := staging(t)
	for _, name := range []string{"web-service", "workers-service"} {
		service := p.named("aws:ecs/service:Service")[name].Properties
		assert.Equal(t, true, service["networkConfiguration"].(map[string]any)["assignPublicIp"], name)
		strategy, ok := service["capacityProviderStrategies"].([]any)
		require.True(t, ok && len(strategy) == 1, "%s runs on Spot alone: %v", name, service["capacityProviderStrategies"])
		assert.Equal(t, "FARGATE_SPOT", strategy[0].(map[string]any)["capacityProvider"])
	}
	balancer := p.named("aws:ec2/securityGroup:SecurityGroup")["web-alb"].ID
	require.NotEmpty(t, balancer)
	for name, rule := range p.named("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule") {
		if rule.Properties["cidrIpv4"] != nil || rule.Properties["cidrIpv6"] != nil {
			assert.Equal(t, balancer, rule.Properties["securityGroupId"], "%s is open to addresses", name)
		}
	}
}

// TestEveryEgressComesUpAndGoes deploys each way out on its own.
func TestEveryEgressComesUpAndGoes(t *testing.T) {
	t.Parallel()
	for _, egress := range []string{"endpoints", "nat", "nat-per-az", "public"} {
		t.Run(egress, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			p.set("staging", map[string]any{"slipway:egress": egress})
			made := p.up("staging")
			gateways := 0
			for _, step := range made {
				if strings.HasPrefix(step, "create aws:ec2/natGateway:NatGateway") {
					gateways++
				}
			}
			assert.Equal(t, map[string]int{"nat": 1, "nat-per-az": 2}[egress], gateways)
			assert.Equal(t, strings.HasPrefix(egress, "nat"), slices.ContainsFunc(made, func(s string) bool {
				return strings.HasPrefix(s, "create aws:ec2/subnet:Subnet network-vpc-private-1")
			}))
			p.must("preview", "-s", "staging", "--expect-no-changes")
			p.must("destroy", "-s", "staging", "--yes")
			assert.Empty(t, p.objects())
		})
	}
}
