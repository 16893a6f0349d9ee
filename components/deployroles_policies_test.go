package components

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/internal/permissions"
)

// What AWS takes at the most ("IAM and AWS STS quotas"): a managed policy, all inline policies of a role, a trust policy, and
// managed policies attached to a role. White space does not count; these policies have none.
const (
	managedPolicySize = 6144
	inlinePolicySize  = 10240
	trustPolicySize   = 2048
)

// parsedStatement is a statement as AWS reads it.
type parsedStatement struct {
	Sid, Effect                 string
	Action, NotAction, Resource []string
	Principal                   map[string][]string
	Condition                   map[string]map[string][]string
}

func parsePolicy(t require.TestingT, document string) (statements []parsedStatement) {
	var parsed struct {
		Version   string
		Statement []parsedStatement
	}
	decoder := json.NewDecoder(strings.NewReader(document))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&parsed))
	require.Equal(t, "2012-10-17", parsed.Version)
	return parsed.Statement
}

func statement(t require.TestingT, document, sid string) parsedStatement {
	statements := parsePolicy(t, document)
	at := slices.IndexFunc(statements, func(s parsedStatement) bool { return s.Sid == sid })
	require.GreaterOrEqual(t, at, 0, "%s", sid)
	return statements[at]
}

func prodGrants(t require.TestingT, change func(*DeployRolesArgs)) deployGrants {
	args := DeployRolesArgs{Stack: "prod", Buckets: programBuckets}
	if change != nil {
		change(&args)
	}
	grants, err := newDeployGrants("slipway", args, "arn:aws:sts::123456789012:assumed-role/admin/me", "eu-central-1")
	require.NoError(t, err)
	return grants
}

// allowing are the policies that allow something.
func allowing(t require.TestingT, grants deployGrants) (read string, changes []string) {
	read, err := grants.readPolicy()
	require.NoError(t, err)
	for _, write := range []func() (string, error){grants.networkPolicy, grants.servicesPolicy} {
		document, err := write()
		require.NoError(t, err)
		changes = append(changes, document)
	}
	return read, changes
}

func TestPlanOnlyReads(t *testing.T) {
	t.Parallel()
	// By the verb, and because no operation that changes anything calls it for itself.
	changing := map[string]bool{}
	for _, token := range permissions.Types() {
		for _, action := range permissions.For(token).Changes {
			changing[action] = true
		}
	}
	require.Greater(t, len(changing), 150)
	for _, pushes := range []bool{false, true} {
		read, _ := allowing(t, prodGrants(t, func(a *DeployRolesArgs) { a.PushImages = pushes }))
		for _, s := range parsePolicy(t, read) {
			assert.Equal(t, "Allow", s.Effect)
			for _, action := range s.Action {
				assert.Regexp(t, `^[a-z0-9-]+:(Describe|Get|List|BatchGet|BatchCheck)[A-Za-z0-9]+$`, action)
				assert.False(t, changing[action], "%s changes something", action)
			}
		}
	}
}

func TestContentsAreReadOfTheStackAlone(t *testing.T) {
	t.Parallel()
	read, _ := allowing(t, prodGrants(t, nil))
	assert.Equal(t, parsedStatement{
		Sid: "OwnSecrets", Effect: "Allow", Action: []string{"secretsmanager:GetSecretValue"}, Resource: []string{"arn:aws:secretsmanager:*:123456789012:secret:*"},
		Condition: map[string]map[string][]string{"StringEquals": {"aws:ResourceTag/slipway:stack": {"slipway/prod"}}},
	}, statement(t, read, "OwnSecrets"))
	assert.Equal(t, []string{
		"arn:aws:s3:::site-access-logs-*", "arn:aws:s3:::site-access-logs-*/*", "arn:aws:s3:::site-bucket-*", "arn:aws:s3:::site-bucket-*/*",
		"arn:aws:s3:::web-access-logs-*", "arn:aws:s3:::web-access-logs-*/*",
	}, statement(t, read, "Buckets").Resource)
	for _, action := range statement(t, read, "Settings").Action {
		assert.NotContains(t, []string{"secretsmanager:GetSecretValue", "s3:GetObject", "kms:Decrypt", "ssm:GetParameter", "ecr:GetAuthorizationToken"}, action)
	}
}

