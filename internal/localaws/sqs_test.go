package localaws

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	queuePolicyType        = "aws:sqs/queuePolicy:QueuePolicy"
	redriveAllowPolicyType = "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy"
)

func redrive(target string, receives string) map[string]any {
	return map[string]any{"redrivePolicy": `{"deadLetterTargetArn":"` + target + `","maxReceiveCount":` + receives + `}`}
}

func TestQueueCheck(t *testing.T) {
	t.Parallel()
	const dead = "arn:aws:sqs:us-east-1:123456789012:dead"
	checkAll(t, map[string]checkCase{
		"a name with a dot":          {queueType, map[string]any{"name": "my.jobs"}, "name: Can only include alphanumeric characters"},
		"a name too long":            {queueType, map[string]any{"name": string(make([]byte, 81))}, "name: Can only include alphanumeric characters"},
		"FIFO without its suffix":    {queueType, map[string]any{"name": "jobs", "fifoQueue": true}, "name: The name of a FIFO queue"},
		"a standard queue with it":   {queueType, map[string]any{"name": "jobs.fifo"}, "name: Can only include alphanumeric characters"},
		"hidden for too long":        {queueType, map[string]any{"visibilityTimeoutSeconds": 43201}, "visibilityTimeoutSeconds: Invalid value for the parameter"},
		"kept too briefly":           {queueType, map[string]any{"messageRetentionSeconds": 59}, "messageRetentionSeconds: Invalid value"},
		"delayed for too long":       {queueType, map[string]any{"delaySeconds": 901}, "delaySeconds: Invalid value"},
		"waiting for too long":       {queueType, map[string]any{"receiveWaitTimeSeconds": 21}, "receiveWaitTimeSeconds: Invalid value"},
		"messages too large":         {queueType, map[string]any{"maxMessageSize": 1048577}, "maxMessageSize: Invalid value"},
		"two encryptions":            {queueType, map[string]any{"sqsManagedSseEnabled": true, "kmsMasterKeyId": "alias/aws/sqs"}, "kmsMasterKeyId: You can use one type of server-side encryption"},
		"FIFO's throughput":          {queueType, map[string]any{"fifoThroughputLimit": "perQueue"}, "fifoThroughputLimit: fifoThroughputLimit can only be set for FIFO queue"},
		"a redrive after no receive": {queueType, redrive(dead, "0"), "redrivePolicy: Invalid value for maxReceiveCount: 0"},
		"a redrive to another region": {queueType, redrive("arn:aws:sqs:eu-west-1:123456789012:dead", "3"),
			"redrivePolicy: Value"},
		"a redrive to nothing":        {queueType, redrive("dead", `"3"`), "Invalid value for deadLetterTargetArn"},
		"a redrive that is no JSON":   {queueType, map[string]any{"redrivePolicy": "dead"}, "redrivePolicy: Value dead for parameter RedrivePolicy is invalid"},
		"a policy with S3's actions":  {queuePolicyType, map[string]any{"queueUrl": "x", "policy": `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}}`}, "policy: InvalidAttributeValue"},
		"sources without byQueue":     {redriveAllowPolicyType, map[string]any{"queueUrl": "x", "redriveAllowPolicy": `{"redrivePermission":"denyAll","sourceQueueArns":["` + dead + `"]}`}, "takes no sourceQueueArns"},
		"byQueue without sources":     {redriveAllowPolicyType, map[string]any{"queueUrl": "x", "redriveAllowPolicy": `{"redrivePermission":"byQueue"}`}, "takes 1 to 10 sourceQueueArns, got 0"},
		"a permission that is no one": {redriveAllowPolicyType, map[string]any{"queueUrl": "x", "redriveAllowPolicy": `{"redrivePermission":"some"}`}, `redrivePermission takes allowAll, denyAll or byQueue, got "some"`},
	})
}

func TestQueueValues(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	dead := e.create(queueType, "dead", map[string]any{"fifoQueue": true})
	assert.Regexp(t, `^dead-[0-9a-f]{7}\.fifo$`, dead["name"])
	queue := e.create(queueType, "jobs", map[string]any{"name": "jobs"})
	assert.Equal(t, "https://sqs.us-east-1.amazonaws.com/123456789012/jobs", queue["url"])
	assert.Equal(t, queue["url"], queue["id"])
	assert.Equal(t, "arn:aws:sqs:us-east-1:123456789012:jobs", queue["arn"])
	assert.Equal(t, 30.0, queue["visibilityTimeoutSeconds"])
	assert.Equal(t, true, queue["sqsManagedSseEnabled"], "SQS encrypts by default")
}

func TestQueueAdmission(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	_, err := e.tryCreate(queueType, "jobs", redrive("arn:aws:sqs:us-east-1:123456789012:dead", "3"))
	refused(t, err, "InvalidParameterValue")
	require.ErrorContains(t, err, "Dead letter target does not exist")

	dead := e.create(queueType, "dead", map[string]any{"name": "dead"})
	e.create(queueType, "jobs", redrive(dead["arn"].(string), "3"))
	_, err = e.tryCreate(queueType, "ordered", with(redrive(dead["arn"].(string), "3"), map[string]any{"fifoQueue": true}))
	refused(t, err, "InvalidParameterValue")
	require.ErrorContains(t, err, "Dead-letter queue must be same type of queue as the source")
	_, err = e.tryCreate(queueType, "other", map[string]any{"name": "dead"})
	refused(t, err, "QueueAlreadyExists")
	_, err = e.tryCreate(queuePolicyType, "other", map[string]any{"queueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/none",
		"policy": `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*"}}`})
	refused(t, err, "AWS.SimpleQueueService.NonExistentQueue")

	require.NoError(t, e.remove(queueType, "dead", dead["id"].(string)))
	_, err = e.tryCreate(queueType, "dead", map[string]any{"name": "dead"})
	refused(t, err, "AWS.SimpleQueueService.QueueDeletedRecently")
}
