package oneoff

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/awsexchange"
	"slipway/internal/localrun"
	"slipway/internal/operate"
)

const task = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"

// deployed is the stack that the exchanges are about.
func deployed(server *awsexchange.Server) *operate.Deployed {
	return &operate.Deployed{AWS: server.Config(), Stack: operate.Stack{Name: "staging", Services: map[string]operate.Service{"web": {
		ClusterArn: "arn:aws:ecs:eu-central-1:123456789012:cluster/web-cluster-8e3930a", Service: "web-service-a5387bc", Container: "web", LogGroup: "web-logs-7b76fa9",
	}}}}
}

func runner(t *testing.T, files ...string) (r *Runner, server *awsexchange.Server, stdout, stderr *bytes.Buffer) {
	t.Helper()
	server = awsexchange.Serve(t, "", slices.Concat(files, []string{"../testdata/service.json"})...)
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	return &Runner{
		Stack: deployed(server), Stdout: stdout, Stderr: stderr, Terminal: true, Pause: time.Microsecond, Interrupted: make(chan struct{}),
	}, server, stdout, stderr
}

var command = Request{Command: []string{"python3", "manage.py", "reindex"}}

func TestATaskIsLikeThoseOfTheService(t *testing.T) {
	t.Parallel()
	r, server, _, said := runner(t, "testdata/fails.json")
	request := command
	request.CPU, request.Env = 1024, []string{"PORT=1", "EMPTY=", "SUM=1=1"}
	id, err := r.Start(t.Context(), "web", request)
	require.NoError(t, err)
	assert.Equal(t, task, id)
	assert.Equal(t, "slipway: task "+task+": web of staging as shop-staging-web:12, sha256:f0a3c86717be, 1024 CPU units, 2048 MiB\n", said.String())

	var asked map[string]any
	require.NoError(t, json.Unmarshal([]byte(server.Requests("RunTask")[0]), &asked))
	assert.Regexp(t, "^[0-9a-f-]{36}$", asked["clientToken"], "two tries start one task")
	delete(asked, "clientToken")
	text, err := json.Marshal(asked)
	require.NoError(t, err)
	assert.JSONEq(t, `{
		"cluster": "arn:aws:ecs:eu-central-1:123456789012:cluster/web-cluster-8e3930a",
		"taskDefinition": "arn:aws:ecs:eu-central-1:123456789012:task-definition/shop-staging-web:12",
		"count": 1, "startedBy": "slipway-run", "enableECSManagedTags": true, "propagateTags": "TASK_DEFINITION",
		"platformVersion": "LATEST", "capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT", "weight": 100}],
		"networkConfiguration": {"awsvpcConfiguration": {"assignPublicIp": "ENABLED", "securityGroups": ["sg-062f0c8e309bcff2a"],
			"subnets": ["subnet-0cf85cd8ce3b5aba5", "subnet-025cba6e08cb02a98"]}},
		"overrides": {"cpu": "1024", "memory": "2048", "containerOverrides": [{"name": "web", "command": ["python3", "manage.py", "reindex"],
			"environment": [{"name": "PORT", "value": "1"}, {"name": "EMPTY", "value": ""}, {"name": "SUM", "value": "1=1"}]}]}
	}`, string(text))
}

func TestWrongRequestsStartNothing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		request Request
		service string
		want    string
	}{
		"no value":        {request: Request{Env: []string{"hunter2"}}, want: "--env: takes NAME=VALUE; one of them has no ="},
		"no name":         {request: Request{Env: []string{"1A=x"}}, want: `--env: got "1A"`},
		"twice":           {request: Request{Env: []string{"A=1", "A=2"}}, want: "--env A: is there twice"},
		"a secret":        {request: Request{Env: []string{"DATABASE_PASSWORD=x"}}, want: "--env DATABASE_PASSWORD: the task gets this variable from a secret"},
		"no such CPU":     {request: Request{CPU: 300}, want: "--cpu: got 300, takes CPU units of Fargate"},
		"no such memory":  {request: Request{Memory: 8192}, want: "--memory: got 8192, takes MiB that Fargate pairs with 256 CPU units: 512 1024 2048"},
		"no such service": {service: "api", want: `the stack staging has no service "api"; it has web`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, server, _, _ := runner(t)
			if test.service == "" {
				test.service = "web"
			}
			_, err := r.Start(t.Context(), test.service, test.request)
			require.ErrorContains(t, err, test.want)
			assert.ErrorAs(t, err, new(*localrun.UsageError))
			assert.NotContains(t, err.Error(), "hunter2", "it may be a secret")
			assert.Empty(t, server.Requests("RunTask"))
		})
	}
}

