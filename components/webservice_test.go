package components_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/components"
)

const (
	webServiceToken = "slipway:index:WebService"
	loadBalancer    = "aws:lb/loadBalancer:LoadBalancer"
	targetGroup     = "aws:lb/targetGroup:TargetGroup"
	listener        = "aws:lb/listener:Listener"
	egressRule      = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	ecsCluster      = "aws:ecs/cluster:Cluster"
	ecsService      = "aws:ecs/service:Service"
	taskDefinition  = "aws:ecs/taskDefinition:TaskDefinition"
	scalingTarget   = "aws:appautoscaling/target:Target"
	scalingPolicy   = "aws:appautoscaling/policy:Policy"
	metricAlarm     = "aws:cloudwatch/metricAlarm:MetricAlarm"
	dnsRecord       = "aws:route53/record:Record"
	bucketPolicy    = "aws:s3/bucketPolicy:BucketPolicy"

	webImage = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/app-repository-1234567@sha256:" +
		"aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
	keyArn       = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:key-AbCdEf"
	parameterArn = "arn:aws:ssm:eu-central-1:123456789012:parameter/app/api-token"
	kmsArn       = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
	revision     = "arn:aws:ecs:eu-central-1:123456789012:task-definition/slipway-test-web:"
)

// webInputs are arguments that deploy to production over HTTPS.
func webInputs() *components.WebServiceArgs {
	return &components.WebServiceArgs{
		VpcId:           pulumi.String("vpc-1"),
		PublicSubnetIds: pulumi.ToStringArray([]string{"subnet-p1", "subnet-p2"}),
		SubnetIds:       pulumi.ToStringArray([]string{"subnet-a1", "subnet-a2"}),
		Image:           pulumi.String(webImage),
		DomainName:      "app.example.com",
	}
}

// webRecorder plays AWS for a web service. asked is the revision that the task definition gets, running the one that the service
// says it runs.
func webRecorder() *recorder {
	suffix := func(kind string) func(pulumi.MockResourceArgs) resource.PropertyMap {
		return func(res pulumi.MockResourceArgs) resource.PropertyMap {
			return resource.PropertyMap{
				"arnSuffix": resource.NewProperty(kind + "/" + res.Name + "/0123456789abcdef"),
				"dnsName":   resource.NewProperty(res.Name + "-1234567.eu-central-1.elb.amazonaws.com"),
				"zoneId":    resource.NewProperty("Z215JYRZR1TBD5"),
			}
		}
	}
	arn := func(service, kind string) func(pulumi.MockResourceArgs) resource.PropertyMap {
		return func(res pulumi.MockResourceArgs) resource.PropertyMap {
			return resource.PropertyMap{"arn": resource.NewProperty(
				"arn:aws:" + service + ":eu-central-1:123456789012:" + kind + res.Name + "-1234567")}
		}
	}
	return &recorder{
		outputs: map[string]func(pulumi.MockResourceArgs) resource.PropertyMap{
			loadBalancer: suffix("app"),
			targetGroup:  suffix("targetgroup"),
			logGroup:     arn("logs", "log-group:"),
			ecsCluster:   arn("ecs", "cluster/"),
			taskDefinition: func(pulumi.MockResourceArgs) resource.PropertyMap {
				return resource.PropertyMap{"arn": resource.NewProperty(revision + "2")}
			},
			dnsRecord: func(res pulumi.MockResourceArgs) resource.PropertyMap {
				return resource.PropertyMap{"fqdn": res.Inputs["name"]}
			},
			"aws:acm/certificate:Certificate": func(res pulumi.MockResourceArgs) resource.PropertyMap {
				return resource.PropertyMap{"domainValidationOptions": resource.NewProperty([]resource.PropertyValue{
					resource.NewProperty(resource.PropertyMap{
						"domainName":          res.Inputs["domainName"],
						"resourceRecordName":  resource.NewProperty("_abc.app.example.com."),
						"resourceRecordType":  resource.NewProperty("CNAME"),
						"resourceRecordValue": resource.NewProperty("_def.acm-validations.aws."),
					}),
				})}
			},
		},
		invokes: map[string]func(resource.PropertyMap) resource.PropertyMap{
			"aws:index/getCallerIdentity:getCallerIdentity": func(resource.PropertyMap) resource.PropertyMap {
				return resource.PropertyMap{"accountId": resource.NewProperty("123456789012")}
			},
			"aws:index/getRegion:getRegion": func(resource.PropertyMap) resource.PropertyMap {
				return resource.PropertyMap{"name": resource.NewProperty("eu-central-1")}
			},
			"aws:route53/getZone:getZone": func(args resource.PropertyMap) resource.PropertyMap {
				return resource.PropertyMap{"zoneId": resource.NewProperty("zone of " + args["name"].StringValue())}
			},
		},
	}
}

// runWeb deploys a web service called "web" with changed arguments.
func runWeb(t testing.TB, change func(*components.WebServiceArgs)) *recorder {
	t.Helper()
	r := webRecorder()
	require.NoError(t, r.deployWeb(change))
	return r
}

func (r *recorder) deployWeb(change func(*components.WebServiceArgs)) error {
	args := webInputs()
	if change != nil {
		change(args)
	}
	return r.run(func(ctx *pulumi.Context) error {
		_, err := components.NewWebService(ctx, "web", args)
		return err
	})
}

