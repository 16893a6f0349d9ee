package components_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/components"
)

// containers returns the container definitions by name.
func (r *recorder) containers(t testing.TB) map[string]map[string]any {
	t.Helper()
	var list []map[string]any
	require.NoError(t, json.Unmarshal([]byte(r.find(t, taskDefinition, "web-task").Inputs["containerDefinitions"].StringValue()), &list))
	byName := map[string]map[string]any{}
	for _, container := range list {
		byName[container["name"].(string)] = container
	}
	return byName
}

func TestWebServiceContainers(t *testing.T) {
	t.Parallel()
	r := runWeb(t, func(args *components.WebServiceArgs) {
		args.Command = []string{"web"}
		args.ReleaseCommand = []string{"release"}
		args.User = "1000"
		args.Environment = map[string]pulumi.StringInput{"ZONE": pulumi.String("eu"), "ALLOWED_HOSTS": pulumi.String("app.example.com")}
		args.Secrets = map[string]components.SecretReference{
			"SECRET_KEY": {Arn: pulumi.String(keyArn), VersionId: pulumi.String("v1")},
			"API_TOKEN":  {Arn: pulumi.String(parameterArn)},
			"DB":         {Arn: pulumi.String(keyArn), JsonKey: pulumi.String("password"), VersionId: pulumi.String("v1"), KmsKeyArn: pulumi.String(kmsArn)},
			"WHOLE":      {Arn: pulumi.String(keyArn)},
		}
	})
	common := `"image": "` + webImage + `", "user": "1000", "readonlyRootFilesystem": true, "stopTimeout": 30,
		"mountPoints": [{"sourceVolume": "tmp", "containerPath": "/tmp", "readOnly": false}],
		"environment": [{"name": "ALLOWED_HOSTS", "value": "app.example.com"}, {"name": "PORT", "value": "8000"}, {"name": "PUBLIC_URL", "value": "https://app.example.com"}, {"name": "ZONE", "value": "eu"}],
		"secrets": [
			{"name": "API_TOKEN", "valueFrom": "` + parameterArn + `"},
			{"name": "DB", "valueFrom": "` + keyArn + `:password::v1"},
			{"name": "SECRET_KEY", "valueFrom": "` + keyArn + `:::v1"},
			{"name": "WHOLE", "valueFrom": "` + keyArn + `"}],
		"logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "web-logs-1234567", "awslogs-region": "eu-central-1",
			"mode": "non-blocking", "max-buffer-size": "25m", "awslogs-stream-prefix": `
	task := r.find(t, taskDefinition, "web-task").Inputs
	assert.JSONEq(t, `[
		{"name": "web", "essential": true, "command": ["web"], "portMappings": [{"containerPort": 8000, "hostPort": 8000, "protocol": "tcp"}],
		 "dependsOn": [{"containerName": "release", "condition": "SUCCESS"}], `+common+`"web"}}},
		{"name": "release", "essential": false, "command": ["release"], `+common+`"release"}}}]`,
		task["containerDefinitions"].StringValue(), "ECS.4, .5, .8, .9, .20")
	assert.Equal(t, []any{map[string]any{"name": "tmp"}}, task["volumes"].Mappable(), "a mount without its volume is refused")
	assert.Equal(t, 300.0, r.find(t, ecsService, "web-service").Inputs["healthCheckGracePeriodSeconds"].NumberValue(), "the release takes its time")
	assert.Equal(t, "30m", r.find(t, ecsService, "web-service").RegisterRPC.GetCustomTimeouts().GetUpdate(), "ECS gives up first: three tasks, each with that grace period")

	backend := r.find(t, ecsService, "web-service").Inputs["loadBalancers"].ArrayValue()[0].ObjectValue()
	assert.Equal(t, map[string]any{"targetGroupArn": "arn:aws:test:us-east-1:123456789012:web-tg-id", "containerName": "web", "containerPort": 8000.0}, backend.Mappable())

	assert.JSONEq(t, `{"Version": "2012-10-17", "Statement": [
		{"Sid": "Logs", "Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
		 "Resource": ["arn:aws:logs:eu-central-1:123456789012:log-group:web-logs-1234567:*"]},
		{"Sid": "RegistryToken", "Effect": "Allow", "Action": ["ecr:GetAuthorizationToken"], "Resource": ["*"]},
		{"Sid": "Pull", "Effect": "Allow", "Action": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
		 "Resource": ["arn:aws:ecr:eu-central-1:123456789012:repository/app-repository-1234567"]},
		{"Sid": "Secrets", "Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": ["`+keyArn+`"]},
		{"Sid": "Parameters", "Effect": "Allow", "Action": ["ssm:GetParameters"], "Resource": ["`+parameterArn+`"]},
		{"Sid": "Keys", "Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": ["`+kmsArn+`"]}]}`,
		r.find(t, rolePolicy, "web-execution-policy").Inputs["policy"].StringValue(), "IAM.1/.21, KMS.1/.2: exactly what is listed")
}

