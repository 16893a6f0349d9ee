package localaws

import (
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
)

const (
	eventRuleType   = "aws:cloudwatch/eventRule:EventRule"
	eventTargetType = "aws:cloudwatch/eventTarget:EventTarget"
	projectType     = "aws:codebuild/project:Project"
	pipelineType    = "aws:codepipeline/pipeline:Pipeline"
)

// defaultBus is where AWS's services send their events.
const defaultBus = "default"

// eventTargets are what an event is sent to, as far as the catalogue has it; others are taken as they are.
var eventTargets = map[string]string{"sns": topicType, "sqs": queueType, "codebuild": projectType, "codepipeline": pipelineType, "ecs": ecsClusterType}

// eventsKinds are EventBridge's resource types, which pulumi-aws has among CloudWatch's. PutRule and PutTargets replace what there is.
func eventsKinds() []*kind {
	const service = "EventBridge"
	deadLetters := reference{types: []string{queueType}, code: "ValidationException", message: "The dead-letter queue %s does not exist.", abroad: true}
	return []*kind{
		of(cloudwatch.EventRuleArgs{}, cloudwatch.EventRule{}, kind{service: service, noun: "Rule", id: func(d *draft) string { return onBus(d, d.text("name"), "/") },
			named: &naming{property: "name", prefixProperty: "namePrefix", most: 64}, replace: []string{"name", "namePrefix", "eventBusName"}, overwrites: always,
			defaults: map[string]any{"eventBusName": defaultBus, "forceDestroy": false}, check: checkEventRule, compute: computeEventRule, admit: admitEventRole,
			inUse: &inUse{code: "ValidationException", by: []string{eventTargetType}, message: "Rule can't be deleted since it has targets. (%s)"}}),
		of(cloudwatch.EventTargetArgs{}, cloudwatch.EventTarget{}, kind{service: service, noun: "Targets", id: eventTargetID, overwrites: always,
			replace:  []string{"eventBusName", "rule", "targetId"},
			defaults: map[string]any{"eventBusName": defaultBus, "forceDestroy": false},
			references: map[string]reference{
				"rule":                 {types: []string{eventRuleType}, code: "ResourceNotFoundException", message: "Rule %s does not exist on EventBus default."},
				"arn":                  {types: slices.Sorted(maps.Values(eventTargets)), code: "ValidationException", message: "The target %s does not exist.", foreign: unknownTarget, abroad: true},
				"deadLetterConfig.arn": deadLetters,
			},
			check: checkEventTarget, compute: computeEventTarget, admit: admitEventTarget}),
	}
}

// onBus puts an event bus before a name, as the provider's ids have it: not the default one.
func onBus(d *draft, name, separator string) string {
	if bus := d.text("eventBusName"); bus != "" && bus != defaultBus {
		return bus + separator + name
	}
	return name
}

func computeEventRule(d *draft) {
	path := d.text("name")
	if bus := d.text("eventBusName"); bus != defaultBus {
		path = strings.TrimPrefix(resourceOf(bus), "event-bus/") + "/" + path
	}
	d.set("arn", d.arn("events", "rule/"+path))
	if v := d.value("isEnabled"); v.IsBool() && !v.BoolValue() {
		d.set("state", "DISABLED")
	} else if !given(d.inputs, "state") {
		d.set("state", "ENABLED")
	}
	if !given(d.inputs, "isEnabled") {
		d.set("isEnabled", d.text("state") != "DISABLED")
	}
}

func eventTargetID(d *draft) string {
	target := d.text("targetId")
	if target == "" {
		target = "terraform-" + d.digits(prefixedDigits)
	}
	return onBus(d, d.text("rule"), "-") + "-" + target
}

func computeEventTarget(d *draft) {
	if !given(d.inputs, "targetId") {
		d.set("targetId", strings.TrimPrefix(d.id, onBus(d, d.text("rule"), "-")+"-"))
	}
}

// unknownTarget tells the ARN of what is not in the catalogue.
func unknownTarget(arn string) bool { return eventTargets[serviceOf(arn)] == "" }

// targetsPerRule is a quota (Amazon EventBridge User Guide, "Quotas").
const targetsPerRule = 5

func admitEventTarget(a *admission) error {
	targets := 0
	_ = a.others(eventTargetType, func(o *Object) error {
		if o.text("rule") == a.text("rule") && o.text("eventBusName") == a.text("eventBusName") && o.ID != a.id {
			targets++
		}
		return nil
	})
	if targets >= targetsPerRule {
		return refuse("LimitExceededException", "The requested resource exceeds the maximum number allowed. The rule %s has %d targets, and a rule takes %d.", a.text("rule"), targets, targetsPerRule)
	}
	return admitEventRole(a)
}

// admitEventRole refuses a role that EventBridge cannot take on.
func admitEventRole(a *admission) error {
	if role := a.account.lookup(a.text("roleArn"), roleType); role != nil && !trusts(role, "events.amazonaws.com") {
		return refuse("ValidationException", "Provided role '%s' cannot be assumed by principal 'events.amazonaws.com'.", role.text("arn"))
	}
	return nil
}
