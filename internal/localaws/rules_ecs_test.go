package localaws

import (
	"slices"
	"strings"
)

// tasks are a task definition that is refused and one that is taken.
func tasks(name, about string, refused, accepted map[string]any) ruleCase {
	return ruleCase{name, "ClientException", about, inPreview(taskType, refused, accepted)}
}

// containers are changes of a web container that are refused and taken.
func containers(name, about string, refused, accepted map[string]any) ruleCase {
	return tasks(name, about, web(refused), web(accepted))
}

// sized is a task of that much CPU and memory.
func sized(cpu, memory string) map[string]any {
	return with(web(nil), map[string]any{"cpu": cpu, "memory": memory})
}

// fargateSizes refuses the memory below and above what Fargate pairs with the CPU, and takes the least and the most.
func fargateSizes(cpu, below, least, most, above string) []ruleCase {
	about := "No Fargate configuration exists for given values: " + cpu + " CPU"
	return []ruleCase{tasks(cpu+" with "+below, about, sized(cpu, below), sized(cpu, least)), tasks(cpu+" with "+above, about, sized(cpu, above), sized(cpu, most))}
}

// services are changes of a service in preview.
func services(name, about string, refused, accepted map[string]any) ruleCase {
	return ruleCase{name, "InvalidParameterException", about, inPreview(serviceType, refused, accepted)}
}

// serving are changes of a service that could be deployed; refused may make what it needs.
func serving(name, about string, refused func(e *embedded, service map[string]any) map[string]any) ruleCase {
	return ruleCase{name, "InvalidParameterException", about, onCreate(serviceType, func(e *embedded) (map[string]any, map[string]any) {
		service := e.fargateService()
		return with(service, refused(e, service)), service
	})}
}

// behind is a service's load balancer with changes.
func behind(service, changes map[string]any) map[string]any {
	return map[string]any{"loadBalancers": []any{with(service["loadBalancers"].([]any)[0].(map[string]any), changes)}}
}

func awslogs(without string) map[string]any {
	options := map[string]any{"awslogs-group": "g", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "p"}
	delete(options, without)
	return map[string]any{"logConfiguration": map[string]any{"logDriver": "awslogs", "options": options}}
}

func secretFrom(valueFrom string) map[string]any {
	return map[string]any{"secrets": []any{map[string]any{"name": "PASSWORD", "valueFrom": valueFrom}}}
}

func waitingFor(condition string, release map[string]any) map[string]any {
	return task(with(webContainer, map[string]any{"dependsOn": []any{map[string]any{"containerName": "release", "condition": condition}}}), release)
}

func checked(changes map[string]any) map[string]any {
	return map[string]any{"healthCheck": with(map[string]any{"command": []any{"CMD", "true"}}, changes)}
}

func spread(strategies ...map[string]any) map[string]any {
	var list []any
	for n, s := range strategies {
		list = append(list, with(s, map[string]any{"capacityProvider": []string{"FARGATE", "FARGATE_SPOT"}[n]}))
	}
	return map[string]any{"capacityProviderStrategies": list}
}

// aSecret is the ARN of a secret, and mounted a container that mounts the volume tmp.
const aSecret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:web-abcdef"

var mounted = web(map[string]any{"mountPoints": []any{map[string]any{"sourceVolume": "tmp", "containerPath": "/tmp"}}})

func volume(more map[string]any) map[string]any {
	return setting(mounted, "volumes", []any{with(map[string]any{"name": "tmp"}, more)})
}

