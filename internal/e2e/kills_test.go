package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/localaws"
	"slipway/internal/localrun"
	"slipway/internal/stacks"
)

var kills = flag.Int("kills", 2, "how many times TestKills kills pulumi")

// death is how a run dies.
type death struct {
	during string // up, destroy or update
	signal syscall.Signal
	// at is how far the run has come, from 0 to 1.
	at float64
	// lost says that the call at which it dies does not reach AWS. Otherwise AWS has done it.
	lost bool
	// asOnAWS says that nobody knows all that exists: the user looks, and tells recover.
	asOnAWS bool
	// late says that somebody runs the command again before recover. Pulumi warns and goes on, and makes things twice.
	late bool
}

func (d death) String() string {
	text := fmt.Sprintf("%s in %s at %.0f%%", map[syscall.Signal]string{syscall.SIGKILL: "SIGKILL", syscall.SIGTERM: "SIGTERM"}[d.signal], d.during, 100*d.at)
	if d.lost {
		text += ", request lost"
	}
	if d.asOnAWS {
		text += ", as on AWS"
	}
	if d.late {
		text += ", run again before it is recovered"
	}
	return text
}

// deaths are as many as are asked for, at points that are spread over the runs. Two of three are by SIGKILL, which leaves
// more behind.
func deaths(count int) (list []death) {
	for i := range count {
		d := death{during: []string{"up", "destroy", "update"}[i%3], signal: syscall.SIGKILL, asOnAWS: i/9%2 == 1, lost: i/18%2 == 1, late: i/36%3 == 1}
		if i/3%3 == 2 {
			d.signal, d.lost, d.asOnAWS = syscall.SIGTERM, false, false
		}
		_, d.at = math.Modf(0.5 + float64(i)*math.Phi) // the golden section spreads any number of points evenly
		list = append(list, d)
	}
	return list
}

// TestKills kills pulumi at a call to AWS, recovers, and finds nothing missing and nothing left over. `make test-faults`
// has it kill a hundred times and more.
func TestKills(t *testing.T) {
	t.Parallel()
	var converged, unowned, settled atomic.Int64
	list := deaths(*kills)
	t.Run("at", func(t *testing.T) { // which waits for all of them
		for i, d := range list {
			t.Run(fmt.Sprint(i+1), func(t *testing.T) {
				t.Parallel()
				t.Log(d)
				done := survive(t, d)
				settled.Add(int64(done.settled))
				unowned.Add(int64(done.unowned))
				if !t.Failed() {
					converged.Add(1)
				}
			})
		}
	})
	t.Logf("%d kills: %d converged, %d resources left unowned; recover imported or removed %d", len(list), converged.Load(), unowned.Load(), settled.Load())
}

// anUpdate of staging creates, changes, replaces and deletes.
var anUpdate = map[string]any{"slipway:egress": "endpoints", "slipway:webCpu": 512, "slipway:webMemory": 1024, "slipway:webMaxCount": 4}

// callsOfUpdate is how many calls anUpdate makes.
var callsOfUpdate struct {
	sync.Once
	count int64
}

// aftermath counts resources: those that recover has imported or removed, and those that nobody owns after all.
type aftermath struct{ settled, unowned int }

// survive has a run die, recovers and carries on, until the preview is empty, and then to the end of all things.
func survive(t *testing.T, d death) (done aftermath) {
	t.Helper()
	command := []string{"up", "-s", "staging", "--yes", "--skip-preview"}
	p := staging(t)
	calls := int64(len(p.unowned("staging", nil))) // one for each that exists
	switch d.during {
	case "up":
		p = newProject(t)
	case "update":
		callsOfUpdate.Do(func() {
			counting := staging(t)
			counting.set("staging", anUpdate)
			counting.around = func(_ localaws.Operation, _ string, do func()) {
				atomic.AddInt64(&callsOfUpdate.count, 1)
				do()
			}
			counting.must(command...)
		})
		calls = callsOfUpdate.count
		p.set("staging", anUpdate)
	case "destroy":
		command[0] = "destroy"
	}
	p.die(d, 1+int64(d.at*float64(calls)), command)
	if d.late {
		if _, err := p.lockHolder("staging"); err == nil {
			p.must("cancel", "staging", "--yes")
		}
		_, err := p.run(command...) // it may be refused, for a name that is taken
		t.Log("run again:", err)
	}

	var left []localaws.Object
	done.settled, left = p.recovered("staging", d.asOnAWS)
	assert.Empty(t, left, "after recover")
	done.unowned += len(left)
	if d.during != "destroy" {
		p.must("up", "-s", "staging", "--yes", "--skip-preview")
		p.must("preview", "-s", "staging", "--expect-no-changes")
		left := p.unowned("staging", p.exported("staging").Resources)
		assert.Empty(t, left, "after the next up")
		done.unowned += len(left)
	}
	p.must("destroy", "-s", "staging", "--yes", "--skip-preview")
	assert.Empty(t, p.objects(), "destroy leaves nothing behind")
	done.unowned += len(p.objects())
	return done
}

