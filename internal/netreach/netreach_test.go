package netreach

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/localaws"
)

type props = map[string]any

func object(typ, id string, properties props) localaws.Object {
	return localaws.Object{Type: typ, ID: id, Properties: properties}
}

func list(values ...any) []any { return values }

func rule(way direction, name, group string, properties props) localaws.Object {
	all := props{"securityGroupId": group, "ipProtocol": "tcp"}
	for key, value := range properties {
		all[key] = value
	}
	return object(way.ruleType, name, all)
}

func ports(from, to float64, properties props) props {
	properties["fromPort"], properties["toPort"] = from, to
	return properties
}

// site is a VPC with a public and a private subnet, and another VPC: a load balancer, a service behind it, its database, a worker with a
// public address.
func site() []localaws.Object {
	anywhere := props{"cidrIpv4": "0.0.0.0/0", "ipProtocol": "-1"}
	return []localaws.Object{
		object(vpcType, "vpc", props{"cidrBlock": "10.0.0.0/16"}),
		object(subnetType, "public", props{"vpcId": "vpc", "cidrBlock": "10.0.0.0/24"}),
		object(subnetType, "private", props{"vpcId": "vpc", "cidrBlock": "10.0.1.0/24"}),
		object(subnetType, "private-2", props{"vpcId": "vpc", "cidrBlock": "10.0.2.0/24"}),
		object(subnetType, "away", props{"vpcId": "vpc-2", "cidrBlock": "10.0.1.0/24"}),
		object(routeTableType, "rtb-public", props{"vpcId": "vpc"}),
		object(associationType, "a1", props{"subnetId": "public", "routeTableId": "rtb-public"}),
		object(associationType, "a2", props{"subnetId": "private", "routeTableId": "rtb-private"}),
		object(routeType, "r1", props{"routeTableId": "rtb-public", "destinationCidrBlock": "0.0.0.0/0", "gatewayId": "igw"}),

		object(loadBalancerType, "alb", props{"subnets": list("public"), "securityGroups": list("sg-alb"), "internal": false}),
		rule(inward, "world-in", "sg-alb", ports(443, 443, props{"cidrIpv4": "0.0.0.0/0"})),
		rule(outward, "alb-out", "sg-alb", ports(8000, 8000, props{"referencedSecurityGroupId": "sg-web"})),

		service("web", "sg-web", false, "private"),
		rule(inward, "alb-in", "sg-web", ports(8000, 8000, props{"referencedSecurityGroupId": "sg-alb"})),
		rule(outward, "web-out", "sg-web", anywhere),
		service("worker", "sg-worker", true, "public"),
		rule(outward, "worker-out", "sg-worker", anywhere),
		service("silent", "sg-silent", true, "public"),

		object(clusterType, "db", props{"dbSubnetGroupName": "db-subnets", "vpcSecurityGroupIds": list("sg-db")}),
		object(subnetGroupType, "db-subnets", props{"subnetIds": list("private")}),
		object(instanceType, "db-1", props{"clusterIdentifier": "db", "publiclyAccessible": false}),
		rule(inward, "web-in", "sg-db", ports(5432, 5432, props{"referencedSecurityGroupId": "sg-web"})),

		service("stranger", "sg-stranger", false, "away"),
		rule(outward, "stranger-out", "sg-stranger", anywhere),
	}
}

func service(name, group string, public bool, subnets ...any) localaws.Object {
	return object(serviceType, "arn:"+name, props{"name": name,
		"networkConfiguration": props{"subnets": subnets, "securityGroups": list(group), "assignPublicIp": public}})
}

