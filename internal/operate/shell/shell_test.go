package shell

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/awsexchange"
	"slipway/internal/operate"
)

func open(t *testing.T, file string) (*Shell, *awsexchange.Server) {
	t.Helper()
	server := awsexchange.Serve(t, "", file)
	return &Shell{Service: "web", Stack: &operate.Deployed{AWS: server.Config(), Stack: operate.Stack{Name: "staging", Services: map[string]operate.Service{"web": {
		ClusterArn: "arn:aws:ecs:eu-central-1:123456789012:cluster/web-cluster-8e3930a", Service: "web-service-a5387bc", Container: "web", LogGroup: "web-logs-7b76fa9",
	}}}}}, server
}

func TestThePluginGetsTheSessionOfTheLastTask(t *testing.T) {
	t.Parallel()
	s, server := open(t, "testdata/open.json")
	s.Command = []string{"sh", "-c", "echo it's $HOME"}
	plugin, task, err := s.open(t.Context(), "/opt/plugin")
	require.NoError(t, err)
	assert.Equal(t, strings.Repeat("2", 32), task, "it was started last")
	assert.JSONEq(t, `{
		"cluster": "arn:aws:ecs:eu-central-1:123456789012:cluster/web-cluster-8e3930a", "container": "web", "interactive": true,
		"task": "arn:aws:ecs:eu-central-1:123456789012:task/web-cluster-8e3930a/22222222222222222222222222222222",
		"command": "sh -c 'echo it'\\''s $HOME'"
	}`, server.Requests("ExecuteCommand")[0])

	assert.Equal(t, []string{
		"/opt/plugin", "AWS_SSM_START_SESSION_RESPONSE", "eu-central-1", "StartSession", "",
		`{"Target":"ecs:web-cluster-8e3930a_22222222222222222222222222222222_22222222222222222222222222222222-0527074092"}`, "https://ssm.eu-central-1.amazonaws.com",
	}, plugin.Args)
	session := plugin.Env[slices.IndexFunc(plugin.Env, func(v string) bool { return strings.HasPrefix(v, "AWS_SSM_START") })]
	var got map[string]string
	require.NoError(t, json.Unmarshal([]byte(strings.TrimPrefix(session, "AWS_SSM_START_SESSION_RESPONSE=")), &got))
	assert.Equal(t, map[string]string{"SessionId": "ecs-execute-command-0a1b2c3d", "TokenValue": "the token",
		"StreamUrl": "wss://ssmmessages.eu-central-1.amazonaws.com/v1/data-channel/ecs-execute-command-0a1b2c3d?role=publish_subscribe"}, got)
}

func TestATaskByTheBeginningOfItsID(t *testing.T) {
	t.Parallel()
	s, _ := open(t, "testdata/open.json")
	s.Task = "111"
	_, task, err := s.open(t.Context(), "/opt/plugin")
	require.NoError(t, err)
	assert.Equal(t, strings.Repeat("1", 32), task)

	s, _ = open(t, "testdata/open.json")
	s.Task = "3"
	_, _, err = s.open(t.Context(), "/opt/plugin")
	require.EqualError(t, err, "web of staging has no running task 3; those that run are 11111111, 22222222")
}

func TestWhyThereIsNoShell(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"../testdata/service.json":    "web of staging does not allow shells in its tasks (ECS Exec); pulumi config set webEnableExecuteCommand true -s staging, then pulumi up -s staging; it has the containers' root file system writable and the tasks replaced. `slipway run staging -- COMMAND` needs none of that",
		"testdata/read-only.json":     "the root file system of the container web is read-only, and the agent of ECS Exec has to write to it; pulumi config set webEnableExecuteCommand true -s staging",
		"testdata/no-task.json":       "web of staging has no running task now; slipway status staging says more",
		"testdata/starting.json":      "the tasks of web of staging are being started; try again in a moment",
		"testdata/agent-stopped.json": "the agent of ECS Exec in the container web of task 22222222 is STOPPED: Required directories could not be created; it needs",
		"testdata/not-connected.json": "the agent of ECS Exec in the task has no connection to Systems Manager",
	} {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			s, _ := open(t, file)
			_, _, err := s.open(t.Context(), "/opt/plugin")
			require.ErrorContains(t, err, want)
		})
	}
}

func TestFindPlugin(t *testing.T) {
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	_, err := findPlugin(t.Context())
	require.ErrorContains(t, err, "there is no session-manager-plugin on PATH, which shells are shown by; https://docs.aws.amazon.com/")
	program := filepath.Join(bin, "session-manager-plugin")
	for version, want := range map[string]string{
		"1.2.707.0": "", "1.3": "", "2": "", "1.2.497.0": "it has to be newer than 1.2.497", "1.1.61.0": "is version 1.1.61.0", "old": "is version old",
	} {
		require.NoError(t, os.WriteFile(program, []byte("#!/bin/sh\necho "+version+"\n"), 0o755))
		found, err := findPlugin(t.Context())
		if want == "" {
			require.NoError(t, err)
			assert.Equal(t, program, found)
		} else {
			require.ErrorContains(t, err, want)
		}
	}
}

func TestQuoted(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "/bin/sh", quoted(nil))
	assert.Equal(t, `python3 manage.py shell -c 'print("a b")' ''`, quoted([]string{"python3", "manage.py", "shell", "-c", `print("a b")`, ""}))
}
