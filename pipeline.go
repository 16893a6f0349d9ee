package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/components"
)

// delivery is the stack that deploys the others, and itself.
func delivery(ctx *pulumi.Context, args *components.CodePipelineArgs) error {
	pipeline, err := components.NewCodePipeline(ctx, "delivery", args)
	if err != nil {
		return err
	}
	ctx.Export("pipelineName", pipeline.PipelineName)
	ctx.Export("pipelineUrl", pipeline.PipelineUrl)
	ctx.Export("connectionUrl", pipeline.ConnectionUrl)
	ctx.Export("imageRepository", pipeline.ImageRepositoryUrl)
	if pipeline.BuildImageRepository != nil {
		ctx.Export("buildImageRepository", pipeline.BuildImageRepositoryUrl)
	}
	ctx.Export("topicArn", pipeline.TopicArn)
	ctx.Export("projectRoleArns", pipeline.ProjectRoleArns)
	return nil
}

// deployRoles is the stack of the roles in another account than the pipeline's.
func deployRoles(ctx *pulumi.Context, args *components.DeployRolesArgs) error {
	roles, err := components.NewDeployRoles(ctx, args.Stack, args)
	if err != nil {
		return err
	}
	ctx.Export("deployRoleArn", roles.DeployRoleArn)
	ctx.Export("planRoleArn", roles.PlanRoleArn)
	return nil
}