func TestReach(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		from, to string
		port     int
		more     []localaws.Object
		want     Verdict
		why      string
	}{
		"the world reaches the balancer":          {World, "alb", 443, nil, Open, "igw leads in, world-in of sg-alb lets it in"},
		"and no other port of it":                 {World, "alb", 22, nil, Closed, "no rule of sg-alb lets port 22 in"},
		"the balancer reaches the service":        {"alb", "web", 8000, nil, Open, "alb-out of sg-alb lets it out, alb-in of sg-web lets it in"},
		"by its ARN too":                          {"alb", "arn:web", 8000, nil, Open, ""},
		"and not another port":                    {"alb", "web", 8001, nil, Closed, "no rule of sg-alb lets port 8001 out, no rule of sg-web lets port 8001 in"},
		"nor the database":                        {"alb", "db", 5432, nil, Closed, "no rule of sg-alb lets port 5432 out, no rule of sg-db lets port 5432 in"},
		"the service reaches the database":        {"web", "db", 5432, nil, Open, ""},
		"somebody else does not":                  {"worker", "db", 5432, nil, Closed, "no rule of sg-db lets port 5432 in"},
		"the world does not":                      {World, "db", 5432, nil, Closed, "db has no public address, no rule of sg-db lets port 5432 in"},
		"a public address without a rule":         {World, "worker", 8000, nil, Closed, "no rule of sg-worker lets port 8000 in"},
		"without a public address":                {World, "web", 8000, []localaws.Object{rule(inward, "open", "sg-web", props{"cidrIpv4": "0.0.0.0/0", "ipProtocol": "-1"})}, Closed, "web has no public address"},
		"a public database in a private subnet":   {World, "db", 5432, []localaws.Object{object(instanceType, "db-2", props{"clusterIdentifier": "db", "publiclyAccessible": true}), rule(inward, "open", "sg-db", ports(5432, 5432, props{"cidrIpv4": "0.0.0.0/0"}))}, Closed, "no internet gateway leads in"},
		"out by a public address":                 {"worker", World, 443, nil, Open, "igw leads out, worker-out of sg-worker lets it out"},
		"without a rule nothing leaves":           {"silent", World, 443, nil, Closed, "no rule of sg-silent lets port 443 out"},
		"without a route nothing leaves":          {"web", World, 443, nil, Closed, "no route leads to the internet"},
		"a public subnet and no address":          {"web", World, 443, []localaws.Object{object(routeType, "r2", props{"routeTableId": "rtb-private", "destinationCidrBlock": "0.0.0.0/0", "gatewayId": "igw"})}, Closed, "web has no public address, which it needs to leave by igw"},
		"out by NAT":                              {"web", World, 443, nat("public", "public"), Open, "nat and igw lead out, web-out of sg-web lets it out"},
		"NAT in a subnet without a way out":       {"web", World, 443, nat("private-2", "public"), Closed, "no route leads from the NAT gateway nat to an internet gateway"},
		"a private NAT":                           {"web", World, 443, nat("public", "private"), Closed, "the NAT gateway nat has no public address"},
		"to the balancer of another VPC":          {"worker", "alb", 443, nil, Open, ""},
		"another VPC is not here":                 {"stranger", "db", 5432, nil, Closed, "no route leads to the internet, db has no public address, no rule of sg-db lets port 5432 in"},
		"a group of another VPC is not this one":  {"stranger", "web", 8000, []localaws.Object{rule(inward, "by-block", "sg-web", props{"cidrIpv4": "10.0.0.0/8", "ipProtocol": "-1"})}, Closed, "no route leads to the internet, web has no public address, no rule of sg-web lets port 8000 in"},
		"UDP is not TCP":                          {World, "worker", 53, []localaws.Object{rule(inward, "dns", "sg-worker", ports(53, 53, props{"cidrIpv4": "0.0.0.0/0", "ipProtocol": "udp"}))}, Closed, "no rule of sg-worker lets port 53 in"},
		"IPv6 is not IPv4":                        {World, "worker", 80, []localaws.Object{rule(inward, "six", "sg-worker", ports(80, 80, props{"cidrIpv6": "::/0"}))}, Closed, "no rule of sg-worker lets port 80 in"},
		"some of the world":                       {World, "worker", 22, []localaws.Object{rule(inward, "office", "sg-worker", ports(22, 22, props{"cidrIpv4": "203.0.113.0/24"}))}, Partly, "igw leads in, office of sg-worker lets it in for some addresses"},
		"private addresses are none of the world": {World, "worker", 22, []localaws.Object{rule(inward, "vpc", "sg-worker", ports(22, 22, props{"cidrIpv4": "10.0.0.0/16"}))}, Closed, "no rule of sg-worker lets port 22 in"},
		"a rule for the VPC":                      {"web", "worker", 22, []localaws.Object{rule(inward, "vpc", "sg-worker", ports(20, 30, props{"cidrIpv4": "10.0.0.0/16"}))}, Open, ""},
		"a rule for half of a subnet":             {"web", "worker", 22, []localaws.Object{rule(inward, "half", "sg-worker", ports(20, 30, props{"cidrIpv4": "10.0.1.0/25"}))}, Partly, "web-out of sg-web lets it out, half of sg-worker lets it in for some addresses"},
		"the better of two rules":                 {"web", "worker", 22, []localaws.Object{rule(inward, "half", "sg-worker", ports(20, 30, props{"cidrIpv4": "10.0.1.0/25"})), rule(inward, "whole", "sg-worker", ports(22, 22, props{"referencedSecurityGroupId": "sg-web"}))}, Open, "web-out of sg-web lets it out, whole of sg-worker lets it in"},
		"whichever comes first":                   {"web", "worker", 22, []localaws.Object{rule(inward, "whole", "sg-worker", ports(22, 22, props{"referencedSecurityGroupId": "sg-web"})), rule(inward, "half", "sg-worker", ports(20, 30, props{"cidrIpv4": "10.0.1.0/25"}))}, Open, "web-out of sg-web lets it out, whole of sg-worker lets it in"},
		"a neighbour by the public address":       {"worker", "alb", 8443, []localaws.Object{rule(inward, "office", "sg-alb", ports(8443, 8443, props{"cidrIpv4": "203.0.113.0/24"}))}, Partly, "igw leads out, worker-out of sg-worker lets it out, igw leads in, office of sg-alb lets it in for some addresses"},
		"inside of the VPC no other route counts": {"web", "db", 22, []localaws.Object{object(routeType, "r2", props{"routeTableId": "rtb-private", "destinationCidrBlock": "0.0.0.0/0", "transitGatewayId": "tgw"})}, Closed, "no rule of sg-db lets port 22 in"},
		"an endpoint of another VPC":              {"stranger", "com.amazonaws.us-east-1.sqs", 443, endpoint(true), Closed, "no route leads to the internet"},
		"a rule in the group itself":              {"worker", "silent", 7000, []localaws.Object{object(groupType, "sg-silent", props{"ingress": list(props{"protocol": "tcp", "fromPort": 7000.0, "toPort": 7000.0, "securityGroups": list("sg-worker")})})}, Open, "worker-out of sg-worker lets it out, ingress[0] of sg-silent lets it in"},
		"a group that lets its own in":            {"worker", "worker", 7000, []localaws.Object{object(groupType, "sg-worker", props{"ingress": list(props{"protocol": "-1", "self": true})})}, Open, ""},
		"the service without an endpoint":         {"web", "com.amazonaws.us-east-1.sqs", 443, nil, Closed, "no route leads to the internet"},
		"the service over the internet":           {"worker", "com.amazonaws.us-east-1.sqs", 443, nil, Open, "igw leads out, worker-out of sg-worker lets it out"},
		"by an interface endpoint":                {"web", "com.amazonaws.us-east-1.sqs", 443, endpoint(true), Open, "web-out of sg-web lets it out, https of sg-vpce lets it in"},
		"the endpoint itself":                     {"web", "vpce", 443, endpoint(true), Open, ""},
		"another port of it":                      {"web", "com.amazonaws.us-east-1.sqs", 80, endpoint(true), Closed, "no rule of sg-vpce lets port 80 in"},
		"for another service":                     {"web", "com.amazonaws.us-east-1.logs", 443, endpoint(true), Closed, "no route leads to the internet"},
		"an endpoint that no name leads to":       {"web", "com.amazonaws.us-east-1.sqs", 443, endpoint(false), Closed, "no route leads to the internet"},
		"by a gateway endpoint":                   {"web", "com.amazonaws.us-east-1.s3", 443, gatewayEndpoint("rtb-private"), Open, "vpce leads there, web-out of sg-web lets it out"},
		"one of another route table":              {"web", "com.amazonaws.us-east-1.s3", 443, gatewayEndpoint("rtb-public"), Closed, "no route leads to the internet"},
		"a rule for its prefix list": {"silent", "com.amazonaws.us-east-1.s3", 443, append(gatewayEndpoint("rtb-public"), rule(outward, "s3", "sg-silent", ports(443, 443, props{"prefixListId": "pl-1"}))), Open,
			"vpce leads there, s3 of sg-silent lets it out"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Of(append(site(), c.more...)).Reach(Connection{c.from, c.to, c.port})
			require.NoError(t, err)
			require.Len(t, got, 1)
			assert.Equal(t, c.want.String(), got.Verdict().String(), got[0].Why)
			if c.why != "" {
				assert.Equal(t, c.why, got[0].Why)
			}
		})
	}
}