// TestDeployMayDoWhatAStackNeeds compares what is allowed with the table, operation by operation.
func TestDeployMayDoWhatAStackNeeds(t *testing.T) {
	t.Parallel()
	read, changes := allowing(t, prodGrants(t, nil))
	allowed := map[string]bool{}
	for _, document := range append(changes, read) {
		for _, s := range parsePolicy(t, document) {
			for _, action := range s.Action {
				allowed[action] = true
			}
		}
	}
	for _, token := range permissions.Environment {
		row, _ := permissions.Of(token)
		for _, operation := range []permissions.Operation{permissions.Create, permissions.Read, permissions.Update, permissions.Delete} {
			for _, action := range row.Of(operation) {
				assert.True(t, allowed[action], "%s for %s of %s", action, operation, token)
			}
		}
		function, _ := permissions.OfFunction(token)
		for _, action := range function {
			assert.True(t, allowed[action], "%s for %s", action, token)
		}
	}
}

func TestDeployHasNoMoreThanItNeeds(t *testing.T) {
	t.Parallel()
	_, changes := allowing(t, prodGrants(t, nil))
	for _, document := range changes {
		for _, s := range parsePolicy(t, document) {
			assert.Equal(t, "Allow", s.Effect)
			for _, action := range s.Action {
				assert.NotContains(t, action, "*", "no service and no verb as a whole")
				assert.NotRegexp(t, `^(sts|organizations|account|codepipeline|codebuild):`, action)
				assert.NotRegexp(t, `^kms:([^D]|De[^s]|Di)`, action, "no key is used or changed, RDS looks at one")
				assert.NotRegexp(t, `^ecr:(PutImage|InitiateLayerUpload)$`, action, "the pipeline pushes")
				assert.NotRegexp(t, `^iam:(AttachRolePolicy|CreatePolicy\w*|CreateUser|CreateAccessKey|DeleteRolePermissionsBoundary)$`, action)
				if service(action) == "iam" {
					assert.NotContains(t, s.Resource, "*")
				}
			}
		}
	}
	services := changes[1]
	assert.Equal(t, parsedStatement{
		Sid: "PassRoles", Effect: "Allow", Action: []string{"iam:PassRole"}, Resource: []string{"arn:aws:iam::123456789012:role/*"},
		Condition: map[string]map[string][]string{"StringEquals": {"iam:PassedToService": {
			"ecs-tasks.amazonaws.com", "monitoring.rds.amazonaws.com", "scheduler.amazonaws.com", "vpc-flow-logs.amazonaws.com",
		}}},
	}, statement(t, services, "PassRoles"))
	assert.Equal(t, parsedStatement{
		Sid: "LinkRoles", Effect: "Allow", Action: []string{"iam:CreateServiceLinkedRole"}, Resource: []string{"arn:aws:iam::123456789012:role/aws-service-role/*"},
		Condition: map[string]map[string][]string{"StringEquals": {"iam:AWSServiceName": {
			"ecs.amazonaws.com", "ecs.application-autoscaling.amazonaws.com", "elasticloadbalancing.amazonaws.com", "rds.amazonaws.com",
		}}},
	}, statement(t, services, "LinkRoles"))

	_, changes = allowing(t, prodGrants(t, func(a *DeployRolesArgs) { a.PushImages = true }))
	assert.Contains(t, statement(t, changes[1], "Change").Action, "ecr:PutImage")
}

func TestLimitsOfDeploy(t *testing.T) {
	t.Parallel()
	document, err := prodGrants(t, nil).limitsPolicy([]string{"arn:aws:iam::123456789012:role/plan", "arn:aws:iam::123456789012:role/deploy", "arn:aws:iam::123456789012:role/plan"})
	require.NoError(t, err)
	everything := []string{"*"}
	assert.Equal(t, []parsedStatement{
		{Sid: "OtherStacks", Effect: "Deny", Action: everything, Resource: everything, Condition: map[string]map[string][]string{
			"StringNotEquals": {"aws:ResourceTag/slipway:stack": {"slipway/prod"}}, "Null": {"aws:ResourceTag/slipway:stack": {"false"}},
		}},
		{Sid: "OtherNames", Effect: "Deny", Action: everything, Resource: everything, Condition: map[string]map[string][]string{
			"StringNotEquals": {"aws:RequestTag/slipway:stack": {"slipway/prod"}}, "Null": {"aws:RequestTag/slipway:stack": {"false"}},
		}},
		{Sid: "OtherRegions", Effect: "Deny", Action: everything, Resource: everything, Condition: map[string]map[string][]string{
			"StringNotEquals": {"aws:RequestedRegion": {"eu-central-1", "us-east-1"}},
		}},
		{Sid: "DeployRoles", Effect: "Deny", NotAction: []string{"iam:Get*", "iam:List*"}, Resource: []string{"arn:aws:iam::123456789012:role/deploy", "arn:aws:iam::123456789012:role/plan"}},
	}, parsePolicy(t, document))

	shared, err := prodGrants(t, func(a *DeployRolesArgs) { a.Stack, a.SharedWith = "pr-7", "staging" }).limitsPolicy([]string{"arn:aws:iam::123456789012:role/deploy"})
	require.NoError(t, err)
	assert.Equal(t, []string{"slipway/pr-7", "slipway/staging"}, statement(t, shared, "OtherStacks").Condition["StringNotEquals"]["aws:ResourceTag/slipway:stack"])
	assert.Equal(t, []string{"slipway/pr-7"}, statement(t, shared, "OtherNames").Condition["StringNotEquals"]["aws:RequestTag/slipway:stack"], "what it makes is its own")
}

