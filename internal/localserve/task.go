package localserve

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"syscall"
	"time"
)

// task is a running task: the containers of a task definition, started and stopped in the order in which they depend on each other.
type task struct {
	name       string // web, or web-1 of several
	definition taskDefinition
	runner     runner
	variables  func(ctx context.Context, c containerDefinition) (environment, secrets map[string]string, err error)
	console    *console
	// prepare changes how a container is started; nil for not at all.
	prepare func(c *containerStart)
	// started is told of each container; nil for nobody.
	started func(c containerDefinition, running container)

	stopping chan struct{} // closed when it is to stop
	killing  chan struct{} // closed when it is to be killed
	stopOnce sync.Once
	killOnce sync.Once
	reason   string // why it stops

	containers map[string]*taskContainer
}

// taskContainer is a container of a task. Channels are closed when it gets there.
type taskContainer struct {
	containerDefinition
	start, healthy, end chan struct{}
	began               bool // it has run
	code                int
	err                 error
}

func newTask(name string, definition taskDefinition) *task {
	t := &task{
		name: name, definition: definition, containers: map[string]*taskContainer{},
		stopping: make(chan struct{}), killing: make(chan struct{}),
	}
	for _, c := range definition.containers {
		t.containers[c.Name] = &taskContainer{
			containerDefinition: c, start: make(chan struct{}), healthy: make(chan struct{}), end: make(chan struct{}),
		}
	}
	return t
}

// stop has the containers told to end by SIGTERM, and killed after their stop timeouts.
func (t *task) stop(reason string) {
	t.stopOnce.Do(func() {
		t.reason = reason
		close(t.stopping)
	})
}

// kill ends them at once.
func (t *task) kill() {
	t.stop("killed")
	t.killOnce.Do(func() { close(t.killing) })
}

// run runs the task to its end, and returns why it has ended, in words.
func (t *task) run(ctx context.Context) (reason string, err error) {
	shared, remove, err := t.runner.newTask(t.name)
	if err != nil {
		return "", err
	}
	defer remove()
	var all sync.WaitGroup
	for _, c := range t.containers {
		all.Go(func() {
			defer close(c.end)
			t.runContainer(ctx, c, shared)
			if c.isEssential() || c.err != nil {
				t.stop(c.outcome())
			}
		})
	}
	all.Wait()
	var failures []error
	for _, name := range slices.Sorted(maps.Keys(t.containers)) {
		failures = append(failures, t.containers[name].err)
	}
	return t.reason, errors.Join(failures...)
}

func (c *taskContainer) outcome() string {
	switch {
	case c.err != nil:
		return c.err.Error()
	case c.code > 128:
		return fmt.Sprintf("the container %s was ended by signal %d (%s)", c.Name, c.code-128, syscall.Signal(c.code-128))
	}
	return fmt.Sprintf("the container %s exited with %d", c.Name, c.code)
}

func (t *task) runContainer(ctx context.Context, c *taskContainer, shared any) {
	if !t.awaitDependencies(c) {
		return
	}
	environment, secrets, err := t.variables(ctx, c.containerDefinition)
	if err != nil {
		c.err = fmt.Errorf("the container %s cannot start: %w", c.Name, err)
		return
	}
	output := t.console.stream(t.name + "/" + c.Name)
	defer output.Close()
	start := containerStart{
		name: t.name + "/" + c.Name, definition: c.containerDefinition, memory: t.definition.memory,
		environment: environment, secrets: secrets, shared: shared, output: output,
	}
	if t.prepare != nil {
		t.prepare(&start)
	}
	running, err := t.runner.start(ctx, start)
	if err != nil {
		c.err = fmt.Errorf("the container %s cannot start: %w", c.Name, err)
		return
	}
	c.began = true
	close(c.start)
	if t.started != nil {
		t.started(c.containerDefinition, running)
	}
	if c.HealthCheck != nil {
		go t.watch(ctx, c, running)
	}
	t.await(c, running)
	c.code = running.exit()
}

// await waits for the end of a container, and brings it about when the task is to stop.
func (t *task) await(c *taskContainer, running container) {
	select {
	case <-running.ended():
		return
	case <-t.stopping:
	}
	// What depends on it stops before it does.
	for _, dependent := range t.containers {
		for _, d := range dependent.DependsOn {
			if d.ContainerName == c.Name {
				select {
				case <-dependent.end:
				case <-running.ended():
				case <-t.killing:
				}
			}
		}
	}
	running.signal(syscall.SIGTERM)
	timeout := time.NewTimer(c.stopTimeout())
	defer timeout.Stop()
	select {
	case <-running.ended():
		return
	case <-timeout.C:
		t.console.say("%s/%s did not stop within %s: SIGKILL", t.name, c.Name, c.stopTimeout())
	case <-t.killing:
	}
	running.kill()
	<-running.ended()
}

// awaitDependencies waits until a container may start, and tells whether it may. Where it never may, the task stops.
func (t *task) awaitDependencies(c *taskContainer) bool {
	for _, d := range c.DependsOn {
		on := t.containers[d.ContainerName]
		if on == nil {
			c.err = fmt.Errorf("the container %s depends on %s, which is none of the task's", c.Name, d.ContainerName)
			return false
		}
		reached := map[string]chan struct{}{"START": on.start, "HEALTHY": on.healthy, "COMPLETE": on.end, "SUCCESS": on.end}[d.Condition]
		select {
		case <-reached:
		case <-on.end:
		case <-t.stopping:
			return false
		}
		select {
		case <-t.stopping:
			return false
		default:
		}
		failed := d.Condition == "SUCCESS" && (on.code != 0 || !on.began) || d.Condition != "SUCCESS" && !isClosed(reached)
		if failed {
			c.err = fmt.Errorf("%s, and %s waits for its %s", on.outcome(), c.Name, d.Condition)
			return false
		}
	}
	return true
}

// watch runs the health check of a container as ECS does. An essential container that is not healthy is the end of its task.
func (t *task) watch(ctx context.Context, c *taskContainer, running container) {
	command := c.HealthCheck.Command
	switch {
	case len(command) > 1 && command[0] == "CMD":
		command = command[1:]
	case len(command) > 1 && command[0] == "CMD-SHELL":
		command = append([]string{"/bin/sh", "-c"}, command[1:]...)
	default:
		return // NONE
	}
	ignored := time.Now().Add(seconds(c.HealthCheck.StartPeriod, 0))
	retries := int(seconds(c.HealthCheck.Retries, 3) / time.Second)
	state, failures := "", 0
	for {
		limited, cancel := context.WithTimeout(ctx, seconds(c.HealthCheck.Timeout, 5))
		err := running.check(limited, command)
		cancel()
		is := state
		switch {
		case err == nil:
			is, failures = "healthy", 0
			if !isClosed(c.healthy) {
				close(c.healthy)
			}
		case time.Now().After(ignored):
			if failures++; failures >= retries {
				is = "unhealthy"
			}
		}
		if is != state && !isClosed(running.ended()) {
			t.console.say("%s/%s is %s", t.name, c.Name, is)
		}
		if state = is; state == "unhealthy" && c.isEssential() {
			t.stop(fmt.Sprintf("the container %s is unhealthy: %v", c.Name, err))
			return
		}
		pause := time.NewTimer(seconds(c.HealthCheck.Interval, 30))
		select {
		case <-pause.C:
		case <-running.ended():
			pause.Stop()
			return
		}
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
