package testenv

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/localrun"
)

func TestNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a", "pr-1", "a" + strings.Repeat("b", 27), "release-2-1"} {
		assert.NoError(t, checkName(name), name)
	}
	for _, name := range []string{"", "-", "1pr", "pr_1", "Pr-1", "pr-", "pr.1", "a" + strings.Repeat("b", 28), "pr-1\n", "org/pr-1"} {
		var usage *localrun.UsageError
		assert.ErrorAs(t, checkName(name), &usage, "%q", name)
	}
}

func TestUpMakesAnEnvironment(t *testing.T) {
	t.Parallel()
	f := newFakeAWS(t)
	f.write(t, "Pulumi.staging.yaml", `# Staging is small.
secretsprovider: awskms://alias/pulumi
encryptedkey: b2Zfc3RhZ2luZw==
config:
  aws:region: us-east-1
  shop:ephemeral: true # it comes and goes
  aws:token: {secure: AAAA}
`)
	f.answers["stack export"] = `{"deployment": {"secrets_providers": {"type": "cloud", "state": {"url": "awskms://alias/pulumi", "encryptedkey": "b2ZfcHI="}}}}`
	require.NoError(t, f.environments().Up(t.Context(), "pr-1", Wish{}))
	assert.Equal(t, []string{
		"stack ls --json",
		"stack init pr-1 --no-select --secrets-provider awskms://alias/pulumi",
		"stack tag set test-environment-from staging -s pr-1",
		"stack tag set test-environment whole -s pr-1",
		"stack export -s pr-1",
		"config cp aws:token -s staging -d pr-1",
		"up -s pr-1 --yes",
	}, f.calls)
	assert.YAMLEq(t, `
secretsprovider: awskms://alias/pulumi
encryptedkey: b2ZfcHI=
config:
  aws:region: us-east-1
  shop:ephemeral: true
  pulumi:tags: {test-environment: whole, test-environment-from: staging}
`, f.read(t, "Pulumi.pr-1.yaml"))
	assert.NotContains(t, f.read(t, "Pulumi.pr-1.yaml"), "Staging is small")
	assert.NotContains(t, f.read(t, "Pulumi.pr-1.yaml"), "comes and goes")
	assert.Contains(t, f.said.String(), "pr-1 is a whole test environment of staging; take it down with slipway env down pr-1\n")
}

func TestUpFindsAnEnvironment(t *testing.T) {
	t.Parallel()
	f := newEnvironment(t, Shared)
	const kept = "config:\n  shop:webCpu: 512\n"
	f.write(t, "Pulumi.pr-1.yaml", kept)
	require.NoError(t, f.environments().Up(t.Context(), "pr-1", Wish{}))
	assert.Equal(t, []string{"stack ls --json", "stack tag ls --json -s pr-1", "stack export -s pr-1", "up -s pr-1 --yes"}, f.calls)
	assert.Equal(t, kept, f.read(t, "Pulumi.pr-1.yaml"), "what the user has set stays")
}

