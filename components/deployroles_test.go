package components_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/components"
)

const (
	managedPolicy    = "aws:iam/policy:Policy"
	policyAttachment = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
)

func runDeployRoles(args *components.DeployRolesArgs) (*recorder, *components.DeployRoles, error) {
	r := &recorder{
		outputs: map[string]func(pulumi.MockResourceArgs) resource.PropertyMap{
			iamRole: func(args pulumi.MockResourceArgs) resource.PropertyMap {
				return resource.PropertyMap{"arn": resource.NewProperty("arn:aws:iam::123456789012:role/" + args.Name)}
			},
		},
		invokes: map[string]func(resource.PropertyMap) resource.PropertyMap{
			"aws:index/getCallerIdentity:getCallerIdentity": func(resource.PropertyMap) resource.PropertyMap {
				return resource.PropertyMap{"arn": resource.NewProperty("arn:aws:sts::123456789012:assumed-role/admin/me"), "accountId": resource.NewProperty("123456789012")}
			},
			"aws:index/getRegion:getRegion": func(resource.PropertyMap) resource.PropertyMap {
				return resource.PropertyMap{"name": resource.NewProperty("eu-west-1")}
			},
		},
	}
	var roles *components.DeployRoles
	err := r.run(func(ctx *pulumi.Context) (err error) {
		roles, err = components.NewDeployRoles(ctx, "prod-roles", args)
		return err
	})
	return r, roles, err
}

func prodRoles() *components.DeployRolesArgs {
	return &components.DeployRolesArgs{
		Stack:             "prod",
		DeployTrustedArns: pulumi.ToStringArray([]string{"arn:aws:iam::210987654321:role/deploy-project"}),
		PlanTrustedArns:   pulumi.ToStringArray([]string{"arn:aws:iam::210987654321:role/plan-project"}),
	}
}

func TestDeployRoles(t *testing.T) {
	t.Parallel()
	args := prodRoles()
	args.Tags = map[string]string{"team": "web"}
	args.PermissionsBoundaryArn = "arn:aws:iam::123456789012:policy/boundary"
	r, roles, err := runDeployRoles(args)
	require.NoError(t, err)
	r.requireDescends(t, "slipway:index:DeployRoles", "prod-roles")
	for _, role := range []string{"deploy", "plan"} {
		inputs := r.find(t, iamRole, "prod-roles-"+role).Inputs
		assert.Contains(t, inputs["assumeRolePolicy"].StringValue(), `"AWS":["arn:aws:iam::210987654321:role/`+role+`-project"]`)
		assert.Equal(t, "arn:aws:iam::123456789012:policy/boundary", inputs["permissionsBoundary"].StringValue())
		assert.Equal(t, map[string]any{"team": "web"}, object(t, inputs, "tags").Mappable())
		assert.NotContains(t, inputs, resource.PropertyKey("maxSessionDuration"), "a session that a role gets for another ends after an hour")
	}
	assert.Equal(t, "arn:aws:iam::123456789012:role/prod-roles-deploy", awaitString(roles.DeployRoleArn))
	assert.Equal(t, "arn:aws:iam::123456789012:role/prod-roles-plan", awaitString(roles.PlanRoleArn))
	for _, policy := range r.all(managedPolicy) {
		assert.Equal(t, map[string]any{"team": "web"}, object(t, policy.Inputs, "tags").Mappable(), policy.Name)
	}
}

