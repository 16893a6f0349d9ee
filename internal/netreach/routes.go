package netreach

import (
	"fmt"
	"slices"
)

// routeTable is the id of a subnet's route table, or empty for the main one of the VPC, which leads nowhere but the VPC.
func (n *Network) routeTable(subnet string) string {
	for _, o := range n.byType[associationType] {
		if text(o.Properties, "subnetId") == subnet {
			return text(o.Properties, "routeTableId")
		}
	}
	return ""
}

// defaultRoute is what a subnet's route for the internet leads to: an internet gateway, a NAT gateway, or nothing.
func (n *Network) defaultRoute(subnet string) (gateway, nat string, err error) {
	table := n.routeTable(subnet)
	for _, o := range n.byType[routeType] {
		if table == "" || text(o.Properties, "routeTableId") != table {
			continue
		}
		if !slices.ContainsFunc([]string{"gatewayId", "natGatewayId"}, func(target string) bool { return text(o.Properties, target) != "" }) {
			return "", "", fmt.Errorf("the route %s leads neither to an internet gateway nor to a NAT gateway; others are not evaluated", o.ID)
		}
		switch text(o.Properties, "destinationCidrBlock") {
		case internet.String():
			gateway, nat = text(o.Properties, "gatewayId"), text(o.Properties, "natGatewayId")
		case "":
		default:
			return "", "", fmt.Errorf("the route %s is for %s; only routes for all of the internet are evaluated", o.ID, text(o.Properties, "destinationCidrBlock"))
		}
	}
	if o := n.find(table, routeTableType); o != nil && o.Properties["routes"] != nil {
		return "", "", fmt.Errorf("the route table %s has routes in it; only routes that are resources of their own are evaluated", table)
	}
	return gateway, nat, nil
}

// wayOut is how an end reaches the internet from one of its subnets.
func (n *Network) wayOut(e end, from place) (leg, error) {
	gateway, nat, err := n.defaultRoute(from.name)
	switch {
	case err != nil:
		return leg{}, err
	case gateway != "" && e.public:
		return leg{Open, gateway + " leads out"}, nil
	case gateway != "":
		return leg{why: fmt.Sprintf("%s has no public address, which it needs to leave by %s", e.name, gateway)}, nil
	case nat == "":
		return leg{why: "no route leads to the internet"}, nil
	}
	o := n.find(nat, natGatewayType)
	if o == nil || text(o.Properties, "connectivityType") == "private" {
		return leg{why: fmt.Sprintf("the NAT gateway %s has no public address", nat)}, nil
	}
	gateway, _, err = n.defaultRoute(text(o.Properties, "subnetId"))
	if err != nil || gateway == "" {
		return leg{why: fmt.Sprintf("no route leads from the NAT gateway %s to an internet gateway", nat)}, err
	}
	return leg{Open, fmt.Sprintf("%s and %s lead out", nat, gateway)}, nil
}

// wayIn is how the internet reaches an end in one of its subnets.
func (n *Network) wayIn(e end, to place) (leg, error) {
	if !e.public {
		return leg{why: e.name + " has no public address"}, nil
	}
	gateway, _, err := n.defaultRoute(to.name)
	if err != nil || gateway == "" {
		return leg{why: "no internet gateway leads in"}, err
	}
	return leg{Open, gateway + " leads in"}, nil
}
