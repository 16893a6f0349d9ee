// Package localrun runs Pulumi commands on this machine alone: the user's project and the real Pulumi CLI, with the
// embedded AWS in the place of the provider plugins and with everything that Pulumi keeps in one directory.
package localrun

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"slipway/internal/gobuild"
	"slipway/internal/gohost"
)

// Providers are resource providers that Pulumi attaches to.
type Providers interface {
	// DebugProviders is the value of PULUMI_DEBUG_PROVIDERS, for example "aws:4711,docker:4712".
	DebugProviders() string
	Close() error
}

// Session runs Pulumi commands of one project. Its fields are set before the first Run. Sessions with different
// directories can run at the same time, and share one Program and one CLI.
type Session struct {
	// Attach serves the providers, which keep what exists in dir; projectDir is where relative paths in the program
	// begin. It is called for every command.
	Attach func(ctx context.Context, dir, projectDir string) (Providers, error)

	// WorkDir is where pulumi is started: in the project's directory or below. Default: the current directory.
	WorkDir string
	// Dir keeps the state, the embedded AWS and everything else of the local runs. Default: .local in the project.
	Dir string
	// Overrides is where configuration of local runs only is, as Pulumi.<stack>.yaml. Default: Dir.
	Overrides string
	// Program is the program's executable. Default: the one that runtime.options.binary in Pulumi.yaml names, or else it is
	// built from the project when its sources have changed.
	Program string
	// CLI is the pulumi executable. Default: the one on PATH when it is not older than the one that tools/ pins, or
	// else that one, built once.
	CLI string

	// Environ is the environment of which a local run takes what cannot lead out of the machine. Default: os.Environ().
	Environ []string

	// Stdin, Stdout and Stderr are pulumi's. Default: those of the process. A terminal is handed on as it is.
	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// ExitError is the end of a command that failed, pulumi or another. It has told the user why.
type ExitError struct{ Code int }

func (e *ExitError) Error() string { return fmt.Sprintf("the command exited with status %d", e.Code) }

// UsageError is an error in the arguments: nothing was run.
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() }
func (e *UsageError) Unwrap() error { return e.Err }

// Run runs `pulumi args...` and returns an *ExitError when pulumi fails. When ctx ends, pulumi is asked to cancel, as
// by SIGTERM, and Run returns when it has.
func (s *Session) Run(ctx context.Context, args ...string) error {
	inv, err := parseInvocation(args)
	if err != nil {
		return &UsageError{err}
	}
	if err := refuse(inv); err != nil {
		return &UsageError{err}
	}
	r, err := s.newRun(inv)
	if err != nil {
		return err
	}
	if inv.command == "" || inv.has("help") || inv.is("help", "version", "gen-completion") {
		if err := r.findCLI(ctx); err != nil {
			return err
		}
		return r.pulumi(ctx, args...)
	}
	fmt.Fprintf(r.stderr, "slipway: embedded AWS (account 123456789012), kept in %s: nothing leaves this machine\n", r.dir)
	return r.attached(ctx)
}

// FindCLI returns the pulumi executable of the session, and builds it when that is missing.
func (s *Session) FindCLI(ctx context.Context) (string, error) {
	r, err := s.newRun(invocation{})
	if err != nil {
		return "", err
	}
	err = r.findCLI(ctx)
	return r.cli, err
}

// Protected tells whether a local stack has resources that Pulumi refuses to delete. A stack that does not exist has
// none.
func (s *Session) Protected(ctx context.Context, stack string) (bool, error) {
	inv, err := parseInvocation([]string{"stack", "export", "-s", stack})
	if err != nil {
		return false, &UsageError{err}
	}
	r, err := s.newRun(inv)
	if err != nil || !r.project.stackExists(r.dir, stack) {
		return false, err
	}
	if err := r.findCLI(ctx); err != nil {
		return false, err
	}
	exported, err := r.quietly(ctx, inv.args...)
	if err != nil {
		return false, err
	}
	var state struct {
		Deployment struct {
			Resources []struct{ Protect bool }
		}
	}
	if err := json.Unmarshal(exported, &state); err != nil {
		return false, fmt.Errorf("the state of %s: %w", stack, err)
	}
	for _, resource := range state.Deployment.Resources {
		if resource.Protect {
			return true, nil
		}
	}
	return false, nil
}

