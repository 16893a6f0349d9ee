package components_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	awsec2 "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"

	"slipway/components"
)

const (
	awsxVpc       = "awsx:ec2:Vpc"
	routeTable    = "aws:ec2/routeTable:RouteTable"
	subnet        = "aws:ec2/subnet:Subnet"
	vpcEndpoint   = "aws:ec2/vpcEndpoint:VpcEndpoint"
	securityGroup = "aws:ec2/securityGroup:SecurityGroup"
	ingressRule   = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	route         = "aws:ec2/route:Route"
	natGateway    = "aws:ec2/natGateway:NatGateway"
	flowLog       = "aws:ec2/flowLog:FlowLog"
	logGroup      = "aws:cloudwatch/logGroup:LogGroup"
	iamRole       = "aws:iam/role:Role"
	rolePolicy    = "aws:iam/rolePolicy:RolePolicy"
)

// vpcRun is what a Vpc registered, and the Vpc.
type vpcRun struct {
	*recorder
	vpc *components.Vpc
	// subnetTransformed is what the transforms of the awsx component make of a public subnet as awsx registers it.
	subnetTransformed resource.PropertyMap
	// reachability are the URNs of what a task must wait for.
	reachability []string
}

// runVpc creates a Vpc called "app" in a region with five zones. awsx's own component is played by the recorder: its
// subnets are those that its arguments ask for. They and their route tables are registered beforehand, one per zone and
// tier, because outputs of awsx refer to resources.
func runVpc(t testing.TB, args *components.VpcArgs) (*vpcRun, error) {
	run := &vpcRun{recorder: &recorder{}}
	run.invokes = map[string]func(resource.PropertyMap) resource.PropertyMap{
		"aws:index/getRegion:getRegion": func(resource.PropertyMap) resource.PropertyMap {
			return resource.PropertyMap{"name": resource.NewProperty("eu-central-1")}
		},
		"aws:index/getCallerIdentity:getCallerIdentity": func(resource.PropertyMap) resource.PropertyMap {
			return resource.PropertyMap{"accountId": resource.NewProperty("123456789012")}
		},
		"aws:index/getAvailabilityZones:getAvailabilityZones": func(args resource.PropertyMap) resource.PropertyMap {
			assert.NotContains(t, args, resource.PropertyKey("state"), "a zone in trouble does not move subnets")
			filter := args["filters"].ArrayValue()[0].ObjectValue()
			assert.Equal(t, "opt-in-status", filter["name"].StringValue(), "no local zones")
			assert.Equal(t, []string{"use1-az3", "usw1-az2", "apne1-az3"}, stringList(t, args["excludeZoneIds"]), "no zones without Fargate or ARM64")
			return resource.PropertyMap{"names": stringsProperty("eu-central-1a", "eu-central-1b", "eu-central-1c", "eu-central-1d", "eu-central-1e")}
		},
	}
	run.outputs = map[string]func(pulumi.MockResourceArgs) resource.PropertyMap{
		awsxVpc: func(awsx pulumi.MockResourceArgs) resource.PropertyMap {
			run.subnetTransformed = transformSubnet(t, awsx.RegisterRPC.GetTransforms())
			return awsxOutputs(awsx.Inputs)
		},
		logGroup: func(group pulumi.MockResourceArgs) resource.PropertyMap {
			return resource.PropertyMap{"arn": resource.NewProperty("arn:aws:logs:eu-central-1:123456789012:log-group:" + group.Name + "-1234567")}
		},
	}
	err := run.run(func(ctx *pulumi.Context) error {
		if err := registerNetwork(ctx); err != nil {
			return err
		}
		var err error
		if run.vpc, err = components.NewVpc(ctx, "app", args); err != nil {
			return err
		}
		for _, needed := range run.vpc.Reachability() {
			needed.URN().ApplyT(func(urn pulumi.URN) string {
				run.mu.Lock()
				defer run.mu.Unlock()
				run.reachability = append(run.reachability, string(urn))
				return ""
			})
		}
		return nil
	})
	// The stand-ins are no work of the component.
	var own []pulumi.MockResourceArgs
	for _, res := range run.resources {
		if res.TypeToken != routeTable && res.TypeToken != subnet {
			own = append(own, res)
		}
	}
	run.resources = own
	return run, err
}

var tiers = []string{"Public", "Private", "Isolated"}

