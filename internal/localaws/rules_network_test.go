package localaws

import "strings"

const (
	routeType       = "aws:ec2/route:Route"
	associationType = "aws:ec2/routeTableAssociation:RouteTableAssociation"
	endpointType    = "aws:ec2/vpcEndpoint:VpcEndpoint"
	flowLogType     = "aws:ec2/flowLog:FlowLog"
)

var (
	aSubnet   = map[string]any{"vpcId": "vpc-1", "cidrBlock": "10.0.0.0/24"}
	aRule     = map[string]any{"securityGroupId": "sg-1", "ipProtocol": "tcp", "fromPort": 80, "toPort": 80, "cidrIpv4": "10.0.0.0/8"}
	aRoute    = map[string]any{"routeTableId": "rtb-1", "destinationCidrBlock": "0.0.0.0/0", "gatewayId": "igw-1"}
	anSQS     = map[string]any{"vpcId": "vpc-1", "serviceName": "com.amazonaws.us-east-1.sqs", "vpcEndpointType": "Interface"}
	toS3      = map[string]any{"vpcId": "vpc-1", "serviceName": "com.amazonaws.us-east-1.s3", "routeTableIds": []any{"rtb-1"}}
	someGroup = map[string]any{"name": "web"}
)

var networkRules = []rule{
	{number: 1, says: "A VPC or a subnet that is larger than /16 or smaller than /28.",
		why: "A VPC's router has addresses for these sizes only.", cases: []ruleCase{
			{"a VPC of /15", "InvalidVpc.Range", "/15", inPreview(vpcType, map[string]any{"cidrBlock": "10.0.0.0/15"}, map[string]any{"cidrBlock": "10.0.0.0/16"})},
			{"a VPC of /29", "InvalidVpc.Range", "/29", inPreview(vpcType, map[string]any{"cidrBlock": "10.0.0.0/29"}, map[string]any{"cidrBlock": "10.0.0.0/28"})},
			{"a subnet of /15", "InvalidSubnet.Range", "/15", inPreview(subnetType, setting(aSubnet, "cidrBlock", "10.0.0.0/15"), setting(aSubnet, "cidrBlock", "10.0.0.0/16"))},
			{"a subnet of /29", "InvalidSubnet.Range", "/29", inPreview(subnetType, setting(aSubnet, "cidrBlock", "10.0.0.0/29"), setting(aSubnet, "cidrBlock", "10.0.0.0/28"))},
			{"host bits", "InvalidParameterValue", `did you mean "10.0.0.0/16"?`, inPreview(vpcType, map[string]any{"cidrBlock": "10.0.0.1/16"}, map[string]any{"cidrBlock": "10.0.0.0/16"})},
		}},
	{number: 2, says: "A subnet outside of its VPC.",
		why: "A subnet is a part of the VPC's addresses.", cases: []ruleCase{
			{"the block after the last", "InvalidSubnet.Range", "The CIDR '10.1.0.0/24' is invalid", onCreate(subnetType, subnetsOf("10.1.0.0/24", "10.0.255.0/24"))},
			{"larger than the VPC", "InvalidSubnet.Range", "10.0.0.0/16", onCreate(subnetType, func(e *embedded) (map[string]any, map[string]any) {
				vpc := e.create(vpcType, "net", map[string]any{"cidrBlock": "10.0.0.0/17"})["id"]
				return map[string]any{"vpcId": vpc, "cidrBlock": "10.0.0.0/16"}, map[string]any{"vpcId": vpc, "cidrBlock": "10.0.0.0/17"}
			})},
		}},
	{number: 3, says: "A subnet over another one.",
		why: "An address is in one subnet.", cases: []ruleCase{
			{"half of another's block", "InvalidSubnet.Conflict", "conflicts with another subnet", onCreate(subnetType, subnetsOf("10.0.1.128/25", "10.0.2.0/24"))},
		}},
	{number: 4, says: "A second internet gateway of a VPC, a second route table of a subnet, a route with no target or with two.",
		why: "Each packet has to have one way.", cases: []ruleCase{
			{"a second gateway", "InvalidParameterValue", "already has an internet gateway attached", onCreate(gatewayType, func(e *embedded) (map[string]any, map[string]any) {
				vpc, _ := e.network()
				e.create(gatewayType, "first", map[string]any{"vpcId": vpc})
				other := e.create(vpcType, "other", map[string]any{"cidrBlock": "10.1.0.0/16"})["id"]
				return map[string]any{"vpcId": vpc}, map[string]any{"vpcId": other}
			})},
			{"a second route table", "Resource.AlreadyAssociated", "conflicts with an existing association", onCreate(associationType, func(e *embedded) (map[string]any, map[string]any) {
				vpc, subnets := e.network()
				table := e.create(routeTableType, "public", map[string]any{"vpcId": vpc})["id"]
				e.create(associationType, "first", map[string]any{"subnetId": subnets[0], "routeTableId": table})
				return map[string]any{"subnetId": subnets[0], "routeTableId": table}, map[string]any{"subnetId": subnets[1], "routeTableId": table}
			})},
			{"two targets", "InvalidParameterCombination", "exactly one target must be given", inPreview(routeType, setting(aRoute, "natGatewayId", "nat-1"), aRoute)},
			{"no target", "MissingParameter", "exactly one target must be given", inPreview(routeType, setting(aRoute, "gatewayId", nil), aRoute)},
			{"a destination twice", "RouteAlreadyExists", "0.0.0.0/0 already exists", onCreate(routeType, func(e *embedded) (map[string]any, map[string]any) {
				vpc, _ := e.network()
				table, gateway := e.create(routeTableType, "public", map[string]any{"vpcId": vpc})["id"], e.create(gatewayType, "first", map[string]any{"vpcId": vpc})["id"]
				out := map[string]any{"routeTableId": table, "destinationCidrBlock": "0.0.0.0/0", "gatewayId": gateway}
				e.create(routeType, "out", out)
				return out, setting(out, "destinationCidrBlock", "192.0.2.0/24")
			})},
		}},
	{number: 5, says: "A security group called `default` or `sg-...`, a name or description of more than 255 characters or of other ones; a rule with ports turned round, or with not exactly one source.",
		why: "AWS's ids begin with sg-, and each VPC has a group called default.", cases: []ruleCase{
			{"called sg-", "InvalidParameterValue", "cannot begin with sg-", inPreview(securityGroupType, map[string]any{"name": "sg-x"}, map[string]any{"name": "sgx"})},
			{"called default", "InvalidGroup.Reserved", "cannot begin with sg- or be default", inPreview(securityGroupType, map[string]any{"name": "default"}, map[string]any{"name": "defaults"})},
			{"a name of 256", "InvalidParameterValue", "at most 255 characters", inPreview(securityGroupType, map[string]any{"name": strings.Repeat("a", 256)}, map[string]any{"name": strings.Repeat("a", 255)})},
			{"a description of 256", "InvalidParameterValue", "at most 255 characters", inPreview(securityGroupType, setting(someGroup, "description", strings.Repeat("a", 256)), setting(someGroup, "description", strings.Repeat("a", 255)))},
			{"a description with an apostrophe", "InvalidParameterValue", "invalid security group description", inPreview(securityGroupType, setting(someGroup, "description", "the web's"), setting(someGroup, "description", "web: (80, 443)"))},
			{"a rule's description of 256", "InvalidParameterValue", "invalid rule description", inPreview(ingressType, setting(aRule, "description", strings.Repeat("a", 256)), setting(aRule, "description", strings.Repeat("a", 255)))},
			{"ports turned round", "InvalidParameterValue", "fromPort 81 is greater than toPort 80", inPreview(ingressType, setting(aRule, "fromPort", 81), aRule)},
			{"two sources", "InvalidParameterCombination", "exactly one of cidrIpv4", inPreview(egressType, setting(aRule, "prefixListId", "pl-1"), aRule)},
			{"no source", "MissingParameter", "exactly one of cidrIpv4", inPreview(egressType, setting(aRule, "cidrIpv4", nil), aRule)},
			{"a name twice", "InvalidGroup.Duplicate", "already exists for VPC", onCreate(securityGroupType, func(e *embedded) (map[string]any, map[string]any) {
				vpc, _ := e.network()
				e.create(securityGroupType, "web", map[string]any{"vpcId": vpc, "name": "web"})
				return map[string]any{"vpcId": vpc, "name": "web"}, map[string]any{"vpcId": vpc, "name": "web2"}
			})},
		}},
	{number: 6, says: "A public NAT gateway without the allocation of an address, and a private one with it.",
		why: "A private NAT gateway has no way to the internet.", cases: []ruleCase{
			{"public without address", "MissingParameter", "if and only if connectivityType is public", inPreview(natGatewayType, map[string]any{"subnetId": "subnet-1"}, map[string]any{"subnetId": "subnet-1", "allocationId": "eipalloc-1"})},
			{"private with address", "InvalidParameter", "if and only if connectivityType is public", inPreview(natGatewayType, map[string]any{"subnetId": "subnet-1", "allocationId": "eipalloc-1", "connectivityType": "private"},
				map[string]any{"subnetId": "subnet-1", "connectivityType": "private"})},
		}},
	{number: 7, says: "An endpoint with private names in a VPC without DNS support and DNS host names.",
		why: "The private name is answered by the VPC's own resolver.", cases: []ruleCase{
			{"no host names", "InvalidParameter", "requires both enableDnsSupport and enableDnsHostnames", onCreate(endpointType, privateNames(map[string]any{"enableDnsHostnames": false}))},
			{"no DNS", "InvalidParameter", "requires both enableDnsSupport and enableDnsHostnames", onCreate(endpointType, privateNames(map[string]any{"enableDnsHostnames": true, "enableDnsSupport": false}))},
		}},
	{number: 8, says: "A second endpoint of a service with private names in a VPC.",
		why: "A name has one answer.", cases: []ruleCase{
			{"private names twice", "InvalidParameter", "already a conflicting DNS domain", onCreate(endpointType, func(e *embedded) (map[string]any, map[string]any) {
				vpc, subnets := e.network()
				endpoint := with(anSQS, map[string]any{"vpcId": vpc, "subnetIds": subnets, "privateDnsEnabled": true})
				e.create(endpointType, "first", endpoint)
				return endpoint, setting(endpoint, "privateDnsEnabled", false)
			})},
		}},
	{number: 9, says: "Two subnets of one zone for an interface endpoint.",
		why: "An endpoint has one interface in a zone.", cases: []ruleCase{
			{"two subnets of a zone", "DuplicateSubnetsInSameZone", "in the availability zone of us-east-1a", onCreate(endpointType, func(e *embedded) (map[string]any, map[string]any) {
				vpc, subnets := e.network()
				third := e.create(subnetType, "third", map[string]any{"vpcId": vpc, "cidrBlock": "10.0.2.0/24", "availabilityZone": "us-east-1a"})["id"]
				endpoint := setting(anSQS, "vpcId", vpc)
				return setting(endpoint, "subnetIds", append([]any{third}, subnets...)), setting(endpoint, "subnetIds", subnets)
			})},
		}},
	{number: 10, says: "A gateway endpoint of another service than S3 and DynamoDB, or with subnets or security groups; an interface endpoint with route tables.",
		why: "A gateway endpoint is a target in route tables, an interface endpoint an address in subnets.", cases: []ruleCase{
			{"a gateway to SQS", "InvalidParameter", "Endpoint type (Gateway) does not match", inPreview(endpointType, setting(anSQS, "vpcEndpointType", nil), toS3)},
			{"a gateway in subnets", "InvalidParameter", "a gateway endpoint takes routeTableIds only", inPreview(endpointType, setting(toS3, "subnetIds", []any{"subnet-1"}), toS3)},
			{"a gateway with security groups", "InvalidParameter", "a gateway endpoint takes routeTableIds only", inPreview(endpointType, setting(toS3, "securityGroupIds", []any{"sg-1"}), toS3)},
			{"an interface in route tables", "InvalidParameter", "not route tables", inPreview(endpointType, setting(anSQS, "routeTableIds", []any{"rtb-1"}), anSQS)},
		}},
	{number: 11, says: "An endpoint of a service in another region.",
		why: "Endpoints are regional.", cases: []ruleCase{
			{"another region", "InvalidServiceName", "does not exist in us-east-1", inPreview(endpointType, setting(anSQS, "serviceName", "com.amazonaws.eu-west-1.sqs"), anSQS)},
		}},
	{number: 12, says: "A flow log that aggregates for anything else than 60 or 600 seconds.",
		why: "The service has these two intervals.", cases: []ruleCase{
			{"300 seconds", "InvalidParameter", "one of [60 600], got 300", inPreview(flowLogType, map[string]any{"maxAggregationInterval": 300}, map[string]any{"maxAggregationInterval": 60})},
		}},
	{number: 13, says: "The deletion of a VPC, subnet, security group or internet gateway that is in use.",
		why: "What uses it would lose its network.", cases: []ruleCase{
			{"a VPC with a subnet", "DependencyViolation", "is in use by", onDelete(vpcType, func(e *embedded) (*deployed, func() error) {
				vpc := e.deploy(vpcType, "net", map[string]any{"cidrBlock": "10.0.0.0/16"})
				return vpc, e.deploy(subnetType, "a", map[string]any{"vpcId": vpc.id, "cidrBlock": "10.0.0.0/24"}).delete
			})},
			{"a subnet with an endpoint", "DependencyViolation", "is in use by", onDelete(subnetType, func(e *embedded) (*deployed, func() error) {
				vpc := e.create(vpcType, "net", map[string]any{"cidrBlock": "10.0.0.0/16"})["id"]
				subnet := e.deploy(subnetType, "a", map[string]any{"vpcId": vpc, "cidrBlock": "10.0.0.0/24"})
				return subnet, e.deploy(endpointType, "sqs", with(anSQS, map[string]any{"vpcId": vpc, "subnetIds": []any{subnet.id}})).delete
			})},
			{"a group in another's rule", "DependencyViolation", "has a dependent object", onDelete(securityGroupType, func(e *embedded) (*deployed, func() error) {
				vpc, _ := e.network()
				web, database := e.deploy(securityGroupType, "web", map[string]any{"vpcId": vpc}), e.deploy(securityGroupType, "database", map[string]any{"vpcId": vpc})
				return web, e.deploy(ingressType, "from-web", with(aRule, map[string]any{"securityGroupId": database.id, "cidrIpv4": nil, "referencedSecurityGroupId": web.id})).delete
			})},
			{"a gateway with a route", "DependencyViolation", "is in use by", onDelete(gatewayType, func(e *embedded) (*deployed, func() error) {
				vpc, _ := e.network()
				gateway := e.deploy(gatewayType, "gateway", map[string]any{"vpcId": vpc})
				table := e.create(routeTableType, "public", map[string]any{"vpcId": vpc})["id"]
				return gateway, e.deploy(routeType, "out", with(aRoute, map[string]any{"routeTableId": table, "gatewayId": gateway.id})).delete
			})},
		}},
}

// subnetsOf are subnets of a VPC of 10.0.0.0/16 that has 10.0.0.0/24 and 10.0.1.0/24.
func subnetsOf(refused, accepted string) func(*embedded) (map[string]any, map[string]any) {
	return func(e *embedded) (map[string]any, map[string]any) {
		vpc, _ := e.network()
		return map[string]any{"vpcId": vpc, "cidrBlock": refused}, map[string]any{"vpcId": vpc, "cidrBlock": accepted}
	}
}

// privateNames are endpoints with private names in a VPC with these attributes, and in one with DNS.
func privateNames(attributes map[string]any) func(*embedded) (map[string]any, map[string]any) {
	return func(e *embedded) (map[string]any, map[string]any) {
		without := e.create(vpcType, "without", with(attributes, map[string]any{"cidrBlock": "10.1.0.0/16"}))["id"]
		vpc, _ := e.network()
		endpoint := setting(anSQS, "privateDnsEnabled", true)
		return setting(endpoint, "vpcId", without), setting(endpoint, "vpcId", vpc)
	}
}
