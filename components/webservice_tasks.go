package components

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func (w *WebService) createLogGroup(ctx *pulumi.Context, name string, args WebServiceArgs) (err error) {
	w.LogGroup, err = cloudwatch.NewLogGroup(ctx, name+"-logs", &cloudwatch.LogGroupArgs{
		RetentionInDays: pulumi.Int(args.LogRetentionDays),
		Tags:            pulumi.ToStringMap(args.Tags),
	}, pulumi.Parent(w))
	return err
}

func (w *WebService) createTaskDefinition(ctx *pulumi.Context, name string, args WebServiceArgs) (err error) {
	containers := pulumi.All(args.Image, w.LogGroup.Name, w.region, pulumi.StringMap(w.environment), valuesFrom(w.secrets)).
		ApplyT(func(of []any) (string, error) {
			return containerDefinitions(containerSettings{
				image:          of[0].(string),
				command:        args.Command,
				releaseCommand: args.ReleaseCommand,
				user:           args.User,
				port:           args.Port,
				stopTimeout:    args.StopTimeout,
				environment:    of[3].(map[string]string),
				secrets:        of[4].(map[string]string),
				readonly:       *args.ReadonlyRootFilesystem,
				init:           args.EnableExecuteCommand,
				logGroup:       of[1].(string),
				region:         of[2].(string),
			})
		}).(pulumi.StringOutput)

	definition := &ecs.TaskDefinitionArgs{
		// AWS numbers the revisions of a family, and Pulumi has no auto-naming for it.
		Family:                  pulumi.String(taskFamily(ctx.Project(), ctx.Stack(), name)),
		RequiresCompatibilities: pulumi.ToStringArray([]string{"FARGATE"}),
		NetworkMode:             pulumi.String("awsvpc"),
		Cpu:                     pulumi.String(strconv.Itoa(args.Cpu)),
		Memory:                  pulumi.String(strconv.Itoa(args.Memory)),
		RuntimePlatform: &ecs.TaskDefinitionRuntimePlatformArgs{
			CpuArchitecture:       pulumi.String(args.Architecture),
			OperatingSystemFamily: pulumi.String("LINUX"),
		},
		ExecutionRoleArn:     w.ExecutionRole.Arn,
		TaskRoleArn:          w.TaskRole.Arn,
		ContainerDefinitions: containers,
		// ECS cannot return to a revision that is deregistered. Pulumi does that when the update has waited, if it waits. But
		// ECS watches the alarms on after the old tasks are gone, and that is as long as the provider waits.
		SkipDestroy: pulumi.Bool(!*args.WaitForDeployment || *args.RollbackOnAlarms),
		Tags:        pulumi.ToStringMap(args.Tags),
	}
	if *args.ReadonlyRootFilesystem {
		definition.Volumes = ecs.TaskDefinitionVolumeArray{&ecs.TaskDefinitionVolumeArgs{Name: pulumi.String(scratchVolume)}}
	}
	w.TaskDefinition, err = ecs.NewTaskDefinition(ctx, name+"-task", definition, pulumi.Parent(w))
	return err
}

// taskFamily keeps apart what many stacks in one account call the same. ECS takes letters, digits, hyphens and underscores,
// 255 of them; project names have dots too.
func taskFamily(project, stack, name string) string {
	family := strings.ReplaceAll(fmt.Sprintf("%s-%s-%s", project, stack, name), ".", "-")
	return family[max(0, len(family)-255):]
}

