package netreach

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"slipway/internal/localaws"
)

// direction is that of a rule: of connections that are opened from the group's members, or to them.
type direction struct {
	inline, ruleType, verb string
}

var (
	outward = direction{"egress", "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "out"}
	inward  = direction{"ingress", "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "in"}
)

// groupRule is a rule of a security group, of its own or in the group.
type groupRule struct {
	name     string
	protocol string
	from, to int
	blocks   []string // of IPv4
	groups   []string
	lists    []string
}

// peer is the other side, as a rule sees it.
type peer struct {
	block  netip.Prefix
	groups []string // empty unless in the same VPC
	list   string
}

// passes is what the security groups of an end let through.
func (n *Network) passes(e end, way direction, port int, p peer) (leg, error) {
	best := leg{why: fmt.Sprintf("no rule of %s lets port %d %s", strings.Join(e.groups, " and "), port, way.verb)}
	for _, group := range e.groups {
		for _, r := range n.rules(group, way) {
			if !r.isFor(port) {
				continue
			}
			verdict, err := n.covers(r, p)
			if err != nil {
				return best, err
			}
			if verdict > best.verdict {
				best = leg{verdict, fmt.Sprintf("%s of %s lets it %s", r.name, group, way.verb)}
				if verdict == Partly {
					best.why += " for some addresses"
				}
			}
		}
	}
	return best, nil
}

// rules are those of a group in one direction.
func (n *Network) rules(group string, way direction) (rules []groupRule) {
	for _, o := range n.byType[way.ruleType] {
		if text(o.Properties, "securityGroupId") != group {
			continue
		}
		r := groupRule{name: o.ID, protocol: text(o.Properties, "ipProtocol"), from: number(o.Properties["fromPort"]), to: number(o.Properties["toPort"])}
		for property, into := range map[string]*[]string{"cidrIpv4": &r.blocks, "referencedSecurityGroupId": &r.groups, "prefixListId": &r.lists} {
			if text := text(o.Properties, property); text != "" {
				*into = []string{text}
			}
		}
		rules = append(rules, r)
	}
	holder := n.find(group, groupType)
	if holder == nil {
		return rules
	}
	inline, _ := holder.Properties[way.inline].([]any)
	for i, one := range inline {
		m, _ := one.(map[string]any)
		protocol, _ := m["protocol"].(string)
		r := groupRule{name: fmt.Sprintf("%s[%d]", way.inline, i), protocol: protocol, from: number(m["fromPort"]), to: number(m["toPort"]),
			blocks: texts(m["cidrBlocks"]), groups: texts(m["securityGroups"]), lists: texts(m["prefixListIds"])}
		if m["self"] == true {
			r.groups = append(r.groups, group)
		}
		rules = append(rules, r)
	}
	return rules
}

func (r groupRule) isFor(port int) bool {
	switch strings.ToLower(r.protocol) {
	case "-1", "all":
		return true
	case "tcp", "6":
		return r.from <= port && port <= r.to
	}
	return false
}

// covers says how much of the other side a rule means.
func (n *Network) covers(r groupRule, p peer) (Verdict, error) {
	if slices.ContainsFunc(r.groups, func(g string) bool { return slices.Contains(p.groups, g) }) || p.list != "" && slices.Contains(r.lists, p.list) {
		return Open, nil
	}
	best := Closed
	for _, text := range r.blocks {
		block, err := netip.ParsePrefix(text)
		switch {
		case err != nil:
			return Closed, fmt.Errorf("%s: %w", r.name, err)
		case block.Bits() <= p.block.Bits() && block.Contains(p.block.Addr()):
			best = Open
		case block.Overlaps(p.block) && !(p.block == internet && block.Addr().IsPrivate()):
			best = max(best, Partly)
		}
	}
	for _, list := range r.lists {
		if best != Open && !slices.ContainsFunc(n.byType[endpointType], func(o localaws.Object) bool { return text(o.Properties, "prefixListId") == list }) {
			return best, fmt.Errorf("%s is for the prefix list %s, and what addresses that has is not known here", r.name, list)
		}
	}
	return best, nil
}

func number(v any) int {
	f, _ := v.(float64)
	return int(f)
}
