package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/localaws"
	"slipway/internal/localrun"
)

func TestExitCodes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ args, want string }{
		{"staging", "--only staging sweeps just that"},
		{"--only qa", `--only: got "qa", takes staging, prod or shared`},
		{"--only staging,staging", `--only: "staging" is there twice`},
		{"--only=", "--only: got nothing"},
		{"--sample -1", "--sample: got -1, takes 1 or more, or 0 for all"},
		{"--jobs 0", "--jobs: got 0, takes 1 or more"},
		{"--run (", "--run: error parsing regexp"},
		{"--fast", "unknown flag: --fast"},
	} {
		command := rootCommand()
		command.SetArgs(strings.Fields(test.args))
		err := command.ExecuteContext(t.Context())
		assert.ErrorContains(t, err, test.want)
		assert.Equal(t, 2, exitCode(err), test.args)
	}
	assert.Equal(t, 1, exitCode(errors.New("a run did not converge")))
	assert.Equal(t, 0, exitCode(nil))
}

func made(operation localaws.Operation, typ, name string) call {
	return newCall(operation, "urn:pulumi:staging::slipway::slipway:index:Vpc$"+typ+"::"+name)
}

func TestCalls(t *testing.T) {
	t.Parallel()
	list, err := sorted([]call{
		made(localaws.Delete, "aws:sqs/queue:Queue", "tasks"),
		made(localaws.Create, "aws:sqs/queue:Queue", "tasks"),
		made(localaws.Create, "aws:ec2/natGateway:NatGateway", "network-1"),
	})
	require.NoError(t, err)
	var texts []string
	for _, c := range list {
		texts = append(texts, c.String())
	}
	assert.Equal(t, []string{
		"create aws:ec2/natGateway:NatGateway network-1",
		"create aws:sqs/queue:Queue tasks",
		"delete aws:sqs/queue:Queue tasks",
	}, texts)
	assert.Equal(t, ways, list[0].ways(), "a NAT gateway is waited for")
	assert.Equal(t, ways[:2], list[1].ways(), "a queue is there at once")

	_, err = sorted([]call{made(localaws.Create, "aws:sqs/queue:Queue", "tasks"), made(localaws.Create, "aws:sqs/queue:Queue", "tasks")})
	assert.ErrorContains(t, err, "1 calls are there twice, and a fault cannot tell them apart: [create aws:sqs/queue:Queue tasks")
}

// imagined are two deployments of three calls, which can fail in seven ways.
func imagined(t *testing.T) []prepared {
	t.Helper()
	first, err := sorted([]call{made(localaws.Create, "aws:sqs/queue:Queue", "tasks"), made(localaws.Create, "aws:ec2/natGateway:NatGateway", "network-1")})
	require.NoError(t, err)
	second, err := sorted([]call{made(localaws.Delete, "aws:sqs/queue:Queue", "tasks")})
	require.NoError(t, err)
	return []prepared{
		{environment: environments[0], deployment: create, calls: first},
		{environment: environments[0], deployment: destroy, calls: second},
	}
}

func TestASampleHasSomeOfEverything(t *testing.T) {
	t.Parallel()
	all := allTrials(imagined(t))
	assert.Len(t, all, 7)
	assert.ElementsMatch(t, all, pick(all, 0))
	assert.ElementsMatch(t, all, pick(all, 100))

	sample := pick(all, 5)
	assert.Equal(t, sample, pick(slices.Concat(all[3:], all[:3]), 5), "always the same")
	kinds := map[string]bool{}
	for _, trial := range sample {
		kinds[trial.prepared.deployment.name+" "+trial.way.name] = true
	}
	assert.Len(t, kinds, 5, "no kind twice before each was there once: %v", kinds)
}

