package localaws

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	awsxec2 "github.com/pulumi/pulumi-awsx/sdk/v2/go/awsx/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// vpcArgs are those arguments of awsx.ec2.Vpc that the embedded one carries out. Others are refused, not ignored.
type vpcArgs struct {
	AvailabilityZoneNames []string              `pulumi:"availabilityZoneNames"`
	CidrBlock             string                `pulumi:"cidrBlock"`
	EnableDnsHostnames    pulumi.BoolInput      `pulumi:"enableDnsHostnames"`
	EnableDnsSupport      pulumi.BoolInput      `pulumi:"enableDnsSupport"`
	NatGateways           *natConfiguration     `pulumi:"natGateways"`
	SubnetSpecs           []subnetSpec          `pulumi:"subnetSpecs"`
	SubnetStrategy        string                `pulumi:"subnetStrategy"`
	Tags                  pulumi.StringMapInput `pulumi:"tags"`
}

type natConfiguration struct {
	Strategy string `pulumi:"strategy"`
}

type subnetSpec struct {
	Type       string   `pulumi:"type"`
	Name       *string  `pulumi:"name"`
	CidrBlocks []string `pulumi:"cidrBlocks"`
	CidrMask   *int     `pulumi:"cidrMask"`
}

// awsxVpc has the outputs of awsx.ec2.Vpc.
type awsxVpc struct {
	pulumi.ResourceState

	Vpc                    *ec2.Vpc                             `pulumi:"vpc"`
	VpcId                  pulumi.IDOutput                      `pulumi:"vpcId"`
	InternetGateway        *ec2.InternetGateway                 `pulumi:"internetGateway"`
	Subnets                ec2.SubnetArrayOutput                `pulumi:"subnets"`
	RouteTables            ec2.RouteTableArrayOutput            `pulumi:"routeTables"`
	RouteTableAssociations ec2.RouteTableAssociationArrayOutput `pulumi:"routeTableAssociations"`
	Routes                 ec2.RouteArrayOutput                 `pulumi:"routes"`
	PublicSubnetIds        pulumi.StringArrayOutput             `pulumi:"publicSubnetIds"`
	PrivateSubnetIds       pulumi.StringArrayOutput             `pulumi:"privateSubnetIds"`
	IsolatedSubnetIds      pulumi.StringArrayOutput             `pulumi:"isolatedSubnetIds"`
}

func (args *vpcArgs) check() error {
	var wrong []error
	if args.SubnetStrategy != autoStrategy && args.SubnetStrategy != exactStrategy {
		wrong = append(wrong, fmt.Errorf("subnetStrategy: got %q, the embedded AWS carries out Auto or Exact with explicit cidrBlocks", args.SubnetStrategy))
	}
	if args.NatGateways == nil || args.NatGateways.Strategy != noNat {
		wrong = append(wrong, errors.New("natGateways.strategy: the embedded AWS carries out None only"))
	}
	if len(args.AvailabilityZoneNames) == 0 {
		wrong = append(wrong, errors.New("availabilityZoneNames: the embedded AWS needs the zones' names"))
	}
	for i, spec := range args.SubnetSpecs {
		if len(spec.CidrBlocks) != len(args.AvailabilityZoneNames) {
			wrong = append(wrong, fmt.Errorf("subnetSpecs[%d]: the number of CIDR blocks must match the number of availability zones (%d)", i, len(args.AvailabilityZoneNames)))
		}
	}
	return errors.Join(wrong...)
}

// The words of awsx's enums, as strings: an argument of a construct call cannot have a named type.
const (
	publicSubnet   = string(awsxec2.SubnetTypePublic)
	privateSubnet  = string(awsxec2.SubnetTypePrivate)
	isolatedSubnet = string(awsxec2.SubnetTypeIsolated)
	autoStrategy   = string(awsxec2.SubnetAllocationStrategyAuto)
	exactStrategy  = string(awsxec2.SubnetAllocationStrategyExact)
	noNat          = string(awsxec2.NatGatewayStrategyNone)
)

// tier orders the subnets of a zone as awsx does.
var tier = map[string]int{publicSubnet: 0, privateSubnet: 1, isolatedSubnet: 2}

