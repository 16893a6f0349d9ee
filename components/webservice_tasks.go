package components

import (
	"maps"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// What every application is told: where it is, for links and for the hosts that it answers to, and where to listen.
const (
	urlVariable  = "PUBLIC_URL"
	portVariable = "PORT"
)

// task is what these arguments say of the tasks.
func (a WebServiceArgs) task(component pulumi.Resource) taskSettings {
	return taskSettings{
		kind:           "WebService",
		component:      component,
		container:      webContainer,
		image:          a.Image,
		repositoryArn:  a.RepositoryArn,
		command:        a.Command,
		releaseCommand: a.ReleaseCommand,
		user:           a.User,
		port:           a.Port,
		environment:    a.Environment,
		secrets:        a.Secrets,
		connections:    a.Connections,
		cpu:            a.Cpu,
		memory:         a.Memory,
		architecture:   a.Architecture,
		stopTimeout:    a.StopTimeout,
		readonly:       *a.ReadonlyRootFilesystem,
		executeCommand: a.EnableExecuteCommand,
		// ECS cannot return to a revision that is deregistered. Pulumi does that when the update has waited, if it waits. But
		// ECS watches the alarms on after the old tasks are gone, and that is as long as the provider waits.
		keepRevisions:    !*a.WaitForDeployment || *a.RollbackOnAlarms,
		logRetentionDays: a.LogRetentionDays,
		tags:             a.Tags,
	}
}

// createTask makes the task definition with all that it needs. It tells the application the website's address and port.
func (w *WebService) createTask(ctx *pulumi.Context, name string, args WebServiceArgs) error {
	settings := args.task(w)
	environment := map[string]pulumi.StringInput{urlVariable: w.url(args), portVariable: pulumi.String(strconv.Itoa(args.Port))}
	maps.Copy(environment, settings.environment)
	settings.environment = environment
	return w.fargateTask.create(ctx, name, settings)
}

// createCluster creates a cluster that may use Fargate and Fargate Spot, or takes the one given.
func (w *WebService) createCluster(ctx *pulumi.Context, name string, args WebServiceArgs) (err error) {
	if args.ClusterArn != nil {
		w.ClusterArn = args.ClusterArn.ToStringOutput().ApplyT(checkedCluster).(pulumi.StringOutput)
		w.ClusterName = w.ClusterArn.ApplyT(clusterName).(pulumi.StringOutput)
		return nil
	}
	insights := "disabled"
	if w.containerInsights = *args.ContainerInsights; w.containerInsights {
		insights = "enabled"
	}
	w.Cluster, err = ecs.NewCluster(ctx, name+"-cluster", &ecs.ClusterArgs{
		Settings: ecs.ClusterSettingArray{&ecs.ClusterSettingArgs{
			Name:  pulumi.String("containerInsights"),
			Value: pulumi.String(insights),
		}},
		Tags: pulumi.ToStringMap(args.Tags),
	}, pulumi.Parent(w))
	if err != nil {
		return err
	}
	providers, err := ecs.NewClusterCapacityProviders(ctx, name+"-capacity", &ecs.ClusterCapacityProvidersArgs{
		ClusterName:       w.Cluster.Name,
		CapacityProviders: pulumi.ToStringArray([]string{"FARGATE", "FARGATE_SPOT"}),
	}, pulumi.Parent(w))
	if err != nil {
		return err
	}
	// A service with a capacity provider that its cluster does not have yet is refused: whoever uses the cluster waits for them.
	w.ClusterArn = pulumi.All(w.Cluster.Arn, providers.ClusterName).ApplyT(func(of []any) string {
		return of[0].(string)
	}).(pulumi.StringOutput)
	w.ClusterName = w.Cluster.Name
	return nil
}

func (w *WebService) createService(ctx *pulumi.Context, name string, args WebServiceArgs) (err error) {
	task := args.task(w)
	where := serviceSettings{
		clusterArn:        w.ClusterArn,
		subnetIds:         args.SubnetIds,
		assignPublicIp:    args.AssignPublicIp,
		desiredCount:      *args.DesiredCount,
		spotWeight:        args.SpotWeight,
		waitForDeployment: *args.WaitForDeployment,
		deploymentTimeout: args.DeploymentTimeout,
	}
	service := w.serviceArgs(task, where)
	service.LoadBalancers = ecs.ServiceLoadBalancerArray{&ecs.ServiceLoadBalancerArgs{
		TargetGroupArn: w.TargetGroup.Arn,
		ContainerName:  pulumi.String(webContainer),
		ContainerPort:  pulumi.Int(args.Port),
	}}
	service.HealthCheckGracePeriodSeconds = pulumi.Int(*args.HealthCheckGracePeriod)
	service.AvailabilityZoneRebalancing = pulumi.String("ENABLED")
	if len(w.rollbackAlarms) > 0 {
		names := pulumi.StringArray{}
		for _, alarm := range w.rollbackAlarms {
			names = append(names, alarm.Name)
		}
		service.Alarms = &ecs.ServiceAlarmsArgs{AlarmNames: names, Enable: pulumi.Bool(true), Rollback: pulumi.Bool(true)}
	}
	w.Service, err = w.newService(ctx, name, task, where, service)
	return err
}