func TestReport(t *testing.T) {
	t.Parallel()
	deployments := imagined(t)
	var outcomes []outcome
	for _, trial := range allTrials(deployments) {
		outcomes = append(outcomes, outcome{trial: trial, failed: len(trial.way.faults), again: true})
	}
	// network-1 is the first: refused, timed out, not ready.
	outcomes[1].again, outcomes[1].orphans = false, []string{"aws:ec2/natGateway:NatGateway nat-1"}
	good := newReport(deployments, outcomes, 62e9)
	require.NoError(t, good.verdict())
	var table strings.Builder
	require.NoError(t, good.writeTable(&table))
	assert.Equal(t, `ENVIRONMENT  DEPLOYMENT  CALLS ARE  CALLS   RUNS  FAILED  AGAIN  ORPHANS  CONVERGED  UNOWNED
staging      create      refused        2      2       6      2        0          2        0
staging      create      timed out      2      2       2      1        1          2        0
staging      create      not ready      1      1       1      1        0          1        0
staging      destroy     refused        1      1       3      1        0          1        0
staging      destroy     timed out      1      1       1      1        0          1        0
all                                     3      7      13      6        1          7        0

13 calls were failed in 1m2s: 7 of 7 runs converged, 0 things were left unowned.
`, table.String())

	outcomes[1].problem, outcomes[1].left = "unowned: aws:ec2/natGateway:NatGateway nat-1", outcomes[1].orphans
	bad := newReport(deployments, outcomes, 62e9)
	assert.EqualError(t, bad.verdict(), "1 of 7 runs did not converge, and 1 things were left unowned")
	var encoded strings.Builder
	require.NoError(t, bad.writeJSON(&encoded))
	assert.Contains(t, encoded.String(), `"run": "staging, create: create aws:ec2/natGateway:NatGateway network-1: timed out"`)
	assert.Contains(t, encoded.String(), `"converged": 6,`)
}

// TestSample runs some of the sweep, one of each kind of call and failure, and shows that the sweep sees what is wrong.
func TestSample(t *testing.T) {
	t.Parallel()
	root, err := localrun.FindProject(".")
	require.NoError(t, err)
	dir := t.TempDir()
	options := options{environments: environments[2:], jobs: 2, log: t.Output()}
	deployments, err := prepareAll(t.Context(), root, dir, options)
	require.NoError(t, err)
	find := func(d deployment, operation localaws.Operation, way way) trial {
		t.Helper()
		all := pick(allTrials(deployments), 0)
		i := slices.IndexFunc(all, func(t trial) bool {
			return t.prepared.deployment.name == d.name && t.call.operation == operation && t.way.name == way.name
		})
		require.GreaterOrEqual(t, i, 0, "%s, %s, %s", d.name, operation, way.name)
		return all[i]
	}
	refused, timedOut, notReady := ways[0], ways[1], ways[2]
	trials := []trial{
		find(create, localaws.Create, timedOut),
		find(change, localaws.Update, notReady),
		find(destroy, localaws.Delete, refused),
	}

	outcomes, err := runAll(t.Context(), dir, trials, options)
	require.NoError(t, err)
	total := newReport(deployments, outcomes, 0).Total
	require.NoError(t, newReport(deployments, outcomes, 0).verdict(), "%+v", outcomes)
	assert.Equal(t, counts{Calls: total.Calls, Runs: 3, Failed: 5, Again: total.Again, Orphans: 1, Converged: 3}, total)
	assert.Greater(t, total.Calls, 100)

	t.Run("what is wrong is seen", func(t *testing.T) {
		for _, wrong := range []struct {
			problem string
			trial   trial
			look    func(trial, project, *outcome) error
		}{
			{"NotReady: the command did not fail", trials[1], func(wrong trial, p project, o *outcome) error {
				wrong.call.name = "nobody"
				return wrong.fail(t.Context(), p, o)
			}},
			{"the preview is not empty", trials[1], func(wrong trial, p project, o *outcome) error {
				return wrong.converge(t.Context(), p, o)
			}},
			{"destroy has left aws:", trials[2], func(wrong trial, p project, o *outcome) error {
				return wrong.tearDown(t.Context(), p, o)
			}},
			{"1 objects of staging are gone", trials[2], func(wrong trial, p project, o *outcome) error {
				account, err := p.account()
				require.NoError(t, err)
				_, err = account.RemoveUnrecorded(wrong.prepared.environment.stack, nil)
				require.NoError(t, err)
				before := *wrong.prepared
				before.before = append(slices.Clone(before.before), "aws:sqs/queue:Queue tasks")
				wrong.prepared = &before
				return wrong.tearDown(t.Context(), p, o)
			}},
		} {
			p, err := wrong.trial.prepared.project.copyTo(filepath.Join(t.TempDir(), "project"))
			require.NoError(t, err)
			o := outcome{}
			require.NoError(t, wrong.look(wrong.trial, p, &o))
			assert.Contains(t, o.problem, wrong.problem)
		}

		p, err := trials[2].prepared.project.copyTo(filepath.Join(t.TempDir(), "project"))
		require.NoError(t, err)
		e := trials[2].prepared.environment
		unowned, err := p.unowned(e)
		require.NoError(t, err)
		assert.Empty(t, unowned)
		require.NoError(t, os.Remove(filepath.Join(p.local(), "state", ".pulumi", "stacks", "slipway", e.stack+".json")))
		unowned, err = p.unowned(e)
		require.NoError(t, err)
		assert.Greater(t, len(unowned), 30, "the state is lost")
	})
}