func object(t testing.TB, inputs resource.PropertyMap, key resource.PropertyKey) resource.PropertyMap {
	t.Helper()
	require.Truef(t, inputs[key].IsObject(), "%s is to be an object, is %v", key, inputs[key])
	return inputs[key].ObjectValue()
}

// plain is a property as a test writes it: numbers are float64, objects map[string]any.
func plain(properties resource.PropertyMap, keys ...string) map[string]any {
	all := properties.Mappable()
	picked := map[string]any{}
	for _, key := range keys {
		picked[key] = all[key]
	}
	return picked
}

func TestWebServiceProductionControls(t *testing.T) {
	t.Parallel()
	r := runWeb(t, nil)
	r.requireDescends(t, webServiceToken, "web")

	balancer := r.find(t, loadBalancer, "web-alb").Inputs
	assert.Equal(t, map[string]any{
		"internal": false, "dropInvalidHeaderFields": true, "desyncMitigationMode": "defensive", "enableDeletionProtection": true,
		"subnets": []any{"subnet-p1", "subnet-p2"}, "accessLogs": map[string]any{"bucket": "web-access-logs-id", "enabled": true},
	}, plain(balancer, "internal", "dropInvalidHeaderFields", "desyncMitigationMode", "enableDeletionProtection", "subnets", "accessLogs"),
		"ELB.4, .5, .6, .12, .13")

	redirect := r.find(t, listener, "web-http").Inputs["defaultActions"].ArrayValue()[0].ObjectValue()
	assert.Equal(t, map[string]any{"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"}, object(t, redirect, "redirect").Mappable(), "ELB.1")
	https := r.find(t, listener, "web-https").Inputs
	assert.Contains(t, https["sslPolicy"].StringValue(), "TLS13-1-2", "ELB.17")

	service := r.find(t, ecsService, "web-service").Inputs
	network := object(t, service, "networkConfiguration")
	assert.False(t, network["assignPublicIp"].BoolValue(), "ECS.2")
	assert.Equal(t, "LATEST", service["platformVersion"].StringValue(), "ECS.10")
	assert.Equal(t, map[string]any{
		"deploymentMinimumHealthyPercent": 100.0, "deploymentMaximumPercent": 200.0,
		"deploymentCircuitBreaker": map[string]any{"enable": true, "rollback": true}, "waitForSteadyState": true, "desiredCount": 2.0,
		"healthCheckGracePeriodSeconds": 60.0, "enableExecuteCommand": false, "propagateTags": "SERVICE",
	}, plain(service, "deploymentMinimumHealthyPercent", "deploymentMaximumPercent", "deploymentCircuitBreaker", "waitForSteadyState",
		"desiredCount", "healthCheckGracePeriodSeconds", "enableExecuteCommand", "propagateTags"))
	assert.Equal(t, []string{"web-errors-1234567", "web-unhealthy-1234567"}, stringList(t, object(t, service, "alarms")["alarmNames"]))

	task := r.find(t, taskDefinition, "web-task").Inputs
	assert.Equal(t, map[string]any{
		"networkMode": "awsvpc", "cpu": "256", "memory": "512", "family": "slipway-test-web", "pidMode": nil,
		"requiresCompatibilities": []any{"FARGATE"}, "skipDestroy": true,
		"runtimePlatform": map[string]any{"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
	}, plain(task, "networkMode", "cpu", "memory", "family", "pidMode", "requiresCompatibilities", "skipDestroy", "runtimePlatform"), "ECS.1, .3")

	insights := r.find(t, ecsCluster, "web-cluster").Inputs["settings"].ArrayValue()[0].ObjectValue()
	assert.Equal(t, "enabled", insights["value"].StringValue(), "ECS.12")
	assert.Equal(t, 365.0, r.find(t, logGroup, "web-logs").Inputs["retentionInDays"].NumberValue())

	health := r.find(t, targetGroup, "web-tg").Inputs
	assert.Equal(t, 15.0, health["deregistrationDelay"].NumberValue())
	assert.Equal(t, map[string]any{
		"path": "/", "matcher": "200", "interval": 5.0, "timeout": 4.0, "healthyThreshold": 2.0, "unhealthyThreshold": 2.0,
	}, object(t, health, "healthCheck").Mappable())
}

func TestWebServiceEphemeral(t *testing.T) {
	t.Parallel()
	r := runWeb(t, func(args *components.WebServiceArgs) { args.Ephemeral = true })
	assert.False(t, r.find(t, loadBalancer, "web-alb").Inputs["enableDeletionProtection"].BoolValue())
	assert.Empty(t, r.all("aws:s3/bucketV2:BucketV2"))
	assert.Empty(t, r.all(metricAlarm))
	assert.Equal(t, "disabled", r.find(t, ecsCluster, "web-cluster").Inputs["settings"].ArrayValue()[0].ObjectValue()["value"].StringValue())
	assert.Equal(t, 30.0, r.find(t, logGroup, "web-logs").Inputs["retentionInDays"].NumberValue())
	assert.Equal(t, map[string]any{"minCapacity": 1.0, "maxCapacity": 1.0}, plain(r.find(t, scalingTarget, "web-scaling").Inputs, "minCapacity", "maxCapacity"))
}
