package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codepipeline"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// deliveredStack is an environment while its stages are made.
type deliveredStack struct {
	PipelineEnvironment
	args  CodePipelineArgs
	state stateAccess
	// The roles in the environment's account that the projects take on.
	deployRole, planRole pulumi.StringOutput
}

// createEnvironments adds the stages of each environment, in their order.
func (p *CodePipeline) createEnvironments(ctx *pulumi.Context, args CodePipelineArgs) error {
	for _, environment := range args.Environments {
		stack, err := p.deliver(ctx, args, environment)
		if err != nil {
			return err
		}
		add := p.deployAtOnce
		if environment.Approval {
			add = p.deployWhatIsApproved
		}
		if err := add(ctx, stack); err != nil {
			return err
		}
	}
	return nil
}

// deliver makes the projects' roles, and in this account the roles that they take on.
func (p *CodePipeline) deliver(ctx *pulumi.Context, args CodePipelineArgs, environment PipelineEnvironment) (stack deliveredStack, err error) {
	stack = deliveredStack{PipelineEnvironment: environment, args: args}
	stack.state, err = newStateAccess(args.BackendUrl, ctx.Project(), environment.Stack)
	if err != nil {
		return stack, err
	}
	deploys, err := p.createProjectRole(ctx, stack.deploy(), args)
	if err != nil {
		return stack, err
	}
	trusted := &DeployRolesArgs{Stack: environment.Stack, Region: environment.Region, DeployTrustedArns: pulumi.StringArray{deploys.Arn}, Tags: args.Tags}
	if environment.Approval {
		plans, err := p.createProjectRole(ctx, stack.plan(), args)
		if err != nil {
			return stack, err
		}
		trusted.PlanTrustedArns = pulumi.StringArray{plans.Arn}
	}
	if environment.DeployRoleArn != "" {
		stack.deployRole = pulumi.String(environment.DeployRoleArn).ToStringOutput()
		stack.planRole = pulumi.String(environment.PlanRoleArn).ToStringOutput()
		return stack, nil
	}
	roles, err := NewDeployRoles(ctx, p.name+"-"+environment.Stack, trusted, pulumi.Parent(p))
	if err != nil {
		return stack, err
	}
	p.DeployRoles[environment.Stack] = roles
	stack.deployRole, stack.planRole = roles.DeployRoleArn, roles.PlanRoleArn
	return stack, nil
}

// The names of an environment's projects.
func (s deliveredStack) deploy() string { return "deploy-" + s.Stack }
func (s deliveredStack) plan() string   { return "plan-" + s.Stack }

// deployAtOnce adds one stage.
func (p *CodePipeline) deployAtOnce(ctx *pulumi.Context, stack deliveredStack) error {
	deployment, err := p.deployment(ctx, stack, "delivery/deploy "+stack.Stack, releaseArtifact)
	if err != nil {
		return err
	}
	p.addStage("Deploy-"+stack.Stack, nil, deployment)
	return nil
}

// deployWhatIsApproved adds three: what would change, a person's answer, and that very change. A plan without changes asks nobody and
// deploys nothing.
func (p *CodePipeline) deployWhatIsApproved(ctx *pulumi.Context, stack deliveredStack) error {
	plan := identifier("Plan-" + stack.Stack) // the artifact, and the namespace of its variables
	planning, err := p.planning(ctx, stack, plan)
	if err != nil {
		return err
	}
	deployment, err := p.deployment(ctx, stack, "delivery/apply "+stack.Stack+` "$CODEBUILD_SRC_DIR_`+plan+`"`, releaseArtifact, plan)
	if err != nil {
		return err
	}
	whenSomethingChanges := skippedUnless(fmt.Sprintf("#{%s.CHANGES}", plan), "NE", "0")
	p.addStage("Plan-"+stack.Stack, nil, planning)
	p.addStage("Approve-"+stack.Stack, whenSomethingChanges, &codepipeline.PipelineStageActionArgs{
		Name:             pulumi.String("Approve"),
		Category:         pulumi.String("Approval"),
		Owner:            pulumi.String("AWS"),
		Provider:         pulumi.String("Manual"),
		Version:          pulumi.String("1"),
		TimeoutInMinutes: pulumi.Int(stack.args.ApprovalTimeout),
		Configuration: pulumi.StringMap{
			"NotificationArn":    p.Topic.Arn,
			"ExternalEntityLink": pulumi.Sprintf("#{%s.SUMMARY_URL}", plan),
			"CustomData":         pulumi.Sprintf("%s: #{%s.SUMMARY}", stack.Stack, plan),
		},
	})
	p.addStage("Deploy-"+stack.Stack, whenSomethingChanges, deployment)
	return nil
}

