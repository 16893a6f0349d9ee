package limits_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"slipway/internal/limits"
)

func TestVpcCIDR(t *testing.T) {
	t.Parallel()
	for _, cidr := range []string{"10.0.0.0/16", "172.31.0.0/16", "192.168.4.0/22", "10.1.2.0/24", "100.64.0.0/16"} {
		assert.NoError(t, limits.VpcCIDR(cidr), cidr)
	}
	for cidr, takes := range map[string]string{
		"":               "an IPv4 block from /16 to /24",
		"10.0.0.0":       "an IPv4 block from /16 to /24",
		"10.0.0.0/15":    "an IPv4 block from /16 to /24",
		"10.0.0.0/25":    "an IPv4 block from /16 to /24",
		"fd00::/16":      "an IPv4 block from /16 to /24",
		"8.8.0.0/16":     "within 10.0.0.0/8",
		"172.32.0.0/16":  "within 10.0.0.0/8",
		"10.0.1.0/16":    "write 10.0.0.0/16",
		"192.168.7.0/22": "write 192.168.4.0/22",
	} {
		assert.ErrorContains(t, limits.VpcCIDR(cidr), takes, cidr)
	}
}

func TestZones(t *testing.T) {
	t.Parallel()
	for zones, ok := range map[int]bool{-1: false, 0: false, 1: false, 2: true, 3: true, 4: true, 5: false} {
		assert.Equal(t, ok, limits.Zones(zones) == nil, "%d zones", zones)
	}
}

func TestEndpointService(t *testing.T) {
	t.Parallel()
	for service, ok := range map[string]bool{
		"xray": true, "ecr.api": true, "s3express": true, "execute-api": true, "kms-fips": true,
		"": false, "X-Ray": false, "com.amazonaws.us-east-1.xray": false, "cn.com.amazonaws.cn-north-1.ecr.api": false, "xray ": false, ".xray": false, "ecr..api": false,
	} {
		assert.Equal(t, ok, limits.EndpointService(service) == nil, "%q", service)
	}
}

func TestSecurityGroupText(t *testing.T) {
	t.Parallel()
	for text, ok := range map[string]bool{
		"PostgreSQL from web-1": true, "a.b_c:d/(e)#f,@[g]+=&;{}!$*": true, strings.Repeat("a", 255): true,
		"": false, "the service's": false, "über": false, "a\nb": false, strings.Repeat("a", 256): false,
	} {
		assert.Equal(t, ok, limits.SecurityGroupText(text) == nil, "%q", text)
	}
}
