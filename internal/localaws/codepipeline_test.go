package localaws

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
)

const someConnection = "arn:aws:codeconnections:us-east-1:123456789012:connection/01234567-89ab-cdef-0123-456789abcdef"

func action(name, category, provider string, configuration map[string]any, more map[string]any) map[string]any {
	a := map[string]any{"name": name, "category": category, "owner": "AWS", "provider": provider, "version": "1"}
	if configuration != nil {
		a["configuration"] = configuration
	}
	return with(a, more)
}

func sourceAction(configuration, more map[string]any) map[string]any {
	return action("Source", "Source", connectionProvider, with(map[string]any{"ConnectionArn": someConnection, "FullRepositoryId": "acme/shop", "BranchName": "main"}, configuration),
		with(map[string]any{"namespace": "Source", "outputArtifacts": []any{"Source"}}, more))
}

func buildAction(configuration, more map[string]any) map[string]any {
	return action("Build", "Build", "CodeBuild", with(map[string]any{"ProjectName": "build"}, configuration),
		with(map[string]any{"namespace": "Build", "inputArtifacts": []any{"Source"}, "outputArtifacts": []any{"Release"}}, more))
}

func approvalAction(configuration, more map[string]any) map[string]any {
	return action("Approve", "Approval", "Manual", configuration, more)
}

func stageOf(name string, actions ...any) map[string]any {
	return map[string]any{"name": name, "actions": actions}
}

func pipelineOf(stages ...any) map[string]any {
	return map[string]any{"roleArn": "arn:aws:iam::123456789012:role/pipeline", "pipelineType": "V2", "stages": stages,
		"artifactStores": []any{map[string]any{"type": "S3", "location": "artifacts"}}}
}

// delivering is a pipeline that builds, and stages after it.
func delivering(stages ...any) map[string]any {
	return pipelineOf(slices.Concat([]any{stageOf("Source", sourceAction(nil, nil)), stageOf("Build", buildAction(nil, nil))}, stages)...)
}

// approving is a pipeline with a condition before its approval.
func approving(condition map[string]any) map[string]any {
	return delivering(with(stageOf("Approve-prod", approvalAction(nil, nil)), map[string]any{"beforeEntry": map[string]any{"condition": condition}}))
}

func variableCheck(changes map[string]any) map[string]any {
	return with(map[string]any{"name": "changes", "ruleTypeId": map[string]any{"category": "Rule", "owner": "AWS", "provider": "VariableCheck", "version": "1"},
		"configuration": map[string]any{"Variable": "#{Build.CHANGES}", "Operator": "NE", "Value": "0"}}, changes)
}

func triggered(git map[string]any) map[string]any {
	return with(delivering(), map[string]any{"triggers": []any{map[string]any{"providerType": connectionProvider, "gitConfiguration": with(map[string]any{"sourceActionName": "Source"}, git)}}})
}

func many(count int, of func(int) any) (list []any) {
	for n := range count {
		list = append(list, of(n))
	}
	return list
}

