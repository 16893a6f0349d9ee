package components_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/components"
)

const (
	queueToken       = "aws:sqs/queue:Queue"
	queuePolicyToken = "aws:sqs/queuePolicy:QueuePolicy"
	jobsArn          = "arn:aws:sqs:eu-central-1:123456789012:jobs"
)

// queueUrlOf is the URL that the recorder gives a queue.
func queueUrlOf(name string) string {
	return "https://sqs.eu-central-1.amazonaws.com/123456789012/" + name
}

// queueRecorder plays AWS for queues and what is connected to them.
func queueRecorder() *recorder {
	r := webRecorder()
	r.outputs[queueToken] = func(res pulumi.MockResourceArgs) resource.PropertyMap {
		return resource.PropertyMap{"url": resource.NewProperty(queueUrlOf(res.Name))}
	}
	return r
}

func runQueue(t testing.TB, args *components.QueueArgs) *recorder {
	t.Helper()
	r := queueRecorder()
	require.NoError(t, r.run(func(ctx *pulumi.Context) error {
		_, err := components.NewQueue(ctx, "queue", args)
		return err
	}))
	return r
}

// resourcesBySid reads a role's policy: the resources of each statement.
func resourcesBySid(t testing.TB, r *recorder, name string) map[string][]string {
	t.Helper()
	var policy struct {
		Statement []struct {
			Sid      string
			Resource []string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(r.find(t, rolePolicy, name).Inputs["policy"].StringValue()), &policy))
	resources := map[string][]string{}
	for _, statement := range policy.Statement {
		resources[statement.Sid] = statement.Resource
	}
	return resources
}

// dependsOn tells whether a resource was registered with a dependency on another, by its name.
func dependsOn(res pulumi.MockResourceArgs, name string) bool {
	for _, urn := range res.RegisterRPC.GetDependencies() {
		if strings.HasSuffix(urn, "::"+name) {
			return true
		}
	}
	return false
}

func TestQueueControls(t *testing.T) {
	t.Parallel()
	r := runQueue(t, &components.QueueArgs{AlarmActions: toldOf})
	r.requireDescends(t, "slipway:index:Queue", "queue")

	queue := r.find(t, queueToken, "queue-queue").Inputs
	assert.Equal(t, map[string]any{"visibilityTimeoutSeconds": 300.0, "receiveWaitTimeSeconds": 20.0, "messageRetentionSeconds": 345600.0, "sqsManagedSseEnabled": true, "fifoQueue": nil, "kmsMasterKeyId": nil},
		plain(queue, "visibilityTimeoutSeconds", "receiveWaitTimeSeconds", "messageRetentionSeconds", "sqsManagedSseEnabled", "fifoQueue", "kmsMasterKeyId"), "SQS.1")
	assert.JSONEq(t, `{"deadLetterTargetArn": "`+arnOf("queue-dead-letters")+`", "maxReceiveCount": 3}`, queue["redrivePolicy"].StringValue())
	assert.Equal(t, map[string]any{"messageRetentionSeconds": 1209600.0, "sqsManagedSseEnabled": true},
		plain(r.find(t, queueToken, "queue-dead-letters").Inputs, "messageRetentionSeconds", "sqsManagedSseEnabled"))
	allow := r.find(t, "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy", "queue-dead-letters").Inputs
	assert.JSONEq(t, `{"redrivePermission": "byQueue", "sourceQueueArns": ["`+arnOf("queue-queue")+`"]}`, allow["redriveAllowPolicy"].StringValue())
	for _, name := range []string{"queue-queue", "queue-dead-letters"} {
		policy := r.find(t, queuePolicyToken, name).Inputs
		assert.Equal(t, queueUrlOf(name), policy["queueUrl"].StringValue())
		assert.JSONEq(t, `{"Version": "2012-10-17", "Statement": [{"Sid": "TlsOnly", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": ["sqs:*"],
			"Resource": ["`+arnOf(name)+`"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}`, policy["policy"].StringValue(), "nobody comes without TLS")
	}
	for name, watched := range map[string][]any{
		"queue-age":          {"ApproximateAgeOfOldestMessage", 1800.0, "queue-queue-1234567"},
		"queue-dead-letters": {"ApproximateNumberOfMessagesVisible", 0.0, "queue-dead-letters-1234567"},
	} {
		alarm := r.find(t, metricAlarm, name).Inputs
		assert.Equal(t, map[string]any{
			"namespace": "AWS/SQS", "metricName": watched[0], "threshold": watched[1], "dimensions": map[string]any{"QueueName": watched[2]},
			"comparisonOperator": "GreaterThanThreshold", "statistic": "Maximum",
		}, plain(alarm, "namespace", "metricName", "threshold", "dimensions", "comparisonOperator", "statistic"))
	}
	r.requireTold(t, "queue-age", "queue-dead-letters")
}