// newVpc registers what awsx.ec2.Vpc v2.22.0 registers: the same names, inputs, parents and dependencies, so that a
// plan made here is the plan made on AWS.
func newVpc(ctx *pulumi.Context, name string, args *vpcArgs, options pulumi.ResourceOption) (*awsxVpc, error) {
	if err := args.check(); err != nil {
		return nil, err
	}
	v := &awsxVpc{}
	if err := ctx.RegisterComponentResource("awsx:ec2:Vpc", name, v, options); err != nil {
		return nil, err
	}
	tags := func(more pulumi.StringMap) pulumi.StringMapInput {
		return withTags(args.Tags, more)
	}
	var err error
	v.Vpc, err = ec2.NewVpc(ctx, name, &ec2.VpcArgs{CidrBlock: pulumi.String(args.CidrBlock), EnableDnsHostnames: args.EnableDnsHostnames,
		EnableDnsSupport: args.EnableDnsSupport, Tags: tags(pulumi.StringMap{"Name": pulumi.String(name)})}, pulumi.Parent(v))
	if err != nil {
		return nil, err
	}
	v.VpcId = v.Vpc.ID()
	v.InternetGateway, err = ec2.NewInternetGateway(ctx, name, &ec2.InternetGatewayArgs{VpcId: v.Vpc.ID(), Tags: tags(pulumi.StringMap{"Name": pulumi.String(name)})},
		pulumi.Parent(v.Vpc), pulumi.DependsOn([]pulumi.Resource{v.Vpc}))
	if err != nil {
		return nil, err
	}
	specs := slices.Clone(args.SubnetSpecs)
	slices.SortStableFunc(specs, func(a, b subnetSpec) int { return tier[a.Type] - tier[b.Type] })
	made := &madeSubnets{}
	for zone := range args.AvailabilityZoneNames {
		for _, spec := range specs {
			if err := v.newSubnet(ctx, name, args, spec, zone, tags, made); err != nil {
				return nil, err
			}
		}
	}
	v.Subnets, v.RouteTables = made.subnets.ToSubnetArrayOutput(), made.tables.ToRouteTableArrayOutput()
	v.RouteTableAssociations, v.Routes = made.associations.ToRouteTableAssociationArrayOutput(), made.routes.ToRouteArrayOutput()
	v.PublicSubnetIds = made.ids[tier[publicSubnet]].ToStringArrayOutput()
	v.PrivateSubnetIds = made.ids[tier[privateSubnet]].ToStringArrayOutput()
	v.IsolatedSubnetIds = made.ids[tier[isolatedSubnet]].ToStringArrayOutput()
	return v, ctx.RegisterResourceOutputs(v, pulumi.Map{}) // the real awsx registers no outputs either
}

// madeSubnets collects what newSubnet makes.
type madeSubnets struct {
	subnets      ec2.SubnetArray
	tables       ec2.RouteTableArray
	associations ec2.RouteTableAssociationArray
	routes       ec2.RouteArray
	ids          [3]pulumi.StringArray
}

// newSubnet makes a zone's subnet of one tier with its route table, and its route where it is public.
func (v *awsxVpc) newSubnet(ctx *pulumi.Context, vpcName string, args *vpcArgs, spec subnetSpec, zone int, tags func(pulumi.StringMap) pulumi.StringMapInput, made *madeSubnets) error {
	kind := strings.ToLower(spec.Type)
	if spec.Name != nil {
		kind = *spec.Name
	}
	name := fmt.Sprintf("%s-%s-%d", vpcName, kind, zone+1)
	tagged := tags(pulumi.StringMap{"Name": pulumi.String(name), "SubnetType": pulumi.String(spec.Type)})
	subnet, err := ec2.NewSubnet(ctx, name, &ec2.SubnetArgs{VpcId: v.Vpc.ID(), AvailabilityZone: pulumi.String(args.AvailabilityZoneNames[zone]),
		MapPublicIpOnLaunch: pulumi.Bool(spec.Type == publicSubnet), CidrBlock: pulumi.String(spec.CidrBlocks[zone]),
		AssignIpv6AddressOnCreation: pulumi.Bool(false), Tags: tagged}, pulumi.Parent(v.Vpc), pulumi.DependsOn([]pulumi.Resource{v.Vpc}))
	if err != nil {
		return err
	}
	table, err := ec2.NewRouteTable(ctx, name, &ec2.RouteTableArgs{VpcId: v.Vpc.ID(), Tags: tagged}, pulumi.Parent(subnet), pulumi.DependsOn([]pulumi.Resource{subnet}))
	if err != nil {
		return err
	}
	association, err := ec2.NewRouteTableAssociation(ctx, name, &ec2.RouteTableAssociationArgs{RouteTableId: table.ID(), SubnetId: subnet.ID()},
		pulumi.Parent(table), pulumi.DependsOn([]pulumi.Resource{table}))
	if err != nil {
		return err
	}
	made.subnets, made.tables, made.associations = append(made.subnets, subnet), append(made.tables, table), append(made.associations, association)
	made.ids[tier[spec.Type]] = append(made.ids[tier[spec.Type]], subnet.ID())
	if spec.Type != publicSubnet {
		return nil
	}
	route, err := ec2.NewRoute(ctx, name, &ec2.RouteArgs{RouteTableId: table.ID(), GatewayId: v.InternetGateway.ID(), DestinationCidrBlock: pulumi.String("0.0.0.0/0")},
		pulumi.Parent(table), pulumi.DependsOn([]pulumi.Resource{table}))
	made.routes = append(made.routes, route)
	return err
}

// withTags adds the component's own tags over the given ones.
func withTags(given pulumi.StringMapInput, own pulumi.StringMap) pulumi.StringMapInput {
	if given == nil {
		given = pulumi.StringMap{}
	}
	return pulumi.All(given, own).ApplyT(func(both []any) map[string]string {
		merged := maps.Clone(both[0].(map[string]string))
		if merged == nil {
			merged = map[string]string{}
		}
		maps.Copy(merged, both[1].(map[string]string))
		return merged
	}).(pulumi.StringMapOutput)
}
