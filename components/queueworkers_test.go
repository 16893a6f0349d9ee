package components_test

import (
	"encoding/json"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/components"
)

const (
	queueWorkersToken = "slipway:index:QueueWorkers"
	scheduleToken     = "aws:scheduler/schedule:Schedule"
	mainCluster       = "arn:aws:ecs:eu-central-1:123456789012:cluster/main"
)

// workersInputs work on one queue, at the defaults.
func workersInputs(queue *components.Queue) *components.QueueWorkersArgs {
	return &components.QueueWorkersArgs{
		Queues:     []*components.Queue{queue},
		VpcId:      pulumi.String("vpc-1"),
		SubnetIds:  pulumi.ToStringArray([]string{"subnet-a1", "subnet-a2"}),
		ClusterArn: pulumi.String(mainCluster),
		Image:      pulumi.String(webImage),
	}
}

func (r *recorder) deployWorkers(change func(*components.QueueWorkersArgs)) error {
	definition := r.outputs[taskDefinition]
	r.outputs[taskDefinition] = func(res pulumi.MockResourceArgs) resource.PropertyMap {
		outputs := definition(res)
		outputs["arnWithoutRevision"] = resource.NewProperty("arn:aws:ecs:eu-central-1:123456789012:task-definition/slipway-test-workers")
		return outputs
	}
	return r.run(func(ctx *pulumi.Context) error {
		queue, err := components.NewQueue(ctx, "queue", &components.QueueArgs{VisibilityTimeout: 600})
		if err != nil {
			return err
		}
		args := workersInputs(queue)
		if change != nil {
			change(args)
		}
		_, err = components.NewQueueWorkers(ctx, "workers", args)
		return err
	})
}

// runWorkers deploys a queue called "queue" and workers called "workers" with changed arguments.
func runWorkers(t testing.TB, change func(*components.QueueWorkersArgs)) *recorder {
	t.Helper()
	r := queueRecorder()
	require.NoError(t, r.deployWorkers(change))
	return r
}

