package components

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// CodePipelineArgs says where the source is, what is built of it, and which environments get it in which order.
type CodePipelineArgs struct {
	// Source is the repository with the application and, unless DeploymentSource has them, the Pulumi program and the scripts
	// in delivery/. Required. Example: components.PipelineSource{Provider: "GitHub", Repository: "example/shop"}.
	Source PipelineSource `pulumi:"source"`
	// DeploymentSource is the repository with the Pulumi program and the scripts, for teams that keep infrastructure apart. A push to
	// either starts the pipeline. Default: none, everything is in Source.
	// Example: &components.PipelineSource{Provider: "GitHub", Repository: "example/infrastructure"}.
	DeploymentSource *PipelineSource `pulumi:"deploymentSource,optional"`
	// Image says what is built, once, for all environments. Required.
	// Example: components.PipelineImage{Context: "docker/app", Target: "prod"}.
	Image PipelineImage `pulumi:"image"`
	// Environments are deployed in this order, 1 to 10. Required.
	// Example: []components.PipelineEnvironment{{Stack: "staging", SmokeTest: true}, {Stack: "prod", Approval: true}}.
	Environments []PipelineEnvironment `pulumi:"environments"`
	// Stack is the Pulumi stack that this pipeline is part of, which its second stage updates. Default: the stack that is being deployed.
	// Example: "pipeline".
	Stack string `pulumi:"stack,optional"`
	// BackendUrl is where Pulumi keeps the state of all the stacks: a bucket in S3, in the pipeline's account. Required.
	// Example: "s3://my-pulumi-state?region=us-east-1".
	BackendUrl string `pulumi:"backendUrl"`
	// StateKeyArn is the KMS key that encrypts the secrets in the state, and the bucket if it is the bucket's too. Required.
	// Example: "arn:aws:kms:us-east-1:123456789012:key/...".
	StateKeyArn pulumi.StringInput `pulumi:"stateKeyArn"`
	// BuildImage is what the scripts run in: one of CodeBuild's own images, or one in ECR by digest, which the projects' roles
	// pull; in another account its repository's policy has to let them. Default: "aws/codebuild/amazonlinux-aarch64-standard:3.0",
	// or its like for X86_64.
	BuildImage pulumi.StringInput `pulumi:"buildImage,optional"`
	// OwnBuildImage makes a repository for an image of the project's own, such as docker/codebuild's, which CodeBuild may pull. Not with BuildImage.
	// Default: none. Example: &components.PipelineBuildImage{}.
	OwnBuildImage *PipelineBuildImage `pulumi:"ownBuildImage,optional"`
	// ComputeType is the size of the machine that builds images and runs tests. Default: "BUILD_GENERAL1_MEDIUM", 4 vCPUs for ARM64.
	// The other projects are "BUILD_GENERAL1_SMALL".
	ComputeType string `pulumi:"computeType,optional"`
	// BuildTimeout is for how many minutes a project may run, 5 to 2160 (CodeBuild's limits). Default: 60.
	BuildTimeout int `pulumi:"buildTimeout,optional"`
	// ApprovalTimeout is for how many minutes an approval waits before it fails, 5 to 86400 (CodePipeline's limits). Default: 10080, a week.
	ApprovalTimeout int `pulumi:"approvalTimeout,optional"`
	// DockerHubSecretArn is a secret in Secrets Manager that reads {"username": "...", "password": "..."}: base images are pulled with that
	// account, as anonymous pulls are limited for each address, which builds share with strangers. Default: none.
	// Example: pulumi.String("arn:aws:secretsmanager:us-east-1:123456789012:secret:...").
	DockerHubSecretArn pulumi.StringInput `pulumi:"dockerHubSecretArn,optional"`
	// Emails are the addresses that are told of failures and of approvals that wait. Default: none; the topic is there for other subscribers.
	// Example: []string{"ops@example.com"}.
	Emails []string `pulumi:"emails,optional"`
	// KeepImages is how many images the repository keeps, 1 to 1000. As many deployments can be undone. Default: 50.
	KeepImages int `pulumi:"keepImages,optional"`
	// ArtifactDays is for how many days artifacts are kept, among them plans and their summaries, 1 to 365. An approval cannot come later.
	// Default: 30.
	ArtifactDays int `pulumi:"artifactDays,optional"`
	// LogRetentionDays is how long the projects' logs are kept, one of CloudWatch Logs' own values. Default: 365.
	LogRetentionDays int `pulumi:"logRetentionDays,optional"`
	// Ephemeral lets everything be destroyed without trace: images, artifacts, keys after the shortest time. Default: false.
	Ephemeral bool `pulumi:"ephemeral,optional"`
	// Tags of everything that takes them. Default: none. Example: map[string]string{"team": "shop"}.
	Tags map[string]string `pulumi:"tags,optional"`
}

