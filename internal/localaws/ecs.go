package localaws

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
)

// ecsKinds are the resource types of ECS.
func ecsKinds() []*kind {
	return []*kind{
		of(ecs.ClusterArgs{}, ecs.Cluster{}, kind{service: "ECS", noun: "Cluster", id: func(d *draft) string {
			return d.arn("ecs", "cluster/"+d.text("name"))
		}, named: &naming{property: "name", most: 255}, replace: []string{"name"},
			check: checkECSCluster, compute: func(d *draft) { d.set("arn", d.id) },
			inUse: &inUse{code: "ClusterContainsServicesException", by: []string{serviceType}, message: "The Cluster cannot be deleted while Services are active: %s"}}),
		of(ecs.ClusterCapacityProvidersArgs{}, ecs.ClusterCapacityProviders{}, kind{service: "ECS", noun: "ClusterCapacityProviders", idFrom: "clusterName",
			replace: []string{"clusterName"}, overwrites: always, check: checkCapacityProviders}),
		// The provider's id is the family, which the new and the old revision share while one replaces the other. The account tells
		// objects apart by their ids, so it is the ARN here.
		of(ecs.TaskDefinitionArgs{}, ecs.TaskDefinition{}, kind{service: "ECS", noun: "TaskDefinition", id: taskDefinitionARN,
			replace: []string{"family", "containerDefinitions", "cpu", "memory", "ephemeralStorage", "executionRoleArn", "taskRoleArn", "networkMode", "pidMode", "ipcMode",
				"placementConstraints", "proxyConfiguration", "requiresCompatibilities", "runtimePlatform", "volumes", "inferenceAccelerators", "enableFaultInjection"},
			defaults: map[string]any{"skipDestroy": false, "trackLatest": false, "enableFaultInjection": false},
			check:    checkTaskDefinition, compute: computeTaskDefinition, admit: admitTaskDefinition}),
		of(ecs.ServiceArgs{}, ecs.Service{}, kind{service: "ECS", noun: "Service", id: func(d *draft) string {
			return d.arn("ecs", "service/"+clusterNameOf(d)+"/"+d.text("name"))
		}, named: &naming{property: "name", most: 255},
			replace: []string{"name", "cluster", "launchType", "schedulingStrategy", "iamRole", "deploymentController"}, replaceToo: replacedByStrategy,
			defaults: map[string]any{"cluster": "default", "deploymentMaximumPercent": 200, "deploymentMinimumHealthyPercent": 100, "schedulingStrategy": "REPLICA",
				"desiredCount": 0, "enableEcsManagedTags": false, "enableExecuteCommand": false, "waitForSteadyState": false, "propagateTags": "NONE",
				"availabilityZoneRebalancing": "DISABLED"},
			references: map[string]reference{"networkConfiguration.subnets": {types: []string{subnetType}, code: "InvalidParameterException",
				message: "Error retrieving subnet information for [%s]: the subnet does not exist (ErrorCode: InvalidSubnetID.NotFound)"}},
			check: checkService, compute: computeService, admit: admitService}),
	}
}

// clusterNameOf is the name of the cluster that a service is in, given by name or by ARN.
func clusterNameOf(d *draft) string { return lastSegment(d.text("cluster")) }

func lastSegment(path string) string { return path[strings.LastIndex(path, "/")+1:] }

// taskDefinitionARN numbers the revisions of a family. ECS never uses a number twice, even after the family's last revision is gone.
func taskDefinitionARN(d *draft) string {
	family, revision := d.text("family"), d.generation
	if d.account != nil {
		for o := range d.account.objects() {
			if used, ok := o.Properties["revision"].(float64); ok && o.Type == taskType && o.Region == d.region && o.text("family") == family {
				revision = max(revision, int(used)+1)
			}
		}
	}
	return d.arn("ecs", fmt.Sprintf("task-definition/%s:%d", family, revision))
}

func computeTaskDefinition(d *draft) {
	colon := strings.LastIndex(d.id, ":")
	revision, err := strconv.Atoi(d.id[colon+1:])
	if err != nil {
		panic(fmt.Sprintf("%s: the id of a task definition ends in its revision: %v", d.id, err))
	}
	d.set("arn", d.id)
	d.set("arnWithoutRevision", d.id[:colon])
	d.set("revision", float64(revision))
	if !d.has("networkMode") {
		d.set("networkMode", "bridge")
	}
}

func computeService(d *draft) {
	if !d.has("launchType") && !d.has("capacityProviderStrategies") {
		d.set("launchType", "EC2")
	}
	if fargate := d.text("launchType") == "FARGATE" || d.has("capacityProviderStrategies"); fargate && !d.has("platformVersion") {
		d.set("platformVersion", "LATEST")
	}
	if d.has("loadBalancers") && !d.has("iamRole") {
		d.set("iamRole", "/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS")
	}
}