func TestQueueWorkersService(t *testing.T) {
	t.Parallel()
	r := runWorkers(t, func(args *components.QueueWorkersArgs) { args.SpotWeight = 70 })
	service := r.find(t, ecsService, "workers-service")
	assert.Contains(t, service.RegisterRPC.GetParent(), queueWorkersToken)
	assert.Equal(t, map[string]any{
		"cluster": mainCluster, "desiredCount": 0.0, "waitForSteadyState": true, "availabilityZoneRebalancing": "DISABLED", "platformVersion": "LATEST",
		"deploymentCircuitBreaker": map[string]any{"enable": true, "rollback": true}, "loadBalancers": nil,
		"capacityProviderStrategies": []any{
			map[string]any{"capacityProvider": "FARGATE", "weight": 30.0, "base": 1.0},
			map[string]any{"capacityProvider": "FARGATE_SPOT", "weight": 70.0},
		},
		"networkConfiguration": map[string]any{"subnets": []any{"subnet-a1", "subnet-a2"}, "securityGroups": []any{"workers-tasks-id"}, "assignPublicIp": false},
	}, plain(service.Inputs, "cluster", "desiredCount", "waitForSteadyState", "availabilityZoneRebalancing", "platformVersion", "deploymentCircuitBreaker",
		"loadBalancers", "capacityProviderStrategies", "networkConfiguration"))
	assert.Equal(t, []string{"desiredCount"}, service.RegisterRPC.GetIgnoreChanges())
	for _, needed := range []string{"workers-execution-policy", "workers-protection", "queue-consume-workers", "queue-send-workers", "workers-tasks-to-world"} {
		assert.Truef(t, dependsOn(service, needed), "a task cannot work without %s", needed)
	}
	assert.Empty(t, r.all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"), "nobody reaches a worker")

	var containers []map[string]any
	task := r.find(t, taskDefinition, "workers-task").Inputs
	require.NoError(t, json.Unmarshal([]byte(task["containerDefinitions"].StringValue()), &containers))
	require.Len(t, containers, 1)
	worker := containers[0]
	assert.Equal(t, "worker", worker["name"])
	assert.Equal(t, webImage, worker["image"])
	assert.Equal(t, []any{"worker"}, worker["command"])
	assert.Equal(t, 120.0, worker["stopTimeout"])
	assert.Equal(t, true, worker["readonlyRootFilesystem"], "ECS.5")
	assert.NotContains(t, worker, "portMappings")
	assert.Equal(t, []any{
		map[string]any{"name": "CELERY_QUEUE_URL", "value": queueUrlOf("queue-queue")},
		map[string]any{"name": "CELERY_STOP_GRACE", "value": "110"},
		map[string]any{"name": "CELERY_VISIBILITY_TIMEOUT", "value": "600"},
	}, worker["environment"])

	assert.Equal(t, map[string][]string{"Protection": {"arn:aws:ecs:eu-central-1:123456789012:task/main/*"}}, resourcesBySid(t, r, "workers-protection"))
}

func TestQueueWorkersReleaseCommand(t *testing.T) {
	t.Parallel()
	r := runWorkers(t, func(args *components.QueueWorkersArgs) {
		args.ReleaseCommand = []string{"release"}
		args.Environment = map[string]pulumi.StringInput{"CELERY_STOP_GRACE": pulumi.String("50")}
	})
	var containers []map[string]any
	require.NoError(t, json.Unmarshal([]byte(r.find(t, taskDefinition, "workers-task").Inputs["containerDefinitions"].StringValue()), &containers))
	require.Len(t, containers, 2)
	assert.Equal(t, []any{map[string]any{"containerName": "release", "condition": "SUCCESS"}}, containers[0]["dependsOn"])
	assert.Contains(t, containers[0]["environment"], map[string]any{"name": "CELERY_STOP_GRACE", "value": "50"}, "the program's value counts")
}

func TestQueueWorkersReportARollback(t *testing.T) {
	t.Parallel()
	r := queueRecorder()
	r.outputs[ecsService] = func(pulumi.MockResourceArgs) resource.PropertyMap {
		return resource.PropertyMap{"taskDefinition": resource.NewProperty(revision + "1")}
	}
	require.ErrorContains(t, r.deployWorkers(nil), "ECS rolled the deployment back")
}

func TestQueueWorkersSchedule(t *testing.T) {
	t.Parallel()
	r := runWorkers(t, func(args *components.QueueWorkersArgs) {
		args.Schedules = map[string]components.Schedule{"clear-sessions": {
			Expression: "cron(0 3 * * ? *)", TimeZone: "Europe/Berlin", Command: []string{"python3", "manage.py", "clearsessions"},
		}}
		args.AlarmActions = toldOf
	})
	const name = "workers-clear-sessions"
	schedule := r.find(t, scheduleToken, name)
	assert.Equal(t, map[string]any{"scheduleExpression": "cron(0 3 * * ? *)", "scheduleExpressionTimezone": "Europe/Berlin", "flexibleTimeWindow": map[string]any{"mode": "OFF"}},
		plain(schedule.Inputs, "scheduleExpression", "scheduleExpressionTimezone", "flexibleTimeWindow"))
	target := object(t, schedule.Inputs, "target")
	assert.JSONEq(t, `{"containerOverrides": [{"name": "worker", "command": ["python3", "manage.py", "clearsessions"]}]}`, target["input"].StringValue())
	assert.Equal(t, mainCluster, target["arn"].StringValue())
	assert.Equal(t, arnOf(name+"-dead-letters"), object(t, target, "deadLetterConfig")["arn"].StringValue())
	ecs := object(t, target, "ecsParameters")
	assert.Equal(t, map[string]any{
		"taskDefinitionArn": revision + "2", "launchType": "FARGATE",
		"networkConfiguration": map[string]any{"subnets": []any{"subnet-a1", "subnet-a2"}, "securityGroups": []any{"workers-tasks-id"}, "assignPublicIp": false},
	}, plain(ecs, "taskDefinitionArn", "launchType", "networkConfiguration"))
	assert.True(t, dependsOn(schedule, name+"-policy"))

	assert.Contains(t, r.find(t, "aws:iam/role:Role", name+"-role").Inputs["assumeRolePolicy"].StringValue(), `"aws:SourceAccount":"123456789012"`)
	assert.Equal(t, map[string][]string{
		"Run":         {"arn:aws:ecs:eu-central-1:123456789012:task-definition/slipway-test-workers:*"},
		"Tag":         {"arn:aws:ecs:eu-central-1:123456789012:task/main/*"},
		"PassRoles":   {arnOf("workers-task-role"), arnOf("workers-execution-role")},
		"DeadLetters": {arnOf(name + "-dead-letters")},
	}, resourcesBySid(t, r, name+"-policy"))

	alarm := r.find(t, metricAlarm, name+"-dead-letters").Inputs
	assert.Equal(t, []string{alarmTopicArn}, stringList(t, alarm["alarmActions"]))
	assert.True(t, r.find(t, queueToken, name+"-dead-letters").Inputs["sqsManagedSseEnabled"].BoolValue())
	assert.Contains(t, r.find(t, queuePolicyToken, name+"-dead-letters").Inputs["policy"].StringValue(), "aws:SecureTransport")
}

func TestQueueWorkersNameEveryWrongArgument(t *testing.T) {
	t.Parallel()
	type args = components.QueueWorkersArgs
	type step = components.ScalingStep
	steps := func(steps ...step) func(*args) { return func(a *args) { a.Steps = steps } }
	idle, one := step{Upper: new(0), Change: -1}, step{Lower: new(1), Change: 1}
	job := components.Schedule{Expression: "rate(1 day)", Command: []string{"job"}}
	for name, test := range map[string]struct {
		change  func(*args)
		message string
	}{
		"queues":        {func(a *args) { a.Queues = nil }, `queues: got 0, takes 1 to 4 queues`},
		"a queue":       {func(a *args) { a.Queues = []*components.Queue{nil} }, `queues[0]: got nothing, takes a queue`},
		"a queue twice": {func(a *args) { a.Queues = append(a.Queues, a.Queues[0]) }, `queues[1].variable: got "CELERY_QUEUE_URL", takes a name that no other`},
		"vpcId":         {func(a *args) { a.VpcId = nil }, `vpcId: got nothing`},
		"subnetIds":     {func(a *args) { a.SubnetIds = nil }, `subnetIds: got nothing`},
		"clusterArn":    {func(a *args) { a.ClusterArn = nil }, `clusterArn: got nothing, takes the ARN of an ECS cluster`},
		"image":         {func(a *args) { a.Image = nil }, `image: got nothing`},
		"cpu":           {func(a *args) { a.Cpu = 300 }, `cpu: got 300`},
		"memory":        {func(a *args) { a.Memory = 300 }, `memory: got 300`},
		"spotWeight":    {func(a *args) { a.SpotWeight = 101 }, `spotWeight: got 101`},
		"stopTimeout":   {func(a *args) { a.StopTimeout = 10 }, `stopTimeout: got 10, takes seconds from 11 to 120`},
		"long stop":     {func(a *args) { a.StopTimeout = 121 }, `stopTimeout: got 121, takes seconds from 1 to 120`},
		"timeout":       {func(a *args) { a.DeploymentTimeout = 1 }, `deploymentTimeout: got 1`},
		"minCount":      {func(a *args) { a.MinCount = -1 }, `minCount: got -1`},
		"maxCount":      {func(a *args) { a.MaxCount = -1 }, `maxCount: got -1`},
		"min over max":  {func(a *args) { a.MinCount, a.MaxCount = 3, 2 }, `minCount, maxCount: the least, 3, is more than the largest, 2`},
		"idleMinutes":   {func(a *args) { a.IdleMinutes = 1 }, `idleMinutes: got 1, takes minutes from 2 to 60`},
		"both ways": {func(a *args) {
			a.Steps, a.Backlog = []step{idle, one}, &components.BacklogPerTask{LatencySeconds: 60, SecondsPerMessage: 1}
		}, `steps, backlog: exclude each other`},
		"latency":    {func(a *args) { a.Backlog = &components.BacklogPerTask{SecondsPerMessage: 1} }, `backlog.latencySeconds: got 0`},
		"message":    {func(a *args) { a.Backlog = &components.BacklogPerTask{LatencySeconds: 10} }, `backlog.secondsPerMessage: got 0`},
		"impossible": {func(a *args) { a.Backlog = &components.BacklogPerTask{LatencySeconds: 10, SecondsPerMessage: 20} }, `backlog.latencySeconds, backlog.secondsPerMessage: a message that takes 20 seconds cannot be done within 10`},
		"concurrency": {func(a *args) {
			a.Backlog = &components.BacklogPerTask{LatencySeconds: 10, SecondsPerMessage: 1, Concurrency: -1}
		}, `backlog.concurrency: got -1`},
		"a gap":           {steps(idle, step{Lower: new(1), Upper: new(50), Change: 1}, step{Lower: new(100), Change: 2}), `steps: there is a gap between the steps from 1 to 50 and from 100`},
		"an overlap":      {steps(idle, step{Lower: new(1), Upper: new(150), Change: 1}, step{Lower: new(100), Change: 2}), `steps: steps overlap: one is from 1 to 150, the next from 100`},
		"an end":          {steps(idle, step{Lower: new(1), Upper: new(50), Change: 1}), `steps: there is a gap above 50`},
		"no way down":     {steps(one), `steps: got 0, takes exactly one step that removes tasks`},
		"no way up":       {steps(idle), `steps: got 0, takes 1 to 20 steps that add tasks`},
		"in at work":      {steps(step{Upper: new(5), Change: -1}, step{Lower: new(5), Change: 1}), `steps: got "to 5", takes tasks removed (change -1) at depth 0 only`},
		"no wake":         {steps(idle, step{Lower: new(10), Change: 1}), `steps: got 10, takes 1 as the least depth`},
		"nothing":         {steps(idle, one, step{Lower: new(9)}), `steps: got "from 9", takes steps that add or remove tasks`},
		"an empty queue":  {steps(idle, step{Lower: new(0), Change: 1}), `steps: got "from 0", takes tasks added (change 1) from a depth of 1`},
		"a schedule name": {func(a *args) { a.Schedules = map[string]components.Schedule{"Job": job} }, `schedules: got "Job", takes names of small letters`},
		"an expression": {func(a *args) {
			a.Schedules = map[string]components.Schedule{"job": {Expression: "0 3 * * *", Command: job.Command}}
		}, `schedules.job.expression: got "0 3 * * *", takes "rate(5 minutes)"`},
		"a time zone": {func(a *args) {
			a.Schedules = map[string]components.Schedule{"job": {Expression: job.Expression, TimeZone: "CEST", Command: job.Command}}
		}, `schedules.job.timeZone: got "CEST"`},
		"no command": {func(a *args) { a.Schedules = map[string]components.Schedule{"job": {Expression: job.Expression}} }, `schedules.job.command: got nothing`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := queueRecorder()
			err := r.deployWorkers(test.change)
			require.ErrorContains(t, err, `QueueWorkers "workers": `)
			assert.ErrorContains(t, err, "\n  - "+test.message)
			assert.Empty(t, r.all(ecsService), "nothing is registered")
		})
	}
}
