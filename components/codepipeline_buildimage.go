package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codebuild"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecr"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// createBuildImageRepository makes the repository for the build image of the project's own. It exists before the image does.
func (p *CodePipeline) createBuildImageRepository(ctx *pulumi.Context, args CodePipelineArgs) (err error) {
	p.BuildImageRepositoryUrl = pulumi.String("").ToStringOutput()
	if args.OwnBuildImage == nil {
		return nil
	}
	p.BuildImageRepository, _, err = newImageRepository(ctx, p, p.name+"-build-image", imageRepository{keep: args.KeepImages, ephemeral: args.Ephemeral, tags: args.Tags})
	if err != nil {
		return err
	}
	p.BuildImageRepositoryUrl = p.BuildImageRepository.RepositoryUrl
	return nil
}

// admitCodeBuild lets CodeBuild itself pull the build image, for the projects of this pipeline alone.
func (p *CodePipeline) admitCodeBuild(ctx *pulumi.Context, _ CodePipelineArgs) error {
	if p.BuildImageRepository == nil {
		return nil
	}
	projects := pulumi.StringArray{}
	for _, name := range sortedKeys(p.Projects) {
		projects = append(projects, p.Projects[name].Arn)
	}
	policy, err := ecr.NewRepositoryPolicy(ctx, p.name+"-build-image", &ecr.RepositoryPolicyArgs{
		Repository: p.BuildImageRepository.Name,
		Policy: pulumi.All(p.account, projects).ApplyT(func(of []any) (string, error) {
			return buildImagePolicy(of[0].(string), of[1].([]string))
		}).(pulumi.StringOutput),
	}, pulumi.Parent(p))
	p.startAfter = append(p.startAfter, policy)
	return err
}

// buildImagePolicy lets CodeBuild pull for some projects. Without the conditions it would for those of other accounts, too.
func buildImagePolicy(account string, projectArns []string) (string, error) {
	return policyDocument(listStatement{
		policyStatement: policyStatement{Sid: "PullForProjects", Effect: "Allow", Action: pullActions},
		Principal:       map[string][]string{"Service": {"codebuild.amazonaws.com"}},
		Condition:       map[string]map[string][]string{"StringEquals": {"aws:SourceAccount": {account}, "aws:SourceArn": projectArns}},
	})
}

// runIn sets the image that a project runs in, and who pulls it: the project's role what is in ECR, and CodeBuild itself what is public, AWS's, or in the
// repository of this pipeline, whose policy lets it.
func (p *CodePipeline) runIn(environment *codebuild.ProjectEnvironmentArgs, args CodePipelineArgs) {
	if args.OwnBuildImage != nil && args.OwnBuildImage.Digest != "" {
		environment.Image = pulumi.Sprintf("%s@%s", p.BuildImageRepository.RepositoryUrl, args.OwnBuildImage.Digest)
		environment.ImagePullCredentialsType = pulumi.String("CODEBUILD")
		return
	}
	environment.Image = args.BuildImage
	environment.ImagePullCredentialsType = args.BuildImage.ToStringOutput().ApplyT(func(image string) string {
		if repositoryArn(image) != "" {
			return "SERVICE_ROLE"
		}
		return "CODEBUILD"
	}).(pulumi.StringOutput)
}
