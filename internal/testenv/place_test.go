package testenv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"slipway/internal/localaws"
	"slipway/internal/localrun"
)

// fakeAWS is AWS with a pulumi that answers as it is told. The real one is run by the end-to-end tests.
type fakeAWS struct {
	dir     string
	answers map[string]string // by the beginning of the command; the longest counts
	// fails are commands that fail, by their beginning, with what pulumi says. Each fails once.
	fails map[string]string
	calls []string
	said  bytes.Buffer
}

const emptyState = `{"deployment": {}}`

func newFakeAWS(t *testing.T) *fakeAWS {
	t.Helper()
	f := &fakeAWS{dir: t.TempDir(), fails: map[string]string{}, answers: map[string]string{
		"stack ls":     `[{"name": "staging", "current": true}]`,
		"stack tag ls": `{}`,
		"stack export": emptyState,
	}}
	f.write(t, "Pulumi.staging.yaml", "config:\n  shop:ephemeral: true\n")
	f.write(t, "Pulumi.prod.yaml", "config:\n  shop:domain: example.com\n")
	return f
}

// newEnvironment is newFakeAWS with a test environment pr-1 of staging.
func newEnvironment(t *testing.T, kind Kind) *fakeAWS {
	f := newFakeAWS(t)
	f.answers["stack ls"] = `[{"name": "pr-1", "resourceCount": 3, "lastUpdate": "2026-11-21T10:00:00.000Z"}, {"name": "staging", "current": true}]`
	f.answers["stack tag ls --json -s pr-1"] = fmt.Sprintf(`{"test-environment": %q, "test-environment-from": "staging"}`, kind)
	return f
}

func (f *fakeAWS) environments() *Environments {
	return &Environments{Place: f, Project: "shop", Command: "slipway env", Yes: true, Stderr: &f.said}
}

func (f *fakeAWS) write(t *testing.T, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(f.dir, name), []byte(text), 0o644))
}

func (f *fakeAWS) read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(f.dir, name))
	require.NoError(t, err)
	return string(data)
}

func (f *fakeAWS) Pulumi(ctx context.Context, heard io.Writer, args ...string) error {
	_, err := f.Output(ctx, heard, args...)
	return err
}

func (f *fakeAWS) Output(_ context.Context, heard io.Writer, args ...string) ([]byte, error) {
	command := strings.Join(args, " ")
	f.calls = append(f.calls, command)
	for beginning, says := range f.fails {
		if strings.HasPrefix(command, beginning) {
			delete(f.fails, beginning)
			_, err := io.WriteString(heard, says)
			return nil, errors.Join(&localrun.ExitError{Code: 255}, err)
		}
	}
	answer, longest := "", ""
	for beginning, text := range f.answers {
		if strings.HasPrefix(command, beginning) && len(beginning) > len(longest) {
			answer, longest = text, beginning
		}
	}
	return []byte(answer), nil
}

func (f *fakeAWS) SourceFiles(stack string) ([]string, error) {
	return []string{filepath.Join(f.dir, "Pulumi."+stack+".yaml")}, nil
}

func (f *fakeAWS) EnvironmentFiles(name string) ([]string, error) { return f.SourceFiles(name) }

func (f *fakeAWS) Account() (*localaws.Account, error) { return nil, nil }
