package e2e

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/compare"
	"slipway/internal/compare/report"
	"slipway/internal/localaws"
	"slipway/internal/localrun"
)

// committed is a project whose files, with the program's sources, are committed in a git repository of their own.
func committed(t *testing.T) *project {
	t.Helper()
	p := newProject(t)
	sources, err := filepath.Glob(filepath.Join(repository, "*.go"))
	require.NoError(t, err)
	for _, source := range append(sources, filepath.Join(repository, "go.mod"), filepath.Join(repository, "go.sum")) {
		copyFile(t, source, filepath.Join(p.dir, filepath.Base(source)))
	}
	for _, name := range []string{"components", "internal"} {
		copyTree(t, filepath.Join(repository, name), filepath.Join(p.dir, name))
	}
	require.NoError(t, os.WriteFile(filepath.Join(p.dir, ".gitignore"), []byte("/.local/\n"), 0o644))
	p.git("init", "--quiet", "--initial-branch=main")
	p.commit()
	return p
}

func (p *project) git(args ...string) string {
	p.t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=Test", "-c", "user.email=test@example.com"}, args...)...)
	cmd.Dir = p.dir
	out, err := cmd.CombinedOutput()
	require.NoError(p.t, err, "git %s:\n%s", strings.Join(args, " "), out)
	return string(out)
}

func (p *project) commit() {
	p.t.Helper()
	p.git("add", "--all")
	p.git("commit", "--quiet", "--message=x")
}

// compare compares the work tree with main.
func (p *project) compare(ctx context.Context, log io.Writer) (report.Report, error) {
	p.t.Helper()
	return compare.Run(ctx, compare.Options{
		ProjectDir: p.dir, Revision: "main", Log: log,
		Attach: func(ctx context.Context, dir, projectDir string) (localrun.Providers, error) {
			return localaws.Serve(ctx, localaws.Options{Dir: dir, ProjectDir: projectDir})
		},
	})
}

// TestCompare changes the configuration and the program on a branch, the latter without a commit, and compares with main.
func TestCompare(t *testing.T) {
	t.Parallel()
	p := committed(t)
	p.git("checkout", "--quiet", "-b", "feature")
	p.set("staging", map[string]any{"slipway:webEnvironment": map[string]any{"LEVEL": "debug"}, "slipway:webPort": 9000})
	require.NoError(t, os.Remove(filepath.Join(p.dir, "Pulumi.prod.yaml")))
	p.commit()
	const loaded = "\t\treturn err\n\t}\n" // the configuration, at the first place
	p.edit("main.go", loaded, loaded+"\tcfg.SessionKey.Description = \"Signs sessions\"\n")
	before := p.git("status", "--porcelain")

	report, err := p.compare(t.Context(), io.Discard)
	require.NoError(t, err)
	require.NoError(t, report.Failures())
	var text strings.Builder
	require.NoError(t, report.WriteText(&text))
	const replaces = " (replaces the resource)\n"
	for _, lines := range []string{
		"The work tree, with changes that are not committed, compared with main at ",
		"\nprod: removed: it has no configuration any more\n",
		"\nstaging: 2 replaced, 6 updated, ",
		"  replace  aws:lb/targetGroup:TargetGroup web-tg\n             port: 8000 -> 9000" + replaces,
		`containerDefinitions["web"].environment["LEVEL"]: added, "debug"` + replaces,
		`containerDefinitions["web"].environment["PORT"]: "8000" -> "9000"` + replaces,
		"  update   aws:secretsmanager/secret:Secret secret-key-secret\n             description: \"Signs the web application's sessions\" -> \"Signs sessions\"\n",
	} {
		assert.Contains(t, text.String(), lines)
	}
	p.isAsItWas(before)
}

// TestCompareThatFails has a base that does not build.
func TestCompareThatFails(t *testing.T) {
	t.Parallel()
	p := committed(t)
	before := p.git("status", "--porcelain")
	p.edit("main.go", "package main", "package main; broken")
	p.commit()
	_, err := p.compare(t.Context(), io.Discard)
	require.ErrorContains(t, err, "the base, main at ")
	require.ErrorContains(t, err, "does not build")
	assert.ErrorContains(t, err, "./main.go:", "and the compiler says where")
	p.isAsItWas(before)

	// Interrupted, it takes away what it has begun.
	ctx, cancel := context.WithCancel(t.Context())
	_, err = p.compare(ctx, writer(func() { cancel() }))
	require.ErrorIs(t, err, context.Canceled)
	p.isAsItWas(before)
}

// writer calls a function when something is written.
type writer func()

func (w writer) Write(data []byte) (int, error) {
	w()
	return len(data), nil
}

// edit replaces a text in a file.
func (p *project) edit(name, old, new string) {
	p.t.Helper()
	path := filepath.Join(p.dir, name)
	source, err := os.ReadFile(path)
	require.NoError(p.t, err)
	require.Contains(p.t, string(source), old)
	require.NoError(p.t, os.WriteFile(path, []byte(strings.Replace(string(source), old, new, 1)), 0o644))
}

// isAsItWas checks that a comparison has left nothing behind.
func (p *project) isAsItWas(status string) {
	p.t.Helper()
	assert.Equal(p.t, status, p.git("status", "--porcelain"), "the work tree is as it was")
	assert.Len(p.t, strings.Split(strings.TrimSpace(p.git("worktree", "list")), "\n"), 1)
	assert.NoDirExists(p.t, filepath.Join(p.dir, ".local"), "the user's own local runs are not touched")
}