func nat(subnet, connectivity string) []localaws.Object {
	return []localaws.Object{
		object(natGatewayType, "nat", props{"subnetId": subnet, "connectivityType": connectivity}),
		object(routeType, "r2", props{"routeTableId": "rtb-private", "destinationCidrBlock": "0.0.0.0/0", "natGatewayId": "nat"}),
	}
}

func endpoint(named bool) []localaws.Object {
	return []localaws.Object{
		object(endpointType, "vpce", props{"vpcId": "vpc", "serviceName": "com.amazonaws.us-east-1.sqs", "vpcEndpointType": "Interface", "privateDnsEnabled": named,
			"subnetIds": list("private-2"), "securityGroupIds": list("sg-vpce")}),
		rule(inward, "https", "sg-vpce", ports(443, 443, props{"cidrIpv4": "10.0.0.0/16"})),
	}
}

func gatewayEndpoint(table string) []localaws.Object {
	return []localaws.Object{object(endpointType, "vpce", props{"vpcId": "vpc", "serviceName": "com.amazonaws.us-east-1.s3", "vpcEndpointType": "Gateway",
		"routeTableIds": list(table), "prefixListId": "pl-1"})}
}

// TestSomeSubnetsOnly has a service in three subnets, of which one has no way out and one is let in nowhere.
func TestSomeSubnetsOnly(t *testing.T) {
	t.Parallel()
	n := Of(append(site(), service("spread", "sg-web", true, "public", "private"), rule(inward, "by-block", "sg-worker", ports(22, 22, props{"cidrIpv4": "10.0.0.0/24"}))))
	for _, to := range []Connection{{"spread", World, 443}, {"spread", "worker", 22}} {
		got, err := n.Reach(to)
		require.NoError(t, err)
		assert.Equal(t, Partly, got.Verdict())
		require.Len(t, got, 2)
		assert.Equal(t, "public", got[0].From)
		assert.Equal(t, []Verdict{Open, Closed}, []Verdict{got[0].Verdict, got[1].Verdict})
	}
}

