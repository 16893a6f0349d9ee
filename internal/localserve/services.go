package localserve

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// attempts is how often a service may fail to start: ECS's circuit breaker takes three for few tasks.
const attempts = 3

// steady is after how long a task that no load balancer looks at counts as started.
const steady = 10 * time.Second

// serve runs the services until stop is closed, or one of them cannot go on.
func (r *run) serve(ctx context.Context, stop <-chan struct{}) error {
	listeners, err := r.listen()
	if err != nil {
		return err
	}
	defer listeners.close()
	running := Running{
		PID: syscall.Getpid(), Mode: r.mode, Endpoints: r.endpoints, Image: r.image, Network: r.network,
		WebURL: localURL(r.endpoints.Web), SiteURL: localURL(r.endpoints.Site),
	}
	if err := r.home.announce(running); err != nil {
		return err
	}
	for _, s := range r.services {
		for i := range r.count(s) {
			for _, c := range s.definition.containers {
				r.console.reserve(r.taskName(s, i) + "/" + c.Name)
			}
		}
	}
	r.introduce()

	// What runs is told to stop by its tasks: the end of this context is not the way to end a container.
	background := context.WithoutCancel(ctx)
	var all sync.WaitGroup
	waiting := make(chan struct{}, 64)
	expected := 0
	for _, s := range r.services {
		b := listeners.balancers[s.name]
		for i := range r.count(s) {
			if b != nil {
				expected++
			}
			all.Go(func() { r.keep(background, s, r.taskName(s, i), b, waiting) })
		}
	}
	go r.sayWhenReady(waiting, expected, stop)
	go r.watchServers(stop)

	select {
	case <-stop:
		r.console.say("stopping: SIGTERM, and SIGKILL after %s; Ctrl-C again kills at once", r.stopTimeouts())
	case err = <-r.failed:
	}
	r.mu.Lock()
	r.ending = true
	r.mu.Unlock()
	r.eachTask(func(t *task) { t.stop("the run ends") })
	if isClosed(r.killed) {
		r.eachTask((*task).kill)
	}
	all.Wait()
	if !isClosed(r.killed) {
		limited, cancel := context.WithTimeout(background, 5*time.Second)
		defer cancel()
		for _, lost := range r.moto.lost(limited, r.registered) {
			r.console.say("%s", lost)
		}
	}
	if err == nil && !isClosed(r.killed) {
		r.console.say("stopped; the database is kept for the next time")
	}
	return err
}

func (r *run) introduce() {
	how := "as plain processes"
	if r.mode == Docker {
		how = "as containers of the image " + r.image
	}
	r.console.say("%s %s: PostgreSQL at %s:%d, S3, SQS and Secrets Manager at %s", r.Stack, how, r.endpoints.Host, r.endpoints.Database, r.endpoints.aws())
	if r.endpoints.Web != 0 {
		r.console.say("web address %s", localURL(r.endpoints.Web))
	}
	if r.endpoints.Site != 0 {
		r.console.say("static files %s", localURL(r.endpoints.Site))
	}
	for _, j := range r.jobs {
		r.console.say("the job %s, %s, is not started by itself; by hand: slipway local run %s --service %s -- %s", j.name, j.expression, r.Stack, j.service, strings.Join(j.command, " "))
	}
	for _, s := range r.services {
		if r.count(s) > s.desired {
			r.console.say("%s: %s, where %d are registered", s.name, plural(r.count(s), "task"), s.desired)
		}
	}
}

// stopTimeouts are those of the services, for people.
func (r *run) stopTimeouts() string {
	var list []string
	for _, s := range r.services {
		list = append(list, fmt.Sprintf("%s (%s)", s.main().stopTimeout(), s.name))
	}
	return strings.Join(list, ", ")
}

func (r *run) sayWhenReady(waiting <-chan struct{}, expected int, stop <-chan struct{}) {
	for range expected {
		select {
		case <-waiting:
		case <-stop:
			return
		}
	}
	if expected > 0 {
		r.console.say("%s answers at %s; Ctrl-C stops it", r.Stack, localURL(r.endpoints.Web))
	}
}

