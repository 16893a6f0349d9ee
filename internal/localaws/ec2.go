package localaws

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
)

// ec2Kinds are the network's resource types. The ids, what replaces and the refusals are those of EC2's API reference
// and of the Terraform AWS provider's schemas.
func ec2Kinds() []*kind {
	const ec2Service = "EC2"
	inVpc := &inUse{code: "DependencyViolation"}
	return []*kind{
		of(ec2.VpcArgs{}, ec2.Vpc{}, kind{service: ec2Service, noun: "Vpc", id: prefixed("vpc"),
			replace:  []string{"cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength"},
			defaults: map[string]any{"enableDnsSupport": true, "enableDnsHostnames": false, "instanceTenancy": "default"},
			check:    checkBlock("cidrBlock", "InvalidVpc.Range"), compute: computeVpc, inUse: inVpc}),
		of(ec2.InternetGatewayArgs{}, ec2.InternetGateway{}, kind{service: ec2Service, noun: "InternetGateway", id: prefixed("igw"),
			compute: ec2ARN("internet-gateway"), admit: oneGatewayEach, inUse: inVpc}),
		of(ec2.SubnetArgs{}, ec2.Subnet{}, kind{service: ec2Service, noun: "Subnet", id: prefixed("subnet"),
			replace:  []string{"vpcId", "cidrBlock", "availabilityZone", "availabilityZoneId", "outpostArn"},
			defaults: map[string]any{"assignIpv6AddressOnCreation": false, "mapPublicIpOnLaunch": false},
			check:    checkBlock("cidrBlock", "InvalidSubnet.Range"), compute: computeSubnet, admit: admitSubnet, inUse: inVpc}),
		of(ec2.RouteTableArgs{}, ec2.RouteTable{}, kind{service: ec2Service, noun: "RouteTable", id: prefixed("rtb"),
			replace: []string{"vpcId"}, compute: ec2ARN("route-table"),
			inUse: &inUse{code: "DependencyViolation", by: []string{"aws:ec2/routeTableAssociation:RouteTableAssociation", "aws:ec2/vpcEndpoint:VpcEndpoint"}}}),
		of(ec2.RouteArgs{}, ec2.Route{}, kind{service: ec2Service, noun: "Route", id: func(d *draft) string {
			return "r-" + d.text("routeTableId") + d.digits(10)
		}, replace: []string{"routeTableId", "destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"},
			check: checkRoute, compute: func(d *draft) { d.set("state", "active"); d.set("origin", "CreateRoute") }, admit: oneRouteEach}),
		of(ec2.RouteTableAssociationArgs{}, ec2.RouteTableAssociation{}, kind{service: ec2Service, noun: "RouteTableAssociation", id: prefixed("rtbassoc"),
			replace: []string{"subnetId", "gatewayId"}, admit: oneTableEach}),
		of(ec2.EipArgs{}, ec2.Eip{}, kind{service: ec2Service, noun: "Address", id: prefixed("eipalloc"),
			replace: []string{"domain", "publicIpv4Pool", "networkBorderGroup", "address"}, compute: computeAddress, inUse: inVpc}),
		of(ec2.NatGatewayArgs{}, ec2.NatGateway{}, kind{service: ec2Service, noun: "NatGateway", id: prefixed("nat"),
			replace: []string{"allocationId", "subnetId", "connectivityType", "privateIp"}, defaults: map[string]any{"connectivityType": "public"},
			check: checkNat, compute: computeNat, inUse: &inUse{code: "DependencyViolation", by: []string{"-"}}}),
		of(ec2.SecurityGroupArgs{}, ec2.SecurityGroup{}, kind{service: ec2Service, noun: "SecurityGroup", id: prefixed("sg"),
			named:    &naming{property: "name", prefixProperty: "namePrefix", most: 255},
			replace:  []string{"name", "namePrefix", "description", "vpcId"},
			defaults: map[string]any{"description": "Managed by Pulumi", "revokeRulesOnDelete": false},
			check:    checkSecurityGroup, compute: ec2ARN("security-group"), admit: uniqueGroupName, afterDelete: withGroupRules,
			inUse: &inUse{code: "DependencyViolation", by: []string{"aws:ec2/vpcEndpoint:VpcEndpoint", loadBalancerType, serviceType, rdsClusterType}}}),
		of(ec2.DefaultSecurityGroupArgs{}, ec2.DefaultSecurityGroup{}, kind{service: ec2Service, noun: "DefaultSecurityGroup", id: prefixed("sg"),
			replace: []string{"vpcId"}, compute: func(d *draft) {
				d.set("name", "default")
				d.set("description", "default VPC security group")
				ec2ARN("security-group")(d)
			}}),
		of(vpc.SecurityGroupIngressRuleArgs{}, vpc.SecurityGroupIngressRule{}, kind{service: ec2Service, noun: "SecurityGroupIngressRule", id: prefixed("sgr"),
			replace: []string{"securityGroupId"}, check: checkGroupRule, compute: computeGroupRule, admit: admitGroupRule}),
		of(vpc.SecurityGroupEgressRuleArgs{}, vpc.SecurityGroupEgressRule{}, kind{service: ec2Service, noun: "SecurityGroupEgressRule", id: prefixed("sgr"),
			replace: []string{"securityGroupId"}, check: checkGroupRule, compute: computeGroupRule, admit: admitGroupRule}),
		of(ec2.VpcEndpointArgs{}, ec2.VpcEndpoint{}, kind{service: ec2Service, noun: "VpcEndpoint", id: prefixed("vpce"),
			replace:  []string{"vpcId", "serviceName", "vpcEndpointType"},
			defaults: map[string]any{"vpcEndpointType": "Gateway", "privateDnsEnabled": false},
			check:    checkEndpoint, compute: computeEndpoint, admit: admitEndpoint}),
		of(ec2.FlowLogArgs{}, ec2.FlowLog{}, kind{service: ec2Service, noun: "FlowLogs", id: prefixed("fl"),
			replace: []string{"vpcId", "subnetId", "eniId", "trafficType", "logDestination", "logDestinationType", "iamRoleArn", "maxAggregationInterval", "logFormat"},
			defaults: map[string]any{"logDestinationType": "cloud-watch-logs", "maxAggregationInterval": 600,
				"logFormat": "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}"},
			references: map[string]reference{"logDestination": {types: []string{logGroupType, bucketType}, code: "InvalidParameter", message: "LogDestination: %s does not exist"}},
			check: func(c *checking) {
				if v := c.value("maxAggregationInterval"); v.IsNumber() && v.NumberValue() != 60 && v.NumberValue() != 600 {
					c.fail("maxAggregationInterval", "expected maxAggregationInterval to be one of [60 600], got %v (InvalidParameter)", v.NumberValue())
				}
				c.oneOf("trafficType", "ACCEPT", "REJECT", "ALL")
			}, compute: func(d *draft) { d.set("arn", d.arn("ec2", "vpc-flow-log/"+d.id)) }}),
	}
}