func TestWhatTheRolesGet(t *testing.T) {
	t.Parallel()
	r, _, err := runDeployRoles(prodRoles())
	require.NoError(t, err)
	given := map[string][]string{}
	for _, attachment := range r.all(policyAttachment) {
		role := attachment.Inputs["role"].StringValue()
		given[role] = append(given[role], attachment.Inputs["policyArn"].StringValue())
		if strings.HasPrefix(attachment.Name, "prod-roles-deploy") {
			assert.Contains(t, strings.Join(attachment.RegisterRPC.GetDependencies(), " "), "prod-roles-deploy-limits", "nothing is allowed before the limits are there")
		}
	}
	assert.ElementsMatch(t, []string{arnOf("prod-roles-stack-read"), arnOf("prod-roles-stack-network"), arnOf("prod-roles-stack-services")}, given["prod-roles-deploy-1234567"])
	assert.Equal(t, []string{arnOf("prod-roles-stack-read")}, given["prod-roles-plan-1234567"])
	require.Len(t, given, 2)
	require.Len(t, r.all(rolePolicy), 1)

	limits := r.find(t, rolePolicy, "prod-roles-deploy-limits").Inputs
	assert.Equal(t, "prod-roles-deploy-id", limits["role"].StringValue())
	document := limits["policy"].StringValue()
	assert.Contains(t, document, `"Resource":["arn:aws:iam::123456789012:role/prod-roles-deploy","arn:aws:iam::123456789012:role/prod-roles-plan",`+
		`"arn:aws:iam::210987654321:role/deploy-project","arn:aws:iam::210987654321:role/plan-project"]`, "it changes neither role, and none that is trusted")
	assert.Contains(t, document, `"aws:RequestedRegion":["eu-west-1","us-east-1"]`, "the provider's region")
}

func TestDeployRolesWithoutAPlan(t *testing.T) {
	t.Parallel()
	args := prodRoles()
	args.PlanTrustedArns, args.Region = nil, "ap-southeast-2"
	r, roles, err := runDeployRoles(args)
	require.NoError(t, err)
	assert.Len(t, r.all(iamRole), 1)
	assert.Len(t, r.all(policyAttachment), 3)
	assert.Nil(t, roles.PlanRole)
	assert.Empty(t, awaitString(roles.PlanRoleArn))
	document := r.find(t, rolePolicy, "prod-roles-deploy-limits").Inputs["policy"].StringValue()
	assert.Contains(t, document, `"aws:RequestedRegion":["ap-southeast-2","us-east-1"]`)
	assert.NotContains(t, document, "plan")
}

func TestDeployRolesNameEveryWrongArgument(t *testing.T) {
	t.Parallel()
	r, _, err := runDeployRoles(&components.DeployRolesArgs{
		Stack: "prod*", SharedWith: "*", Region: "frankfurt", Buckets: []string{"site-*", "*"}, PermissionsBoundaryArn: "boundary",
	})
	for _, message := range []string{
		`DeployRoles "prod-roles": 6 fields are wrong`,
		`stack: got "prod*", takes the name of a stack`,
		`sharedWith: got "*", takes the name of a stack`,
		`region: got "frankfurt", takes a region such as eu-central-1`,
		`deployTrustedArns: got nothing, takes the ARNs of the roles that may deploy`,
		`buckets[1]: got "*", takes the name of a bucket, or at least three characters of it`,
		`permissionsBoundaryArn: got "boundary", takes the ARN of a managed policy`,
	} {
		require.ErrorContains(t, err, message)
	}
	assert.Empty(t, r.resources)

	args := prodRoles()
	args.SharedWith, args.Buckets = "prod", strings.Split(strings.Repeat("site-bucket-*,", 11)+"abc", ",")
	_, _, err = runDeployRoles(args)
	require.ErrorContains(t, err, `sharedWith: got "prod", takes another stack than stack`)
	require.ErrorContains(t, err, `buckets: got 12, takes at most 10`)

	_, _, err = runDeployRoles(nil)
	require.ErrorContains(t, err, "2 fields are wrong")
}

func TestDeployRolesAreTrustedWithSomebody(t *testing.T) {
	t.Parallel()
	args := prodRoles()
	args.DeployTrustedArns = pulumi.StringArray{}
	_, _, err := runDeployRoles(args)
	require.ErrorContains(t, err, "nobody is trusted with the role; give the ARN of at least one role")
}
