package permissions_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/permissions"
)

// prefixes are the service prefixes in IAM of the modules in the types' tokens, where the two differ.
var prefixes = map[string]string{
	"vpc": "ec2", "lb": "elasticloadbalancing", "appautoscaling": "application-autoscaling", "docker": "ecr",
}

// ofOtherService are the modules whose types belong to several services: CloudWatch is metrics, logs and events.
var ofOtherService = map[string][]string{"cloudwatch": {"cloudwatch", "logs", "events"}}

// besides are the actions that AWS checks for a type although they are another service's.
var besides = []string{
	"cloudfront:AllowVendedLogDeliveryForResource",
	"cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms", "cloudwatch:PutMetricAlarm",
	"codestar-connections:PassConnection", "codeconnections:PassConnection",
	"ec2:DescribeAccountAttributes", "ec2:DescribeAvailabilityZones", "ec2:DescribeInternetGateways", "ec2:DescribeNetworkInterfaces",
	"ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcAttribute", "ec2:DescribeVpcs",
	"ecs:DescribeServices", "ecs:UpdateService",
	"kms:DescribeKey",
	"route53:AssociateVPCWithHostedZone",
	"s3:GetBucketPolicy", "s3:PutBucketPolicy",
	"secretsmanager:CreateSecret", "secretsmanager:RotateSecret", "secretsmanager:TagResource",
}

func TestEveryRow(t *testing.T) {
	t.Parallel()
	require.Greater(t, len(permissions.Types()), 70)
	for _, token := range permissions.Types() {
		row, known := permissions.Of(token)
		require.True(t, known)
		assert.NotEmpty(t, row.Create, "%s: create", token)
		assert.NotEmpty(t, row.Read, "%s: read", token)
		assert.NotEqual(t, len(row.Delete) == 0, row.Stays == "", "%s: it is deleted, or it says why it stays", token)
		assert.NotEqual(t, len(row.Tag) == 0, len(row.Untag) > 0, "%s: what gives tags takes them away", token)
		for _, list := range [][]string{row.Create, row.Read, row.Update, row.Delete, row.Tag, row.Untag} {
			assert.True(t, slices.IsSorted(list), "%s: %v is in order", token, list)
			assert.Equal(t, slices.Compact(slices.Clone(list)), list, "%s: each action once", token)
			for _, action := range list {
				assertAction(t, token, action)
			}
		}
		for _, pass := range row.Passes {
			assert.NotEmpty(t, pass.Property, token)
			assert.Regexp(t, `^[a-z.-]+\.amazonaws\.com$`, pass.Service, token)
		}
		for _, link := range row.Links {
			assert.Regexp(t, `^[a-z.-]+\.amazonaws\.com$`, link, token)
		}
	}
}

// TestReadingChangesNothing holds every Read to verbs that AWS has under Read and List, and to what changes nothing elsewhere.
func TestReadingChangesNothing(t *testing.T) {
	t.Parallel()
	for _, token := range slices.Concat(permissions.Types(), permissions.Environment, permissions.Pipeline) {
		row, _ := permissions.Of(token)
		function, _ := permissions.OfFunction(token)
		for _, action := range slices.Concat(row.Read, function) {
			assert.Regexp(t, `:(BatchCheck|BatchGet|Describe|Get|List)`, action, token)
		}
	}
}

func assertAction(t *testing.T, token, action string) {
	t.Helper()
	assert.Regexp(t, `^[a-z0-9-]+:[A-Z][A-Za-z0-9]+$`, action, token)
	if slices.Contains(besides, action) {
		return
	}
	pkg, rest, _ := strings.Cut(token, ":")
	module, _, _ := strings.Cut(rest, "/")
	if pkg == "docker" {
		module = pkg
	}
	want := []string{module}
	if prefix, differs := prefixes[module]; differs {
		want = []string{prefix}
	}
	if several, differs := ofOtherService[module]; differs {
		want = several
	}
	prefix, _, _ := strings.Cut(action, ":")
	assert.Contains(t, want, prefix, "%s of %s", action, token)
}

