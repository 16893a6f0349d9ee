// Package stacks works on the stacks of a project with the pulumi of one place, AWS or the embedded AWS: it reads their
// states, takes their locks, and recovers what a run that died has left.
package stacks

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"slipway/internal/localaws"
)

// Place is where stacks are: AWS, or the embedded one.
type Place interface {
	// Pulumi runs a pulumi command for the user, in their terminal, and returns a *localrun.ExitError when it fails.
	// What it says on stderr goes to heard too.
	Pulumi(ctx context.Context, heard io.Writer, args ...string) error
	// Output runs a pulumi command for a purpose of our own, and returns what it prints. It never asks. What it says on
	// stderr goes to heard alone.
	Output(ctx context.Context, heard io.Writer, args ...string) ([]byte, error)
	// Account is what exists, where everything that exists is known: on the embedded AWS. It is nil on AWS.
	Account() (*localaws.Account, error)
}

// Stacks are the stacks of a project at one place.
type Stacks struct {
	Place Place
	// Tags find what stacks have made. Default: Recover has the user look for it.
	Tags Tags
	// Stderr is where it is said what was done.
	Stderr io.Writer
}

func (s *Stacks) say(format string, args ...any) {
	fmt.Fprintf(s.Stderr, "slipway: "+format+"\n", args...)
}

// Query runs a command that prints JSON.
func (s *Stacks) Query(ctx context.Context, answer any, args ...string) error {
	out, err := s.Output(ctx, args...)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(out, answer); err != nil {
		return fmt.Errorf("pulumi %s %s: %w", args[0], args[1], err)
	}
	return nil
}

// Output runs a command for a purpose of our own. When it fails, the user sees why.
func (s *Stacks) Output(ctx context.Context, args ...string) ([]byte, error) {
	var heard bytes.Buffer
	out, err := s.Place.Output(ctx, &heard, args...)
	if err != nil {
		_, writeErr := heard.WriteTo(s.Stderr)
		err = errors.Join(err, writeErr)
	}
	return out, err
}
