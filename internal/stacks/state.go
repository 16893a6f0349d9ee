package stacks

import (
	"context"
	"slices"

	"slipway/internal/localaws"
)

// State is a stack's exported state as far as it is looked at here.
type State struct {
	Resources []Resource
	// PendingOperations are what was begun by a run that did not live to see the end of it.
	PendingOperations []struct {
		Resource Resource
		Type     string
	} `json:"pending_operations"`
	SecretsProviders struct {
		Type  string
		State struct {
			Salt         string // of a passphrase
			URL          string // of a key in a cloud
			EncryptedKey string
		}
	} `json:"secrets_providers"`
}

// Resource is a resource of a State.
type Resource struct {
	URN, Type, ID string
	Custom        bool
	Protect       bool
	// Delete and PendingReplacement say that there is another one in its place, or is to be.
	Delete, PendingReplacement bool
	Inputs                     map[string]any
}

// State exports the state of a stack.
func (s *Stacks) State(ctx context.Context, stack string) (state State, err error) {
	return state, s.Query(ctx, &struct{ Deployment *State }{&state}, "stack", "export", "-s", stack)
}

// Protected are the logical names of what Pulumi refuses to delete.
func (s State) Protected() (names []string) {
	for _, r := range s.Resources {
		if r.Protect {
			names = append(names, logicalName(r.URN))
		}
	}
	return names
}

// IsEmpty tells whether nothing was ever made.
func (s State) IsEmpty() bool {
	return len(s.PendingOperations) == 0 && !slices.ContainsFunc(s.Resources, func(r Resource) bool { return r.Custom })
}

// present is the resource of a URN, as the state has it and is to keep it; nil for none.
func (s State) present(urn string) *Resource {
	i := slices.IndexFunc(s.Resources, func(r Resource) bool { return r.URN == urn && !r.Delete && !r.PendingReplacement })
	if i < 0 {
		return nil
	}
	return &s.Resources[i]
}

// objects are the resources of a state as the embedded AWS names them.
func (s State) objects() map[localaws.Identity]bool {
	objects := map[localaws.Identity]bool{}
	for _, r := range s.Resources {
		objects[localaws.Identity{Type: r.Type, ID: r.ID}] = true
	}
	return objects
}
