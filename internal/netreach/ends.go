package netreach

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"slipway/internal/localaws"
)

const (
	vpcType          = "aws:ec2/vpc:Vpc"
	subnetType       = "aws:ec2/subnet:Subnet"
	endpointType     = "aws:ec2/vpcEndpoint:VpcEndpoint"
	serviceType      = "aws:ecs/service:Service"
	scheduleType     = "aws:scheduler/schedule:Schedule"
	loadBalancerType = "aws:lb/loadBalancer:LoadBalancer"
	clusterType      = "aws:rds/cluster:Cluster"
	instanceType     = "aws:rds/clusterInstance:ClusterInstance"
	subnetGroupType  = "aws:rds/subnetGroup:SubnetGroup"
	natGatewayType   = "aws:ec2/natGateway:NatGateway"
	routeTableType   = "aws:ec2/routeTable:RouteTable"
	routeType        = "aws:ec2/route:Route"
	associationType  = "aws:ec2/routeTableAssociation:RouteTableAssociation"
	groupType        = "aws:ec2/securityGroup:SecurityGroup"
)

// end is one end of a connection: the world, a service of AWS, or network interfaces in a VPC.
type end struct {
	name    string
	service string           // com.amazonaws.us-east-1.sqs
	gateway *localaws.Object // the gateway endpoint that leads to the service

	vpc     string
	subnets []place
	groups  []string
	public  bool // the interfaces have public addresses
}

// place is a subnet with its addresses, or what is outside of any.
type place struct {
	name  string
	block netip.Prefix
}

func (e end) places() []place {
	if e.vpc == "" {
		return []place{{name: e.name, block: internet}}
	}
	return e.subnets
}

// networked are the types that have network interfaces: where in their properties are the subnets and the security groups.
var networked = []struct {
	typ, subnets, groups string
	public               func(*Network, *localaws.Object) bool
}{
	{serviceType, "networkConfiguration.subnets", "networkConfiguration.securityGroups", isSet("networkConfiguration.assignPublicIp")},
	{scheduleType, "target.ecsParameters.networkConfiguration.subnets", "target.ecsParameters.networkConfiguration.securityGroups",
		isSet("target.ecsParameters.networkConfiguration.assignPublicIp")},
	{loadBalancerType, "subnets", "securityGroups", func(_ *Network, o *localaws.Object) bool { return o.Properties["internal"] != true }},
	{clusterType, "", "vpcSecurityGroupIds", (*Network).hasPublicInstance},
	{endpointType, "subnetIds", "securityGroupIds", func(*Network, *localaws.Object) bool { return false }},
}

func isSet(path string) func(*Network, *localaws.Object) bool {
	return func(_ *Network, o *localaws.Object) bool { return at(o.Properties, path) == true }
}

func (n *Network) hasPublicInstance(cluster *localaws.Object) bool {
	return slices.ContainsFunc(n.byType[instanceType], func(o localaws.Object) bool {
		return o.Properties["clusterIdentifier"] == cluster.ID && o.Properties["publiclyAccessible"] == true
	})
}

// end finds what a name stands for.
func (n *Network) end(handle string) (e end, err error) {
	if handle == World {
		return end{name: World}, nil
	}
	if strings.HasPrefix(handle, "com.amazonaws.") {
		return end{name: handle, service: handle}, nil
	}
	for _, t := range networked {
		o := n.find(handle, t.typ)
		if o == nil || t.typ == endpointType && text(o.Properties, "vpcEndpointType") != "Interface" {
			continue
		}
		e = end{name: handle, groups: texts(at(o.Properties, t.groups)), public: t.public(n, o)}
		subnets := texts(at(o.Properties, t.subnets))
		if t.typ == clusterType {
			if group := n.find(text(o.Properties, "dbSubnetGroupName"), subnetGroupType); group != nil {
				subnets = texts(group.Properties["subnetIds"])
			}
		}
		if e.subnets, e.vpc, err = n.placesOf(subnets); err != nil {
			return e, fmt.Errorf("%s: %w", handle, err)
		}
		if len(e.groups) == 0 {
			return e, fmt.Errorf("%s has no security groups of its own, and what the default group of a VPC lets through is not evaluated", handle)
		}
		return e, nil
	}
	return e, fmt.Errorf("nothing called %q has an address in a network; it takes %s, a service such as com.amazonaws.us-east-1.sqs, or by name, id or ARN an ECS service, a schedule of tasks, a load balancer, an RDS cluster or an interface endpoint", handle, World)
}

// placesOf are subnets, and the VPC that they are in.
func (n *Network) placesOf(ids []string) (places []place, vpc string, err error) {
	for _, id := range ids {
		subnet := n.find(id, subnetType)
		if subnet == nil {
			return nil, "", fmt.Errorf("the subnet %q does not exist", id)
		}
		block, err := netip.ParsePrefix(text(subnet.Properties, "cidrBlock"))
		if err != nil {
			return nil, "", fmt.Errorf("the subnet %s: %w", id, err)
		}
		places, vpc = append(places, place{id, block}), text(subnet.Properties, "vpcId")
	}
	if len(places) == 0 {
		return nil, "", errors.New("it is in no subnet")
	}
	if network := n.find(vpc, vpcType); network != nil && (network.Properties["assignGeneratedIpv6CidrBlock"] == true || text(network.Properties, "ipv6CidrBlock") != "") {
		return nil, "", fmt.Errorf("the VPC %s has IPv6, which is not evaluated", vpc)
	}
	return places, vpc, nil
}

// serviceFrom is where the name of a service of AWS leads to in a subnet: to an interface endpoint, by the private DNS names of its
// VPC; by the routes of a gateway endpoint; or to the internet.
func (n *Network) serviceFrom(from end, source place, service end) (end, error) {
	for i, o := range n.byType[endpointType] {
		if text(o.Properties, "vpcId") != from.vpc || text(o.Properties, "serviceName") != service.service {
			continue
		}
		switch {
		case text(o.Properties, "vpcEndpointType") == "Interface" && o.Properties["privateDnsEnabled"] == true:
			return n.end(o.ID)
		case text(o.Properties, "vpcEndpointType") == "Gateway" && slices.Contains(texts(o.Properties["routeTableIds"]), n.routeTable(source.name)):
			service.gateway = &n.byType[endpointType][i]
			return service, nil
		}
	}
	return service, nil
}

// find is the object of a type that has this name, id or ARN.
func (n *Network) find(handle, typ string) *localaws.Object {
	for i, o := range n.byType[typ] {
		if handle != "" && (o.ID == handle || text(o.Properties, "name") == handle || text(o.Properties, "arn") == handle) {
			return &n.byType[typ][i]
		}
	}
	return nil
}

// at is a property by its path, such as networkConfiguration.subnets.
func at(properties map[string]any, path string) (value any) {
	value = properties
	for name := range strings.SplitSeq(path, ".") {
		inner, _ := value.(map[string]any)
		value = inner[name]
	}
	return value
}

// text is a property that is a text, or empty.
func text(properties map[string]any, property string) string {
	text, _ := properties[property].(string)
	return text
}

// texts are those of a list.
func texts(list any) (found []string) {
	values, _ := list.([]any)
	for _, v := range values {
		if text, ok := v.(string); ok {
			found = append(found, text)
		}
	}
	return found
}
