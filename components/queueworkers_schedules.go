package components

import (
	"encoding/json"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/scheduler"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func (w *QueueWorkers) createSchedules(ctx *pulumi.Context, name string, args QueueWorkersArgs) error {
	w.Schedules = map[string]*scheduler.Schedule{}
	for _, job := range sortedKeys(args.Schedules) {
		if err := w.createSchedule(ctx, name+"-"+job, job, args); err != nil {
			return err
		}
	}
	return nil
}

// createSchedule has EventBridge Scheduler run a task. What it could not start for a day is in the dead-letter queue; what started and
// failed is in the logs.
func (w *QueueWorkers) createSchedule(ctx *pulumi.Context, name, job string, args QueueWorkersArgs) error {
	deadLetters, err := newQueue(ctx, name+"-dead-letters", w, &sqs.QueueArgs{
		MessageRetentionSeconds: pulumi.Int(deadLetterRetention),
	}, nil, args.Tags)
	if err != nil {
		return err
	}
	alarm, err := alarmOwner{component: w, actions: args.AlarmActions, tags: args.Tags}.newDeadLetterAlarm(ctx, name+"-dead-letters", deadLetters.Name)
	if err != nil {
		return err
	}
	w.Alarms = append(w.Alarms, alarm)
	role, policy, err := w.createScheduleRole(ctx, name, deadLetters, args)
	if err != nil {
		return err
	}
	input, err := json.Marshal(taskOverrides{ContainerOverrides: []containerOverride{{Name: workerContainer, Command: args.Schedules[job].Command}}})
	if err != nil {
		return err
	}
	w.Schedules[job], err = scheduler.NewSchedule(ctx, name, &scheduler.ScheduleArgs{
		Description:                pulumi.String("Runs the job " + job),
		ScheduleExpression:         pulumi.String(args.Schedules[job].Expression),
		ScheduleExpressionTimezone: pulumi.String(args.Schedules[job].TimeZone),
		FlexibleTimeWindow:         &scheduler.ScheduleFlexibleTimeWindowArgs{Mode: pulumi.String("OFF")},
		Target: &scheduler.ScheduleTargetArgs{
			Arn:              args.ClusterArn,
			RoleArn:          role.Arn,
			Input:            pulumi.String(string(input)),
			DeadLetterConfig: &scheduler.ScheduleTargetDeadLetterConfigArgs{Arn: deadLetters.Arn},
			// As long as AWS tries by default, and as often.
			RetryPolicy: &scheduler.ScheduleTargetRetryPolicyArgs{MaximumEventAgeInSeconds: pulumi.Int(86400), MaximumRetryAttempts: pulumi.Int(185)},
			EcsParameters: &scheduler.ScheduleTargetEcsParametersArgs{
				// What was deployed, and not rolled back.
				TaskDefinitionArn:    w.TaskDefinitionArn,
				TaskCount:            pulumi.Int(1),
				LaunchType:           pulumi.String("FARGATE"),
				EnableEcsManagedTags: pulumi.Bool(true),
				PropagateTags:        pulumi.String("TASK_DEFINITION"),
				NetworkConfiguration: &scheduler.ScheduleTargetEcsParametersNetworkConfigurationArgs{
					Subnets:        args.SubnetIds,
					SecurityGroups: pulumi.StringArray{w.SecurityGroup.ID()},
					AssignPublicIp: pulumi.Bool(args.AssignPublicIp),
				},
			},
		},
	}, pulumi.Parent(w), pulumi.DependsOn([]pulumi.Resource{policy}))
	return err
}

// taskOverrides is TaskOverride of the ECS API, as far as it is used here.
type taskOverrides struct {
	ContainerOverrides []containerOverride `json:"containerOverrides"`
}

type containerOverride struct {
	Name    string   `json:"name"`
	Command []string `json:"command"`
}

// scheduleRole is what the name of a schedule's role ends with.
const scheduleRole = "-role"

// createScheduleRole lets EventBridge Scheduler run this task and report what it could not run.
func (w *QueueWorkers) createScheduleRole(ctx *pulumi.Context, name string, deadLetters *sqs.Queue, args QueueWorkersArgs) (*iam.Role, *iam.RolePolicy, error) {
	role, err := iam.NewRole(ctx, name+scheduleRole, &iam.RoleArgs{
		Description: pulumi.String("What EventBridge Scheduler may do to run a job"),
		AssumeRolePolicy: w.account.ApplyT(func(account string) (string, error) {
			return trustPolicy("scheduler.amazonaws.com", account)
		}).(pulumi.StringOutput),
		Tags: pulumi.ToStringMap(args.Tags),
	}, pulumi.Parent(w))
	if err != nil {
		return nil, nil, err
	}
	policy, err := iam.NewRolePolicy(ctx, name+"-policy", &iam.RolePolicyArgs{
		Role: role.ID(),
		Policy: pulumi.All(w.TaskDefinition.ArnWithoutRevision, args.ClusterArn, w.TaskRole.Arn, w.ExecutionRole.Arn, deadLetters.Arn).
			ApplyT(func(of []any) (string, error) {
				return schedulePolicy(of[0].(string), of[1].(string), []string{of[2].(string), of[3].(string)}, of[4].(string))
			}).(pulumi.StringOutput),
	}, pulumi.Parent(w))
	return role, policy, err
}

// schedulePolicy is for every revision of the task: a release must not make its own schedule fail.
func schedulePolicy(familyArn, clusterArn string, roleArns []string, deadLetterArn string) (string, error) {
	tasks, err := tasksArn(clusterArn)
	if err != nil {
		return "", err
	}
	return policyDocument(policyStatement{
		Sid:       "Run",
		Effect:    "Allow",
		Action:    []string{"ecs:RunTask"},
		Resource:  []string{familyArn + ":*"},
		Condition: map[string]map[string]string{"ArnEquals": {"ecs:cluster": clusterArn}},
	}, policyStatement{
		// The tasks get the tags of their definition.
		Sid:       "Tag",
		Effect:    "Allow",
		Action:    []string{"ecs:TagResource"},
		Resource:  []string{tasks},
		Condition: map[string]map[string]string{"StringEquals": {"ecs:CreateAction": "RunTask"}},
	}, policyStatement{
		Sid:       "PassRoles",
		Effect:    "Allow",
		Action:    []string{"iam:PassRole"},
		Resource:  roleArns,
		Condition: map[string]map[string]string{"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
	}, policyStatement{
		Sid:      "DeadLetters",
		Effect:   "Allow",
		Action:   []string{"sqs:SendMessage"},
		Resource: []string{deadLetterArn},
	})
}