var ecsRules = []rule{
	{number: 29, says: "Names of clusters, services, task definitions and containers of more than 255 characters or of others than letters, digits, hyphens and underscores.",
		why: "They are parts of ARNs.", cases: []ruleCase{
			{"a cluster with a space", "InvalidParameterException", "1 to 255 letters", inPreview(ecsClusterType, map[string]any{"name": "my main"}, map[string]any{"name": "my_main"})},
			{"a cluster of 256", "InvalidParameterException", "1 to 255 letters", inPreview(ecsClusterType, map[string]any{"name": strings.Repeat("a", 256)}, map[string]any{"name": strings.Repeat("a", 255)})},
			{"a service with a dot", "InvalidParameterException", "1 to 255 letters", inPreview(serviceType, map[string]any{"name": "my.web"}, map[string]any{"name": "my-web"})},
			tasks("a family with a dot", "1 to 255 letters", setting(web(nil), "family", "my.web"), setting(web(nil), "family", "my-web")),
			containers("a container with a dot", "1 to 255 letters", map[string]any{"name": "my.web"}, map[string]any{"name": "my-web"}),
		}},
	{number: 30, says: "Sizes of tasks that Fargate does not have: 256 CPU units go with 512, 1024 or 2048 MiB, 512 with 1 to 4 GiB, 1024 with 2 to 8, 2048 with 4 to 16, 4096 with 8 to 30, 8192 with 16 to 60 by 4, 16384 with 32 to 120 by 8.",
		why: "A task runs on a virtual machine of that size.", cases: slices.Concat(
			fargateSizes("256", "256", "512", "2048", "3072"), fargateSizes("512", "512", "1024", "4096", "5120"), fargateSizes("1024", "1024", "2048", "8192", "9216"),
			fargateSizes("2048", "3072", "4096", "16384", "17408"), fargateSizes("4096", "7168", "8192", "30720", "31744"),
			fargateSizes("8192", "18432", "16384", "61440", "65536"), fargateSizes("16384", "36864", "32768", "122880", "131072"),
			[]ruleCase{tasks("300 CPU units", "No Fargate configuration exists for given values: 300 CPU", sized("300", "512"), sized("256", "512"))})},
	{number: 31, says: "A task of Fargate in another network mode than `awsvpc`, or without CPU and memory of its own.",
		why: "It has a network interface and a virtual machine of its own.", cases: []ruleCase{
			tasks("bridge", "Fargate only supports network mode 'awsvpc'", setting(web(nil), "networkMode", "bridge"), web(nil)),
			tasks("no CPU", "be defined at the task level", setting(web(nil), "cpu", nil), web(nil)),
			tasks("no memory", "be defined at the task level", setting(web(map[string]any{"memory": 512}), "memory", nil), web(nil)),
		}},
	{number: 32, says: "A task of Fargate with an image in ECR, with awslogs or with secrets, without an execution role.",
		why: "ECS fetches these with that role, before a container runs.", cases: []ruleCase{
			tasks("an image in ECR", "an image in Amazon ECR", setting(web(map[string]any{"image": home.registry() + "/web:1"}), "executionRoleArn", nil), web(map[string]any{"image": home.registry() + "/web:1"})),
			tasks("awslogs", "the awslogs log driver", setting(web(awslogs("")), "executionRoleArn", nil), web(awslogs(""))),
			tasks("secrets", "support secrets", setting(web(secretFrom(aSecret)), "executionRoleArn", nil), web(secretFrom(aSecret))),
		}},
	{number: 33, says: "awslogs without group, region or, on Fargate, stream prefix.",
		why: "They say where a line goes.", cases: []ruleCase{
			containers("no group", "requires options: awslogs-group", awslogs("awslogs-group"), awslogs("")),
			containers("no region", "requires options: awslogs-region", awslogs("awslogs-region"), awslogs("")),
			containers("no stream prefix", "requires options: awslogs-stream-prefix", awslogs("awslogs-stream-prefix"), awslogs("")),
		}},
	{number: 34, says: "Privileged containers, devices, the host's processes, Docker volumes and the host's directories on Fargate.",
		why: "The host is AWS's.", cases: []ruleCase{
			containers("privileged", "do not support privileged", map[string]any{"privileged": true}, map[string]any{"privileged": false}),
			containers("a device", "do not support devices", map[string]any{"linuxParameters": map[string]any{"devices": []any{map[string]any{"hostPath": "/dev/x"}}}}, map[string]any{"linuxParameters": map[string]any{"devices": []any{}}}),
			containers("a capability", "got NET_ADMIN", map[string]any{"linuxParameters": map[string]any{"capabilities": map[string]any{"add": []any{"NET_ADMIN"}}}},
				map[string]any{"linuxParameters": map[string]any{"capabilities": map[string]any{"add": []any{"SYS_PTRACE"}}}}),
			tasks("the host's processes", "pidMode is not supported", setting(web(nil), "pidMode", "host"), setting(web(nil), "pidMode", "task")),
			tasks("a Docker volume", "do not support dockerVolumeConfiguration", volume(map[string]any{"dockerVolumeConfiguration": map[string]any{"scope": "task"}}), volume(nil)),
			tasks("a directory of the host", "do not support sourcePath", volume(map[string]any{"hostPath": "/"}), volume(nil)),
		}},
	{number: 35, says: "A task without an essential container, with two of a name, or whose containers want more CPU or memory than it has.",
		why: "The task ends with its essential containers.", cases: []ruleCase{
			tasks("no container", "Container list cannot be empty", task(), web(nil)),
			containers("none essential", "must be marked as essential", map[string]any{"essential": false}, map[string]any{"essential": true}),
			tasks("two of a name", "several called 'web'", task(webContainer, webContainer), task(webContainer, migration)),
			containers("more CPU", "'cpu' of all containers, 257,", map[string]any{"cpu": 257}, map[string]any{"cpu": 256}),
			containers("more memory", "at most the task's memory, 512 MiB, got 513", map[string]any{"memory": 513}, map[string]any{"memory": 512}),
			containers("more reserved memory", "'memoryReservation' of all containers, 513,", map[string]any{"memoryReservation": 513}, map[string]any{"memoryReservation": 512}),
		}},
	{number: 36, says: "A host port that is not the container's in the network mode `awsvpc`.",
		why: "The task has addresses of its own.", cases: []ruleCase{
			containers("another host port", "must match (container web: 80 and 8000)", map[string]any{"portMappings": []any{map[string]any{"containerPort": 8000, "hostPort": 80}}}, map[string]any{"portMappings": []any{map[string]any{"containerPort": 8000}}}),
		}},
	{number: 37, says: "A container's health check with an interval that is not from 5 to 300 seconds, a timeout not from 2 to 60, retries not from 1 to 10, a start period not from 0 to 300; a stop timeout of more than 120 seconds on Fargate; ephemeral storage that is not from 21 to 200 GiB.",
		why: "The limits are the API's.", cases: slices.Concat(
			inContainer("interval", 5, 300), inContainer("timeout", 2, 60), inContainer("retries", 1, 10), inContainer("startPeriod", 0, 300),
			[]ruleCase{containers("stopTimeout of 121", "stopTimeout takes 0 to 120, got 121", map[string]any{"stopTimeout": 121}, map[string]any{"stopTimeout": 120})},
			limited("ClientException", taskType, web(nil), "ephemeralStorage.sizeInGib", 21, 200))},
	{number: 38, says: "A dependency on what is no other container; on health without a health check; on the end of an essential container.",
		why: "The task would wait for ever, or end.", cases: []ruleCase{
			tasks("a stranger", "which is not another container", waitingFor("SUCCESS", setting(migration, "name", "migrate")), waitingFor("SUCCESS", migration)),
			tasks("health without check", "which has no health check", waitingFor("HEALTHY", migration), waitingFor("HEALTHY", with(migration, checked(nil)))),
			tasks("SUCCESS of an essential one", "which an essential container cannot meet", waitingFor("SUCCESS", setting(migration, "essential", true)), waitingFor("SUCCESS", migration)),
			tasks("COMPLETE of an essential one", "which an essential container cannot meet", waitingFor("COMPLETE", setting(migration, "essential", true)), waitingFor("COMPLETE", migration)),
		}},
	{number: 39, says: "A mount without its volume, and a volume that no container mounts.",
		why: "One of the two is misspelt.", cases: []ruleCase{
			tasks("no volume", "Unknown volume 'tmp'", mounted, volume(nil)),
			tasks("no mount", "is mounted by no container", setting(web(nil), "volumes", []any{map[string]any{"name": "tmp"}}), volume(nil)),
		}},
	{number: 40, says: "A secret's `valueFrom` that is neither a secret's full ARN, perhaps with `:key:stage:version`, nor a parameter; a secret of another region; a name that is a variable and a secret, or two secrets.",
		why: "ECS puts it into the environment, where a name has one value.", cases: []ruleCase{
			containers("half an ARN", "takes the ARN of a secret", secretFrom(aSecret+":password"), secretFrom(aSecret+":password::")),
			containers("another region", "is in eu-west-1", secretFrom(strings.Replace(aSecret, "us-east-1", "eu-west-1", 1)), secretFrom(aSecret)),
			containers("an ARN of S3", "takes the ARN of a secret", secretFrom("arn:aws:s3:::bucket/key"), secretFrom("arn:aws:ssm:us-east-1:123456789012:parameter/web/key")),
			containers("a variable of the name", "The secret name must be unique", with(secretFrom(aSecret), map[string]any{"environment": []any{map[string]any{"name": "PASSWORD", "value": "x"}}}),
				with(secretFrom(aSecret), map[string]any{"environment": []any{map[string]any{"name": "USER", "value": "x"}}})),
			containers("a secret of the name", "The secret name must be unique", map[string]any{"secrets": []any{map[string]any{"name": "A", "valueFrom": aSecret}, map[string]any{"name": "A", "valueFrom": "a"}}},
				map[string]any{"secrets": []any{map[string]any{"name": "A", "valueFrom": aSecret}, map[string]any{"name": "B", "valueFrom": "a"}}}),
		}},
	{number: 41, says: "A service of tasks in the network mode `awsvpc` without a network configuration, or with subnets that do not exist.",
		why: "ECS makes each task an interface there.", cases: []ruleCase{
			serving("no network", "Network Configuration must be provided", func(*embedded, map[string]any) map[string]any { return map[string]any{"networkConfiguration": nil} }),
			serving("no such subnet", "Error retrieving subnet information for [subnet-0]", func(*embedded, map[string]any) map[string]any {
				return map[string]any{"networkConfiguration": map[string]any{"subnets": []any{"subnet-0"}}}
			}),
		}},
	{number: 42, says: "A launch type together with a capacity provider strategy; a strategy with two bases, or without a weight; a provider that the cluster does not have.",
		why: "The strategy says where a task goes.", cases: []ruleCase{
			services("launch type and strategy", "Specifying both a launch type and capacity provider strategy", with(spread(map[string]any{"weight": 1}), map[string]any{"launchType": "FARGATE"}), spread(map[string]any{"weight": 1})),
			services("two bases", "base defined for one capacity provider only", spread(map[string]any{"base": 1, "weight": 1}, map[string]any{"base": 1}), spread(map[string]any{"base": 1, "weight": 1}, map[string]any{"weight": 1})),
			services("no weight", "must have a weight greater than 0", spread(map[string]any{"weight": 0}), spread(map[string]any{"weight": 1})),
			serving("no such provider", "'FARGATE_SPOT' is not associated with the cluster", func(*embedded, map[string]any) map[string]any {
				return map[string]any{"capacityProviderStrategies": []any{map[string]any{"capacityProvider": "FARGATE_SPOT", "weight": 1}}}
			}),
		}},
	{number: 43, says: "A service behind a target group that no load balancer has yet.",
		why: "Its tasks would never become healthy.", cases: []ruleCase{
			serving("a loose target group", "does not have an associated load balancer", func(e *embedded, service map[string]any) map[string]any {
				return behind(service, map[string]any{"targetGroupArn": e.create(targetGroupType, "loose", setting(aGroup, "vpcId", e.create(vpcType, "other", map[string]any{"cidrBlock": "10.1.0.0/16"})["id"]))["arn"]})
			}),
		}},
	{number: 44, says: "A target group of another target type than `ip` for tasks in the network mode `awsvpc`.",
		why: "A task is an address, not an instance.", cases: []ruleCase{
			serving("instances", "target type instance, which is incompatible", func(e *embedded, service map[string]any) map[string]any {
				balancer := e.create(loadBalancerType, "second", map[string]any{"subnets": service["networkConfiguration"].(map[string]any)["subnets"]})
				group := e.create(targetGroupType, "instances", with(aGroup, map[string]any{"vpcId": balancer["vpcId"], "targetType": "instance"}))
				e.create(listenerType, "second", map[string]any{"loadBalancerArn": balancer["arn"], "port": 80, "defaultActions": forwardTo(group)})
				return behind(service, map[string]any{"targetGroupArn": group["arn"]})
			}),
		}},
	{number: 45, says: "A load balancer's container or port that the task definition does not have.",
		why: "Requests would go nowhere.", cases: []ruleCase{
			serving("another container", "The container app does not exist", func(_ *embedded, service map[string]any) map[string]any {
				return behind(service, map[string]any{"containerName": "app"})
			}),
			serving("another port", "did not have a container port 80 defined", func(_ *embedded, service map[string]any) map[string]any {
				return behind(service, map[string]any{"containerPort": 80})
			}),
		}},
	{number: 46, says: "A minimum of healthy tasks of more than 100 %, a maximum of less, and both of 100 %.",
		why: "A deployment could neither start a task nor stop one.", cases: []ruleCase{
			services("a minimum of 101", "deploymentMinimumHealthyPercent", map[string]any{"deploymentMinimumHealthyPercent": 101}, map[string]any{"deploymentMinimumHealthyPercent": 100}),
			services("a maximum of 99", "must be at least 100", map[string]any{"deploymentMinimumHealthyPercent": 50, "deploymentMaximumPercent": 99}, map[string]any{"deploymentMinimumHealthyPercent": 50, "deploymentMaximumPercent": 100}),
			services("both 100", "cannot both be 100", map[string]any{"deploymentMaximumPercent": 100}, map[string]any{"deploymentMaximumPercent": 101}),
		}},
	{number: 47, says: "More than one service registry, and a container port for a registry of A records.",
		why: "An A record has no port.", never: "AWS's provider takes one registry only.", absent: []string{"servicediscovery"}},
	{number: 48, says: "A deployment circuit breaker with another deployment controller than ECS.",
		why: "CodeDeploy rolls back by itself.", cases: []ruleCase{
			services("CodeDeploy", "not supported for the CODE_DEPLOY deployment controller", map[string]any{"deploymentController": map[string]any{"type": "CODE_DEPLOY"}, "deploymentCircuitBreaker": map[string]any{"enable": true, "rollback": true}},
				map[string]any{"deploymentController": map[string]any{"type": "ECS"}, "deploymentCircuitBreaker": map[string]any{"enable": true, "rollback": true}}),
		}},
	{number: 49, says: "The deletion of a cluster with services; of a service that wants tasks, unless forced.",
		why: "The tasks would run on without anybody who owns them.", cases: []ruleCase{
			{"a cluster with a service", "ClusterContainsServicesException", "while Services are active", onDelete(ecsClusterType, func(e *embedded) (*deployed, func() error) {
				cluster := e.deploy(ecsClusterType, "main", nil)
				_, subnets := e.network()
				definition := e.create(taskType, "web", setting(web(nil), "executionRoleArn", nil))["arn"]
				return cluster, e.deploy(serviceType, "web", map[string]any{"cluster": cluster.id, "taskDefinition": definition, "launchType": "FARGATE", "networkConfiguration": map[string]any{"subnets": subnets}}).delete
			})},
		}, never: "AWS's provider sets a service's tasks to 0 before it deletes it."},
}

// inContainer are the cases of a number in a container's health check.
func inContainer(property string, low, high int) []ruleCase {
	about := "healthCheck." + property + " takes"
	return []ruleCase{containers(property+" too low", about, checked(map[string]any{property: low - 1}), checked(map[string]any{property: low})),
		containers(property+" too high", about, checked(map[string]any{property: high + 1}), checked(map[string]any{property: high}))}
}
