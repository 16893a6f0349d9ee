package components

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/appautoscaling"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/scheduler"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// QueueWorkers are tasks on Fargate that work on queues, as many as there is work for: none without any.
//
//	workers, err := components.NewQueueWorkers(ctx, "workers", &components.QueueWorkersArgs{
//		Queues: []*components.Queue{queue}, VpcId: network.VpcId, SubnetIds: network.ApplicationSubnetIds, ClusterArn: web.ClusterArn,
//		StartAfter: network.Reachability(), Image: image.Reference, Connections: []components.Connection{database},
//	})
//
// It creates a log group, two roles, a task definition and the service with its security group; a scalable target with two step policies and
// their alarms; and for each schedule a schedule, its role, and a dead-letter queue with an alarm.
//
// About what it costs a month (us-east-1, ARM64, 256 CPU units and 512 MiB):
//
//	task           $7.21  each that runs all month, and by the second; up to 70 % less on Spot; $3.65 more with a public address
//	alarms         $0.30  for one queue with Steps, $0.50 with Backlog: CloudWatch counts the metrics; $0.10 for each schedule
//	logs           $0.50  per GB
//
// A worker that is told to stop finishes its messages within StopTimeout or gives them back; the application has to do its part:
// acknowledge late, and ask ECS to protect the task while it is busy. The task role may ask. When new tasks keep failing, ECS
// returns to the former task definition, and the update fails and says so.
type QueueWorkers struct {
	pulumi.ResourceState

	// ServiceName is the service's in ECS.
	ServiceName pulumi.StringOutput `pulumi:"serviceName"`
	// TaskDefinitionArn is what runs. Whoever waits for it waits for a deployment that was not rolled back.
	TaskDefinitionArn pulumi.StringOutput `pulumi:"taskDefinitionArn"`
	// LogGroupName is where the containers' output is in CloudWatch Logs.
	LogGroupName pulumi.StringOutput `pulumi:"logGroupName"`
	// ContainerName is of the application's container in the tasks: what a command that runs once is given to.
	ContainerName pulumi.StringOutput `pulumi:"containerName"`
	// SecurityGroupId is the security group of the tasks, to be let in where they have to go.
	SecurityGroupId pulumi.StringOutput `pulumi:"securityGroupId"`
	// TaskRoleArn is what the application's code acts as.
	TaskRoleArn pulumi.StringOutput `pulumi:"taskRoleArn"`

	// Its LogGroup, TaskRole, ExecutionRole, ExecutionPolicy, SecurityGroup and TaskDefinition are fields of the QueueWorkers too.
	fargateTask

	Service         *ecs.Service
	ScalingTarget   *appautoscaling.Target
	ScalingPolicies []*appautoscaling.Policy
	ScalingAlarms   []*cloudwatch.MetricAlarm
	Schedules       map[string]*scheduler.Schedule
	Alarms          []*cloudwatch.MetricAlarm // on what schedules could not start

	clusterName pulumi.StringOutput
}

// NewQueueWorkers deploys workers. An error names every argument that is wrong.
func NewQueueWorkers(ctx *pulumi.Context, name string, args *QueueWorkersArgs, opts ...pulumi.ResourceOption) (*QueueWorkers, error) {
	settings, err := args.withDefaults(name)
	if err != nil {
		return nil, err
	}
	w := &QueueWorkers{fargateTask: fargateTask{startAfter: slices.Clone(settings.StartAfter)}}
	if err := ctx.RegisterComponentResource("slipway:index:QueueWorkers", name, w, opts...); err != nil {
		return nil, err
	}
	w.lookUpAccount(ctx, w)
	if err := w.createSecurityGroup(ctx, name, w, settings.VpcId, settings.Tags); err != nil {
		return nil, err
	}
	if err := w.create(ctx, name, settings.task(w)); err != nil {
		return nil, err
	}
	for _, step := range []func(*pulumi.Context, string, QueueWorkersArgs) error{
		w.allowProtection,
		w.createService,
		w.createScaling,
		w.createSchedules,
	} {
		if err := step(ctx, name, settings); err != nil {
			return nil, err
		}
	}
	w.LogGroupName = w.LogGroup.Name
	w.ContainerName = pulumi.String(workerContainer).ToStringOutput()
	w.SecurityGroupId = w.SecurityGroup.ID().ToStringOutput()
	w.TaskRoleArn = w.TaskRole.Arn
	return w, ctx.RegisterResourceOutputs(w, pulumi.Map{
		"serviceName":       w.ServiceName,
		"taskDefinitionArn": w.TaskDefinitionArn,
		"logGroupName":      w.LogGroupName,
		"containerName":     w.ContainerName,
		"securityGroupId":   w.SecurityGroupId,
		"taskRoleArn":       w.TaskRoleArn,
	})
}
