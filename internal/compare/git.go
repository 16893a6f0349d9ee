package compare

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"slipway/internal/compare/report"
	"strings"
)

// repository is the git repository that a project is in.
type repository struct {
	dir    string // the project's directory in the work tree
	prefix string // that directory as seen from the root; "" for the root itself
}

func openRepository(ctx context.Context, projectDir string) (*repository, error) {
	prefix, err := git(ctx, projectDir, "rev-parse", "--show-prefix")
	if err != nil {
		return nil, fmt.Errorf("a comparison needs a git repository: %w", err)
	}
	return &repository{dir: projectDir, prefix: prefix}, nil
}

// ignored are those of the paths that git ignores.
func (r *repository) ignored(ctx context.Context, paths []string) ([]string, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	list, err := git(ctx, r.dir, append([]string{"-c", "core.quotePath=false", "check-ignore", "--"}, paths...)...)
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 {
		return nil, nil // none
	}
	return strings.Split(list, "\n"), err
}

// base is the commit that the work tree is compared with.
type base struct {
	repository  *repository
	revision    string
	commit      string
	uncommitted bool   // the work tree has changes that are in no commit
	dir         string // where it is checked out
}

// base finds the merge base of HEAD and the revision: what the branch's own changes are changes of, as in git diff
// origin/main...HEAD. In a merge commit of a pull request that is the tip of the target branch.
func (r *repository) base(ctx context.Context, revision string) (*base, error) {
	if revision == "" || strings.HasPrefix(revision, "-") {
		return nil, fmt.Errorf("--base: got %q, takes a branch, tag or commit, such as origin/main", revision)
	}
	commit, err := git(ctx, r.dir, "rev-parse", "--verify", "--quiet", revision+"^{commit}")
	if err != nil {
		return nil, r.missing(ctx, fmt.Sprintf("--base: this clone has no commit %q", revision),
			"fetch it, or name another branch, tag or commit, such as --base main")
	}
	if _, err := git(ctx, r.dir, "rev-parse", "--verify", "--quiet", "HEAD^{commit}"); err != nil {
		return nil, errors.New("nothing is committed yet: there is no base to compare with")
	}
	mergeBase, err := git(ctx, r.dir, "merge-base", commit, "HEAD")
	if err != nil {
		return nil, r.missing(ctx, fmt.Sprintf("--base: %s and HEAD have no commit in common", revision),
			"name a branch, tag or commit that HEAD comes from")
	}
	status, err := git(ctx, r.dir, "status", "--porcelain", "--", ".")
	if err != nil {
		return nil, err
	}
	return &base{repository: r, revision: revision, commit: mergeBase, uncommitted: status != ""}, nil
}

// missing says what to do about a commit that is not there; in a shallow clone, most are not.
func (r *repository) missing(ctx context.Context, what, otherwise string) error {
	if shallow, err := git(ctx, r.dir, "rev-parse", "--is-shallow-repository"); err == nil && shallow == "true" {
		return fmt.Errorf("%s, and it is shallow; run `git fetch --unshallow origin`, or fetch the branch too: "+
			"`git fetch origin main:refs/remotes/origin/main`", what)
	}
	return fmt.Errorf("%s; %s", what, otherwise)
}

// checkOut makes a work tree of the base in dir. Hooks are the user's and are for the user's work trees.
func (b *base) checkOut(ctx context.Context, dir string) error {
	b.dir = dir
	if _, err := git(ctx, b.repository.dir, "-c", "core.hooksPath=/dev/null", "worktree", "add", "--quiet", "--detach", dir, b.commit); err != nil {
		return fmt.Errorf("%s could not be checked out: %w", b, err)
	}
	return nil
}

// remove takes the work tree away, also after ctx has ended.
func (b *base) remove(ctx context.Context) error {
	_, err := git(context.WithoutCancel(ctx), b.repository.dir, "worktree", "remove", "--force", b.dir)
	return err
}

func (b *base) projectDir() string {
	return filepath.Join(b.dir, filepath.FromSlash(b.repository.prefix))
}

// hasProject tells whether the base has a Pulumi project at all.
func (b *base) hasProject() bool {
	_, err := os.Stat(filepath.Join(b.projectDir(), "Pulumi.yaml"))
	return err == nil
}

func (b *base) String() string {
	return fmt.Sprintf("the base, %s at %s,", b.revision, report.Short(b.commit))
}

// Variables by which git, when it runs a hook, says which work tree and index it is about.
var gitVariables = []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"}

// git runs a git command in dir and returns what it printed.
func git(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	cmd.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains(gitVariables, name)
	})
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w\n%s", strings.Join(args, " "), errors.Join(err, ctx.Err()), bytes.TrimSpace(stderr.Bytes()))
	}
	return strings.TrimSpace(string(out)), nil
}
