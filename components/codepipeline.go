package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codebuild"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codeconnections"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codepipeline"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecr"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// CodePipeline delivers an application to environments, each a Pulumi stack of the same project: it builds the images once, brings itself up
// to date, and deploys the same digests to one environment after the other. Where an environment wants an approval, a person is shown what
// `pulumi up` would do there, and exactly that plan is applied, or nothing.
//
//	pipeline, err := components.NewCodePipeline(ctx, "delivery", &components.CodePipelineArgs{
//		Source:       components.PipelineSource{Provider: "GitHub", Repository: "example/shop"},
//		Image:        components.PipelineImage{Context: "docker/app", Target: "prod"},
//		Environments: []components.PipelineEnvironment{{Stack: "staging", SmokeTest: true}, {Stack: "prod", Approval: true}},
//		BackendUrl:   "s3://my-pulumi-state?region=us-east-1",
//		StateKeyArn:  pulumi.String("arn:aws:kms:us-east-1:123456789012:key/..."),
//	})
//
// The stages are `Source`, `Build`, `SelfUpdate`, and for each environment Deploy-<stack>, or with approval Plan-<stack>, Approve-<stack> and
// Deploy-<stack>; the last two are skipped when the plan has no changes. What each does is in the scripts of delivery/, which the
// projects' build specifications call and a person can run too. A newer commit takes the place of one that waits between two stages.
//
// It creates the pipeline (V2), a CodeBuild project with a role and a log group for each thing that runs, a repository in ECR for the images, a
// bucket and a KMS key for the artifacts, a topic for failures and waiting approvals, a connection to the provider of the source, and
// the roles that may deploy (see DeployRoles), unless they are in another account.
//
// About what it costs a month (us-east-1); a push that takes 25 minutes from source to production is about 20 cents:
//
//	key        $1.00
//	pipeline   $0.002  per minute in which actions run, the first 100 are free
//	build      $0.010  per minute of the medium ARM machine; $0.0034 of the small ones
//	images     $0.10   per GB; logs and artifacts some cents
type CodePipeline struct {
	pulumi.ResourceState

	// PipelineName is what the commands of `aws codepipeline` take.
	PipelineName pulumi.StringOutput `pulumi:"pipelineName"`
	// PipelineArn is what policies and rules of EventBridge name the pipeline by.
	PipelineArn pulumi.StringOutput `pulumi:"pipelineArn"`
	// PipelineUrl is the pipeline's page in the console.
	PipelineUrl pulumi.StringOutput `pulumi:"pipelineUrl"`
	// ImageRepositoryUrl is the repository in ECR that the build pushes to and all environments pull from.
	ImageRepositoryUrl pulumi.StringOutput `pulumi:"imageRepositoryUrl"`
	// BuildImageRepositoryUrl is where the build image of the project's own is pushed to; empty without OwnBuildImage.
	BuildImageRepositoryUrl pulumi.StringOutput `pulumi:"buildImageRepositoryUrl"`
	// TopicArn is of the topic that failures and waiting approvals are published to.
	TopicArn pulumi.StringOutput `pulumi:"topicArn"`
	// ConnectionUrl is where a person completes the connection that was made; empty where none was.
	ConnectionUrl pulumi.StringOutput `pulumi:"connectionUrl"`
	// ProjectRoleArns are the roles of the projects, by the project's name in Projects: whom the roles in another account have to trust.
	ProjectRoleArns pulumi.StringMapOutput `pulumi:"projectRoleArns"`

	Pipeline    *codepipeline.Pipeline
	Connections map[string]*codeconnections.Connection // by provider
	Projects    map[string]*codebuild.Project          // "build", "self-update", "plan-<stack>", "deploy-<stack>"
	Roles       map[string]*iam.Role                   // the projects', by the same names, and "pipeline"
	// DeployRoles are the environments', by stack; those in other accounts are not among them.
	DeployRoles     map[string]*DeployRoles
	SelfUpdateRoles *DeployRoles
	Repository      *ecr.Repository
	// BuildImageRepository is nil without OwnBuildImage.
	BuildImageRepository *ecr.Repository
	Artifacts            *s3.BucketV2
	ArtifactKey          *kms.Key
	Topic                *sns.Topic

	name string
	// Where it is deployed to.
	partition, account, region pulumi.StringOutput

	commitRepositories []commitRepository
	sources            []pulumi.StringInput // ARNs of connections and of repositories in CodeCommit
	stages             codepipeline.PipelineStageArray
	triggers           codepipeline.PipelineTriggerArray
	// startAfter is what the pipeline waits for and no output carries: what its first execution needs.
	startAfter []pulumi.Resource
}

