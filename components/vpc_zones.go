package components

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// availabilityZones are the first zones of the region. Local and wavelength zones are left out: they need an opt-in, and
// neither load balancers nor Aurora work in most of them. A zone's state is not asked for: if a zone that has trouble
// dropped out of the list, the next update would replace subnets in the middle of it.
func availabilityZones(ctx *pulumi.Context, parent *Vpc, name string, count int) ([]string, error) {
	zones, err := aws.GetAvailabilityZones(ctx, &aws.GetAvailabilityZonesArgs{
		Filters: []aws.GetAvailabilityZonesFilter{{Name: "opt-in-status", Values: []string{"opt-in-not-required"}}},
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, err
	}
	if len(zones.Names) < count {
		return nil, fmt.Errorf("Vpc %q: zones: got %d, but the region has %d availability zones (%s); ask for fewer or choose another region",
			name, count, len(zones.Names), strings.Join(zones.Names, ", "))
	}
	return zones.Names[:count], nil
}
