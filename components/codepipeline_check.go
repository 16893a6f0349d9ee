package components

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/internal/invalid"
	"slipway/internal/limits"
)

// withDefaults fills in what was not given and reports all that is wrong.
func (a *CodePipelineArgs) withDefaults(name, stack string) (CodePipelineArgs, error) {
	var args CodePipelineArgs
	if a != nil {
		args = *a
	}
	args.fillIn(stack)
	wrong := invalid.In(fmt.Sprintf("CodePipeline %q", name))
	wrong.Check("name", name, limits.PipelineName(name))
	args.Source.Check(wrong, "source")
	if args.DeploymentSource != nil {
		args.DeploymentSource.Check(wrong, "deploymentSource")
		if args.DeploymentSource.Provider == args.Source.Provider && args.DeploymentSource.Repository == args.Source.Repository {
			wrong.Conflict("source, deploymentSource", "the same repository twice; leave deploymentSource out")
		}
	}
	args.Image.check(wrong)
	CheckPipelineEnvironments(wrong, "environments", args.Environments, args.Stack)
	wrong.Check("stack", args.Stack, limits.DeliveredStack(args.Stack))
	wrong.Check("backendUrl", args.BackendUrl, limits.StateBackend(args.BackendUrl))
	if args.StateKeyArn == nil {
		wrong.Add("stateKeyArn", nil, "the ARN of the KMS key that encrypts the secrets in the state")
	}
	if args.OwnBuildImage != nil {
		if a != nil && a.BuildImage != nil {
			wrong.Conflict("buildImage, ownBuildImage", "one or the other; remove one")
		}
		if digest := args.OwnBuildImage.Digest; digest != "" {
			wrong.Check("ownBuildImage.digest", digest, limits.Digest(digest))
		}
	}
	wrong.Check("computeType", args.ComputeType, limits.CodeBuildComputeType(args.ComputeType))
	wrong.Check("buildTimeout", args.BuildTimeout, limits.BuildTimeout(args.BuildTimeout))
	wrong.Check("approvalTimeout", args.ApprovalTimeout, limits.ApprovalTimeout(args.ApprovalTimeout))
	if days := args.ApprovalTimeout / (24 * 60); days >= args.ArtifactDays {
		wrong.Conflict("artifactDays, approvalTimeout", fmt.Sprintf("a plan is kept for %d days and may be approved after %d; raise artifactDays", args.ArtifactDays, days))
	}
	checkEmails(wrong, args.Emails)
	wrong.Check("keepImages", args.KeepImages, limits.KeepImages(args.KeepImages))
	if args.ArtifactDays < 1 || args.ArtifactDays > 365 {
		wrong.Add("artifactDays", args.ArtifactDays, "days from 1 to 365")
	}
	wrong.Check("logRetentionDays", args.LogRetentionDays, limits.LogRetention(args.LogRetentionDays))
	checkTags(args.Tags, limits.MaxTags, wrong)
	return args, wrong.Err()
}

func (a *CodePipelineArgs) fillIn(stack string) {
	a.Source.Branch = cmp.Or(a.Source.Branch, "main")
	if a.DeploymentSource != nil {
		source := *a.DeploymentSource
		source.Branch = cmp.Or(source.Branch, "main")
		a.DeploymentSource = &source
	}
	a.Image.Dockerfile = cmp.Or(a.Image.Dockerfile, path.Join(a.Image.Context, "Dockerfile"))
	a.Image.Architecture = cmp.Or(a.Image.Architecture, "ARM64")
	a.Stack = cmp.Or(a.Stack, stack)
	if a.BuildImage == nil {
		a.BuildImage = pulumi.String(curatedImages[a.Image.Architecture])
	}
	a.ComputeType = cmp.Or(a.ComputeType, "BUILD_GENERAL1_MEDIUM")
	a.BuildTimeout = cmp.Or(a.BuildTimeout, 60)
	a.ApprovalTimeout = cmp.Or(a.ApprovalTimeout, 7*24*60)
	a.KeepImages = cmp.Or(a.KeepImages, 50)
	a.ArtifactDays = cmp.Or(a.ArtifactDays, 30)
	a.LogRetentionDays = cmp.Or(a.LogRetentionDays, 365)
}

// curatedImages are CodeBuild's own, on Amazon Linux 2023, with Docker, git, make, jq and the AWS CLI.
var curatedImages = map[string]string{
	"ARM64":  "aws/codebuild/amazonlinux-aarch64-standard:3.0",
	"X86_64": "aws/codebuild/amazonlinux-x86_64-standard:5.0",
}