func TestOperations(t *testing.T) {
	t.Parallel()
	queue, known := permissions.Of("aws:sqs/queue:Queue")
	require.True(t, known)
	read := []string{"sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags"}
	assert.Equal(t, []string{"sqs:CreateQueue", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags", "sqs:TagQueue"}, queue.Of(permissions.Create))
	assert.Equal(t, read, queue.Of(permissions.Read))
	assert.Equal(t, append(slices.Clone(read), "sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:UntagQueue"), queue.Of(permissions.Update))
	assert.Equal(t, append([]string{"sqs:DeleteQueue"}, read...), queue.Of(permissions.Delete))

	group, _ := permissions.Of("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
	assert.Empty(t, group.Of(permissions.Delete), "it stays")

	_, known = permissions.Of("aws:lambda/function:Function")
	assert.False(t, known)
	zone, known := permissions.OfFunction("aws:route53/getZone:getZone")
	assert.True(t, known)
	assert.Contains(t, zone, "route53:ListHostedZones")
	region, known := permissions.OfFunction("aws:index/getRegion:getRegion")
	assert.True(t, known, "it is known, and calls nothing")
	assert.Empty(t, region)
	_, known = permissions.OfFunction("aws:ec2/getAmi:getAmi")
	assert.False(t, known)
}

func TestNeedsAddUp(t *testing.T) {
	t.Parallel()
	assert.Equal(t, permissions.Needs{
		Reads:   []string{"ec2:DescribeFlowLogs", "ecs:DescribeTaskDefinition", "ecs:ListTagsForResource", "rds:DescribeDBEngineVersions"},
		Changes: []string{"ec2:CreateFlowLogs", "ec2:CreateTags", "ec2:DeleteFlowLogs", "ec2:DeleteTags", "ecs:DeregisterTaskDefinition", "ecs:RegisterTaskDefinition", "ecs:TagResource", "ecs:UntagResource"},
		Passes:  []string{"ecs-tasks.amazonaws.com", "vpc-flow-logs.amazonaws.com"},
	}, permissions.For("aws:ec2/flowLog:FlowLog", "aws:ecs/taskDefinition:TaskDefinition", "aws:rds/getEngineVersion:getEngineVersion", "slipway:index:Vpc"))

	balancer := permissions.For("aws:lb/loadBalancer:LoadBalancer")
	assert.Equal(t, []string{"elasticloadbalancing.amazonaws.com"}, balancer.Links)
	assert.Contains(t, balancer.Changes, "ec2:DescribeNetworkInterfaces", "who deletes looks whether it is gone")
	assert.NotContains(t, balancer.Reads, "ec2:DescribeNetworkInterfaces")
}

// TestProgramsAreKnown finds a misspelt token.
func TestProgramsAreKnown(t *testing.T) {
	t.Parallel()
	for name, program := range map[string][]string{"environment": permissions.Environment, "pushing": permissions.Pushing, "pipeline": permissions.Pipeline} {
		for _, token := range program {
			_, resource := permissions.Of(token)
			_, function := permissions.OfFunction(token)
			assert.True(t, resource || function, "%s: %s", name, token)
		}
		assert.Len(t, slices.Compact(slices.Sorted(slices.Values(program))), len(program), "%s: each once", name)
	}
}

// TestWhatActionsAreAbout has the actions whose policies name no resource, or whose resource is an object in a bucket.
func TestWhatActionsAreAbout(t *testing.T) {
	t.Parallel()
	for action, want := range map[string][3]bool{ // on nothing, tags ignored, on objects
		"ec2:DescribeVpcs":           {true, false, false},
		"ec2:CreateVpc":              {false, false, false},
		"ecs:DescribeServices":       {false, false, false},
		"ecs:DescribeTaskDefinition": {true, false, false},
		"route53:ListHostedZones":    {true, true, false},
		"s3:PutObject":               {false, true, true},
		"s3:PutBucketPolicy":         {false, true, false},
	} {
		assert.Equal(t, want, [3]bool{permissions.OnNothing(action), permissions.IgnoresTags(action), permissions.OnObjects(action)}, action)
	}
	for _, token := range permissions.Types() {
		row, _ := permissions.Of(token)
		for _, action := range row.Tag {
			assert.False(t, permissions.OnNothing(action), "%s: what gives tags is about what gets them", action)
		}
	}
}
