package secrets

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"slipway/internal/awsaccess"
)

// rollout is a deployment that was begun here.
type rollout struct {
	use  Use
	id   string
	said string
}

// Redeploy replaces the tasks of the stack's services that have the secret, and waits until that is done.
func (c *Change) Redeploy(ctx context.Context) error {
	s := c.secrets
	var rollouts []*rollout
	for _, use := range c.used {
		if use.Stack != "" || use.Pinned || slices.ContainsFunc(rollouts, func(r *rollout) bool { return r.use.Service == use.Service }) {
			continue
		}
		answer, err := s.ecs.UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: use.service.ClusterArn, Service: use.service.ServiceName, ForceNewDeployment: true})
		if err != nil {
			return fmt.Errorf("%s: %w", use.Service, awsaccess.Explain(err))
		}
		begun := primary(answer.Service)
		if begun == nil {
			return fmt.Errorf("%s: ECS began no deployment", use.Service)
		}
		s.say("%s: ECS replaces its tasks", use.Service)
		rollouts = append(rollouts, &rollout{use: use, id: aws.ToString(begun.Id)})
	}
	deadline := time.Now().Add(s.Patience)
	var failed []error
	for len(rollouts) > 0 {
		var going []*rollout
		for _, r := range rollouts {
			done, err := s.look(ctx, r)
			if err != nil {
				failed = append(failed, err)
			} else if !done {
				going = append(going, r)
			}
		}
		if rollouts = going; len(rollouts) == 0 {
			break
		}
		if time.Now().After(deadline) {
			return errors.Join(append(failed, fmt.Errorf("%s: not done after %s; ECS goes on with it: slipway status %s", rollouts[0].use.Service, s.Patience, s.Stack.Name))...)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("no longer waiting (%w); ECS goes on with it", ctx.Err())
		case <-time.After(s.Pause):
		}
	}
	return errors.Join(failed...)
}

// look tells whether a deployment is done, and says how far it is when that has changed.
func (s *Secrets) look(ctx context.Context, r *rollout) (done bool, err error) {
	answer, err := s.ecs.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: r.use.service.ClusterArn, Services: []string{aws.ToString(r.use.service.ServiceName)}})
	if err != nil {
		return false, awsaccess.Explain(err)
	}
	if len(answer.Services) == 0 {
		return false, fmt.Errorf("%s: the service is gone", r.use.Service)
	}
	service := &answer.Services[0]
	i := slices.IndexFunc(service.Deployments, func(d types.Deployment) bool { return aws.ToString(d.Id) == r.id })
	now := primary(service)
	switch {
	case i >= 0 && service.Deployments[i].RolloutState == types.DeploymentRolloutStateFailed:
		return false, fmt.Errorf("%s: the deployment failed, and its tasks keep the old value: %s", r.use.Service, reason(service.Deployments[i]))
	case now == nil || aws.ToString(now.Id) != r.id:
		return false, fmt.Errorf("%s: another deployment came in between, or ECS went back; look whether tasks start with the new value: slipway status %s", r.use.Service, s.Stack.Name)
	case now.RolloutState == types.DeploymentRolloutStateCompleted:
		s.say("%s has the new value", r.use.Service)
		return true, nil
	}
	if text := fmt.Sprintf("%s: %d of %d new tasks run", r.use.Service, now.RunningCount, now.DesiredCount); text != r.said {
		s.say("%s", text)
		r.said = text
	}
	return false, nil
}

func primary(service *types.Service) *types.Deployment {
	i := slices.IndexFunc(service.Deployments, func(d types.Deployment) bool { return aws.ToString(d.Status) == "PRIMARY" })
	if i < 0 {
		return nil
	}
	return &service.Deployments[i]
}

func reason(d types.Deployment) string {
	if text := strings.TrimSpace(aws.ToString(d.RolloutStateReason)); text != "" {
		return text
	}
	return "ECS gives no reason"
}
