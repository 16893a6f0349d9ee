package components

import (
	"encoding/json"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codebuild"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codepipeline"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// projectSettings is what differs between the projects of a pipeline.
type projectSettings struct {
	description string
	buildspec   string
	privileged  bool
	computeType string // default: the small one
	variables   map[string]pulumi.StringInput
	grants      []pulumi.Output // each of []policyStatement: what it may do besides what all of them may
}

// createProject makes a CodeBuild project that runs in the pipeline, with a log group of its own. Its role is there already.
func (p *CodePipeline) createProject(ctx *pulumi.Context, what string, args CodePipelineArgs, s projectSettings) (*codebuild.Project, error) {
	name := p.name + "-" + what
	inside := pulumi.Parent(p)
	logs, err := cloudwatch.NewLogGroup(ctx, name+"-logs", &cloudwatch.LogGroupArgs{
		RetentionInDays: pulumi.Int(args.LogRetentionDays),
		Tags:            pulumi.ToStringMap(args.Tags),
	}, inside)
	if err != nil {
		return nil, err
	}
	role := p.Roles[what]
	of := []any{logs.Arn, p.Artifacts.Arn, p.ArtifactKey.Arn, args.BuildImage.ToStringOutput().ApplyT(repositoryArn)}
	for _, grant := range s.grants {
		of = append(of, grant)
	}
	policy, err := iam.NewRolePolicy(ctx, name+"-policy", &iam.RolePolicyArgs{
		Role: role.ID(),
		Policy: pulumi.All(of...).ApplyT(func(of []any) (string, error) {
			statements := projectStatements(of[0].(string), of[1].(string), of[2].(string), of[3].(string))
			for _, grant := range of[4:] {
				statements = append(statements, grant.([]policyStatement)...)
			}
			return policyDocument(statements...)
		}).(pulumi.StringOutput),
	}, inside)
	if err != nil {
		return nil, err
	}
	p.startAfter = append(p.startAfter, policy)
	project, err := codebuild.NewProject(ctx, name, &codebuild.ProjectArgs{
		Description:   pulumi.String(s.description),
		ServiceRole:   role.Arn,
		BuildTimeout:  pulumi.Int(args.BuildTimeout),
		EncryptionKey: p.ArtifactKey.Arn,
		Source:        &codebuild.ProjectSourceArgs{Type: pulumi.String("CODEPIPELINE"), Buildspec: pulumi.String(s.buildspec)},
		Artifacts:     &codebuild.ProjectArtifactsArgs{Type: pulumi.String("CODEPIPELINE")},
		Environment:   p.buildEnvironment(args, s),
		LogsConfig: &codebuild.ProjectLogsConfigArgs{
			CloudwatchLogs: &codebuild.ProjectLogsConfigCloudwatchLogsArgs{GroupName: logs.Name},
		},
		Tags: pulumi.ToStringMap(args.Tags),
	}, inside)
	p.Projects[what] = project
	return project, err
}

func (p *CodePipeline) buildEnvironment(args CodePipelineArgs, s projectSettings) *codebuild.ProjectEnvironmentArgs {
	environment := &codebuild.ProjectEnvironmentArgs{
		Type:           pulumi.String("LINUX_CONTAINER"),
		ComputeType:    pulumi.String("BUILD_GENERAL1_SMALL"),
		PrivilegedMode: pulumi.Bool(s.privileged),
	}
	if args.Image.Architecture == "ARM64" {
		environment.Type = pulumi.String("ARM_CONTAINER")
	}
	if s.computeType != "" {
		environment.ComputeType = pulumi.String(s.computeType)
	}
	p.runIn(environment, args)
	var variables codebuild.ProjectEnvironmentEnvironmentVariableArray
	for _, variable := range sortedKeys(s.variables) {
		variables = append(variables, &codebuild.ProjectEnvironmentEnvironmentVariableArgs{Name: pulumi.String(variable), Value: s.variables[variable]})
	}
	environment.EnvironmentVariables = variables
	return environment
}

// createProjectRole makes the role of a project, before the roles that trust it.
func (p *CodePipeline) createProjectRole(ctx *pulumi.Context, what string, args CodePipelineArgs) (*iam.Role, error) {
	return p.createRole(ctx, what, "The project "+what+" of a delivery pipeline", "codebuild.amazonaws.com", args.Tags)
}

// createRole makes the role of a project, or of the pipeline itself.
func (p *CodePipeline) createRole(ctx *pulumi.Context, what, description, service string, tags map[string]string) (role *iam.Role, err error) {
	role, err = iam.NewRole(ctx, p.name+"-"+what+"-role", &iam.RoleArgs{
		Description: pulumi.String(description),
		AssumeRolePolicy: p.account.ApplyT(func(account string) (string, error) {
			return trustPolicy(service, account)
		}).(pulumi.StringOutput),
		Tags: pulumi.ToStringMap(tags),
	}, pulumi.Parent(p))
	p.Roles[what] = role
	return role, err
}

// runs is the action of a stage that runs a project. The first of the inputs is where the commands run; variables are for this
// action, and may name those that earlier ones left in their namespaces.
func runs(name string, project *codebuild.Project, inputs []string, output, namespace string, variables map[string]string) (*codepipeline.PipelineStageActionArgs, error) {
	type variable struct {
		Name  string `json:"name"`
		Value string `json:"value"`
		Type  string `json:"type"`
	}
	list := []variable{}
	for _, name := range sortedKeys(variables) {
		list = append(list, variable{name, variables[name], "PLAINTEXT"})
	}
	text, err := json.Marshal(list)
	if err != nil {
		return nil, err
	}
	action := &codepipeline.PipelineStageActionArgs{
		Name:           pulumi.String(name),
		Category:       pulumi.String("Build"),
		Owner:          pulumi.String("AWS"),
		Provider:       pulumi.String("CodeBuild"),
		Version:        pulumi.String("1"),
		Namespace:      pulumi.String(namespace),
		InputArtifacts: pulumi.ToStringArray(inputs),
		Configuration: pulumi.StringMap{
			"ProjectName":          project.Name,
			"EnvironmentVariables": pulumi.String(text),
		},
	}
	if len(inputs) > 1 {
		action.Configuration.(pulumi.StringMap)["PrimarySource"] = pulumi.String(inputs[0])
	}
	if output != "" {
		action.OutputArtifacts = pulumi.StringArray{pulumi.String(output)}
	}
	return action, nil
}

func (p *CodePipeline) addStage(name string, beforeEntry codepipeline.PipelineStageBeforeEntryPtrInput, actions ...codepipeline.PipelineStageActionInput) {
	p.stages = append(p.stages, &codepipeline.PipelineStageArgs{
		Name:        pulumi.String(name),
		BeforeEntry: beforeEntry,
		Actions:     codepipeline.PipelineStageActionArray(actions),
	})
}

// identifier is a name with an underscore for every character that a variable and a namespace do not take.
func identifier(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, name)
}

// optionalArn is empty for none.
func optionalArn(given pulumi.StringInput) pulumi.StringOutput {
	if given == nil {
		return pulumi.String("").ToStringOutput()
	}
	return given.ToStringOutput()
}
