package permissions

// The rules of a group belong to the group and have tags of their own.
var (
	tagEC2   = []string{"ec2:CreateTags"}
	untagEC2 = []string{"ec2:DeleteTags"}
)

var network = map[string]Row{
	"aws:ec2/vpc:Vpc": {
		Create: []string{"ec2:CreateVpc", "ec2:ModifyVpcAttribute"},
		Read:   []string{"ec2:DescribeNetworkAcls", "ec2:DescribeRouteTables", "ec2:DescribeSecurityGroups", "ec2:DescribeVpcAttribute", "ec2:DescribeVpcs"},
		Update: []string{"ec2:ModifyVpcAttribute"},
		Delete: []string{"ec2:DeleteVpc"},
		Tag:    tagEC2, Untag: untagEC2,
	},
	"aws:ec2/subnet:Subnet": {
		On:     "vpcId",
		Create: []string{"ec2:CreateSubnet", "ec2:ModifySubnetAttribute"},
		Read:   []string{"ec2:DescribeSubnets"},
		Update: []string{"ec2:ModifySubnetAttribute"},
		Delete: []string{"ec2:DeleteSubnet", "ec2:DescribeNetworkInterfaces"},
		Tag:    tagEC2, Untag: untagEC2,
	},
	"aws:ec2/internetGateway:InternetGateway": {
		On:     "vpcId",
		Create: []string{"ec2:AttachInternetGateway", "ec2:CreateInternetGateway"},
		Read:   []string{"ec2:DescribeInternetGateways"},
		Update: []string{"ec2:AttachInternetGateway", "ec2:DetachInternetGateway"},
		Delete: []string{"ec2:DeleteInternetGateway", "ec2:DetachInternetGateway"},
		Tag:    tagEC2, Untag: untagEC2,
	},
	"aws:ec2/routeTable:RouteTable": {
		On:     "vpcId",
		Create: []string{"ec2:CreateRouteTable"},
		Read:   []string{"ec2:DescribeRouteTables"},
		Delete: []string{"ec2:DeleteRouteTable", "ec2:DisassociateRouteTable"},
		Tag:    tagEC2, Untag: untagEC2,
	},
	"aws:ec2/routeTableAssociation:RouteTableAssociation": {
		On:     "routeTableId",
		Create: []string{"ec2:AssociateRouteTable"},
		Read:   []string{"ec2:DescribeRouteTables"},
		Update: []string{"ec2:ReplaceRouteTableAssociation"},
		Delete: []string{"ec2:DisassociateRouteTable"},
	},
	"aws:ec2/route:Route": {
		On:     "routeTableId",
		Create: []string{"ec2:CreateRoute"},
		Read:   []string{"ec2:DescribeRouteTables"},
		Update: []string{"ec2:ReplaceRoute"},
		Delete: []string{"ec2:DeleteRoute"},
	},
	// A new group lets everything out until the provider has taken that rule away.
	"aws:ec2/securityGroup:SecurityGroup": {
		On:     "vpcId",
		Create: []string{"ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:CreateSecurityGroup", "ec2:RevokeSecurityGroupEgress"},
		Read:   []string{"ec2:DescribeSecurityGroups"},
		Update: []string{"ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"},
		Delete: []string{"ec2:DeleteSecurityGroup", "ec2:DescribeNetworkInterfaces"},
		Tag:    tagEC2, Untag: untagEC2,
	},
	"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {
		On:     "vpcId",
		Create: []string{"ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"},
		Read:   []string{"ec2:DescribeSecurityGroups"},
		Update: []string{"ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"},
		Tag:    tagEC2, Untag: untagEC2,
		Stays: "the group is the VPC's and goes with it",
	},
	"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
		On:     "securityGroupId",
		Create: []string{"ec2:AuthorizeSecurityGroupIngress"},
		Read:   []string{"ec2:DescribeSecurityGroupRules"},
		Update: []string{"ec2:ModifySecurityGroupRules"},
		Delete: []string{"ec2:RevokeSecurityGroupIngress"},
		Tag:    tagEC2, Untag: untagEC2,
	},
	"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": {
		On:     "securityGroupId",
		Create: []string{"ec2:AuthorizeSecurityGroupEgress"},
		Read:   []string{"ec2:DescribeSecurityGroupRules"},
		Update: []string{"ec2:ModifySecurityGroupRules"},
		Delete: []string{"ec2:RevokeSecurityGroupEgress"},
		Tag:    tagEC2, Untag: untagEC2,
	},
	// With private DNS, EC2 puts the endpoint into a hosted zone of AWS in the caller's name.
	"aws:ec2/vpcEndpoint:VpcEndpoint": {
		On:     "vpcId",
		Create: []string{"ec2:CreateVpcEndpoint", "route53:AssociateVPCWithHostedZone"},
		Read:   []string{"ec2:DescribePrefixLists", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcEndpoints", "ec2:DescribeVpcs"},
		Update: []string{"ec2:ModifyVpcEndpoint", "route53:AssociateVPCWithHostedZone"},
		Delete: []string{"ec2:DeleteVpcEndpoints"},
		Tag:    tagEC2, Untag: untagEC2,
	},
	"aws:ec2/natGateway:NatGateway": {
		On:     "subnetId",
		Create: []string{"ec2:CreateNatGateway"},
		Read:   []string{"ec2:DescribeNatGateways"},
		Delete: []string{"ec2:DeleteNatGateway"},
		Tag:    tagEC2, Untag: untagEC2,
	},
	"aws:ec2/eip:Eip": {
		Create: []string{"ec2:AllocateAddress"},
		Read:   []string{"ec2:DescribeAddresses", "ec2:DescribeAddressesAttribute"},
		Delete: []string{"ec2:DisassociateAddress", "ec2:ReleaseAddress"},
		Tag:    tagEC2, Untag: untagEC2,
	},
	"aws:ec2/flowLog:FlowLog": {
		On:     "vpcId",
		Create: []string{"ec2:CreateFlowLogs"},
		Read:   []string{"ec2:DescribeFlowLogs"},
		Delete: []string{"ec2:DeleteFlowLogs"},
		Tag:    tagEC2, Untag: untagEC2,
		Passes: []Pass{{Property: "iamRoleArn", Service: "vpc-flow-logs.amazonaws.com"}},
	},
}