// die runs a command on staging that dies at the n-th call.
func (p *project) die(d death, n int64, command []string) {
	p.t.Helper()
	var calls atomic.Int64
	var inFlight sync.WaitGroup
	var failure error
	p.dies = true
	p.around = func(_ localaws.Operation, _ string, do func()) {
		inFlight.Add(1)
		defer inFlight.Done()
		if calls.Add(1) != n {
			do() // AWS finishes what it was asked for, whoever dies
			return
		}
		if !d.lost {
			do()
		}
		pid, err := p.lockHolder("staging")
		failure = errors.Join(err, syscall.Kill(pid, d.signal))
		for d.signal == syscall.SIGKILL && failure == nil && syscall.Kill(pid, 0) == nil {
			time.Sleep(time.Millisecond) // it is not to hear the answer
		}
	}
	out, err := p.run(command...)
	inFlight.Wait()
	p.around = nil
	require.NoError(p.t, failure)
	require.GreaterOrEqual(p.t, calls.Load(), n, "it was killed:\n%s", out)
	if d.signal == syscall.SIGKILL {
		var exit *localrun.ExitError
		require.ErrorAs(p.t, err, &exit, out)
		require.Equal(p.t, 128+int(syscall.SIGKILL), exit.Code, out)
	}
}

// lockHolder is the process that has the lock of a stack.
func (p *project) lockHolder(stack string) (pid int, err error) {
	locks, err := filepath.Glob(filepath.Join(p.dir, ".local/state/.pulumi/locks/organization/slipway", stack, "*.json"))
	if err != nil || len(locks) != 1 {
		return 0, fmt.Errorf("the locks of %s are %v: %w", stack, locks, err)
	}
	data, err := os.ReadFile(locks[0])
	if err != nil {
		return 0, err
	}
	var lock struct{ Pid int }
	return lock.Pid, json.Unmarshal(data, &lock)
}

// knownByNobody is the embedded AWS as AWS is: only who looks for something finds it.
type knownByNobody struct{ *stacks.Embedded }

func (knownByNobody) Account() (*localaws.Account, error) { return nil, nil }

// tagsOf finds by the tags that the embedded AWS has. Roles, and all that the Resource Groups Tagging API does not list, are left out.
type tagsOf struct{ *project }

func (p tagsOf) Find(_ context.Context, _, region, tag, value string) (found []stacks.Tagged, err error) {
	for _, o := range p.account() {
		arn, _ := o.Properties["arn"].(string)
		tags := map[string]string{}
		given, _ := o.Properties["tags"].(map[string]any)
		for key, v := range given {
			tags[key], _ = v.(string)
		}
		if tags[tag] == value && o.Region == region && arn != "" && !strings.HasPrefix(o.Type, "aws:iam/role") {
			found = append(found, stacks.Tagged{ARN: arn, Tags: tags})
		}
	}
	return found, nil
}

