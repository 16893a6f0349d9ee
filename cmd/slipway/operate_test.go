package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/ptytest"
)

// exchanges are what AWS answers where moto does not, and elsewhere the outputs of the stack that they are about.
const exchanges = "../../internal/operate/testdata/"

var elsewhere = map[string]any{"services": map[string]any{"web": map[string]string{
	"clusterArn": "arn:aws:ecs:eu-central-1:123456789012:cluster/web-cluster-8e3930a", "service": "web-service-a5387bc", "container": "web", "logGroup": "web-logs-7b76fa9",
}}}

func TestRunOnATerminal(t *testing.T) {
	t.Parallel()
	d := newDeck(t)
	server := d.answers("testdata/operate/run.json")
	seen := d.types([]string{"run", "staging", "--env", "LANG=C", "--", "python3", "manage.py", "check", "--deploy"})
	assert.Zero(t, seen.Code)
	assert.Contains(t, server.Requests("RunTask")[0], `"command":["python3","manage.py","check","--deploy"]`)
	session := seen.Text

	d.outputs(elsewhere)
	server = d.answers(exchanges+"service.json", exchanges+"../oneoff/testdata/stopped.json", exchanges+"../oneoff/testdata/no-log.json")
	seen = d.types([]string{"run", "staging", "--", "sleep", "1000"}, ptytest.Answer{When: "the task runs", Type: "\x03"})
	assert.Equal(t, 130, seen.Code)
	require.Len(t, server.Requests("StopTask"), 1)
	ptytest.Golden(t, "operate/run", d.looks(session+"\n"+seen.Text))
}

func TestRunDetached(t *testing.T) {
	t.Parallel()
	d := newDeck(t)
	d.answers("testdata/operate/run.json")
	code, id, said := d.run("", "run", "staging", "--detach", "--", "sleep", "1")
	require.Zero(t, code, said)
	id = strings.TrimSpace(id)
	assert.Contains(t, said, "slipway: it runs on; slipway run staging --attach "+id+" shows it, --stop "+id+" stops it\n")

	code, logged, said := d.run("", "run", "staging", "--attach", id)
	require.Zero(t, code, said)
	assert.Equal(t, "System check identified no issues (0 silenced).\n", logged, "standard output has the command's alone")
	code, _, said = d.run("", "run", "staging", "--stop", id)
	require.Zero(t, code, said)
}

func TestExecOnATerminal(t *testing.T) {
	t.Parallel()
	d := newDeck(t)
	var session string
	look := func(want int, args ...string) {
		t.Helper()
		seen := d.types(args)
		assert.Equal(t, want, seen.Code, seen.Text)
		session += seen.Text + "\n"
	}
	look(1, "exec", "staging")
	d.fake("session-manager-plugin", `if [ "$1" = --version ]; then echo 1.2.707.0; exit; fi
echo "Starting session with SessionId: ecs-execute-command-0a1b2c3d"; echo "plugin: $*"; [ -t 0 ] && echo "on a terminal"`)
	look(1, "exec", "staging", "workers")
	d.outputs(elsewhere)
	d.answers(exchanges + "../shell/testdata/open.json")
	look(0, "exec", "staging", "--", "python3", "manage.py", "shell")
	assert.NotContains(t, session, "the token")
	ptytest.Golden(t, "operate/exec", d.looks(strings.ReplaceAll(session, d.bin, "/usr/local/bin")))
}

