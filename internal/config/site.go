package config

import "slipway/internal/limits"

func (r *reader) site() Site {
	s := Site{
		Enabled:               r.boolean("staticSite", true),
		Domain:                r.text("staticDomain", "", optional(limits.DomainName)),
		HostedZone:            r.text("staticHostedZone", "", optional(limits.DomainName)),
		Folder:                r.text("staticFolder", "", nil),
		Immutable:             r.list("staticImmutable", nil, limits.KeyPrefix),
		SinglePageApplication: r.boolean("staticSinglePage", false),
		CorsOrigins:           r.list("staticCorsOrigins", nil, limits.CorsOrigin),
		PriceClass:            r.text("staticPriceClass", "PriceClass_100", limits.PriceClass),
	}
	if acl := r.text("staticWebAclArn", "", optional(limits.CloudFrontWebACL)); acl != "" {
		s.WebAclArn = &acl
	}
	if limits.DomainName(s.Domain) == nil && limits.DomainName(s.HostedZone) == nil {
		r.wrong.Check(r.prefix+"staticHostedZone", s.HostedZone, limits.DomainInZone(s.Domain, s.HostedZone))
	}
	return s
}