// recovered recovers a stack. It returns how many resources were imported or removed, and those that the state still has not.
func (p *project) recovered(stack string, asOnAWS bool) (settled int, unowned []localaws.Object) {
	p.t.Helper()
	var said bytes.Buffer
	at := &stacks.Stacks{Place: p.place(&said), Stderr: &said}
	known := stacks.Known{Made: map[string]string{}, RestMissing: true}
	if asOnAWS {
		at.Place, at.Tags = knownByNobody{p.place(&said)}, tagsOf{p}
		err := at.Recover(context.Background(), stack, stacks.Known{})
		var unknown *stacks.UnknownError
		if errors.As(err, &unknown) {
			err = p.lookAt(stack, unknown, known.Made)
		}
		require.NoError(p.t, err, said.String())
	}
	require.NoError(p.t, at.Recover(context.Background(), stack, known), said.String())

	after := p.exported(stack)
	assert.Empty(p.t, after.PendingOperations, said.String())
	_, err := p.lockHolder(stack)
	assert.ErrorContains(p.t, err, "are []", "no lock is left")
	return strings.Count(said.String(), "\n  "), p.unowned(stack, after.Resources)
}

// lookAt does what the user is told to: it finds the ids of what AWS has made, and deletes that of which the state has another.
func (p *project) lookAt(stack string, unknown *stacks.UnknownError, made map[string]string) error {
	p.t.Helper()
	var errs []error
	for _, o := range p.unowned(stack, unknown.State.Resources) {
		handle := o.Type + "::" + o.URN[strings.LastIndex(o.URN, ":")+1:]
		if !strings.Contains(unknown.Error(), "\n  "+strings.Replace(handle, "::", " ", 1)) {
			continue // it is found by its tags
		}
		if i := slices.IndexFunc(unknown.State.Resources, func(r stacks.Resource) bool { return r.URN == o.URN && !r.Delete && !r.PendingReplacement }); i < 0 {
			made[handle] = o.ID
			continue
		}
		account, err := localaws.Open(filepath.Join(p.dir, ".local", "aws"))
		require.NoError(p.t, err)
		errs = append(errs, account.Remove(o.ID))
	}
	return errors.Join(errs...)
}

func (p *project) exported(stack string) (state stacks.State) {
	p.t.Helper()
	require.NoError(p.t, json.Unmarshal([]byte(p.export(stack)), &struct{ Deployment *stacks.State }{&state}))
	return state
}

// unowned are the objects of a stack that its state does not have.
func (p *project) unowned(stack string, recorded []stacks.Resource) []localaws.Object {
	p.t.Helper()
	account, err := localaws.Open(filepath.Join(p.dir, ".local", "aws"))
	require.NoError(p.t, err)
	identities := map[localaws.Identity]bool{}
	for _, r := range recorded {
		identities[localaws.Identity{Type: r.Type, ID: r.ID}] = true
	}
	found, err := account.Unrecorded(stack, identities)
	require.NoError(p.t, err)
	return found
}

// TestTwoUpdatesAtOnce runs a second update, and a recovery, while the first has the stack's lock.
func TestTwoUpdatesAtOnce(t *testing.T) {
	t.Parallel()
	p := staging(t)
	p.set("staging", map[string]any{"slipway:webMaxCount": 3})
	second := &project{t: t, dir: p.dir}
	changing, goOn := make(chan struct{}), make(chan struct{})
	var once sync.Once
	p.around = func(_ localaws.Operation, _ string, do func()) {
		once.Do(func() { close(changing) })
		<-goOn
		do()
	}
	var out string
	ended := make(chan error, 1)
	go func() {
		var err error
		out, err = p.run("up", "-s", "staging", "--yes", "--skip-preview")
		ended <- err
	}()
	select {
	case <-changing:
	case err := <-ended:
		t.Fatal(err, out)
	}

	refused, err := second.run("up", "-s", "staging", "--yes", "--skip-preview")
	assert.Error(t, err)
	assert.Contains(t, refused, "the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end")
	var said bytes.Buffer
	err = (&stacks.Stacks{Place: second.place(&said), Stderr: &said}).Recover(t.Context(), "staging", stacks.Known{})
	assert.ErrorContains(t, err, "another run is changing staging: process ")

	close(goOn)
	require.NoError(t, <-ended, out)
	p.must("preview", "-s", "staging", "--expect-no-changes")
	assert.Empty(t, p.unowned("staging", p.exported("staging").Resources))
}
