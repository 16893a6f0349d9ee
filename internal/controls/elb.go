package controls

import (
	"fmt"
	"regexp"

	"slipway/internal/state"
)

const (
	loadBalancer = "aws:lb/loadBalancer:LoadBalancer"
	listener     = "aws:lb/listener:Listener"
)

// tls13Policy is a security policy that takes TLS 1.2 with forward secrecy and TLS 1.3 (Elastic Load Balancing user guide,
// "Security policies for your Application Load Balancer").
var tls13Policy = regexp.MustCompile(`^ELBSecurityPolicy-TLS13-1-[23]-`)

var elbControls = []control{
	{id: "ELB.1", title: "HTTP is redirected to HTTPS", of: []string{listener}, where: protocol("HTTP"), check: func(_ *state.State, r *state.Resource) []Finding {
		return must(onlyRedirects(r), "defaultActions", "HTTP that is answered", "a redirect to HTTPS")
	}},
	{id: "ELB.4", title: "Load balancers drop invalid headers", of: []string{loadBalancer}, check: isTrue("dropInvalidHeaderFields")},
	{id: "ELB.5", title: "Load balancers log their requests", of: []string{loadBalancer}, check: func(_ *state.State, r *state.Resource) []Finding {
		enabled := r.At("accessLogs", "enabled")
		return must(enabled.Bool(), "accessLogs.enabled", enabled.String(), "true")
	}},
	{id: "ELB.6", title: "Load balancers are protected from deletion", of: []string{loadBalancer}, check: isTrue("enableDeletionProtection")},
	{id: "ELB.12", title: "Load balancers defend against desync attacks", of: []string{loadBalancer}, check: oneOf([]string{"defensive", "strictest"}, "desyncMitigationMode")},
	{id: "ELB.13", title: "Load balancers are in two zones", of: []string{loadBalancer}, check: func(_ *state.State, r *state.Resource) []Finding {
		// AWS takes no two subnets of one zone.
		subnets := len(r.At("subnets").List())
		return must(subnets > 1, "subnets", fmt.Sprint(subnets), "2 or more")
	}},
	{id: "ELB.17", title: "HTTPS takes TLS 1.2 or newer, with forward secrecy", of: []string{listener}, where: protocol("HTTPS"), none: "no listener speaks HTTPS", check: func(_ *state.State, r *state.Resource) []Finding {
		policy := r.At("sslPolicy").String()
		return must(tls13Policy.MatchString(policy), "sslPolicy", policy, "one that begins with ELBSecurityPolicy-TLS13-1-2")
	}},
	{id: "ELB.18", title: "Listeners are encrypted", of: []string{listener}, check: func(_ *state.State, r *state.Resource) []Finding {
		got := r.At("protocol").String()
		if onlyRedirects(r) {
			got += " that is redirected"
		}
		return must(protocol("HTTPS")(nil, r), "protocol", got, "HTTPS")
	}},
}

func protocol(name string) func(*state.State, *state.Resource) bool {
	return func(_ *state.State, r *state.Resource) bool { return r.At("protocol").String() == name }
}

func onlyRedirects(r *state.Resource) bool {
	actions := r.At("defaultActions").List()
	for _, action := range actions {
		if action.At("type").String() != "redirect" || action.At("redirect", "protocol").String() != "HTTPS" {
			return false
		}
	}
	return len(actions) > 0
}
