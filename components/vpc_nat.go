package components

import (
	awsec2 "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-awsx/sdk/v2/go/awsx/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// createNatGateways creates the gateways that the egress asks for and leads each zone's private subnet to its gateway.
// They are named after their zones, so that one gateway becomes one a zone without replacing the first.
func (v *Vpc) createNatGateways(ctx *pulumi.Context, name string, args VpcArgs) error {
	var gatewayZones []string
	switch *args.Egress {
	case EgressNat:
		gatewayZones = v.zones[:1]
	case EgressNatPerAz:
		gatewayZones = v.zones
	default:
		return nil
	}

	for i, zone := range gatewayZones {
		natName := name + "-nat-" + zone
		address, err := awsec2.NewEip(ctx, natName, &awsec2.EipArgs{
			Domain: pulumi.String("vpc"),
			Tags:   args.tagged(natName),
		}, pulumi.Parent(v))
		if err != nil {
			return err
		}
		// The subnet comes from the awsx component and so after the internet gateway, which AWS asks for.
		gateway, err := awsec2.NewNatGateway(ctx, natName, &awsec2.NatGatewayArgs{
			AllocationId: address.ID(),
			SubnetId:     v.subnetId(ec2.SubnetTypePublic, i),
			Tags:         args.tagged(natName),
		}, pulumi.Parent(v))
		if err != nil {
			return err
		}
		v.NatGateways = append(v.NatGateways, gateway)
	}

	for i, zone := range v.zones {
		// With a single gateway every zone's route leads to it.
		gateway := v.NatGateways[min(i, len(v.NatGateways)-1)]
		route, err := awsec2.NewRoute(ctx, name+"-nat-route-"+zone, &awsec2.RouteArgs{
			RouteTableId:         v.routeTableId(ec2.SubnetTypePrivate, i),
			DestinationCidrBlock: pulumi.String("0.0.0.0/0"),
			NatGatewayId:         gateway.ID(),
		}, pulumi.Parent(v))
		if err != nil {
			return err
		}
		v.NatRoutes = append(v.NatRoutes, route)
	}
	return nil
}