// ec2ARN sets the ARN and owner that every EC2 object has.
func ec2ARN(path string) func(*draft) {
	return func(d *draft) {
		d.set("arn", d.arn("ec2", path+"/"+d.id))
		d.set("ownerId", d.accountID)
	}
}

// checkBlock checks a VPC's or subnet's IPv4 block; code is AWS's for a size that it does not give.
func checkBlock(property, code string) func(*checking) {
	return func(c *checking) {
		text := c.text(property)
		if text == "" {
			return
		}
		block, err := netip.ParsePrefix(text)
		switch {
		case err != nil || !block.Addr().Is4():
			c.invalid(property, "%q is not a valid IPv4 CIDR block", text)
		case block.Masked() != block:
			c.invalid(property, "%q is not a valid CIDR block; did you mean %q?", text, block.Masked())
		case block.Bits() < 16 || block.Bits() > 28:
			c.fail(property, "expected %s to have a netmask from /16 to /28, got /%d (%s)", property, block.Bits(), code)
		}
	}
}

func computeVpc(d *draft) {
	ec2ARN("vpc")(d)
	d.set("mainRouteTableId", "rtb-0"+d.hex(16))
	d.set("defaultRouteTableId", "rtb-0"+d.hex(16))
	d.set("defaultSecurityGroupId", "sg-0"+d.hex(16))
	d.set("defaultNetworkAclId", "acl-0"+d.hex(16))
	d.set("dhcpOptionsId", "dopt-0"+d.hex(16))
}

func computeSubnet(d *draft) {
	ec2ARN("subnet")(d)
	zone := d.text("availabilityZone")
	if zone != "" {
		d.set("availabilityZoneId", fmt.Sprintf("%s-az%d", shortRegion(d.region), zone[len(zone)-1]-'a'+1))
	}
}

func computeAddress(d *draft) {
	address := fmt.Sprintf("198.51.100.%d", 1+len(d.hex(2))+int(d.hex(1)[0])) // TEST-NET-2: never anybody's address
	d.set("arn", d.arn("ec2", "elastic-ip/"+d.id))
	d.set("allocationId", d.id)
	d.set("publicIp", address)
	d.set("publicDns", "ec2-"+strings.ReplaceAll(address, ".", "-")+".compute-1.amazonaws.com")
	d.set("domain", "vpc")
}

func computeNat(d *draft) {
	d.set("networkInterfaceId", "eni-0"+d.hex(16))
	d.set("associationId", "eipassoc-0"+d.hex(16))
	d.set("publicIp", "198.51.100.7")
	d.set("privateIp", "10.0.0.7")
}

// groupText is what EC2 takes for names and descriptions of security groups.
var groupText = regexp.MustCompile(`^[\w .:/()#,@\[\]+=&;{}!$*-]*$`)