// NewCodePipeline creates a pipeline. Its first execution starts at once, and fails at its source until a person has completed the
// connection. name has at most 14 characters, as the connection's is made of it and has 32. An error names every argument that is wrong.
func NewCodePipeline(ctx *pulumi.Context, name string, args *CodePipelineArgs, opts ...pulumi.ResourceOption) (*CodePipeline, error) {
	settings, err := args.withDefaults(name, ctx.Stack())
	if err != nil {
		return nil, err
	}
	p := &CodePipeline{
		name:        name,
		Connections: map[string]*codeconnections.Connection{},
		Projects:    map[string]*codebuild.Project{},
		Roles:       map[string]*iam.Role{},
		DeployRoles: map[string]*DeployRoles{},
	}
	if err := ctx.RegisterComponentResource("slipway:index:CodePipeline", name, p, opts...); err != nil {
		return nil, err
	}
	p.lookUpAccount(ctx)
	for _, step := range []func(*pulumi.Context, CodePipelineArgs) error{
		p.createArtifactStore,
		p.createImageRepository,
		p.createBuildImageRepository,
		p.createTopic,
		p.createSource,
		p.createBuild,
		p.createSelfUpdate,
		p.createEnvironments,
		p.admitCodeBuild,
		p.createPipeline,
		p.createEvents,
	} {
		if err := step(ctx, settings); err != nil {
			return nil, err
		}
	}
	projectRoles := pulumi.StringMap{}
	for _, project := range sortedKeys(p.Projects) {
		projectRoles[project] = p.Roles[project].Arn
	}
	p.ProjectRoleArns = projectRoles.ToStringMapOutput()
	return p, ctx.RegisterResourceOutputs(p, pulumi.Map{
		"pipelineName":            p.PipelineName,
		"pipelineArn":             p.PipelineArn,
		"pipelineUrl":             p.PipelineUrl,
		"imageRepositoryUrl":      p.ImageRepositoryUrl,
		"topicArn":                p.TopicArn,
		"connectionUrl":           p.ConnectionUrl,
		"projectRoleArns":         p.ProjectRoleArns,
		"buildImageRepositoryUrl": p.BuildImageRepositoryUrl,
	})
}

// createPipeline makes the pipeline of the stages that the steps before it have added.
func (p *CodePipeline) createPipeline(ctx *pulumi.Context, args CodePipelineArgs) (err error) {
	role, err := p.createRole(ctx, "pipeline", "Runs a delivery pipeline", "codepipeline.amazonaws.com", args.Tags)
	if err != nil {
		return err
	}
	policy, err := p.createPipelinePolicy(ctx, role)
	if err != nil {
		return err
	}
	p.Pipeline, err = codepipeline.NewPipeline(ctx, p.name+"-pipeline", &codepipeline.PipelineArgs{
		PipelineType: pulumi.String("V2"),
		// A newer commit overtakes one that waits, so that production gets the newest that was approved.
		ExecutionMode: pulumi.String("SUPERSEDED"),
		RoleArn:       role.Arn,
		ArtifactStores: codepipeline.PipelineArtifactStoreArray{&codepipeline.PipelineArtifactStoreArgs{
			Type:          pulumi.String("S3"),
			Location:      p.Artifacts.Bucket,
			EncryptionKey: &codepipeline.PipelineArtifactStoreEncryptionKeyArgs{Type: pulumi.String("KMS"), Id: p.ArtifactKey.Arn},
		}},
		Stages:   p.stages,
		Triggers: p.triggers,
		Tags:     pulumi.ToStringMap(args.Tags),
	}, pulumi.Parent(p), pulumi.DependsOn(append(p.startAfter, policy)))
	if err != nil {
		return err
	}
	p.PipelineName, p.PipelineArn = p.Pipeline.Name, p.Pipeline.Arn
	p.PipelineUrl = p.inConsole("codepipeline/pipelines/%s/view", p.Pipeline.Name)
	return nil
}

// lookUpAccount finds out where the pipeline is deployed to.
func (p *CodePipeline) lookUpAccount(ctx *pulumi.Context) {
	caller := aws.GetCallerIdentityOutput(ctx, aws.GetCallerIdentityOutputArgs{}, pulumi.Parent(p))
	p.account = caller.AccountId()
	p.partition = caller.Arn().ApplyT(func(callerArn string) (string, error) {
		parsed, err := parseArn(callerArn)
		return parsed.partition, err
	}).(pulumi.StringOutput)
	p.region = aws.GetRegionOutput(ctx, aws.GetRegionOutputArgs{}, pulumi.Parent(p)).Name()
}

// inConsole is the address of a page of the developer tools.
func (p *CodePipeline) inConsole(page string, of ...any) pulumi.StringOutput {
	return pulumi.Sprintf("%s/codesuite/%s?region=%s", p.region.ApplyT(console), pulumi.Sprintf(page, of...), p.region)
}