func TestLogsOnATerminal(t *testing.T) {
	t.Parallel()
	d := newDeck(t)
	one, two, worker := strings.Repeat("1", 32), strings.Repeat("2", 32), strings.Repeat("3", 32)
	d.logged("web-logs", "release/release/"+one, map[int]string{90: "nothing to migrate"})
	d.logged("web-logs", "web/web/"+one, map[int]string{80: "GET / 200", 50: "GET /missing 404"})
	d.logged("web-logs", "web/web/"+two, map[int]string{60: "\x1b[2JGET /admin 302"})
	d.logged("workers-logs", "worker/worker/"+worker, map[int]string{70: "task done", 40: "task failed"})
	seen := d.types([]string{"logs", "staging"})
	require.Zero(t, seen.Code, seen.Text)
	session := seen.Text
	seen = d.types([]string{"logs", "staging", "workers", "--follow"}, ptytest.Answer{When: "task failed", Type: "\x03"})
	session += "\n" + seen.Text
	seen = d.types([]string{"logs", "staging", "web", "--since", "30s"})
	require.Zero(t, seen.Code, seen.Text)
	ptytest.Golden(t, "operate/logs", d.looks(session+"\n"+seen.Text))

	code, out, said := d.run("", "logs", "staging", "worker", "--json")
	require.Zero(t, code, said)
	var last struct{ Service, Container, Task, Message string }
	lines := strings.Split(strings.TrimSpace(out), "\n")
	require.NoError(t, json.Unmarshal([]byte(lines[len(lines)-1]), &last))
	assert.Equal(t, struct{ Service, Container, Task, Message string }{"workers", "worker", worker, "task failed"}, last)
}

func TestStatusOnATerminal(t *testing.T) {
	t.Parallel()
	d := newDeck(t)
	ctx, cfg := t.Context(), d.sdk()
	vpc := d.ec2("DescribeVpcs", "vpcId")
	group, err := elasticloadbalancingv2.NewFromConfig(cfg).CreateTargetGroup(ctx, &elasticloadbalancingv2.CreateTargetGroupInput{
		Name: aws.String("web"), Protocol: "HTTP", Port: aws.Int32(8000), TargetType: "ip", VpcId: &vpc})
	require.NoError(t, err)
	cluster, err := rds.NewFromConfig(cfg).CreateDBCluster(ctx, &rds.CreateDBClusterInput{
		DBClusterIdentifier: aws.String("database-ab4d199"), Engine: aws.String("aurora-postgresql"), MasterUsername: aws.String("app"), MasterUserPassword: aws.String("correct horse"),
		ServerlessV2ScalingConfiguration: &rdstypes.ServerlessV2ScalingConfiguration{MinCapacity: aws.Float64(0), MaxCapacity: aws.Float64(2)}})
	require.NoError(t, err)
	queues := map[string]string{}
	for name, messages := range map[string]int{"queue": 3, "dead-letters": 1} {
		queue, err := sqs.NewFromConfig(cfg).CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name})
		require.NoError(t, err)
		queues[name] = *queue.QueueUrl
		for range messages {
			_, err := sqs.NewFromConfig(cfg).SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: queue.QueueUrl, MessageBody: aws.String("x")})
			require.NoError(t, err)
		}
	}
	var outputs map[string]any
	require.NoError(t, json.Unmarshal([]byte(d.read("outputs.json")), &outputs))
	outputs["services"].(map[string]any)["web"].(map[string]any)["targetGroupArn"] = *group.TargetGroups[0].TargetGroupArn
	outputs["database"] = map[string]string{"clusterArn": *cluster.DBCluster.DBClusterArn}
	outputs["queues"] = map[string]any{"queue": map[string]string{"url": queues["queue"], "deadLetterUrl": queues["dead-letters"]}}
	outputs["alarms"] = map[string]any{"names": []string{"queue-age", "queue-dead-letters"}}
	d.outputs(outputs)

	d.answers("testdata/operate/status.json") // CloudWatch speaks CBOR, and there are lists of deployments
	seen := d.types([]string{"status", "staging"})
	assert.Equal(t, 1, seen.Code)
	watched := d.types([]string{"status", "staging", "--watch"}, ptytest.Answer{When: "Not well:", Type: "\x03"})
	assert.Contains(t, watched.Text, "\x1b[H\x1b[2Jstaging  ", "the next report takes the place of this one")
	ptytest.Golden(t, "operate/status", d.looks(seen.Text))

	code, out, said := d.run("", "status", "staging", "--json")
	assert.Equal(t, 1, code, said)
	var report struct{ Problems []string }
	require.NoError(t, json.Unmarshal([]byte(out), &report))
	assert.Len(t, report.Problems, 3)
}

