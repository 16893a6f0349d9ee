package localaws

import (
	"encoding/json"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
)

const (
	topicType             = "aws:sns/topic:Topic"
	topicPolicyType       = "aws:sns/topicPolicy:TopicPolicy"
	topicSubscriptionType = "aws:sns/topicSubscription:TopicSubscription"
)

// snsKinds are the resource types of SNS.
func snsKinds() []*kind {
	const service = "SNS"
	toTopic := reference{types: []string{topicType}, code: "NotFound", message: "Topic does not exist: %s"}
	return []*kind{
		// CreateTopic gives a topic that exists already under the name.
		of(sns.TopicArgs{}, sns.Topic{}, kind{service: service, noun: "Topic", id: func(d *draft) string { return d.arn("sns", d.text("name")) },
			named:   &naming{property: "name", prefixProperty: "namePrefix", most: 256, suffix: topicSuffix},
			replace: []string{"name", "namePrefix", "fifoTopic"}, overwrites: always,
			defaults: map[string]any{"fifoTopic": false, "contentBasedDeduplication": false},
			check:    checkTopic, compute: computeTopic, afterDelete: afterTopic}),
		of(sns.TopicPolicyArgs{}, sns.TopicPolicy{}, kind{service: service, noun: "TopicPolicy", idFrom: "arn", overwrites: always,
			replace: []string{"arn"}, references: map[string]reference{"arn": toTopic}, check: checkTopicPolicy,
			compute: func(d *draft) { d.set("owner", d.accountID) },
			admit:   func(a *admission) error { return a.admitPrincipals("policy", "InvalidParameter", topicPolicy) }}),
		of(sns.TopicSubscriptionArgs{}, sns.TopicSubscription{}, kind{service: service, noun: "Subscription",
			id:      func(d *draft) string { return d.text("topic") + ":" + d.uuid() },
			replace: []string{"endpoint", "protocol", "topic"}, references: map[string]reference{"topic": {types: toTopic.types, code: toTopic.code, message: toTopic.message, abroad: true}},
			defaults: map[string]any{"confirmationTimeoutInMinutes": 1, "endpointAutoConfirms": false, "rawMessageDelivery": false},
			check:    checkSubscription, compute: computeSubscription}),
	}
}

func computeTopic(d *draft) {
	d.set("arn", d.id)
	d.set("owner", d.accountID)
	if !d.has("policy") {
		d.set("policy", defaultTopicPolicy(d.id, d.accountID))
	}
}

// defaultTopicPolicy is the one that SNS gives to a topic without a policy: whoever the owner's policies allow.
func defaultTopicPolicy(topicARN, owner string) string {
	document, err := json.Marshal(map[string]any{
		"Version": "2008-10-17", "Id": "__default_policy_ID",
		"Statement": []any{map[string]any{"Sid": "__default_statement_ID", "Effect": "Allow", "Principal": map[string]any{"AWS": "*"}, "Resource": topicARN,
			"Action":    []string{"SNS:GetTopicAttributes", "SNS:SetTopicAttributes", "SNS:AddPermission", "SNS:RemovePermission", "SNS:DeleteTopic", "SNS:Subscribe", "SNS:ListSubscriptionsByTopic", "SNS:Publish"},
			"Condition": map[string]any{"StringEquals": map[string]any{"AWS:SourceOwner": owner}}}},
	})
	if err != nil {
		panic(err) // texts only
	}
	return string(document)
}

// afterTopic takes the topic's subscriptions and its policy away with it.
func afterTopic(a *Account, o *Object) (changes []change, _ error) {
	for _, user := range a.users(o) {
		if user.Type == topicSubscriptionType || user.Type == topicPolicyType {
			changes = append(changes, user.removed())
		}
	}
	return changes, nil
}

// computeSubscription says that whoever is asked by mail or by request has not confirmed yet. The provider waits for an
// endpoint that is said to confirm by itself.
func computeSubscription(d *draft) {
	d.set("arn", d.id)
	d.set("ownerId", d.accountID)
	d.set("confirmationWasAuthenticated", false)
	switch d.text("protocol") {
	case "email", "email-json":
		d.set("pendingConfirmation", true)
	case "http", "https":
		d.set("pendingConfirmation", !d.isTrue("endpointAutoConfirms"))
	default:
		d.set("pendingConfirmation", false)
	}
	if d.has("filterPolicy") && !d.has("filterPolicyScope") {
		d.set("filterPolicyScope", "MessageAttributes")
	}
}
