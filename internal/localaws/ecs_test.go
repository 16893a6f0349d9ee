package localaws

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// containersJSON is the JSON of containers.
func containersJSON(containers ...map[string]any) string {
	raw, err := json.Marshal(containers)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

var (
	webContainer = map[string]any{"name": "web", "image": "nginx:1", "portMappings": []any{map[string]any{"containerPort": 8000, "hostPort": 8000}}}
	migration    = map[string]any{"name": "release", "image": "nginx:1", "essential": false}
)

// task is a task definition of Fargate with these containers.
func task(containers ...map[string]any) map[string]any {
	return map[string]any{"family": "web", "requiresCompatibilities": []any{"FARGATE"}, "networkMode": "awsvpc", "cpu": "256", "memory": "512",
		"executionRoleArn": "arn:aws:iam::123456789012:role/web", "containerDefinitions": containersJSON(containers...)}
}

// web is the task of a web container with changes.
func web(changes map[string]any) map[string]any { return task(with(webContainer, changes)) }

func TestTaskDefinitionCheck(t *testing.T) {
	t.Parallel()
	fromECR := map[string]any{"image": ecrHost("us-east-1") + "/web@sha256:0"}
	logs := func(options map[string]any) map[string]any {
		return web(map[string]any{"logConfiguration": map[string]any{"logDriver": "awslogs", "options": options}})
	}
	secret := func(from string) map[string]any {
		return web(map[string]any{"secrets": []any{map[string]any{"name": "PASSWORD", "valueFrom": from}}})
	}
	waits := func(condition string, release map[string]any) map[string]any {
		return task(with(webContainer, map[string]any{"dependsOn": []any{map[string]any{"containerName": "release", "condition": condition}}}), release)
	}
	checkAll(t, map[string]checkCase{
		"a family with a dot":                  {taskType, with(web(nil), map[string]any{"family": "a.b"}), `family: family takes 1 to 255 letters, digits, hyphens and underscores, got "a.b"`},
		"a size that Fargate has not":          {taskType, with(web(nil), map[string]any{"memory": "4096"}), "memory: No Fargate configuration exists for given values: 256 CPU, 4096 memory (ClientException); memory takes MiB that Fargate pairs with 256 CPU units: 512 1024 2048"},
		"a size in other units":                {taskType, with(web(nil), map[string]any{"cpu": "1 vCPU", "memory": "1 GB"}), "memory: No Fargate configuration exists for given values: 1024 CPU, 1024 memory"},
		"a CPU that Fargate has not":           {taskType, with(web(nil), map[string]any{"cpu": "300"}), "cpu takes CPU units of Fargate"},
		"no size":                              {taskType, with(web(nil), map[string]any{"cpu": nil}), "cpu: Fargate requires that 'cpu' and 'memory' be defined at the task level"},
		"another network mode":                 {taskType, with(web(nil), map[string]any{"networkMode": nil}), "networkMode: Fargate only supports network mode 'awsvpc'"},
		"the host's processes":                 {taskType, with(web(nil), map[string]any{"pidMode": "host"}), "pidMode: pidMode is not supported on Fargate"},
		"too small a disk":                     {taskType, with(web(nil), map[string]any{"ephemeralStorage": map[string]any{"sizeInGib": 20}}), "ephemeralStorage.sizeInGib: expected"},
		"an image in ECR without a role":       {taskType, with(web(fromECR), map[string]any{"executionRoleArn": nil}), "execution role ARN to support an image in Amazon ECR (container web)"},
		"logs without a role":                  {taskType, with(logs(map[string]any{"awslogs-group": "g", "awslogs-region": "r", "awslogs-stream-prefix": "p"}), map[string]any{"executionRoleArn": nil}), "execution role ARN to support the awslogs log driver"},
		"secrets without a role":               {taskType, with(secret("name"), map[string]any{"executionRoleArn": nil}), "execution role ARN to support secrets"},
		"logs without a group":                 {taskType, logs(map[string]any{"awslogs-region": "r", "awslogs-stream-prefix": "p"}), "Log driver awslogs requires options: awslogs-group (container web)"},
		"logs without a stream prefix":         {taskType, logs(map[string]any{"awslogs-group": "g", "awslogs-region": "r"}), "Log driver awslogs requires options: awslogs-stream-prefix"},
		"a log driver that Fargate has not":    {taskType, web(map[string]any{"logConfiguration": map[string]any{"logDriver": "syslog"}}), "log driver takes one of [awslogs splunk awsfirelens] here"},
		"a privileged container":               {taskType, web(map[string]any{"privileged": true}), "do not support privileged (container web)"},
		"a device":                             {taskType, web(map[string]any{"linuxParameters": map[string]any{"devices": []any{map[string]any{"hostPath": "/dev/x"}}}}), "do not support devices (container web)"},
		"a capability":                         {taskType, web(map[string]any{"linuxParameters": map[string]any{"capabilities": map[string]any{"add": []any{"NET_ADMIN"}}}}), "adding the capability SYS_PTRACE only, got NET_ADMIN"},
		"a docker volume":                      {taskType, with(web(map[string]any{"mountPoints": []any{map[string]any{"sourceVolume": "v", "containerPath": "/v"}}}), map[string]any{"volumes": []any{map[string]any{"name": "v", "dockerVolumeConfiguration": map[string]any{"scope": "task"}}}}), "volumes: ClientException: Fargate compatible task definitions do not support dockerVolumeConfiguration"},
		"a directory of the host":              {taskType, with(web(map[string]any{"mountPoints": []any{map[string]any{"sourceVolume": "v", "containerPath": "/v"}}}), map[string]any{"volumes": []any{map[string]any{"name": "v", "hostPath": "/"}}}), "volumes: ClientException: Fargate compatible task definitions do not support sourcePath"},
		"no essential container":               {taskType, web(map[string]any{"essential": false}), "At least one container in the task definition must be marked as essential"},
		"no container":                         {taskType, task(), "containerDefinitions: ClientException: Container list cannot be empty"},
		"two containers of a name":             {taskType, task(webContainer, webContainer), "Container names must be unique: there are several called 'web'"},
		"no JSON":                              {taskType, with(web(nil), map[string]any{"containerDefinitions": "web"}), "containerDefinitions: ECS Task Definition container_definitions is invalid"},
		"no image":                             {taskType, web(map[string]any{"image": ""}), "Container.image should not be null or empty: web"},
		"more CPU than the task's":             {taskType, web(map[string]any{"cpu": 512}), "The 'cpu' of all containers, 512, cannot be greater than the task's, 256"},
		"more memory than the task's":          {taskType, web(map[string]any{"memory": 1024}), "at most the task's memory, 512 MiB, got 1024"},
		"another port of the host":             {taskType, web(map[string]any{"portMappings": []any{map[string]any{"containerPort": 8000, "hostPort": 80}}}), "the host ports and container ports in port mappings must match (container web: 80 and 8000)"},
		"a port beyond the last":               {taskType, web(map[string]any{"portMappings": []any{map[string]any{"containerPort": 65536}}}), "containerPort takes 1 to 65535, got 65536"},
		"a health check every second":          {taskType, web(map[string]any{"healthCheck": map[string]any{"command": []any{"CMD", "true"}, "interval": 1}}), "healthCheck.interval takes 5 to 300, got 1"},
		"a health check that never gives up":   {taskType, web(map[string]any{"healthCheck": map[string]any{"command": []any{"CMD", "true"}, "retries": 11}}), "healthCheck.retries takes 1 to 10, got 11"},
		"three minutes to stop":                {taskType, web(map[string]any{"stopTimeout": 180}), "stopTimeout takes 0 to 120, got 180"},
		"waiting for a stranger":               {taskType, web(map[string]any{"dependsOn": []any{map[string]any{"containerName": "db", "condition": "START"}}}), "depends on 'db', which is not another container"},
		"waiting for health without a check":   {taskType, waits("HEALTHY", migration), "waits for 'release' to be HEALTHY, which has no health check"},
		"waiting for what must not end":        {taskType, waits("SUCCESS", with(migration, map[string]any{"essential": true})), "with the condition SUCCESS, which an essential container cannot meet"},
		"an unknown condition":                 {taskType, waits("DONE", migration), "a dependency's condition takes START, COMPLETE, SUCCESS or HEALTHY"},
		"a mount without a volume":             {taskType, web(map[string]any{"mountPoints": []any{map[string]any{"sourceVolume": "tmp", "containerPath": "/tmp"}}}), "Unknown volume 'tmp' (container web)"},
		"a volume without a mount":             {taskType, with(web(nil), map[string]any{"volumes": []any{map[string]any{"name": "tmp"}}}), "volumes: ClientException: the volume 'tmp' is mounted by no container"},
		"half a secret's ARN":                  {taskType, secret("arn:aws:secretsmanager:us-east-1:123456789012:secret:web:password"), "valueFrom of 'PASSWORD' takes the ARN of a secret"},
		"a secret of another region":           {taskType, secret("arn:aws:secretsmanager:eu-west-1:123456789012:secret:web-abcdef:password::"), "is in eu-west-1, and the task in us-east-1"},
		"a variable that is also a secret":     {taskType, web(map[string]any{"environment": []any{map[string]any{"name": "A", "value": "1"}}, "secrets": []any{map[string]any{"name": "A", "valueFrom": "a"}}}), "The secret name must be unique and not shared with any new or existing environment variables set on the container, such as 'A'"},
		"a cluster's name with a space":        {ecsClusterType, map[string]any{"name": "my cluster"}, "name: name takes 1 to 255"},
		"a setting that is none":               {ecsClusterType, map[string]any{"settings": []any{map[string]any{"name": "containerInsights", "value": "on"}}}, "settings: expected the value of containerInsights to be one of [enabled enhanced disabled], got on"},
		"a default that is not associated":     {capacityType, map[string]any{"clusterName": "c", "capacityProviders": []any{"FARGATE"}, "defaultCapacityProviderStrategies": []any{map[string]any{"capacityProvider": "FARGATE_SPOT", "weight": 1}}}, "defaultCapacityProviderStrategies: The default capacity provider strategy cannot contain a capacity provider that is not associated with the cluster"},
		"a service's launch type and strategy": {serviceType, map[string]any{"launchType": "FARGATE", "capacityProviderStrategies": []any{map[string]any{"capacityProvider": "FARGATE", "weight": 1}}}, "launchType: Specifying both a launch type and capacity provider strategy is not supported"},
		"two bases":                            {serviceType, map[string]any{"capacityProviderStrategies": []any{map[string]any{"capacityProvider": "FARGATE", "base": 1, "weight": 1}, map[string]any{"capacityProvider": "FARGATE_SPOT", "base": 1}}}, "capacityProviderStrategies: A capacity provider strategy can have a base defined for one capacity provider only"},
		"no weight":                            {serviceType, map[string]any{"capacityProviderStrategies": []any{map[string]any{"capacityProvider": "FARGATE", "weight": 0}}}, "capacityProviderStrategies: At least one capacity provider must have a weight greater than 0"},
		"a deployment that cannot move":        {serviceType, map[string]any{"deploymentMaximumPercent": 100}, "deploymentMaximumPercent: minimumHealthyPercent and maximumPercent cannot both be 100"},
		"a minimum over 100 %":                 {serviceType, map[string]any{"deploymentMinimumHealthyPercent": 150}, "deploymentMinimumHealthyPercent: expected"},
		"a maximum under 100 %":                {serviceType, map[string]any{"deploymentMinimumHealthyPercent": 50, "deploymentMaximumPercent": 99}, "deploymentMaximumPercent: Deployment Maximum Percent must be at least 100"},
		"a circuit breaker of CodeDeploy":      {serviceType, map[string]any{"deploymentController": map[string]any{"type": "CODE_DEPLOY"}, "deploymentCircuitBreaker": map[string]any{"enable": true, "rollback": true}}, "deploymentCircuitBreaker: Deployment circuit breaker is not supported for the CODE_DEPLOY deployment controller"},
		"a grace period without a balancer":    {serviceType, map[string]any{"healthCheckGracePeriodSeconds": 60}, "healthCheckGracePeriodSeconds: Health check grace period is only valid for services configured to use load balancers"},
	})
}

func TestTaskDefinitionTakesWhatECSTakes(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	container := map[string]any{"healthCheck": map[string]any{"command": []any{"CMD", "true"}}, "stopTimeout": 120,
		"secrets": []any{map[string]any{"name": "A", "valueFrom": "arn:aws:secretsmanager:us-east-1:123456789012:secret:web-abcdef:password::0123"},
			map[string]any{"name": "B", "valueFrom": "arn:aws:ssm:us-east-1:123456789012:parameter/web/b"}, map[string]any{"name": "C", "valueFrom": "/web/c"}},
		"dependsOn":   []any{map[string]any{"containerName": "release", "condition": "SUCCESS"}},
		"mountPoints": []any{map[string]any{"sourceVolume": "tmp", "containerPath": "/tmp"}}}
	for _, size := range [][2]string{{"256", "2048"}, {"1024", "8192"}, {"8192", "61440"}, {"16384", "122880"}, {".25 vCPU", "0.5 GB"}} {
		_, failures := e.check(taskType, "web", with(task(with(webContainer, container), migration),
			map[string]any{"cpu": size[0], "memory": size[1], "volumes": []any{map[string]any{"name": "tmp"}}}))
		assert.Empty(t, failures)
	}
}

// fargateService makes all that a service behind a load balancer needs and returns the service's inputs.
func (e *embedded) fargateService() map[string]any {
	e.t.Helper()
	vpc, subnets := e.network()
	_, group, _ := e.balancer("web", vpc, subnets)
	cluster := e.create(ecsClusterType, "main", nil)
	e.create(capacityType, "main", map[string]any{"clusterName": cluster["name"], "capacityProviders": []any{"FARGATE"}})
	definition := e.create(taskType, "web", with(web(nil), map[string]any{"executionRoleArn": nil}))
	return map[string]any{"cluster": cluster["arn"], "taskDefinition": definition["arn"], "desiredCount": 1,
		"capacityProviderStrategies": []any{map[string]any{"capacityProvider": "FARGATE", "weight": 1}},
		"networkConfiguration":       map[string]any{"subnets": subnets},
		"loadBalancers":              []any{map[string]any{"targetGroupArn": group["arn"], "containerName": "web", "containerPort": 8000}}}
}

func TestServiceAdmission(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	inputs := e.fargateService()
	vpc := e.create(vpcType, "other", map[string]any{"cidrBlock": "10.1.0.0/16"})["id"]
	foreign := e.create(securityGroupType, "other", map[string]any{"vpcId": vpc})["id"]
	loose := e.create(targetGroupType, "loose", map[string]any{"vpcId": vpc, "port": 80, "protocol": "HTTP", "targetType": "ip"})["arn"]
	subnets := inputs["networkConfiguration"].(map[string]any)["subnets"]
	group := inputs["loadBalancers"].([]any)[0].(map[string]any)
	behind := func(changes map[string]any) map[string]any {
		return map[string]any{"loadBalancers": []any{with(group, changes)}}
	}
	for name, c := range map[string]struct {
		changes       map[string]any
		code, message string
	}{
		"no cluster":                        {map[string]any{"cluster": "arn:aws:ecs:us-east-1:123456789012:cluster/x"}, "ClusterNotFoundException", "Cluster not found"},
		"the default cluster":               {map[string]any{"cluster": nil}, "ClusterNotFoundException", "default"},
		"no task definition":                {map[string]any{"taskDefinition": "web:7"}, "ClientException", "Unable to describe task definition"},
		"capacity that is not there yet":    {map[string]any{"capacityProviderStrategies": []any{map[string]any{"capacityProvider": "FARGATE_SPOT", "weight": 1}}}, "InvalidParameterException", "'FARGATE_SPOT' is not associated with the cluster"},
		"no network":                        {map[string]any{"networkConfiguration": nil}, "InvalidParameterException", "Network Configuration must be provided"},
		"a subnet that is not there":        {map[string]any{"networkConfiguration": map[string]any{"subnets": []any{"subnet-0"}}}, "InvalidSubnetID.NotFound", "subnet-0"},
		"a security group of another VPC":   {map[string]any{"networkConfiguration": map[string]any{"subnets": subnets, "securityGroups": []any{foreign}}}, "InvalidParameterException", "same VPC"},
		"a target group without a balancer": {behind(map[string]any{"targetGroupArn": loose}), "InvalidParameterException", "does not have an associated load balancer"},
		"another container":                 {behind(map[string]any{"containerName": "app"}), "InvalidParameterException", "The container app does not exist in the task definition"},
		"another port":                      {behind(map[string]any{"containerPort": 80}), "InvalidParameterException", "The container web did not have a container port 80 defined"},
	} {
		_, err := e.tryCreate(serviceType, "web", with(inputs, c.changes))
		refused(t, err, c.code)
		assert.ErrorContains(t, err, c.message, name)
	}

	service := e.create(serviceType, "web", inputs)
	assert.Regexp(t, `^arn:aws:ecs:us-east-1:123456789012:service/main-[0-9a-f]{7}/web-[0-9a-f]{7}$`, service["id"])
	refused(t, e.remove(ecsClusterType, "main", inputs["cluster"].(string)), "ClusterContainsServicesException")
	require.NoError(t, e.remove(serviceType, "web", service["id"].(string)))
	require.NoError(t, e.remove(ecsClusterType, "main", inputs["cluster"].(string)))
}

func TestTargetsOfTasksAreAddresses(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	inputs := e.fargateService()
	subnets := inputs["networkConfiguration"].(map[string]any)["subnets"].([]any)
	balancer := e.create(loadBalancerType, "second", map[string]any{"subnets": subnets})
	instances := e.create(targetGroupType, "instances", map[string]any{"vpcId": balancer["vpcId"], "port": 80, "protocol": "HTTP"})
	e.create(listenerType, "second", map[string]any{"loadBalancerArn": balancer["arn"], "port": 80, "defaultActions": forwardTo(instances)})
	_, err := e.tryCreate(serviceType, "web", with(inputs, map[string]any{"loadBalancers": []any{map[string]any{"targetGroupArn": instances["arn"], "containerName": "web", "containerPort": 8000}}}))
	refused(t, err, "InvalidParameterException")
	assert.ErrorContains(t, err, "target type instance, which is incompatible with the awsvpc network mode")
}

func TestTaskDefinitionRevisions(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	revision := func(name string) *deployed {
		return e.deploy(taskType, name, with(web(nil), map[string]any{"executionRoleArn": nil}))
	}
	arn := "arn:aws:ecs:us-east-1:123456789012:task-definition/web"
	first := revision("web")
	assert.Equal(t, arn+":1", first.text("arn"))
	assert.Equal(t, arn, first.text("arnWithoutRevision"))
	second := revision("web") // as a replacement does: the new one first
	assert.Equal(t, arn+":2", second.text("arn"))
	require.NoError(t, first.delete())
	assert.Equal(t, arn+":3", revision("another").text("arn"), "a family's revisions are counted across stacks")

	changed := with(web(map[string]any{"image": "nginx:2"}), map[string]any{"executionRoleArn": nil})
	assert.Equal(t, []string{"containerDefinitions"}, second.replaces(changed))
	spaced := with(web(nil), map[string]any{"executionRoleArn": nil, "containerDefinitions": " " + containersJSON(webContainer)})
	assert.Equal(t, plugin.DiffNone, second.diff(with(spaced, map[string]any{"containerDefinitions": fmt.Sprintf("%s\n", containersJSON(webContainer))})).Changes, "JSON in another spelling is no change")
	require.NoError(t, second.update(with(web(nil), map[string]any{"executionRoleArn": nil, "tags": map[string]any{"cluster": "none of AWS's"}})))
	assert.Equal(t, arn+":2", second.text("arn"), "tags make no new revision")
}

func TestTaskDefinitionNamesWhatExists(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	role := e.create(roleType, "execution", map[string]any{"assumeRolePolicy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}`})["arn"]
	withRole := func(inputs map[string]any) map[string]any {
		return with(inputs, map[string]any{"executionRoleArn": role})
	}
	image := map[string]any{"image": ecrHost("us-east-1") + "/shop/web@sha256:0"}
	_, err := e.tryCreate(taskType, "web", withRole(web(image)))
	refused(t, err, "CannotPullContainerError")
	assert.ErrorContains(t, err, "The repository with name 'shop/web' does not exist in the registry")
	e.create(repositoryType, "web", map[string]any{"name": "shop/web"})
	e.create(taskType, "web", withRole(web(image)))

	from := func(arn string) map[string]any {
		return withRole(web(map[string]any{"secrets": []any{map[string]any{"name": "KEY", "valueFrom": arn + ":password::"}}}))
	}
	_, err = e.tryCreate(taskType, "secret", from("arn:aws:secretsmanager:us-east-1:123456789012:secret:web-abcdef"))
	refused(t, err, "ResourceInitializationError")
	e.create(taskType, "secret", from(e.create(secretType, "key", nil)["arn"].(string)))
	_, err = e.tryCreate(taskType, "role", web(nil))
	refused(t, err, "NoSuchEntity")
}

// TestRolledBackDeployment is what components and their users see of ECS's circuit breaker: the update succeeds, the old task
// definition runs, and the next update tries again.
func TestRolledBackDeployment(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	inputs := e.fargateService()
	before := inputs["taskDefinition"]
	after := e.create(taskType, "web", with(web(map[string]any{"image": "nginx:broken"}), map[string]any{"executionRoleArn": nil}))["arn"]
	require.NotEqual(t, before, after)
	service := e.deploy(serviceType, "web", inputs)
	wanted := with(inputs, map[string]any{"taskDefinition": after, "healthCheckGracePeriodSeconds": 60})

	e.faults = faults{"UpdateService": rolledBack}
	require.NoError(t, service.update(wanted))
	assert.Equal(t, before, service.text("taskDefinition"), "the outputs say what runs")
	assert.Equal(t, []string{"taskDefinition"}, changedKeys(service.diff(wanted)), "the next update still wants the new one")

	objects, err := e.account.Find(service.id)
	require.NoError(t, err)
	assert.Equal(t, before, objects[0].Properties["taskDefinition"], "a refresh says so too")

	e.faults = nil
	require.NoError(t, service.update(wanted))
	assert.Equal(t, after, service.text("taskDefinition"))
	assert.Equal(t, plugin.DiffNone, service.diff(wanted).Changes)
}

func changedKeys(diff plugin.DiffResponse) (keys []string) {
	for _, key := range diff.ChangedKeys {
		keys = append(keys, string(key))
	}
	return keys
}

func TestServiceIsReplacedOnlyForWhatECSCannotChange(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	inputs := e.fargateService()
	service := e.deploy(serviceType, "web", inputs)
	spot := []any{map[string]any{"capacityProvider": "FARGATE_SPOT", "weight": 1}}
	for name, c := range map[string]struct {
		changes map[string]any
		want    []string
	}{
		"more tasks":                     {map[string]any{"desiredCount": 3}, nil},
		"another task definition":        {map[string]any{"taskDefinition": "web"}, nil},
		"another cluster":                {map[string]any{"cluster": "other"}, []string{"cluster"}},
		"other capacity":                 {map[string]any{"capacityProviderStrategies": spot}, []string{"capacityProviderStrategies"}},
		"other capacity, deployed anew":  {map[string]any{"capacityProviderStrategies": spot, "forceNewDeployment": true}, nil},
		"a launch type for the capacity": {map[string]any{"capacityProviderStrategies": nil, "launchType": "FARGATE", "forceNewDeployment": true}, []string{"capacityProviderStrategies", "launchType"}},
	} {
		assert.Equal(t, c.want, service.replaces(with(inputs, c.changes)), name)
	}
}
