package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/awsexchange"
	"slipway/internal/ptytest"
)

func init() {
	if os.Getenv(actAs) == "slipway" { // in a test's own process
		pause = 20 * time.Millisecond
	}
}

// deck is a seat from which a stack is looked after that moto has: services, their logs, queues, a database.
type deck struct {
	*seat
	logs *cloudwatchlogs.Client
}

const fargate = types.LaunchTypeFargate

func newDeck(t *testing.T) *deck {
	t.Helper()
	d := &deck{seat: newSeat(t)}
	cfg := d.sdk()
	ctx := t.Context()
	d.logs = cloudwatchlogs.NewFromConfig(cfg)
	client := ecs.NewFromConfig(cfg)
	cluster, err := client.CreateCluster(ctx, &ecs.CreateClusterInput{ClusterName: aws.String("web-cluster")})
	require.NoError(t, err)
	subnet, group := d.ec2("DescribeSubnets", "subnetId"), d.ec2("DescribeSecurityGroups", "groupId")
	services := map[string]map[string]string{}
	for name, container := range map[string]string{"web": "web", "workers": "worker"} {
		logGroup := name + "-logs"
		_, err := d.logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &logGroup})
		require.NoError(t, err)
		definition, err := client.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{
			Family: aws.String("shop-staging-" + name), NetworkMode: types.NetworkModeAwsvpc, Cpu: aws.String("256"), Memory: aws.String("512"),
			RequiresCompatibilities: []types.Compatibility{types.CompatibilityFargate},
			ContainerDefinitions: []types.ContainerDefinition{{
				Name: &container, Image: aws.String("123456789012.dkr.ecr.us-east-1.amazonaws.com/app@sha256:" + strings.Repeat("ab", 32)), MemoryReservation: aws.Int32(512),
				Essential: aws.Bool(true), ReadonlyRootFilesystem: aws.Bool(true),
				Secrets: []types.Secret{{Name: aws.String("DATABASE_PASSWORD"), ValueFrom: aws.String("arn:aws:secretsmanager:us-east-1:123456789012:secret:database")}},
				LogConfiguration: &types.LogConfiguration{LogDriver: types.LogDriverAwslogs, Options: map[string]string{
					"awslogs-group": logGroup, "awslogs-region": "us-east-1", "awslogs-stream-prefix": container}},
			}},
		})
		require.NoError(t, err)
		_, err = client.CreateService(ctx, &ecs.CreateServiceInput{
			Cluster: cluster.Cluster.ClusterArn, ServiceName: aws.String(name + "-service"), TaskDefinition: definition.TaskDefinition.TaskDefinitionArn,
			DesiredCount: aws.Int32(1), LaunchType: fargate,
			NetworkConfiguration: &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{Subnets: []string{subnet}, SecurityGroups: []string{group}}},
		})
		require.NoError(t, err)
		services[name] = map[string]string{"clusterArn": *cluster.Cluster.ClusterArn, "service": name + "-service", "container": container, "logGroup": logGroup}
	}
	d.outputs(map[string]any{"webUrl": "https://app.example.com", "services": services})
	return d
}

// ec2 asks for something of the account's default network: the first element of that name in the answer. The SDK's package for EC2
// is too large for that.
func (d *deck) ec2(action, element string) string {
	d.t.Helper()
	request, err := http.NewRequestWithContext(d.t.Context(), http.MethodPost, d.account.URL, strings.NewReader("Version=2016-11-15&Action="+action))
	require.NoError(d.t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20261121/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=0")
	answer, err := http.DefaultClient.Do(request)
	require.NoError(d.t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(d.t, err)
	_, after, found := strings.Cut(string(text), "<"+element+">")
	require.True(d.t, found, "%s", text)
	value, _, _ := strings.Cut(after, "<")
	return value
}

// outputs are what pulumi says of the stack staging.
func (d *deck) outputs(outputs map[string]any) {
	d.t.Helper()
	text, err := json.Marshal(outputs)
	require.NoError(d.t, err)
	d.write("outputs.json", string(text))
	d.fake("pulumi", `case "$*" in "stack output --json -s staging"*) cat `+d.dir+`/outputs.json ;; *) echo "error: no stack named '$5' found" >&2; exit 255 ;; esac`)
}

// answers has AWS answer some calls as files say, and the rest as moto does.
func (d *deck) answers(files ...string) *awsexchange.Server {
	d.t.Helper()
	server := awsexchange.Serve(d.t, d.account.URL, files...)
	d.environ = append(d.environ, "AWS_ENDPOINT_URL="+server.URL)
	return server
}

// logged writes to the log of a task, seconds ago.
func (d *deck) logged(group, stream string, lines map[int]string) {
	d.t.Helper()
	_, err := d.logs.CreateLogStream(d.t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: &group, LogStreamName: &stream})
	require.NoError(d.t, err)
	for ago := 300; ago >= 0; ago-- { // CloudWatch takes them in the order of time
		if line, there := lines[ago]; there {
			_, err := d.logs.PutLogEvents(d.t.Context(), &cloudwatchlogs.PutLogEventsInput{LogGroupName: &group, LogStreamName: &stream, LogEvents: []logtypes.InputLogEvent{
				{Message: &line, Timestamp: aws.Int64(time.Now().Add(-time.Duration(ago) * time.Second).UnixMilli())},
			}})
			require.NoError(d.t, err)
		}
	}
}

var (
	taskIDs = regexp.MustCompile(`11111111-2222-3333-4444-555555555555`)
	moments = regexp.MustCompile(`\d{4}-\d\d-\d\d(T| )?\d\d:\d\d:\d\d(\.\d+)?Z?|2026-11-21T\d\d:\d\d:\d\d(\.\d+)?Z`)
	seconds = regexp.MustCompile(`after \d+s`)
)

// looks is a terminal session as it is kept.
func (d *deck) looks(text string) string {
	text = moments.ReplaceAllString(taskIDs.ReplaceAllString(text, "0f1e2d3c4b5a69788796a5b4c3d2e1f0"), "2026-11-21T12:00:00Z")
	return seconds.ReplaceAllString(text, "after 12s")
}

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
