package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// DeployRoles is who a delivery pipeline acts as in the account of an environment: a role that may deploy one stack, and a
// role that may only look, to find out what a deployment would change.
//
//	roles, err := components.NewDeployRoles(ctx, "prod-roles", &components.DeployRolesArgs{
//		Stack:             "prod",
//		DeployTrustedArns: pulumi.StringArray{deployProject.Arn},
//		PlanTrustedArns:   pulumi.StringArray{planProject.Arn},
//	})
//
// It creates, in the account of its provider, two roles, three managed policies and an inline one. The policies list
// action by action what the AWS provider calls for the types of resources that a stack of Slipway has (internal/permissions). For
// another account, give it a provider there; it has to be in a program of the project that the stack is of, by whose name tags begin. For GitHub Actions, trust the role that the workflow gets by OpenID Connect.
//
// It costs nothing: IAM is free.
//
// deploy creates, changes and deletes. It is denied, whatever else allows it:
//   - what has the tag slipway:stack with another stack's name, and to give that tag to anything;
//   - every region but the stack's and that of AWS's global services;
//   - itself, plan, and the roles that are trusted with them: it cannot give itself more.
//
// It may send messages to the stack's own queues, for the smoke test. It hands roles only to the services that run a stack's parts
// (iam:PassedToService), has managed policies attached to nothing, and sees no secret's value but the stack's own. Neither role reaches Pulumi's state: that is the business of whoever takes them on.
//
// plan reads the settings of everything in the account, as most actions that list know no resource, the objects in the
// stack's buckets, and the values of the stack's own secrets, which a refresh compares. It changes nothing.
//
// What it cannot prevent:
//   - Whoever may make roles and run containers may run a container with any right. Who puts a program into the pipeline can do in this
//     account what the account can, unless there is a boundary. An account for each environment is the line that holds.
//   - AWS looks at tags only where an action knows a resource, and the resource can have tags. Not so: records and hosted zones, schedules,
//     CloudFront's origin access controls and header policies, dashboards as the provider makes them, deregistering a task definition, and ending a
//     subscription. Those of other stacks in the account could be changed.
//   - Buckets are told apart by name alone, see Buckets. Two stacks of Slipway in one account have buckets with names that begin alike.
//   - What has no tag slipway:stack is nobody's, and could be changed.
//
// A session that one role gets for another ends after an hour. The AWS provider takes a new one by itself.
type DeployRoles struct {
	pulumi.ResourceState

	// DeployRoleArn is the role that creates, changes and deletes.
	DeployRoleArn pulumi.StringOutput `pulumi:"deployRoleArn"`
	// PlanRoleArn is the role that may only look; empty without PlanTrustedArns.
	PlanRoleArn pulumi.StringOutput `pulumi:"planRoleArn"`

	DeployRole *iam.Role
	PlanRole   *iam.Role // nil without PlanTrustedArns
	// Limits is what deploy is denied.
	Limits                     *iam.RolePolicy
	ReadPolicy, ServicesPolicy *iam.Policy
	NetworkPolicy              *iam.Policy // nil for a pipeline
}

// NewDeployRoles creates the roles. An error names every argument that is wrong.
func NewDeployRoles(ctx *pulumi.Context, name string, args *DeployRolesArgs, opts ...pulumi.ResourceOption) (*DeployRoles, error) {
	settings, err := args.withDefaults(name)
	if err != nil {
		return nil, err
	}
	r := &DeployRoles{PlanRoleArn: pulumi.String("").ToStringOutput()}
	if err := ctx.RegisterComponentResource("slipway:index:DeployRoles", name, r, opts...); err != nil {
		return nil, err
	}
	if err := r.createRoles(ctx, name, settings); err != nil {
		return nil, err
	}
	grants := r.lookUp(ctx, settings)
	if err := r.createLimits(ctx, name, settings, grants); err != nil {
		return nil, err
	}
	if err := r.createPolicies(ctx, name, settings, grants); err != nil {
		return nil, err
	}
	if err := r.attachPolicies(ctx, name); err != nil {
		return nil, err
	}
	return r, ctx.RegisterResourceOutputs(r, pulumi.Map{"deployRoleArn": r.DeployRoleArn, "planRoleArn": r.PlanRoleArn})
}

func (r *DeployRoles) createRoles(ctx *pulumi.Context, name string, args DeployRolesArgs) (err error) {
	r.DeployRole, err = r.createRole(ctx, name+"-deploy", "Deploys the stack "+args.Stack, args.DeployTrustedArns, args)
	if err != nil {
		return err
	}
	r.DeployRoleArn = r.DeployRole.Arn
	if args.PlanTrustedArns == nil {
		return nil
	}
	r.PlanRole, err = r.createRole(ctx, name+"-plan", "Finds out what a deployment of the stack "+args.Stack+" would change", args.PlanTrustedArns, args)
	if err != nil {
		return err
	}
	r.PlanRoleArn = r.PlanRole.Arn
	return nil
}

