package components

import (
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codeconnections"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codepipeline"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The names of artifacts. CodeBuild tells a project where the ones after the first are, in CODEBUILD_SRC_DIR_<name>.
const (
	sourceArtifact      = "Source"      // the Pulumi program and the scripts
	applicationArtifact = "Application" // the application, where it has a repository of its own
	releaseArtifact     = "Release"     // Source, what was built of it, and which image
)

const codeCommit = "CodeCommit"

// createSource adds the first stage, and the connections that it needs.
func (p *CodePipeline) createSource(ctx *pulumi.Context, args CodePipelineArgs) error {
	sources := []struct {
		artifact string
		from     PipelineSource
	}{{sourceArtifact, args.Source}}
	if args.DeploymentSource != nil {
		sources[0].from = *args.DeploymentSource
		sources = append(sources, struct {
			artifact string
			from     PipelineSource
		}{applicationArtifact, args.Source})
	}
	p.ConnectionUrl = pulumi.String("").ToStringOutput()
	var actions codepipeline.PipelineStageActionArray
	for _, source := range sources {
		action := &codepipeline.PipelineStageActionArgs{
			Name:            pulumi.String(source.artifact),
			Category:        pulumi.String("Source"),
			Owner:           pulumi.String("AWS"),
			Version:         pulumi.String("1"),
			Namespace:       pulumi.String(source.artifact),
			OutputArtifacts: pulumi.StringArray{pulumi.String(source.artifact)},
		}
		if source.from.Provider == codeCommit {
			repository := commitRepository{source.artifact, source.from.Branch, pulumi.Sprintf("arn:%s:codecommit:%s:%s:%s", p.partition, p.region, p.account, source.from.Repository)}
			p.commitRepositories = append(p.commitRepositories, repository)
			p.sources = append(p.sources, repository.arn)
			action.Provider = pulumi.String(codeCommit)
			action.Configuration = pulumi.StringMap{
				"RepositoryName":       pulumi.String(source.from.Repository),
				"BranchName":           pulumi.String(source.from.Branch),
				"OutputArtifactFormat": pulumi.String("CODE_ZIP"),
				// An event starts the pipeline, within seconds and without asking every minute.
				"PollForSourceChanges": pulumi.String("false"),
			}
		} else {
			connection, err := p.connection(ctx, source.from, args.Tags)
			if err != nil {
				return err
			}
			p.sources = append(p.sources, connection)
			action.Provider = pulumi.String("CodeStarSourceConnection")
			action.Configuration = pulumi.StringMap{
				"ConnectionArn":        connection,
				"FullRepositoryId":     pulumi.String(source.from.Repository),
				"BranchName":           pulumi.String(source.from.Branch),
				"OutputArtifactFormat": pulumi.String("CODE_ZIP"),
				"DetectChanges":        pulumi.String("false"), // the trigger does, with its filters
			}
			p.triggers = append(p.triggers, pushTrigger(source.artifact, source.from))
		}
		actions = append(actions, action)
	}
	p.addStage("Source", nil, actions...)
	return nil
}

// connection is the one that was given, or one that is made for the provider.
func (p *CodePipeline) connection(ctx *pulumi.Context, source PipelineSource, tags map[string]string) (pulumi.StringInput, error) {
	if source.ConnectionArn != "" {
		return pulumi.String(source.ConnectionArn), nil
	}
	if made := p.Connections[source.Provider]; made != nil {
		return made.Arn, nil
	}
	connection, err := codeconnections.NewConnection(ctx, p.name+"-"+strings.ToLower(source.Provider), &codeconnections.ConnectionArgs{
		ProviderType: pulumi.String(source.Provider),
		Tags:         pulumi.ToStringMap(tags),
	}, pulumi.Parent(p))
	if err != nil {
		return nil, err
	}
	p.Connections[source.Provider] = connection
	p.ConnectionUrl = p.inConsole("settings/connections")
	return connection.Arn, nil
}

// pushTrigger starts the pipeline when something is pushed to the branch that the paths take in.
func pushTrigger(action string, source PipelineSource) *codepipeline.PipelineTriggerArgs {
	push := &codepipeline.PipelineTriggerGitConfigurationPushArgs{
		Branches: &codepipeline.PipelineTriggerGitConfigurationPushBranchesArgs{Includes: pulumi.ToStringArray([]string{source.Branch})},
	}
	if len(source.Paths) > 0 || len(source.ExcludedPaths) > 0 {
		paths := &codepipeline.PipelineTriggerGitConfigurationPushFilePathsArgs{}
		if len(source.Paths) > 0 {
			paths.Includes = pulumi.ToStringArray(source.Paths)
		}
		if len(source.ExcludedPaths) > 0 {
			paths.Excludes = pulumi.ToStringArray(source.ExcludedPaths)
		}
		push.FilePaths = paths
	}
	return &codepipeline.PipelineTriggerArgs{
		ProviderType: pulumi.String("CodeStarSourceConnection"),
		GitConfiguration: &codepipeline.PipelineTriggerGitConfigurationArgs{
			SourceActionName: pulumi.String(action),
			Pushes:           codepipeline.PipelineTriggerGitConfigurationPushArray{push},
		},
	}
}
