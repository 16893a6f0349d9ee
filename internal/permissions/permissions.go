// Package permissions knows which actions of IAM the AWS provider needs, for each type of resource that Slipway's programs have. It is
// knowledge about pulumi-aws v6 (the Terraform AWS provider 5): what its source calls, and what AWS checks besides, which AWS's
// Service Authorization Reference calls dependent actions. Roles are written from it, and the embedded AWS refuses by it.
//
// It covers the properties that Slipway's components set. Where a property needs more, such as a customer's own KMS key for a
// database, the actions on that key are not here: with the keys that AWS manages, the keys' own policies let everybody in who comes
// through the service.
package permissions

import (
	"maps"
	"slices"
)

// Row is what a type of resource needs. The actions are those of each operation alone; Of says what one needs in all.
type Row struct {
	// On is the property that names what the resource belongs to, such as a route's table. AWS checks a creation on that, and the other
	// actions too where the resource has no ARN of its own.
	On                           string
	Create, Read, Update, Delete []string
	// Tag is needed to create with tags, and to change them; Untag to take some away. Empty where tags come with the other calls, or there
	// are none.
	Tag, Untag []string
	// Passes are the roles that are handed over: whoever creates or updates needs iam:PassRole for them.
	Passes []Pass
	// Links are the services whose service-linked role AWS makes when an account creates its first resource of the type: whoever is the
	// first needs iam:CreateServiceLinkedRole.
	Links []string
	// Stays says why nothing is called for a deletion.
	Stays string
}

// Pass is a role that is handed over to a service.
type Pass struct {
	Property string // path of the property that names the role, such as target.roleArn
	Service  string // as in iam:PassedToService
	// IfChanged says that the provider names the role in an update only when it is another one than before.
	IfChanged bool
}

// Operation is what is done with a resource.
type Operation string

// The operations.
const (
	Create Operation = "create"
	Read   Operation = "read"
	Update Operation = "update"
	Delete Operation = "delete"
)

// The actions on roles that a row names by Passes and Links.
const (
	PassRole                = "iam:PassRole"
	CreateServiceLinkedRole = "iam:CreateServiceLinkedRole"
)

// Of are the actions that an operation needs, in order. The provider reads a resource after it has created or changed it, and
// waits for a deletion by reading. PassRole and CreateServiceLinkedRole are not among them: they are for the roles in Passes and
// the services in Links.
func (r Row) Of(operation Operation) []string {
	switch operation {
	case Create:
		return sorted(r.Create, r.Tag, r.Read)
	case Update:
		return sorted(r.Update, r.Tag, r.Untag, r.Read)
	case Delete:
		if r.Stays != "" {
			return nil
		}
		return sorted(r.Delete, r.Read)
	default:
		return sorted(r.Read)
	}
}

// changes are the actions that create, change or delete.
func (r Row) changes() []string {
	return sorted(r.Create, r.Update, r.Delete, r.Tag, r.Untag)
}

// resources is every row, by the type's token.
var resources = join(network, compute, databases, messages, buckets, web, monitoring, access, delivery)

// Of is the row of a type, by its token such as aws:ec2/vpc:Vpc.
func Of(token string) (Row, bool) {
	row, known := resources[token]
	return row, known
}

// Types are the tokens of all types that have a row, in order.
func Types() []string { return slices.Sorted(maps.Keys(resources)) }

// OfFunction are the actions that a function (a data source) calls, by its token such as aws:route53/getZone:getZone.
func OfFunction(token string) (actions []string, known bool) {
	actions, known = functions[token]
	return actions, known
}

// Needs is what some types and functions need together. All lists are in order, and name everything once.
type Needs struct {
	Reads   []string // to see what there is
	Changes []string // to change it, besides: most change something, a few look at what is in the way
	Passes  []string // the services that roles are handed over to
	Links   []string // the services that have a service-linked role made
}

// For adds up what types and functions need. What is neither, such as a component, needs nothing.
func For(tokens ...string) Needs {
	var needs Needs
	for _, token := range tokens {
		row := resources[token]
		needs.Reads = append(needs.Reads, row.Read...)
		needs.Reads = append(needs.Reads, functions[token]...)
		needs.Changes = append(needs.Changes, row.changes()...)
		for _, pass := range row.Passes {
			needs.Passes = append(needs.Passes, pass.Service)
		}
		needs.Links = append(needs.Links, row.Links...)
	}
	needs.Reads = sorted(needs.Reads)
	needs.Changes = slices.DeleteFunc(sorted(needs.Changes), func(action string) bool { return slices.Contains(needs.Reads, action) })
	needs.Passes, needs.Links = sorted(needs.Passes), sorted(needs.Links)
	return needs
}

func sorted(lists ...[]string) []string {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(lists...))))
}

func join(tables ...map[string]Row) map[string]Row {
	all := map[string]Row{}
	for _, table := range tables {
		maps.Copy(all, table)
	}
	return all
}
