package components

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/internal/limits"
)

// createBuild adds the stage that builds what every environment gets.
func (p *CodePipeline) createBuild(ctx *pulumi.Context, args CodePipelineArgs) error {
	spec, err := buildspec{exports: []string{"IMAGE"}, exportsFile: "release.env", artifact: "."}.write("delivery/build")
	if err != nil {
		return err
	}
	variables := map[string]pulumi.StringInput{
		"IMAGE_REPOSITORY": p.Repository.RepositoryUrl,
		"IMAGE_CONTEXT":    pulumi.String(args.Image.Context),
		"IMAGE_DOCKERFILE": pulumi.String(args.Image.Dockerfile),
		"IMAGE_PLATFORM":   pulumi.String(limits.ImagePlatformOf(args.Image.Architecture)),
	}
	if args.Image.Target != "" {
		variables["IMAGE_TARGET"] = pulumi.String(args.Image.Target)
	}
	if len(args.Image.BuildArgs) > 0 {
		variables["IMAGE_BUILD_ARGS"] = pulumi.String(args.Image.buildArguments())
	}
	if args.Image.TestCommand != "" {
		variables["IMAGE_TEST"] = pulumi.String(args.Image.TestCommand)
	}
	if args.DockerHubSecretArn != nil {
		variables["DOCKER_HUB_SECRET_ARN"] = args.DockerHubSecretArn
	}
	if _, err := p.createProjectRole(ctx, "build", args); err != nil {
		return err
	}
	project, err := p.createProject(ctx, "build", args, projectSettings{
		description: "Tests the application and builds its image",
		buildspec:   spec,
		privileged:  true, // Docker's daemon runs inside
		computeType: args.ComputeType,
		variables:   variables,
		grants:      []pulumi.Output{pulumi.All(p.Repository.Arn, optionalArn(args.DockerHubSecretArn)).ApplyT(buildStatements)},
	})
	if err != nil {
		return err
	}
	inputs := []string{sourceArtifact}
	if args.DeploymentSource != nil {
		inputs = append(inputs, applicationArtifact)
	}
	action, err := runs("Build", project, inputs, releaseArtifact, "Build", map[string]string{
		"COMMIT_ID": "#{" + inputs[len(inputs)-1] + ".CommitId}", // the application's
	})
	p.addStage("Build", nil, action)
	return err
}

// buildArguments are NAME=VALUE, one on each line, as delivery/build reads them.
func (i PipelineImage) buildArguments() string {
	var lines []string
	for _, name := range sortedKeys(i.BuildArgs) {
		lines = append(lines, name+"="+i.BuildArgs[name])
	}
	return strings.Join(lines, "\n")
}

// builtImage is the variable that says by digest what was built.
const builtImage = "#{Build.IMAGE}"

// createSelfUpdate adds the stage that brings the pipeline's own stack up to date. When that changed something, it starts an execution of
// the new pipeline for the same commit, and ends this one.
func (p *CodePipeline) createSelfUpdate(ctx *pulumi.Context, args CodePipelineArgs) error {
	spec, err := buildspec{}.write("delivery/self-update")
	if err != nil {
		return err
	}
	stack := deliveredStack{args: args, PipelineEnvironment: PipelineEnvironment{Stack: args.Stack}}
	if stack.state, err = newStateAccess(args.BackendUrl, ctx.Project(), args.Stack); err != nil {
		return err
	}
	role, err := p.createProjectRole(ctx, "self-update", args)
	if err != nil {
		return err
	}
	p.SelfUpdateRoles, err = NewDeployRoles(ctx, p.name+"-"+args.Stack, &DeployRolesArgs{
		Stack:             args.Stack,
		Pipeline:          true,
		DeployTrustedArns: pulumi.StringArray{role.Arn},
		Buckets:           []string{p.name + "-artifacts-*"},
		Tags:              args.Tags,
	}, pulumi.Parent(p))
	if err != nil {
		return err
	}
	variables := p.stackVariables(args, p.SelfUpdateRoles.DeployRoleArn)
	variables["PIPELINE_STACK"] = pulumi.String(args.Stack)
	project, err := p.createProject(ctx, "self-update", args, projectSettings{
		description: "Brings the pipeline itself up to date",
		buildspec:   spec,
		variables:   variables,
		grants: []pulumi.Output{
			args.StateKeyArn.ToStringOutput().ApplyT(stack.state.write),
			p.SelfUpdateRoles.DeployRoleArn.ApplyT(assume),
		},
	})
	if err != nil {
		return err
	}
	action, err := runs("SelfUpdate", project, []string{releaseArtifact}, "", "SelfUpdate", map[string]string{
		"EXECUTION_ID": "#{codepipeline.PipelineExecutionId}",
		"COMMIT_ID":    "#{" + sourceArtifact + ".CommitId}",
	})
	p.addStage("SelfUpdate", nil, action)
	return err
}
