package components

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/internal/invalid"
	"slipway/internal/limits"
)

// topicSettings is what differs between topics that people subscribe to.
type topicSettings struct {
	name string
	// publisher is the service that publishes, for its things in this account and region; things are the end of their ARNs,
	// from the account on, such as "cloudwatch" and "alarm:*".
	sid, publisher  string
	service, things string
	emails          []string
	webHooks        map[string]pulumi.StringInput
	tags            map[string]string
}

// topic is a topic with its policy and who is told.
type topic struct {
	topic         *sns.Topic
	policy        *sns.TopicPolicy
	subscriptions map[string]*sns.TopicSubscription
}

// newTopic makes a topic without a key: the services that publish cannot use the one that AWS manages.
func newTopic(ctx *pulumi.Context, parent pulumi.Resource, s topicSettings) (t topic, err error) {
	t.subscriptions = map[string]*sns.TopicSubscription{}
	t.topic, err = sns.NewTopic(ctx, s.name+"-topic", &sns.TopicArgs{Tags: pulumi.ToStringMap(s.tags)}, pulumi.Parent(parent))
	if err != nil {
		return t, err
	}
	t.policy, err = sns.NewTopicPolicy(ctx, s.name+"-topic", &sns.TopicPolicyArgs{
		Arn:    t.topic.Arn,
		Policy: t.topic.Arn.ApplyT(s.topicPolicy).(pulumi.StringOutput),
	}, pulumi.Parent(parent))
	if err != nil {
		return t, err
	}
	subscribe := func(receiver, protocol string, endpoint pulumi.StringInput) (err error) {
		t.subscriptions[receiver], err = sns.NewTopicSubscription(ctx, s.name+"-to-"+receiver, &sns.TopicSubscriptionArgs{
			Topic:    t.topic.Arn,
			Protocol: pulumi.String(protocol),
			Endpoint: endpoint,
			// The provider waits for those that confirm by themselves, and says so when one does not.
			EndpointAutoConfirms: pulumi.Bool(protocol == "https"),
		}, pulumi.Parent(parent))
		return err
	}
	for _, address := range s.emails {
		if err := subscribe(address, "email", pulumi.String(address)); err != nil {
			return t, err
		}
	}
	for _, hook := range sortedKeys(s.webHooks) {
		endpoint := s.webHooks[hook].ToStringOutput().ApplyT(func(address string) (string, error) {
			if !strings.HasPrefix(address, "https://") {
				return "", fmt.Errorf("webHooks.%s: takes an address that begins with https://", hook) // which may be a secret
			}
			return address, nil
		}).(pulumi.StringOutput)
		if err := subscribe(hook, "https", endpoint); err != nil {
			return t, err
		}
	}
	return t, nil
}

// topicPolicy lets the service publish for the things next to the topic, and takes nothing without TLS. It takes the place of the policy
// that SNS gives a topic; what users and roles of the account may do, their own policies say.
func (s topicSettings) topicPolicy(topicArn string) (string, error) {
	parsed, err := parseArn(topicArn)
	if err != nil {
		return "", err
	}
	return policyDocument(policyStatement{
		Sid:       s.sid,
		Effect:    "Allow",
		Principal: map[string]string{"Service": s.publisher},
		Action:    []string{"sns:Publish"},
		Resource:  []string{topicArn},
		Condition: map[string]map[string]string{
			"StringEquals": {"aws:SourceAccount": parsed.account},
			"ArnLike":      {"aws:SourceArn": fmt.Sprintf("arn:%s:%s:%s:%s:%s", parsed.partition, s.service, parsed.region, parsed.account, s.things)},
		},
	}, tlsOnly("sns:Publish", topicArn))
}

// checkEmails checks addresses that a topic is subscribed to.
func checkEmails(wrong *invalid.Fields, addresses []string) {
	for i, address := range addresses {
		field := fmt.Sprintf("emails[%d]", i)
		wrong.Check(field, address, limits.EmailAddress(address))
		if slices.Contains(addresses[:i], address) {
			wrong.Add(field, address, "each address once")
		}
	}
}
