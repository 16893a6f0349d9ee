package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"slipway/internal/localrun"
)

// options say how to measure.
type options struct {
	runs       int     // 0 for the stack's own number
	faster     float64 // than AWS, for the times of deployments
	profileDir string
	log        io.Writer
}

// command is a Pulumi command that is measured.
type command struct {
	name string
	args []string
}

// commands are measured in this order; a run ends as it began, with nothing. --yes as in make up: the update has its
// preview before it.
var commands = []command{
	{"preview", []string{"preview"}},
	{"up", []string{"up", "--yes"}},
	{"preview, no changes", []string{"preview", "--expect-no-changes"}},
	{"up, no changes", []string{"up", "--yes", "--expect-no-changes"}},
	{"destroy", []string{"destroy", "--yes"}},
}

// run measures the stacks one after the other.
func run(ctx context.Context, stacks []stack, options options) (_ report, err error) {
	root, err := localrun.FindProject(".")
	if err != nil {
		return report{}, err
	}
	if options.profileDir != "" {
		if err := os.MkdirAll(options.profileDir, 0o755); err != nil {
			return report{}, fmt.Errorf("--profile: %w", err)
		}
	}
	temporary, err := os.MkdirTemp("", "slipway-bench-")
	if err != nil {
		return report{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temporary)) }()

	measured := newReport()
	for _, s := range stacks {
		fmt.Fprintf(options.log, "bench: %s: building the program if it has changed; the first time about 2 minutes\n", s.name)
		project, err := s.prepare(ctx, root, filepath.Join(temporary, s.name))
		if err != nil {
			return report{}, err
		}
		if s.name == deployTime {
			if measured.Deployments, err = timeDeployments(ctx, project, options); err != nil {
				return report{}, fmt.Errorf("%s: %w", s.name, err)
			}
			continue
		}
		rows, err := s.measure(ctx, project, options)
		if err != nil {
			return report{}, fmt.Errorf("%s: %w", s.name, err)
		}
		measured.Rows = append(measured.Rows, rows...)
	}
	return measured, nil
}

// measure runs the commands as often as asked for, and gives a row for each.
func (s stack) measure(ctx context.Context, project project, options options) ([]row, error) {
	// Not measured: a stack is created once. This also reads the CLI from the disk, or builds it.
	if _, err := project.pulumi(ctx, "", "stack", "init", s.name); err != nil {
		return nil, err
	}
	runs := cmp.Or(options.runs, s.runs())
	measurements := make([][]measurement, len(commands))
	resources := 0
	for number := range runs {
		for i, c := range commands {
			fmt.Fprintf(options.log, "bench: %s: run %d of %d: %s ... ", s.name, number+1, runs, c.name)
			m, err := project.pulumi(ctx, s.profile(options.profileDir, c), slices.Concat(c.args, []string{"-s", s.name})...)
			if err != nil {
				fmt.Fprintln(options.log, "failed")
				return nil, err
			}
			fmt.Fprintln(options.log, m.wall.Round(time.Millisecond))
			measurements[i] = append(measurements[i], m)
			if c.name == "up" && number == 0 {
				if resources, err = project.resources(ctx, s.name); err != nil {
					return nil, err
				}
			}
		}
	}
	rows := make([]row, len(commands))
	for i, c := range commands {
		rows[i] = newRow(s.name, resources, c.name, measurements[i])
	}
	return rows, nil
}

// profile is the file for a command's profile, such as services-100-up-no-changes.pprof; of several runs the last stays.
func (s stack) profile(dir string, c command) string {
	if dir == "" {
		return ""
	}
	name := s.name + "-" + strings.NewReplacer(",", "", " ", "-").Replace(c.name) + ".pprof"
	return filepath.Join(dir, name)
}

// resources is how many resources the stack has, counted as in Pulumi's own summaries: with components and the stack, without
// providers.
func (p project) resources(ctx context.Context, stack string) (int, error) {
	exported, err := p.pulumi(ctx, "", "stack", "export", "-s", stack)
	if err != nil {
		return 0, err
	}
	var state struct {
		Deployment struct{ Resources []struct{ Type string } }
	}
	if err := json.Unmarshal(exported.stdout, &state); err != nil {
		return 0, fmt.Errorf("pulumi stack export: %w", err)
	}
	count := 0
	for _, resource := range state.Deployment.Resources {
		if !strings.HasPrefix(resource.Type, "pulumi:providers:") {
			count++
		}
	}
	return count, nil
}
