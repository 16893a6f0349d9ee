package limits

import (
	"errors"
	"net/netip"
	"regexp"
	"slices"
)

// Zones is how many availability zones a network spans: two because load balancers and Aurora ask for two, four because
// the subnet layout keeps room for four and hardly a region has more.
const (
	MinZones = 2
	MaxZones = 4
)

// privateBlocks are the ranges that belong to nobody on the internet (RFC 1918, RFC 6598). A network with other addresses
// cannot reach their owners.
var privateBlocks = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"),
	netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("100.64.0.0/10"),
}

// VpcCIDR checks the address block of a network. AWS takes /16 to /28; below /24 four zones with three subnets each are
// too small for a load balancer, which asks for /27 (Elastic Load Balancing, "Subnets for your load balancer").
func VpcCIDR(cidr string) error {
	block, err := netip.ParsePrefix(cidr)
	private := func(p netip.Prefix) bool {
		return p.Bits() <= block.Bits() && p.Contains(block.Addr())
	}
	switch {
	case err != nil, !block.Addr().Is4(), block.Bits() < 16, block.Bits() > 24, !slices.ContainsFunc(privateBlocks, private):
		return errors.New(`an IPv4 block from /16 to /24 within 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10, such as "10.0.0.0/16"`)
	case block != block.Masked():
		return errors.New("the first address of its block: write " + block.Masked().String())
	}
	return nil
}

// Zones checks the number of availability zones.
func Zones(zones int) error {
	if zones < MinZones || zones > MaxZones {
		return errors.New("2, 3 or 4 availability zones")
	}
	return nil
}

var (
	endpointService  = regexp.MustCompile(`^[a-z][a-z0-9-]*(\.[a-z0-9-]+)*$`)
	qualifiedService = regexp.MustCompile(`^(cn\.)?com\.`)
)

// EndpointService checks the short name of an AWS service that a VPC endpoint leads to: what follows the region in
// com.amazonaws.<region>.<service>.
func EndpointService(service string) error {
	if !endpointService.MatchString(service) || qualifiedService.MatchString(service) {
		return errors.New(`the short name of an AWS service, such as "xray" or "ssmmessages", without com.amazonaws.<region>`)
	}
	return nil
}

var securityGroupText = regexp.MustCompile(`^[a-zA-Z0-9. _:/()#,@\[\]+=&;{}!$*-]{1,255}$`)

// SecurityGroupText checks the description of a security group or of a rule.
func SecurityGroupText(text string) error {
	if !securityGroupText.MatchString(text) {
		return errors.New("1 to 255 letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*")
	}
	return nil
}
