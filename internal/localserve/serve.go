// Package localserve runs on this machine what a stack has registered in the embedded AWS: its task definitions, as containers of Docker
// or as plain processes, with a PostgreSQL in the place of its database cluster and a moto_server in the place of S3, SQS and
// Secrets Manager.
package localserve

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"golang.org/x/term"

	"slipway/internal/localaws"
)

// The ways to run containers.
const (
	Auto      = "auto"
	Docker    = "docker"
	Processes = "processes"
)

// Project is where a stack is.
type Project struct {
	// Dir is the project's directory, Local its .local.
	Dir, Local string
	Stack      string
	// Objects are what exists in the embedded AWS.
	Objects []localaws.Object
	// State reads the state of a stack.
	State func(ctx context.Context, stack string) (State, error)
}

// State is what a stack's state has in full, and the embedded AWS as a digest.
type State struct {
	// Secrets are the values of secrets that were generated, by the ids of their versions.
	Secrets map[string]string
	// Files are the paths of what was uploaded, from the project's directory, by the ids of the objects in buckets.
	Files map[string]string
}

// secretsFile has the values of secrets that no stack has made.
func (p Project) secretsFile() string {
	return filepath.Join(p.Local, "secrets."+p.Stack+".env")
}

// Options say how a stack is served.
type Options struct {
	Project
	// With is Auto, Docker or Processes.
	With string
	// Port is the web address's on localhost; 0 for 8000, or another one when that is taken.
	Port int
	// Scale is how many tasks of a service run, by its name. Default: as many as are registered, and at least one.
	Scale map[string]int
	// BuildArguments are for docker build, besides those that are registered.
	BuildArguments map[string]string
	// Fresh begins with an empty database.
	Fresh bool

	Stdout, Stderr io.Writer
	// Colour has prefixes coloured.
	Colour bool
	// Interrupts says that somebody wants it to end: once to stop, once more to be killed.
	Interrupts <-chan struct{}
}

// run is one run of a stack.
type run struct {
	Options
	*registered
	console *console
	home    *home

	mode      string
	runner    runner
	endpoints endpoints
	secrets   *secretResolver
	network   string // of Docker
	image     string

	pg   *postgres
	moto *moto

	mu     sync.Mutex
	tasks  []*task
	ending bool
	failed chan error // what cannot go on
	killed chan struct{}
}

// Serve runs the stack until it is interrupted or ctx ends. It returns when nothing of it runs any more.
func Serve(ctx context.Context, options Options) (err error) {
	r := &run{Options: options, failed: make(chan error, 1), killed: make(chan struct{})}
	r.console = &console{out: options.Stdout, err: options.Stderr, colour: options.Colour}
	if r.registered, err = readRegistered(options.Objects, options.Stack); err != nil {
		return err
	}
	if err := r.checkScale(); err != nil {
		return err
	}
	if r.home, err = openHome(options.Local, options.Stack, r.console.say); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.home.close()) }()

	starting, cancel := context.WithCancel(ctx)
	stop := make(chan struct{})
	finished := make(chan struct{})
	defer close(finished)
	go r.heed(ctx, cancel, stop, finished)
	defer cancel()

	err = r.start(starting)
	defer r.stopServers()
	if err != nil {
		if isClosed(stop) {
			r.console.say("stopped before it had started")
			return nil
		}
		return err
	}
	return r.serve(starting, stop)
}

// heed closes stop at the first interrupt, and has everything killed at the second one.
func (r *run) heed(ctx context.Context, cancel func(), stop, finished chan struct{}) {
	select {
	case <-ctx.Done():
	case <-r.Interrupts:
	case <-finished:
		return
	}
	close(stop)
	cancel()
	select {
	case <-r.Interrupts:
	case <-finished:
		return
	}
	r.console.say("killed")
	close(r.killed)
	r.eachTask((*task).kill)
}

// checkScale takes no service that is not there.
func (r *run) checkScale() error {
	for _, name := range slices.Sorted(maps.Keys(r.Scale)) {
		s, err := r.serviceNamed(name)
		if err != nil {
			return fmt.Errorf("--scale: %w", err)
		}
		if s.name != name {
			r.Scale[s.name] = r.Scale[name]
		}
	}
	return nil
}

