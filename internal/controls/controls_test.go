package controls

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/state"
)

// made is a resource of an invented state.
type made struct {
	kind, name string
	outputs    map[string]any
}

func stateOf(t *testing.T, resources ...made) *state.State {
	t.Helper()
	var list []map[string]any
	for _, r := range resources {
		list = append(list, map[string]any{"urn": fmt.Sprintf("urn:pulumi:prod::shop::%s::%s", r.kind, r.name), "type": r.kind, "id": r.name, "outputs": r.outputs})
	}
	text, err := json.Marshal(map[string]any{"version": 3, "deployment": map[string]any{"resources": list}})
	require.NoError(t, err)
	s, err := state.Read(bytes.NewReader(text))
	require.NoError(t, err)
	return s
}

func resultOf(t *testing.T, report Report, id string) Result {
	t.Helper()
	i := slices.IndexFunc(report.Results, func(r Result) bool { return r.ID == id })
	require.GreaterOrEqual(t, i, 0, id)
	return report.Results[i]
}

type properties = map[string]any

func beanstalkWith(namespace, name, value string) properties {
	return properties{"settings": []any{properties{"namespace": namespace, "name": name, "value": value}}}
}

// TestKindsThatNoComponentMakesYet has a good and a bad one for each control of what is not in the stacks.
func TestKindsThatNoComponentMakesYet(t *testing.T) {
	t.Parallel()
	topicPolicyWith := func(statement string) properties {
		return properties{"arn": "arn:t", "policy": `{"Statement":[` + statement + `]}`}
	}
	const tlsOnly = `{"Effect":"Deny","Principal":"*","Action":["SNS:Publish"],"Resource":"arn:t","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`
	const ours = `{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sns:Publish","Resource":"arn:t","Condition":{"StringEquals":{"AWS:SourceOwner":"123456789012"}}}`
	const anyones = `{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sns:Publish","Resource":"arn:t"}`
	aTopic := made{topic, "alarms", properties{"arn": "arn:t"}}
	project := func(of properties) []made { return []made{{project, "build", of}} }
	environment := func(of properties) []made { return []made{{beanstalk, "web", of}} }
	variable := func(name, kind, value string) properties {
		return properties{"environment": properties{"environmentVariables": []any{properties{"name": name, "type": kind, "value": value}}}}
	}
	rule := func(metrics bool) properties {
		return properties{"rules": []any{properties{"name": "rate", "visibilityConfig": properties{"cloudwatchMetricsEnabled": metrics}}}}
	}
	for id, test := range map[string]struct{ good, bad []made }{
		"SNS.4":             {[]made{aTopic, {topicPolicy, "p", topicPolicyWith(ours)}}, []made{aTopic, {topicPolicy, "p", topicPolicyWith(anyones)}}},
		"AwsSolutions-SNS3": {[]made{aTopic, {topicPolicy, "p", topicPolicyWith(tlsOnly)}}, []made{aTopic, {topicPolicy, "p", topicPolicyWith(ours)}}},
		"KMS.4":             {[]made{{"aws:kms/key:Key", "key", properties{"enableKeyRotation": true}}}, []made{{"aws:kms/key:Key", "key", nil}}},
		"CodeBuild.1": {project(properties{"source": properties{"location": "https://bitbucket.org/a/b"}}),
			project(properties{"source": properties{"location": "https://me:hunter2@bitbucket.org/a/b"}})},
		"CodeBuild.2":               {project(variable("AWS_SECRET_ACCESS_KEY", "SECRETS_MANAGER", "keys")), project(variable("AWS_SECRET_ACCESS_KEY", "PLAINTEXT", "abc"))},
		"CodeBuild.4":               {project(nil), project(properties{"logsConfig": properties{"cloudwatchLogs": properties{"status": "DISABLED"}}})},
		"CodeBuild privileged mode": {project(nil), project(properties{"environment": properties{"privilegedMode": true}})},
		"WAF.10":                    {[]made{{webAcl, "acl", rule(true)}}, []made{{webAcl, "acl", nil}}},
		"WAF.12":                    {[]made{{webAcl, "acl", rule(true)}}, []made{{webAcl, "acl", rule(false)}}},
		"ElasticBeanstalk.1": {environment(beanstalkWith("aws:elasticbeanstalk:healthreporting:system", "SystemType", "enhanced")),
			environment(beanstalkWith("aws:elasticbeanstalk:healthreporting:system", "SystemType", "basic"))},
		"ElasticBeanstalk.2": {environment(beanstalkWith("aws:elasticbeanstalk:managedactions", "ManagedActionsEnabled", "true")), environment(nil)},
		"ElasticBeanstalk.3": {environment(beanstalkWith("aws:elasticbeanstalk:cloudwatch:logs", "StreamLogs", "true")), environment(nil)},
		"EC2.7 (Elastic Beanstalk)": {append(environment(nil), made{"aws:ebs/encryptionByDefault:EncryptionByDefault", "default", properties{"enabled": true}}),
			environment(nil)},
		"EC2.8 (Elastic Beanstalk)": {environment(beanstalkWith("aws:autoscaling:launchconfiguration", "DisableIMDSv1", "true")), environment(nil)},
		"EC2.9 (Elastic Beanstalk)": {environment(beanstalkWith("aws:ec2:vpc", "AssociatePublicIpAddress", "false")),
			environment(beanstalkWith("aws:ec2:vpc", "AssociatePublicIpAddress", "true"))},
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			good := resultOf(t, Check(stateOf(t, test.good...), false), id)
			assert.Equal(t, Met, good.Status, "%+v", good.Findings)
			assert.Equal(t, 1, good.Looked)
			bad := resultOf(t, Check(stateOf(t, test.bad...), false), id)
			assert.Equal(t, NotMet, bad.Status)
			assert.Len(t, bad.Findings, 1)
			absent := resultOf(t, Check(stateOf(t, made{"aws:ec2/internetGateway:InternetGateway", "gateway", nil}), false), id)
			assert.Equal(t, NotApplicable, absent.Status, "nothing to look at is no success")
			assert.NotEmpty(t, absent.Note)
		})
	}
}

