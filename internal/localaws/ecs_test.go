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
	checkAll(t, map[string]checkCase{
		"a size that Fargate has not":       {taskType, with(web(nil), map[string]any{"memory": "4096"}), "memory: No Fargate configuration exists for given values: 256 CPU, 4096 memory (ClientException); memory takes MiB that Fargate pairs with 256 CPU units: 512 1024 2048"},
		"a size in other units":             {taskType, with(web(nil), map[string]any{"cpu": "1 vCPU", "memory": "1 GB"}), "memory: No Fargate configuration exists for given values: 1024 CPU, 1024 memory"},
		"a log driver that Fargate has not": {taskType, web(map[string]any{"logConfiguration": map[string]any{"logDriver": "syslog"}}), "log driver takes one of [awslogs splunk awsfirelens] here"},
		"no JSON":                           {taskType, with(web(nil), map[string]any{"containerDefinitions": "web"}), "containerDefinitions: ECS Task Definition container_definitions is invalid"},
		"no image":                          {taskType, web(map[string]any{"image": ""}), "Container.image should not be null or empty: web"},
		"a port beyond the last":            {taskType, web(map[string]any{"portMappings": []any{map[string]any{"containerPort": 65536}}}), "containerPort takes 1 to 65535, got 65536"},
		"an unknown condition":              {taskType, waitingFor("DONE", migration), "a dependency's condition takes START, COMPLETE, SUCCESS or HEALTHY"},
		"a setting that is none":            {ecsClusterType, map[string]any{"settings": []any{map[string]any{"name": "containerInsights", "value": "on"}}}, "settings: expected the value of containerInsights to be one of [enabled enhanced disabled], got on"},
		"a default that is not associated":  {capacityType, map[string]any{"clusterName": "c", "capacityProviders": []any{"FARGATE"}, "defaultCapacityProviderStrategies": []any{map[string]any{"capacityProvider": "FARGATE_SPOT", "weight": 1}}}, "defaultCapacityProviderStrategies: The default capacity provider strategy cannot contain a capacity provider that is not associated with the cluster"},
		"a grace period without a balancer": {serviceType, map[string]any{"healthCheckGracePeriodSeconds": 60}, "healthCheckGracePeriodSeconds: Health check grace period is only valid for services configured to use load balancers"},
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
	subnets := inputs["networkConfiguration"].(map[string]any)["subnets"]
	for name, c := range map[string]struct {
		changes       map[string]any
		code, message string
	}{
		"no cluster":                      {map[string]any{"cluster": "arn:aws:ecs:us-east-1:123456789012:cluster/x"}, "ClusterNotFoundException", "Cluster not found"},
		"the default cluster":             {map[string]any{"cluster": nil}, "ClusterNotFoundException", "default"},
		"no task definition":              {map[string]any{"taskDefinition": "web:7"}, "ClientException", "Unable to describe task definition"},
		"a security group of another VPC": {map[string]any{"networkConfiguration": map[string]any{"subnets": subnets, "securityGroups": []any{foreign}}}, "InvalidParameterException", "same VPC"},
	} {
		_, err := e.tryCreate(serviceType, "web", with(inputs, c.changes))
		refused(t, err, c.code)
		assert.ErrorContains(t, err, c.message, name)
	}

	service := e.create(serviceType, "web", inputs)
	assert.Regexp(t, `^arn:aws:ecs:us-east-1:123456789012:service/main-[0-9a-f]{7}/web-[0-9a-f]{7}$`, service["id"])
	require.NoError(t, e.remove(serviceType, "web", service["id"].(string)))
	require.NoError(t, e.remove(ecsClusterType, "main", inputs["cluster"].(string)))
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
	image := map[string]any{"image": home.registry() + "/shop/web@sha256:0"}
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
	e.create(taskType, "theirs", from("arn:aws:secretsmanager:us-east-1:998877665544:secret:shop/staging/KEY-abcdef"))
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

	e.fail("UpdateService:RolledBack")
	require.NoError(t, service.update(wanted))
	assert.Equal(t, before, service.text("taskDefinition"), "the outputs say what runs")
	assert.Equal(t, []string{"taskDefinition"}, changedKeys(service.diff(wanted)), "the next update still wants the new one")

	objects, err := e.account.Find(service.id)
	require.NoError(t, err)
	assert.Equal(t, before, objects[0].Properties["taskDefinition"], "a refresh says so too")

	e.fail("")
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
