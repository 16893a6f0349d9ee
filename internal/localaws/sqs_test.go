package localaws

import (
	"testing"

	"github.com/stretchr/testify/assert"
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
	checkAll(t, map[string]checkCase{
		"FIFO's throughput":           {queueType, map[string]any{"fifoThroughputLimit": "perQueue"}, "fifoThroughputLimit: fifoThroughputLimit can only be set for FIFO queue"},
		"a redrive to nothing":        {queueType, redrive("dead", `"3"`), "Invalid value for deadLetterTargetArn"},
		"a redrive that is no JSON":   {queueType, map[string]any{"redrivePolicy": "dead"}, "redrivePolicy: Value dead for parameter RedrivePolicy is invalid"},
		"a policy with S3's actions":  {queuePolicyType, map[string]any{"queueUrl": "x", "policy": `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}}`}, "policy: InvalidAttributeValue"},
		"sources without byQueue":     {redriveAllowPolicyType, map[string]any{"queueUrl": "x", "redriveAllowPolicy": `{"redrivePermission":"denyAll","sourceQueueArns":["` + deadQueue + `"]}`}, "takes no sourceQueueArns"},
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
	e.create(queueType, "dead", map[string]any{"name": "dead"})
	_, err := e.tryCreate(queueType, "other", map[string]any{"name": "dead"})
	refused(t, err, "QueueAlreadyExists")
	_, err = e.tryCreate(queuePolicyType, "other", map[string]any{"queueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/none",
		"policy": `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*"}}`})
	refused(t, err, "AWS.SimpleQueueService.NonExistentQueue")
}
