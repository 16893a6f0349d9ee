package e2e

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/gohost"
	"slipway/internal/localaws"
	"slipway/internal/localrun"
	"slipway/internal/stacks"
	"slipway/internal/testenv"
)

// environments are the test environments of the project on its embedded AWS, as `slipway local env` has them. What is
// said goes to said, when it is not nil.
func (p *project) environments(said *bytes.Buffer) *testenv.Environments {
	p.t.Helper()
	var discarded bytes.Buffer
	if said == nil {
		said = &discarded
	}
	return &testenv.Environments{
		Place:   p.place(said),
		Project: "slipway",
		Command: "slipway local env",
		Yes:     true,
		Stderr:  said,
	}
}

// place is the embedded AWS of the project. What pulumi says goes to said.
func (p *project) place(said *bytes.Buffer) *stacks.Embedded {
	p.t.Helper()
	session := p.session(&bytes.Buffer{}, said)
	session.Dir = filepath.Join(p.dir, ".local")
	return &stacks.Embedded{ProjectDir: p.dir, Session: *session}
}

// env runs `slipway local env up` or `down`, which has to succeed, and returns what it says.
func (p *project) env(run func(*testenv.Environments) error) string {
	p.t.Helper()
	var said bytes.Buffer
	require.NoError(p.t, run(p.environments(&said)), said.String())
	return said.String()
}

func (p *project) envUp(name string, wish testenv.Wish) string {
	p.t.Helper()
	return p.env(func(e *testenv.Environments) error { return e.Up(context.Background(), name, wish) })
}

func (p *project) envDown(name string) string {
	p.t.Helper()
	return p.env(func(e *testenv.Environments) error { return e.Down(context.Background(), name) })
}

func (p *project) envList() (names []string) {
	p.t.Helper()
	list, err := p.environments(nil).List(context.Background())
	require.NoError(p.t, err)
	for _, l := range list {
		names = append(names, l.Name+" "+string(l.Kind)+" "+l.From)
	}
	return names
}

// owned are the objects that a stack has made.
func (p *project) owned(stack string) (list []string) {
	p.t.Helper()
	for _, o := range p.account() {
		if strings.HasPrefix(o.URN, "urn:pulumi:"+stack+"::") {
			list = append(list, o.Type+" "+o.ID)
		}
	}
	return list
}

// nothingIsLeft checks that a test environment is gone without trace.
func (p *project) nothingIsLeft(stack string) {
	p.t.Helper()
	assert.Empty(p.t, p.owned(stack), "in the account")
	assert.NotContains(p.t, p.must("stack", "ls"), stack)
	require.NoError(p.t, filepath.WalkDir(p.dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.Contains(path, "locks") {
			assert.NotContains(p.t, path, "/"+stack+"/", "a lock")
		}
		return err
	}))
	assert.NoFileExists(p.t, localrun.EnvironmentFile(filepath.Join(p.dir, ".local"), stack))
}

// TestTestEnvironmentsBesideStaging makes a whole and a shared one, changes nothing of staging, and takes both down.
func TestTestEnvironmentsBesideStaging(t *testing.T) {
	t.Parallel()
	p := staging(t)
	before := p.objects()
	p.must("stack", "select", "staging")

	p.envUp("pr-1", testenv.Wish{})
	p.envUp("pr-2", testenv.Wish{Shared: new(true)})
	assert.Equal(t, []string{"pr-1 whole staging", "pr-2 shared staging"}, p.envList())
	assert.Len(t, p.owned("pr-1"), len(p.owned("staging")), "a set of its own")
	assert.NotContains(t, strings.Join(p.owned("pr-2"), "\n"), "aws:rds/")
	assert.Equal(t, "app_pr_2", p.outputs("pr-2")["databaseName"])
	p.must("preview", "-s", "staging", "--expect-no-changes")

	p.must("config", "set", "slipway:webMaxCount", "3", "-s", "pr-1")
	p.envUp("pr-1", testenv.Wish{}) // what was set stays
	assert.Len(t, p.owned("pr-1"), len(p.owned("staging")))
	for _, o := range p.account() {
		if o.Type == "aws:appautoscaling/target:Target" && strings.HasSuffix(o.URN, "::web-scaling") {
			assert.EqualValues(t, map[bool]int{true: 3, false: 2}[strings.HasPrefix(o.URN, "urn:pulumi:pr-1::")], o.Properties["maxCapacity"], o.URN)
		}
	}

	assert.Contains(t, p.envDown("pr-1"), "pr-1 is down")
	p.nothingIsLeft("pr-1")
	p.dropsTheDatabase("pr-2")
	p.nothingIsLeft("pr-2")
	assert.ElementsMatch(t, before, p.objects(), "staging is whole")
	p.must("preview", "--expect-no-changes") // staging is still the selected stack
	assert.Contains(t, p.envDown("pr-1"), "there is no environment pr-1")
	assert.Empty(t, p.envList())
}

