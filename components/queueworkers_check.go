package components

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/internal/invalid"
	"slipway/internal/limits"
)

const (
	// stopMargin is what a worker keeps of the stop timeout to give unfinished messages back, in seconds.
	stopMargin = 10
	// queuesMost keeps an alarm within CloudWatch's ten metrics: two of each queue, the tasks, and the result.
	queuesMost = 4

	visibilityVariable = "CELERY_VISIBILITY_TIMEOUT"
	stopGraceVariable  = "CELERY_STOP_GRACE"
)

// withDefaults fills in what was not given and reports all that is wrong.
func (a *QueueWorkersArgs) withDefaults(name string) (QueueWorkersArgs, error) {
	var args QueueWorkersArgs
	if a != nil {
		args = *a
	}
	wrong := invalid.In(fmt.Sprintf("QueueWorkers %q", name))
	if len(args.Steps) > 0 && args.Backlog != nil {
		wrong.Conflict("steps, backlog", "exclude each other, as two policies would undo each other's work; remove one")
	}
	args.fillIn()
	wrong.Check("name", name, limits.NamePrefix(name, executionRole, limits.RoleNameLength))
	args.checkRequired(wrong)
	args.task(nil).check(wrong)
	if args.StopTimeout <= stopMargin {
		wrong.Add("stopTimeout", args.StopTimeout, fmt.Sprintf("seconds from %d to 120: a worker keeps the last %d to give messages back", stopMargin+1, stopMargin))
	}
	wrong.Check("deploymentTimeout", args.DeploymentTimeout, limits.DeploymentTimeout(args.DeploymentTimeout))
	args.checkScaling(wrong)
	args.checkSchedules(name, wrong)
	return args, wrong.Err()
}

func (a *QueueWorkersArgs) fillIn() {
	if len(a.Command) == 0 {
		a.Command = []string{"worker"}
	}
	a.Cpu = cmp.Or(a.Cpu, 256)
	if sizes := limits.FargateMemory(a.Cpu); a.Memory == 0 && len(sizes) > 0 {
		a.Memory = sizes[0]
	}
	a.Architecture = cmp.Or(a.Architecture, "ARM64")
	a.StopTimeout = cmp.Or(a.StopTimeout, 120)

	maxCount, retention := 10, 365
	if a.Ephemeral {
		maxCount, retention = 1, 30
	}
	a.MaxCount = cmp.Or(a.MaxCount, max(maxCount, a.MinCount))
	a.IdleMinutes = cmp.Or(a.IdleMinutes, 5)
	if a.Backlog != nil {
		backlog := *a.Backlog
		backlog.Concurrency = cmp.Or(backlog.Concurrency, 2)
		a.Backlog = &backlog
	} else if len(a.Steps) == 0 {
		a.Steps = defaultSteps()
	}
	a.Steps = completeSteps(a.Steps)

	schedules := map[string]Schedule{}
	for name, schedule := range a.Schedules {
		schedule.TimeZone = cmp.Or(schedule.TimeZone, "UTC")
		schedules[name] = schedule
	}
	a.Schedules = schedules
	a.WaitForDeployment = cmp.Or(a.WaitForDeployment, new(true))
	a.DeploymentTimeout = cmp.Or(a.DeploymentTimeout, 15)
	a.ReadonlyRootFilesystem = cmp.Or(a.ReadonlyRootFilesystem, new(true))
	a.LogRetentionDays = cmp.Or(a.LogRetentionDays, retention)
}

func (a *QueueWorkersArgs) checkRequired(wrong *invalid.Fields) {
	for _, field := range []struct {
		name  string
		given bool
		takes string
	}{
		{"vpcId", a.VpcId != nil, "the id of a VPC, such as network.VpcId"},
		{"subnetIds", a.SubnetIds != nil, "subnets for the tasks, such as network.ApplicationSubnetIds"},
		{"clusterArn", a.ClusterArn != nil, "the ARN of an ECS cluster, such as web.ClusterArn"},
	} {
		if !field.given {
			wrong.Add(field.name, nil, field.takes)
		}
	}
	if len(a.Queues) == 0 || len(a.Queues) > queuesMost {
		wrong.Add("queues", len(a.Queues), fmt.Sprintf("1 to %d queues, such as []*components.Queue{queue}", queuesMost))
	}
	variables := map[string]bool{}
	for i, queue := range a.Queues {
		field := fmt.Sprintf("queues[%d]", i)
		if queue == nil {
			wrong.Add(field, nil, "a queue, of components.NewQueue")
			continue
		}
		if variables[queue.variable] {
			wrong.Add(field+".variable", queue.variable, "a name that no other of the queues has, such as REPORTS_QUEUE_URL")
		}
		variables[queue.variable] = true
	}
}

