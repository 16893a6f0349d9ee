package e2e

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/controls"
	"slipway/internal/state"
)

// exported is the state of staging or prod, with some edits.
func exported(t *testing.T, stack string, edits ...edit) *state.State {
	t.Helper()
	bothStacks(t)
	var document map[string]any
	require.NoError(t, json.Unmarshal([]byte(both.exported[stack]), &document))
	deployment := document["deployment"].(map[string]any)
	for _, e := range edits {
		deployment["resources"] = e(t, deployment["resources"].([]any))
	}
	text, err := json.Marshal(document)
	require.NoError(t, err)
	s, err := state.Read(strings.NewReader(string(text)))
	require.NoError(t, err)
	return s
}

// TestProductionMeetsEveryControl is what the gate in a pipeline runs; staging's deviations are all written down.
func TestProductionMeetsEveryControl(t *testing.T) {
	t.Parallel()
	for _, result := range controls.Check(exported(t, "prod"), false).Unmet() {
		assert.Empty(t, result.Findings, result.ID)
	}
	for _, result := range controls.Check(exported(t, "staging"), true).Unmet() {
		assert.Empty(t, result.Findings, result.ID)
	}
	assert.NotEmpty(t, controls.Check(exported(t, "staging"), false).Unmet(), "without being allowed to deviate staging fails")
}

const (
	webTask        = "aws:ecs/taskDefinition:TaskDefinition web-task"
	webPolicy      = "aws:iam/rolePolicy:RolePolicy web-execution-policy"
	cluster        = "aws:rds/cluster:Cluster database-cluster"
	databaseWriter = "aws:rds/clusterInstance:ClusterInstance database-writer"
	siteFiles      = "aws:s3/bucketV2:BucketV2 site-bucket"
	site           = "aws:cloudfront/distribution:Distribution site-distribution"
	balancer       = "aws:lb/loadBalancer:LoadBalancer web-alb"
	webQueue       = "aws:sqs/queue:Queue queue-queue"
)