func (r *DeployRoles) createRole(ctx *pulumi.Context, name, description string, trusted pulumi.StringArrayInput, args DeployRolesArgs) (*iam.Role, error) {
	role := &iam.RoleArgs{
		Description:      pulumi.String(description),
		AssumeRolePolicy: trusted.ToStringArrayOutput().ApplyT(deployTrust).(pulumi.StringOutput),
		Tags:             pulumi.ToStringMap(args.Tags),
	}
	if args.PermissionsBoundaryArn != "" {
		role.PermissionsBoundary = pulumi.String(args.PermissionsBoundaryArn)
	}
	return iam.NewRole(ctx, name, role, pulumi.Parent(r))
}

// lookUp finds out where the roles are; its result is deployGrants.
func (r *DeployRoles) lookUp(ctx *pulumi.Context, args DeployRolesArgs) pulumi.Output {
	caller := aws.GetCallerIdentityOutput(ctx, aws.GetCallerIdentityOutputArgs{}, pulumi.Parent(r)).Arn()
	region := pulumi.String(args.Region).ToStringOutput()
	if args.Region == "" {
		region = aws.GetRegionOutput(ctx, aws.GetRegionOutputArgs{}, pulumi.Parent(r)).Name()
	}
	return pulumi.All(caller, region).ApplyT(func(of []any) (deployGrants, error) {
		return newDeployGrants(ctx.Project(), args, of[0].(string), of[1].(string))
	})
}

// createLimits creates what deploy is denied.
func (r *DeployRoles) createLimits(ctx *pulumi.Context, name string, args DeployRolesArgs, grants pulumi.Output) (err error) {
	protected := []pulumi.StringArrayInput{pulumi.StringArray{r.DeployRoleArn}, args.DeployTrustedArns}
	if r.PlanRole != nil {
		protected = append(protected, pulumi.StringArray{r.PlanRoleArn}, args.PlanTrustedArns)
	}
	inputs := []any{grants}
	for _, arns := range protected {
		inputs = append(inputs, arns)
	}
	r.Limits, err = iam.NewRolePolicy(ctx, name+"-deploy-limits", &iam.RolePolicyArgs{
		Role: r.DeployRole.ID(),
		Policy: pulumi.All(inputs...).ApplyT(func(of []any) (string, error) {
			var arns []string
			for _, list := range of[1:] {
				arns = append(arns, list.([]string)...)
			}
			return of[0].(deployGrants).limitsPolicy(arns)
		}).(pulumi.StringOutput),
	}, pulumi.Parent(r))
	return err
}

// createPolicies creates what the roles are allowed.
func (r *DeployRoles) createPolicies(ctx *pulumi.Context, name string, args DeployRolesArgs, grants pulumi.Output) (err error) {
	for _, policy := range []struct {
		into        **iam.Policy
		suffix      string
		description string
		write       func(deployGrants) (string, error)
	}{
		{&r.ReadPolicy, "-stack-read", "See what the stack " + args.Stack + " has", deployGrants.readPolicy},
		{&r.NetworkPolicy, "-stack-network", "Change the network of the stack " + args.Stack, deployGrants.networkPolicy},
		{&r.ServicesPolicy, "-stack-services", "Change the rest of the stack " + args.Stack, deployGrants.servicesPolicy},
	} {
		if args.Pipeline && policy.into == &r.NetworkPolicy {
			continue // it has none
		}
		*policy.into, err = iam.NewPolicy(ctx, name+policy.suffix, &iam.PolicyArgs{
			Description: pulumi.String(policy.description),
			Policy:      grants.ApplyT(func(g any) (string, error) { return policy.write(g.(deployGrants)) }).(pulumi.StringOutput),
			Tags:        pulumi.ToStringMap(args.Tags),
		}, pulumi.Parent(r))
		if err != nil {
			return err
		}
	}
	return nil
}

// attachPolicies gives the roles what they are allowed; what is denied is there before.
func (r *DeployRoles) attachPolicies(ctx *pulumi.Context, name string) error {
	attach := func(suffix string, role *iam.Role, policy *iam.Policy, opts ...pulumi.ResourceOption) error {
		_, err := iam.NewRolePolicyAttachment(ctx, name+suffix, &iam.RolePolicyAttachmentArgs{
			Role:      role.Name,
			PolicyArn: policy.Arn,
		}, append(opts, pulumi.Parent(r))...)
		return err
	}
	afterLimits := pulumi.DependsOn([]pulumi.Resource{r.Limits})
	if err := attach("-deploy-read", r.DeployRole, r.ReadPolicy, afterLimits); err != nil {
		return err
	}
	if r.NetworkPolicy != nil {
		if err := attach("-deploy-network", r.DeployRole, r.NetworkPolicy, afterLimits); err != nil {
			return err
		}
	}
	if err := attach("-deploy-services", r.DeployRole, r.ServicesPolicy, afterLimits); err != nil {
		return err
	}
	if r.PlanRole == nil {
		return nil
	}
	return attach("-plan-read", r.PlanRole, r.ReadPolicy)
}