// TestQueuesAreProtected holds that nothing deletes messages by mistake: SQS asks nobody.
func TestQueuesAreProtected(t *testing.T) {
	t.Parallel()
	for _, ephemeral := range []bool{false, true} {
		r := runQueue(t, &components.QueueArgs{Ephemeral: ephemeral})
		for _, name := range []string{"queue-queue", "queue-dead-letters"} {
			assert.Equal(t, !ephemeral, r.find(t, queueToken, name).RegisterRPC.GetProtect(), name)
		}
	}
}

func TestQueueOptions(t *testing.T) {
	t.Parallel()
	r := runQueue(t, &components.QueueArgs{Fifo: true, KmsKeyArn: pulumi.String(kmsArn)})
	for _, name := range []string{"queue-queue", "queue-dead-letters"} {
		assert.Equal(t, map[string]any{"fifoQueue": true, "kmsMasterKeyId": kmsArn, "sqsManagedSseEnabled": nil},
			plain(r.find(t, queueToken, name).Inputs, "fifoQueue", "kmsMasterKeyId", "sqsManagedSseEnabled"))
	}
}

func TestExistingQueue(t *testing.T) {
	t.Parallel()
	r := queueRecorder()
	var urls [2]string
	require.NoError(t, r.run(func(ctx *pulumi.Context) error {
		for i, existing := range []string{jobsArn, "arn:aws-cn:sqs:cn-north-1:123456789012:jobs"} {
			queue, err := components.NewQueue(ctx, "queue"+string(rune('0'+i)), &components.QueueArgs{ExistingArn: pulumi.String(existing)})
			if err != nil {
				return err
			}
			urls[i] = awaitString(queue.QueueUrl)
		}
		return nil
	}))
	assert.Equal(t, [2]string{"https://sqs.eu-central-1.amazonaws.com/123456789012/jobs", "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/jobs"}, urls)
	assert.Empty(t, r.all(queueToken), "its owner keeps it")
	assert.Empty(t, r.all(queuePolicyToken))
	require.Len(t, r.all(metricAlarm), 2, "the age is watched; the dead-letter queue is its owner's")
	assert.Equal(t, map[string]any{"QueueName": "jobs"}, object(t, r.find(t, metricAlarm, "queue0-age").Inputs, "dimensions").Mappable())

	r = queueRecorder()
	err := r.run(func(ctx *pulumi.Context) error {
		_, err := components.NewQueue(ctx, "queue", &components.QueueArgs{ExistingArn: pulumi.String("jobs")})
		return err
	})
	assert.ErrorContains(t, err, `existingArn: got "jobs", takes the ARN of an SQS queue`)
}

