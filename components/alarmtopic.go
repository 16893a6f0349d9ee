package components

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/internal/invalid"
	"slipway/internal/limits"
)

// AlarmTopic is where the alarms of an environment go to, and who is told of them.
//
//	alarms, err := components.NewAlarmTopic(ctx, "alarms", &components.AlarmTopicArgs{Emails: []string{"ops@example.com"}})
//	database, err := components.NewAuroraServerless(ctx, "database", &components.AuroraServerlessArgs{
//		AlarmActions: pulumi.StringArray{alarms.TopicArn}, ...})
//
// It creates an SNS topic, its policy, and a subscription for each receiver. CloudWatch may publish to it for alarms of this account
// and region; nobody else may by the policy, and nobody without TLS.
//
// It costs nothing when idle. A month, the first 1,000 mails are free, and then $2.00 per 100,000; the first 100,000 calls of web hooks,
// and then $0.06 per 100,000.
//
// It has no KMS key. CloudWatch cannot publish to a topic with the key that AWS manages, and one of your own is $1 a month; SNS keeps what
// it has not delivered yet on encrypted disks, and an alarm's text says the alarm's name, its threshold and its figures: no secret.
//
// AWS tells nobody who has not agreed: whoever has an address in Emails gets a mail with a link, which is valid for three days.
// Updates do not wait for that. Who missed it is asked again when the subscription is made anew, with
// `pulumi up --replace <URN of the subscription>`.
type AlarmTopic struct {
	pulumi.ResourceState

	// TopicArn is what alarms have as their action.
	TopicArn pulumi.StringOutput `pulumi:"topicArn"`

	Topic         *sns.Topic
	Policy        *sns.TopicPolicy
	Subscriptions map[string]*sns.TopicSubscription // by address, and by the name of the web hook
}

// AlarmTopicArgs are all optional.
type AlarmTopicArgs struct {
	// Emails are the addresses that are told. Default: none. Example: []string{"ops@example.com"}.
	Emails []string `pulumi:"emails,optional"`
	// WebHooks are addresses, https only, by a name for each, which confirm the subscription by themselves, as those of PagerDuty and Opsgenie do.
	// Make it a secret where whoever knows the address can use it. Default: none.
	// Example: map[string]pulumi.StringInput{"pagerduty": cfg.RequireSecret("pagerDutyUrl")}.
	WebHooks map[string]pulumi.StringInput `pulumi:"webHooks,optional"`
	// Tags of the topic. Default: none. Example: map[string]string{"team": "shop"}.
	Tags map[string]string `pulumi:"tags,optional"`
}

// NewAlarmTopic creates a topic for alarms. An error names every argument that is wrong.
func NewAlarmTopic(ctx *pulumi.Context, name string, args *AlarmTopicArgs, opts ...pulumi.ResourceOption) (*AlarmTopic, error) {
	if args == nil {
		args = &AlarmTopicArgs{}
	}
	if err := args.check(name); err != nil {
		return nil, err
	}
	a := &AlarmTopic{}
	if err := ctx.RegisterComponentResource("slipway:index:AlarmTopic", name, a, opts...); err != nil {
		return nil, err
	}
	made, err := newTopic(ctx, a, topicSettings{
		name:      name,
		sid:       "AlarmsPublish",
		publisher: "cloudwatch.amazonaws.com",
		service:   "cloudwatch",
		things:    "alarm:*",
		emails:    args.Emails,
		webHooks:  args.WebHooks,
		tags:      args.Tags,
	})
	if err != nil {
		return nil, err
	}
	a.Topic, a.Policy, a.Subscriptions = made.topic, made.policy, made.subscriptions
	a.TopicArn = a.Topic.Arn
	return a, ctx.RegisterResourceOutputs(a, pulumi.Map{"topicArn": a.TopicArn})
}

func (a *AlarmTopicArgs) check(name string) error {
	wrong := invalid.In(fmt.Sprintf("AlarmTopic %q", name))
	wrong.Check("name", name, limits.NamePrefix(name, "-topic", limits.TopicNameLength))
	checkEmails(wrong, a.Emails)
	for _, hook := range sortedKeys(a.WebHooks) {
		if a.WebHooks[hook] == nil {
			wrong.Add("webHooks."+hook, nil, "an address that begins with https://")
		}
		if slices.Contains(a.Emails, hook) {
			wrong.Conflict("emails, webHooks."+hook, "the same name twice; call the web hook something else")
		}
	}
	checkTags(a.Tags, limits.MaxTags, wrong)
	return wrong.Err()
}
