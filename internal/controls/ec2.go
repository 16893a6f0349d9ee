package controls

import (
	"slices"
	"strings"

	"slipway/internal/state"
)

const (
	vpc                  = "aws:ec2/vpc:Vpc"
	subnet               = "aws:ec2/subnet:Subnet"
	vpcEndpoint          = "aws:ec2/vpcEndpoint:VpcEndpoint"
	securityGroup        = "aws:ec2/securityGroup:SecurityGroup"
	ingressRule          = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	egressRule           = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	defaultSecurityGroup = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
)

var ec2Controls = []control{
	{id: "EC2.2", title: "The default security group lets nothing through", of: []string{vpc}, check: func(in *state.State, r *state.Resource) (findings []Finding) {
		groups := in.Where(defaultSecurityGroup, "vpcId", r.ID)
		for _, group := range groups {
			rules := len(group.At("ingress").List()) + len(group.At("egress").List())
			findings = append(findings, must(rules == 0, group.Name, "rules", "none")...)
		}
		return append(findings, must(len(groups) > 0, "default security group", "AWS's rules", "none")...)
	}},
	{id: "EC2.6", title: "Networks have flow logs", of: []string{vpc}, check: has("aws:ec2/flowLog:FlowLog", "vpcId")},
	{id: "EC2.10", title: "The API of EC2 is reached by an endpoint", of: []string{vpcEndpoint}, where: toService("ec2"), option: "`endpointServices: [ec2]`; nothing calls it"},
	{id: "EC2.15", title: "Subnets give no public addresses", of: []string{subnet}, check: func(_ *state.State, r *state.Resource) []Finding {
		return must(!r.At("mapPublicIpOnLaunch").Bool(), "mapPublicIpOnLaunch", "true", "false")
	}},
	{id: "EC2.18, EC2.19", title: "The world reaches ports 80 and 443 only", of: []string{securityGroup, ingressRule}, check: openToTheWorld},
	{id: "EC2.55", title: "The API of ECR is reached by an endpoint", of: []string{vpc}, where: isolated, none: notIsolated, check: hasEndpoint("ecr.api")},
	{id: "EC2.56", title: "The registry is reached by an endpoint", of: []string{vpc}, where: isolated, none: notIsolated, check: hasEndpoint("ecr.dkr")},
	{id: "EC2.57", title: "Systems Manager is reached by an endpoint", of: []string{vpcEndpoint}, where: toService("ssm"), option: "`endpointServices: [ssm]`; nothing calls it"},
	{id: "EC2.58", title: "Incident Manager's contacts are reached by an endpoint", of: []string{vpcEndpoint}, where: toService("ssm-contacts"), option: "`endpointServices: [ssm-contacts]`; nothing calls it"},
	{id: "EC2.60", title: "Incident Manager is reached by an endpoint", of: []string{vpcEndpoint}, where: toService("ssm-incidents"), option: "`endpointServices: [ssm-incidents]`; nothing calls it"},
	{id: "AwsSolutions-EC27", title: "Every security group and every rule is described", of: []string{securityGroup, ingressRule, egressRule}, check: func(_ *state.State, r *state.Resource) []Finding {
		// AWS fills in the first text where none is given, and Terraform's provider the second.
		text := r.At("description").String()
		return must(!slices.Contains([]string{"", "Managed by Terraform", "Managed by Pulumi"}, text), "description", text, "what it is for")
	}},
}

const notIsolated = "tasks reach AWS over the internet"

// isolated tells a network that tasks are in without a way to the internet.
func isolated(in *state.State, network *state.Resource) bool {
	if len(in.Of("aws:ec2/natGateway:NatGateway")) > 0 {
		return false
	}
	for _, service := range in.Of(ecsService) {
		for _, id := range service.At("networkConfiguration", "subnets").Strings() {
			for _, s := range in.Where(subnet, "vpcId", network.ID) {
				if s.ID == id && !isPublic(in, id) {
					return true
				}
			}
		}
	}
	return false
}

func toService(name string) func(*state.State, *state.Resource) bool {
	return func(_ *state.State, r *state.Resource) bool {
		return strings.HasSuffix(r.At("serviceName").String(), "."+name)
	}
}

func hasEndpoint(service string) func(*state.State, *state.Resource) []Finding {
	return func(in *state.State, r *state.Resource) []Finding {
		for _, endpoint := range in.Where(vpcEndpoint, "vpcId", r.ID) {
			if strings.HasSuffix(endpoint.At("serviceName").String(), "."+service) {
				return nil
			}
		}
		return must(false, "endpoint of "+service, "", "one")
	}
}

// openToTheWorld looks at rules of their own and at those inside a group.
func openToTheWorld(_ *state.State, r *state.Resource) (findings []Finding) {
	rules := r.At("ingress").List()
	if r.Type == ingressRule {
		rules = []state.Value{r.At()}
	}
	for _, rule := range rules {
		from := append(rule.At("cidrBlocks").Strings(), rule.At("cidrIpv4").String(), rule.At("cidrIpv6").String())
		from = append(from, rule.At("ipv6CidrBlocks").Strings()...)
		if !slices.Contains(from, "0.0.0.0/0") && !slices.Contains(from, "::/0") {
			continue
		}
		first, last := rule.At("fromPort").String(), rule.At("toPort").String()
		findings = append(findings, must(first == last && (first == "80" || first == "443"), "fromPort, toPort", "the world on "+first+" to "+last, "80 or 443")...)
	}
	return findings
}

// isPublic tells a subnet whose route table leads to an internet gateway.
func isPublic(in *state.State, id string) bool {
	return slices.ContainsFunc(routesOf(in, id), func(route state.Value) bool {
		return strings.HasPrefix(route.At("gatewayId").String(), "igw-")
	})
}

// routesOf are the routes of a subnet's table, in it or of their own.
func routesOf(in *state.State, id string) (routes []state.Value) {
	for _, association := range in.Where("aws:ec2/routeTableAssociation:RouteTableAssociation", "subnetId", id) {
		table := association.At("routeTableId").String()
		for _, route := range in.Where("aws:ec2/route:Route", "routeTableId", table) {
			routes = append(routes, route.At())
		}
		for _, r := range in.Of("aws:ec2/routeTable:RouteTable") {
			if r.ID == table {
				routes = append(routes, r.At("routes").List()...)
			}
		}
	}
	return routes
}

func knowsSubnet(in *state.State, id string) bool {
	return slices.ContainsFunc(in.Of(subnet), func(r *state.Resource) bool { return r.ID == id })
}