// TestOperatorsMistakes has what goes wrong before anything is done, each in one line.
func TestOperatorsMistakes(t *testing.T) {
	t.Parallel()
	d := newDeck(t)
	embedded := filepath.Join(d.dir, ".local", "state", ".pulumi", "stacks", "slipway")
	require.NoError(t, os.MkdirAll(embedded, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(embedded, "local.json"), nil, 0o644))
	for _, test := range []struct {
		args string
		code int
		want string
	}{
		{"run staging", 2, "what is to run comes after --; usage: slipway run STACK"},
		{"run -- ls", 2, "got 0 arguments before --, takes the stack"},
		{"run staging ls --all", 2, "unknown flag: --all; a command that is to run comes with its flags after --"},
		{"run staging --attach 1 -- ls", 2, "--attach and --stop are about a task that is there"},
		{"run staging --service api -- ls", 2, `the stack staging has no service "api"; it has web, workers`},
		{"run staging --env DATABASE_PASSWORD=hunter2 -- ls", 2, "--env DATABASE_PASSWORD: the task gets this variable from a secret"},
		{"run staging --attach 0f1e2d3c", 1, "there is no task 0f1e2d3c in the cluster of staging"},
		{"run staging --stop 0f1e2d3c", 1, "there is no task 0f1e2d3c in the cluster of staging"},
		{"run other -- ls", 1, "the outputs of other: pulumi says: no stack named 'other' found"},
		{"logs staging --since yesterday", 2, `--since: got "yesterday", takes how long ago, such as 30m, 1h or 2d`},
		{"logs staging api", 2, `the stack staging has no service "api"`},
		{"logs", 2, "usage: slipway logs STACK [SERVICE]"},
		{"exec", 2, "got 0 arguments before --, takes the stack and perhaps a service"},
		{"status", 2, "usage: slipway status STACK"},
		{"run local -- ls", 1, "the stack local is on the embedded AWS of this machine alone"},
		{"exec local", 1, "`slipway local serve local` runs it here"},
		{"logs local", 1, "`slipway local serve local` runs it here"},
		{"status local", 1, "`slipway local run local -- COMMAND` a command beside it"},
	} {
		code, out, said := d.seat.run("", strings.Fields(test.args)...)
		assert.Equal(t, test.code, code, test.args)
		assert.Contains(t, said, test.want)
		assert.Equal(t, 1, strings.Count(said, "\n")-strings.Count(said, "\n  - "), "one line: %s", said)
		assert.Empty(t, out)
		assert.NotContains(t, said, "hunter2")
	}
	for words, want := range map[string]string{"status ": "staging\n", "logs staging ": "web\nworkers\n", "exec staging ": "web\nworkers\n", "run staging --service ": "web\nworkers\n"} {
		_, out, _ := d.seat.run("", strings.Split("__complete "+words, " ")...)
		assert.Contains(t, out, want, words)
	}
}

func TestInterrupts(t *testing.T) {
	t.Parallel()
	ctx, end := context.WithCancel(t.Context())
	first, patience, stop := interrupts(ctx)
	end() // as SIGTERM does
	<-first
	require.NoError(t, patience.Err(), "there is time to stop what runs")
	stop()
	<-patience.Done()
}

func TestMoment(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"90s": "2026-11-21T11:58:30Z", "1h": "2026-11-21T11:00:00Z", "2d": "2026-11-19T12:00:00Z", "2026-11-20": "2026-11-20T00:00:00Z", "2026-11-20T08:00:00+01:00": "2026-11-20T08:00:00+01:00",
		"": "", "-1h": "", "d": "", "-2d": "", "1w": "", "tomorrow": "",
	} {
		got, err := moment(text, now)
		if want == "" {
			assert.ErrorContains(t, err, "how long ago, such as 30m", text)
		} else if assert.NoError(t, err, text) {
			assert.Equal(t, want, got.Format(time.RFC3339), fmt.Sprint(text))
		}
	}
}
