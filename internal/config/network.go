package config

import (
	"fmt"
	"slices"
	"strings"

	"slipway/components"
	"slipway/internal/limits"
)

func (r *reader) network(env environment) *components.VpcArgs {
	egress := components.Egress(r.text("egress", string(components.EgressEndpoints), func(v string) error { return components.Egress(v).Validate() }))
	return &components.VpcArgs{
		Cidr:   r.text("vpcCidr", "10.0.0.0/16", limits.VpcCIDR),
		Zones:  r.integer("zones", 2, limits.Zones),
		Egress: &egress,
		EndpointServices: r.list("endpointServices", nil, func(service string) error {
			if slices.Contains(egress.Endpoints(), service) {
				return fmt.Errorf("more services than %s, which have an endpoint without being asked; leave it out", strings.Join(egress.Endpoints(), ", "))
			}
			return limits.EndpointService(service)
		}),
		EndpointZones:        new(components.EndpointZones(r.text("endpointZones", string(components.EndpointZonesAll), func(v string) error { return components.EndpointZones(v).Validate() }))),
		FlowLogs:             new(r.boolean("flowLogs", true)),
		FlowLogRetentionDays: env.logRetentionDays,
		Ephemeral:            env.ephemeral,
	}
}