func registerNetwork(ctx *pulumi.Context) error {
	for zone := 1; zone <= 4; zone++ {
		for _, tier := range tiers {
			name := fmt.Sprintf("app-vpc-%s-%d", strings.ToLower(tier), zone)
			tags := pulumi.StringMap{"SubnetType": pulumi.String(tier)}
			table, err := awsec2.NewRouteTable(ctx, name, &awsec2.RouteTableArgs{VpcId: pulumi.String("app-vpc-id"), Tags: tags})
			if err != nil {
				return err
			}
			sub, err := awsec2.NewSubnet(ctx, "subnet-"+name, &awsec2.SubnetArgs{VpcId: pulumi.String("app-vpc-id"), Tags: tags})
			if err != nil {
				return err
			}
			// The references below are looked up, so what they refer to must be there.
			awaitString(table.URN().ToStringOutput())
			awaitString(sub.URN().ToStringOutput())
		}
	}
	return nil
}

func awsxOutputs(inputs resource.PropertyMap) resource.PropertyMap {
	zones := len(inputs["availabilityZoneNames"].ArrayValue())
	out := resource.PropertyMap{"vpcId": resource.NewProperty("app-vpc-id")}
	for _, tier := range tiers {
		out[resource.PropertyKey(strings.ToLower(tier)+"SubnetIds")] = resource.NewProperty([]resource.PropertyValue{})
	}
	var tables, subnets []resource.PropertyValue
	reference := func(token, name string) resource.PropertyValue {
		return resource.NewProperty(resource.ResourceReference{
			URN: resource.URN("urn:pulumi:test::slipway::" + token + "::" + name),
			ID:  resource.NewProperty(name + "-id"),
		})
	}
	for zone := 1; zone <= zones; zone++ {
		for _, spec := range inputs["subnetSpecs"].ArrayValue() {
			tier := strings.ToLower(spec.ObjectValue()["type"].StringValue())
			name := fmt.Sprintf("app-vpc-%s-%d", tier, zone)
			key := resource.PropertyKey(tier + "SubnetIds")
			out[key] = resource.NewProperty(append(out[key].ArrayValue(), resource.NewProperty("subnet-"+name+"-id")))
			tables = append(tables, reference(routeTable, name))
			subnets = append(subnets, reference(subnet, "subnet-"+name))
		}
	}
	out["subnets"] = resource.NewProperty(subnets)
	out["routeTables"] = resource.NewProperty(tables)
	return out
}

// transformSubnet calls transforms as the engine does for a child of a remote component.
func transformSubnet(t testing.TB, transforms []*pulumirpc.Callback) resource.PropertyMap {
	properties, err := plugin.MarshalProperties(resource.PropertyMap{
		"mapPublicIpOnLaunch": resource.NewProperty(true),
		"cidrBlock":           resource.NewProperty("10.0.48.0/20"),
	}, plugin.MarshalOptions{})
	assert.NoError(t, err)
	for _, transform := range transforms {
		connection, err := grpc.NewClient(transform.Target, grpc.WithTransportCredentials(insecure.NewCredentials()))
		assert.NoError(t, err)
		request, err := proto.Marshal(&pulumirpc.TransformRequest{
			Type: "aws:ec2/subnet:Subnet", Name: "app-vpc-public-1", Custom: true, Properties: properties,
			Options: &pulumirpc.TransformResourceOptions{},
		})
		assert.NoError(t, err)
		answer, err := pulumirpc.NewCallbacksClient(connection).Invoke(context.Background(), &pulumirpc.CallbackInvokeRequest{Token: transform.Token, Request: request})
		assert.NoError(t, err)
		var transformed pulumirpc.TransformResponse
		assert.NoError(t, proto.Unmarshal(answer.GetResponse(), &transformed))
		properties = transformed.Properties
		assert.NoError(t, connection.Close())
	}
	result, err := plugin.UnmarshalProperties(properties, plugin.MarshalOptions{})
	assert.NoError(t, err)
	return result
}

// componentOutput is a property that the Vpc itself shows, read from the resolved output of the component.
func (r *vpcRun) componentOutput(t testing.TB, key string) resource.PropertyValue {
	t.Helper()
	outputs := map[string]pulumi.StringArrayOutput{
		"publicSubnetIds":      r.vpc.PublicSubnetIds,
		"applicationSubnetIds": r.vpc.ApplicationSubnetIds,
		"isolatedSubnetIds":    r.vpc.IsolatedSubnetIds,
	}
	resolved := make(chan []string, 1)
	outputs[key].ApplyT(func(ids []string) []string { resolved <- ids; return ids })
	return stringsProperty(<-resolved...)
}
