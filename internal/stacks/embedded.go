package stacks

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slipway/internal/localaws"
	"slipway/internal/localrun"
)

// Embedded is the embedded AWS.
type Embedded struct {
	ProjectDir string
	// Session runs pulumi. Its Dir and its writers are set.
	Session localrun.Session
}

// Pulumi implements Place.
func (l *Embedded) Pulumi(ctx context.Context, heard io.Writer, args ...string) error {
	session := l.Session
	session.Stderr = io.MultiWriter(session.Stderr, heard)
	return session.Run(ctx, args...)
}

// Output implements Place.
func (l *Embedded) Output(ctx context.Context, heard io.Writer, args ...string) ([]byte, error) {
	session := l.Session
	var out bytes.Buffer
	session.Stdin, session.Stdout, session.Stderr = bytes.NewReader(nil), &out, heard
	err := session.Run(ctx, append(args, "--non-interactive", "--color=never")...)
	return out.Bytes(), err
}

// SourceFiles implements Place: a stack's configuration, and what local runs have in its place.
func (l *Embedded) SourceFiles(stack string) ([]string, error) {
	file, err := localrun.ConfigFile(l.ProjectDir, stack)
	return []string{file, localrun.OverridesFile(l.Session.Dir, stack)}, err
}

// EnvironmentFiles implements Place: apart from the project's, so that an environment of the same name on AWS stays as
// it is.
func (l *Embedded) EnvironmentFiles(name string) ([]string, error) {
	return []string{localrun.EnvironmentFile(l.Session.Dir, name), localrun.OverridesFile(l.Session.Dir, name)}, nil
}

// Account implements Place.
func (l *Embedded) Account() (*localaws.Account, error) {
	account, err := localaws.Open(filepath.Join(l.Session.Dir, "aws"))
	if err != nil {
		return nil, fmt.Errorf("the embedded AWS: %w", err)
	}
	return account, nil
}