// broken has for each control that applies to production a change of one resource that it must find, and it alone.
var broken = map[string]edit{
	"ECS.1, ECS.17": set(webTask, "bridge", "networkMode"),
	"ECS.2":         set("aws:ecs/service:Service web-service", true, "networkConfiguration", "assignPublicIp"),
	"ECS.3":         set(webTask, "host", "pidMode"),
	"ECS.4":         inText(webTask, "containerDefinitions", `"essential":true`, `"essential":true,"privileged":true`),
	"ECS.5":         inText(webTask, "containerDefinitions", `"readonlyRootFilesystem":true`, `"readonlyRootFilesystem":false`),
	"ECS.8":         inText(webTask, "containerDefinitions", `"environment":[`, `"environment":[{"name":"SMTP_PASSWORD","value":"hunter2"},`),
	"ECS.9":         inText(webTask, "containerDefinitions", `"logDriver":"awslogs"`, `"logDriver":""`),
	"ECS.10":        set("aws:ecs/service:Service web-service", "1.3.0", "platformVersion"),
	"ECS.12":        set("aws:ecs/cluster:Cluster web-cluster", "disabled", "settings", 0, "value"),
	"ECS.20":        inText(webTask, "containerDefinitions", `"user":"10001:10001"`, `"user":"0:10001"`),

	"RDS.2":          set(databaseWriter, true, "publiclyAccessible"),
	"RDS.3, RDS.27":  set(cluster, false, "storageEncrypted"),
	"RDS.7":          set(cluster, false, "deletionProtection"),
	"RDS.9, RDS.37":  set(cluster, []any{}, "enabledCloudwatchLogsExports"),
	"RDS.12":         set(cluster, false, "iamDatabaseAuthenticationEnabled"),
	"RDS.13, RDS.35": set(databaseWriter, false, "autoMinorVersionUpgrade"),
	"RDS.15":         remove("aws:rds/clusterInstance:ClusterInstance database-reader-1"),
	"RDS.16":         set(cluster, false, "copyTagsToSnapshot"),
	"RDS.24":         set(cluster, "postgres", "masterUsername"),
	"RDS.46":         routeToInternet("isolated-2"),
	"RDS.50":         set(cluster, 6, "backupRetentionPeriod"),

	"S3.2, S3.3, S3.8": set("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock site-bucket", false, "restrictPublicBuckets"),
	"S3.5":             inText("aws:s3/bucketPolicy:BucketPolicy site-bucket", "policy", `"aws:SecureTransport":"false"`, `"aws:SecureTransport":"true"`),
	"S3.9":             remove("aws:s3/bucketLoggingV2:BucketLoggingV2 site-bucket"),
	"S3.12":            set("aws:s3/bucketOwnershipControls:BucketOwnershipControls site-bucket", "ObjectWriter", "rule", "objectOwnership"),
	"S3.13":            set("aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2 site-bucket", "Disabled", "rules", 0, "status"),

	"CloudFront.1":  set(site, "", "defaultRootObject"),
	"CloudFront.3":  set(site, "allow-all", "defaultCacheBehavior", "viewerProtocolPolicy"),
	"CloudFront.5":  remove("aws:cloudwatch/logDelivery:LogDelivery site-logs"),
	"CloudFront.7":  set(site, "", "viewerCertificate", "acmCertificateArn"),
	"CloudFront.8":  set(site, "vip", "viewerCertificate", "sslSupportMethod"),
	"CloudFront.13": set(site, "", "origins", 0, "originAccessControlId"),
	"CloudFront.15": set(site, "TLSv1.1_2016", "viewerCertificate", "minimumProtocolVersion"),

	"ELB.1":  set("aws:lb/listener:Listener web-http", "forward", "defaultActions", 0, "type"),
	"ELB.4":  set(balancer, false, "dropInvalidHeaderFields"),
	"ELB.5":  set(balancer, false, "accessLogs", "enabled"),
	"ELB.6":  set(balancer, false, "enableDeletionProtection"),
	"ELB.12": set(balancer, "monitor", "desyncMitigationMode"),
	"ELB.13": set(balancer, []any{"subnet-1"}, "subnets"),
	"ELB.17": set("aws:lb/listener:Listener web-https", "ELBSecurityPolicy-2016-08", "sslPolicy"),
	"ELB.18": set("aws:lb/listener:Listener web-https", "TCP", "protocol"),

	"EC2.2":             set("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup network-default", []any{map[string]any{"protocol": "-1"}}, "ingress"),
	"EC2.6":             remove("aws:ec2/flowLog:FlowLog network-flow-logs"),
	"EC2.15":            set("aws:ec2/subnet:Subnet network-vpc-public-1", true, "mapPublicIpOnLaunch"),
	"EC2.18, EC2.19":    set("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule web-alb-from-world-443", 22, "fromPort"),
	"EC2.55":            remove("aws:ec2/vpcEndpoint:VpcEndpoint network-endpoint-ecr-api"),
	"EC2.56":            remove("aws:ec2/vpcEndpoint:VpcEndpoint network-endpoint-ecr-dkr"),
	"AwsSolutions-EC27": set("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule web-alb-to-tasks", "", "description"),

	"SQS.1": set(webQueue, false, "sqsManagedSseEnabled"),
	"SQS.3": inText("aws:sqs/queuePolicy:QueuePolicy queue-queue", "policy", `"Statement":[`,
		`"Statement":[{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*"},`),
	"AwsSolutions-SQS3": set("aws:sqs/queue:Queue queue-dead-letters", "arn:aws:sqs:us-east-1:123456789012:another", "arn"),
	"AwsSolutions-SQS4": remove("aws:sqs/queuePolicy:QueuePolicy queue-queue"),

	"SNS.4": inText("aws:sns/topicPolicy:TopicPolicy alarms-topic", "policy", `"Statement":[`,
		`"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sns:Publish","Resource":"*"},`),
	"AwsSolutions-SNS3": remove("aws:sns/topicPolicy:TopicPolicy alarms-topic"),

	"IAM.1, IAM.21":     inText(webPolicy, "policy", `"ecr:GetAuthorizationToken"`, `"ecr:*"`),
	"KMS.1, KMS.2":      inText(webPolicy, "policy", `"ecr:GetAuthorizationToken"`, `"kms:Decrypt"`),
	"AwsSolutions-IAM4": set("aws:iam/role:Role web-task-role", []any{"arn:aws:iam::aws:policy/ReadOnlyAccess"}, "managedPolicyArns"),
	"AwsSolutions-IAM5": inText(webPolicy, "policy", `"ecr:GetAuthorizationToken"`, `"ecr:DeleteRepository"`),

	"ECR.1": set("aws:ecr/repository:Repository image-repository", false, "imageScanningConfiguration", "scanOnPush"),
	"ECR.2": set("aws:ecr/repository:Repository image-repository", "MUTABLE", "imageTagMutability"),
	"ECR.3": remove("aws:ecr/lifecyclePolicy:LifecyclePolicy image-lifecycle"),
	"ACM.1": set("aws:acm/certificate:Certificate web-certificate", "NONE", "validationMethod"),
	"ACM.2": set("aws:acm/certificate:Certificate web-certificate", "RSA_1024", "keyAlgorithm"),

	"SecretsManager.1, SecretsManager.4": set(cluster, false, "manageMasterUserPassword"),
}

