package components_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/components"
)

const (
	snsTopic          = "aws:sns/topic:Topic"
	topicPolicy       = "aws:sns/topicPolicy:TopicPolicy"
	topicSubscription = "aws:sns/topicSubscription:TopicSubscription"
)

func runAlarmTopic(args *components.AlarmTopicArgs) (*recorder, error) {
	r := &recorder{outputs: map[string]func(pulumi.MockResourceArgs) resource.PropertyMap{
		snsTopic: func(pulumi.MockResourceArgs) resource.PropertyMap {
			return resource.PropertyMap{"arn": resource.NewProperty("arn:aws-cn:sns:cn-north-1:123456789012:alarms-1234567")}
		},
	}}
	return r, r.run(func(ctx *pulumi.Context) error {
		_, err := components.NewAlarmTopic(ctx, "alarms", args)
		return err
	})
}

func TestAlarmTopicIsForAlarmsOnly(t *testing.T) {
	t.Parallel()
	r, err := runAlarmTopic(nil)
	require.NoError(t, err)
	r.requireDescends(t, "slipway:index:AlarmTopic", "alarms")
	assert.NotContains(t, r.find(t, snsTopic, "alarms-topic").Inputs, resource.PropertyKey("kmsMasterKeyId"), "CloudWatch cannot use the key that AWS manages")
	assert.JSONEq(t, `{"Version": "2012-10-17", "Statement": [
		{"Sid": "AlarmsPublish", "Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}, "Action": ["sns:Publish"],
			"Resource": ["arn:aws-cn:sns:cn-north-1:123456789012:alarms-1234567"],
			"Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}, "ArnLike": {"aws:SourceArn": "arn:aws-cn:cloudwatch:cn-north-1:123456789012:alarm:*"}}},
		{"Sid": "TlsOnly", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": ["sns:Publish"],
			"Resource": ["arn:aws-cn:sns:cn-north-1:123456789012:alarms-1234567"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}`,
		r.find(t, topicPolicy, "alarms-topic").Inputs["policy"].StringValue(), "SNS.4")
	assert.Empty(t, r.all(topicSubscription))
}

func TestAlarmTopicTellsItsReceivers(t *testing.T) {
	t.Parallel()
	r, err := runAlarmTopic(&components.AlarmTopicArgs{
		Emails:   []string{"ops@example.com", "boss@example.com"},
		WebHooks: map[string]pulumi.StringInput{"pager": pulumi.ToSecret(pulumi.String("https://events.example.com/key")).(pulumi.StringOutput)},
		Tags:     map[string]string{"team": "web"},
	})
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"team": "web"}, object(t, r.find(t, snsTopic, "alarms-topic").Inputs, "tags").Mappable())
	require.Len(t, r.all(topicSubscription), 3)
	for _, address := range []string{"ops@example.com", "boss@example.com"} {
		assert.Equal(t, map[string]any{"protocol": "email", "endpoint": address, "topic": "arn:aws-cn:sns:cn-north-1:123456789012:alarms-1234567", "endpointAutoConfirms": false},
			plain(r.find(t, topicSubscription, "alarms-to-"+address).Inputs, "protocol", "endpoint", "topic", "endpointAutoConfirms"))
	}
	hook := r.find(t, topicSubscription, "alarms-to-pager").Inputs
	assert.Equal(t, map[string]any{"protocol": "https", "endpointAutoConfirms": true}, plain(hook, "protocol", "endpointAutoConfirms"))
	require.True(t, hook["endpoint"].IsSecret(), "whoever knows the address can use it")
	assert.Equal(t, "https://events.example.com/key", hook["endpoint"].SecretValue().Element.StringValue())
}

func TestAlarmTopicNamesEveryWrongArgument(t *testing.T) {
	t.Parallel()
	r, err := runAlarmTopic(&components.AlarmTopicArgs{
		Emails:   []string{"ops", "ops@example.com", "ops@example.com"},
		WebHooks: map[string]pulumi.StringInput{"pager": nil, "ops@example.com": pulumi.String("https://events.example.com")},
	})
	for _, message := range []string{
		`AlarmTopic "alarms": 4 fields are wrong`,
		`emails[0]: got "ops", takes an e-mail address such as ops@example.com`,
		`emails[2]: got "ops@example.com", takes each address once`,
		`webHooks.pager: got nothing, takes an address that begins with https://`,
		`emails, webHooks.ops@example.com: the same name twice`,
	} {
		require.ErrorContains(t, err, message)
	}
	assert.Empty(t, r.resources)
}