func TestItsLogIsShownAndItsExitCodeTaken(t *testing.T) {
	t.Parallel()
	r, _, logged, said := runner(t, "testdata/fails.json", "testdata/logs.json")
	id, err := r.Start(t.Context(), "web", command)
	require.NoError(t, err)
	code, err := r.Attach(t.Context(), id, true)
	require.NoError(t, err)
	assert.Equal(t, 3, code)
	assert.Equal(t, "indexing 1\nindexing \uFFFD[2J2\nfailed\n", logged.String(), "the command's alone, and nothing that moves the cursor")
	assert.Equal(t, "slipway: task "+task+`: web of staging as shop-staging-web:12, sha256:f0a3c86717be, 256 CPU units, 512 MiB
slipway: the task waits for a place on Fargate
slipway: the task is being started: image, secrets, and what runs before the command
release: nothing to migrate
slipway: the task runs
slipway: the command failed with exit code 3 after 12s
`, said.String())
}

func TestTasksThatDoNotRunSayWhy(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"secret":      "the command did not run: a secret of it could not be read; the secret is gone, the execution role may not read it, or there is no route to Secrets Manager (ECS says: ResourceInitializationError: unable to pull secrets",
		"release":     "the command did not run: the container release, which runs before it in every task, failed with exit code 1; its log is above",
		"capacity":    "the task was not started: AWS has no room for it on Fargate in these zones now",
		"other-stack": "the task " + task + " runs shop-pr-7-web:3, which is none of the services of staging",
		"forgotten":   "there is no task " + task + " in the cluster of staging (any more)",
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			r, _, _, _ := runner(t, "testdata/"+file+".json", "testdata/no-log.json")
			id, err := r.Start(t.Context(), "web", command)
			if err == nil {
				_, err = r.Attach(t.Context(), id, true)
			}
			require.ErrorContains(t, err, want)
		})
	}
}

func TestInterrupts(t *testing.T) {
	t.Parallel()
	interrupted := make(chan struct{})
	close(interrupted)
	t.Run("before the task is started", func(t *testing.T) {
		t.Parallel()
		r, server, _, _ := runner(t, "testdata/stopped.json")
		r.Interrupted = interrupted
		_, err := r.Start(t.Context(), "web", command)
		require.ErrorIs(t, err, ErrLeft)
		assert.Empty(t, server.Requests("RunTask"))
	})
	t.Run("the task is stopped, and waited for", func(t *testing.T) {
		t.Parallel()
		r, server, _, said := runner(t, "testdata/stopped.json", "testdata/no-log.json")
		r.Interrupted, r.Pause = interrupted, time.Millisecond
		code, err := r.Attach(t.Context(), task, true)
		require.ErrorIs(t, err, ErrLeft)
		assert.Equal(t, 130, code)
		require.Len(t, server.Requests("StopTask"), 1)
		assert.Contains(t, server.Requests("StopTask")[0], task)
		assert.Contains(t, said.String(), "slipway: the task is told to stop (SIGTERM, and SIGKILL 30 s later); Ctrl-C again leaves it to that\n")
		assert.Contains(t, said.String(), "slipway: the task has stopped after 12s\n")
	})
	t.Run("a task that was attached to runs on", func(t *testing.T) {
		t.Parallel()
		r, server, _, said := runner(t, "testdata/stopped.json", "testdata/no-log.json")
		r.Interrupted, r.Pause = interrupted, time.Hour
		_, err := r.Attach(t.Context(), task, false)
		require.ErrorIs(t, err, ErrLeft)
		assert.Empty(t, server.Requests("StopTask"))
		assert.Contains(t, said.String(), "slipway: task "+task+" runs on; slipway run staging --attach "+task+", or --stop "+task+"\n")
	})
	t.Run("the second one does not wait", func(t *testing.T) {
		t.Parallel()
		r, _, _, said := runner(t, "testdata/stopped.json", "testdata/no-log.json")
		patience, impatient := context.WithCancel(t.Context())
		r.Interrupted, r.Pause = interrupted, time.Hour
		r.Stderr = writer(func(text string) {
			said.WriteString(text)
			if text == "slipway: the task is told to stop (SIGTERM, and SIGKILL 30 s later); Ctrl-C again leaves it to that\n" {
				impatient()
			}
		})
		_, err := r.Attach(patience, task, true)
		require.ErrorIs(t, err, ErrLeft)
		assert.Contains(t, said.String(), "slipway: not waiting for task "+task+", which is being stopped\n")
	})
}

type writer func(string)

func (w writer) Write(text []byte) (int, error) { w(string(text)); return len(text), nil }
