package testenv

import (
	"context"
	"slices"
)

// The tags that a test environment's stack has in Pulumi's backend.
const (
	kindTag = "test-environment"
	fromTag = "test-environment-from"
)

// stack is a stack of the project as the backend lists it.
type stack struct {
	Name          string `json:"name"`
	Current       bool   `json:"current"`
	LastUpdate    string `json:"lastUpdate"`
	ResourceCount *int   `json:"resourceCount"`
}

func (e *Environments) stacks(ctx context.Context) ([]stack, error) {
	var stacks []stack
	err := e.pulumi().Query(ctx, &stacks, "stack", "ls", "--json")
	return stacks, err
}

func has(stacks []stack, name string) bool {
	return slices.ContainsFunc(stacks, func(s stack) bool { return s.Name == name })
}

// origin is what the backend knows of how a stack was made; it is zero for one that is no test environment.
type origin struct {
	kind Kind
	from string
}

func (e *Environments) origin(ctx context.Context, stack string) (origin, error) {
	var tags map[string]string
	err := e.pulumi().Query(ctx, &tags, "stack", "tag", "ls", "--json", "-s", stack)
	return origin{Kind(tags[kindTag]), tags[fromTag]}, err
}

// mark makes the backend know how a stack was made.
func (e *Environments) mark(ctx context.Context, stack string, o origin) error {
	// The kind comes last: by it a test environment is known.
	for _, tag := range [][2]string{{fromTag, o.from}, {kindTag, string(o.kind)}} {
		if _, err := e.pulumi().Output(ctx, "stack", "tag", "set", tag[0], tag[1], "-s", stack); err != nil {
			return err
		}
	}
	return nil
}
