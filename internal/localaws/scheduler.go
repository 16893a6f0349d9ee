package localaws

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/scheduler"

	"slipway/internal/limits"
)

// schedulerKinds are the resource types of EventBridge Scheduler. Of the targets, ECS's RunTask is looked into.
func schedulerKinds() []*kind {
	return []*kind{
		of(scheduler.ScheduleArgs{}, scheduler.Schedule{}, kind{service: "EventBridge Scheduler", noun: "Schedule",
			id:    func(d *draft) string { return orDefault(d.text("groupName"), "default") + "/" + d.text("name") },
			named: &naming{property: "name", prefixProperty: "namePrefix", most: 64}, unique: map[string]string{"id": "ConflictException"},
			replace:  []string{"name", "namePrefix", "groupName"},
			defaults: map[string]any{"groupName": "default", "scheduleExpressionTimezone": "UTC", "state": "ENABLED"},
			references: map[string]reference{
				"target.arn":                             {types: []string{ecsClusterType}, code: "ValidationException", message: "The target %s does not exist.", foreign: notECS},
				"target.deadLetterConfig.arn":            {types: []string{queueType}, code: "ValidationException", message: "The dead-letter queue %s does not exist."},
				"target.ecsParameters.taskDefinitionArn": {types: []string{taskType}, code: "ValidationException", message: "Unable to describe task definition %s", foreign: withoutRevision},
			},
			check: checkSchedule, compute: func(d *draft) { d.set("arn", d.arn("scheduler", "schedule/"+d.id)) }, admit: admitSchedule}),
	}
}

func notECS(arn string) bool { return !strings.Contains(arn, ":ecs:") }

var revisionEnd = regexp.MustCompile(`:\d+$`)

// withoutRevision tells the ARN of a family, which stands for its latest task definition.
func withoutRevision(arn string) bool { return !revisionEnd.MatchString(arn) }

var onceExpression = regexp.MustCompile(`^at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)$`)

func checkSchedule(c *checking) {
	if expression := c.text("scheduleExpression"); expression != "" && !onceExpression.MatchString(expression) {
		if err := limits.ScheduleExpression(expression); err != nil {
			c.fail("scheduleExpression", "Invalid Schedule Expression %s (ValidationException): it takes %v", expression, err)
		}
	}
	if zone := c.text("scheduleExpressionTimezone"); zone != "" && limits.ScheduleTimeZone(zone) != nil {
		c.fail("scheduleExpressionTimezone", "Provided timezone is not valid: %s (ValidationException)", zone)
	}
	if len(c.text("description")) > 512 {
		c.invalid("description", "expected length of description to be in the range (0 - 512)")
	}
	c.oneOf("state", "ENABLED", "DISABLED")
	c.oneOf("flexibleTimeWindow.mode", "OFF", "FLEXIBLE")
	if c.text("flexibleTimeWindow.mode") == "FLEXIBLE" && !c.has("flexibleTimeWindow.maximumWindowInMinutes") {
		c.fail("flexibleTimeWindow", "MaximumWindowInMinutes must be provided when FlexibleTimeWindow mode is FLEXIBLE (ValidationException)")
	}
	c.between("target.retryPolicy.maximumEventAgeInSeconds", 60, 86400)
	c.between("target.retryPolicy.maximumRetryAttempts", 0, 185)
	if arn := c.text("target.deadLetterConfig.arn"); strings.HasSuffix(arn, ".fifo") {
		c.fail("target", "The dead-letter queue must be a standard queue, got %s (ValidationException)", arn)
	}
	checkRunTask(c)
}

// checkRunTask checks what the schedule runs.
func checkRunTask(c *checking) {
	const parameters = "target.ecsParameters"
	if arn := c.text("target.arn"); arn != "" && !notECS(arn) && !c.has(parameters) {
		c.fail("target", "EcsParameters must be provided for the target %s (ValidationException)", arn)
	}
	if !c.has(parameters) {
		return
	}
	c.between(parameters+".taskCount", 1, 10)
	c.oneOf(parameters+".launchType", "EC2", "FARGATE", "EXTERNAL")
	c.oneOf(parameters+".propagateTags", "TASK_DEFINITION")
	if c.has(parameters+".launchType") && c.has(parameters+".capacityProviderStrategies") {
		c.fail("target", "LaunchType and CapacityProviderStrategy exclude each other (ValidationException)")
	}
	if input := c.text("target.input"); input != "" && !json.Valid([]byte(input)) {
		c.fail("target", "Input must be valid JSON for the target (ValidationException): %s", input)
	}
}

// admitSchedule refuses a role that EventBridge Scheduler cannot take on, and overrides of containers that the task does not have.
func admitSchedule(a *admission) error {
	role := a.account.lookup(a.text("target.roleArn"), roleType)
	if role != nil && !trusts(role, "scheduler.amazonaws.com") {
		return refuse("ValidationException", "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.")
	}
	var overrides struct {
		ContainerOverrides []struct{ Name string }
	}
	task := a.account.lookup(a.text("target.ecsParameters.taskDefinitionArn"), taskType)
	if task == nil || json.Unmarshal([]byte(a.text("target.input")), &overrides) != nil {
		return nil
	}
	containers, err := containersOf(task.text("containerDefinitions"))
	if err != nil {
		return err
	}
	for _, override := range overrides.ContainerOverrides {
		known := false
		for _, container := range containers {
			known = known || container.Name == override.Name
		}
		if !known {
			// ECS says so only when the schedule is due; a schedule that can never run is refused here.
			return refuse("InvalidParameterException", "Override for container named %s is not a container in the TaskDefinition.", override.Name)
		}
	}
	return nil
}