// run is one run of a Session.
type run struct {
	inv            invocation
	project        project
	workDir        string
	dir            string
	overrides      string
	program        string
	cli            string
	attach         func(ctx context.Context, dir, projectDir string) (Providers, error)
	environ        []string
	stdin          io.Reader
	stdout, stderr io.Writer

	providers, languages string // the ports that Pulumi attaches to
}

func (s *Session) newRun(inv invocation) (*run, error) {
	r := &run{
		inv: inv, dir: s.Dir, overrides: s.Overrides, program: s.Program, cli: s.CLI, attach: s.Attach, environ: s.Environ,
		stdin: s.Stdin, stdout: s.Stdout, stderr: s.Stderr,
	}
	if r.stdin == nil {
		r.stdin = os.Stdin
	}
	if r.stdout == nil {
		r.stdout = os.Stdout
	}
	if r.stderr == nil {
		r.stderr = os.Stderr
	}
	if r.environ == nil {
		r.environ = os.Environ()
	}
	var err error
	if r.workDir, err = filepath.Abs(s.WorkDir); err != nil {
		return nil, err
	}
	start := inv.dir
	if !filepath.IsAbs(start) {
		start = filepath.Join(r.workDir, start)
	}
	projectDir, err := FindProject(start)
	if err != nil {
		return nil, err
	}
	if r.project, err = loadProject(projectDir); err != nil {
		return nil, err
	}
	if r.program == "" {
		r.program = r.project.program
	}
	if r.dir == "" {
		r.dir = filepath.Join(projectDir, ".local")
	}
	if r.dir, err = filepath.Abs(r.dir); err != nil {
		return nil, err
	}
	if r.overrides == "" {
		r.overrides = r.dir
	}
	// Pulumi's file backend wants its directory to be there.
	if err := os.MkdirAll(stateDir(r.dir), 0o755); err != nil {
		return nil, fmt.Errorf("local runs keep everything in %s, which cannot be written: %w; make it writable, or work in a copy of the project", r.dir, err)
	}
	return r, nil
}

// attached runs the command with everything that it can ask for.
func (r *run) attached(ctx context.Context) (err error) {
	if err := r.findCLI(ctx); err != nil {
		return err
	}
	args, after, err := r.prepare(ctx)
	if err != nil {
		return err
	}
	if r.inv.is("up", "preview", "watch") {
		// Before Pulumi's display begins. The language host finds it ready.
		if _, err := r.buildProgram(ctx); err != nil {
			return err
		}
	}
	// What is attached has to live until pulumi has cancelled, which is after ctx ends.
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	providers, err := r.attach(serving, filepath.Join(r.dir, "aws"), r.project.dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, providers.Close()) }()
	r.providers = providers.DebugProviders()

	host, err := gohost.Serve(r.environment(), r.buildProgram)
	if err != nil {
		return err
	}
	defer host.Close()
	r.languages = host.DebugLanguages()

	if err := r.pulumi(ctx, args...); err != nil {
		return err
	}
	return after()
}

// buildProgram returns the path of the program, built anew when its sources have changed.
func (r *run) buildProgram(ctx context.Context) (string, error) {
	if r.program != "" {
		return r.program, nil
	}
	return gobuild.Program(ctx, r.project.dir, filepath.Join(r.dir, "bin", "program"), r.stderr)
}

func (r *run) environment() []string {
	return environment(r.environ, r.dir, r.workDir, r.providers, r.languages)
}

// pulumi runs the CLI with the session's terminal.
func (r *run) pulumi(ctx context.Context, args ...string) error {
	cmd := exec.Command(r.cli, args...)
	cmd.Dir = r.workDir
	cmd.Env = r.environment()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = r.stdin, r.stdout, r.stderr
	return RunInForeground(ctx, cmd)
}

// quietly runs a command of the CLI for a purpose of our own and returns its output. On failure the error has it.
func (r *run) quietly(ctx context.Context, args ...string) ([]byte, error) {
	args = append(args, "--non-interactive", "--color=never")
	cmd := exec.CommandContext(ctx, r.cli, args...)
	cmd.Dir = r.workDir
	cmd.Env = r.environment()
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return nil, fmt.Errorf("pulumi %s: %w\n%s", args[0], err, exit.Stderr)
		}
		return nil, fmt.Errorf("pulumi %s: %w", args[0], err)
	}
	return out, nil
}
