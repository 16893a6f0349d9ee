package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/require"

	"slipway/internal/awsexchange"
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
	moments = regexp.MustCompile(`\d{4}-\d\d-\d\d(T| )?\d\d:\d\d:\d\d(\.\d+)?Z?`)
	seconds = regexp.MustCompile(`after \d+s`)
)

// looks is a terminal session as it is kept.
func (d *deck) looks(text string) string {
	text = moments.ReplaceAllString(taskIDs.ReplaceAllString(text, "0f1e2d3c4b5a69788796a5b4c3d2e1f0"), "2026-11-21T12:00:00Z")
	return seconds.ReplaceAllString(text, "after 12s")
}