func TestPipelineStructure(t *testing.T) {
	t.Parallel()
	store := func(stores ...any) map[string]any {
		return with(delivering(), map[string]any{"artifactStores": stores})
	}
	bucket := map[string]any{"type": "S3", "location": "artifacts"}
	source, build := stageOf("Source", sourceAction(nil, nil)), stageOf("Build", buildAction(nil, nil))
	approvals := func(count int) []any {
		return many(count, func(n int) any { return approvalAction(nil, map[string]any{"name": fmt.Sprint("Approve", n)}) })
	}
	empty := func(count int) []any {
		return many(count, func(n int) any { return stageOf(fmt.Sprint("Stage", n), approvalAction(nil, nil)) })
	}
	checkAll(t, map[string]checkCase{
		"a name of 101":           {pipelineType, with(delivering(), map[string]any{"name": strings.Repeat("a", 101)}), "name: Value"},
		"a name with a space":     {pipelineType, with(delivering(), map[string]any{"name": "my pipeline"}), "name: Value 'my pipeline' failed to satisfy constraint"},
		"a type that is none":     {pipelineType, with(delivering(), map[string]any{"pipelineType": "V3"}), "pipelineType: expected"},
		"a mode that is none":     {pipelineType, with(delivering(), map[string]any{"executionMode": "SERIAL"}), "executionMode: expected"},
		"a queue of V1":           {pipelineType, with(delivering(), map[string]any{"pipelineType": nil, "executionMode": "QUEUED"}), "executionMode: The execution mode QUEUED can only be used with V2 pipelines"},
		"51 stages":               {pipelineType, delivering(empty(49)...), "stages: A pipeline contains 50 stages at most, got 51 (LimitExceededException)"},
		"a stage twice":           {pipelineType, delivering(stageOf("Build", approvalAction(nil, nil))), "stages[2].name: All stage names within a pipeline must be unique"},
		"a stage with a space":    {pipelineType, delivering(stageOf("To prod", approvalAction(nil, nil))), "stages[2].name: Value 'To prod'"},
		"a stage without actions": {pipelineType, delivering(map[string]any{"name": "Nothing", "actions": []any{}}), "stages[2].actions: A stage contains 1 to 50 actions, Nothing has 0"},
		"51 actions":              {pipelineType, delivering(stageOf("Approve", approvals(51)...)), "stages[2].actions: A stage contains 1 to 50 actions, Approve has 51"},
		"an action twice":         {pipelineType, delivering(stageOf("Approve", approvalAction(nil, nil), approvalAction(nil, nil))), "stages[2].actions[1].name: All action names within a stage must be unique"},
		"an action with a space":  {pipelineType, delivering(stageOf("Approve", approvalAction(nil, map[string]any{"name": "Say yes"}))), "stages[2].actions[0].name: Value 'Say yes'"},
		"no artifact store":       {pipelineType, store(), "artifactStores: a pipeline needs an artifactStore"},
		"a store of files":        {pipelineType, store(with(bucket, map[string]any{"type": "EFS"})), "artifactStores[0].type: expected"},
		"a folder in a bucket":    {pipelineType, store(with(bucket, map[string]any{"location": "artifacts/shop"})), "artifactStores[0].location: an artifactStore's location"},
		"a key of no kind":        {pipelineType, store(with(bucket, map[string]any{"encryptionKey": map[string]any{"id": "k", "type": "AES"}})), "artifactStores[0].encryptionKey.type: expected"},
		"an action far away":      {pipelineType, delivering(stageOf("Far", buildAction(nil, map[string]any{"namespace": "Far", "outputArtifacts": nil, "region": "eu-west-1"}))), "stages[2].actions[0].region: Action Build runs in eu-west-1"},
		"a variable of V1":        {pipelineType, with(delivering(), map[string]any{"pipelineType": "V1", "variables": []any{map[string]any{"name": "TARGET"}}}), "variables: A variable of the pipeline can only be used with V2 pipelines"},
		"a variable twice":        {pipelineType, with(delivering(), map[string]any{"variables": []any{map[string]any{"name": "TARGET"}, map[string]any{"name": "TARGET"}}}), "variables[1].name: Pipeline variable names must be unique"},
		"a variable with a dot":   {pipelineType, with(delivering(), map[string]any{"variables": []any{map[string]any{"name": "a.b"}}}), "variables[0].name: Value 'a.b'"},
	})
	ordered := buildAction(nil, map[string]any{"name": "Test", "namespace": "Test", "inputArtifacts": []any{"Release"}, "outputArtifacts": nil, "runOrder": 2})
	for name, inputs := range map[string]map[string]any{
		"two stages":           with(pipelineOf(source, build), map[string]any{"pipelineType": nil, "name": strings.Repeat("a", 100)}),
		"50 stages":            delivering(empty(48)...),
		"50 actions":           delivering(stageOf("Approve", approvals(50)...)),
		"one after another":    pipelineOf(source, stageOf("Build", ordered, buildAction(nil, nil))),
		"two regions":          with(delivering(stageOf("Far", buildAction(nil, map[string]any{"namespace": "Far", "outputArtifacts": nil, "region": "eu-west-1"}))), map[string]any{"artifactStores": []any{with(bucket, map[string]any{"region": "us-east-1"}), with(bucket, map[string]any{"region": "eu-west-1"})}}),
		"what is not known":    with(delivering(), map[string]any{"stages": resource.MakeComputed(resource.NewProperty(""))}),
		"a queue, a parameter": with(delivering(), map[string]any{"executionMode": "QUEUED", "variables": []any{map[string]any{"name": "TARGET"}}}),
	} {
		_, failures := newEmbedded(t).check(pipelineType, "x", inputs)
		assert.Empty(t, failures, name)
	}
}

