package localserve

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// script is a runner whose containers do what they are told by their commands: "exit N", or "wait" for a signal.
type script struct {
	mu     sync.Mutex
	events []string
	// unhealthy has health checks fail.
	unhealthy bool
}

func (s *script) note(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, fmt.Sprintf(format, args...))
}

func (s *script) newTask(string) (any, func(), error) {
	return nil, func() { s.note("removed") }, nil
}

func (s *script) start(_ context.Context, c containerStart) (container, error) {
	f := &fake{script: s, name: c.definition.Name, stubborn: c.definition.Command[0] == "ignore", done: make(chan struct{})}
	if c.definition.Command[0] == "fail" {
		return nil, errors.New("no such image")
	}
	s.note("start %s", f.name)
	if c.definition.Command[0] == "exit" {
		fmt.Sscan(c.definition.Command[1], &f.code)
		f.end("exit")
	}
	return f, nil
}

type fake struct {
	script   *script
	name     string
	stubborn bool
	once     sync.Once
	done     chan struct{}
	code     int
}

func (f *fake) end(how string) {
	f.once.Do(func() {
		f.script.note("%s %s", how, f.name)
		close(f.done)
	})
}

func (f *fake) signal(syscall.Signal) {
	if f.stubborn {
		f.script.note("told %s", f.name)
		return
	}
	f.end("stop")
}
func (f *fake) kill()                       { f.code = 137; f.end("kill") }
func (f *fake) ended() <-chan struct{}      { return f.done }
func (f *fake) exit() int                   { return f.code }
func (f *fake) address(int) (string, error) { return "", errors.New("none") }
func (f *fake) check(context.Context, []string) error {
	if f.script.unhealthy {
		return errors.New("exit status 1")
	}
	return nil
}

func someContainer(name, command string, dependsOn ...string) containerDefinition {
	c := containerDefinition{Name: name, Command: strings.Fields(command)}
	for _, on := range dependsOn {
		name, condition, _ := strings.Cut(on, " ")
		c.DependsOn = append(c.DependsOn, struct {
			ContainerName string
			Condition     string
		}{name, condition})
	}
	return c
}

// runScript runs a task to its end.
func runScript(t *testing.T, s *script, prepare func(t *task), containers ...containerDefinition) (reason, printed string, err error) {
	t.Helper()
	var out bytes.Buffer
	task := newTask("web", taskDefinition{containers: containers})
	task.runner, task.console = s, &console{out: &out, err: &out}
	task.variables = func(context.Context, containerDefinition) (map[string]string, map[string]string, error) {
		return nil, nil, nil
	}
	if prepare != nil {
		prepare(task)
	}
	reason, err = task.run(t.Context())
	return reason, out.String(), err
}

// whenStarted does something once the container runs.
func whenStarted(name string, do func(t *task)) func(t *task) {
	return func(t *task) {
		t.started = func(c containerDefinition, _ container) {
			if c.Name == name {
				go do(t)
			}
		}
	}
}

func TestContainersStartAndStopInOrder(t *testing.T) {
	t.Parallel()
	no := false
	release := someContainer("release", "exit 0")
	release.Essential = &no
	s := &script{}
	reason, _, err := runScript(t, s, whenStarted("web", func(t *task) { t.stop("enough") }),
		someContainer("web", "wait", "release SUCCESS", "proxy START"), release, someContainer("proxy", "wait", "release COMPLETE"))
	require.NoError(t, err)
	assert.Equal(t, "enough", reason)
	assert.Equal(t, []string{"start release", "exit release", "start proxy", "start web", "stop web", "stop proxy", "removed"}, s.events)
}

func TestWhyATaskEnds(t *testing.T) {
	t.Parallel()
	no, zero := false, 0
	optional := func(c containerDefinition) containerDefinition { c.Essential = &no; return c }
	impatient := someContainer("web", "ignore")
	impatient.StopTimeout = &zero
	for name, test := range map[string]struct {
		containers []containerDefinition
		prepare    func(t *task)
		reason     string
		err        string
		never      string // is not started
		printed    string
		event      string
	}{
		"an essential container ends": {
			containers: []containerDefinition{someContainer("web", "exit 3"), someContainer("proxy", "wait")},
			reason:     "the container web exited with 3", event: "removed",
		},
		"a release fails": {
			containers: []containerDefinition{someContainer("web", "wait", "release SUCCESS"), optional(someContainer("release", "exit 1"))},
			reason:     "the container release exited with 1, and web waits for its SUCCESS", err: "the container release exited with 1, and web waits for its SUCCESS", never: "web",
		},
		"a container cannot start": {
			containers: []containerDefinition{someContainer("web", "fail")},
			reason:     "the container web cannot start: no such image", err: "the container web cannot start: no such image",
		},
		"a container depends on none of the task's": {
			containers: []containerDefinition{someContainer("web", "wait", "other START")},
			reason:     "the container web depends on other, which is none of the task's", err: "the container web depends on other", never: "web",
		},
		"it does not stop in time": {
			containers: []containerDefinition{impatient},
			prepare:    whenStarted("web", func(t *task) { t.stop("enough") }),
			reason:     "enough", printed: "slipway: web/web did not stop within 0s: SIGKILL\n", event: "kill web",
		},
		"it is killed": {
			containers: []containerDefinition{someContainer("web", "ignore")},
			prepare:    whenStarted("web", func(t *task) { t.stop("enough"); t.kill() }),
			reason:     "enough", event: "kill web",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &script{}
			reason, printed, err := runScript(t, s, test.prepare, test.containers...)
			assert.Equal(t, test.reason, reason)
			assert.Equal(t, test.printed, printed)
			if test.err == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, test.err)
			}
			if test.never != "" {
				assert.NotContains(t, s.events, "start "+test.never)
			}
			if test.event != "" {
				assert.Contains(t, s.events, test.event)
			}
		})
	}
}

func TestHealthChecksOfContainers(t *testing.T) {
	t.Parallel()
	one := 1
	checked := someContainer("database", "wait")
	checked.HealthCheck = &containerCheck{Command: []string{"CMD-SHELL", "true"}, Retries: &one, Interval: &one}
	web := someContainer("web", "exit 0", "database HEALTHY")

	s := &script{}
	_, printed, err := runScript(t, s, nil, checked, web)
	require.NoError(t, err)
	assert.Equal(t, "slipway: web/database is healthy\n", printed)
	assert.Equal(t, []string{"start database", "start web", "exit web", "stop database", "removed"}, s.events)

	s = &script{unhealthy: true}
	reason, printed, _ := runScript(t, s, nil, checked, web)
	assert.Equal(t, "the container database is unhealthy: exit status 1", reason)
	assert.Equal(t, "slipway: web/database is unhealthy\n", printed)
	assert.False(t, slices.Contains(s.events, "start web"))
}
