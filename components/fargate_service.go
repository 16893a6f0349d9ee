package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// serviceSettings is where and how many tasks run.
type serviceSettings struct {
	clusterArn        pulumi.StringInput
	subnetIds         pulumi.StringArrayInput
	assignPublicIp    bool
	desiredCount      int
	spotWeight        int
	waitForDeployment bool
	deploymentTimeout int // minutes
}

// serviceArgs is the ECS service of a task, as every component has it; each adds what is its own.
func (t *fargateTask) serviceArgs(s taskSettings, where serviceSettings) *ecs.ServiceArgs {
	return &ecs.ServiceArgs{
		Cluster:                    where.clusterArn,
		TaskDefinition:             t.TaskDefinition.Arn,
		DesiredCount:               pulumi.Int(where.desiredCount),
		CapacityProviderStrategies: capacityProviders(where.spotWeight),
		// Without this another strategy would replace the service, which is an outage. It deploys anew only when the service
		// changes anyway.
		ForceNewDeployment: pulumi.Bool(true),
		PlatformVersion:    pulumi.String("LATEST"),
		NetworkConfiguration: &ecs.ServiceNetworkConfigurationArgs{
			Subnets:        where.subnetIds,
			SecurityGroups: pulumi.StringArray{t.SecurityGroup.ID()},
			AssignPublicIp: pulumi.Bool(where.assignPublicIp),
		},
		DeploymentMinimumHealthyPercent: pulumi.Int(100),
		DeploymentMaximumPercent:        pulumi.Int(200),
		DeploymentCircuitBreaker:        &ecs.ServiceDeploymentCircuitBreakerArgs{Enable: pulumi.Bool(true), Rollback: pulumi.Bool(true)},
		EnableExecuteCommand:            pulumi.Bool(s.executeCommand),
		EnableEcsManagedTags:            pulumi.Bool(true),
		PropagateTags:                   pulumi.String("SERVICE"),
		WaitForSteadyState:              pulumi.Bool(where.waitForDeployment),
		Tags:                            pulumi.ToStringMap(s.tags),
	}
}

// newService registers the service, after all that its tasks need.
func (t *fargateTask) newService(ctx *pulumi.Context, name string, s taskSettings, where serviceSettings, service *ecs.ServiceArgs) (*ecs.Service, error) {
	minutes := fmt.Sprintf("%dm", where.deploymentTimeout)
	return ecs.NewService(ctx, name+"-service", service,
		pulumi.Parent(s.component),
		pulumi.DependsOn(t.startAfter),
		// Auto scaling owns the count; a deployment must not take it back.
		pulumi.IgnoreChanges([]string{"desiredCount"}),
		pulumi.Timeouts(&pulumi.CustomTimeouts{Create: minutes, Update: minutes}),
	)
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