// databases notes down what is to be dropped.
type databases struct {
	dropped []testenv.Database
	err     error
}

func (d *databases) Drop(_ context.Context, db testenv.Database) error {
	d.dropped = append(d.dropped, db)
	return d.err
}

// dropsTheDatabase takes a shared environment down as if a database ran in staging's cluster. When it cannot be dropped,
// the stack stays, and the next run carries on.
func (p *project) dropsTheDatabase(name string) {
	p.t.Helper()
	var said bytes.Buffer
	environments := p.environments(&said)
	environments.Databases = &databases{err: errors.New("not authorized to perform rds-data:ExecuteStatement")}
	err := environments.Down(context.Background(), name)
	require.ErrorContains(p.t, err, "the stack is kept, so that you can run this again: not authorized")
	require.ErrorContains(p.t, err, `DROP DATABASE IF EXISTS "app_pr_2" WITH (FORCE)`)
	assert.Equal(p.t, []string{name + " shared staging"}, p.envList())

	now := &databases{}
	environments.Databases = now
	require.NoError(p.t, environments.Down(context.Background(), name), said.String())
	shared := p.outputs("staging")["shared"].(map[string]any)["database"].(map[string]any)
	assert.Equal(p.t, []testenv.Database{{ClusterArn: shared["clusterArn"].(string), SecretArn: shared["secretArn"].(string), Base: "app", Name: "app_pr_2"}}, now.dropped)
	assert.Contains(p.t, said.String(), "dropped the database app_pr_2")
}

// TestATestEnvironmentAfterAKill kills pulumi while AWS is making things, and goes on with the next command.
func TestATestEnvironmentAfterAKill(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wish     testenv.Wish
		inFlight map[string]string // types by their calls
		next     func(*testing.T, *project) string
	}{
		"down": {
			testenv.Wish{},
			map[string]string{"CreateLoadBalancer": "aws:lb/loadBalancer:LoadBalancer", "CreateDBCluster": "aws:rds/cluster:Cluster", "CreateVpcEndpoint": "aws:ec2/vpcEndpoint:VpcEndpoint"},
			func(t *testing.T, p *project) string { return p.envDown("pr-3") },
		},
		"up": {
			testenv.Wish{Shared: new(true)},
			map[string]string{"CreateTargetGroup": "aws:lb/targetGroup:TargetGroup", "CreateQueue": "aws:sqs/queue:Queue", "CreateRole": "aws:iam/role:Role"},
			func(t *testing.T, p *project) string {
				said := p.envUp("pr-3", testenv.Wish{})
				made := map[string]int{}
				for _, o := range p.account() {
					made[o.Type+" by "+o.URN]++ // AWS itself makes things beside a resource
				}
				for object, times := range made {
					assert.Equal(t, 1, times, object)
				}
				p.must("preview", "-s", "pr-3", "--expect-no-changes")
				p.envDown("pr-3")
				return said
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := staging(t)
			before := p.objects()
			p.killUp("pr-3", c.wish, c.inFlight)
			said := c.next(t, p)
			assert.Contains(t, said, "the lock of pr-3 was left by a run that is gone")
			for _, made := range c.inFlight {
				assert.Contains(t, said, "\n  "+made, "what was removed is said")
			}
			p.nothingIsLeft("pr-3")
			assert.ElementsMatch(t, before, p.objects())
		})
	}
}