// TestUpCarriesOn has a former run end at each of its steps.
func TestUpCarriesOn(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"stack init", "stack tag set test-environment-from", "stack tag set test-environment whole", "config cp", "up"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			f := newFakeAWS(t)
			f.write(t, "Pulumi.staging.yaml", "encryptionsalt: v1:staging\nconfig:\n  shop:ephemeral: true\n  shop:domain: app.example.com\n  aws:token: {secure: AAAA}\n")
			f.answers["stack export"] = `{"deployment": {"secrets_providers": {"type": "passphrase", "state": {"salt": "v1:pr-1"}}}}`
			f.fails[step] = "error: the network is down\n"
			require.Error(t, f.environments().Up(t.Context(), "pr-1", Wish{}))
			if step != "stack init" {
				f.answers["stack ls"] = `[{"name": "pr-1"}, {"name": "staging"}]`
			}
			if step == "config cp" || step == "up" {
				f.answers["stack tag ls --json -s pr-1"] = `{"test-environment": "whole", "test-environment-from": "staging"}`
			}
			f.calls = nil
			require.NoError(t, f.environments().Up(t.Context(), "pr-1", Wish{}))
			assert.Equal(t, step == "stack init", strings.Contains(strings.Join(f.calls, "\n"), "stack init"))
			assert.Contains(t, f.calls, "config cp aws:token -s staging -d pr-1")
			assert.YAMLEq(t, `
encryptionsalt: v1:pr-1
config:
  shop:ephemeral: true
  shop:domain: pr-1.app.example.com
  shop:hostedZone: example.com
  pulumi:tags: {test-environment: whole, test-environment-from: staging}
`, f.read(t, "Pulumi.pr-1.yaml"))
		})
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	up := func(name string, wish Wish) func(*testing.T, *Environments) error {
		return func(t *testing.T, e *Environments) error { return e.Up(t.Context(), name, wish) }
	}
	down := func(name string) func(*testing.T, *Environments) error {
		return func(t *testing.T, e *Environments) error { return e.Down(t.Context(), name) }
	}
	const withResources = `{"deployment": {"resources": [{"urn": "urn:pulumi:x::shop::aws:sqs/queue:Queue::jobs", "type": "aws:sqs/queue:Queue", "id": "1", "custom": true, "protect": %t}]}}`
	for name, c := range map[string]struct {
		f     func(*testing.T) *fakeAWS
		run   func(*testing.T, *Environments) error
		says  string
		usage bool
	}{
		"a name for no host":                 {newFakeAWS, up("Pr", Wish{}), `the name "Pr"`, true},
		"the name of a stack":                {newFakeAWS, up("prod", Wish{}), "prod is no test environment: Pulumi.prod.yaml has the configuration of a stack of that name", false},
		"taking a stack down":                {newFakeAWS, down("prod"), "prod is no test environment: Pulumi.prod.yaml has", false},
		"from a stack that is not ephemeral": {newFakeAWS, up("pr-2", Wish{From: new("prod")}), "--from prod: Pulumi.prod.yaml is not ephemeral", false},
		"from a stack without configuration": {newFakeAWS, up("pr-2", Wish{From: new("demo")}), "--from demo: there is no configuration", true},
		"from a test environment": {func(t *testing.T) *fakeAWS {
			f := newFakeAWS(t)
			f.write(t, "Pulumi.pr-1.yaml", "config:\n  shop:ephemeral: true\n  pulumi:tags: {test-environment: whole}\n")
			return f
		}, up("pr-2", Wish{From: new("pr-1")}), "it is a test environment itself", true},
		"another kind":  {func(t *testing.T) *fakeAWS { return newEnvironment(t, Whole) }, up("pr-1", Wish{Shared: new(true)}), "pr-1 is a whole test environment of staging, and stays one", true},
		"whole instead": {func(t *testing.T) *fakeAWS { return newEnvironment(t, Shared) }, up("pr-1", Wish{Shared: new(false)}), "pr-1 is a shared test environment", true},
		"another stack": {func(t *testing.T) *fakeAWS { return newEnvironment(t, Whole) }, up("pr-1", Wish{From: new("demo")}), "pr-1 is a whole test environment of staging", true},
		"a stack that others have made": {func(t *testing.T) *fakeAWS {
			f := newFakeAWS(t)
			f.answers["stack ls"] = `[{"name": "demo"}]`
			f.answers["stack export"] = fmt.Sprintf(withResources, false)
			return f
		}, down("demo"), "demo is no test environment: the stack has resources and was not made by `slipway env up`", false},
		"one that is protected by now": {func(t *testing.T) *fakeAWS {
			f := newEnvironment(t, Whole)
			f.answers["stack export"] = fmt.Sprintf(withResources, true)
			return f
		}, down("pr-1"), "pr-1 is no test environment any more: it protects jobs", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := c.f(t)
			err := c.run(t, f.environments())
			require.ErrorContains(t, err, c.says)
			var usage *localrun.UsageError
			assert.Equal(t, c.usage, errors.As(err, &usage))
			for _, call := range f.calls {
				assert.Regexp(t, "^stack (ls|tag ls|export) ", call, "nothing is changed")
			}
		})
	}
}

