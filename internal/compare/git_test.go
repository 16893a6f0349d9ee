package compare

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// clone is a git repository of a test.
type clone struct {
	t   *testing.T
	dir string
}

func newClone(t *testing.T) clone {
	t.Helper()
	c := clone{t, t.TempDir()}
	c.git("init", "--quiet", "--initial-branch=main")
	return c
}

func (c clone) git(args ...string) string {
	c.t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "protocol.file.allow=always"}, args...)...)
	cmd.Dir = c.dir
	out, err := cmd.CombinedOutput()
	require.NoError(c.t, err, "git %s:\n%s", strings.Join(args, " "), out)
	return strings.TrimSpace(string(out))
}

func (c clone) write(name, content string) {
	c.t.Helper()
	path := filepath.Join(c.dir, name)
	require.NoError(c.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(c.t, os.WriteFile(path, []byte(content), 0o755))
}

// commit commits a file and returns the commit.
func (c clone) commit(name, content string) string {
	c.t.Helper()
	c.write(name, content)
	c.git("add", "--all")
	c.git("commit", "--quiet", "--message=x")
	return c.git("rev-parse", "HEAD")
}

func (c clone) base(revision string) (*base, error) {
	c.t.Helper()
	repository, err := openRepository(c.t.Context(), c.dir)
	require.NoError(c.t, err)
	return repository.base(c.t.Context(), revision)
}

// TestTheBaseIsWhereTheBranchBegan has main go on after the branch: its changes are not the branch's.
func TestTheBaseIsWhereTheBranchBegan(t *testing.T) {
	t.Parallel()
	c := newClone(t)
	began := c.commit("a", "1")
	c.git("checkout", "--quiet", "-b", "feature")
	c.commit("b", "1")
	c.git("checkout", "--quiet", "main")
	tip := c.commit("a", "2")
	c.git("checkout", "--quiet", "feature")

	base, err := c.base("main")
	require.NoError(t, err)
	assert.Equal(t, began, base.commit)
	assert.False(t, base.uncommitted)

	c.git("merge", "--quiet", "--no-edit", "main")
	c.write("new", "")
	base, err = c.base("main")
	require.NoError(t, err)
	assert.Equal(t, tip, base.commit, "in a merge commit it is the tip that was merged")
	assert.True(t, base.uncommitted, "a file that is not added counts")
}

func TestABaseThatIsNotThere(t *testing.T) {
	t.Parallel()
	c := newClone(t)
	_, err := c.base("HEAD")
	require.ErrorContains(t, err, `no commit "HEAD"`)
	c.commit("a", "1")
	_, err = c.base("origin/main")
	assert.EqualError(t, err, `--base: this clone has no commit "origin/main"; fetch it, or name another branch, tag or commit, such as --base main`)
	for _, revision := range []string{"", "--output=/tmp/x"} {
		_, err = c.base(revision)
		assert.ErrorContains(t, err, "takes a branch, tag or commit", "an option of git is none")
	}
	c.git("checkout", "--quiet", "--orphan", "other")
	c.commit("a", "2")
	_, err = c.base("main")
	assert.ErrorContains(t, err, "main and HEAD have no commit in common")

	_, err = openRepository(t.Context(), t.TempDir())
	assert.ErrorContains(t, err, "a comparison needs a git repository")
}

// TestAShallowClone has the newest commit only.
func TestAShallowClone(t *testing.T) {
	t.Parallel()
	origin := newClone(t)
	first := origin.commit("a", "1")
	origin.commit("a", "2")
	c := clone{t, filepath.Join(t.TempDir(), "clone")}
	origin.git("clone", "--quiet", "--depth=1", "file://"+origin.dir, c.dir)
	_, err := c.base(first)
	require.ErrorContains(t, err, "it is shallow; run `git fetch --unshallow origin`")
	c.git("fetch", "--quiet", "--unshallow", "origin")
	base, err := c.base(first)
	require.NoError(t, err)
	assert.Equal(t, first, base.commit)
}

// TestTheBaseIsCheckedOutAndTakenAway also has a hook, which must not run, and a project below the repository's root.
func TestTheBaseIsCheckedOutAndTakenAway(t *testing.T) {
	t.Parallel()
	c := newClone(t)
	c.commit("infra/Pulumi.yaml", "name: shop")
	c.write(".git/hooks/post-checkout", "#!/bin/sh\ntouch \"$(git rev-parse --git-common-dir)/hook-ran\"\n")
	c.write("infra/Pulumi.yaml", "name: changed")
	before := c.git("status", "--porcelain")

	repository, err := openRepository(t.Context(), filepath.Join(c.dir, "infra"))
	require.NoError(t, err)
	base, err := repository.base(t.Context(), "main")
	require.NoError(t, err)
	dir := filepath.Join(t.TempDir(), "base")
	require.NoError(t, base.checkOut(t.Context(), dir))
	assert.Equal(t, filepath.Join(dir, "infra"), base.projectDir())
	assert.True(t, base.hasProject())
	content, err := os.ReadFile(filepath.Join(base.projectDir(), "Pulumi.yaml"))
	require.NoError(t, err)
	assert.Equal(t, "name: shop", string(content))
	assert.NoFileExists(t, filepath.Join(c.dir, ".git", "hook-ran"))

	require.NoError(t, base.remove(t.Context()))
	assert.NoDirExists(t, dir)
	assert.Len(t, strings.Split(c.git("worktree", "list"), "\n"), 1)
	assert.Equal(t, before, c.git("status", "--porcelain"))
}

func TestWhatGitIgnoresIsNobodyElses(t *testing.T) {
	t.Parallel()
	c := newClone(t)
	c.commit(".gitignore", "Pulumi.pr-*.yaml\n")
	for _, name := range []string{"Pulumi.pr-1.yaml", "Pulumi.staging.yaml", "Pulumi.new.yaml"} {
		c.write(name, "")
	}
	repository, err := openRepository(t.Context(), c.dir)
	require.NoError(t, err)
	paths := []string{filepath.Join(c.dir, "Pulumi.new.yaml"), filepath.Join(c.dir, "Pulumi.staging.yaml")}
	ignored, err := repository.ignored(t.Context(), paths)
	require.NoError(t, err)
	assert.Empty(t, ignored)
	ignored, err = repository.ignored(t.Context(), append(paths, filepath.Join(c.dir, "Pulumi.pr-1.yaml")))
	require.NoError(t, err)
	assert.Equal(t, []string{filepath.Join(c.dir, "Pulumi.pr-1.yaml")}, ignored)
}
