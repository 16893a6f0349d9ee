package localaws

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const scheduleType = "aws:scheduler/schedule:Schedule"

// runs is a schedule of a task in a cluster.
func runs(target map[string]any, more map[string]any) map[string]any {
	return with(map[string]any{"scheduleExpression": "rate(1 hour)", "flexibleTimeWindow": map[string]any{"mode": "OFF"},
		"target": with(map[string]any{"arn": "arn:aws:sqs:us-east-1:123456789012:jobs", "roleArn": "arn:aws:iam::123456789012:role/scheduler"}, target)}, more)
}

func TestScheduleCheck(t *testing.T) {
	t.Parallel()
	ofTask := map[string]any{"ecsParameters": map[string]any{"taskDefinitionArn": "arn:aws:ecs:us-east-1:123456789012:task-definition/web:1"}}
	checkAll(t, map[string]checkCase{
		"cron of Unix":            {scheduleType, runs(nil, map[string]any{"scheduleExpression": "0 3 * * *"}), "scheduleExpression: Invalid Schedule Expression 0 3 * * *"},
		"both days":               {scheduleType, runs(nil, map[string]any{"scheduleExpression": "cron(0 3 * * * *)"}), "Invalid Schedule Expression"},
		"an unknown zone":         {scheduleType, runs(nil, map[string]any{"scheduleExpressionTimezone": "CEST"}), "scheduleExpressionTimezone: Provided timezone is not valid: CEST"},
		"an unknown state":        {scheduleType, runs(nil, map[string]any{"state": "ON"}), "state: expected"},
		"a window without length": {scheduleType, runs(nil, map[string]any{"flexibleTimeWindow": map[string]any{"mode": "FLEXIBLE"}}), "flexibleTimeWindow: MaximumWindowInMinutes must be provided"},
		"a cluster without task":  {scheduleType, runs(map[string]any{"arn": "arn:aws:ecs:us-east-1:123456789012:cluster/main"}, nil), "target: EcsParameters must be provided"},
		"a FIFO dead-letter queue": {scheduleType, runs(map[string]any{"deadLetterConfig": map[string]any{"arn": "arn:aws:sqs:us-east-1:123456789012:dead.fifo"}}, nil),
			"target: The dead-letter queue must be a standard queue"},
		"overrides that are no JSON": {scheduleType, runs(with(ofTask, map[string]any{"input": "job"}), nil), "target: Input must be valid JSON"},
		"too many retries":           {scheduleType, runs(map[string]any{"retryPolicy": map[string]any{"maximumRetryAttempts": 186}}, nil), "target.retryPolicy.maximumRetryAttempts: expected"},
	})
	_, failures := newEmbedded(t).check(scheduleType, "x", runs(nil, map[string]any{"scheduleExpression": "at(2030-01-01T03:00:00)"}))
	assert.Empty(t, failures, "one-time schedules are AWS's, too")
}

func TestScheduleAdmission(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	service := e.fargateService()
	trust := func(principal string) map[string]any {
		return map[string]any{"assumeRolePolicy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"` + principal + `"},"Action":"sts:AssumeRole"}]}`}
	}
	role := e.create(roleType, "scheduler", trust("scheduler.amazonaws.com"))["arn"]
	stranger := e.create(roleType, "stranger", trust("ecs-tasks.amazonaws.com"))["arn"]
	dead := e.create(queueType, "dead", nil)["arn"]
	of := func(changes map[string]any) map[string]any {
		return runs(with(map[string]any{"arn": service["cluster"], "roleArn": role, "deadLetterConfig": map[string]any{"arn": dead},
			"ecsParameters": map[string]any{"taskDefinitionArn": service["taskDefinition"]}}, changes), nil)
	}
	for name, c := range map[string]struct {
		changes    map[string]any
		code, says string
	}{
		"no cluster":   {map[string]any{"arn": "arn:aws:ecs:us-east-1:123456789012:cluster/none"}, "ValidationException", "The target arn:aws:ecs:us-east-1:123456789012:cluster/none does not exist"},
		"no queue":     {map[string]any{"deadLetterConfig": map[string]any{"arn": "arn:aws:sqs:us-east-1:123456789012:none"}}, "ValidationException", "dead-letter queue"},
		"no role":      {map[string]any{"roleArn": "arn:aws:iam::123456789012:role/none"}, "NoSuchEntity", "none"},
		"a stranger":   {map[string]any{"roleArn": stranger}, "ValidationException", "must allow AWS EventBridge Scheduler to assume the role"},
		"no container": {map[string]any{"input": `{"containerOverrides":[{"name":"nobody","command":["x"]}]}`}, "InvalidParameterException", "container named nobody"},
	} {
		_, err := e.tryCreate(scheduleType, "job", of(c.changes))
		refused(t, err, c.code)
		require.ErrorContains(t, err, c.says, name)
	}
	job := e.create(scheduleType, "job", of(nil))
	assert.Regexp(t, `^arn:aws:scheduler:us-east-1:123456789012:schedule/default/job-[0-9a-f]{7}$`, job["arn"])
	assert.Equal(t, "ENABLED", job["state"])
}