// TestExceptionsAreNarrow takes what is like an exception and is none.
func TestExceptionsAreNarrow(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for grant, allowed := range map[string]bool{
		"ecr:GetAuthorizationToken on *":   true,
		"ecr:BatchGetImage on *":           false,
		"ssmmessages:OpenDataChannel on *": true,
		"ssmmessages:* on *":               false,
		"logs:PutLogEvents on arn:aws:logs:us-east-1:123456789012:log-group:web:*": true,
		"logs:PutLogEvents on arn:aws:logs:us-east-1:123456789012:log-group:*":     false,
		"logs:PutLogEvents on *":                                                      false,
		"s3:PutObject on arn:aws:s3:::site/static/*":                                  true,
		"s3:PutObject on arn:aws:s3:::*":                                              false,
		"s3:PutObject on arn:aws:s3:::*/*":                                            false,
		"s3:PutObject on arn:aws:s3:::state/.pulumi/stacks/slipway/prod.json*":        true,
		"s3:PutObject on arn:aws:s3:::state/.pulumi/stacks/slipway/*.json*":           false,
		"s3:PutObject on arn:aws:s3:::state/.pulumi/stacks/slipway/prod*":             false,
		"s3:GetObjectVersion on arn:aws:s3:::site/*":                                  true,
		"s3:* on arn:aws:s3:::site/*":                                                 false,
		"ecs:UpdateTaskProtection on arn:aws:ecs:us-east-1:123456789012:task/web/*":   true,
		"ecs:UpdateTaskProtection on arn:aws:ecs:us-east-1:123456789012:task/*":       false,
		"ecs:StopTask on arn:aws:ecs:us-east-1:123456789012:task/web/*":               false,
		"ecs:RunTask on arn:aws:ecs:us-east-1:123456789012:task-definition/workers:*": true,
		"ecs:RunTask on arn:aws:ecs:us-east-1:123456789012:task-definition/*":         false,
	} {
		explained, ok := explain(wildcards, "web-policy", Finding{Got: grant}, true)
		assert.Equal(t, allowed, ok, grant)
		used[explained.Reason] = true
	}
	for grant, allowed := range map[[2]string]bool{
		{"prod-roles-stack-read", "ec2:DescribeVpcs on *"}:                                                true,
		{"prod-roles-stack-read", "secretsmanager:GetSecretValue on arn:aws:secretsmanager:*:1:secret:*"}: true,
		{"prod-roles-stack-read", "ec2:* on *"}:                                                           false,
		{"prod-roles-stack-services", "iam:PutRolePolicy on arn:aws:iam::123456789012:role/*"}:            true,
		{"prod-roles-stack-services", "iam:CreatePolicy on arn:aws:iam::123456789012:policy/*"}:           true,
		{"prod-roles-stack-services", "iam:CreateUser on arn:aws:iam::123456789012:user/*"}:               false,
		{"prod-roles-stack-services", "s3:DeleteBucket on arn:aws:s3:::site-bucket-*"}:                    true,
		{"prod-roles-stack-services", "s3:DeleteBucket on arn:aws:s3:::*"}:                                false,
		{"prod-roles-stack-services", "sqs:SendMessage on arn:aws:sqs:us-east-1:123456789012:*"}:          true,
		{"prod-roles-stack-services", "sqs:ReceiveMessage on arn:aws:sqs:us-east-1:123456789012:*"}:       false,
		{"prod-roles-stack-network", "ec2:DeleteVpc on *"}:                                                true,
		{"prod-roles-stack-network", "ec2:Delete* on *"}:                                                  false,
		{"web-policy", "ec2:DeleteVpc on *"}:                                                              false,
	} {
		explained, ok := explain(wildcards, grant[0], Finding{Got: grant[1]}, true)
		assert.Equal(t, allowed, ok, "%v", grant)
		used[explained.Reason] = true
	}
	for _, of := range []struct{ control, excepted, other string }{
		{"S3.9", "web-access-logs", "site-bucket"},
		{"S3.9", "delivery-artifacts", "site-bucket"},
		{"SecretsManager.1, SecretsManager.4", "key-secret", "database-cluster"},
		{"CodeBuild privileged mode", "delivery-build", "delivery-plan-prod"},
	} {
		explained, ok := explain(of.control, of.excepted, Finding{}, false)
		assert.True(t, ok)
		used[explained.Reason] = true
		_, ok = explain(of.control, of.other, Finding{}, false)
		assert.False(t, ok)
	}
	explained, ok := explain("ELB.18", "web-http", Finding{Got: "HTTP that is redirected"}, false)
	assert.True(t, ok)
	used[explained.Reason] = true
	_, ok = explain("ELB.18", "web-http", Finding{Got: "HTTP"}, false)
	assert.False(t, ok)
	for _, e := range exceptions {
		assert.True(t, used[e.reason], "no test shows what %q is for", e.reason)
	}
}

