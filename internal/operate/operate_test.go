package operate

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/awsexchange"
	"slipway/internal/localaws"
	"slipway/internal/localrun"
)

// place has a pulumi that prints and says what it is told to.
type place struct{ prints, says string }

func (p place) Output(_ context.Context, heard io.Writer, _ ...string) ([]byte, error) {
	if p.says != "" {
		_, _ = io.WriteString(heard, p.says)
		return nil, errors.New("exit status 255")
	}
	return []byte(p.prints), nil
}
func (p place) Pulumi(context.Context, io.Writer, ...string) error { return nil }
func (p place) Account() (*localaws.Account, error)                { return nil, nil }

const outputs = `{
	"webUrl": "https://app.example.com", "queueUrl": "x", "databasePort": 5432,
	"alarms": {"names": ["web-errors", "web-down"]}, "database": {"clusterArn": "arn:aws:rds:eu-central-1:123456789012:cluster:database-ab4d199"},
	"queues": {"queue": {"url": "https://sqs/queue", "deadLetterUrl": "https://sqs/dead"}},
	"services": {
		"workers": {"clusterArn": "arn:aws:ecs:eu-central-1:123456789012:cluster/web", "service": "workers-1", "container": "worker", "logGroup": "workers-logs"},
		"web": {"clusterArn": "arn:aws:ecs:eu-central-1:123456789012:cluster/web", "service": "web-1", "container": "web", "logGroup": "web-logs", "targetGroupArn": "arn:tg"}}}`

func TestRead(t *testing.T) {
	t.Parallel()
	stack, err := Read(t.Context(), place{prints: outputs}, "prod")
	require.NoError(t, err)
	assert.Equal(t, []string{"web", "workers"}, stack.ServiceNames())
	assert.Equal(t, Queue{"https://sqs/queue", "https://sqs/dead"}, stack.Queues["queue"])
	assert.Equal(t, "arn:aws:rds:eu-central-1:123456789012:cluster:database-ab4d199", stack.Database.ClusterArn)
	assert.Equal(t, []string{"web-errors", "web-down"}, stack.Alarms.Names)
	region, err := stack.region()
	require.NoError(t, err)
	assert.Equal(t, "eu-central-1", region)

	_, err = (&Stack{Name: "prod"}).Cluster()
	require.EqualError(t, err, "the stack prod runs no service")
	wrong := Stack{Name: "prod", Services: map[string]Service{"web": {ClusterArn: "web"}}}
	_, err = wrong.region()
	require.EqualError(t, err, `the output services of prod: clusterArn: got "web", takes an ARN`)

	for _, named := range []string{"workers", "worker"} {
		name, service, err := stack.Find(named)
		require.NoError(t, err)
		assert.Equal(t, []string{"workers", "workers-1"}, []string{name, service.Service})
	}
	_, _, err = stack.Find("api")
	require.EqualError(t, err, `the stack prod has no service "api"; it has web, workers`)
	assert.ErrorAs(t, err, new(*localrun.UsageError))
}

func TestReadSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		place place
		want  string
	}{
		"no stack":                        {place{says: "error: no stack named 'prod' found\n"}, "the outputs of prod: pulumi says: no stack named 'prod' found"},
		"warnings first":                  {place{says: "warning: A new version of Pulumi is available\nerror: PULUMI_ACCESS_TOKEN must be set for login\n"}, "pulumi says: PULUMI_ACCESS_TOKEN must be set for login"},
		"no credentials for the backend":  {place{says: "error: read \".pulumi/meta.yaml\": blob (code=Unknown): operation error S3: GetObject, get identity: get credentials: failed\n"}, "the outputs of prod: pulumi could not read its state: there are no AWS credentials"},
		"old credentials for the backend": {place{says: "error: read \".pulumi/meta.yaml\": api error ExpiredToken: The provided token has expired.\n"}, "pulumi could not read its state: the AWS credentials have expired"},
		"nothing deployed":                {place{prints: "{}"}, "the stack prod is not deployed: it has no outputs; pulumi up -s prod"},
		"an older program":                {place{prints: `{"webUrl": "x"}`}, "the stack prod has no output services: it is no environment, or was deployed by an older version of the program; pulumi up -s prod gives"},
		"another form":                    {place{prints: `{"services": ["web"]}`}, "the outputs of prod are not those of this version"},
		"half of it":                      {place{prints: `{"services": {"web": {"service": "web-1"}}}`}, "the output services of prod lacks parts of web"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Read(t.Context(), test.place, "prod")
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestAStackOfTheEmbeddedAWS(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), []byte("name: shop\nruntime: go\n"), 0o644))
	bin := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(bin, "pulumi"), []byte("#!/bin/sh\necho 'error: no stack named staging found' >&2; exit 255\n"), 0o755))
	t.Setenv("PATH", bin)
	_, err := Open(t.Context(), dir, "staging", "slipway-test")
	require.EqualError(t, err, "the outputs of staging: pulumi says: no stack named staging found")

	state := filepath.Join(dir, ".local", "state", ".pulumi", "stacks", "shop")
	require.NoError(t, os.MkdirAll(state, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(state, "staging.json"), nil, 0o644))
	_, err = Open(t.Context(), dir, "staging", "slipway-test")
	require.ErrorAs(t, err, new(*EmbeddedError))
	assert.ErrorContains(t, err, "`slipway local serve staging` runs it here, `slipway local run staging -- COMMAND`")
}

func TestServing(t *testing.T) {
	t.Parallel()
	deployment := func(id, status string, state types.DeploymentRolloutState, running int32) types.Deployment {
		return types.Deployment{Id: &id, Status: &status, RolloutState: state, RunningCount: running}
	}
	old, gone := deployment("old", "ACTIVE", "COMPLETED", 2), deployment("gone", "ACTIVE", "COMPLETED", 0)
	for name, test := range map[string]struct {
		deployments []types.Deployment
		want        string
	}{
		"none":                         {},
		"the only one":                 {[]types.Deployment{deployment("new", "PRIMARY", "COMPLETED", 2)}, "new"},
		"one that is done":             {[]types.Deployment{deployment("new", "PRIMARY", "COMPLETED", 2), old}, "new"},
		"one on its way":               {[]types.Deployment{deployment("new", "PRIMARY", "IN_PROGRESS", 1), gone, old}, "old"},
		"one that fails":               {[]types.Deployment{deployment("new", "PRIMARY", "FAILED", 0), old}, "old"},
		"the first one, on its way":    {[]types.Deployment{deployment("new", "PRIMARY", "IN_PROGRESS", 0)}, "new"},
		"one on its way after an idle": {[]types.Deployment{deployment("new", "PRIMARY", "IN_PROGRESS", 0), gone}, "new"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, ok := serving(test.deployments)
			assert.Equal(t, test.want, aws.ToString(found.Id))
			assert.Equal(t, test.want != "", ok)
		})
	}
}

func TestWhatIsNotWhereTheOutputsSay(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"other-account": "web of prod: the AWS credentials are of account 999999999999, the stack is in 123456789012; set AWS_PROFILE to one of that account",
		"deleted":       "web of prod: the cluster web has no service web-1 in eu-central-1; somebody deleted it: pulumi refresh -s prod, then pulumi up",
		"expired":       "web of prod: ECS DescribeServices: the AWS credentials have expired",
		"throttled":     "web of prod: ECS DescribeServices: AWS had too many requests from this account",
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			stack, err := parse([]byte(outputs), "prod")
			require.NoError(t, err)
			server := awsexchange.Serve(t, "", "testdata/"+file+".json")
			_, err = (&Deployed{Stack: *stack, AWS: server.Config()}).Running(t.Context(), "web")
			require.ErrorContains(t, err, want)
		})
	}
}

func TestShort(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "shop-web:12", Revision("arn:aws:ecs:eu-central-1:123456789012:task-definition/shop-web:12"))
	assert.Equal(t, "0f1e2d3c", ShortID("arn:aws:ecs:eu-central-1:123456789012:task/web/0f1e2d3c4b5a69788796a5b4c3d2e1f0"))
	assert.Equal(t, "sha256:0123456789ab", Digest("registry/app@sha256:0123456789abcdef"))
	assert.Equal(t, "nginx:1", Digest("nginx:1"))
}