func TestWhatCannotBeAnswered(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]struct {
		from, to string
		port     int
		more     []localaws.Object
	}{
		"the port is 1 to 65535, got 0":                             {"web", "db", 0, nil},
		`nothing called "nobody" has an address in a network`:       {"nobody", "db", 5432, nil},
		`nothing called "vpce" has an address`:                      {"web", "vpce", 443, gatewayEndpoint("rtb-private")},
		"from world to world is not decided by a network here":      {World, World, 443, nil},
		"from com.amazonaws.us-east-1.s3 to db is not decided":      {"com.amazonaws.us-east-1.s3", "db", 443, nil},
		"new: it is in no subnet":                                   {"new", "db", 5432, []localaws.Object{service("new", "sg", true)}},
		`new: the subnet "gone" does not exist`:                     {"new", "db", 5432, []localaws.Object{service("new", "sg", true, "gone")}},
		"new has no security groups of its own":                     {"new", "db", 5432, []localaws.Object{object(serviceType, "new", props{"networkConfiguration": props{"subnets": list("public")}})}},
		"the VPC vpc-6 has IPv6, which is not evaluated":            {"new", "db", 5432, []localaws.Object{object(vpcType, "vpc-6", props{"assignGeneratedIpv6CidrBlock": true}), object(subnetType, "s6", props{"vpcId": "vpc-6", "cidrBlock": "10.0.0.0/24"}), service("new", "sg", true, "s6")}},
		"cdn is for the prefix list pl-9, and what addresses":       {World, "worker", 443, []localaws.Object{rule(inward, "cdn", "sg-worker", ports(443, 443, props{"prefixListId": "pl-9"}))}},
		"the route r2 leads neither to an internet gateway nor":     {"web", World, 443, []localaws.Object{object(routeType, "r2", props{"routeTableId": "rtb-private", "destinationCidrBlock": "0.0.0.0/0", "transitGatewayId": "tgw"})}},
		"the route r2 is for 192.0.2.0/24; only routes for all":     {"web", World, 443, []localaws.Object{object(routeType, "r2", props{"routeTableId": "rtb-private", "destinationCidrBlock": "192.0.2.0/24", "gatewayId": "igw"})}},
		"the route table rtb-private has routes in it; only routes": {"web", World, 443, []localaws.Object{object(routeTableType, "rtb-private", props{"routes": list(props{"cidrBlock": "0.0.0.0/0", "gatewayId": "igw"})})}},
	} {
		_, err := Of(append(site(), c.more...)).Reach(Connection{c.from, c.to, c.port})
		assert.ErrorContains(t, err, want)
	}
}