// planning is the action that finds out what would change. Its role reads, and changes nothing.
func (p *CodePipeline) planning(ctx *pulumi.Context, stack deliveredStack, artifact string) (*codepipeline.PipelineStageActionArgs, error) {
	spec, err := buildspec{
		exports: []string{"CHANGES", "SUMMARY", "SUMMARY_URL"}, exportsFile: "plan/plan.env", artifact: "plan",
	}.write("delivery/plan " + stack.Stack + " plan")
	if err != nil {
		return nil, err
	}
	variables := p.stackVariables(stack.args, stack.planRole)
	variables["ARTIFACT_BUCKET"] = p.Artifacts.Bucket // where the summary can be read
	project, err := p.createProject(ctx, stack.plan(), stack.args, projectSettings{
		description: "Finds out what would change in " + stack.Stack,
		buildspec:   spec,
		variables:   variables,
		grants:      []pulumi.Output{stack.args.StateKeyArn.ToStringOutput().ApplyT(stack.state.read), stack.planRole.ApplyT(assume)},
	})
	if err != nil {
		return nil, err
	}
	return runs("Plan", project, []string{releaseArtifact}, artifact, artifact, map[string]string{"IMAGE": builtImage})
}

// deployment is the action that changes the environment. The first artifact is where the command runs; the other is the plan, where one is applied.
func (p *CodePipeline) deployment(ctx *pulumi.Context, stack deliveredStack, command string, artifacts ...string) (*codepipeline.PipelineStageActionArgs, error) {
	commands := []string{command}
	if stack.SmokeTest {
		commands = append(commands, "delivery/smoke "+stack.Stack)
	}
	spec, err := buildspec{}.write(commands...)
	if err != nil {
		return nil, err
	}
	project, err := p.createProject(ctx, stack.deploy(), stack.args, projectSettings{
		description: "Deploys " + stack.Stack,
		buildspec:   spec,
		variables:   p.stackVariables(stack.args, stack.deployRole),
		grants:      []pulumi.Output{stack.args.StateKeyArn.ToStringOutput().ApplyT(stack.state.write), stack.deployRole.ApplyT(assume)},
	})
	if err != nil {
		return nil, err
	}
	return runs("Deploy", project, artifacts, "", identifier("Deploy-"+stack.Stack), map[string]string{"IMAGE": builtImage})
}

func (p *CodePipeline) stackVariables(args CodePipelineArgs, roleArn pulumi.StringInput) map[string]pulumi.StringInput {
	return map[string]pulumi.StringInput{"PULUMI_BACKEND_URL": pulumi.String(args.BackendUrl), "STACK_ROLE_ARN": roleArn}
}

// skippedUnless is a condition of a stage: when the variable is not as the rule wants it, CodePipeline leaves the stage out and goes on.
func skippedUnless(variable, operator, value string) codepipeline.PipelineStageBeforeEntryPtrInput {
	return &codepipeline.PipelineStageBeforeEntryArgs{Condition: &codepipeline.PipelineStageBeforeEntryConditionArgs{
		Result: pulumi.String("SKIP"),
		Rules: codepipeline.PipelineStageBeforeEntryConditionRuleArray{&codepipeline.PipelineStageBeforeEntryConditionRuleArgs{
			Name: pulumi.String("Changes"),
			RuleTypeId: &codepipeline.PipelineStageBeforeEntryConditionRuleRuleTypeIdArgs{
				Category: pulumi.String("Rule"),
				Owner:    pulumi.String("AWS"),
				Provider: pulumi.String("VariableCheck"),
				Version:  pulumi.String("1"),
			},
			Configuration: pulumi.StringMap{"Variable": pulumi.String(variable), "Operator": pulumi.String(operator), "Value": pulumi.String(value)},
		}},
	}}
}
