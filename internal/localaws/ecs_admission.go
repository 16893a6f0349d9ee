package localaws

import (
	"errors"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

const capacityType = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"

// admitTaskDefinition refuses images of repositories that their registry does not have. ECS itself notices only when it
// starts a task; a deployment that can only fail is refused here.
func admitTaskDefinition(a *admission) error {
	containers, err := containersOf(a.text("containerDefinitions"))
	if err != nil {
		return refuse("ClientException", "container definitions are no JSON: %v", err)
	}
	for _, c := range containers {
		if registry, name, known := a.account.repositoryOf(c.Image); known && registry.lookup(name, repositoryType) == nil {
			return refuse("CannotPullContainerError", "pull image manifest of %s: %s", c.Image, registry.noRepository(name))
		}
	}
	for _, c := range containers {
		for _, s := range c.secrets() {
			if arn := secretARN.FindString(s.ValueFrom); arn != "" && !a.secretExists(arn) {
				return refuse("ResourceInitializationError", "unable to retrieve secret from asm: ResourceNotFoundException: Secrets Manager can't find the specified secret %s (container %s)", arn, c.Name)
			}
		}
	}
	return nil
}

// secretExists tells whether Secrets Manager has the secret of a valueFrom; the key, stage and version after its ARN are left out. Another account's
// is not looked for: people set secrets of the stack on AWS, and its committed configuration names them in local runs too.
func (a *admission) secretExists(valueFrom string) bool {
	if accountOf(valueFrom) != a.accountID {
		return true
	}
	parts := strings.SplitN(valueFrom, ":", 8)
	return a.account.lookup(strings.Join(parts[:min(7, len(parts))], ":"), secretType) != nil
}

func admitService(a *admission) error {
	cluster := a.account.lookup(a.text("cluster"), ecsClusterType)
	if cluster == nil {
		return refuse("ClusterNotFoundException", "Cluster not found: %s", a.text("cluster"))
	}
	if err := a.capacityIsThere(cluster); err != nil {
		return err
	}
	task := a.account.lookup(a.text("taskDefinition"), taskType)
	if task == nil {
		return refuse("InvalidParameterException", "TaskDefinition is inactive or was not found: %q", a.text("taskDefinition"))
	}
	if task.text("networkMode") == "awsvpc" && len(a.texts("networkConfiguration.subnets")) == 0 {
		return refuse("InvalidParameterException", "Network Configuration must be provided when networkMode 'awsvpc' is specified.")
	}
	if task.text("networkMode") != "awsvpc" && a.has("networkConfiguration") {
		return refuse("InvalidParameterException", "Network Configuration is not valid for the given networkMode of this task definition.")
	}
	if err := a.imagesCanBePulled(task); err != nil {
		return err
	}
	if err := a.oneNetwork(); err != nil {
		return err
	}
	for _, balancer := range a.objects("loadBalancers") {
		if err := a.admitBalancer(task, balancer); err != nil {
			return err
		}
	}
	return nil
}

// imagesCanBePulled refuses a task with images of another account that its execution role may not pull, by its own policies or the repository's.
// What cannot be told from the policies is let through.
func (a *admission) imagesCanBePulled(task *Object) error {
	containers, _ := containersOf(task.text("containerDefinitions")) // none where a secret is among them: the account has a digest only
	for _, c := range containers {
		registry, name, known := a.account.repositoryOf(c.Image)
		if !known || registry.accountID == a.accountID || task.text("executionRoleArn") == "" {
			continue
		}
		for _, action := range []string{"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"} {
			repository := registry.lookup(name, repositoryType)
			if repository == nil {
				return refuse("CannotPullContainerError", "pull image manifest of %s: %s", c.Image, registry.noRepository(name))
			}
			err := a.account.allow(task.text("executionRoleArn"), nil, Call{Action: action, Resource: repository.text("arn"),
				Context: map[string][]string{"aws:RequestedRegion": {registry.region}}, ResourceTags: tagsOf(repository)})
			if refusal := new(apiError); errors.As(err, &refusal) {
				return refuse("CannotPullContainerError", "pull image manifest of %s: %s", c.Image, refusal.message)
			}
		}
	}
	return nil
}

// capacityIsThere refuses a strategy with a capacity provider that the cluster does not have yet.
func (a *admission) capacityIsThere(cluster *Object) error {
	var associated []string
	for _, user := range a.account.users(cluster) {
		if providers, ok := user.Properties["capacityProviders"].([]any); ok && user.Type == capacityType {
			for _, p := range providers {
				associated = append(associated, p.(string))
			}
		}
	}
	for _, provider := range a.texts("capacityProviderStrategies.capacityProvider") {
		if !slices.Contains(associated, provider) {
			return refuse("InvalidParameterException", "The specified capacity provider '%s' is not associated with the cluster %s; the service must wait for the cluster's capacity providers", provider, cluster.ID)
		}
	}
	return nil
}

// oneNetwork refuses subnets and security groups of several networks.
func (a *admission) oneNetwork() error {
	network := ""
	for _, id := range a.texts("networkConfiguration.subnets") {
		vpc := a.account.lookup(id, subnetType).text("vpcId")
		if network != "" && vpc != network {
			return refuse("InvalidParameterException", "All subnets must belong to the same VPC: %s is in %s, not in %s", id, vpc, network)
		}
		network = vpc
	}
	for _, id := range a.texts("networkConfiguration.securityGroups") {
		if vpc := a.account.lookup(id, securityGroupType).text("vpcId"); vpc != network {
			return refuse("InvalidParameterException", "Error retrieving security group information for [%s]: security groups and subnets must belong to the same VPC", id)
		}
	}
	return nil
}

// admitBalancer refuses a target group that no load balancer has, one of another target type, and a container that is not there.
func (a *admission) admitBalancer(task *Object, balancer resource.PropertyMap) error {
	arn := strings.Join(texts(balancer["targetGroupArn"], ""), "")
	group := a.account.lookup(arn, targetGroupType)
	if group == nil {
		return refuse("InvalidParameterException", "Unable to find a target group with the ARN %q.", arn)
	}
	if !slices.ContainsFunc(a.account.users(group), func(o *Object) bool { return a.account.balancerOf(o) != "" }) {
		return refuse("InvalidParameterException", "The target group with targetGroupArn %s does not have an associated load balancer.", arn)
	}
	if task.text("networkMode") == "awsvpc" && group.text("targetType") != "ip" {
		return refuse("InvalidParameterException", "The provided target group %s has target type %s, which is incompatible with the awsvpc network mode specified in the task definition.", arn, group.text("targetType"))
	}
	definitions := task.text("containerDefinitions")
	if definitions == "" {
		return nil // a secret is among them, so the account has a digest only
	}
	containers, err := containersOf(definitions)
	if err != nil {
		return refuse("ClientException", "container definitions of %s are no JSON: %v", task.ID, err)
	}
	name := strings.Join(texts(balancer["containerName"], ""), "")
	at := slices.IndexFunc(containers, func(c container) bool { return c.Name == name })
	if at < 0 {
		return refuse("InvalidParameterException", "The container %s does not exist in the task definition.", name)
	}
	port := balancer["containerPort"]
	for _, mapping := range containers[at].PortMappings {
		if port.IsNumber() && float64(mapping.ContainerPort) == port.NumberValue() {
			return nil
		}
	}
	return refuse("InvalidParameterException", "The container %s did not have a container port %v defined.", name, port.V)
}
