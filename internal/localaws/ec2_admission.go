package localaws

import (
	"fmt"
	"net/netip"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// admitSubnet refuses a subnet outside of its VPC, or over another one.
func admitSubnet(a *admission) error {
	block, err := netip.ParsePrefix(a.text("cidrBlock"))
	if err != nil {
		return nil // IPv6-only subnets have none
	}
	network := a.account.lookup(a.text("vpcId"), vpcType)
	if outer, err := netip.ParsePrefix(network.text("cidrBlock")); err == nil && (!outer.Contains(block.Addr()) || block.Bits() < outer.Bits()) {
		return refuse("InvalidSubnet.Range", "The CIDR '%s' is invalid.", block)
	}
	return a.others(subnetType, func(o *Object) error {
		other, err := netip.ParsePrefix(o.text("cidrBlock"))
		if err == nil && o.text("vpcId") == network.ID && other.Overlaps(block) {
			return refuse("InvalidSubnet.Conflict", "The CIDR '%s' conflicts with another subnet", block)
		}
		return nil
	})
}

func oneGatewayEach(a *admission) error {
	vpc := a.text("vpcId")
	return a.others(gatewayType, func(o *Object) error {
		if vpc != "" && o.text("vpcId") == vpc {
			return refuse("InvalidParameterValue", "Network %s already has an internet gateway attached", vpc)
		}
		return nil
	})
}

func oneTableEach(a *admission) error {
	subnet := a.text("subnetId")
	return a.others(a.kind.token, func(o *Object) error {
		if subnet != "" && o.text("subnetId") == subnet {
			return refuse("Resource.AlreadyAssociated", "the specified association for route table %s conflicts with an existing association", a.text("routeTableId"))
		}
		return nil
	})
}

func oneRouteEach(a *admission) error {
	return a.others(a.kind.token, func(o *Object) error {
		if o.text("routeTableId") == a.text("routeTableId") && o.text("destinationCidrBlock") == a.text("destinationCidrBlock") {
			return refuse("RouteAlreadyExists", "The route identified by %s already exists.", a.text("destinationCidrBlock"))
		}
		return nil
	})
}

func uniqueGroupName(a *admission) error {
	return a.others(securityGroupType, func(o *Object) error {
		if o.text("name") == a.text("name") && o.text("vpcId") == a.text("vpcId") {
			return refuse("InvalidGroup.Duplicate", "The security group '%s' already exists for VPC '%s'", a.text("name"), a.text("vpcId"))
		}
		return nil
	})
}

// ingressType and egressType are the rules of a security group.
const (
	ingressType = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	egressType  = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
)

// rulesPerGroup is the default quota of a security group, for each direction (Amazon VPC User Guide, "Amazon VPC quotas").
const rulesPerGroup = 60

// admitGroupRule refuses a rule that the group has already, and one more than it can have.
func admitGroupRule(a *admission) error {
	same := func(o *Object) bool {
		for _, property := range []string{"ipProtocol", "fromPort", "toPort", "cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"} {
			if fmt.Sprint(o.Properties[property]) != fmt.Sprint(toStored(a.value(property))) {
				return false
			}
		}
		return true
	}
	rules := 0
	err := a.others(a.kind.token, func(o *Object) error {
		if o.text("securityGroupId") != a.text("securityGroupId") {
			return nil
		}
		rules++
		if same(o) {
			return refuse("InvalidPermission.Duplicate", "the specified rule already exists in %s", a.text("securityGroupId"))
		}
		return nil
	})
	if err == nil && rules >= rulesPerGroup {
		return refuse("RulesPerSecurityGroupLimitExceeded", "The maximum number of rules per security group has been reached: %s", a.text("securityGroupId"))
	}
	return err
}

// withGroupRules takes a security group's rules away with it. Rules of other groups that refer to it keep it.
func withGroupRules(a *Account, group *Object) (changes []change, err error) {
	for _, user := range a.users(group) {
		if user.Type != ingressType && user.Type != egressType {
			continue
		}
		if owner := user.text("securityGroupId"); owner != group.ID {
			return nil, refuse("DependencyViolation", "resource %s has a dependent object: a rule of %s (%s)", group.ID, owner, user.URN)
		}
		changes = append(changes, user.removed())
	}
	return changes, nil
}

// admitEndpoint refuses private names without the VPC's DNS, a second private-DNS endpoint of a service, and two
// subnets of one zone.
func admitEndpoint(a *admission) error {
	network := a.account.lookup(a.text("vpcId"), vpcType)
	if private := a.value("privateDnsEnabled"); private.IsBool() && private.BoolValue() {
		if network.Properties["enableDnsSupport"] != true || network.Properties["enableDnsHostnames"] != true {
			return refuse("InvalidParameter", "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for %s", network.ID)
		}
		if err := a.others(a.kind.token, func(o *Object) error {
			if o.text("vpcId") == network.ID && o.text("serviceName") == a.text("serviceName") && o.Properties["privateDnsEnabled"] == true {
				return refuse("InvalidParameter", "private-dns-enabled cannot be set because there is already a conflicting DNS domain for %s in the VPC %s", a.text("serviceName"), network.ID)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	if zone := a.sharedZone("subnetIds"); zone != "" {
		return refuse("DuplicateSubnetsInSameZone", "Found another VPC endpoint subnet in the availability zone of %s.", zone)
	}
	return nil
}

// zones lists the availability zones of the subnets at a path.
func (a *admission) zones(at string) (zones []string) {
	for _, id := range texts(resource.NewProperty(a.inputs), at) {
		if subnet := a.account.lookup(id, subnetType); subnet != nil {
			zones = append(zones, subnet.text("availabilityZone"))
		}
	}
	return zones
}

// sharedZone is a zone that two of the subnets at a path are in, or "".
func (a *admission) sharedZone(at string) string {
	seen := map[string]bool{}
	for _, zone := range a.zones(at) {
		if seen[zone] {
			return zone
		}
		seen[zone] = true
	}
	return ""
}
