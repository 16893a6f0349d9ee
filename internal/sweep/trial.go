package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"

	"slipway/internal/localaws"
)

// call is one create, update or delete of a deployment.
type call struct {
	operation localaws.Operation
	typ, name string
}

func (c call) String() string { return fmt.Sprintf("%s %s %s", c.operation, c.typ, c.name) }

func newCall(operation localaws.Operation, text string) call {
	made := urn.URN(text)
	return call{operation, string(made.Type()), made.Name()}
}

// sorted puts calls into an order that does not depend on what was quicker.
func sorted(made []call) ([]call, error) {
	list := slices.SortedFunc(slices.Values(made), func(a, b call) int { return strings.Compare(a.String(), b.String()) })
	if i := len(slices.Compact(slices.Clone(list))); i < len(list) {
		return nil, fmt.Errorf("%d calls are there twice, and a fault cannot tell them apart: %v", len(list)-i, list)
	}
	return list, nil
}

// way is how a call fails: the faults of it in turn, each in a command of its own.
type way struct {
	name   string
	faults []string
}

// ways are all of them. What is refused has not happened, so that the next command finds the same and can be refused otherwise.
var ways = []way{
	{"refused", []string{"ThrottlingException", "AccessDeniedException", "InternalFailure"}},
	{"timed out", []string{localaws.TimedOut}},
	{"not ready", []string{localaws.NotReady}},
}

// ways are those in which the call can fail.
func (c call) ways() []way {
	if localaws.IsAwaited(c.operation, c.typ) {
		return ways
	}
	return ways[:2]
}

// trial is a deployment in which one call fails, and then does not.
type trial struct {
	prepared *prepared
	call     call
	way      way
}

func (t trial) String() string {
	return fmt.Sprintf("%s, %s: %s: %s", t.prepared.environment.name, t.prepared.deployment.name, t.call, t.way.name)
}

// rank puts trials into an order that is always the same, and has to do with nothing.
func (t trial) rank() string { return fmt.Sprintf("%x", sha256.Sum256([]byte(t.String()))) }

// outcome is what a trial has shown.
type outcome struct {
	trial trial
	// failed is how many times the call has failed, each time with an error that names the resource.
	failed int
	// again tells whether the same command, given again, did everything without recovery.
	again bool
	// orphans are what existed then and no state had, before recovery.
	orphans []string
	// left is what nobody owned at the end of it.
	left []string
	// problem is what went wrong; empty when all is as it should be.
	problem string
}

// run tries it on a copy of the deployment's project.
func (t trial) run(ctx context.Context, dir string) (_ outcome, err error) {
	p, err := t.prepared.project.copyTo(filepath.Join(dir, "trial-"+t.rank()[:16]))
	defer os.RemoveAll(p.dir)
	if err != nil {
		return outcome{}, err
	}
	o := outcome{trial: t}
	for _, step := range []func(context.Context, project, *outcome) error{t.fail, t.repeat, t.converge, t.tearDown} {
		if err := step(ctx, p, &o); err != nil {
			return o, fmt.Errorf("%s: %w", t, err)
		}
		if o.problem != "" {
			break
		}
	}
	return o, nil
}

// fail deploys with each fault: the command fails, and says which resource it was.
func (t trial) fail(ctx context.Context, p project, o *outcome) error {
	for _, code := range t.way.faults {
		fault := fmt.Sprintf("%s::%s %s 1 %s", t.call.typ, t.call.name, t.call.operation, code)
		ran, err := p.deploy(ctx, t.prepared.environment, t.prepared.deployment, fault)
		if err != nil {
			return err
		}
		_, diagnostics, _ := strings.Cut(ran.output, "\nDiagnostics:")
		switch {
		case !ran.failed:
			o.problem = code + ": the command did not fail:\n" + ran.output
			return nil
		case !strings.Contains(diagnostics, "("+t.call.name+"):") || !strings.Contains(diagnostics, "this failure was asked for"):
			o.problem = code + ": the error does not name the resource:\n" + ran.output
			return nil
		}
		o.failed++
	}
	return nil
}

// repeat gives the same command again. If something is unowned then, the stack is recovered, and if the command was refused because of
// it, it is given once more.
func (t trial) repeat(ctx context.Context, p project, o *outcome) error {
	ran, err := p.deploy(ctx, t.prepared.environment, t.prepared.deployment, "")
	if err != nil {
		return err
	}
	o.again = !ran.failed
	if o.orphans, err = p.unowned(t.prepared.environment); err != nil {
		return err
	}
	if len(o.orphans) > 0 {
		if err := p.recover(ctx, t.prepared.environment); err != nil {
			o.problem = "recovery failed: " + err.Error()
			return ctx.Err()
		}
	}
	if ran.failed {
		if len(o.orphans) > 0 {
			ran, err = p.deploy(ctx, t.prepared.environment, t.prepared.deployment, "")
		}
		if err == nil && ran.failed {
			o.problem = "the same command, given again, failed:\n" + ran.output
		}
	}
	return err
}

// converge looks whether there is nothing more to do.
func (t trial) converge(ctx context.Context, p project, o *outcome) error {
	e, d := t.prepared.environment, t.prepared.deployment
	if d.name == destroy.name {
		return nil // tearDown looks at what is left of it
	}
	ran, err := p.pulumi(ctx, "", slices.Concat([]string{"preview", "--expect-no-changes", "-s", e.stack}, d.config)...)
	if err != nil {
		return err
	}
	if ran.failed {
		o.problem = "the preview is not empty:\n" + ran.output
		return nil
	}
	if o.left, err = p.unowned(e); err == nil && len(o.left) > 0 {
		o.problem = "unowned: " + strings.Join(o.left, ", ")
	}
	return err
}

// tearDown destroys the environment: what exists is what was there before it.
func (t trial) tearDown(ctx context.Context, p project, o *outcome) error {
	e, d := t.prepared.environment, t.prepared.deployment
	var commands []deployment
	if e.protected && d.name != destroy.name && d.name != lift.name {
		commands = append(commands, lift)
	}
	if d.name != destroy.name {
		commands = append(commands, destroy)
	}
	for _, command := range commands {
		ran, err := p.deploy(ctx, e, command, "")
		if err != nil {
			return err
		}
		if ran.failed {
			o.problem = ran.command + " failed:\n" + ran.output
			return nil
		}
	}
	recorded, err := p.recorded(e.stack)
	if err != nil {
		return err
	}
	existing, err := p.existing()
	if err != nil {
		return err
	}
	o.left = slices.DeleteFunc(existing, func(object string) bool { return slices.Contains(t.prepared.before, object) })
	missing := len(t.prepared.before) - (len(existing) - len(o.left))
	switch {
	case len(o.left) > 0:
		o.problem = "destroy has left " + strings.Join(o.left, ", ")
	case missing > 0:
		o.problem = fmt.Sprintf("%d objects of %s are gone", missing, e.beside)
	case len(recorded) > 0:
		o.problem = fmt.Sprintf("the state has %d resources after destroy", len(recorded))
	}
	return nil
}