// createCluster creates a cluster that may use Fargate and Fargate Spot, or takes the one given.
func (w *WebService) createCluster(ctx *pulumi.Context, name string, args WebServiceArgs) (err error) {
	if args.ClusterArn != nil {
		w.ClusterArn = args.ClusterArn.ToStringOutput()
		w.ClusterName = w.ClusterArn.ApplyT(clusterName).(pulumi.StringOutput)
		return nil
	}
	insights := "disabled"
	if *args.ContainerInsights {
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
	w.ClusterArn = w.Cluster.Arn
	w.ClusterName = w.Cluster.Name
	// A service with a capacity provider that its cluster does not have yet is refused.
	w.startAfter = append(w.startAfter, providers)
	return err
}

// clusterName is the last part of arn:aws:ecs:<region>:<account>:cluster/<name>.
func clusterName(clusterArn string) (string, error) {
	parsed, err := parseArn(clusterArn)
	name, found := strings.CutPrefix(parsed.resource, "cluster/")
	if err != nil || !found {
		return "", fmt.Errorf("clusterArn: got %q, takes the ARN of an ECS cluster, such as cluster.Arn", clusterArn)
	}
	return name, nil
}

func (w *WebService) createService(ctx *pulumi.Context, name string, args WebServiceArgs) (err error) {
	minutes := fmt.Sprintf("%dm", args.DeploymentTimeout)
	service := &ecs.ServiceArgs{
		Cluster:                    w.ClusterArn,
		TaskDefinition:             w.TaskDefinition.Arn,
		DesiredCount:               pulumi.Int(*args.DesiredCount),
		CapacityProviderStrategies: capacityProviders(args.SpotWeight),
		// Without this another strategy would replace the service, which is an outage. It deploys anew only when the service
		// changes anyway.
		ForceNewDeployment: pulumi.Bool(true),
		PlatformVersion:    pulumi.String("LATEST"),
		NetworkConfiguration: &ecs.ServiceNetworkConfigurationArgs{
			Subnets:        args.SubnetIds,
			SecurityGroups: pulumi.StringArray{w.SecurityGroup.ID()},
			AssignPublicIp: pulumi.Bool(args.AssignPublicIp),
		},
		LoadBalancers: ecs.ServiceLoadBalancerArray{&ecs.ServiceLoadBalancerArgs{
			TargetGroupArn: w.TargetGroup.Arn,
			ContainerName:  pulumi.String(webContainer),
			ContainerPort:  pulumi.Int(args.Port),
		}},
		HealthCheckGracePeriodSeconds:   pulumi.Int(*args.HealthCheckGracePeriod),
		DeploymentMinimumHealthyPercent: pulumi.Int(100),
		DeploymentMaximumPercent:        pulumi.Int(200),
		DeploymentCircuitBreaker:        &ecs.ServiceDeploymentCircuitBreakerArgs{Enable: pulumi.Bool(true), Rollback: pulumi.Bool(true)},
		AvailabilityZoneRebalancing:     pulumi.String("ENABLED"),
		EnableExecuteCommand:            pulumi.Bool(args.EnableExecuteCommand),
		EnableEcsManagedTags:            pulumi.Bool(true),
		PropagateTags:                   pulumi.String("SERVICE"),
		WaitForSteadyState:              pulumi.Bool(*args.WaitForDeployment),
		Tags:                            pulumi.ToStringMap(args.Tags),
	}
	if len(w.Alarms) > 0 {
		names := pulumi.StringArray{}
		for _, alarm := range w.Alarms {
			names = append(names, alarm.Name)
		}
		service.Alarms = &ecs.ServiceAlarmsArgs{AlarmNames: names, Enable: pulumi.Bool(true), Rollback: pulumi.Bool(true)}
	}
	w.Service, err = ecs.NewService(ctx, name+"-service", service,
		pulumi.Parent(w),
		pulumi.DependsOn(w.startAfter),
		// Auto scaling owns the count; a deployment must not take it back.
		pulumi.IgnoreChanges([]string{"desiredCount"}),
		pulumi.Timeouts(&pulumi.CustomTimeouts{Create: minutes, Update: minutes}),
	)
	return err
}

// capacityProviders splits the tasks in this share, in percent, between Spot and other capacity. One task at least is not on Spot
// unless all are.
func capacityProviders(spot int) (strategy ecs.ServiceCapacityProviderStrategyArray) {
	if spot < 100 {
		strategy = append(strategy, &ecs.ServiceCapacityProviderStrategyArgs{
			CapacityProvider: pulumi.String("FARGATE"), Weight: pulumi.Int(100 - spot), Base: pulumi.Int(1),
		})
	}
	if spot > 0 {
		strategy = append(strategy, &ecs.ServiceCapacityProviderStrategyArgs{
			CapacityProvider: pulumi.String("FARGATE_SPOT"), Weight: pulumi.Int(spot),
		})
	}
	return strategy
}
