package operate

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"slipway/internal/awsaccess"
)

// Running is a service as ECS has it.
type Running struct {
	Name string
	Service
	ECS        *ecs.Client
	Is         types.Service
	Deployment types.Deployment      // the one that serves
	Definition *types.TaskDefinition // of that deployment
}

// Running asks ECS for a service by the name that a person uses.
func (d *Deployed) Running(ctx context.Context, named string) (*Running, error) {
	name, service, err := d.Find(named)
	if err != nil {
		return nil, err
	}
	client := ecs.NewFromConfig(d.AWS)
	is, err := d.describe(ctx, client, service)
	if err != nil {
		return nil, fmt.Errorf("%s of %s: %w", name, d.Name, err)
	}
	running := &Running{Name: name, Service: service, ECS: client, Is: is}
	var found bool
	if running.Deployment, found = serving(is.Deployments); !found {
		return nil, fmt.Errorf("%s of %s has no deployment; pulumi up -s %[2]s", name, d.Name)
	}
	answer, err := client.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: running.Deployment.TaskDefinition})
	if err != nil {
		return nil, awsaccess.Explain(err)
	}
	running.Definition = answer.TaskDefinition
	return running, nil
}

func (d *Deployed) describe(ctx context.Context, client *ecs.Client, service Service) (types.Service, error) {
	answer, err := client.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &service.ClusterArn, Services: []string{service.Service}})
	var noCluster *types.ClusterNotFoundException
	switch {
	case errors.As(err, &noCluster):
		return types.Service{}, d.elsewhere(ctx, service, "there is no cluster "+service.ClusterArn)
	case err != nil:
		return types.Service{}, awsaccess.Explain(err)
	case len(answer.Services) == 0 || aws.ToString(answer.Services[0].Status) == "INACTIVE":
		return types.Service{}, d.elsewhere(ctx, service, "the cluster "+path.Base(service.ClusterArn)+" has no service "+service.Service)
	}
	return answer.Services[0], nil
}

// elsewhere says why something that the outputs name is not there: the credentials are another account's, or it was deleted.
func (d *Deployed) elsewhere(ctx context.Context, service Service, what string) error {
	cluster, err := arn.Parse(service.ClusterArn)
	if err != nil {
		return err
	}
	who, err := awsaccess.WhoAmI(ctx, d.AWS)
	if err == nil && who.Account != cluster.AccountID {
		return fmt.Errorf("the AWS credentials are of account %s, the stack is in %s; set AWS_PROFILE to one of that account", who.Account, cluster.AccountID)
	}
	return fmt.Errorf("%s in %s; somebody deleted it: pulumi refresh -s %s, then pulumi up", what, cluster.Region, d.Name)
}

// serving is the deployment whose tasks do the work: the primary one, unless that is still on its way and an older one runs.
func serving(deployments []types.Deployment) (found types.Deployment, ok bool) {
	for _, deployment := range deployments {
		if aws.ToString(deployment.Status) == "PRIMARY" {
			found, ok = deployment, true
		}
	}
	if !ok || found.RolloutState == types.DeploymentRolloutStateCompleted {
		return found, ok
	}
	for _, deployment := range deployments {
		if aws.ToString(deployment.Status) == "ACTIVE" && deployment.RunningCount > 0 {
			return deployment, true
		}
	}
	return found, ok
}

// Application is the container of the task definition that runs the application.
func (r *Running) Application() (types.ContainerDefinition, error) {
	for _, container := range r.Definition.ContainerDefinitions {
		if aws.ToString(container.Name) == r.Container {
			return container, nil
		}
	}
	return types.ContainerDefinition{}, fmt.Errorf("the task definition %s has no container %s", Revision(aws.ToString(r.Definition.TaskDefinitionArn)), r.Container)
}

// Revision is family:revision of the ARN of a task definition.
func Revision(definitionArn string) string { return path.Base(definitionArn) }

// ShortID is enough of a task's id to tell tasks apart.
func ShortID(taskArn string) string {
	id := path.Base(taskArn)
	return id[:min(len(id), 8)]
}

// Digest is the digest of an image, as short as people write it; the image itself where it has none.
func Digest(image string) string {
	_, digest, found := strings.Cut(image, "@sha256:")
	if !found {
		return image
	}
	return "sha256:" + digest[:min(len(digest), 12)]
}
