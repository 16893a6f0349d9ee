package components

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// zonesLeftOut are old zones in which tasks may not start: Fargate is not in usw1-az2 and apne1-az3 (AWS Fargate Regions,
// Developer Guide of ECS), and use1-az3 has no current instance types, so none for ARM64 either. They are told by their
// ids, because which letter a zone has differs from account to account.
var zonesLeftOut = []string{"use1-az3", "usw1-az2", "apne1-az3"}

// availabilityZones are the first zones of the region that all parts of an application run in. Local and wavelength zones
// are left out too: they need an opt-in, and neither load balancers nor Aurora work in most of them. A zone's state is not
// asked for: if a zone that has trouble dropped out of the list, the next update would replace subnets in the middle of it.
func availabilityZones(ctx *pulumi.Context, parent *Vpc, name string, count int) ([]string, error) {
	zones, err := aws.GetAvailabilityZones(ctx, &aws.GetAvailabilityZonesArgs{
		Filters:        []aws.GetAvailabilityZonesFilter{{Name: "opt-in-status", Values: []string{"opt-in-not-required"}}},
		ExcludeZoneIds: zonesLeftOut,
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, err
	}
	if len(zones.Names) < count {
		return nil, fmt.Errorf("Vpc %q: zones: got %d, but the region has %d availability zones that take tasks (%s); ask for fewer or choose another region",
			name, count, len(zones.Names), strings.Join(zones.Names, ", "))
	}
	return zones.Names[:count], nil
}