func TestExceptionsAndDeviationsAreOfControls(t *testing.T) {
	t.Parallel()
	ids := map[string]bool{}
	for _, c := range table {
		assert.False(t, ids[c.id], "%s is there twice", c.id)
		ids[c.id] = true
	}
	for _, e := range exceptions {
		assert.True(t, ids[e.control], e.control)
	}
	for _, d := range deviations {
		for _, control := range d.controls {
			assert.True(t, ids[control], control)
			assert.NotEmpty(t, d.toMeet)
		}
	}
}

func TestSecretVariables(t *testing.T) {
	t.Parallel()
	for variable, secret := range map[[2]string]bool{
		{"DATABASE_SECRET_ARN", "arn:aws:secretsmanager:x"}: false,
		{"PASSWORD", "arn:aws:ssm:x"}:                       false,
		{"PUBLIC_URL", "https://app.example.com"}:           false,
		{"TOKEN_LIFETIME", "60"}:                            false,
		{"AWS_SECRET_ACCESS_KEY", "x"}:                      true,
		{"STRIPE_API_KEY", "x"}:                             true,
		{"DATABASE_URL", "postgresql://me:secret@host/db"}:  true,
		{"OTHER", "AKIAIOSFODNN7EXAMPLE"}:                   true,
		{"PASSWORD", ""}:                                    false,
	} {
		assert.Equal(t, secret, secretVariable(variable[0], variable[1]), variable)
	}
}

func TestASecretInTheTaskDefinitionIsFound(t *testing.T) {
	t.Parallel()
	encrypted := properties{"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:x"}
	report := Check(stateOf(t, made{taskDefinition, "web-task", properties{"containerDefinitions": encrypted}}), false)
	for _, id := range []string{"ECS.8", "ECS.20"} {
		assert.Equal(t, "a text with a secret in it", resultOf(t, report, id).Findings[0].Got)
	}
}

func TestTheReportSaysWhatIsBehindIt(t *testing.T) {
	t.Parallel()
	s := stateOf(t, made{bucket, "files", properties{"arn": "arn:b"}}, made{bucket, "web-access-logs", properties{"arn": "arn:l"}})
	var text strings.Builder
	require.NoError(t, Check(s, false).WriteText(&text))
	assert.Contains(t, text.String(), "S3.9  aws:s3/bucketV2:BucketV2 files: aws:s3/bucketLoggingV2:BucketLoggingV2: got none for it, takes one\n")
	assert.Contains(t, text.String(), "S3.9  web-access-logs: a bucket of access logs would log itself\n")
	assert.Regexp(t, `\nS3\.9 +not met +2 +Buckets log who reads and writes \(met by accessLogs: true\)\n`, text.String())
	assert.Regexp(t, `\nprod: 5 not met, \d+ not applicable; 0 of 6 options on\n$`, text.String())
	assert.NotContains(t, text.String(), "\x1b", "no colour codes")

	text.Reset()
	require.NoError(t, Check(s, true).WriteText(&text))
	assert.Contains(t, text.String(), "S3.9  files: no access logs: fewer buckets, and nobody reads them; met by accessLogs: true\n")

	page := Markdown(Check(s, false), Check(s, true))
	assert.Contains(t, page, "| S3.9 | Buckets log who reads and writes | not met | deviates |\n")
	assert.Contains(t, page, "| S3.9 | web-access-logs | a bucket of access logs would log itself |\n")
	assert.Contains(t, page, "| S3.9 | files | no access logs: fewer buckets, and nobody reads them | `accessLogs: true` |\n")
	assert.Contains(t, page, "| KMS.4 | Keys are rotated | - (nothing of this kind) | - (nothing of this kind) |\n")
}
