package localaws

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const failedStages = `{"source":["aws.codepipeline"],"detail-type":["CodePipeline Stage Execution State Change"],"detail":{"state":["FAILED"]}}`

// trusting is a role that a service can assume.
func trusting(service string) map[string]any {
	return map[string]any{"assumeRolePolicy": document(with(trustTasks, map[string]any{"Principal": map[string]any{"Service": service}}))}
}

// eventTarget sends a rule's events to a topic.
func eventTarget(changes map[string]any) map[string]any {
	return with(map[string]any{"rule": "failures", "arn": noTopic}, changes)
}

func TestEventRuleCheck(t *testing.T) {
	t.Parallel()
	pattern := func(text string) map[string]any { return map[string]any{"eventPattern": text} }
	scheduled := map[string]any{"scheduleExpression": "rate(5 minutes)"}
	checkAll(t, map[string]checkCase{
		"a name with a space":          {eventRuleType, with(scheduled, map[string]any{"name": "my rule"}), "name: name takes 1 to 64"},
		"a name of 65":                 {eventRuleType, with(scheduled, map[string]any{"name": strings.Repeat("a", 65)}), "name: name takes 1 to 64"},
		"a description of 513":         {eventRuleType, with(scheduled, map[string]any{"description": strings.Repeat("a", 513)}), "description: a description takes 512"},
		"neither pattern nor schedule": {eventRuleType, map[string]any{}, "eventPattern: Parameter(s) EventPattern or ScheduleExpression must be specified."},
		"cron of Unix":                 {eventRuleType, map[string]any{"scheduleExpression": "0 3 * * *"}, "scheduleExpression: Parameter ScheduleExpression is not valid. (ValidationException)"},
		"a schedule for once":          {eventRuleType, map[string]any{"scheduleExpression": "at(2030-01-01T03:00:00)"}, "scheduleExpression: Parameter ScheduleExpression is not valid."},
		"a schedule on another bus":    {eventRuleType, with(scheduled, map[string]any{"eventBusName": "orders"}), "eventBusName: ScheduleExpression is supported only on the default event bus."},
		"a state that is none":         {eventRuleType, with(scheduled, map[string]any{"state": "ON"}), "state: expected state to be one of"},
		"a state and isEnabled":        {eventRuleType, with(scheduled, map[string]any{"state": "ENABLED", "isEnabled": true}), "isEnabled: \"isEnabled\": conflicts with state"},
		"a schedule of CloudTrail's":   {eventRuleType, with(scheduled, map[string]any{"state": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"}), "state: ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS cannot be used"},
		"a pattern that is no JSON":    {eventRuleType, pattern(`{"source":`), "eventPattern: Event pattern is not valid. Reason: it is no JSON"},
		"a pattern that is a list":     {eventRuleType, pattern(`["aws.codepipeline"]`), "Reason: Filter is not an object (InvalidEventPatternException)"},
		"a pattern without a list":     {eventRuleType, pattern(`{"source":"aws.codepipeline"}`), `Reason: "source" must be an object or an array`},
		"a pattern for nothing":        {eventRuleType, pattern(`{"source":[]}`), "Reason: Empty arrays are not allowed"},
		"an empty pattern":             {eventRuleType, pattern(`{"detail":{}}`), "Reason: Empty objects are not allowed"},
		"a list in a list":             {eventRuleType, pattern(`{"source":[["aws.s3"]]}`), "Reason: Match value must be String, number, true, false, or null"},
		"a comparison that is none":    {eventRuleType, pattern(`{"source":[{"begins":"aws."}]}`), "Reason: Unrecognized match type begins"},
		"two comparisons in one":       {eventRuleType, pattern(`{"source":[{"prefix":"a","suffix":"b"}]}`), "Reason: Only one key allowed in match expression"},
		"exists with a text":           {eventRuleType, pattern(`{"source":[{"exists":"yes"}]}`), "Reason: exists match pattern has a value that it does not take"},
		"numeric without operator":     {eventRuleType, pattern(`{"detail":{"n":[{"numeric":[1,2]}]}}`), "Reason: numeric match pattern"},
		"one alternative":              {eventRuleType, pattern(`{"$or":[{"source":["a"]}]}`), `Reason: "$or" takes two objects or more`},
		"a pattern of 4097":            {eventRuleType, pattern(`{"source":["` + strings.Repeat("a", 4097-len(`{"source":[""]}`)) + `"]}`), "Reason: it takes 4096 characters at most, got 4097"},
	})
	for name, inputs := range map[string]map[string]any{
		"failures of a pipeline": pattern(failedStages),
		"all comparisons": pattern(`{"source":["a",1,true,null,{"prefix":"a"},{"prefix":{"equals-ignore-case":"A"}},{"suffix":"b"},{"anything-but":["c"]},{"exists":false},` +
			`{"numeric":[">",0,"<=",5]},{"cidr":"10.0.0.0/8"},{"wildcard":"a*"}],"$or":[{"x":["1"]},{"y":["2"]}]}`),
		"a pattern of 4096":      pattern(`{"source":["` + strings.Repeat("a", 4096-len(`{"source":[""]}`)) + `"]}`),
		"a pattern and schedule": with(scheduled, pattern(failedStages)),
		"longest texts":          with(scheduled, map[string]any{"name": strings.Repeat("a", 64), "description": strings.Repeat("a", 512)}),
		"a pattern, another bus": with(pattern(failedStages), map[string]any{"eventBusName": "orders"}),
	} {
		_, failures := newEmbedded(t).check(eventRuleType, "x", inputs)
		assert.Empty(t, failures, name)
	}
}

func TestEventTargetCheck(t *testing.T) {
	t.Parallel()
	transform := func(template string) map[string]any {
		return eventTarget(map[string]any{"inputTransformer": map[string]any{"inputPaths": map[string]any{"stage": "$.detail.stage"}, "inputTemplate": template}})
	}
	const pipeline = "arn:aws:codepipeline:us-east-1:123456789012:shop"
	checkAll(t, map[string]checkCase{
		"no ARN":                        {eventTargetType, eventTarget(map[string]any{"arn": "alarms"}), "arn: Provided Arn is not in correct format"},
		"a target's id of 65":           {eventTargetType, eventTarget(map[string]any{"targetId": strings.Repeat("a", 65)}), "targetId: targetId takes 1 to 64"},
		"a pipeline without a role":     {eventTargetType, eventTarget(map[string]any{"arn": pipeline}), "roleArn: RoleArn is required for target " + pipeline + ". (ValidationException)"},
		"a destination without role":    {eventTargetType, eventTarget(map[string]any{"arn": "arn:aws:events:us-east-1:123456789012:api-destination/x/y"}), "roleArn: RoleArn is required for target"},
		"a cluster without a task":      {eventTargetType, eventTarget(map[string]any{"arn": "arn:aws:ecs:us-east-1:123456789012:cluster/x", "roleArn": "r"}), "ecsTarget: Parameter(s) EcsParameters must be specified"},
		"a FIFO queue without group":    {eventTargetType, eventTarget(map[string]any{"arn": "arn:aws:sqs:us-east-1:123456789012:x.fifo"}), "sqsTarget: Parameter(s) SqsParameters must be specified"},
		"an input and a path":           {eventTargetType, eventTarget(map[string]any{"input": "{}", "inputPath": "$.detail"}), "inputPath: Only one of Input, InputPath, or InputTransformer"},
		"an input that is no JSON":      {eventTargetType, eventTarget(map[string]any{"input": "failed"}), "input: JSON syntax error in input"},
		"a path that is none":           {eventTargetType, eventTarget(map[string]any{"inputPath": "detail"}), "inputPath: Invalid InputPath"},
		"a template without quotes":     {eventTargetType, transform("The stage <stage> failed."), "inputTransformer.inputTemplate: Invalid InputTemplate"},
		"a placeholder without path":    {eventTargetType, transform(`"The pipeline <pipeline> failed."`), "inputTransformer.inputTemplate: InputTemplate contains invalid placeholder pipeline"},
		"a key that begins with AWS":    {eventTargetType, eventTarget(map[string]any{"inputTransformer": map[string]any{"inputPaths": map[string]any{"AWSx": "$.x"}, "inputTemplate": `"x"`}}), "inputTransformer.inputPaths: a key of InputPathsMap must not start with AWS"},
		"retries without end":           {eventTargetType, eventTarget(map[string]any{"retryPolicy": map[string]any{"maximumRetryAttempts": 186}}), "retryPolicy.maximumRetryAttempts: expected"},
		"an event that is a minute old": {eventTargetType, eventTarget(map[string]any{"retryPolicy": map[string]any{"maximumEventAgeInSeconds": 59}}), "retryPolicy.maximumEventAgeInSeconds: expected"},
	})
	for name, inputs := range map[string]map[string]any{
		"a topic":             eventTarget(nil),
		"a pipeline":          eventTarget(map[string]any{"arn": pipeline, "roleArn": "arn:aws:iam::123456789012:role/events"}),
		"JSON of a template":  transform(`{"stage": <stage>, "rule": "<aws.events.rule-name>"}`),
		"lines of a template": transform("\"The stage <stage> failed.\"\n\"Look at it.\""),
		"a bus":               eventTarget(map[string]any{"arn": "arn:aws:events:us-east-1:123456789012:event-bus/orders"}),
	} {
		_, failures := newEmbedded(t).check(eventTargetType, "x", inputs)
		assert.Empty(t, failures, name)
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	topic := e.create(topicType, "alarms", nil)["arn"]
	rule := e.deploy(eventRuleType, "failures", map[string]any{"eventPattern": failedStages})
	assert.Equal(t, rule.text("name"), rule.id)
	assert.Equal(t, "arn:aws:events:us-east-1:123456789012:rule/"+rule.id, rule.text("arn"))
	assert.Equal(t, "ENABLED", rule.text("state"))
	assert.Equal(t, true, rule.outputs["isEnabled"].BoolValue())
	spelt := map[string]any{"eventPattern": strings.ReplaceAll(failedStages, ":", " : ")}
	assert.Empty(t, rule.diff(spelt).ChangedKeys, "the same JSON is no difference")

	target := e.deploy(eventTargetType, "failures", map[string]any{"rule": rule.id, "arn": topic})
	assert.Equal(t, rule.id+"-"+target.text("targetId"), target.id)
	assert.Empty(t, target.diff(map[string]any{"rule": rule.id, "arn": topic}).ChangedKeys, "a second deployment changes nothing")
	require.NoError(t, target.update(map[string]any{"rule": rule.id, "arn": topic, "inputPath": "$.detail"}))
	assert.Equal(t, rule.id+"-"+target.text("targetId"), target.id, "an update keeps the target's id")
	assert.Equal(t, []string{"targetId"}, target.replaces(map[string]any{"rule": rule.id, "arn": topic, "targetId": "x"}))

	orders := e.create(eventRuleType, "orders", map[string]any{"eventPattern": failedStages, "eventBusName": "orders", "name": "new", "isEnabled": false})
	assert.Equal(t, "orders/new", orders["id"])
	assert.Equal(t, "arn:aws:events:us-east-1:123456789012:rule/orders/new", orders["arn"])
	assert.Equal(t, "DISABLED", orders["state"])

	refused(t, rule.delete(), "ValidationException")
	require.NoError(t, target.delete())
	require.NoError(t, rule.delete())
}

func TestEventAdmission(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	topic := e.create(topicType, "alarms", nil)["arn"]
	rule := e.create(eventRuleType, "failures", map[string]any{"eventPattern": failedStages, "name": "failures"})["name"]
	stranger := e.create(roleType, "stranger", trusting("ecs-tasks.amazonaws.com"))["arn"]
	events := e.create(roleType, "events", trusting("events.amazonaws.com"))["arn"]
	for name, c := range map[string]struct {
		inputs     map[string]any
		code, says string
	}{
		"no rule":  {map[string]any{"rule": "none", "arn": topic}, "ResourceNotFoundException", "Rule none does not exist on EventBus default."},
		"no topic": {map[string]any{"arn": noTopic}, "ValidationException", "The target " + noTopic + " does not exist."},
		"no dead-letter queue": {map[string]any{"arn": topic, "deadLetterConfig": map[string]any{"arn": "arn:aws:sqs:us-east-1:123456789012:none"}},
			"ValidationException", "The dead-letter queue"},
		"a role of others": {map[string]any{"arn": topic, "roleArn": stranger}, "ValidationException", "cannot be assumed by principal 'events.amazonaws.com'"},
	} {
		_, err := e.tryCreate(eventTargetType, name, eventTarget(c.inputs))
		refused(t, err, c.code)
		require.ErrorContains(t, err, c.says, name)
	}
	for n := range targetsPerRule {
		e.create(eventTargetType, fmt.Sprint("target-", n), map[string]any{"rule": rule, "arn": topic, "roleArn": events})
	}
	_, err := e.tryCreate(eventTargetType, "sixth", map[string]any{"rule": rule, "arn": topic})
	refused(t, err, "LimitExceededException")
}