// alsoBroken are the controls that the same change cannot but break too.
var alsoBroken = map[string][]string{
	"ELB.1":             {"ELB.18"},            // no longer a listener that only redirects
	"IAM.1, IAM.21":     {"AwsSolutions-IAM5"}, // a wildcard
	"KMS.1, KMS.2":      {"AwsSolutions-IAM5"},
	"AwsSolutions-SQS3": {"AwsSolutions-SQS4"}, // the policy names the queue that it was
}

func TestEachControlFindsWhatBreaksIt(t *testing.T) {
	t.Parallel()
	for _, result := range controls.Check(exported(t, "prod"), false).Results {
		if slices.Contains([]controls.Status{controls.NotApplicable, controls.On, controls.Off}, result.Status) {
			continue
		}
		change, ok := broken[result.ID]
		require.True(t, ok, "nothing shows that %s can fail", result.ID)
		t.Run(result.ID, func(t *testing.T) {
			t.Parallel()
			var failed []string
			for _, unmet := range controls.Check(exported(t, "prod", change), false).Unmet() {
				failed = append(failed, unmet.ID)
				for _, finding := range unmet.Findings {
					assert.NotContains(t, []string{finding.Resource, finding.Property, finding.Got, finding.Takes}, "", "%+v", finding)
				}
			}
			assert.ElementsMatch(t, append([]string{result.ID}, alsoBroken[result.ID]...), failed)
		})
	}
}

func TestOptionsAreSeen(t *testing.T) {
	t.Parallel()
	for id, change := range map[string]edit{
		"RDS.6":        each("aws:rds/clusterInstance:ClusterInstance", 30, "monitoringInterval"),
		"RDS.23":       set(cluster, 5433, "port"),
		"CloudFront.4": set(site, []any{map[string]any{}}, "originGroups"),
		"CloudFront.6": set(site, "arn:aws:wafv2:us-east-1:123456789012:global/webacl/site/1", "webAclId"),
		"EC2.10":       set("aws:ec2/vpcEndpoint:VpcEndpoint network-endpoint-logs", "com.amazonaws.us-east-1.ec2", "serviceName"),
		"EC2.57":       set("aws:ec2/vpcEndpoint:VpcEndpoint network-endpoint-logs", "com.amazonaws.us-east-1.ssm", "serviceName"),
	} {
		for status, edits := range map[controls.Status][]edit{controls.Off: nil, controls.On: {change}} {
			for _, result := range controls.Check(exported(t, "prod", edits...), false).Results {
				if result.ID == id {
					assert.Equal(t, status, result.Status, id)
				}
			}
		}
	}
}