func TestPipelineActions(t *testing.T) {
	t.Parallel()
	source := func(configuration, more map[string]any) map[string]any {
		return pipelineOf(stageOf("Source", sourceAction(configuration, more)), stageOf("Build", buildAction(nil, nil)))
	}
	build := func(configuration, more map[string]any) map[string]any {
		second := sourceAction(nil, map[string]any{"name": "Application", "namespace": "Application", "outputArtifacts": []any{"my-app"}})
		return pipelineOf(stageOf("Source", sourceAction(nil, nil), second), stageOf("Build", buildAction(configuration, more)))
	}
	approve := func(configuration, more map[string]any) map[string]any {
		return delivering(stageOf("Approve", approvalAction(configuration, more)))
	}
	const at = "stages[1].actions[0]"
	checkAll(t, map[string]checkCase{
		"an owner that is none":      {pipelineType, build(nil, map[string]any{"owner": "Me"}), "Owner: 'Me', Version: '1') in action 'Build' is not available"},
		"a provider that is none":    {pipelineType, build(nil, map[string]any{"provider": "Jenkins"}), at + ".provider: ActionType (Category: 'Build', Provider: 'Jenkins', Owner: 'AWS', Version: '1') in action 'Build' is not available in region US_EAST_1 (InvalidActionDeclarationException)"},
		"a connection of others":     {pipelineType, source(nil, map[string]any{"owner": "ThirdParty"}), "is not available in region"},
		"a version that is none":     {pipelineType, build(nil, map[string]any{"version": "2"}), "Version: '2'"},
		"an approval of something":   {pipelineType, approve(nil, map[string]any{"inputArtifacts": []any{"Source"}}), "declares 1 input artifacts which is greater than the maximum count (0)"},
		"a turn of 1000":             {pipelineType, build(nil, map[string]any{"runOrder": 1000}), at + ".runOrder: expected"},
		"a build with a timeout":     {pipelineType, build(nil, map[string]any{"timeoutInMinutes": 60}), at + ".timeoutInMinutes: a timeout is for manual approvals only"},
		"an approval of 4 minutes":   {pipelineType, approve(nil, map[string]any{"timeoutInMinutes": 4}), ".timeoutInMinutes: expected"},
		"a build without a project":  {pipelineType, build(map[string]any{"ProjectName": nil}, nil), at + ".configuration: Action configuration for action 'Build' is missing required configuration 'ProjectName'"},
		"an unknown key":             {pipelineType, build(map[string]any{"Project": "x"}, nil), at + ".configuration.Project: Action configuration for action 'Build' contains unknown configuration 'Project'"},
		"an empty value":             {pipelineType, approve(map[string]any{"CustomData": ""}, nil), ".configuration.CustomData: Map value must satisfy constraint"},
		"two inputs, none primary":   {pipelineType, pipelineOf(stageOf("Source", sourceAction(nil, nil), sourceAction(nil, map[string]any{"name": "A", "namespace": "A", "outputArtifacts": []any{"App"}})), stageOf("Build", buildAction(nil, map[string]any{"inputArtifacts": []any{"Source", "App"}}))), "is missing required configuration 'PrimarySource'"},
		"another primary":            {pipelineType, build(map[string]any{"PrimarySource": "Other"}, nil), at + ".configuration.PrimarySource: PrimarySource of action 'Build' must be one of its input artifacts (Source), got Other"},
		"a second input by a hyphen": {pipelineType, build(map[string]any{"PrimarySource": "Source"}, map[string]any{"inputArtifacts": []any{"Source", "my-app"}}), at + ".inputArtifacts[1]: Invalid input: identifier must contain only alphanumeric characters and underscores"},
		"two outputs with a hyphen":  {pipelineType, build(nil, map[string]any{"outputArtifacts": []any{"a", "a-b"}}), at + ".outputArtifacts[1]: Invalid input: identifier"},
		"variables that are no JSON": {pipelineType, build(map[string]any{"EnvironmentVariables": "A=b"}, nil), at + ".configuration.EnvironmentVariables: EnvironmentVariables of action 'Build' take a JSON list"},
		"a variable of no kind":      {pipelineType, build(map[string]any{"EnvironmentVariables": `[{"name":"A","value":"b","type":"SECRET"}]`}, nil), "EnvironmentVariables of action 'Build' take a JSON list"},
		"a repository without owner": {pipelineType, source(map[string]any{"FullRepositoryId": "shop"}, nil), "stages[0].actions[0].configuration.FullRepositoryId: FullRepositoryId of action 'Source' takes an owner and a name"},
		"a format that is none":      {pipelineType, source(map[string]any{"OutputArtifactFormat": "ZIP"}, nil), "OutputArtifactFormat of action 'Source' takes CODE_ZIP or CODEBUILD_CLONE_REF"},
		"changes perhaps":            {pipelineType, source(map[string]any{"DetectChanges": "yes"}, nil), "DetectChanges of action 'Source' takes true or false"},
		"a connection by name":       {pipelineType, source(map[string]any{"ConnectionArn": "github"}, nil), "ConnectionArn of action 'Source' takes the ARN of a connection"},
		"a source without a branch":  {pipelineType, source(map[string]any{"BranchName": nil}, nil), "is missing required configuration 'BranchName'"},
		"a notice by mail":           {pipelineType, approve(map[string]any{"NotificationArn": "ops@example.com"}, nil), "NotificationArn of action 'Approve' takes the ARN of a topic"},
		"a link to a file":           {pipelineType, approve(map[string]any{"ExternalEntityLink": "s3://b/plan.html"}, nil), "ExternalEntityLink of action 'Approve' takes an address"},
		"a namespace with a dot":     {pipelineType, build(nil, map[string]any{"namespace": "a.b"}), at + ".namespace: Value 'a.b'"},
		"a namespace twice":          {pipelineType, build(nil, map[string]any{"namespace": "Source"}), at + ".namespace: Namespaces must be unique across the pipeline definition."},
		"CodePipeline's namespace":   {pipelineType, build(nil, map[string]any{"namespace": "codepipeline"}), "Namespaces must be unique"},
		"a variable of nobody":       {pipelineType, approve(map[string]any{"CustomData": "#{Plan.SUMMARY}"}, nil), "stages[2].actions[0].configuration.CustomData: Valid format for a pipeline execution variable reference is a namespace and a key separated by a period (.). The following pipeline execution variables are referencing a namespace that does not exist. StageName=[Approve], ActionName=[Approve], ActionConfigurationKey=[CustomData], VariableReferenceText=[Plan.SUMMARY]"},
		"a variable without a key":   {pipelineType, approve(map[string]any{"CustomData": "#{Build}"}, nil), "Valid format for a pipeline execution variable reference"},
		"a variable of its own":      {pipelineType, build(map[string]any{"EnvironmentVariables": `[{"name":"A","value":"#{Build.IMAGE}"}]`}, nil), "referencing a namespace that does not exist"},
		"no variable of a source":    {pipelineType, approve(map[string]any{"CustomData": "#{Source.Commit}"}, nil), "One or more variables could not be resolved: Source gives AuthorDate"},
		"no variable of a pipeline":  {pipelineType, approve(map[string]any{"CustomData": "#{variables.TARGET}"}, nil), "One or more variables could not be resolved: variables gives none."},
	})
	for name, inputs := range map[string]map[string]any{
		"everything of an approval": approve(map[string]any{"NotificationArn": noTopic, "CustomData": "#{Build.SUMMARY} of #{Source.CommitId} (#{codepipeline.PipelineExecutionId})", "ExternalEntityLink": "#{Build.SUMMARY_URL}"},
			map[string]any{"timeoutInMinutes": 86400, "runOrder": 999}),
		"two inputs":   build(map[string]any{"PrimarySource": "my-app", "EnvironmentVariables": `[{"name":"A","value":"#{Source.CommitId}","type":"PLAINTEXT"}]`}, map[string]any{"inputArtifacts": []any{"Source", "my-app"}}),
		"CodeCommit":   pipelineOf(stageOf("Source", action("Source", "Source", "CodeCommit", map[string]any{"RepositoryName": "shop", "BranchName": "main", "PollForSourceChanges": "false"}, map[string]any{"outputArtifacts": []any{"Source"}})), stageOf("Build", buildAction(nil, nil))),
		"a later name": build(map[string]any{"ProjectName": resource.MakeComputed(resource.NewProperty(""))}, nil),
	} {
		_, failures := newEmbedded(t).check(pipelineType, "x", inputs)
		assert.Empty(t, failures, name)
	}
}