func TestWebServiceRoles(t *testing.T) {
	t.Parallel()
	r := runWeb(t, nil)
	for _, role := range []string{"web-task-role", "web-execution-role"} {
		assert.JSONEq(t, `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"},
			"Action": ["sts:AssumeRole"], "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}}]}`,
			r.find(t, iamRole, role).Inputs["assumeRolePolicy"].StringValue())
	}
	require.Len(t, r.all(rolePolicy), 1, "the application's role is empty until something is granted to it")
	assert.Equal(t, "web-execution-role-id", r.all(rolePolicy)[0].Inputs["role"].StringValue())
}

func TestWebServiceRepositoryInEveryPartition(t *testing.T) {
	t.Parallel()
	digest := "@sha256:" + strings.Repeat("a", 64)
	for image, repository := range map[string]string{
		"123456789012.dkr.ecr.us-east-1.amazonaws.com/team/app":     "arn:aws:ecr:us-east-1:123456789012:repository/team/app",
		"123456789012.dkr.ecr.us-east-1.amazonaws.com/app:v1":       "arn:aws:ecr:us-east-1:123456789012:repository/app",
		"123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/app":      "arn:aws-cn:ecr:cn-north-1:123456789012:repository/app",
		"123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com/app": "arn:aws-us-gov:ecr:us-gov-west-1:123456789012:repository/app",
	} {
		r := runWeb(t, func(args *components.WebServiceArgs) { args.Image = pulumi.String(image + digest) })
		assert.Contains(t, r.find(t, rolePolicy, "web-execution-policy").Inputs["policy"].StringValue(), `"Resource":["`+repository+`"]`)
	}
}

func TestWebServiceTaskFamily(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ project, stack, family string }{
		{"slipway", "staging", "slipway-staging-web"},
		{"my.shop", "dev_1", "my-shop-dev_1-web"},
		{strings.Repeat("p", 300), "prod", strings.Repeat("p", 246) + "-prod-web"},
	} {
		r := webRecorder()
		require.NoError(t, pulumi.RunErr(func(ctx *pulumi.Context) error {
			_, err := components.NewWebService(ctx, "web", webInputs())
			return err
		}, pulumi.WithMocks(test.project, test.stack, r)))
		assert.Equal(t, test.family, r.find(t, taskDefinition, "web-task").Inputs["family"].StringValue())
	}
}

func TestWebServiceImageFromElsewhereNeedsNoRegistry(t *testing.T) {
	t.Parallel()
	r := runWeb(t, func(args *components.WebServiceArgs) {
		args.Image = pulumi.String("docker.io/library/nginx@sha256:" + strings.Repeat("a", 64))
	})
	assert.NotContains(t, r.find(t, rolePolicy, "web-execution-policy").Inputs["policy"].StringValue(), "ecr:")
}

func TestWebServiceRefusesWhatIsKnownOnlyLater(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		change  func(*components.WebServiceArgs)
		message string
	}{
		{"an image by tag", func(args *components.WebServiceArgs) { args.Image = pulumi.String("nginx:latest") },
			`image: got "nginx:latest", takes a reference by digest`},
		{"a secret that is none", func(args *components.WebServiceArgs) {
			args.Secrets = map[string]components.SecretReference{"KEY": {Arn: pulumi.String("arn:aws:s3:::bucket")}}
		}, `arn: got "arn:aws:s3:::bucket", takes the ARN of a secret in Secrets Manager or of an SSM parameter`},
		{"a key of a parameter", func(args *components.WebServiceArgs) {
			args.Secrets = map[string]components.SecretReference{"KEY": {Arn: pulumi.String(parameterArn), JsonKey: pulumi.String("k")}}
		}, `got jsonKey "k" and versionId "", which only secrets of Secrets Manager have`},
		{"a cluster by name", func(args *components.WebServiceArgs) { args.ClusterArn = pulumi.String("main") },
			`clusterArn: got "main", takes the ARN of an ECS cluster`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			assert.ErrorContains(t, webRecorder().deployWeb(test.change), test.message)
		})
	}
}

