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

// TestEC2Check covers what is refused in preview already.
func TestEC2Check(t *testing.T) {
	t.Parallel()
	const rule = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	for name, c := range map[string]struct {
		typ    string
		inputs map[string]any
		want   string
	}{
		"a VPC that is too large":        {vpcType, map[string]any{"cidrBlock": "10.0.0.0/8"}, "cidrBlock: expected cidrBlock to have a netmask from /16 to /28, got /8"},
		"a block with host bits":         {vpcType, map[string]any{"cidrBlock": "10.0.0.1/16"}, `cidrBlock: "10.0.0.1/16" is not a valid CIDR block; did you mean "10.0.0.0/16"?`},
		"an unknown property":            {vpcType, map[string]any{"cidr": "10.0.0.0/16"}, `cidr: there is no property "cidr"`},
		"a property of another type":     {vpcType, map[string]any{"enableDnsSupport": "yes"}, "enableDnsSupport: enableDnsSupport takes true or false, got a string"},
		"a missing property":             {subnetType, map[string]any{"cidrBlock": "10.0.0.0/24"}, `vpcId: "vpcId" is required`},
		"a group called sg-":             {securityGroupType, map[string]any{"name": "sg-x"}, "name: invalid value for name (cannot begin with sg- or be default): sg-x"},
		"a rule with two sources":        {rule, map[string]any{"securityGroupId": "sg-1", "ipProtocol": "tcp", "cidrIpv4": "10.0.0.0/8", "prefixListId": "pl-1"}, ": exactly one of cidrIpv4, cidrIpv6, prefixListId and referencedSecurityGroupId must be given, got 2"},
		"a rule with ports turned round": {rule, map[string]any{"securityGroupId": "sg-1", "ipProtocol": "tcp", "fromPort": 443, "toPort": 80, "cidrIpv4": "10.0.0.0/8"}, "fromPort: fromPort 443 is greater than toPort 80"},
		"a public NAT without address":   {natGatewayType, map[string]any{"subnetId": "subnet-1"}, "allocationId: must be given if and only if connectivityType is public"},
		"a gateway endpoint for SQS":     {"aws:ec2/vpcEndpoint:VpcEndpoint", map[string]any{"vpcId": "vpc-1", "serviceName": "com.amazonaws.us-east-1.sqs"}, "serviceName: gateway endpoints exist for s3 and dynamodb only, got com.amazonaws.us-east-1.sqs"},
		"an endpoint of another region":  {"aws:ec2/vpcEndpoint:VpcEndpoint", map[string]any{"vpcId": "vpc-1", "serviceName": "com.amazonaws.eu-west-1.s3"}, "serviceName: The Vpc Endpoint Service 'com.amazonaws.eu-west-1.s3' does not exist in us-east-1 (InvalidServiceName)"},
		"a flow log every 5 minutes":     {"aws:ec2/flowLog:FlowLog", map[string]any{"maxAggregationInterval": 300}, "maxAggregationInterval: expected maxAggregationInterval to be one of [60 600], got 300"},
		"a route with two targets":       {"aws:ec2/route:Route", map[string]any{"routeTableId": "rtb-1", "gatewayId": "igw-1", "natGatewayId": "nat-1"}, ": exactly one target must be given"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, failures := newEmbedded(t).check(c.typ, "x", c.inputs)
			require.Len(t, failures, 1)
			assert.Contains(t, failures[0], c.want)
		})
	}
}

// TestEC2Admission covers what depends on other objects, with AWS's codes.
func TestEC2Admission(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	vpc, subnets := e.network()

	_, err := e.tryCreate(subnetType, "outside", map[string]any{"vpcId": vpc, "cidrBlock": "10.1.0.0/24"})
	refused(t, err, "InvalidSubnet.Range")
	_, err = e.tryCreate(subnetType, "over", map[string]any{"vpcId": vpc, "cidrBlock": "10.0.0.128/25"})
	refused(t, err, "InvalidSubnet.Conflict")
	_, err = e.tryCreate(subnetType, "nowhere", map[string]any{"vpcId": "vpc-missing", "cidrBlock": "10.0.9.0/24"})
	refused(t, err, "InvalidVpcID.NotFound")
	assert.Contains(t, err.Error(), "creating EC2 Subnet: operation error EC2: CreateSubnet, ")

	e.create(gatewayType, "gateway", map[string]any{"vpcId": vpc})
	_, err = e.tryCreate(gatewayType, "second", map[string]any{"vpcId": vpc})
	refused(t, err, "InvalidParameterValue")

	endpoint := map[string]any{"vpcId": vpc, "serviceName": "com.amazonaws.us-east-1.sqs", "vpcEndpointType": "Interface", "subnetIds": subnets, "privateDnsEnabled": true}
	e.create("aws:ec2/vpcEndpoint:VpcEndpoint", "sqs", endpoint)
	_, err = e.tryCreate("aws:ec2/vpcEndpoint:VpcEndpoint", "again", endpoint)
	refused(t, err, "InvalidParameter")

	e.create(securityGroupType, "web", map[string]any{"vpcId": vpc, "name": "web"})
	_, err = e.tryCreate(securityGroupType, "web2", map[string]any{"vpcId": vpc, "name": "web"})
	refused(t, err, "InvalidGroup.Duplicate")

	refused(t, e.remove(vpcType, "net", vpc), "DependencyViolation")
	refused(t, e.remove(subnetType, "net-us-east-1a", subnets[0].(string)), "DependencyViolation")
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

func TestPrivateNamesNeedTheVpcsDNS(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	vpc := e.create(vpcType, "net", map[string]any{"cidrBlock": "10.0.0.0/16"})["id"]
	_, err := e.tryCreate("aws:ec2/vpcEndpoint:VpcEndpoint", "sqs", map[string]any{"vpcId": vpc, "serviceName": "com.amazonaws.us-east-1.sqs", "vpcEndpointType": "Interface", "privateDnsEnabled": true})
	refused(t, err, "InvalidParameter")
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