func TestDown(t *testing.T) {
	t.Parallel()
	f := newEnvironment(t, Whole)
	f.write(t, "Pulumi.pr-1.yaml", "config:\n  shop:ephemeral: true\n")
	require.NoError(t, f.environments().Down(t.Context(), "pr-1"))
	assert.Equal(t, []string{
		"stack ls --json", "stack tag ls --json -s pr-1", "stack export -s pr-1", "destroy -s pr-1 --yes --skip-preview",
		"stack rm pr-1 --preserve-config --yes", "stack select staging",
	}, f.calls)
	assert.Equal(t, "slipway: pr-1 is down; removed its stack, "+f.dir+"/Pulumi.pr-1.yaml\n", f.said.String())
	_, err := os.Stat(f.dir + "/Pulumi.pr-1.yaml")
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func TestDownWithoutAnEnvironment(t *testing.T) {
	t.Parallel()
	f := newFakeAWS(t)
	require.NoError(t, f.environments().Down(t.Context(), "pr-1"))
	assert.Equal(t, "slipway: there is no environment pr-1\n", f.said.String())

	// Somebody else has taken it down; its configuration is still here.
	f.write(t, "Pulumi.pr-1.yaml", "config:\n  pulumi:tags: {test-environment: whole}\n")
	f.said.Reset()
	require.NoError(t, f.environments().Down(t.Context(), "pr-1"))
	assert.Equal(t, "slipway: there is no environment pr-1; removed what was left of it, "+f.dir+"/Pulumi.pr-1.yaml\n", f.said.String())
}

func TestDownAsksPulumiToAsk(t *testing.T) {
	t.Parallel()
	f := newEnvironment(t, Whole)
	e := f.environments()
	e.Yes = false
	f.fails["destroy"] = "error: confirmation declined\n"
	var exit *localrun.ExitError
	require.ErrorAs(t, e.Down(t.Context(), "pr-1"), &exit)
	assert.Contains(t, f.calls, "destroy -s pr-1")
	assert.NotContains(t, strings.Join(f.calls, "\n"), "stack rm")
}

// TestDownReportsWhatAWSMayHave: on AWS nobody can tell whether a creation that was cut off was finished.
func TestDownReportsWhatAWSMayHave(t *testing.T) {
	t.Parallel()
	for _, fails := range []bool{false, true} {
		f := newEnvironment(t, Whole)
		f.answers["stack export"] = `{"deployment": {"pending_operations": [
			{"type": "creating", "resource": {"urn": "urn:pulumi:pr-1::shop::aws:rds/cluster:Cluster::db", "custom": true, "type": "aws:rds/cluster:Cluster", "inputs": {"clusterIdentifier": "db-1a2b3c4"}}},
			{"type": "creating", "resource": {"urn": "urn:pulumi:pr-1::shop::aws:ec2/vpc:Vpc::net", "custom": true, "type": "aws:ec2/vpc:Vpc"}},
			{"type": "updating", "resource": {"urn": "urn:pulumi:pr-1::shop::aws:sqs/queue:Queue::jobs", "type": "aws:sqs/queue:Queue"}}]}}`
		if fails {
			f.fails["destroy"] = "error: DependencyViolation\n"
		}
		err := f.environments().Down(t.Context(), "pr-1")
		assert.Equal(t, fails, err != nil)
		assert.Contains(t, f.said.String(), "look for them, and delete what is there:\n  aws:rds/cluster:Cluster db (clusterIdentifier db-1a2b3c4): aws rds describe-db-clusters --db-cluster-identifier db-1a2b3c4\n  aws:ec2/vpc:Vpc net\n")
		assert.NotContains(t, f.said.String(), "jobs")
		assert.Equal(t, !fails, strings.Contains(strings.Join(f.calls, "\n"), "stack rm"))
	}
}

func locked(owner string, pid int, since time.Time) string {
	return fmt.Sprintf("error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.\n"+
		"  file:///state/.pulumi/locks/organization/shop/pr-1/0.json: created by root@%s (pid %d) at %s\n", owner, pid, since.Format(time.RFC3339))
}

func TestALock(t *testing.T) {
	t.Parallel()
	host, err := os.Hostname()
	require.NoError(t, err)
	for name, c := range map[string]struct {
		message string
		says    string // by which it is not released
	}{
		"of a process that is gone":           {locked(host, 1<<22+1, time.Now()), ""}, // the largest there can be is 1 << 22
		"of a process that runs":              {locked(host, os.Getpid(), time.Now().Add(-2*time.Hour)), "and that process runs"},
		"of another machine, just now":        {locked("builder", 7, time.Now()), "on another machine, of which this one cannot tell whether it runs"},
		"of another machine, a long time ago": {locked("builder", 7, time.Now().Add(-2*time.Hour)), ""},
		"of none":                             {"error: stack is not locked\n", "status 255"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newEnvironment(t, Whole)
			f.fails["destroy"] = c.message
			err := f.environments().Down(t.Context(), "pr-1")
			calls := strings.Join(f.calls, "\n")
			if c.says != "" {
				require.ErrorContains(t, err, c.says)
				assert.NotContains(t, calls, "cancel")
				return
			}
			require.NoError(t, err)
			assert.Contains(t, calls, "destroy -s pr-1 --yes --skip-preview\ncancel pr-1 --yes\ndestroy -s pr-1 --yes --skip-preview\nstack rm")
			assert.Contains(t, f.said.String(), "the lock of pr-1 was left by a run that is gone")
		})
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	f := newEnvironment(t, Shared)
	f.answers["stack ls --json --tag test-environment"] = `[{"name": "pr-1", "resourceCount": 3, "lastUpdate": "2026-11-21T10:00:00.000Z"}, {"name": "pr-22"}]`
	f.answers["stack tag ls --json -s pr-22"] = `{"test-environment": "whole", "test-environment-from": "demo"}`
	list, err := f.environments().List(t.Context())
	require.NoError(t, err)
	var table, asJSON bytes.Buffer
	require.NoError(t, WriteList(&table, list))
	assert.Equal(t, ""+
		"NAME   KIND    FROM     RESOURCES  LAST UPDATE\n"+
		"pr-1   shared  staging  3          2026-11-21T10:00:00.000Z\n"+
		"pr-22  whole   demo     -          -\n", table.String())
	require.NoError(t, WriteListJSON(&asJSON, list))
	assert.JSONEq(t, `[{"name": "pr-1", "kind": "shared", "from": "staging", "resources": 3, "lastUpdate": "2026-11-21T10:00:00.000Z"},
		{"name": "pr-22", "kind": "whole", "from": "demo", "resources": null, "lastUpdate": ""}]`, asJSON.String())
}
