package localserve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"syscall"
)

// Command is a command that somebody runs beside the services, with the definition of one of them.
type Command struct {
	Project
	// Service is whose definition is used, by its name or its container's. Default: that of the workers, or the only one.
	Service string
	// Words are the command.
	Words []string
	// Environment are variables for this run, besides the definition's.
	Environment map[string]string

	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Interrupts ask it to end: once by SIGTERM, once more to be killed.
	Interrupts <-chan struct{}
}

// Run runs the command in a task of its own, against what is being served, and returns its exit code. What the task depends on, such
// as the release, runs before, as on ECS.
func Run(ctx context.Context, command Command) (code int, err error) {
	registered, err := readRegistered(command.Objects, command.Stack)
	if err != nil {
		return 0, err
	}
	s, err := registered.serviceNamed(command.Service)
	if err != nil {
		return 0, err
	}
	h, running, err := openRun(command.Local, command.Stack)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, removeIfThere(h.groupsFile())) }()
	given, err := readVariables(command.secretsFile())
	if err != nil {
		return 0, err
	}
	resolver := &secretResolver{store: newAWSClients(running.Endpoints.aws(), registered.region), given: given, givenFile: command.secretsFile()}
	main := s.main().Name
	definition := s.definition
	definition.containers = append([]containerDefinition(nil), definition.containers...)
	for i := range definition.containers {
		if definition.containers[i].Name == main {
			definition.containers[i].Command = command.Words
			// A command has no port to answer at, and no health.
			definition.containers[i].PortMappings, definition.containers[i].HealthCheck = nil, nil
		}
	}
	t := newTask("run", definition)
	t.console = &console{out: command.Stderr, err: command.Stderr}
	if t.runner, err = command.runner(ctx, h, running, registered, s); err != nil {
		return 0, err
	}
	t.variables = func(ctx context.Context, c containerDefinition) (environment, secrets map[string]string, err error) {
		environment, secrets, err = registered.variables(ctx, c, running.Endpoints, resolver)
		if err == nil && c.Name == main {
			maps.Copy(environment, command.Environment)
		}
		return environment, secrets, err
	}
	t.prepare = func(c *containerStart) {
		if c.definition.Name == main {
			c.interactive, c.stdin, c.stdout, c.stderr = true, command.Stdin, command.Stdout, command.Stderr
		}
	}
	finished := make(chan struct{})
	defer close(finished)
	go command.heed(ctx, t, finished)
	reason, err := t.run(context.WithoutCancel(ctx))
	if err != nil {
		return 0, err
	}
	c := t.containers[main]
	if !c.began {
		return 0, fmt.Errorf("it was not started: %s", reason)
	}
	return c.code, nil
}

func (c Command) runner(ctx context.Context, h *home, running Running, r *registered, s service) (runner, error) {
	if running.Mode == Docker {
		return newDocker(h, running.Image, running.Network), nil
	}
	src, err := r.sourceOf(s.main().Image, c.Dir)
	if err != nil {
		return nil, err
	}
	return newProcesses(ctx, h, src, s.main().User, true)
}

// heed passes on what asks it to end.
func (c Command) heed(ctx context.Context, t *task, finished <-chan struct{}) {
	select {
	case <-ctx.Done():
	case <-c.Interrupts:
	case <-finished:
		return
	}
	t.stop(fmt.Sprintf("it was told to end (%s)", syscall.SIGTERM))
	select {
	case <-c.Interrupts:
		t.kill()
	case <-finished:
	}
}
