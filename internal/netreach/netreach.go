// Package netreach answers, from what exists in the embedded AWS, whether one thing can open a TCP connection to another: from security
// groups and their rules, subnets, routes, endpoints and public addresses, over IPv4. What it cannot answer is an error, never an open
// way.
//
// Network ACLs are those that let everything through, as the embedded AWS has no others. Whether somebody listens is not asked.
package netreach

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"slipway/internal/localaws"
)

// Network is all networks of an account.
type Network struct {
	byType map[string][]localaws.Object
}

// Of are the networks among the objects of an account, such as its List.
func Of(objects []localaws.Object) *Network {
	n := &Network{byType: map[string][]localaws.Object{}}
	for _, o := range objects {
		n.byType[o.Type] = append(n.byType[o.Type], o)
	}
	return n
}

// World is everybody on the internet, as an end of a Connection.
const World = "world"

// Connection is what one end opens to another.
type Connection struct {
	// From is World, or by name, id or ARN what has network interfaces of its own: an ECS service, a schedule of tasks, a load balancer,
	// an RDS cluster.
	From string
	// To is one of these, an interface endpoint, or a service of AWS by the name that endpoints are made for. Example:
	// com.amazonaws.us-east-1.sqs.
	To   string
	Port int
}

// Verdict is how much of something gets through.
type Verdict int

const (
	Closed Verdict = iota
	// Partly is for some addresses or subnets and not for all.
	Partly
	Open
)

func (v Verdict) String() string { return [...]string{"closed", "partly open", "open"}[v] }

// Path is the way from one subnet to another, to the world or to a service of AWS.
type Path struct {
	From, To string
	Verdict  Verdict
	// Why names the rules and routes that let it through, or what is missing.
	Why string
}

// Reach is every path of a connection.
type Reach []Path

// Verdict is open if all paths are, and closed if none lets anything through.
func (r Reach) Verdict() Verdict {
	least, most := Open, Closed
	for _, p := range r {
		least, most = min(least, p.Verdict), max(most, p.Verdict)
	}
	if least != most {
		return Partly
	}
	return most
}

// Reach says how much of a connection gets through, and why.
func (n *Network) Reach(c Connection) (Reach, error) {
	if c.Port < 1 || c.Port > 65535 {
		return nil, fmt.Errorf("the port is 1 to 65535, got %d", c.Port)
	}
	from, err := n.end(c.From)
	if err != nil {
		return nil, err
	}
	to, err := n.end(c.To)
	if err != nil {
		return nil, err
	}
	if from.vpc == "" && to.vpc == "" || from.service != "" {
		return nil, fmt.Errorf("from %s to %s is not decided by a network here", c.From, c.To)
	}
	var reach Reach
	for _, source := range from.places() {
		there := to
		if to.service != "" {
			if there, err = n.serviceFrom(from, source, to); err != nil {
				return nil, err
			}
		}
		for _, target := range there.places() {
			if to.service != "" && there.vpc != "" {
				target.name = there.name + " in " + target.name
			}
			l, err := n.between(from, source, there, target, c.Port)
			if err != nil {
				return nil, err
			}
			reach = append(reach, Path{From: source.name, To: target.name, Verdict: l.verdict, Why: l.why})
		}
	}
	return reach, nil
}

// between is the better of the ways between two places: inside of their VPC, and over the internet.
func (n *Network) between(from end, source place, to end, target place, port int) (leg, error) {
	if to.gateway != nil {
		out, err := n.passes(from, outward, port, peer{block: internet, list: text(to.gateway.Properties, "prefixListId")})
		return all(leg{Open, to.gateway.ID + " leads there"}, out), err
	}
	if from.vpc == "" || from.vpc != to.vpc {
		return n.overInternet(from, source, to, target, port)
	}
	out, err := n.passes(from, outward, port, peer{block: target.block, groups: to.groups})
	if err != nil {
		return out, err
	}
	in, err := n.passes(to, inward, port, peer{block: source.block, groups: from.groups})
	if err != nil {
		return in, err
	}
	inside := all(out, in)
	if inside.verdict == Open || !to.public {
		return inside, nil
	}
	over, err := n.overInternet(from, source, to, target, port)
	if err != nil || over.verdict > inside.verdict {
		return over, err
	}
	return inside, nil
}

// overInternet is the way by a public address. That of a source is not known, so only rules for the whole world let it in for sure.
func (n *Network) overInternet(from end, source place, to end, target place, port int) (leg, error) {
	var legs []leg
	if from.vpc != "" {
		route, err := n.wayOut(from, source)
		if err != nil {
			return route, err
		}
		out, err := n.passes(from, outward, port, peer{block: internet})
		if err != nil {
			return out, err
		}
		legs = append(legs, route, out)
	}
	if to.vpc != "" {
		route, err := n.wayIn(to, target)
		if err != nil {
			return route, err
		}
		in, err := n.passes(to, inward, port, peer{block: internet})
		if err != nil {
			return in, err
		}
		legs = append(legs, route, in)
	}
	return all(legs...), nil
}

// internet stands for every public address.
var internet = netip.MustParsePrefix("0.0.0.0/0")

// leg is a part of a path.
type leg struct {
	verdict Verdict
	why     string
}

// all is what gets through every leg.
func all(legs ...leg) leg {
	least := slices.MinFunc(legs, func(x, y leg) int { return int(x.verdict) - int(y.verdict) }).verdict
	var reasons []string
	for _, l := range legs {
		if least != Closed || l.verdict == Closed {
			reasons = append(reasons, l.why)
		}
	}
	return leg{least, strings.Join(reasons, ", ")}
}
