package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"

	"slipway/internal/gobuild"
)

// stack is something to measure: staging as it is, a number of web services, or the times of deployments.
type stack struct {
	name     string
	services int // 0 for the others
}

// deployTime stands for the environments whose deployments are timed on an AWS that takes its time.
const deployTime = "deploy-time"

// runs is how often a stack is measured unless the user says otherwise. Short commands vary more, and the largest stack
// takes minutes.
func (s stack) runs() int {
	if s.services > 0 {
		return 1
	}
	return 5
}

// parseStacks reads "staging", "deploy-time" and numbers of web services; all mistakes at once.
func parseStacks(names []string) ([]stack, error) {
	var stacks []stack
	var wrong []error
	for _, name := range names {
		parsed := stack{name: name}
		if name != "staging" && name != deployTime {
			count, err := strconv.Atoi(name)
			if err != nil || count < 1 {
				wrong = append(wrong, fmt.Errorf(`--only: got %q, takes "staging", "deploy-time" or a number of web services, such as --only staging,10`, name))
				continue
			}
			parsed = stack{name: fmt.Sprintf("services-%d", count), services: count}
		}
		if slices.Contains(stacks, parsed) {
			wrong = append(wrong, fmt.Errorf("--only: %q is there twice; remove one", name))
			continue
		}
		stacks = append(stacks, parsed)
	}
	if len(names) == 0 {
		wrong = append(wrong, errors.New(`--only: got nothing, takes "staging", "deploy-time" or a number of web services`))
	}
	return stacks, errors.Join(wrong...)
}

// project is a directory with all that a stack's program reads at run time. State and embedded AWS are in it too, so
// that the user's own local stacks stay as they are.
type project struct {
	dir     string
	program string
	latency string // how slow the embedded AWS is; empty for at once
}

// prepare makes a stack's project in dir and builds its program. root is the work tree.
func (s stack) prepare(ctx context.Context, root, dir string) (project, error) {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return project{}, err
	}
	// The version of the Pulumi CLI is pinned there.
	if err := os.Symlink(filepath.Join(root, "tools"), filepath.Join(dir, "tools")); err != nil {
		return project{}, err
	}
	if s.services > 0 {
		return s.prepareServices(ctx, root, dir)
	}
	for _, name := range []string{"Pulumi.yaml", "Pulumi.staging.yaml", "Pulumi.prod.yaml"} {
		if err := copyFile(filepath.Join(root, name), filepath.Join(dir, name)); err != nil {
			return project{}, err
		}
	}
	application := filepath.Join("docker", "app")
	if err := os.CopyFS(filepath.Join(dir, application), os.DirFS(filepath.Join(root, application))); err != nil {
		return project{}, err
	}
	program, err := gobuild.Program(ctx, root, filepath.Join(root, ".local", "bin", "program"), os.Stderr)
	return project{dir: dir, program: program}, err
}

func (s stack) prepareServices(ctx context.Context, root, dir string) (project, error) {
	source := filepath.Join(root, "internal", "bench", "services")
	if err := copyFile(filepath.Join(source, "Pulumi.yaml"), filepath.Join(dir, "Pulumi.yaml")); err != nil {
		return project{}, err
	}
	if err := os.WriteFile(filepath.Join(dir, "Pulumi."+s.name+".yaml"), []byte(s.config()), 0o644); err != nil {
		return project{}, err
	}
	program := filepath.Join(root, ".local", "bin", "bench-services")
	build := exec.CommandContext(ctx, "go", "build", "-ldflags=-s -w", "-o", program, ".")
	build.Dir = source
	if out, err := build.CombinedOutput(); err != nil {
		return project{}, fmt.Errorf("%s: %w\n%s", build, err, out)
	}
	return project{dir: dir, program: program}, nil
}

// config is the stack configuration of web services.
func (s stack) config() string {
	return fmt.Sprintf("config:\n  aws:region: us-east-1\n  slipway-bench:services: %d\n", s.services)
}

func copyFile(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o644)
}
