package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"slipway/internal/gobuild"
	"slipway/internal/localaws"
	"slipway/internal/localrun"
	"slipway/internal/stacks"
)

// project is a directory with all that the program reads, a state and an embedded AWS.
type project struct{ dir, program string }

// newProject makes a project in dir, on whose embedded AWS nothing exists. root is the work tree.
func newProject(ctx context.Context, root, dir string) (project, error) {
	application := filepath.Join("docker", "app")
	if err := os.CopyFS(filepath.Join(dir, application), os.DirFS(filepath.Join(root, application))); err != nil {
		return project{}, err
	}
	// The version of the Pulumi CLI is pinned there.
	if err := os.Symlink(filepath.Join(root, "tools"), filepath.Join(dir, "tools")); err != nil {
		return project{}, err
	}
	for _, name := range []string{"Pulumi.yaml", "Pulumi.staging.yaml", "Pulumi.prod.yaml"} {
		content, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return project{}, err
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			return project{}, err
		}
	}
	program, err := gobuild.Program(ctx, root, filepath.Join(root, ".local", "bin", "program"), os.Stderr)
	return project{dir: dir, program: program}, err
}

// copyTo makes a copy with a state and an embedded AWS of its own.
func (p project) copyTo(dir string) (project, error) {
	return project{dir: dir, program: p.program}, os.CopyFS(dir, os.DirFS(p.dir))
}

func (p project) local() string { return filepath.Join(p.dir, ".local") }

// execution is a pulumi command that has ended.
type execution struct {
	command string
	output  string
	failed  bool
	calls   []call
}

// pulumi runs a command. That it fails is no error.
func (p project) pulumi(ctx context.Context, faults string, args ...string) (execution, error) {
	var output bytes.Buffer
	var mu sync.Mutex
	ran := execution{command: "pulumi " + strings.Join(args, " ")}
	session := p.session(faults, &output, func(operation localaws.Operation, urn string, do func()) {
		mu.Lock()
		ran.calls = append(ran.calls, newCall(operation, urn))
		mu.Unlock()
		do()
	})
	err := session.Run(ctx, append(args, "--non-interactive", "--color=never")...)
	ran.output = output.String()
	var exit *localrun.ExitError
	if ran.failed = errors.As(err, &exit); ran.failed {
		err = nil
	}
	if err == nil {
		err = ctx.Err() // what was cut off has shown nothing
	}
	return ran, err
}

func (p project) session(faults string, output io.Writer, around func(operation localaws.Operation, urn string, do func())) localrun.Session {
	return localrun.Session{
		Attach: func(ctx context.Context, dir, projectDir string) (localrun.Providers, error) {
			return localaws.Serve(ctx, localaws.Options{Dir: dir, ProjectDir: projectDir, Faults: faults, Around: around})
		},
		Dir:     p.local(),
		WorkDir: p.dir,
		Program: p.program,
		// What is failed here is calls, not the process: the state that is written at the end has all that those before it would have.
		// These processes end before a collection of their garbage is worth its time, a quarter of theirs.
		Environ: append(os.Environ(), "PULUMI_SKIP_CHECKPOINTS=true", "GOGC=off"),
		Stdin:   strings.NewReader(""),
		Stdout:  output,
		Stderr:  output,
	}
}

// deploy runs a deployment's command.
func (p project) deploy(ctx context.Context, e environment, d deployment, faults string) (execution, error) {
	return p.pulumi(ctx, faults, slices.Concat(d.args, []string{"-s", e.stack}, d.config)...)
}

// mustDeploy is deploy that has to succeed.
func (p project) mustDeploy(ctx context.Context, e environment, d deployment) ([]call, error) {
	ran, err := p.deploy(ctx, e, d, "")
	if err == nil && ran.failed {
		err = fmt.Errorf("%s: %s failed without a fault:\n%s", e.name, ran.command, ran.output)
	}
	return ran.calls, err
}

// recorded is what the state of a stack has. It is read from Pulumi's file, which takes no process.
func (p project) recorded(stack string) (map[localaws.Identity]bool, error) {
	recorded := map[localaws.Identity]bool{}
	file, err := os.ReadFile(filepath.Join(p.local(), "state", ".pulumi", "stacks", "slipway", stack+".json"))
	if errors.Is(err, fs.ErrNotExist) {
		return recorded, nil
	}
	if err != nil {
		return nil, err
	}
	var state struct {
		Checkpoint *struct {
			Latest *struct{ Resources []struct{ Type, ID string } }
		}
	}
	if err := json.Unmarshal(file, &state); err != nil {
		return nil, fmt.Errorf("the state of %s: %w", stack, err)
	}
	if state.Checkpoint == nil {
		return nil, fmt.Errorf("the state of %s has no checkpoint", stack)
	}
	if state.Checkpoint.Latest == nil {
		return recorded, nil
	}
	for _, r := range state.Checkpoint.Latest.Resources {
		recorded[localaws.Identity{Type: r.Type, ID: r.ID}] = true
	}
	return recorded, nil
}

// unowned is what exists and no state has, of an environment and the stack beside it, as "type id".
func (p project) unowned(e environment) (list []string, err error) {
	account, err := p.account()
	if err != nil {
		return nil, err
	}
	for _, stack := range []string{e.stack, e.beside} {
		recorded, err := p.recorded(stack)
		if err != nil {
			return nil, err
		}
		objects, err := account.Unrecorded(stack, recorded)
		if err != nil {
			return nil, err
		}
		list = append(list, names(objects)...)
	}
	return list, nil
}

// recover does what `slipway local recover` does.
func (p project) recover(ctx context.Context, e environment) error {
	var said bytes.Buffer
	at := stacks.Stacks{Place: &stacks.Embedded{ProjectDir: p.dir, Session: p.session("", &said, nil)}, Stderr: &said}
	if err := at.Recover(ctx, e.stack, stacks.Known{}); err != nil {
		return fmt.Errorf("%w\n%s", err, said.String())
	}
	return nil
}

// existing is all that exists, as "type id".
func (p project) existing() ([]string, error) {
	account, err := p.account()
	if err != nil {
		return nil, err
	}
	objects, err := account.List()
	return names(objects), err
}

func (p project) account() (*localaws.Account, error) {
	return localaws.Open(filepath.Join(p.local(), "aws"))
}

func names(objects []localaws.Object) (list []string) {
	for _, o := range objects {
		list = append(list, o.Type+" "+o.ID)
	}
	return list
}