func TestWebServiceOptions(t *testing.T) {
	t.Parallel()
	service := func(t testing.TB, r *recorder) resource.PropertyMap {
		return r.find(t, ecsService, "web-service").Inputs
	}
	for _, test := range []struct {
		name   string
		change func(*components.WebServiceArgs)
		holds  func(testing.TB, *recorder)
	}{
		{"no Spot", nil, func(t testing.TB, r *recorder) {
			assert.Equal(t, []any{map[string]any{"capacityProvider": "FARGATE", "weight": 100.0, "base": 1.0}},
				service(t, r)["capacityProviderStrategies"].Mappable())
			assert.True(t, service(t, r)["forceNewDeployment"].BoolValue(), "another strategy must not replace the service")
			assert.NotContains(t, service(t, r), resource.PropertyKey("launchType"), "excludes a strategy")
		}},
		{"some Spot", func(args *components.WebServiceArgs) { args.SpotWeight = 70 }, func(t testing.TB, r *recorder) {
			assert.Equal(t, []any{
				map[string]any{"capacityProvider": "FARGATE", "weight": 30.0, "base": 1.0},
				map[string]any{"capacityProvider": "FARGATE_SPOT", "weight": 70.0},
			}, service(t, r)["capacityProviderStrategies"].Mappable())
		}},
		{"only Spot", func(args *components.WebServiceArgs) { args.SpotWeight = 100 }, func(t testing.TB, r *recorder) {
			assert.Equal(t, []any{map[string]any{"capacityProvider": "FARGATE_SPOT", "weight": 100.0}},
				service(t, r)["capacityProviderStrategies"].Mappable())
		}},
		{"a given cluster", func(args *components.WebServiceArgs) {
			args.ClusterArn = pulumi.String("arn:aws:ecs:eu-central-1:123456789012:cluster/main")
		}, func(t testing.TB, r *recorder) {
			assert.Empty(t, r.all(ecsCluster))
			assert.Equal(t, "arn:aws:ecs:eu-central-1:123456789012:cluster/main", service(t, r)["cluster"].StringValue())
			assert.Equal(t, "service/main/web-service-1234567", r.find(t, scalingTarget, "web-scaling").Inputs["resourceId"].StringValue())
		}},
		{"public addresses", func(args *components.WebServiceArgs) { args.AssignPublicIp = true }, func(t testing.TB, r *recorder) {
			assert.True(t, object(t, service(t, r), "networkConfiguration")["assignPublicIp"].BoolValue())
		}},
		{"ECS Exec", func(args *components.WebServiceArgs) {
			args.EnableExecuteCommand, args.ReadonlyRootFilesystem = true, new(false)
		}, func(t testing.TB, r *recorder) {
			assert.True(t, service(t, r)["enableExecuteCommand"].BoolValue())
			policy := r.find(t, rolePolicy, "web-execute-command").Inputs
			assert.Equal(t, "web-task-role-id", policy["role"].StringValue())
			assert.Equal(t, 4, strings.Count(policy["policy"].StringValue(), "ssmmessages:"))
			web := r.containers(t)["web"]
			assert.Equal(t, false, web["readonlyRootFilesystem"])
			assert.Equal(t, map[string]any{"initProcessEnabled": true}, web["linuxParameters"])
			assert.NotContains(t, web, "mountPoints")
			assert.NotContains(t, r.find(t, taskDefinition, "web-task").Inputs, resource.PropertyKey("volumes"), "every volume is mounted")
			assert.Contains(t, r.waitsFor(t, ecsService, "web-service"), rolePolicy+" web-execute-command")
		}},
		{"no waiting", func(args *components.WebServiceArgs) { args.WaitForDeployment = new(false) }, func(t testing.TB, r *recorder) {
			assert.False(t, service(t, r)["waitForSteadyState"].BoolValue())
			assert.True(t, r.find(t, taskDefinition, "web-task").Inputs["skipDestroy"].BoolValue(), "ECS may still return to it")
		}},
		{"patience", func(args *components.WebServiceArgs) { args.DeploymentTimeout = 40 }, func(t testing.TB, r *recorder) {
			assert.Equal(t, "40m", r.find(t, ecsService, "web-service").RegisterRPC.GetCustomTimeouts().GetUpdate())
		}},
		{"no rollback on alarms", func(args *components.WebServiceArgs) { args.RollbackOnAlarms = new(false) }, func(t testing.TB, r *recorder) {
			assert.Len(t, r.all(metricAlarm), 4, "people are told all the same")
			assert.NotContains(t, service(t, r), resource.PropertyKey("alarms"))
			assert.False(t, r.find(t, taskDefinition, "web-task").Inputs["skipDestroy"].BoolValue(), "nothing returns to it once the update has waited")
		}},
		{"all targets", func(args *components.WebServiceArgs) {
			args.MinCount, args.MaxCount, args.DesiredCount = new(3), 30, new(4)
			args.CpuTarget, args.MemoryTarget, args.RequestsTarget = new(60), 80, 900
		}, func(t testing.TB, r *recorder) {
			assert.Equal(t, map[string]any{"minCapacity": 3.0, "maxCapacity": 30.0, "resourceId": "service/web-cluster-1234567/web-service-1234567"},
				plain(r.find(t, scalingTarget, "web-scaling").Inputs, "minCapacity", "maxCapacity", "resourceId"))
			assert.Equal(t, 4.0, service(t, r)["desiredCount"].NumberValue())
			for name, want := range map[string]map[string]any{
				"web-scale-cpu":    {"predefinedMetricType": "ECSServiceAverageCPUUtilization", "target": 60.0},
				"web-scale-memory": {"predefinedMetricType": "ECSServiceAverageMemoryUtilization", "target": 80.0},
				"web-scale-requests": {"predefinedMetricType": "ALBRequestCountPerTarget", "target": 900.0,
					"resourceLabel": "app/web-alb/0123456789abcdef/targetgroup/web-tg/0123456789abcdef"},
			} {
				tracking := object(t, r.find(t, scalingPolicy, name).Inputs, "targetTrackingScalingPolicyConfiguration")
				got := object(t, tracking, "predefinedMetricSpecification").Mappable()
				got["target"] = tracking["targetValue"].NumberValue()
				assert.Equal(t, want, got, name)
			}
		}},
		{"the default target", nil, func(t testing.TB, r *recorder) {
			require.Len(t, r.all(scalingPolicy), 1)
			assert.Equal(t, 75.0, object(t, r.find(t, scalingPolicy, "web-scale-cpu").Inputs, "targetTrackingScalingPolicyConfiguration")["targetValue"].NumberValue())
		}},
		{"no target", func(args *components.WebServiceArgs) { args.CpuTarget = new(0) }, func(t testing.TB, r *recorder) {
			assert.Empty(t, r.all(scalingPolicy))
			assert.Len(t, r.all(scalingTarget), 1, "the least and the largest number hold all the same")
		}},
		{"switched off", func(args *components.WebServiceArgs) { args.MinCount = new(0) }, func(t testing.TB, r *recorder) {
			assert.Equal(t, 0.0, service(t, r)["desiredCount"].NumberValue())
		}},
		{"a larger task", func(args *components.WebServiceArgs) { args.Cpu, args.Architecture = 2048, "X86_64" }, func(t testing.TB, r *recorder) {
			task := r.find(t, taskDefinition, "web-task").Inputs
			assert.Equal(t, map[string]any{"cpu": "2048", "memory": "4096"}, plain(task, "cpu", "memory"), "the least memory that goes with it")
			assert.Equal(t, "X86_64", object(t, task, "runtimePlatform")["cpuArchitecture"].StringValue())
		}},
		{"tags", func(args *components.WebServiceArgs) { args.Tags = map[string]string{"team": "shop"} }, func(t testing.TB, r *recorder) {
			for _, token := range []string{loadBalancer, targetGroup, listener, securityGroup, ingressRule, egressRule, ecsCluster, ecsService,
				taskDefinition, logGroup, iamRole, metricAlarm, scalingTarget, "aws:s3/bucketV2:BucketV2", "aws:acm/certificate:Certificate"} {
				require.NotEmpty(t, r.all(token), token)
				for _, res := range r.all(token) {
					assert.Equal(t, map[string]any{"team": "shop"}, object(t, res.Inputs, "tags").Mappable(), "%s %s", token, res.Name)
				}
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.holds(t, runWeb(t, test.change))
		})
	}
}

// TestWebServiceIsDeterministic proves that the same arguments make the same documents, so that an update changes nothing.
func TestWebServiceIsDeterministic(t *testing.T) {
	t.Parallel()
	change := func(args *components.WebServiceArgs) {
		args.Environment, args.Secrets = map[string]pulumi.StringInput{}, map[string]components.SecretReference{}
		for _, name := range strings.Split("A B C D E F G H I J", " ") {
			args.Environment[name] = pulumi.String(name)
			args.Secrets["SECRET_"+name] = components.SecretReference{Arn: pulumi.String(keyArn + name)}
		}
	}
	first, second := runWeb(t, change), runWeb(t, change)
	for _, document := range []struct{ token, name, property string }{
		{taskDefinition, "web-task", "containerDefinitions"},
		{rolePolicy, "web-execution-policy", "policy"},
	} {
		text := func(r *recorder) string {
			return r.find(t, document.token, document.name).Inputs[resource.PropertyKey(document.property)].StringValue()
		}
		assert.Equal(t, text(first), text(second))
		assert.True(t, json.Valid([]byte(text(first))))
	}
}
