package components

import (
	"encoding/json"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// createTopic makes the topic that people hear of failures and approvals by.
func (p *CodePipeline) createTopic(ctx *pulumi.Context, args CodePipelineArgs) error {
	topic, err := newTopic(ctx, p, topicSettings{
		name:      p.name,
		sid:       "FailuresPublish",
		publisher: "events.amazonaws.com",
		service:   "events",
		things:    "rule/*",
		emails:    args.Emails,
		tags:      args.Tags,
	})
	if err != nil {
		return err
	}
	p.Topic, p.TopicArn = topic.topic, topic.topic.Arn
	p.startAfter = append(p.startAfter, topic.policy)
	return nil
}

// createEvents publishes a stage's failure to the topic, and starts the pipeline when CodeCommit gets a commit. The approval action
// publishes by itself.
func (p *CodePipeline) createEvents(ctx *pulumi.Context, args CodePipelineArgs) error {
	failures, err := cloudwatch.NewEventRule(ctx, p.name+"-failures", &cloudwatch.EventRuleArgs{
		Description: pulumi.String("A stage of the delivery pipeline failed"),
		EventPattern: p.Pipeline.Name.ApplyT(func(pipeline string) (string, error) {
			return eventPattern("aws.codepipeline", "CodePipeline Stage Execution State Change", nil, map[string][]string{"pipeline": {pipeline}, "state": {"FAILED"}})
		}).(pulumi.StringOutput),
		Tags: pulumi.ToStringMap(args.Tags),
	}, pulumi.Parent(p))
	if err != nil {
		return err
	}
	_, err = cloudwatch.NewEventTarget(ctx, p.name+"-failures", &cloudwatch.EventTargetArgs{
		Rule: failures.Name,
		Arn:  p.Topic.Arn,
		InputTransformer: &cloudwatch.EventTargetInputTransformerArgs{
			InputPaths: pulumi.StringMap{"stage": pulumi.String("$.detail.stage"), "execution": pulumi.String("$.detail.execution-id")},
			InputTemplate: pulumi.Sprintf(`"The stage <stage> of the pipeline %s failed: %s"`, p.PipelineName,
				p.inConsole("codepipeline/pipelines/%s/executions/<execution>/timeline", p.PipelineName)),
		},
	}, pulumi.Parent(p))
	if err != nil {
		return err
	}
	if err := p.letSelfUpdateRestart(ctx); err != nil {
		return err
	}
	return p.startOnCommits(ctx, args)
}

// letSelfUpdateRestart lets the project start the pipeline anew and end its own execution.
func (p *CodePipeline) letSelfUpdateRestart(ctx *pulumi.Context) error {
	_, err := iam.NewRolePolicy(ctx, p.name+"-restart", &iam.RolePolicyArgs{
		Role: p.Roles["self-update"].ID(),
		Policy: p.Pipeline.Arn.ApplyT(func(pipelineArn string) (string, error) {
			return policyDocument(allow("Restart", []string{"codepipeline:StartPipelineExecution", "codepipeline:StopPipelineExecution"}, pipelineArn))
		}).(pulumi.StringOutput),
	}, pulumi.Parent(p))
	return err
}

// commitRepository is a source in CodeCommit.
type commitRepository struct {
	artifact, branch string
	arn              pulumi.StringOutput
}

// startOnCommits starts the pipeline by an event. Other providers' pushes come by the pipeline's own triggers.
func (p *CodePipeline) startOnCommits(ctx *pulumi.Context, args CodePipelineArgs) error {
	if len(p.commitRepositories) == 0 {
		return nil
	}
	role, err := p.createRole(ctx, "start", "Starts a delivery pipeline when there is a commit", "events.amazonaws.com", args.Tags)
	if err != nil {
		return err
	}
	_, err = iam.NewRolePolicy(ctx, p.name+"-start", &iam.RolePolicyArgs{
		Role: role.ID(),
		Policy: p.Pipeline.Arn.ApplyT(func(pipelineArn string) (string, error) {
			return policyDocument(allow("Start", []string{"codepipeline:StartPipelineExecution"}, pipelineArn))
		}).(pulumi.StringOutput),
	}, pulumi.Parent(p))
	if err != nil {
		return err
	}
	for _, repository := range p.commitRepositories {
		name := p.name + "-commits-" + strings.ToLower(repository.artifact)
		rule, err := cloudwatch.NewEventRule(ctx, name, &cloudwatch.EventRuleArgs{
			Description: pulumi.String("A commit for the delivery pipeline"),
			EventPattern: repository.arn.ApplyT(func(arn string) (string, error) {
				return eventPattern("aws.codecommit", "CodeCommit Repository State Change", []string{arn},
					map[string][]string{"event": {"referenceCreated", "referenceUpdated"}, "referenceType": {"branch"}, "referenceName": {repository.branch}})
			}).(pulumi.StringOutput),
			Tags: pulumi.ToStringMap(args.Tags),
		}, pulumi.Parent(p))
		if err != nil {
			return err
		}
		if _, err = cloudwatch.NewEventTarget(ctx, name, &cloudwatch.EventTargetArgs{
			Rule: rule.Name, Arn: p.Pipeline.Arn, RoleArn: role.Arn,
		}, pulumi.Parent(p)); err != nil {
			return err
		}
	}
	return nil
}

// eventPattern matches events of one kind.
func eventPattern(source, detailType string, resources []string, detail map[string][]string) (string, error) {
	pattern, err := json.Marshal(struct {
		Source     []string            `json:"source"`
		DetailType []string            `json:"detail-type"`
		Resources  []string            `json:"resources,omitempty"`
		Detail     map[string][]string `json:"detail"`
	}{[]string{source}, []string{detailType}, resources, detail})
	return string(pattern), err
}
