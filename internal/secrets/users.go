package secrets

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"slipway/internal/awsaccess"
	"slipway/internal/owned"
)

// Use is a container's variable that a secret's value comes to.
type Use struct {
	// Stack is another stack, as project/stack or, where that is not known, the cluster; "" for the one that is asked about.
	Stack string `json:"stack,omitempty"`
	// Service as people call it; that of another stack as ECS does.
	Service  string `json:"service"`
	Variable string `json:"variable"`
	// Key of the value, which is a JSON object then.
	Key string `json:"key,omitempty"`
	// Pinned tells that the service has one version for ever.
	Pinned bool `json:"-"`

	service types.Service
}

func (u Use) String() string {
	text := u.Service + " " + u.Variable
	if u.Stack != "" {
		text = u.Stack + " " + text
	}
	if u.Key != "" {
		text += " (key " + u.Key + ")"
	}
	return text
}

// uses are all secrets that services use, by their ARNs.
type uses map[string][]Use

func (u uses) add(arn string, use Use) {
	// Several containers of a task, such as the one of the release command, and several deployments of a service have the same.
	if !slices.ContainsFunc(u[arn], func(known Use) bool { return known.String() == use.String() }) {
		u[arn] = append(u[arn], use)
	}
}

// services of a task definition share it, and those of a rollout have two.
type definitions struct {
	ecs   *ecs.Client
	known map[string]*types.TaskDefinition
}

func (d *definitions) get(ctx context.Context, arn string) (*types.TaskDefinition, error) {
	if d.known[arn] == nil {
		answer, err := d.ecs.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &arn})
		if err != nil {
			return nil, awsaccess.Explain(err)
		}
		d.known[arn] = answer.TaskDefinition
	}
	return d.known[arn], nil
}

// usedBy finds what uses secrets: the stack's services, or everywhere, those of all stacks in the region.
func (s *Secrets) usedBy(ctx context.Context, everywhere bool) (uses, error) {
	clusters := map[string][]string{}
	for _, name := range s.Stack.ServiceNames() {
		service := s.Stack.Services[name]
		clusters[service.ClusterArn] = append(clusters[service.ClusterArn], service.Service)
	}
	if everywhere {
		var err error
		if clusters, err = s.allServices(ctx); err != nil {
			return nil, err
		}
	}
	found, known := uses{}, &definitions{s.ecs, map[string]*types.TaskDefinition{}}
	for cluster, names := range clusters {
		for chunk := range slices.Chunk(names, 10) { // DescribeServices takes no more
			answer, err := s.ecs.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &cluster, Services: chunk, Include: []types.ServiceField{types.ServiceFieldTags}})
			if err != nil {
				return nil, awsaccess.Explain(err)
			}
			for _, service := range answer.Services {
				if aws.ToString(service.Status) == "INACTIVE" {
					continue
				}
				if err := s.addUses(ctx, found, known, service); err != nil {
					return nil, err
				}
			}
		}
	}
	for _, list := range found {
		slices.SortFunc(list, func(a, b Use) int {
			return cmp.Or(strings.Compare(a.Stack, b.Stack), strings.Compare(a.String(), b.String()))
		})
	}
	return found, nil
}

func (s *Secrets) addUses(ctx context.Context, found uses, known *definitions, service types.Service) error {
	arns := []string{aws.ToString(service.TaskDefinition)}
	for _, deployment := range service.Deployments {
		if arn := aws.ToString(deployment.TaskDefinition); !slices.Contains(arns, arn) {
			arns = append(arns, arn)
		}
	}
	stack, name := s.nameOf(service)
	for _, arn := range arns {
		if arn == "" {
			continue
		}
		definition, err := known.get(ctx, arn)
		if err != nil {
			return err
		}
		for _, container := range definition.ContainerDefinitions {
			for _, secret := range container.Secrets {
				reference := ofContainer(aws.ToString(secret.ValueFrom))
				found.add(reference.ARN, Use{Stack: stack, Service: name, Variable: aws.ToString(secret.Name), Key: reference.Key, Pinned: reference.Version != "", service: service})
			}
		}
	}
	return nil
}

// nameOf is what people call a service, and its stack where that is another one.
func (s *Secrets) nameOf(service types.Service) (stack, name string) {
	for _, name := range s.Stack.ServiceNames() {
		if own := s.Stack.Services[name]; own.ClusterArn == aws.ToString(service.ClusterArn) && own.Service == aws.ToString(service.ServiceName) {
			return "", name
		}
	}
	stack = path.Base(aws.ToString(service.ClusterArn))
	for _, tag := range service.Tags {
		if aws.ToString(tag.Key) == owned.StackTag {
			stack = aws.ToString(tag.Value)
		}
	}
	return stack, aws.ToString(service.ServiceName)
}

// allServices are the services of the region by their clusters.
func (s *Secrets) allServices(ctx context.Context) (map[string][]string, error) {
	found := map[string][]string{}
	clusters := ecs.NewListClustersPaginator(s.ecs, &ecs.ListClustersInput{})
	for clusters.HasMorePages() {
		page, err := clusters.NextPage(ctx)
		if err != nil {
			return nil, awsaccess.Explain(err)
		}
		for _, cluster := range page.ClusterArns {
			services := ecs.NewListServicesPaginator(s.ecs, &ecs.ListServicesInput{Cluster: &cluster, MaxResults: aws.Int32(100)})
			for services.HasMorePages() {
				page, err := services.NextPage(ctx)
				if err != nil {
					return nil, awsaccess.Explain(err)
				}
				found[cluster] = append(found[cluster], page.ServiceArns...)
			}
		}
	}
	return found, nil
}

// inWords lists uses for a sentence.
func inWords(list []Use) string {
	var texts []string
	for _, use := range list {
		texts = append(texts, use.String())
	}
	return strings.Join(texts, ", ")
}

// serviceNames are the services of uses, each once.
func serviceNames(list []Use) string {
	var names []string
	for _, use := range list {
		name := use.Service
		if use.Stack != "" {
			name = fmt.Sprintf("%s of %s", use.Service, use.Stack)
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) > 1 {
		names = []string{strings.Join(names[:len(names)-1], ", "), names[len(names)-1]}
	}
	return strings.Join(names, " and ")
}