func checkSecurityGroup(c *checking) {
	switch name := c.text("name"); {
	case name == "default":
		c.fail("name", "invalid value for name (cannot begin with sg- or be default): %s (InvalidGroup.Reserved)", name)
	case strings.HasPrefix(name, "sg-"):
		c.invalid("name", "invalid value for name (cannot begin with sg- or be default): %s", name)
	case len(name) > 255 || !groupText.MatchString(name):
		c.invalid("name", "invalid value for name %q: at most 255 characters of a-z, A-Z, 0-9, spaces and ._-:/()#,@[]+=&;{}!$*", name)
	}
	if description := c.text("description"); len(description) > 255 || !groupText.MatchString(description) {
		c.invalid("description", "invalid security group description %q: at most 255 characters of a-z, A-Z, 0-9, spaces and ._-:/()#,@[]+=&;{}!$*", description)
	}
}

func checkGroupRule(c *checking) {
	sources := 0
	for _, property := range []string{"cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"} {
		if c.has(property) {
			sources++
		}
	}
	if sources != 1 {
		c.fail("", "exactly one of cidrIpv4, cidrIpv6, prefixListId and referencedSecurityGroupId must be given, got %d (%s)", sources, notOne(sources))
	}
	if c.text("ipProtocol") != "-1" && c.has("fromPort") && c.has("toPort") && c.number("fromPort") > c.number("toPort") {
		c.invalid("fromPort", "fromPort %v is greater than toPort %v", c.number("fromPort"), c.number("toPort"))
	}
	if description := c.text("description"); len(description) > 255 || !groupText.MatchString(description) {
		c.invalid("description", "invalid rule description %q: at most 255 characters of a-z, A-Z, 0-9, spaces and ._-:/()#,@[]+=&;{}!$*", description)
	}
	if block := c.text("cidrIpv4"); block != "" {
		if p, err := netip.ParsePrefix(block); err != nil || p.Masked() != p {
			c.invalid("cidrIpv4", "%q is not a valid IPv4 CIDR block", block)
		}
	}
}

func computeGroupRule(d *draft) {
	d.set("arn", d.arn("ec2", "security-group-rule/"+d.id))
	d.set("securityGroupRuleId", d.id)
}

// notOne is EC2's code where one of several parameters is to be given, and count are.
func notOne(count int) string {
	if count == 0 {
		return "MissingParameter"
	}
	return "InvalidParameterCombination"
}

// targets are the properties of a route of which exactly one must be given.
var targets = []string{"gatewayId", "natGatewayId", "vpcEndpointId", "transitGatewayId", "networkInterfaceId", "vpcPeeringConnectionId", "egressOnlyGatewayId", "localGatewayId", "carrierGatewayId", "coreNetworkArn"}

func checkRoute(c *checking) {
	count := 0
	for _, t := range targets {
		if c.has(t) {
			count++
		}
	}
	if count != 1 {
		c.fail("", "exactly one target must be given (%s), got %d (%s)", strings.Join(targets, ", "), count, notOne(count))
	}
}

func checkNat(c *checking) {
	switch public := c.text("connectivityType") != "private"; {
	case public && !c.has("allocationId"):
		c.fail("allocationId", "must be given if and only if connectivityType is public (MissingParameter)")
	case !public && c.has("allocationId"):
		c.fail("allocationId", "must be given if and only if connectivityType is public (InvalidParameter)")
	}
}

// checkEndpoint refuses services of other regions, and the properties that the other kind of endpoint does not take.
func checkEndpoint(c *checking) {
	c.oneOf("vpcEndpointType", "Gateway", "Interface", "GatewayLoadBalancer", "Resource", "ServiceNetwork")
	service := c.text("serviceName")
	if service == "" {
		return
	}
	if !strings.Contains(service, "."+c.region+".") {
		c.fail("serviceName", "The Vpc Endpoint Service '%s' does not exist in %s (InvalidServiceName)", service, c.region)
	}
	if gateway := c.text("vpcEndpointType") != "Interface"; gateway {
		if !strings.HasSuffix(service, ".s3") && !strings.HasSuffix(service, ".dynamodb") {
			c.fail("serviceName", "gateway endpoints exist for s3 and dynamodb only, got %s; Endpoint type (Gateway) does not match available service types ([Interface]) (InvalidParameter)", service)
		}
		for _, property := range []string{"subnetIds", "securityGroupIds"} {
			if c.has(property) {
				c.fail(property, "a gateway endpoint takes routeTableIds only (InvalidParameter)")
			}
		}
	} else if c.has("routeTableIds") {
		c.fail("routeTableIds", "an interface endpoint takes subnetIds and securityGroupIds, not route tables (InvalidParameter)")
	}
}

func computeEndpoint(d *draft) {
	ec2ARN("vpc-endpoint")(d)
	d.set("state", "available")
	d.set("prefixListId", "pl-"+d.hex(8))
	service := d.text("serviceName")
	d.set("dnsEntries", []any{map[string]any{"dnsName": fmt.Sprintf("%s-%s.%s.vpce.amazonaws.com", d.id, d.hex(8), strings.TrimPrefix(service, "com.amazonaws.")), "hostedZoneId": "Z" + strings.ToUpper(d.hex(13))}})
}
