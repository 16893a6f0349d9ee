package components

import (
	"fmt"
	"slices"

	awsec2 "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-awsx/sdk/v2/go/awsx/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// awsx gives its subnets and its route tables in one list each, zone by zone, and tells the tier in the tag SubnetType.
//
// A single one is taken from those lists and not from the lists of ids. While a preview adds a zone, one id is unknown;
// a list of ids then is unknown as a whole, and whatever is made of one of its entries would be shown as
// replaced, NAT gateways among it. Resources in a list stay known one by one.

// subnetId is the subnet of a tier in one zone, counted from 0.
func (v *Vpc) subnetId(tier ec2.SubnetType, zone int) pulumi.StringOutput {
	return v.Network.Subnets.ApplyT(func(subnets []*awsec2.Subnet) pulumi.StringOutput {
		var list tieredList
		for _, subnet := range subnets {
			list.add(subnet.ID(), subnet.Tags)
		}
		return list.one(tier, zone)
	}).(pulumi.StringOutput)
}

// routeTableId is the route table of a tier's subnet in one zone, counted from 0.
func (v *Vpc) routeTableId(tier ec2.SubnetType, zone int) pulumi.StringOutput {
	return v.Network.RouteTables.ApplyT(func(tables []*awsec2.RouteTable) pulumi.StringOutput {
		return tieredRouteTables(tables).one(tier, zone)
	}).(pulumi.StringOutput)
}

// routeTableIds are all route tables of some tiers.
func (v *Vpc) routeTableIds(tiers ...ec2.SubnetType) pulumi.StringArrayOutput {
	return v.Network.RouteTables.ApplyT(func(tables []*awsec2.RouteTable) pulumi.StringArrayOutput {
		return tieredRouteTables(tables).all(tiers)
	}).(pulumi.StringArrayOutput)
}

func tieredRouteTables(tables []*awsec2.RouteTable) *tieredList {
	list := &tieredList{}
	for _, table := range tables {
		list.add(table.ID(), table.Tags)
	}
	return list
}

// tieredList is what awsx lists zone by zone: ids, and the tags that tell the tier.
type tieredList struct {
	ids  []pulumi.IDOutput
	tags []any // of pulumi.StringMapOutput
}

func (l *tieredList) add(id pulumi.IDOutput, tags pulumi.StringMapOutput) {
	l.ids = append(l.ids, id)
	l.tags = append(l.tags, tags)
}

func (l *tieredList) one(tier ec2.SubnetType, zone int) pulumi.StringOutput {
	return pulumi.All(l.tags...).ApplyT(func(tags []any) (pulumi.StringOutput, error) {
		matching := l.matching(tags, tier)
		if zone >= len(matching) {
			return pulumi.StringOutput{}, fmt.Errorf("awsx lists %d of the tier %s; zone %d is to have one too", len(matching), tier, zone+1)
		}
		return matching[zone].ToStringOutput(), nil
	}).(pulumi.StringOutput)
}

func (l *tieredList) all(tiers []ec2.SubnetType) pulumi.StringArrayOutput {
	return pulumi.All(l.tags...).ApplyT(func(tags []any) pulumi.StringArrayOutput {
		var ids pulumi.StringArray
		for _, id := range l.matching(tags, tiers...) {
			ids = append(ids, id)
		}
		return ids.ToStringArrayOutput()
	}).(pulumi.StringArrayOutput)
}

func (l *tieredList) matching(tags []any, tiers ...ec2.SubnetType) (ids []pulumi.IDOutput) {
	for i, id := range l.ids {
		if slices.Contains(tiers, ec2.SubnetType(tags[i].(map[string]string)["SubnetType"])) {
			ids = append(ids, id)
		}
	}
	return ids
}
