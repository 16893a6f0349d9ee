package components_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/components"
)

func TestVpcDefaults(t *testing.T) {
	t.Parallel()
	run, err := runVpc(t, nil)
	require.NoError(t, err)
	run.requireDescends(t, "slipway:index:Vpc", "app")

	awsx := run.find(t, awsxVpc, "app-vpc").Inputs
	assert.Equal(t, "10.0.0.0/16", awsx["cidrBlock"].StringValue())
	assert.Equal(t, []string{"eu-central-1a", "eu-central-1b"}, stringList(t, awsx["availabilityZoneNames"]))
	assert.Equal(t, "Auto", awsx["subnetStrategy"].StringValue(), "the explicit blocks are used")
	assert.Equal(t, "None", awsx["natGateways"].ObjectValue()["strategy"].StringValue())
	assert.True(t, awsx["enableDnsSupport"].BoolValue())
	assert.True(t, awsx["enableDnsHostnames"].BoolValue())

	group := run.find(t, "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "app-default").Inputs
	assert.Equal(t, "app-vpc-id", group["vpcId"].StringValue())
	assert.NotContains(t, group, resource.PropertyKey("ingress"), "EC2.2")
	assert.NotContains(t, group, resource.PropertyKey("egress"), "EC2.2")

	assert.Equal(t, resource.NewProperty(false), run.subnetTransformed["mapPublicIpOnLaunch"], "EC2.15")
	assert.Equal(t, resource.NewProperty("10.0.48.0/20"), run.subnetTransformed["cidrBlock"], "the rest is left alone")
}

func TestVpcTiersFollowEgress(t *testing.T) {
	t.Parallel()
	public := []string{"10.0.48.0/20", "10.0.112.0/20"}
	private := []string{"10.0.32.0/20", "10.0.96.0/20"}
	isolated := []string{"10.0.0.0/19", "10.0.64.0/19"}
	tests := map[components.Egress]struct {
		blocks           map[string][]string
		application      string
		assignPublicIp   bool
		natGateways      []string
		interfaces       int
		s3RouteTables    []string
		waitsForNatRoute bool
	}{
		components.EgressEndpoints: {
			blocks:      map[string][]string{"Public": public, "Isolated": isolated},
			application: "isolated", interfaces: 5,
			s3RouteTables: []string{"app-vpc-isolated-1-id", "app-vpc-isolated-2-id"},
		},
		components.EgressNat: {
			blocks:      map[string][]string{"Public": public, "Private": private, "Isolated": isolated},
			application: "private", natGateways: []string{"app-nat-eu-central-1a"},
			s3RouteTables:    []string{"app-vpc-private-1-id", "app-vpc-isolated-1-id", "app-vpc-private-2-id", "app-vpc-isolated-2-id"},
			waitsForNatRoute: true,
		},
		components.EgressNatPerAz: {
			blocks:      map[string][]string{"Public": public, "Private": private, "Isolated": isolated},
			application: "private", natGateways: []string{"app-nat-eu-central-1a", "app-nat-eu-central-1b"},
			s3RouteTables:    []string{"app-vpc-private-1-id", "app-vpc-isolated-1-id", "app-vpc-private-2-id", "app-vpc-isolated-2-id"},
			waitsForNatRoute: true,
		},
		components.EgressPublic: {
			blocks:      map[string][]string{"Public": public, "Isolated": isolated},
			application: "public", assignPublicIp: true,
			s3RouteTables: []string{"app-vpc-public-1-id", "app-vpc-isolated-1-id", "app-vpc-public-2-id", "app-vpc-isolated-2-id"},
		},
	}
	for egress, want := range tests {
		t.Run(string(egress), func(t *testing.T) {
			t.Parallel()
			run, err := runVpc(t, &components.VpcArgs{Egress: new(egress)})
			require.NoError(t, err)
			run.requireDescends(t, "slipway:index:Vpc", "app")

			blocks := map[string][]string{}
			for _, spec := range run.find(t, awsxVpc, "app-vpc").Inputs["subnetSpecs"].ArrayValue() {
				blocks[spec.ObjectValue()["type"].StringValue()] = stringList(t, spec.ObjectValue()["cidrBlocks"])
			}
			assert.Equal(t, want.blocks, blocks)
			assert.Equal(t, want.assignPublicIp, run.vpc.AssignPublicIp)
			assert.Equal(t, []string{"subnet-app-vpc-" + want.application + "-1-id", "subnet-app-vpc-" + want.application + "-2-id"},
				stringList(t, run.componentOutput(t, "applicationSubnetIds")))

			var gateways []string
			for _, gateway := range run.vpc.NatGateways {
				gateways = append(gateways, gateway.PulumiResourceName())
			}
			assert.Equal(t, want.natGateways, gateways)
			assert.Equal(t, len(want.natGateways), len(run.all(natGateway)))

			var interfaces []pulumi.MockResourceArgs
			for _, endpoint := range run.all(vpcEndpoint) {
				if endpoint.Inputs["vpcEndpointType"].StringValue() == "Interface" {
					interfaces = append(interfaces, endpoint)
				}
			}
			assert.Len(t, interfaces, want.interfaces)
			s3 := run.find(t, vpcEndpoint, "app-endpoint-s3").Inputs
			assert.Equal(t, "Gateway", s3["vpcEndpointType"].StringValue())
			assert.Equal(t, "com.amazonaws.eu-central-1.s3", s3["serviceName"].StringValue())
			assert.Equal(t, want.s3RouteTables, stringList(t, s3["routeTableIds"]))
			assert.NotContains(t, s3, resource.PropertyKey("subnetIds"), "a gateway endpoint takes route tables only")

			reachable := strings.Join(run.reachability, "\n")
			assert.Contains(t, reachable, awsxVpc+"::app-vpc")
			assert.Contains(t, reachable, vpcEndpoint+"::app-endpoint-s3")
			assert.Equal(t, want.waitsForNatRoute, strings.Contains(reachable, route+"::app-nat-route-eu-central-1b"))
			assert.Equal(t, want.interfaces > 0, strings.Contains(reachable, vpcEndpoint+"::app-endpoint-ecr-dkr"))
			assert.Equal(t, want.interfaces > 0, strings.Contains(reachable, ingressRule+"::app-endpoints-https"))
		})
	}
}

func TestVpcNatLeadsEachZoneToItsGateway(t *testing.T) {
	t.Parallel()
	for egress, gateways := range map[components.Egress][]string{
		components.EgressNat:      {"app-nat-eu-central-1a-id", "app-nat-eu-central-1a-id", "app-nat-eu-central-1a-id"},
		components.EgressNatPerAz: {"app-nat-eu-central-1a-id", "app-nat-eu-central-1b-id", "app-nat-eu-central-1c-id"},
	} {
		run, err := runVpc(t, &components.VpcArgs{Egress: new(egress), Zones: 3})
		require.NoError(t, err)
		for i, zone := range []string{"eu-central-1a", "eu-central-1b", "eu-central-1c"} {
			rule := run.find(t, route, "app-nat-route-"+zone).Inputs
			assert.Equal(t, "0.0.0.0/0", rule["destinationCidrBlock"].StringValue())
			assert.Equal(t, fmt.Sprintf("app-vpc-private-%d-id", i+1), rule["routeTableId"].StringValue())
			assert.Equal(t, gateways[i], rule["natGatewayId"].StringValue(), "%s, zone %s", egress, zone)
		}
		for _, gateway := range run.all(natGateway) {
			zone := gateway.Name[len("app-nat-eu-central-1"):]
			want := fmt.Sprintf("subnet-app-vpc-public-%d-id", strings.Index("abc", zone)+1)
			assert.Equal(t, want, gateway.Inputs["subnetId"].StringValue(), "a gateway stands in its own zone")
			assert.Equal(t, gateway.Name+"-id", gateway.Inputs["allocationId"].StringValue())
		}
	}
}

func TestVpcInterfaceEndpoints(t *testing.T) {
	t.Parallel()
	run, err := runVpc(t, &components.VpcArgs{EndpointServices: []string{"xray", "dynamodb"}, Tags: map[string]string{"team": "web"}})
	require.NoError(t, err)

	for name, service := range map[string]string{"ecr-api": "ecr.api", "ecr-dkr": "ecr.dkr", "logs": "logs", "secretsmanager": "secretsmanager", "sqs": "sqs", "xray": "xray"} {
		endpoint := run.find(t, vpcEndpoint, "app-endpoint-"+name).Inputs
		assert.Equal(t, "com.amazonaws.eu-central-1."+service, endpoint["serviceName"].StringValue())
		assert.Equal(t, "Interface", endpoint["vpcEndpointType"].StringValue())
		assert.True(t, endpoint["privateDnsEnabled"].BoolValue())
		assert.Equal(t, []string{"subnet-app-vpc-isolated-1-id", "subnet-app-vpc-isolated-2-id"}, stringList(t, endpoint["subnetIds"]))
		assert.Equal(t, []string{"app-endpoints-id"}, stringList(t, endpoint["securityGroupIds"]))
		assert.Equal(t, "web", endpoint["tags"].ObjectValue()["team"].StringValue())
		assert.Contains(t, run.vpc.Endpoints, service)
	}
	assert.Equal(t, "Gateway", run.find(t, vpcEndpoint, "app-endpoint-dynamodb").Inputs["vpcEndpointType"].StringValue())
	assert.Len(t, run.all(vpcEndpoint), 8)

	group := run.find(t, securityGroup, "app-endpoints").Inputs
	assert.NotEmpty(t, group["description"].StringValue())
	assert.NotContains(t, group, resource.PropertyKey("ingress"))
	assert.NotContains(t, group, resource.PropertyKey("egress"), "endpoints answer and never ask")
	require.Len(t, run.all(ingressRule), 1)
	rule := run.find(t, ingressRule, "app-endpoints-https").Inputs
	assert.Equal(t, "app-endpoints-id", rule["securityGroupId"].StringValue())
	assert.Equal(t, "10.0.0.0/16", rule["cidrIpv4"].StringValue())
	assert.Equal(t, []any{"tcp", 443.0, 443.0}, []any{rule["ipProtocol"].V, rule["fromPort"].V, rule["toPort"].V})
	assert.NotEmpty(t, rule["description"].StringValue())
}

func TestVpcEndpointZones(t *testing.T) {
	t.Parallel()
	every := []string{"ecr-api", "ecr-dkr", "logs", "secretsmanager", "sqs", "xray"}
	for zones, inOne := range map[components.EndpointZones][]string{
		components.EndpointZonesAll:     nil,
		components.EndpointZonesRunning: {"ecr-api", "ecr-dkr", "secretsmanager"},
		components.EndpointZonesOne:     every,
	} {
		run, err := runVpc(t, &components.VpcArgs{EndpointZones: &zones, EndpointServices: []string{"xray"}})
		require.NoError(t, err)
		for _, service := range every {
			want := []string{"subnet-app-vpc-isolated-1-id", "subnet-app-vpc-isolated-2-id"}
			if slices.Contains(inOne, service) {
				want = want[:1]
			}
			assert.Equal(t, want, stringList(t, run.find(t, vpcEndpoint, "app-endpoint-"+service).Inputs["subnetIds"]), "%s: %s", zones, service)
		}
	}
}

func TestVpcFlowLogs(t *testing.T) {
	t.Parallel()
	run, err := runVpc(t, nil)
	require.NoError(t, err)

	assert.Equal(t, 365.0, run.find(t, logGroup, "app-flow-logs").Inputs["retentionInDays"].NumberValue())
	log := run.find(t, flowLog, "app-flow-logs")
	assert.Equal(t, "ALL", log.Inputs["trafficType"].StringValue(), "EC2.6")
	assert.Equal(t, 600.0, log.Inputs["maxAggregationInterval"].NumberValue())
	assert.Equal(t, "app-vpc-id", log.Inputs["vpcId"].StringValue())
	assert.Equal(t, "arn:aws:logs:eu-central-1:123456789012:log-group:app-flow-logs-1234567", log.Inputs["logDestination"].StringValue())
	assert.Contains(t, strings.Join(log.RegisterRPC.GetDependencies(), " "), rolePolicy+"::app-flow-logs", "EC2 tries the role at once")

	assert.JSONEq(t, `{"Version": "2012-10-17", "Statement": [{
		"Effect": "Allow", "Principal": {"Service": "vpc-flow-logs.amazonaws.com"}, "Action": ["sts:AssumeRole"],
		"Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}}]}`,
		run.find(t, iamRole, "app-flow-logs").Inputs["assumeRolePolicy"].StringValue())
	assert.Empty(t, run.find(t, iamRole, "app-flow-logs").RegisterRPC.GetDependencies(), "the account is known at once")
	var policy struct {
		Statement []struct{ Action, Resource []string }
	}
	require.NoError(t, json.Unmarshal([]byte(run.find(t, rolePolicy, "app-flow-logs").Inputs["policy"].StringValue()), &policy))
	require.Len(t, policy.Statement, 1)
	assert.Equal(t, []string{"arn:aws:logs:eu-central-1:123456789012:log-group:app-flow-logs-1234567:*"}, policy.Statement[0].Resource)
	for _, action := range policy.Statement[0].Action {
		assert.NotContains(t, action, "*")
	}
}

func TestVpcFlowLogsAreOptionalWhenEphemeral(t *testing.T) {
	t.Parallel()
	run, err := runVpc(t, &components.VpcArgs{Ephemeral: true})
	require.NoError(t, err)
	assert.Empty(t, run.all(flowLog))
	assert.Empty(t, run.all(logGroup))
	assert.Nil(t, run.vpc.FlowLog)

	run, err = runVpc(t, &components.VpcArgs{Ephemeral: true, FlowLogs: new(true)})
	require.NoError(t, err)
	assert.Equal(t, 30.0, run.find(t, logGroup, "app-flow-logs").Inputs["retentionInDays"].NumberValue())
}

// TestVpcNothingWaitsForNat: a NAT gateway takes two minutes. Only routes may wait for it.
func TestVpcNothingWaitsForNat(t *testing.T) {
	t.Parallel()
	run, err := runVpc(t, &components.VpcArgs{Egress: new(components.EgressNat)})
	require.NoError(t, err)
	for _, res := range run.resources {
		if res.TypeToken != route && res.RegisterRPC != nil {
			assert.NotContains(t, strings.Join(res.RegisterRPC.GetDependencies(), " "), natGateway, "%s %s", res.TypeToken, res.Name)
		}
	}
}

func TestVpcNamesEveryWrongArgument(t *testing.T) {
	t.Parallel()
	run, err := runVpc(t, &components.VpcArgs{
		Cidr:                 "10.0.0.0/8",
		Zones:                1,
		Egress:               new(components.Egress("internet")),
		EndpointZones:        new(components.EndpointZones("some")),
		EndpointServices:     []string{"s3", "com.amazonaws.eu-central-1.xray", "xray", "xray"},
		FlowLogRetentionDays: 31,
	})
	require.Error(t, err)
	for _, message := range []string{
		`Vpc "app": 8 fields are wrong`,
		`cidr: got "10.0.0.0/8", takes an IPv4 block from /16 to /24`,
		`zones: got 1, takes 2, 3 or 4 availability zones`,
		`endpointZones: got "some", takes "all", "running" or "one"`,
		`egress: got "internet", takes "endpoints", "nat", "nat-per-az" or "public"`,
		`endpointServices[0]: got "s3", takes services that have no endpoint yet`,
		`endpointServices[1]: got "com.amazonaws.eu-central-1.xray", takes the short name of an AWS service`,
		`endpointServices[3]: got "xray", takes each service once`,
		`flowLogRetentionDays: got 31, takes days from the list of CloudWatch Logs`,
	} {
		assert.ErrorContains(t, err, message)
	}
	assert.Empty(t, run.resources, "nothing is registered")
}

func TestVpcDefaultEndpointsCanBeAskedForWithAnotherEgress(t *testing.T) {
	t.Parallel()
	_, err := runVpc(t, &components.VpcArgs{EndpointServices: []string{"sqs"}})
	assert.ErrorContains(t, err, `endpointServices[0]: got "sqs", takes services that have no endpoint yet`)

	run, err := runVpc(t, &components.VpcArgs{Egress: new(components.EgressNat), EndpointServices: []string{"sqs"}})
	require.NoError(t, err)
	assert.Equal(t, "Interface", run.find(t, vpcEndpoint, "app-endpoint-sqs").Inputs["vpcEndpointType"].StringValue())
}

func TestVpcInARegionWithFewerZones(t *testing.T) {
	t.Parallel()
	r := &recorder{invokes: map[string]func(resource.PropertyMap) resource.PropertyMap{
		"aws:index/getAvailabilityZones:getAvailabilityZones": func(resource.PropertyMap) resource.PropertyMap {
			return resource.PropertyMap{"names": stringsProperty("us-west-1a", "us-west-1c")}
		},
	}}
	err := r.run(func(ctx *pulumi.Context) error {
		_, err := components.NewVpc(ctx, "app", &components.VpcArgs{Zones: 3})
		return err
	})
	assert.ErrorContains(t, err, `Vpc "app": zones: got 3, but the region has 2 availability zones that take tasks (us-west-1a, us-west-1c); ask for fewer or choose another region`)
	assert.Empty(t, r.all(awsxVpc))
}