func (a *QueueWorkersArgs) checkScaling(wrong *invalid.Fields) {
	wrong.Check("spotWeight", a.SpotWeight, limits.Percent(a.SpotWeight, 0))
	wrong.Check("minCount", a.MinCount, limits.TaskCount(a.MinCount))
	wrong.Check("maxCount", a.MaxCount, limits.TaskCount(a.MaxCount))
	switch {
	case a.MaxCount < 1:
		wrong.Add("maxCount", a.MaxCount, "a number of tasks from 1, or nobody works on the queue")
	case a.MinCount > a.MaxCount:
		wrong.Conflict("minCount, maxCount", fmt.Sprintf("the least, %d, is more than the largest, %d", a.MinCount, a.MaxCount))
	}
	if a.IdleMinutes < 2 || a.IdleMinutes > 60 {
		wrong.Add("idleMinutes", a.IdleMinutes, "minutes from 2 to 60: SQS's figures are approximate, and one empty minute may be none")
	}
	if a.Backlog != nil {
		a.Backlog.check(wrong)
	}
	if len(a.Steps) > 0 {
		checkSteps(a.Steps, a.MinCount, wrong)
	}
}

var scheduleName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,30}$`)

func (a *QueueWorkersArgs) checkSchedules(workers string, wrong *invalid.Fields) {
	for _, name := range sortedKeys(a.Schedules) {
		schedule := a.Schedules[name]
		if err := limits.NamePrefix(workers+"-"+name, scheduleRole, limits.RoleNameLength); err != nil && scheduleName.MatchString(name) {
			wrong.Conflict("name, schedules."+name, fmt.Sprintf("a role is called after both, %s-%s, which takes %v", workers, name, err))
		}
		if !scheduleName.MatchString(name) {
			wrong.Add("schedules", name, "names of small letters, digits and hyphens, 31 at most, such as clear-sessions")
		}
		wrong.Check("schedules."+name+".expression", schedule.Expression, limits.ScheduleExpression(schedule.Expression))
		wrong.Check("schedules."+name+".timeZone", schedule.TimeZone, limits.ScheduleTimeZone(schedule.TimeZone))
		if len(schedule.Command) == 0 {
			wrong.Add("schedules."+name+".command", nil, `what to run, such as {"python3", "manage.py", "clearsessions"}`)
		}
	}
}

// task is what these arguments say of the tasks.
func (a QueueWorkersArgs) task(component pulumi.Resource) taskSettings {
	environment := map[string]pulumi.StringInput{stopGraceVariable: pulumi.String(strconv.Itoa(a.StopTimeout - stopMargin))}
	connections := make([]Connection, 0, len(a.Queues)+len(a.Connections))
	for i, queue := range a.Queues {
		if queue == nil {
			continue // reported as queues[i]
		}
		if i == 0 {
			environment[visibilityVariable] = pulumi.String(strconv.Itoa(queue.visibilityTimeout))
		}
		connections = append(connections, consumer{queue})
	}
	maps.Copy(environment, a.Environment)
	return taskSettings{
		kind:             "QueueWorkers",
		component:        component,
		container:        workerContainer,
		image:            a.Image,
		repositoryArn:    a.RepositoryArn,
		command:          a.Command,
		releaseCommand:   a.ReleaseCommand,
		user:             a.User,
		environment:      environment,
		secrets:          a.Secrets,
		connections:      append(connections, a.Connections...),
		cpu:              a.Cpu,
		memory:           a.Memory,
		architecture:     a.Architecture,
		stopTimeout:      a.StopTimeout,
		readonly:         *a.ReadonlyRootFilesystem,
		executeCommand:   a.EnableExecuteCommand,
		keepRevisions:    !*a.WaitForDeployment,
		logRetentionDays: a.LogRetentionDays,
		tags:             a.Tags,
	}
}

// rules are the two scaling policies.
func (a QueueWorkersArgs) rules() []scalingRule {
	if a.Backlog != nil {
		// When all is done, nothing speaks for a middle number of tasks.
		return []scalingRule{
			scaleOutByBacklog(*a.Backlog, a.MaxCount, len(a.Queues)),
			scaleIn("ExactCapacity", a.MinCount, a.IdleMinutes, len(a.Queues)),
		}
	}
	removed := 0
	for _, step := range a.Steps {
		removed = min(removed, step.Change)
	}
	return []scalingRule{
		scaleOutBySteps(a.Steps, len(a.Queues)),
		scaleIn("ChangeInCapacity", removed, a.IdleMinutes, len(a.Queues)),
	}
}