func TestPartitionsHaveTheirOwnGlobalRegions(t *testing.T) {
	t.Parallel()
	for arn, want := range map[string][]string{
		"arn:aws:iam::123456789012:user/me":        {"us-east-1", "us-west-2"},
		"arn:aws-cn:iam::123456789012:user/me":     {"cn-north-1", "cn-northwest-1", "us-west-2"},
		"arn:aws-us-gov:iam::123456789012:user/me": {"us-gov-west-1", "us-west-2"},
	} {
		grants, err := newDeployGrants("slipway", DeployRolesArgs{Stack: "prod"}, arn, "us-west-2")
		require.NoError(t, err)
		assert.Equal(t, want, grants.regions(), arn)
		assert.Equal(t, strings.Split(arn, ":")[1], strings.Split(grants.roleArns("*"), ":")[1])
	}
	_, err := newDeployGrants("slipway", DeployRolesArgs{Stack: "prod"}, "me", "us-west-2")
	assert.ErrorContains(t, err, "is no ARN")
}

func TestDeployTrust(t *testing.T) {
	t.Parallel()
	document, err := deployTrust([]string{"arn:aws:iam::123456789012:role/b", "arn:aws:iam::210987654321:role/a"})
	require.NoError(t, err)
	assert.JSONEq(t, `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["sts:AssumeRole"],
		"Principal": {"AWS": ["arn:aws:iam::123456789012:role/b", "arn:aws:iam::210987654321:role/a"]}}]}`, document)
	_, err = deployTrust(nil)
	assert.ErrorContains(t, err, "nobody is trusted")
}

// TestPoliciesFit is for the longest names that the arguments take.
func TestPoliciesFit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		args := DeployRolesArgs{
			Stack:      rapid.StringMatching(`[A-Za-z0-9_.-]{1,60}`).Draw(t, "stack"),
			SharedWith: rapid.StringMatching(`([A-Za-z0-9_.-]{1,60})?`).Draw(t, "sharedWith"),
			Buckets:    rapid.SliceOfN(rapid.StringMatching(`[a-z0-9]([a-z0-9-]{1,61})[a-z0-9*]`), 1, mostBuckets).Draw(t, "buckets"),
			PushImages: rapid.Bool().Draw(t, "pushImages"),
		}
		grants, err := newDeployGrants("slipway", args, "arn:aws-us-gov:iam::123456789012:user/me", "ap-southeast-4")
		require.NoError(t, err)
		trusted := rapid.SliceOfN(rapid.StringMatching(`arn:aws-us-gov:iam::123456789012:role/[a-zA-Z0-9-]{1,64}`), 1, 16).Draw(t, "trusted")

		read, changes := allowing(t, grants)
		for _, document := range append(changes, read) {
			require.LessOrEqual(t, len(document), managedPolicySize)
			require.NotEmpty(t, parsePolicy(t, document))
		}
		limits, err := grants.limitsPolicy(trusted)
		require.NoError(t, err)
		require.LessOrEqual(t, len(limits), inlinePolicySize)
		require.Len(t, parsePolicy(t, limits), 4)
		trust, err := deployTrust(trusted)
		require.NoError(t, err)
		require.LessOrEqual(t, len(trust), trustPolicySize)

		// Each action is allowed in one place, so that what it is allowed on is read there.
		var actions []string
		for _, document := range append(changes, read) {
			for _, s := range parsePolicy(t, document) {
				actions = append(actions, s.Action...)
				require.NotEmpty(t, s.Action, s.Sid)
				require.True(t, slices.IsSorted(s.Action), s.Sid)
			}
		}
		require.Len(t, actions, len(sortedUnique(actions)))
	})
}
