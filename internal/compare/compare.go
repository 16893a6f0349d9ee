// Package compare shows what a change does to environments that are deployed: it deploys the base of the change onto an
// embedded AWS, and previews the work tree there. No credentials, no account, and nothing of the user's local runs.
package compare

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"slipway/internal/compare/report"
	"slipway/internal/gobuild"
	"slipway/internal/localrun"
)

// Options say what to compare.
type Options struct {
	// ProjectDir is the project's directory in the work tree, which is the head.
	ProjectDir string
	// Revision is what the change is for, for example "origin/main"; its merge base with HEAD is the base.
	Revision string
	// Stacks are the stacks to compare. Default: all that the base or the head configures.
	Stacks []string
	// Attach serves the embedded AWS; see localrun.Session.
	Attach func(ctx context.Context, dir, projectDir string) (localrun.Providers, error)
	// Log takes the progress.
	Log io.Writer
}

// comparison is one run.
type comparison struct {
	Options
	base  *base
	dir   string // temporary: the base's work tree, the program, and a directory for each stack
	local string // the user's own .local, of which only the configuration is read
	cli   string
}

// Run compares. The error is of what concerns all stacks; what concerns one is in the report. Nothing is left behind,
// also when ctx ends.
func Run(ctx context.Context, options Options) (_ report.Report, err error) {
	repository, err := openRepository(ctx, options.ProjectDir)
	if err != nil {
		return report.Report{}, err
	}
	base, err := repository.base(ctx, options.Revision)
	if err != nil {
		return report.Report{}, err
	}
	dir, err := os.MkdirTemp("", "slipway-compare-")
	if err != nil {
		return report.Report{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	c := &comparison{Options: options, base: base, dir: dir, local: filepath.Join(options.ProjectDir, ".local")}
	if err := base.checkOut(ctx, filepath.Join(dir, "base")); err != nil {
		return report.Report{}, err
	}
	defer func() { err = errors.Join(err, base.remove(ctx)) }()
	return c.run(ctx)
}

func (c *comparison) run(ctx context.Context) (report.Report, error) {
	found := report.Report{Revision: c.Revision, Base: c.base.commit, Uncommitted: c.base.uncommitted}
	stacks, err := c.stacks(ctx)
	if err != nil {
		return report.Report{}, err
	}
	head := &localrun.Session{WorkDir: c.ProjectDir, Dir: filepath.Join(c.dir, "cli"), Stderr: c.Log}
	if c.cli, err = head.FindCLI(ctx); err != nil {
		return report.Report{}, err
	}
	if slices.ContainsFunc(stacks, func(s report.Stack) bool { return !s.New && !s.Removed }) {
		if err := c.deployBase(ctx, stacks); err != nil {
			return report.Report{}, err
		}
	}
	if slices.ContainsFunc(stacks, func(s report.Stack) bool { return !s.Removed && s.BaseFailure == "" }) {
		if err := c.previewHead(ctx, stacks); err != nil {
			return report.Report{}, err
		}
	}
	found.Stacks = stacks
	return found, nil
}

// stacks are the stacks to compare, by what configures them.
func (c *comparison) stacks(ctx context.Context) ([]report.Stack, error) {
	inHead, err := localrun.ConfiguredStacks(c.ProjectDir)
	if err != nil {
		return nil, err
	}
	inBase := map[string]string{}
	if c.base.hasProject() {
		if inBase, err = localrun.ConfiguredStacks(c.base.projectDir()); err != nil {
			return nil, fmt.Errorf("%s: %w", c.base, err)
		}
	}
	names := c.Stacks
	if len(names) == 0 {
		if names, err = c.everyStack(ctx, inHead, inBase); err != nil {
			return nil, err
		}
	}
	var stacks []report.Stack
	var unknown []error
	for i, name := range names {
		_, head := inHead[name]
		_, base := inBase[name]
		switch {
		case !head && !base:
			unknown = append(unknown, fmt.Errorf("-s %s: neither the base nor the work tree has Pulumi.%[1]s.yaml", name))
		case !slices.Contains(names[:i], name):
			stacks = append(stacks, report.Stack{
				Name: name, New: !base, Removed: !head,
				Replaced: []report.Resource{}, Deleted: []report.Resource{}, Created: []report.Resource{}, Updated: []report.Resource{},
			})
		}
	}
	if len(unknown) > 0 {
		return nil, &localrun.UsageError{Err: errors.Join(unknown...)}
	}
	if len(stacks) == 0 {
		return nil, errors.New("there is nothing to compare: neither the base nor the work tree configures a stack")
	}
	return stacks, nil
}

// everyStack are all stacks but those whose configuration git ignores: they are somebody's own, and no part of a change.
func (c *comparison) everyStack(ctx context.Context, inHead, inBase map[string]string) ([]string, error) {
	ignored, err := c.base.repository.ignored(ctx, slices.Collect(maps.Values(inHead)))
	if err != nil {
		return nil, err
	}
	all := slices.Collect(maps.Keys(inBase))
	for name, path := range inHead {
		if !slices.Contains(ignored, path) {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// deployBase builds the base's program and deploys every stack that both sides have.
func (c *comparison) deployBase(ctx context.Context, stacks []report.Stack) error {
	program, err := c.build(ctx, c.base.projectDir())
	if err != nil {
		return fmt.Errorf("%s does not build: %w", c.base, err)
	}
	for i := range stacks {
		if stacks[i].New || stacks[i].Removed {
			continue
		}
		end := c.step("%s: deploying the base", stacks[i].Name)
		output, err := c.pulumi(ctx, c.base.projectDir(), program, stacks[i].Name,
			"up", "--yes", "--skip-preview", "--suppress-outputs", "--suppress-progress")
		end(err)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			stacks[i].BaseFailure = failure(output.combined(), err)
		}
	}
	return nil
}

// previewHead builds the work tree's program and previews every stack on what the base has deployed.
func (c *comparison) previewHead(ctx context.Context, stacks []report.Stack) error {
	program, err := c.build(ctx, c.ProjectDir)
	if err != nil {
		return fmt.Errorf("the work tree does not build: %w", err)
	}
	for i := range stacks {
		if stacks[i].Removed || stacks[i].BaseFailure != "" {
			continue
		}
		end := c.step("%s: previewing the work tree", stacks[i].Name)
		output, err := c.pulumi(ctx, c.ProjectDir, program, stacks[i].Name, "preview", "--json")
		end(err)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if readErr := ReadPreview(&stacks[i], output.stdout.Bytes()); readErr != nil {
			if err == nil {
				return fmt.Errorf("%s: pulumi preview --json: %w", stacks[i].Name, readErr)
			}
			stacks[i].Refusal = failure(output.stderr.String(), err)
		} else if err != nil && stacks[i].Refusal == "" {
			stacks[i].Refusal = failure(output.stderr.String(), err)
		}
	}
	return nil
}

// build builds both programs to the same path: when the sources are the same, the second build has nothing to do.
func (c *comparison) build(ctx context.Context, projectDir string) (string, error) {
	return gobuild.Program(ctx, projectDir, filepath.Join(c.dir, "program"), c.Log)
}

// output is what pulumi wrote.
type output struct{ stdout, stderr bytes.Buffer }

func (o *output) combined() string { return o.stderr.String() + o.stdout.String() }

// pulumi runs a command on the embedded AWS of a stack.
func (c *comparison) pulumi(ctx context.Context, projectDir, program, stack string, args ...string) (*output, error) {
	var out output
	session := &localrun.Session{
		Attach:    c.Attach,
		WorkDir:   projectDir,
		Dir:       filepath.Join(c.dir, "stacks", stack),
		Overrides: c.local,
		Program:   program,
		CLI:       c.cli,
		Stdin:     strings.NewReader(""),
		Stdout:    &out.stdout,
		Stderr:    &out.stderr,
	}
	return &out, session.Run(ctx, append(args, "-s", stack, "--non-interactive", "--color=never")...)
}

// failure is what went wrong: pulumi's words, without the list of the resources before them and without our own lines.
func failure(output string, err error) string {
	var exit *localrun.ExitError
	if !errors.As(err, &exit) {
		return err.Error()
	}
	if _, diagnostics, ok := strings.Cut(output, "Diagnostics:\n"); ok {
		output = diagnostics
		if before, _, ok := strings.Cut(output, "\nResources:\n"); ok {
			output = before
		}
	}
	var lines []string
	for line := range strings.Lines(output) {
		if !strings.HasPrefix(line, "slipway: ") {
			lines = append(lines, line)
		}
	}
	if text := strings.TrimSpace(strings.Join(lines, "")); text != "" {
		return text
	}
	return err.Error()
}

// step says what is being done, and afterwards how long it took.
func (c *comparison) step(format string, args ...any) (end func(error)) {
	started := time.Now()
	fmt.Fprintf(c.Log, "slipway: "+format+" ... ", args...)
	return func(err error) {
		if err != nil {
			fmt.Fprintln(c.Log, "failed")
			return
		}
		fmt.Fprintln(c.Log, time.Since(started).Round(100*time.Millisecond))
	}
}
