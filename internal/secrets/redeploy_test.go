package secrets

import (
	"bytes"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/mototest"
	"slipway/internal/operate"
)

func TestRedeploy(t *testing.T) {
	t.Parallel()
	const begun = `{"service": {"deployments": [{"id": "ecs-svc/2", "status": "PRIMARY"}, {"id": "ecs-svc/1", "status": "ACTIVE"}]}}`
	deployments := func(list string) string { return `{"services": [{"deployments": [` + list + `]}]}` }
	const starts = `{"id": "ecs-svc/2", "status": "PRIMARY", "rolloutState": "IN_PROGRESS", "runningCount": 0, "desiredCount": 2}`
	for _, test := range []struct {
		name     string
		looks    []string
		patience time.Duration
		says     string
		wrong    string
	}{
		{name: "done", looks: []string{deployments(starts), deployments(starts), deployments(`{"id": "ecs-svc/2", "status": "PRIMARY", "rolloutState": "COMPLETED", "runningCount": 2, "desiredCount": 2}`)}, patience: time.Hour,
			says: "slipway: web: ECS replaces its tasks\nslipway: web: 0 of 2 new tasks run\nslipway: web has the new value\n"},
		{name: "gone back", looks: []string{deployments(`{"id": "ecs-svc/3", "status": "PRIMARY", "rolloutState": "IN_PROGRESS"}, {"id": "ecs-svc/2", "status": "ACTIVE", "rolloutState": "FAILED", "rolloutStateReason": "tasks failed to start."}`)}, patience: time.Hour,
			says: "slipway: web: ECS replaces its tasks\n", wrong: "web: the deployment failed, and its tasks keep the old value: tasks failed to start."},
		{name: "another one", looks: []string{deployments(`{"id": "ecs-svc/3", "status": "PRIMARY", "rolloutState": "IN_PROGRESS"}`)}, patience: time.Hour,
			says: "slipway: web: ECS replaces its tasks\n", wrong: "web: another deployment came in between, or ECS went back"},
		{name: "too slow", looks: []string{deployments(starts)}, says: "slipway: web: ECS replaces its tasks\nslipway: web: 0 of 2 new tasks run\n", wrong: "web: not done after 0s; ECS goes on with it: slipway status staging"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			account := mototest.NewAccount(t)
			account.AnswerOnce("ecs UpdateService", 200, begun)
			for _, look := range test.looks {
				account.AnswerOnce("ecs DescribeServices", 200, look)
			}
			var said bytes.Buffer
			s := &Secrets{Stack: operate.Stack{Name: "staging"}, Stderr: &said, Patience: test.patience,
				ecs: ecs.NewFromConfig(aws.Config{Region: "us-east-1", BaseEndpoint: &account.URL, Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")})}
			web := types.Service{ServiceName: aws.String("web-1"), ClusterArn: aws.String("arn:aws:ecs:us-east-1:123456789012:cluster/c")}
			change := &Change{secrets: s, name: "KEY", used: []Use{
				{Service: "web", Variable: "KEY", service: web}, {Service: "web", Variable: "OTHER", service: web},
				{Service: "workers", Variable: "KEY", Pinned: true}, {Stack: "slipway/pr-1", Service: "web-2", Variable: "KEY"},
			}}
			err := change.Redeploy(t.Context())
			assert.Equal(t, test.says, said.String())
			if test.wrong == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, test.wrong)
			}
			updates := 0
			for _, call := range account.TakeCalls() {
				if call.Operation == "UpdateService" {
					updates++
					assert.Contains(t, call.Body, `"forceNewDeployment":true`)
				}
			}
			assert.Equal(t, 1, updates, "each service once, and no other stack's")
		})
	}
}

func TestReferences(t *testing.T) {
	t.Parallel()
	const arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:slipway/staging/KEY-AbCdEf"
	for from, want := range map[string]Reference{
		arn:                  {ARN: arn},
		arn + ":password::":  {ARN: arn, Key: "password"},
		arn + ":::v-1":       {ARN: arn, Version: "v-1"},
		arn + ":a:AWSSTAGE:": {ARN: arn, Key: "a"},
		"arn:aws:ssm:us-east-1:123456789012:parameter/a/b": {ARN: "arn:aws:ssm:us-east-1:123456789012:parameter/a/b"},
		"/a/b": {ARN: "/a/b"},
	} {
		assert.Equal(t, want, ofContainer(from), from)
	}
	assert.True(t, Reference{ARN: "/a/b"}.IsParameter())
}

// Somebody else's change at the same time is not lost without a word.
func TestTwoChangesOfOneObject(t *testing.T) {
	t.Parallel()
	account := mototest.NewAccount(t)
	account.Answer("secretsmanager GetSecretValue", 200, `{"SecretString": "{\"a\": \"hush\"}", "VersionId": "v1"}`)
	account.Answer("secretsmanager PutSecretValue", 200, `{"VersionId": "v3"}`)
	account.Answer("secretsmanager DescribeSecret", 200, `{"VersionIdsToStages": {"v3": ["AWSCURRENT"], "v2": ["AWSPREVIOUS"]}}`)
	change := changeOf(account, Reference{ARN: "arn", Key: "b"})
	err := change.putKey(t.Context(), "hush-2")
	require.ErrorContains(t, err, "somebody has changed mail at the same time, and their keys may be lost: set those again (the version before is v2)")
	assert.NotContains(t, err.Error(), "hush")

	account = mototest.NewAccount(t)
	account.Answer("secretsmanager GetSecretValue", 200, `{"SecretString": "hush", "VersionId": "v1"}`)
	err = changeOf(account, Reference{ARN: "arn", Key: "b"}).putKey(t.Context(), "hush-2")
	require.ErrorContains(t, err, "MAIL has the key b of mail, whose value is no JSON object: nothing was changed")
	assert.NotContains(t, err.Error(), "hush")
}

func changeOf(account *mototest.Account, reference Reference) *Change {
	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: &account.URL, Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")}
	return &Change{secrets: &Secrets{manager: secretsmanager.NewFromConfig(cfg)}, name: "MAIL", reference: reference, found: &described{ARN: "arn", Name: "mail", keeper: you}}
}
