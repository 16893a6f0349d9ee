package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"time"

	"slipway/internal/localrun"
)

// prepared is a deployment with the project in which it is about to happen.
type prepared struct {
	environment environment
	deployment  deployment
	project     project
	calls       []call
	// before is what exists without the environment.
	before []string
}

// options say what is tried.
type options struct {
	environments []environment
	// run chooses trials by what they are called in the report.
	run *regexp.Regexp
	// sample is how many of those are picked; 0 is all.
	sample int
	jobs   int
	log    io.Writer
}

// sweep tries every failure of every call, or a sample of them.
func sweep(ctx context.Context, options options) (_ report, err error) {
	started := time.Now()
	root, err := localrun.FindProject(".")
	if err != nil {
		return report{}, err
	}
	dir, err := os.MkdirTemp("", "slipway-sweep-")
	if err != nil {
		return report{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	deployments, err := prepareAll(ctx, root, dir, options)
	if err != nil {
		return report{}, err
	}
	trials := slices.DeleteFunc(allTrials(deployments), func(t trial) bool { return !options.run.MatchString(t.String()) })
	trials = pick(trials, options.sample)
	fmt.Fprintf(options.log, "sweep: %d runs, %d at a time\n", len(trials), options.jobs)
	outcomes, err := runAll(ctx, dir, trials, options)
	return newReport(deployments, outcomes, time.Since(started)), err
}

// prepareAll deploys, changes and destroys each environment without a fault, which shows the calls.
func prepareAll(ctx context.Context, root, dir string, options options) (all []prepared, err error) {
	empty, err := newProject(ctx, root, filepath.Join(dir, "empty"))
	if err != nil {
		return nil, err
	}
	deployed := map[string]project{"": empty}
	for _, e := range options.environments {
		if _, ok := deployed[e.beside]; !ok {
			base, err := empty.copyTo(filepath.Join(dir, "beside-"+e.name))
			if err != nil {
				return nil, err
			}
			if _, err := base.mustDeploy(ctx, environment{name: e.beside, stack: e.beside}, create); err != nil {
				return nil, err
			}
			deployed[e.beside] = base
		}
		fmt.Fprintf(options.log, "sweep: %s: deploying, changing and destroying it without a fault\n", e.name)
		p := preparation{ctx: ctx, environment: e, dir: dir}
		if deployed[e.stack], err = p.run(deployed[e.beside]); err != nil {
			return nil, err
		}
		all = append(all, p.deployments...)
	}
	return all, nil
}

// preparation takes one environment through its deployments.
type preparation struct {
	ctx         context.Context
	environment environment
	dir         string
	before      []string
	deployments []prepared
}

// run returns the project in which the environment is deployed.
func (p *preparation) run(base project) (project, error) {
	var err error
	if p.before, err = base.existing(); err != nil {
		return project{}, err
	}
	configured, err := p.copy(base, "configured")
	if err == nil {
		err = p.environment.configure(configured)
	}
	if err != nil {
		return project{}, err
	}
	deployed, err := p.after(configured, create)
	if err != nil {
		return project{}, err
	}
	edited, err := p.copy(deployed, "edited")
	if err == nil {
		err = p.environment.edit(edited)
	}
	if err != nil {
		return project{}, err
	}
	if _, err := p.after(edited, change); err != nil {
		return project{}, err
	}
	destroyable := deployed
	if p.environment.protected {
		if destroyable, err = p.after(deployed, lift); err != nil {
			return project{}, err
		}
	}
	_, err = p.after(destroyable, destroy)
	return deployed, err
}

// after adds a deployment that begins in the project, and returns a copy in which it has happened.
func (p *preparation) after(begin project, d deployment) (project, error) {
	done, err := p.copy(begin, "after-"+d.name)
	if err != nil {
		return project{}, err
	}
	made, err := done.mustDeploy(p.ctx, p.environment, d)
	if err != nil {
		return project{}, err
	}
	list, err := sorted(made)
	p.deployments = append(p.deployments, prepared{p.environment, d, begin, list, p.before})
	return done, err
}

func (p *preparation) copy(from project, name string) (project, error) {
	return from.copyTo(filepath.Join(p.dir, p.environment.name+"-"+name))
}

func allTrials(deployments []prepared) (trials []trial) {
	for i := range deployments {
		for _, c := range deployments[i].calls {
			for _, way := range c.ways() {
				trials = append(trials, trial{&deployments[i], c, way})
			}
		}
	}
	return trials
}

// pick takes a sample, or all when size is 0, always in the same order: by turns one of each environment, deployment, operation and way to
// fail. So a sweep that is interrupted has tried some of everything.
func pick(trials []trial, size int) []trial {
	if size == 0 || size > len(trials) {
		size = len(trials)
	}
	turns := map[string]int{}
	byTurn := map[int][]trial{}
	for _, t := range slices.SortedFunc(slices.Values(trials), func(a, b trial) int { return cmp.Compare(a.rank(), b.rank()) }) {
		kind := fmt.Sprint(t.prepared.environment.name, t.prepared.deployment.name, t.call.operation, t.way.name)
		byTurn[turns[kind]] = append(byTurn[turns[kind]], t)
		turns[kind]++
	}
	var sample []trial
	for turn := 0; len(sample) < size; turn++ {
		sample = append(sample, byTurn[turn]...)
	}
	return sample[:size]
}

// runAll runs the trials, some at a time. The outcomes are in the order of the trials; what an error or an interruption has kept from
// being tried is missing.
func runAll(ctx context.Context, dir string, trials []trial, options options) ([]outcome, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	progress := progress{total: len(trials), log: options.log, started: time.Now()}
	outcomes := make([]*outcome, len(trials))
	next := make(chan int)
	var workers sync.WaitGroup
	for range options.jobs {
		workers.Go(func() {
			for i := range next {
				o, err := trials[i].run(ctx, dir)
				if err != nil {
					cancel(err)
					continue
				}
				outcomes[i] = &o
				progress.done(o)
			}
		})
	}
feed:
	for i := range trials {
		select {
		case next <- i:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	workers.Wait()
	var finished []outcome
	for _, o := range outcomes {
		if o != nil {
			finished = append(finished, *o)
		}
	}
	return finished, context.Cause(ctx)
}

// progress is what the user sees while it goes on.
type progress struct {
	mu                     sync.Mutex
	total, finished, wrong int
	log                    io.Writer
	started                time.Time
}

// every is after how many runs it says where it is.
const every = 50

func (p *progress) done(o outcome) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.finished++
	if o.problem != "" {
		p.wrong++
		fmt.Fprintf(p.log, "sweep: %s: %s\n", o.trial, o.problem)
	}
	if p.finished%every == 0 && p.finished < p.total {
		left := time.Since(p.started) / time.Duration(p.finished) * time.Duration(p.total-p.finished)
		fmt.Fprintf(p.log, "sweep: %d of %d runs, %d of them with a problem; about %s left\n", p.finished, p.total, p.wrong, left.Round(time.Second))
	}
}
