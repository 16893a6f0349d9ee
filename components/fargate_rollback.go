package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// deployedTaskDefinition is the task definition that the service runs, once that is the one asked for. If ECS rolled the
// deployment back, it is an error, which fails the update.
//
// The provider waits until the service is stable, which it also is after a rollback, and then reads it back: its task
// definition is the former one then. The state says so too, so the next update tries again. What ECS rolls back
// after the provider has stopped waiting is not seen here; `pulumi refresh` shows it.
func (t *fargateTask) deployedTaskDefinition(ctx *pulumi.Context, service *ecs.Service, clusterArn pulumi.StringOutput) pulumi.StringOutput {
	if ctx.DryRun() {
		return t.TaskDefinition.Arn
	}
	return pulumi.All(service.Name, t.TaskDefinition.Arn, service.TaskDefinition.Elem(), clusterArn, t.LogGroup.Name).ApplyT(func(of []any) (string, error) {
		deployment := deployment{
			service:  of[0].(string),
			asked:    of[1].(string),
			running:  of[2].(string),
			cluster:  of[3].(string),
			logGroup: of[4].(string),
		}
		return deployment.running, deployment.check()
	}).(pulumi.StringOutput)
}

// deployment is what was asked of ECS, and what became of it.
type deployment struct {
	service, cluster, logGroup string
	asked, running             string // ARNs of task definitions
}

func (d deployment) check() error {
	if d.asked == d.running {
		return nil
	}
	return fmt.Errorf(`service %s: ECS rolled the deployment back
  asked for: %s
  running:   %s
The application's logs are in the log group %s:
  aws logs tail %s --since 30m
The reason is in the service's events:
  aws ecs describe-services --cluster %s --services %s --query 'services[0].events[:10].message'
Correct it and run the update again`,
		d.service, d.asked, d.running, d.logGroup, d.logGroup, d.cluster, d.service)
}