// killUp makes a test environment and kills pulumi when AWS has made what is in flight and has not answered.
func (p *project) killUp(name string, wish testenv.Wish, inFlight map[string]string) {
	p.t.Helper()
	p.dies = true
	var faults []string
	for call := range inFlight {
		faults = append(faults, call+":NoAnswer")
	}
	p.faults = strings.Join(faults, ",")
	var said bytes.Buffer
	environments := p.environments(&said)
	ended := make(chan error, 1)
	go func() { ended <- environments.Up(context.Background(), name, wish) }()
	require.Eventually(p.t, func() bool {
		made := strings.Join(p.owned(name), "\n")
		for _, typ := range inFlight {
			if !strings.Contains(made, typ+" ") {
				return false
			}
		}
		return true
	}, time.Minute, 20*time.Millisecond)

	pid, err := p.lockHolder(name)
	require.NoError(p.t, err)
	require.NoError(p.t, syscall.Kill(pid, syscall.SIGKILL))
	var exit *localrun.ExitError
	require.ErrorAs(p.t, <-ended, &exit, said.String())
	assert.Equal(p.t, 128+int(syscall.SIGKILL), exit.Code)
	p.faults = ""
}

// TestTestEnvironmentsByPlainPulumi runs what `slipway env` runs against AWS: the user's own pulumi, with a backend of its
// own and encrypted values. Only the providers are the embedded ones.
func TestTestEnvironmentsByPlainPulumi(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	executable, err := program()
	require.NoError(t, err)
	cli, err := p.session(&bytes.Buffer{}, &bytes.Buffer{}).FindCLI(t.Context())
	require.NoError(t, err)
	server, err := localaws.Serve(t.Context(), localaws.Options{Dir: filepath.Join(p.dir, ".local", "aws"), ProjectDir: p.dir})
	require.NoError(t, err)
	host, err := gohost.Serve(os.Environ(), func(context.Context) (string, error) { return executable, nil })
	require.NoError(t, err)
	t.Cleanup(host.Close)
	state := t.TempDir()

	var printed, said bytes.Buffer
	place := &stacks.AWS{ProjectDir: p.dir, CLI: cli, Stdin: strings.NewReader(""), Stdout: &printed, Stderr: &said, Environ: append(os.Environ(),
		"PULUMI_HOME="+t.TempDir(), "PULUMI_BACKEND_URL=file://"+state+"?metadata=skip", "PULUMI_CONFIG_PASSPHRASE=correct horse",
		"PULUMI_DEBUG_PROVIDERS="+server.DebugProviders(), "PULUMI_DEBUG_LANGUAGES="+host.DebugLanguages(),
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true", "PULUMI_SKIP_UPDATE_CHECK=true", "GIT_OPTIONAL_LOCKS=0")}
	environments := &testenv.Environments{Place: place, Project: "slipway", Command: "slipway env", Yes: true, Stderr: &said}
	pulumi := func(args ...string) string {
		t.Helper()
		var heard bytes.Buffer
		out, err := place.Output(t.Context(), &heard, args...)
		require.NoError(t, err, "%s%s", out, heard.String())
		return string(out)
	}
	up := func() {
		t.Helper()
		require.NoError(t, environments.Up(t.Context(), "pr-1", testenv.Wish{}), "%s%s", printed.String(), said.String())
	}

	p.set("staging", map[string]any{"slipway:domain": "staging.example.com", "slipway:staticDomain": "static.example.com"})
	pulumi("stack", "init", "staging")
	pulumi("config", "set", "--secret", "aws:secretKey", "hunter2", "-s", "staging")
	up()
	assert.Equal(t, "https://pr-1.staging.example.com", strings.TrimSpace(pulumi("stack", "output", "webUrl", "-s", "pr-1")))
	assert.Contains(t, pulumi("stack", "output", "staticUrl", "-s", "pr-1"), ".cloudfront.net")
	assert.Equal(t, "hunter2", strings.TrimSpace(pulumi("config", "get", "aws:secretKey", "-s", "pr-1")))
	assert.Contains(t, pulumi("stack", "ls"), "staging*", "the selected stack stays")
	file := filepath.Join(p.dir, "Pulumi.pr-1.yaml")
	before, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.NotContains(t, string(before), "hunter2")

	// Another checkout, as of the next job, has no configuration of the environment.
	made := p.owned("pr-1")
	require.NoError(t, os.Remove(file))
	up()
	assert.ElementsMatch(t, made, p.owned("pr-1"), "nothing has changed")
	assert.Equal(t, "hunter2", strings.TrimSpace(pulumi("config", "get", "aws:secretKey", "-s", "pr-1")))

	require.NoError(t, os.Remove(file))
	require.NoError(t, environments.Down(t.Context(), "pr-1"), said.String())
	assert.Empty(t, p.owned("pr-1"))
	assert.NoFileExists(t, file)
	stacks := pulumi("stack", "ls")
	assert.NotContains(t, stacks, "pr-1")
	assert.Contains(t, stacks, "staging*")
}
