package status

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"slipway/internal/awsaccess"
	"slipway/internal/operate"
)

func (g *gatherer) service(ctx context.Context, name string, found *Service) error {
	running, err := g.stack.Running(ctx, name)
	if err != nil {
		return err
	}
	*found = Service{
		Name: name, Service: running.Service.Service,
		Running: int(running.Is.RunningCount), Pending: int(running.Is.PendingCount), Desired: int(running.Is.DesiredCount),
		Release: release(running), Events: events(running.Is),
	}
	last, err := running.ECS.ListServiceDeployments(ctx, &ecs.ListServiceDeploymentsInput{Cluster: &running.ClusterArn, Service: &running.Service.Service})
	if err != nil {
		g.fail(name+": rollbacks", awsaccess.Explain(err))
		last = &ecs.ListServiceDeploymentsOutput{}
	}
	found.Deployment = deployment(running.Is, last.ServiceDeployments)
	if running.TargetGroupArn != "" {
		if found.Targets, err = g.targets(ctx, running.TargetGroupArn); err != nil {
			g.fail(name+": targets", err)
		}
	}
	return nil
}

// events are without the name of the service, which the report has.
func events(service types.Service) []Event {
	list := []Event{}
	for _, event := range service.Events[:min(len(service.Events), 3)] {
		message := strings.TrimPrefix(aws.ToString(event.Message), "(service "+aws.ToString(service.ServiceName)+") ")
		list = append(list, Event{Time: aws.ToTime(event.CreatedAt).UTC(), Message: message})
	}
	return list
}

func release(running *operate.Running) Release {
	r := Release{
		TaskDefinition: operate.Revision(aws.ToString(running.Definition.TaskDefinitionArn)),
		Time:           aws.ToTime(running.Definition.RegisteredAt).UTC(),
	}
	// arn:aws:sts::<account>:assumed-role/<role>/<session> or arn:aws:iam::<account>:user/<name>
	if _, by, found := strings.Cut(aws.ToString(running.Definition.RegisteredBy), "/"); found {
		r.By = by
	}
	if application, err := running.Application(); err == nil {
		r.Image = aws.ToString(application.Image)
	}
	return r
}

// deployment is what became of the last one. Of a rollback only ECS's list of deployments tells: afterwards, the service is as if
// there had been none. ECS begins that list for a service with its next deployment.
func deployment(service types.Service, last []types.ServiceDeploymentBrief) Deployment {
	var primary types.Deployment
	for _, d := range service.Deployments {
		if aws.ToString(d.Status) == "PRIMARY" {
			primary = d
		}
	}
	d := Deployment{State: InProgress, TaskDefinition: operate.Revision(aws.ToString(primary.TaskDefinition)), Since: aws.ToTime(primary.CreatedAt).UTC(), FailedTasks: int(primary.FailedTasks)}
	switch primary.RolloutState {
	case types.DeploymentRolloutStateCompleted:
		d.State = Completed
	case types.DeploymentRolloutStateFailed:
		d.State, d.Reason = Failed, reason(primary.RolloutStateReason)
	}
	if len(last) == 0 {
		return d
	}
	newest := slices.MaxFunc(last, func(a, b types.ServiceDeploymentBrief) int {
		return aws.ToTime(a.CreatedAt).Compare(aws.ToTime(b.CreatedAt))
	})
	switch newest.Status {
	case types.ServiceDeploymentStatusRollbackSuccessful:
		d.State = RolledBack
	case types.ServiceDeploymentStatusRollbackInProgress, types.ServiceDeploymentStatusRollbackRequested:
		d.State = RollingBack
	case types.ServiceDeploymentStatusRollbackFailed, types.ServiceDeploymentStatusStopped, types.ServiceDeploymentStatusStopRequested:
		d.State = Failed
	default:
		return d
	}
	d.Since, d.Reason = aws.ToTime(newest.CreatedAt).UTC(), reason(newest.StatusReason)
	return d
}

func reason(text *string) string {
	if aws.ToString(text) == "" {
		return "ECS does not say why"
	}
	return strings.TrimSuffix(*text, ".")
}

func (g *gatherer) targets(ctx context.Context, targetGroupArn string) ([]Target, error) {
	answer, err := elasticloadbalancingv2.NewFromConfig(g.stack.AWS).DescribeTargetHealth(ctx, &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: &targetGroupArn})
	if err != nil {
		return nil, awsaccess.Explain(err)
	}
	targets := []Target{}
	for _, t := range answer.TargetHealthDescriptions {
		target := Target{Address: fmt.Sprintf("%s:%d", aws.ToString(t.Target.Id), aws.ToInt32(t.Target.Port))}
		if t.TargetHealth != nil {
			target.State, target.Reason = string(t.TargetHealth.State), aws.ToString(t.TargetHealth.Description)
			if target.Reason == "" {
				target.Reason = string(t.TargetHealth.Reason)
			}
		}
		targets = append(targets, target)
	}
	slices.SortFunc(targets, func(a, b Target) int { return strings.Compare(a.Address, b.Address) })
	return targets, nil
}
