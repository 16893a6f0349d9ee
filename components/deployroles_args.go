package components

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/internal/invalid"
	"slipway/internal/limits"
)

// DeployRolesArgs says for which stack the roles are, and who takes them on.
type DeployRolesArgs struct {
	// Stack is the Pulumi stack that the roles deploy. What another stack's tag slipway:stack is on is not theirs. Required. Example: "prod".
	Stack string `pulumi:"stack"`
	// SharedWith is another stack whose resources deploy may change as well: the one that a shared test environment is sharedWith,
	// because its listener, its VPC and its database's security group get something added. Default: none. Example: "staging".
	SharedWith string `pulumi:"sharedWith,optional"`
	// Pipeline says that the stack is a delivery pipeline and no environment: deploy may change pipelines, their projects and the roles that
	// they have, and nothing that an environment is made of. Default: false.
	Pipeline bool `pulumi:"pipeline,optional"`
	// Region is where the stack is. Nothing is changed elsewhere, except where AWS has its global services. Default: the
	// provider's region. Example: "eu-central-1".
	Region string `pulumi:"region,optional"`
	// DeployTrustedArns are the roles that may take on deploy, of this account or of others. They have to exist. Required.
	// Example: pulumi.StringArray{project.Role.Arn}.
	DeployTrustedArns pulumi.StringArrayInput `pulumi:"deployTrustedArns"`
	// PlanTrustedArns are the roles that may take on plan, likewise. Default: none, and no role plan.
	// Example: pulumi.StringArray{planProject.Arn}.
	PlanTrustedArns pulumi.StringArrayInput `pulumi:"planTrustedArns,optional"`
	// Buckets are the stack's buckets, by name or by how names begin and a *, because S3 does not look at the tags of a bucket unless each
	// has been told to. At most 10. Default: []string{"site-access-logs-*", "site-bucket-*", "web-access-logs-*"}, as Slipway's program names them.
	Buckets []string `pulumi:"buckets,optional"`
	// PushImages lets deploy push images to the account's repositories, for stacks whose own deployment builds the image.
	// Default: false, as a pipeline builds it before.
	PushImages bool `pulumi:"pushImages,optional"`
	// PermissionsBoundaryArn is a managed policy that neither role gets beyond. A role that deploy makes has no boundary unless this policy
	// asks for one (its condition iam:PermissionsBoundary on iam:CreateRole). Default: none.
	// Example: "arn:aws:iam::123456789012:policy/boundary".
	PermissionsBoundaryArn string `pulumi:"permissionsBoundaryArn,optional"`
	// Tags of the roles and policies. Default: none. Example: map[string]string{"team": "shop"}.
	Tags map[string]string `pulumi:"tags,optional"`
}

// mostBuckets is for how many the policies have room.
const mostBuckets = 10

// programBuckets are the buckets of a stack of Slipway's program: StaticSite and WebService name them.
var programBuckets = []string{"site-access-logs-*", "site-bucket-*", "web-access-logs-*"}

func (a *DeployRolesArgs) withDefaults(name string) (DeployRolesArgs, error) {
	var args DeployRolesArgs
	if a != nil {
		args = *a
	}
	if len(args.Buckets) == 0 {
		args.Buckets = programBuckets
	}
	wrong := invalid.In(fmt.Sprintf("DeployRoles %q", name))
	wrong.Check("name", name, limits.NamePrefix(name, "-deploy", limits.RoleNameLength))
	args.Check(wrong, "")
	checkTags(args.Tags, limits.MaxTags, wrong)
	return args, wrong.Err()
}

// Check records what is wrong with the arguments, other than their tags, under names that begin with what their user knows them by.
func (a *DeployRolesArgs) Check(wrong *invalid.Fields, prefix string) {
	wrong.Check(prefix+"stack", a.Stack, limits.StackName(a.Stack))
	if a.SharedWith != "" {
		wrong.Check(prefix+"sharedWith", a.SharedWith, limits.StackName(a.SharedWith))
		if a.SharedWith == a.Stack {
			wrong.Add(prefix+"sharedWith", a.SharedWith, "another stack than stack")
		}
	}
	if a.Region != "" {
		wrong.Check(prefix+"region", a.Region, limits.Region(a.Region))
	}
	if a.DeployTrustedArns == nil {
		wrong.Add(prefix+"deployTrustedArns", nil, "the ARNs of the roles that may deploy")
	}
	if len(a.Buckets) > mostBuckets {
		wrong.Add(prefix+"buckets", len(a.Buckets), fmt.Sprintf("at most %d, because a policy takes 6,144 characters; several can begin alike", mostBuckets))
	}
	for i, bucket := range a.Buckets {
		wrong.Check(fmt.Sprintf("%sbuckets[%d]", prefix, i), bucket, limits.BucketPattern(bucket))
	}
	if a.PermissionsBoundaryArn != "" {
		wrong.Check(prefix+"permissionsBoundaryArn", a.PermissionsBoundaryArn, limits.PolicyArn(a.PermissionsBoundaryArn))
	}
}