// Check records what is wrong with the source under the name that its user knows it by.
func (s PipelineSource) Check(wrong *invalid.Fields, field string) {
	if s.Branch != "" {
		wrong.Check(field+".branch", s.Branch, limits.BranchName(s.Branch))
	}
	switch s.Provider {
	case codeCommit:
		wrong.Check(field+".repository", s.Repository, limits.CodeCommitName(s.Repository))
		if s.ConnectionArn != "" || len(s.Paths) > 0 || len(s.ExcludedPaths) > 0 {
			wrong.Conflict(field, "connectionArn, paths and excludedPaths are not for CodeCommit; remove them")
		}
		return
	case "GitHub", "GitLab", "Bitbucket":
		wrong.Check(field+".repository", s.Repository, limits.RepositoryPath(s.Repository))
	default:
		wrong.Add(field+".provider", s.Provider, "GitHub, GitLab, Bitbucket or CodeCommit")
	}
	if s.ConnectionArn != "" {
		wrong.Check(field+".connectionArn", s.ConnectionArn, limits.ConnectionArn(s.ConnectionArn))
	}
	for _, patterns := range []struct {
		field string
		given []string
	}{{field + ".paths", s.Paths}, {field + ".excludedPaths", s.ExcludedPaths}} {
		if len(patterns.given) > limits.PathPatterns {
			wrong.Add(patterns.field, patterns.given, fmt.Sprintf("at most %d patterns", limits.PathPatterns))
		}
		for i, pattern := range patterns.given {
			wrong.Check(fmt.Sprintf("%s[%d]", patterns.field, i), pattern, limits.PathPattern(pattern))
		}
	}
}

func (i PipelineImage) check(wrong *invalid.Fields) {
	if i.Context == "" {
		wrong.Add("image.context", nil, "the folder of the application, such as docker/app")
	}
	for field, file := range map[string]string{"image.context": i.Context, "image.dockerfile": i.Dockerfile} {
		if path.IsAbs(file) || path.Clean(file) == ".." || len(path.Clean(file)) > 2 && path.Clean(file)[:3] == "../" {
			wrong.Add(field, file, "a path below the repository's root")
		}
	}
	for _, name := range sortedKeys(i.BuildArgs) {
		wrong.Check("image.buildArgs", name, limits.EnvironmentName(name))
		if strings.Contains(i.BuildArgs[name], "\n") {
			wrong.Add("image.buildArgs."+name, i.BuildArgs[name], "a text without line breaks")
		}
	}
	if _, known := curatedImages[i.Architecture]; !known {
		wrong.Add("image.architecture", i.Architecture, "ARM64 or X86_64")
	}
}

// mostEnvironments keeps the stages under CodePipeline's 50: three for an environment with approval, and three before them.
const mostEnvironments = 10

// CheckPipelineEnvironments records what is wrong with the environments of a pipeline in the stack pipeline, under the name that their user
// knows them by.
func CheckPipelineEnvironments(wrong *invalid.Fields, name string, environments []PipelineEnvironment, pipeline string) {
	if len(environments) == 0 || len(environments) > mostEnvironments {
		wrong.Add(name, len(environments), fmt.Sprintf("1 to %d stacks", mostEnvironments))
	}
	var seen []string
	for i, environment := range environments {
		field := fmt.Sprintf("%s[%d]", name, i)
		wrong.Check(field+".stack", environment.Stack, limits.DeliveredStack(environment.Stack))
		// What a variable does not take becomes an underscore, so a-b and a_b would be one.
		if slices.Contains(seen, identifier(environment.Stack)) {
			wrong.Add(field+".stack", environment.Stack, "each stack once, told apart by letters and digits")
		}
		seen = append(seen, identifier(environment.Stack))
		if environment.Stack == pipeline {
			wrong.Add(field+".stack", environment.Stack, "another stack than the pipeline's own")
		}
		if environment.Region != "" {
			wrong.Check(field+".region", environment.Region, limits.Region(environment.Region))
		}
		if environment.Region != "" && environment.DeployRoleArn != "" {
			wrong.Conflict(field+".region", "takes no value with deployRoleArn: those roles were made for a region")
		}
		if environment.DeployRoleArn != "" {
			wrong.Check(field+".deployRoleArn", environment.DeployRoleArn, limits.RoleArn(environment.DeployRoleArn))
		}
		if environment.PlanRoleArn != "" {
			wrong.Check(field+".planRoleArn", environment.PlanRoleArn, limits.RoleArn(environment.PlanRoleArn))
		}
		switch {
		case !environment.Approval && environment.PlanRoleArn != "":
			wrong.Conflict(field+".planRoleArn", "takes no value without approval: nothing is planned")
		case environment.Approval && (environment.DeployRoleArn == "") != (environment.PlanRoleArn == ""):
			wrong.Conflict(field+".deployRoleArn, "+field+".planRoleArn", "one without the other; both are in the account of the environment")
		}
	}
}
