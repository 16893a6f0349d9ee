package components

import (
	"encoding/binary"
	"math/bits"
	"net/netip"

	"slipway/internal/limits"
)

// subnetLayout is the address plan of a network: for each tier one block per availability zone, in the order of the
// zones.
type subnetLayout struct {
	public, private, isolated []netip.Prefix
}

// layOutSubnets plans the subnets of a network. The plan depends on the network's block alone: room is kept for the
// most zones there can be, and for all three tiers whether they are used or not. So neither another egress nor one more
// zone moves a block that is in use, which would replace its subnet with everything in it.
//
// Each zone has a quarter of the network. Half of that is isolated (by default tasks, endpoints and the database live
// there), a quarter private and a quarter public. 10.0.0.0/16 gives each zone 8187, 4091 and 4091 usable addresses. In a
// /24 the public tier gets the half instead, because a load balancer asks for /27, and 11 addresses are left in each of
// the other two: enough to try things out.
func layOutSubnets(network netip.Prefix, zones int) subnetLayout {
	const smallestPublic = 27

	var layout subnetLayout
	quarter := network.Bits() + bits.Len(limits.MaxZones-1)
	half := quarter + 1
	for zone := range zones {
		share := nthBlock(network, quarter, zone)
		larger := nthBlock(share, half, 0)
		rest := nthBlock(share, half, 1)
		smaller, smallest := nthBlock(rest, half+1, 0), nthBlock(rest, half+1, 1)
		if half+1 > smallestPublic {
			layout.public = append(layout.public, larger)
			layout.isolated = append(layout.isolated, smallest)
		} else {
			layout.isolated = append(layout.isolated, larger)
			layout.public = append(layout.public, smallest)
		}
		layout.private = append(layout.private, smaller)
	}
	return layout
}

// nthBlock is the n-th block with that prefix length within an IPv4 block.
func nthBlock(within netip.Prefix, length, n int) netip.Prefix {
	address := within.Addr().As4()
	value := binary.BigEndian.Uint32(address[:]) + uint32(n)<<(32-length)
	binary.BigEndian.PutUint32(address[:], value)
	return netip.PrefixFrom(netip.AddrFrom4(address), length)
}

// cidrs writes blocks as AWS takes them.
func cidrs(blocks []netip.Prefix) []string {
	written := make([]string, len(blocks))
	for i, block := range blocks {
		written[i] = block.String()
	}
	return written
}