func TestQueueGrants(t *testing.T) {
	t.Parallel()
	r := queueRecorder()
	require.NoError(t, r.run(func(ctx *pulumi.Context) error {
		queue, err := components.NewQueue(ctx, "queue", &components.QueueArgs{KmsKeyArn: pulumi.String(kmsArn)})
		if err != nil {
			return err
		}
		role, err := iam.NewRole(ctx, "importer", &iam.RoleArgs{AssumeRolePolicy: pulumi.String("{}")})
		if err != nil {
			return err
		}
		if _, err = queue.GrantSend(ctx, "importer", role); err != nil {
			return err
		}
		_, err = queue.GrantConsume(ctx, "importer", role)
		return err
	}))
	for name, actions := range map[string][]string{
		"queue-send-importer":    {`["sqs:GetQueueAttributes","sqs:SendMessage"]`, `["kms:Decrypt","kms:GenerateDataKey"]`},
		"queue-consume-importer": {`["sqs:ChangeMessageVisibility","sqs:DeleteMessage","sqs:GetQueueAttributes","sqs:ReceiveMessage"]`, `["kms:Decrypt"]`},
	} {
		policy := r.find(t, rolePolicy, name).Inputs["policy"].StringValue()
		for _, list := range actions {
			assert.Contains(t, policy, `"Action":`+list)
		}
		assert.Equal(t, map[string][]string{"Queue": {arnOf("queue-queue")}, "Key": {kmsArn}}, resourcesBySid(t, r, name))
	}
}

func TestAWebServiceFillsTheQueue(t *testing.T) {
	t.Parallel()
	r := queueRecorder()
	require.NoError(t, r.run(func(ctx *pulumi.Context) error {
		queue, err := components.NewQueue(ctx, "queue", nil)
		if err != nil {
			return err
		}
		args := webInputs()
		args.Connections = []components.Connection{queue}
		_, err = components.NewWebService(ctx, "web", args)
		return err
	}))
	assert.Contains(t, r.find(t, taskDefinition, "web-task").Inputs["containerDefinitions"].StringValue(), `{"name":"CELERY_QUEUE_URL","value":"`+queueUrlOf("queue-queue")+`"}`)
	assert.True(t, dependsOn(r.find(t, ecsService, "web-service"), "queue-send-web"))
	for _, policy := range r.all(rolePolicy) {
		assert.NotContains(t, policy.Inputs["policy"].StringValue(), "sqs:ReceiveMessage", "the web service only sends")
	}
}

func TestQueueNamesEveryWrongArgument(t *testing.T) {
	t.Parallel()
	for message, args := range map[string]components.QueueArgs{
		`variable: got "my-queue", takes names of letters`:                        {Variable: "my-queue"},
		`visibilityTimeout: got 43201, takes seconds from 0 to 43200`:             {VisibilityTimeout: 43201},
		`maxReceiveCount: got 1001, takes a number of receives from 1 to 1000`:    {MaxReceiveCount: 1001},
		`retentionSeconds: got 59, takes seconds from 60 to 1209600`:              {RetentionSeconds: 59},
		`maxMessageAge: got 1, takes seconds from 60`:                             {MaxMessageAge: 1},
		`existingArn, fifo: exclude each other`:                                   {ExistingArn: pulumi.String(jobsArn), Fifo: true},
		`existingArn, maxReceiveCount: exclude each other, as an existing queue`:  {ExistingArn: pulumi.String(jobsArn), MaxReceiveCount: 3},
		`existingArn, retentionSeconds: exclude each other, as an existing queue`: {ExistingArn: pulumi.String(jobsArn), RetentionSeconds: 60},
	} {
		t.Run(message, func(t *testing.T) {
			t.Parallel()
			r := queueRecorder()
			err := r.run(func(ctx *pulumi.Context) error {
				_, err := components.NewQueue(ctx, "queue", &args)
				return err
			})
			require.ErrorContains(t, err, `Queue "queue": 1 field is wrong:`)
			assert.ErrorContains(t, err, "\n  - "+message)
			assert.Empty(t, r.all(queueToken), "nothing is registered")
		})
	}
}
