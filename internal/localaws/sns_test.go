package localaws

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const noTopic = "arn:aws:sns:us-east-1:123456789012:none"

func subscription(topic, protocol, endpoint string) map[string]any {
	return map[string]any{"topic": topic, "protocol": protocol, "endpoint": endpoint}
}

func topicPolicyOf(topic, statement string) map[string]any {
	return map[string]any{"arn": topic, "policy": `{"Version":"2012-10-17","Statement":` + statement + `}`}
}

func TestTopicCheck(t *testing.T) {
	t.Parallel()
	checkAll(t, map[string]checkCase{
		"a name with a dot":            {topicType, map[string]any{"name": "my.alarms"}, "name: Invalid parameter: Topic Name"},
		"FIFO without its suffix":      {topicType, map[string]any{"name": "alarms", "fifoTopic": true}, "name: Invalid parameter: Topic Name"},
		"deduplication without FIFO":   {topicType, map[string]any{"contentBasedDeduplication": true}, "contentBasedDeduplication: content-based deduplication"},
		"a tracing that is none":       {topicType, map[string]any{"tracingConfig": "On"}, "tracingConfig: expected tracingConfig to be one of"},
		"a policy for nobody":          {topicPolicyType, topicPolicyOf(noTopic, `{"Effect":"Allow","Action":"sns:Publish","Resource":"`+noTopic+`"}`), "policy: InvalidParameter: Missing required field Principal"},
		"a policy with S3's actions":   {topicPolicyType, topicPolicyOf(noTopic, `{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"`+noTopic+`"}`), "policy: InvalidParameter: Policy has invalid action"},
		"a policy about no topic":      {topicPolicyType, topicPolicyOf(noTopic, `{"Effect":"Allow","Principal":"*","Action":["sns:Publish","sns:CreateTopic"],"Resource":"`+noTopic+`"}`), "Policy statement action out of service scope!"},
		"mail to no address":           {topicSubscriptionType, subscription(noTopic, "email", "ops"), "endpoint: Invalid parameter: Endpoint"},
		"HTTPS to HTTP":                {topicSubscriptionType, subscription(noTopic, "https", "http://example.com/alarm"), "it takes an address that begins with https://"},
		"a queue that is no ARN":       {topicSubscriptionType, subscription(noTopic, "sqs", "jobs"), "it takes the ARN of a queue"},
		"a telephone without country":  {topicSubscriptionType, subscription(noTopic, "sms", "0415550100"), "it takes a telephone number"},
		"a protocol that is none":      {topicSubscriptionType, subscription(noTopic, "fax", "+14155550100"), "protocol: expected protocol to be one of"},
		"a delivery stream, no role":   {topicSubscriptionType, subscription(noTopic, "firehose", "arn:aws:firehose:us-east-1:123456789012:deliverystream/x"), "subscriptionRoleArn: Invalid parameter"},
		"an alarm's action, no ARN":    {alarmType, map[string]any{"comparisonOperator": "GreaterThanThreshold", "evaluationPeriods": 1, "metricName": "m", "namespace": "n", "period": 60, "statistic": "Sum", "alarmActions": []any{"alarms"}}, "alarmActions: Invalid arn syntax: alarms"},
		"a display name that is long":  {topicType, map[string]any{"displayName": string(make([]byte, 101))}, "displayName: Invalid parameter: DisplayName"},
		"a FIFO topic's name, no FIFO": {topicType, map[string]any{"name": "alarms.fifo"}, "name: Invalid parameter: Topic Name"},
	})
}

func TestTopicValues(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	topic := e.create(topicType, "alarms", nil)
	assert.Regexp(t, `^alarms-[0-9a-f]{7}$`, topic["name"])
	assert.Equal(t, "arn:aws:sns:us-east-1:123456789012:"+topic["name"].(string), topic["arn"])
	assert.Equal(t, topic["arn"], topic["id"])
	assert.True(t, json.Valid([]byte(topic["policy"].(string))), "SNS's own policy: %v", topic["policy"])
	assert.Regexp(t, `^alarms-[0-9a-f]{7}\.fifo$`, e.create(topicType, "alarms", map[string]any{"fifoTopic": true})["name"])

	mail := e.create(topicSubscriptionType, "mail", subscription(topic["arn"].(string), "email", "ops@example.com"))
	assert.Equal(t, true, mail["pendingConfirmation"], "nobody has clicked the link")
	assert.Contains(t, mail["arn"], topic["arn"].(string)+":")
	queue := e.create(topicSubscriptionType, "queue", subscription(topic["arn"].(string), "sqs", "arn:aws:sqs:us-east-1:123456789012:jobs"))
	assert.Equal(t, false, queue["pendingConfirmation"], "a queue of the account need not confirm")
}

func TestTopicAdmission(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	_, err := e.tryCreate(topicSubscriptionType, "mail", subscription(noTopic, "email", "ops@example.com"))
	refused(t, err, "NotFound")
	const publish = `{"Effect":"Allow","Principal":{"Service":"cloudwatch.amazonaws.com"},"Action":"sns:Publish","Resource":"` + noTopic + `"}`
	_, err = e.tryCreate(topicPolicyType, "policy", topicPolicyOf(noTopic, publish))
	refused(t, err, "NotFound")
	topic := e.create(topicType, "alarms", nil)["arn"].(string)
	_, err = e.tryCreate(topicPolicyType, "policy", topicPolicyOf(topic, `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/none"},"Action":"sns:Publish","Resource":"`+topic+`"}`))
	refused(t, err, "InvalidParameter")
}

func TestATopicTakesItsSubscriptionsWithIt(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	topic := e.create(topicType, "alarms", nil)["arn"].(string)
	e.create(topicSubscriptionType, "mail", subscription(topic, "email", "ops@example.com"))
	e.create(topicPolicyType, "policy", topicPolicyOf(topic, `{"Effect":"Allow","Principal":{"Service":"cloudwatch.amazonaws.com"},"Action":"sns:Publish","Resource":"`+topic+`"}`))
	require.NoError(t, e.remove(topicType, "alarms", topic))
	left, err := e.account.List()
	require.NoError(t, err)
	assert.Empty(t, left)
}
