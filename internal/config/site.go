package config

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/components"
	"slipway/internal/limits"
)

func (r *reader) site(env environment) *components.StaticSiteArgs {
	s := &components.StaticSiteArgs{
		DomainName:            r.text("staticDomain", "", optional(limits.DomainName)),
		HostedZone:            r.text("staticHostedZone", "", optional(limits.DomainName)),
		Folder:                r.text("staticFolder", "", nil),
		Immutable:             r.list("staticImmutable", nil, limits.KeyPrefix),
		SinglePageApplication: r.boolean("staticSinglePage", false),
		CorsOrigins:           r.list("staticCorsOrigins", nil, limits.CorsOrigin),
		PriceClass:            r.text("staticPriceClass", "PriceClass_100", limits.PriceClass),
		AccessLogs:            &env.accessLogs,
		LogRetentionDays:      env.logRetentionDays,
		Ephemeral:             env.ephemeral,
	}
	if acl := r.text("staticWebAclArn", "", optional(limits.CloudFrontWebACL)); acl != "" {
		s.WebAclArn = pulumi.StringPtr(acl)
	}
	if limits.DomainName(s.DomainName) == nil && limits.DomainName(s.HostedZone) == nil {
		r.wrong.Check(r.prefix+"staticHostedZone", s.HostedZone, limits.DomainInZone(s.DomainName, s.HostedZone))
	}
	return s
}
