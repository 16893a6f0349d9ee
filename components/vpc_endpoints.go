package components

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	awsec2 "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi-awsx/sdk/v2/go/awsx/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// createEndpoints creates the endpoints through which tasks reach AWS's services without the internet.
func (v *Vpc) createEndpoints(ctx *pulumi.Context, name string, args VpcArgs) error {
	region, err := aws.GetRegion(ctx, nil, pulumi.Parent(v))
	if err != nil {
		return err
	}
	interfaces, gateways := args.endpoints()
	v.Endpoints = make(map[string]*awsec2.VpcEndpoint, len(interfaces)+len(gateways))

	routeTables := v.routeTableIds(slices.Compact([]ec2.SubnetType{args.Egress.applicationTier(), ec2.SubnetTypeIsolated})...)
	for _, service := range gateways {
		if err := v.createEndpoint(ctx, name, service, &awsec2.VpcEndpointArgs{
			VpcId:           v.VpcId,
			ServiceName:     pulumi.String(serviceName(region.Name, service)),
			VpcEndpointType: pulumi.String("Gateway"),
			RouteTableIds:   routeTables,
			Tags:            args.tagged(name + "-" + service),
		}); err != nil {
			return err
		}
	}

	if len(interfaces) == 0 {
		return nil
	}
	if err := v.createEndpointSecurityGroup(ctx, name, args); err != nil {
		return err
	}
	firstZone := pulumi.StringArray{v.subnetId(ec2.SubnetTypeIsolated, 0)}.ToStringArrayOutput()
	for _, service := range interfaces {
		subnets := v.IsolatedSubnetIds
		if args.EndpointZones.inOne(service) {
			subnets = firstZone
		}
		if err := v.createEndpoint(ctx, name, service, &awsec2.VpcEndpointArgs{
			VpcId:             v.VpcId,
			ServiceName:       pulumi.String(serviceName(region.Name, service)),
			VpcEndpointType:   pulumi.String("Interface"),
			PrivateDnsEnabled: pulumi.Bool(true),
			SubnetIds:         subnets,
			SecurityGroupIds:  pulumi.StringArray{v.EndpointSecurityGroup.ID()},
			Tags:              args.tagged(name + "-" + service),
		}); err != nil {
			return err
		}
	}
	return nil
}

func (v *Vpc) createEndpoint(ctx *pulumi.Context, name, service string, args *awsec2.VpcEndpointArgs) error {
	endpoint, err := awsec2.NewVpcEndpoint(ctx, name+"-endpoint-"+strings.ReplaceAll(service, ".", "-"), args, pulumi.Parent(v))
	v.Endpoints[service] = endpoint
	return err
}

// createEndpointSecurityGroup admits HTTPS from the network to the endpoints. They answer and never ask: no egress rule.
func (v *Vpc) createEndpointSecurityGroup(ctx *pulumi.Context, name string, args VpcArgs) (err error) {
	v.EndpointSecurityGroup, err = awsec2.NewSecurityGroup(ctx, name+"-endpoints", &awsec2.SecurityGroupArgs{
		VpcId:       v.VpcId,
		Description: pulumi.String("Endpoints of AWS services"),
		Tags:        args.tagged(name + "-endpoints"),
	}, pulumi.Parent(v))
	if err != nil {
		return err
	}
	v.EndpointIngressRule, err = vpc.NewSecurityGroupIngressRule(ctx, name+"-endpoints-https", &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId: v.EndpointSecurityGroup.ID(),
		Description:     pulumi.String("HTTPS from the network"),
		CidrIpv4:        v.CidrBlock,
		IpProtocol:      pulumi.String("tcp"),
		FromPort:        pulumi.Int(443),
		ToPort:          pulumi.Int(443),
		Tags:            pulumi.ToStringMap(args.Tags),
	}, pulumi.Parent(v))
	return err
}

// serviceName is the full name of a service in a region, as endpoints are created for it.
func serviceName(region, service string) string {
	return fmt.Sprintf("com.amazonaws.%s.%s", region, service)
}