// count is how many tasks of a service run.
func (r *run) count(s service) int {
	if n, given := r.Scale[s.name]; given {
		return n
	}
	return max(1, s.desired)
}

// start starts everything that the services need.
func (r *run) start(ctx context.Context) error {
	if r.Fresh {
		if err := os.RemoveAll(r.home.path("postgres")); err != nil {
			return err
		}
	}
	if err := r.chooseRunner(ctx); err != nil {
		return err
	}
	passwords := map[string]string{}
	var clusters []cluster
	for _, o := range r.objects {
		if o.Type != clusterType || !slices.ContainsFunc(masterSecrets(o), r.uses) {
			continue
		}
		passwords[o.ID] = randomText(32)
		clusters = append(clusters, cluster{o.ID, text(o, "masterUsername"), passwords[o.ID], text(o, "databaseName")})
	}
	var values []secretValue
	states := stateReader{read: r.State}
	err := together(
		func() (err error) {
			r.pg, r.endpoints.Database, err = startPostgres(ctx, r.home, r.endpoints.Host, clusters)
			return err
		},
		func() (err error) {
			r.moto, err = startMoto(ctx, r.home, r.endpoints.Host, r.region)
			return err
		},
		func() (err error) {
			values, err = r.secretValues(ctx, &states, passwords)
			return err
		},
		func() error { return r.prepareRunner(ctx) },
	)
	if err != nil {
		return err
	}
	r.endpoints.AWS = r.moto.port
	if err := r.moto.fill(ctx, r.registered, values, &states, r.Dir); err != nil {
		return err
	}
	given, err := readVariables(r.secretsFile())
	if err != nil {
		return err
	}
	r.secrets = &secretResolver{store: r.moto, given: given, givenFile: r.secretsFile()}
	return r.checkSecrets(ctx)
}

// checkSecrets says at once what has no value.
func (r *run) checkSecrets(ctx context.Context) error {
	for _, s := range r.services {
		for _, c := range s.definition.containers {
			if _, err := r.secrets.resolve(ctx, c.Secrets); err != nil {
				return fmt.Errorf("the container %s of %s: %w", c.Name, s.name, err)
			}
		}
	}
	return nil
}

// stopServers ends what start has started.
func (r *run) stopServers() {
	stop := func(end func(), p **process) {
		if *p == nil {
			return
		}
		if isClosed(r.killed) {
			(*p).kill()
			<-(*p).done
			return
		}
		end()
	}
	if r.moto != nil {
		stop(r.moto.stop, &r.moto.process)
	}
	if r.pg != nil {
		stop(r.pg.stop, &r.pg.process)
	}
	if r.mode == Docker {
		_ = r.home.removeNetwork(context.Background())
	}
}

// together does things at the same time, and returns all that went wrong.
func together(steps ...func() error) error {
	var all sync.WaitGroup
	failures := make([]error, len(steps))
	for i, step := range steps {
		all.Go(func() { failures[i] = step() })
	}
	all.Wait()
	return errors.Join(failures...)
}

// variables are what a container gets: what is registered, with local addresses; its secrets; and what ECS itself gives.
func (r *registered) variables(ctx context.Context, c containerDefinition, e endpoints, resolver *secretResolver) (environment, secrets map[string]string, err error) {
	if secrets, err = resolver.resolve(ctx, c.Secrets); err != nil {
		return nil, nil, err
	}
	environment = map[string]string{}
	for _, variable := range c.Environment {
		environment[variable.Name] = variable.Value
	}
	environment = translate(environment, r.addresses(e), e)
	environment["AWS_REGION"], environment["AWS_DEFAULT_REGION"] = r.region, r.region
	environment["AWS_ENDPOINT_URL"] = e.aws()
	// On ECS these come from the task role.
	environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"] = accessKeyID, secretAccessKey
	return environment, secrets, nil
}

func randomText(length int) string {
	raw := make([]byte, (length+1)/2)
	_, _ = rand.Read(raw) // never fails
	return hex.EncodeToString(raw)[:length]
}

func shortHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}

func isTerminal(file *os.File) bool { return term.IsTerminal(int(file.Fd())) }
