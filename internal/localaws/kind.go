package localaws

import (
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// kind is a resource type of the catalogue: its schema, which the SDK's types give, and what they do not say.
type kind struct {
	schema

	// service and noun name AWS's API operations: "EC2" and "Vpc" make CreateVpc, ModifyVpc and DeleteVpc.
	service, noun string
	// id makes the provider's id of a new object. The default is the value of the property that idFrom names.
	id     func(*draft) string
	idFrom string
	// named is how a name is made where the program gives none; nil for types without names.
	named *naming
	// unique lists properties of which no two objects may have the same value, with AWS's code for a second one.
	unique map[string]string
	// overwrites tells whether the creation takes the place of an object of the same id, as AWS's Put operations do.
	overwrites func(*draft) bool
	// replace lists the inputs that AWS cannot change in place.
	replace []string
	// replaceToo adds those that it cannot change in place because of their values.
	replaceToo func(before, after resource.PropertyMap) []string
	// deleteFirst is for types of which pulumi-aws deletes the old object before it creates the replacement.
	deleteFirst bool
	// defaults are the outputs that AWS fills in when the inputs leave them out.
	defaults map[string]any
	// volatile lists outputs that only the update itself can tell, so that a preview of one shows them as unknown.
	volatile []string
	// references overrides, by property path, what a property refers to; see the table in references.go.
	references map[string]reference
	// check adds what is wrong with the inputs that are known, in preview and in the deployment alike.
	check func(*checking)
	// compute sets the outputs.
	compute func(*draft)
	// admit refuses what depends on other objects.
	admit func(*admission) error
	// alongside is what AWS makes, or takes away, of itself together with this object, such as the secret of a database.
	alongside func(*admission) []change
	// afterDelete is what a deletion does besides removing the object: what goes with it, and what stays of it.
	afterDelete func(*Account, *Object) ([]change, error)
	// quiet lists the paths of inputs whose changes are no difference, such as a password that is new in every run.
	quiet []string
	// inUse is AWS's answer to a delete while one of the given types refers to the object; nil lets it go.
	inUse *inUse
	// guard refuses a delete for what the object itself says, such as deletion protection.
	guard func(*Object) error
}

// inUse is how AWS refuses to delete an object that others use.
type inUse struct {
	code string
	// by are the types that hold the object; empty means every type that refers to it.
	by []string
	// message is AWS's, with one %s for the object's id, and perhaps a second one for its account; the default names the user.
	message string
	// unless names the property that lets the object go, together with those that hold it, such as forceDelete.
	unless string
}

// refuseInUse says no, as AWS does, to deleting an object that others use.
func (k *kind) refuseInUse(a *Account, o *Object) error {
	if k.inUse == nil {
		return nil
	}
	if k.inUse.unless != "" && o.Properties[k.inUse.unless] == true {
		return nil
	}
	holders := k.holders(a, o)
	if len(holders) == 0 {
		return nil
	}
	if k.inUse.message != "" {
		return k.operation("Delete", "deleting", refuse(k.inUse.code, k.inUse.message, []any{o.ID, o.Account}[:strings.Count(k.inUse.message, "%s")]...))
	}
	user := holders[0]
	return k.operation("Delete", "deleting", refuse(k.inUse.code, "%s %s is in use by %s %s (%s) and cannot be deleted", k.noun, o.ID, user.Type, user.ID, user.URN))
}

// holders are the users of an object that keep it from being deleted.
func (k *kind) holders(a *Account, o *Object) (holders []*Object) {
	for _, user := range a.users(o) {
		if len(k.inUse.by) == 0 || slices.Contains(k.inUse.by, user.Type) {
			holders = append(holders, user)
		}
	}
	return holders
}

// removal is every change that deleting an object makes, or AWS's refusal to delete it.
func (k *kind) removal(a *Account, o *Object) ([]change, error) {
	if k.guard != nil {
		if err := k.guard(o); err != nil {
			return nil, k.operation("Delete", "deleting", err)
		}
	}
	return k.unguardedRemoval(a, o)
}

// unguardedRemoval is removal after whatever protects the object itself was lifted.
func (k *kind) unguardedRemoval(a *Account, o *Object) ([]change, error) {
	if err := k.refuseInUse(a, o); err != nil {
		return nil, err
	}
	changes := []change{o.removed()}
	if k.inUse != nil && k.inUse.unless != "" {
		for _, user := range k.holders(a, o) {
			changes = append(changes, user.removed())
		}
	}
	if k.afterDelete != nil {
		more, err := k.afterDelete(a, o)
		if err != nil {
			return nil, k.operation("Delete", "deleting", err)
		}
		changes = append(changes, more...)
	}
	return changes, nil
}

// sortedKeys are a map's keys in order, for messages that stay the same.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
