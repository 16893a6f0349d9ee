package localaws

import (
	"time"
)

// admission is a create or an update in front of the account, which is locked and up to date.
type admission struct {
	*draft
	// previous is the object before an update, nil for a create.
	previous *Object
}

// others calls visit for every object of a type in the account but the one being updated.
func (a *admission) others(typ string, visit func(*Object) error) error {
	for o := range a.account.objects() {
		if o.Type == typ && (a.previous == nil || o != a.previous) {
			if err := visit(o); err != nil {
				return err
			}
		}
	}
	return nil
}

// admitted checks the draft against the account and returns the changes that make it an object, its own first.
func (k *kind) admitted(a *Account, d *draft, previous *Object) ([]change, error) {
	references, err := k.resolve(a, d)
	if err != nil {
		return nil, err
	}
	admission := &admission{draft: d, previous: previous}
	if err := admission.checkUnique(); err != nil {
		return nil, err
	}
	if k.admit != nil {
		if err := k.admit(admission); err != nil {
			return nil, err
		}
	}
	o := &Object{Type: k.token, ID: d.id, Account: d.accountID, Region: d.region, URN: string(d.urn), Created: time.Now().UTC(), References: references,
		Inputs: toStoredMap(d.inputs), Properties: toStoredMap(d.properties())}
	if previous != nil {
		o.Created = previous.Created
	}
	changes := []change{{Put: o}}
	if k.alongside != nil {
		for _, c := range k.alongside(admission) {
			if c.Put != nil {
				if c.Put.Account == "" {
					c.Put.Account, c.Put.Region = d.accountID, d.region
				}
				c.Put.URN, c.Put.Created = o.URN, time.Now().UTC()
				// An update can make another one, as a build does with images: that one is new.
				if there := a.everything[c.Put.key()]; there != nil {
					c.Put.Created = there.Created
				}
			}
			changes = append(changes, c)
		}
	}
	return changes, nil
}

// checkUnique refuses a second object of a name or id where that has to be the only one, with the service's own code where the kind has one.
func (a *admission) checkUnique() error {
	for property, code := range a.kind.unique {
		value := a.text(property)
		for _, other := range a.account.everything {
			if value == "" || other.Type != a.kind.token || other == a.previous || other.text(property) != value ||
				keyOf(other.scope(), other.Type, value) != keyOf(a.scope, other.Type, value) {
				continue
			}
			if code == ownBucket && other.Account != a.accountID {
				code = othersBucket
			}
			return refuse(code, "a %s with the %s '%s' already exists", a.kind.noun, property, value)
		}
	}
	if existing := a.account.existing(a.kind.token, a.id); existing != nil && a.previous == nil && (a.kind.overwrites == nil || !a.kind.overwrites(a.draft)) {
		return refuse(orDefault(a.kind.unique["id"], "EntityAlreadyExists"), "%s %s already exists; %s made it", a.kind.noun, a.id, existing.URN)
	}
	return nil
}
