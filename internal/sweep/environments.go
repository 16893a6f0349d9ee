package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"slipway/internal/localrun"
)

// environment is something that is deployed, changed and destroyed.
type environment struct {
	name, stack string
	// beside is the stack that is there before, and whose parts it shares; empty for none.
	beside string
	// protected says that an update has to lift the protection before anything is destroyed.
	protected bool
}

var environments = []environment{
	{name: "staging", stack: "staging"},
	{name: "prod", stack: "prod", protected: true},
	{name: "shared", stack: "pr-1", beside: "staging"},
}

// deployment is one command that changes an environment.
type deployment struct {
	name string
	args []string
	// config is given to the command, and to the preview after it.
	config []string
}

var (
	create  = deployment{name: "create", args: []string{"up", "--yes", "--skip-preview", "--suppress-outputs"}}
	change  = deployment{name: "change", args: create.args}
	lift    = deployment{name: "lift", args: create.args, config: []string{"--config", "slipway:ephemeral=true"}}
	destroy = deployment{name: "destroy", args: []string{"destroy", "--yes", "--skip-preview"}}
)

// configure writes the configuration of an environment that has no committed one: that of the stack beside it, and one key.
func (e environment) configure(p project) error {
	if e.beside == "" {
		return nil
	}
	base, err := os.ReadFile(filepath.Join(p.dir, "Pulumi."+e.beside+".yaml"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(p.dir, "Pulumi."+e.stack+".yaml"), fmt.Appendf(base, "  slipway:sharedWith: %s\n", e.beside), 0o644)
}

// edits are a release and a change of configuration together: resources are updated, replaced, added and taken away.
var edits = []string{
	"slipway:logRetentionDays: 60",
	"slipway:queueVisibilityTimeout: 600",
	"slipway:webCpuTarget: 50",
	"slipway:webMaxCount: 3",
	"slipway:webPort: 9000",
	"slipway:webRequestsTarget: 500",
	"slipway:workerCpu: 512",
	"slipway:workerMemory: 1024",
}

// edit makes those changes in a project whose environment is deployed.
func (e environment) edit(p project) error {
	source := filepath.Join(p.dir, "docker", "app", "todo", "api.py")
	content, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	if err := os.WriteFile(source, append(content, "# one more line\n"...), 0o644); err != nil {
		return err
	}
	return os.WriteFile(localrun.OverridesFile(p.local(), e.stack), []byte("config:\n  "+strings.Join(edits, "\n  ")+"\n"), 0o644)
}

// parseEnvironments reads names of environments.
func parseEnvironments(names []string) (chosen []environment, err error) {
	for _, name := range names {
		i := slices.IndexFunc(environments, func(e environment) bool { return e.name == name })
		if i < 0 {
			return nil, fmt.Errorf("--only: got %q, takes staging, prod or shared, separated by commas", name)
		}
		if slices.Contains(chosen, environments[i]) {
			return nil, fmt.Errorf("--only: %q is there twice; remove one", name)
		}
		chosen = append(chosen, environments[i])
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("--only: got nothing, takes staging, prod or shared, separated by commas")
	}
	return chosen, nil
}
