// Package testenv makes test environments, lists them and takes them down: stacks of the project that are made from the
// configuration of another one, on AWS or on the embedded AWS.
package testenv

import (
	"context"
	"fmt"
	"io"
	"regexp"

	"slipway/internal/localrun"
	"slipway/internal/stacks"
)

// Kind is what a test environment has of its own.
type Kind string

const (
	// Whole has everything of its own.
	Whole Kind = "whole"
	// Shared uses the network, load balancer, cluster and database of the stack that it is made from.
	Shared Kind = "shared"
)

// Place is where test environments are: AWS, or the embedded one.
type Place interface {
	stacks.Place
	// SourceFiles are the files with a stack's configuration, of which some may be missing. The values of later ones count.
	SourceFiles(stack string) ([]string, error)
	// EnvironmentFiles are those that a test environment's configuration is written to, one for each of SourceFiles.
	EnvironmentFiles(name string) ([]string, error)
}

// Environments are the test environments of a project.
type Environments struct {
	Place Place
	// Project is the project's name, the prefix of its configuration keys.
	Project string
	// Command is how the user names these commands, "slipway env" or "slipway local env", for messages.
	Command string
	// Yes says that pulumi does not ask before it changes something.
	Yes bool
	// Stderr is where it is said what was done.
	Stderr io.Writer
	// Databases drops databases. Nil where none runs, as on the embedded AWS.
	Databases Databases
}

// pulumi works on the stacks of the environments.
func (e *Environments) pulumi() *stacks.Stacks {
	return &stacks.Stacks{Place: e.Place, Stderr: e.Stderr}
}

// settle clears away what a run that was cut off has left, where everything that exists is known. On AWS the user has to
// look for it; see reportPending.
func (e *Environments) settle(ctx context.Context, name string, before stacks.State) error {
	account, err := e.Place.Account()
	if err != nil || account == nil || len(before.PendingOperations) == 0 {
		return err
	}
	return e.pulumi().Recover(ctx, name, stacks.Known{})
}

func (e *Environments) say(format string, args ...any) {
	fmt.Fprintf(e.Stderr, "slipway: "+format+"\n", args...)
}

// names are those that can be a host label and, with _ for -, part of a database's name.
var names = regexp.MustCompile(`^[a-z][a-z0-9-]{0,27}$`)

func checkName(name string) error {
	if !names.MatchString(name) || name[len(name)-1] == '-' {
		return &localrun.UsageError{Err: fmt.Errorf("the name %q; it takes lower-case letters, digits and hyphens, at most 28, a letter first and no hyphen last, "+
			"such as pr-123, because it becomes part of a host name and of a database's name", name)}
	}
	return nil
}

// approval is what makes pulumi not ask.
func (e *Environments) approval() []string {
	if e.Yes {
		return []string{"--yes"}
	}
	return nil
}
