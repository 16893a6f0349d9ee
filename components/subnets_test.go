package components

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/internal/limits"
)

// TestSubnetLayoutNeverMoves pins the plan. A change of these blocks replaces the subnets of every network that exists.
func TestSubnetLayoutNeverMoves(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ public, private, isolated []string }{
		"10.0.0.0/16": {
			public:   []string{"10.0.48.0/20", "10.0.112.0/20", "10.0.176.0/20", "10.0.240.0/20"},
			private:  []string{"10.0.32.0/20", "10.0.96.0/20", "10.0.160.0/20", "10.0.224.0/20"},
			isolated: []string{"10.0.0.0/19", "10.0.64.0/19", "10.0.128.0/19", "10.0.192.0/19"},
		},
		"192.168.4.0/23": {
			public:   []string{"192.168.4.96/27", "192.168.4.224/27", "192.168.5.96/27", "192.168.5.224/27"},
			private:  []string{"192.168.4.64/27", "192.168.4.192/27", "192.168.5.64/27", "192.168.5.192/27"},
			isolated: []string{"192.168.4.0/26", "192.168.4.128/26", "192.168.5.0/26", "192.168.5.128/26"},
		},
		"10.1.2.0/24": {
			public:   []string{"10.1.2.0/27", "10.1.2.64/27", "10.1.2.128/27", "10.1.2.192/27"},
			private:  []string{"10.1.2.32/28", "10.1.2.96/28", "10.1.2.160/28", "10.1.2.224/28"},
			isolated: []string{"10.1.2.48/28", "10.1.2.112/28", "10.1.2.176/28", "10.1.2.240/28"},
		},
	}
	for network, want := range tests {
		layout := layOutSubnets(netip.MustParsePrefix(network), limits.MaxZones)
		assert.Equal(t, want.public, cidrs(layout.public), network)
		assert.Equal(t, want.private, cidrs(layout.private), network)
		assert.Equal(t, want.isolated, cidrs(layout.isolated), network)
	}
}

func TestSubnetLayoutProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		bits := rapid.IntRange(16, 24).Draw(t, "bits")
		network := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, rapid.Byte().Draw(t, "second"), rapid.Byte().Draw(t, "third"), 0}), bits).Masked()
		require.NoError(t, limits.VpcCIDR(network.String()))
		zones := rapid.IntRange(limits.MinZones, limits.MaxZones).Draw(t, "zones")

		layout := layOutSubnets(network, zones)
		all := append(append(append([]netip.Prefix{}, layout.public...), layout.private...), layout.isolated...)
		require.Len(t, all, 3*zones, "three tiers in each zone")
		for i, block := range all {
			assert.Equal(t, block.Masked(), block, "a block starts at its first address")
			assert.True(t, network.Overlaps(block) && block.Bits() > network.Bits(), "%s is inside of %s", block, network)
			assert.LessOrEqual(t, block.Bits(), 28, "AWS takes no subnet smaller than /28")
			for _, other := range all[i+1:] {
				assert.False(t, block.Overlaps(other), "%s overlaps %s", block, other)
			}
		}
		for _, public := range layout.public {
			assert.LessOrEqual(t, public.Bits(), 27, "a load balancer asks for /27")
		}

		if zones < limits.MaxZones {
			more := layOutSubnets(network, zones+1)
			assert.Equal(t, layout.public, more.public[:zones], "one more zone moves no block")
			assert.Equal(t, layout.private, more.private[:zones], "one more zone moves no block")
			assert.Equal(t, layout.isolated, more.isolated[:zones], "one more zone moves no block")
		}
	})
}
