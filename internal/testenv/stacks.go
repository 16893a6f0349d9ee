package testenv

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
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
	err := e.query(ctx, &stacks, "stack", "ls", "--json")
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
	err := e.query(ctx, &tags, "stack", "tag", "ls", "--json", "-s", stack)
	return origin{Kind(tags[kindTag]), tags[fromTag]}, err
}

// mark makes the backend know how a stack was made.
func (e *Environments) mark(ctx context.Context, stack string, o origin) error {
	// The kind comes last: by it a test environment is known.
	for _, tag := range [][2]string{{fromTag, o.from}, {kindTag, string(o.kind)}} {
		if _, err := e.output(ctx, "stack", "tag", "set", tag[0], tag[1], "-s", stack); err != nil {
			return err
		}
	}
	return nil
}

// state is a stack's exported state as far as it is looked at here.
type state struct {
	Resources         []resource
	PendingOperations []struct {
		Resource resource
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

type resource struct {
	URN, Type, ID string
	Custom        bool
	Protect       bool
	Inputs        map[string]any
}

func (e *Environments) state(ctx context.Context, stack string) (s state, err error) {
	return s, e.query(ctx, &struct{ Deployment *state }{&s}, "stack", "export", "-s", stack)
}

// protected are the logical names of what Pulumi refuses to delete.
func (s state) protected() (names []string) {
	for _, r := range s.Resources {
		if r.Protect {
			names = append(names, logicalName(r.URN))
		}
	}
	return names
}

// isEmpty tells whether nothing was ever made.
func (s state) isEmpty() bool {
	return len(s.PendingOperations) == 0 && !slices.ContainsFunc(s.Resources, func(r resource) bool { return r.Custom })
}

// query runs a command that prints JSON.
func (e *Environments) query(ctx context.Context, answer any, args ...string) error {
	out, err := e.output(ctx, args...)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(out, answer); err != nil {
		return fmt.Errorf("pulumi %s %s: %w", args[0], args[1], err)
	}
	return nil
}

// output runs a command for a purpose of our own. When it fails, the user sees why.
func (e *Environments) output(ctx context.Context, args ...string) ([]byte, error) {
	var heard bytes.Buffer
	out, err := e.Place.Output(ctx, &heard, args...)
	if err != nil {
		_, writeErr := heard.WriteTo(e.Stderr)
		err = errors.Join(err, writeErr)
	}
	return out, err
}

func logicalName(text string) string {
	made, err := urn.Parse(text)
	if err != nil {
		return text
	}
	return made.Name()
}
