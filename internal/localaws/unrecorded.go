package localaws

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
)

// Unrecorded returns what resources of a stack have made and its state does not have. A run that is killed leaves such:
// AWS finishes what it was asked for, and nobody notes it down. What AWS makes of itself beside a resource is not among
// it: that goes with the resource.
func (a *Account) Unrecorded(stack string, recorded map[Identity]bool) ([]Object, error) {
	all, err := a.List()
	var found []Object
	for _, o := range all {
		made, err := urn.Parse(o.URN)
		if err != nil || made.Stack().String() != stack || recorded[o.identity()] {
			continue
		}
		if string(made.Type()) == o.Type { // what AWS makes beside a resource has that one's URN, such as the secret of a database
			found = append(found, o)
		}
	}
	return found, err
}

// RemoveUnrecorded removes what Unrecorded returns, users before what they use, and returns what it has removed. Deletion
// protection is for what somebody uses, and nobody has used these; for the same reason nothing of them is kept, neither a
// snapshot nor a secret that could be restored. The error is AWS's refusal of the first that could not be.
func (a *Account) RemoveUnrecorded(stack string, recorded map[Identity]bool) (removed []Object, err error) {
	left, err := a.Unrecorded(stack, recorded)
	if err != nil {
		return nil, err
	}
	for progress := true; progress && len(left) > 0; {
		progress, err = false, nil
		var refused []Object
		for _, o := range left {
			refusal := a.update(func() ([]change, error) {
				current := a.everything[o.key()]
				if current == nil {
					return nil, nil // it went with another one
				}
				changes, err := catalogue[o.Type].unguardedRemoval(a.at(o.scope()), current)
				return slices.DeleteFunc(changes, func(c change) bool { return c.Put != nil }), err
			})
			if refusal != nil {
				refused = append(refused, o)
				if err == nil {
					err = refusal
				}
				continue
			}
			removed, progress = append(removed, o), true
		}
		left = refused
	}
	return removed, err
}