// watchServers ends the run when one of its servers ends by itself.
func (r *run) watchServers(stop <-chan struct{}) {
	select {
	case <-r.pg.done:
		r.fail(fmt.Errorf("PostgreSQL has ended; %s says why", r.home.path("postgres.log")))
	case <-r.moto.done:
		r.fail(fmt.Errorf("moto_server has ended; %s says why", r.home.path("moto.log")))
	case <-stop:
	}
}

func (r *run) fail(err error) {
	select {
	case r.failed <- err:
	default: // something else has failed before
	}
}

func (r *run) taskName(s service, i int) string {
	if r.count(s) == 1 {
		return s.name
	}
	return s.name + "-" + strconv.Itoa(i+1)
}

// add notes a task down; false when the run ends and nothing may begin.
func (r *run) add(t *task) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ending {
		return false
	}
	r.tasks = append(r.tasks, t)
	return true
}

func (r *run) remove(t *task) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.tasks {
		if r.tasks[i] == t {
			r.tasks = append(r.tasks[:i], r.tasks[i+1:]...)
			return
		}
	}
}

func (r *run) eachTask(do func(t *task)) {
	r.mu.Lock()
	tasks := append([]*task(nil), r.tasks...)
	r.mu.Unlock()
	for _, t := range tasks {
		do(t)
	}
}

// keep has a task of a service running, as ECS does: one that ends is replaced. A service whose tasks fail again and again before they
// have started is the end of the run.
func (r *run) keep(ctx context.Context, s service, name string, b *balancer, healthy chan<- struct{}) {
	failures := 0
	var once sync.Once
	for {
		t := newTask(name, s.definition)
		t.runner, t.console = r.runner, r.console
		t.variables = func(ctx context.Context, c containerDefinition) (environment, secrets map[string]string, err error) {
			return r.variables(ctx, c, r.endpoints, r.secrets)
		}
		begun := make(chan struct{})
		var hasBegun sync.Once
		hasStarted := func() {
			hasBegun.Do(func() { close(begun) })
			if b != nil {
				once.Do(func() { healthy <- struct{}{} })
			}
		}
		t.started = func(c containerDefinition, running container) { r.attend(ctx, s, t, b, c, running, hasStarted) }
		if !r.add(t) {
			return
		}
		reason, err := t.run(ctx)
		r.remove(t)
		if r.isEnding() {
			return
		}
		if isClosed(begun) {
			failures = 0
		} else {
			failures++
		}
		if err != nil {
			reason = err.Error()
		}
		if failures == attempts {
			r.fail(fmt.Errorf("%s has failed %d times to start, at last: %s; on AWS the deployment would be rolled back", name, failures, reason))
			return
		}
		r.console.say("%s has stopped: %s; another one is started", name, reason)
	}
}

func (r *run) isEnding() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ending
}

// attend looks after a container that has been started: its targets are registered, and its task has started when they are healthy.
func (r *run) attend(ctx context.Context, s service, t *task, b *balancer, c containerDefinition, running container, hasStarted func()) {
	if c.Name != s.main().Name {
		return
	}
	if b == nil {
		go func() {
			wait := time.NewTimer(steady)
			defer wait.Stop()
			select {
			case <-wait.C:
				hasStarted()
			case <-running.ended():
				if running.exit() == 0 {
					hasStarted()
				}
			}
		}()
		return
	}
	for _, target := range s.targets {
		if target.container != c.Name {
			continue
		}
		go func() {
			address, err := awaitAddress(running, target.port)
			if err != nil {
				t.stop(err.Error())
				return
			}
			m := b.register(t.name, address)
			defer b.deregister(m)
			gone := make(chan struct{})
			go func() {
				defer close(gone)
				select {
				case <-running.ended():
				case <-t.stopping:
				}
			}()
			b.watch(ctx, m, gone, s.grace, hasStarted, t.stop)
			<-gone
		}()
	}
}

// awaitAddress is a container's address, which it has some moments after it was started.
func awaitAddress(running container, port int) (string, error) {
	for {
		address, err := running.address(port)
		if err == nil || isClosed(running.ended()) {
			return address, err
		}
		select {
		case <-running.ended():
		case <-time.After(eager):
		}
	}
}

func plural(n int, word string) string { return plurals(n, word, word+"s") }

func plurals(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func localURL(port int) string {
	if port == 0 {
		return ""
	}
	return fmt.Sprintf("http://localhost:%d", port)
}
