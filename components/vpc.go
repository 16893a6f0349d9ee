package components

import (
	"context"
	"net/netip"

	awsec2 "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi-awsx/sdk/v2/go/awsx/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Vpc is the network of an environment: subnets in several availability zones, and the one way out of them that its
// tasks have.
//
//	network, err := components.NewVpc(ctx, "app", &components.VpcArgs{Zones: 3, Egress: new(components.EgressNat)})
//
// It creates, through awsx.ec2.Vpc, the VPC, an internet gateway, the subnets and a route table for each. Around that it
// empties the default security group, creates an S3 gateway endpoint (free; image layers come from S3), and
// according to Egress interface endpoints with their security group, or NAT gateways. Flow logs of all traffic go to
// CloudWatch Logs, unless Ephemeral. Tags go to everything in it that takes tags.
//
// About what it costs a month with two zones, without traffic (us-east-1):
//
//	endpoints                            $73.00  5 endpoints x 2 zones x $7.30; $0.01 per GB
//	endpoints, EndpointZonesRunning      $51.10  3 services in one zone, 2 in both
//	endpoints, EndpointZonesOne          $36.50
//	nat                                  $36.50  1 gateway $32.85 and its address $3.65; $0.045 per GB
//	nat-per-az                           $73.00
//	public                                $0.00  but $3.65 for the address of each running task
//	flow logs                             $0.50  per GB of logs
type Vpc struct {
	pulumi.ResourceState

	// VpcId is the network.
	VpcId pulumi.StringOutput `pulumi:"vpcId"`
	// CidrBlock is its IPv4 block.
	CidrBlock pulumi.StringOutput `pulumi:"cidrBlock"`
	// PublicSubnetIds are for what the internet reaches: load balancers and NAT gateways. One a zone, in the order of
	// the zones, as in the two lists below.
	PublicSubnetIds pulumi.StringArrayOutput `pulumi:"publicSubnetIds"`
	// ApplicationSubnetIds are for tasks. Which tier that is follows from Egress.
	ApplicationSubnetIds pulumi.StringArrayOutput `pulumi:"applicationSubnetIds"`
	// IsolatedSubnetIds have no route out of the network and none in. They are for databases.
	IsolatedSubnetIds pulumi.StringArrayOutput `pulumi:"isolatedSubnetIds"`
	// AssignPublicIp says that a task in the application subnets reaches nothing without a public address.
	AssignPublicIp bool `pulumi:"assignPublicIp"`

	// Network is the awsx component with the VPC, its subnets, route tables and internet gateway.
	Network              *ec2.Vpc
	DefaultSecurityGroup *awsec2.DefaultSecurityGroup
	// Endpoints by the short name of their service, such as "s3" and "ecr.api".
	Endpoints             map[string]*awsec2.VpcEndpoint
	EndpointSecurityGroup *awsec2.SecurityGroup         // nil without interface endpoints
	EndpointIngressRule   *vpc.SecurityGroupIngressRule // nil without interface endpoints
	NatGateways           []*awsec2.NatGateway          // in the order of the zones
	NatRoutes             []*awsec2.Route               // one a zone
	FlowLog               *awsec2.FlowLog               // nil without flow logs

	zones []string
}

// NewVpc creates a network. All arguments have defaults; nil takes them all. An error names every argument that is wrong,
// or says that the region has fewer availability zones than asked for.
func NewVpc(ctx *pulumi.Context, name string, args *VpcArgs, opts ...pulumi.ResourceOption) (*Vpc, error) {
	settings, err := args.withDefaults(name)
	if err != nil {
		return nil, err
	}
	v := &Vpc{AssignPublicIp: *settings.Egress == EgressPublic}
	if err := ctx.RegisterComponentResource("slipway:index:Vpc", name, v, opts...); err != nil {
		return nil, err
	}
	if v.zones, err = availabilityZones(ctx, v, name, settings.Zones); err != nil {
		return nil, err
	}
	if err := v.createNetwork(ctx, name, settings); err != nil {
		return nil, err
	}
	if err := v.createNatGateways(ctx, name, settings); err != nil {
		return nil, err
	}
	if err := v.createEndpoints(ctx, name, settings); err != nil {
		return nil, err
	}
	if err := v.createFlowLogs(ctx, name, settings); err != nil {
		return nil, err
	}
	return v, ctx.RegisterResourceOutputs(v, pulumi.Map{
		"vpcId":                v.VpcId,
		"cidrBlock":            v.CidrBlock,
		"publicSubnetIds":      v.PublicSubnetIds,
		"applicationSubnetIds": v.ApplicationSubnetIds,
		"isolatedSubnetIds":    v.IsolatedSubnetIds,
		"assignPublicIp":       pulumi.Bool(v.AssignPublicIp),
	})
}

// Reachability is what must exist before a task in the application subnets can pull its image and write its logs: the
// routes, and the endpoints with the rule that admits the task. A service starts its tasks after these; a load balancer
// or a database need not wait for them.
func (v *Vpc) Reachability() []pulumi.Resource {
	// The awsx component stands for the internet gateway and the public routes: they exist when it does.
	needed := []pulumi.Resource{v.Network}
	for _, route := range v.NatRoutes {
		needed = append(needed, route)
	}
	for _, service := range sortedKeys(v.Endpoints) {
		needed = append(needed, v.Endpoints[service])
	}
	if v.EndpointIngressRule != nil {
		needed = append(needed, v.EndpointIngressRule)
	}
	return needed
}

// createNetwork has awsx create the VPC, subnets, route tables and internet gateway, and takes all rules out of the
// default security group, so that nothing is open that nobody opened.
func (v *Vpc) createNetwork(ctx *pulumi.Context, name string, args VpcArgs) error {
	layout := layOutSubnets(netip.MustParsePrefix(args.Cidr), args.Zones)
	var subnets []ec2.SubnetSpecArgs
	for _, tier := range args.Egress.tiers() {
		subnets = append(subnets, ec2.SubnetSpecArgs{Type: tier, CidrBlocks: layout.cidrBlocks(tier)})
	}

	network, err := ec2.NewVpc(ctx, name+"-vpc", &ec2.VpcArgs{
		CidrBlock:             &args.Cidr,
		AvailabilityZoneNames: v.zones,
		SubnetStrategy:        new(ec2.SubnetAllocationStrategyAuto),
		SubnetSpecs:           subnets,
		// Interface endpoints with private DNS need both.
		EnableDnsSupport:   pulumi.Bool(true),
		EnableDnsHostnames: pulumi.Bool(true),
		// Whatever takes an output of a remote component waits for all that is in it. A NAT gateway takes two minutes,
		// and neither the database nor the balancer needs it. So it is created next to awsx, not by it.
		NatGateways: &ec2.NatGatewayConfigurationArgs{Strategy: ec2.NatGatewayStrategyNone},
		Tags:        pulumi.ToStringMap(args.Tags),
	}, pulumi.Parent(v), pulumi.Transforms([]pulumi.ResourceTransform{withoutPublicIpOnLaunch}))
	if err != nil {
		return err
	}
	v.Network = network
	v.VpcId = network.VpcId
	v.CidrBlock = pulumi.String(args.Cidr).ToStringOutput()
	v.PublicSubnetIds = network.PublicSubnetIds
	v.IsolatedSubnetIds = network.IsolatedSubnetIds
	switch args.Egress.applicationTier() {
	case ec2.SubnetTypePublic:
		v.ApplicationSubnetIds = network.PublicSubnetIds
	case ec2.SubnetTypePrivate:
		v.ApplicationSubnetIds = network.PrivateSubnetIds
	default:
		v.ApplicationSubnetIds = network.IsolatedSubnetIds
	}

	v.DefaultSecurityGroup, err = awsec2.NewDefaultSecurityGroup(ctx, name+"-default", &awsec2.DefaultSecurityGroupArgs{
		VpcId: network.VpcId,
		Tags:  args.tagged(name + "-default-unused"),
	}, pulumi.Parent(v))
	return err
}

// withoutPublicIpOnLaunch makes no subnet give public addresses to whatever is started in it (control EC2.15). awsx sets
// that on public subnets and has no argument against it. A transform reaches the children of a remote component,
// which plain resource options do not. Tasks that need a public address ask for it themselves.
func withoutPublicIpOnLaunch(_ context.Context, args *pulumi.ResourceTransformArgs) *pulumi.ResourceTransformResult {
	if args.Type != "aws:ec2/subnet:Subnet" {
		return nil
	}
	args.Props["mapPublicIpOnLaunch"] = pulumi.Bool(false)
	return &pulumi.ResourceTransformResult{Props: args.Props, Opts: args.Opts}
}

// cidrBlocks are the blocks of a tier as AWS takes them.
func (l subnetLayout) cidrBlocks(tier ec2.SubnetType) []string {
	switch tier {
	case ec2.SubnetTypePublic:
		return cidrs(l.public)
	case ec2.SubnetTypePrivate:
		return cidrs(l.private)
	default:
		return cidrs(l.isolated)
	}
}
