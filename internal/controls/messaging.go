package controls

import (
	"encoding/json"
	"strings"

	"slipway/internal/state"
)

const (
	queue       = "aws:sqs/queue:Queue"
	queuePolicy = "aws:sqs/queuePolicy:QueuePolicy"
	topic       = "aws:sns/topic:Topic"
	topicPolicy = "aws:sns/topicPolicy:TopicPolicy"
)

var messagingControls = []control{
	{id: "SQS.1", title: "Queues are encrypted", of: []string{queue}, check: func(_ *state.State, r *state.Resource) []Finding {
		encrypted := r.At("sqsManagedSseEnabled").Bool() || r.At("kmsMasterKeyId").String() != ""
		return must(encrypted, "sqsManagedSseEnabled", r.At("sqsManagedSseEnabled").String(), "true, or a KMS key")
	}},
	{id: "SQS.3", title: "Queues are not public", of: []string{queue}, check: notPublic(queuePolicies)},
	{id: "AwsSolutions-SQS3", title: "Every queue has a dead-letter queue", of: []string{queue}, where: func(in *state.State, r *state.Resource) bool {
		return !isDeadLetterQueue(in, r)
	}, check: func(in *state.State, r *state.Resource) []Finding {
		return must(deadLetterTarget(r) != "" || len(in.Where("aws:sqs/redrivePolicy:RedrivePolicy", "queueUrl", r.ID)) > 0, "redrivePolicy", "", "a dead-letter queue")
	}},
	{id: "AwsSolutions-SQS4", title: "Queues deny what is not encrypted on its way", of: []string{queue}, check: deniesPlain(queuePolicies, "sqs:*")},
	{id: "SNS.4", title: "Topics are not public", of: []string{topic}, check: notPublic(topicPolicies)},
	{id: "AwsSolutions-SNS3", title: "Topics deny what is not published over TLS", of: []string{topic}, check: deniesPlain(topicPolicies, "sns:Publish")},
}

func queuePolicies(in *state.State, r *state.Resource) (policies []state.Value) {
	for _, p := range in.Where(queuePolicy, "queueUrl", r.ID) {
		policies = append(policies, p.At("policy"))
	}
	return append(policies, r.At("policy"))
}

func topicPolicies(in *state.State, r *state.Resource) (policies []state.Value) {
	for _, p := range in.Where(topicPolicy, "arn", r.At("arn").String()) {
		policies = append(policies, p.At("policy"))
	}
	return append(policies, r.At("policy"))
}

type policiesOf func(*state.State, *state.Resource) []state.Value

func notPublic(policies policiesOf) func(*state.State, *state.Resource) []Finding {
	return func(in *state.State, r *state.Resource) []Finding {
		for _, policy := range policies(in, r) {
			for _, statement := range statements(policy) {
				if statement.Effect == "Allow" && statement.everybody() && !statement.limitsCaller() {
					return must(false, "policy", "everybody may "+strings.Join(statement.actions(), ", "), "named principals, or a condition on the caller's account")
				}
			}
		}
		return nil
	}
}

func deniesPlain(policies policiesOf, action string) func(*state.State, *state.Resource) []Finding {
	return func(in *state.State, r *state.Resource) []Finding {
		for _, policy := range policies(in, r) {
			if deniesPlainText(policy, action, r.At("arn").String()) {
				return nil
			}
		}
		return must(false, "policy", "none that denies "+action+" without TLS", "one")
	}
}

// isDeadLetterQueue tells a queue that takes what others, or schedules, could not do.
func isDeadLetterQueue(in *state.State, r *state.Resource) bool {
	arn := r.At("arn").String()
	for _, other := range in.Of(queue) {
		if deadLetterTarget(other) == arn {
			return true
		}
	}
	for _, schedule := range in.Of("aws:scheduler/schedule:Schedule") {
		if schedule.At("target", "deadLetterConfig", "arn").String() == arn {
			return true
		}
	}
	return false
}

func deadLetterTarget(r *state.Resource) string {
	var redrive struct{ DeadLetterTargetArn string }
	if json.Unmarshal([]byte(r.At("redrivePolicy").String()), &redrive) != nil {
		return ""
	}
	return redrive.DeadLetterTargetArn
}