// PipelineSource is a branch of a repository.
type PipelineSource struct {
	// Provider is "GitHub", "GitLab", "Bitbucket" or "CodeCommit". Required. Example: "GitHub".
	Provider string `pulumi:"provider" json:"provider"`
	// Repository is its path there: owner/name, with GitLab group/subgroup/name; of CodeCommit the name alone. Required.
	// Example: "example/shop".
	Repository string `pulumi:"repository" json:"repository"`
	// Branch whose pushes start the pipeline. Default: "main".
	Branch string `pulumi:"branch,optional" json:"branch,omitempty"`
	// Paths are patterns of files; a push that touches none of them starts nothing. At most 8 (CodePipeline's limit); not with CodeCommit.
	// Default: every file. Example: []string{"docker/**", "components/**"}.
	Paths []string `pulumi:"paths,optional" json:"paths,omitempty"`
	// ExcludedPaths are patterns of files; a push that touches these only starts nothing. At most 8; not with CodeCommit. Default: none.
	// Example: []string{"docs/**", "**.md"}.
	ExcludedPaths []string `pulumi:"excludedPaths,optional" json:"excludedPaths,omitempty"`
	// ConnectionArn is a connection to the provider that exists. Default: one is made, which a person has to complete in the console once;
	// two sources of one provider share it. Not with CodeCommit. Example: "arn:aws:codeconnections:us-east-1:123456789012:connection/...".
	ConnectionArn string `pulumi:"connectionArn,optional" json:"connectionArn,omitempty"`
}

// PipelineImage is what delivery/build builds.
type PipelineImage struct {
	// Context is the folder that is sent to the build, in the application's repository. Required. Example: "docker/app".
	Context string `pulumi:"context"`
	// Dockerfile is its path in the repository. Default: Dockerfile in Context. Example: "docker/app/Dockerfile".
	Dockerfile string `pulumi:"dockerfile,optional"`
	// Target is the stage to build. Default: the last one. Example: "prod".
	Target string `pulumi:"target,optional"`
	// BuildArgs are values for the Dockerfile's ARG lines. They stay readable in the image: never a secret. Default: none.
	// Example: {"BASE_IMAGE": "python:3.13-slim"}.
	BuildArgs map[string]string `pulumi:"buildArgs,optional"`
	// TestCommand runs the application's tests before anything is built, in Context. Default: "./test" if there is one.
	// Example: "npm test".
	TestCommand string `pulumi:"testCommand,optional"`
	// Architecture of the machine that builds, and so of the image: "ARM64" or "X86_64". Default: "ARM64".
	Architecture string `pulumi:"architecture,optional"`
}

// PipelineBuildImage is an image in the repository that the pipeline makes for what its projects run in.
type PipelineBuildImage struct {
	// Digest of the image, once it was pushed. Default: none; until then the projects run in CodeBuild's own image.
	// Example: "sha256:...".
	Digest string `pulumi:"digest,optional"`
}

// PipelineEnvironment is a Pulumi stack that the pipeline deploys.
type PipelineEnvironment struct {
	// Stack is its name, at most 29 characters, as roles are named after it and the pipeline. Required. Example: "prod".
	Stack string `pulumi:"stack" json:"stack"`
	// Approval puts a plan before a person, and applies that plan. Default: false.
	Approval bool `pulumi:"approval,optional" json:"approval,omitempty"`
	// SmokeTest asks for the web address and gives the workers a message after the deployment. What comes after
	// waits for it. Default: false.
	SmokeTest bool `pulumi:"smokeTest,optional" json:"smokeTest,omitempty"`
	// Region is the aws:region of the stack: its roles change nothing elsewhere. Default: the pipeline's. Not with DeployRoleArn: those
	// roles have theirs. Example: "eu-central-1".
	Region string `pulumi:"region,optional" json:"region,omitempty"`
	// DeployRoleArn is a role in another account that deploys, made there by DeployRoles. Default: roles are made in this account.
	// Example: "arn:aws:iam::210987654321:role/prod-deploy-1a2b3c4".
	DeployRoleArn string `pulumi:"deployRoleArn,optional" json:"deployRoleArn,omitempty"`
	// PlanRoleArn is the role beside DeployRoleArn that plans, for Approval only and never without the
	// other. Default: a role is made in this account where there is Approval. Example: "arn:aws:iam::210987654321:role/prod-plan-1a2b3c4".
	PlanRoleArn string `pulumi:"planRoleArn,optional" json:"planRoleArn,omitempty"`
}
