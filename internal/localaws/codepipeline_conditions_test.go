package localaws

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPipelineConditions(t *testing.T) {
	t.Parallel()
	skip := func(rules ...any) map[string]any { return map[string]any{"result": "SKIP", "rules": rules} }
	alarm := variableCheck(map[string]any{"ruleTypeId": map[string]any{"category": "Rule", "provider": "CloudWatchAlarm"}, "configuration": map[string]any{"AlarmName": "errors"}})
	configured := func(changes map[string]any) map[string]any {
		base, _ := variableCheck(nil)["configuration"].(map[string]any)
		return approving(skip(variableCheck(map[string]any{"configuration": with(base, changes)})))
	}
	const at = "stages[2].beforeEntry.condition"
	rules := func(count int) []any {
		return many(count, func(n int) any { return variableCheck(map[string]any{"name": fmt.Sprint("rule", n)}) })
	}
	checkAll(t, map[string]checkCase{
		"a result that is none":    {pipelineType, approving(map[string]any{"result": "RETRY", "rules": rules(1)}), at + ".result: expected"},
		"no rules":                 {pipelineType, approving(map[string]any{"result": "SKIP", "rules": []any{}}), at + ".rules: A condition has 1 to 5 rules, beforeEntry of Approve-prod has 0 (InvalidStageDeclarationException)"},
		"six rules":                {pipelineType, approving(skip(rules(6)...)), at + ".rules: A condition has 1 to 5 rules"},
		"a rule twice":             {pipelineType, approving(skip(variableCheck(nil), variableCheck(nil))), at + ".rules[1].name: All rule names within a condition must be unique"},
		"a rule with a space":      {pipelineType, approving(skip(variableCheck(map[string]any{"name": "any changes"}))), at + ".rules[0].name: Value 'any changes'"},
		"a rule that is none":      {pipelineType, approving(skip(variableCheck(map[string]any{"ruleTypeId": map[string]any{"category": "Rule", "provider": "Weather"}}))), at + ".rules[0].ruleTypeId.provider: RuleType (Category: 'Rule', Provider: 'Weather'"},
		"an alarm that skips":      {pipelineType, approving(skip(alarm)), at + ".rules[0].ruleTypeId.provider: A condition with the result SKIP takes rules of LambdaInvoke and VariableCheck only"},
		"an operator that is none": {pipelineType, configured(map[string]any{"Operator": "!="}), at + ".rules[0].configuration.Operator: Operator of rule 'changes' takes EQ, NE, CONTAINS, MATCHES"},
		"no operator":              {pipelineType, configured(map[string]any{"Operator": nil}), "is missing required configuration 'Operator'"},
		"an unknown key":           {pipelineType, configured(map[string]any{"Key": "x"}), "contains unknown configuration 'Key'"},
		"a variable of nobody":     {pipelineType, configured(map[string]any{"Variable": "#{Plan.CHANGES}"}), at + ".rules[0].configuration.Variable: Valid format for a pipeline execution variable reference"},
		"commands of a check":      {pipelineType, approving(skip(variableCheck(map[string]any{"commands": []any{"true"}}))), at + ".rules[0].commands: Only rules of Commands have commands"},
		"a condition of V1":        {pipelineType, with(approving(skip(variableCheck(nil))), map[string]any{"pipelineType": "V1"}), "stages[2].beforeEntry: A condition of the stage Approve-prod can only be used with V2 pipelines"},
		"skipping after a success": {pipelineType, delivering(with(stageOf("Late", approvalAction(nil, nil)), map[string]any{"onSuccess": map[string]any{"condition": skip(variableCheck(nil))}})), "stages[2].onSuccess.condition.result: expected"},
		"skipping after a failure": {pipelineType, delivering(with(stageOf("Late", approvalAction(nil, nil)), map[string]any{"onFailure": map[string]any{"result": "SKIP"}})), "stages[2].onFailure.result: expected"},
		"a rule of four minutes":   {pipelineType, approving(skip(variableCheck(map[string]any{"timeoutInMinutes": 4}))), at + ".rules[0].timeoutInMinutes: expected"},
	})
	for name, inputs := range map[string]map[string]any{
		"skipped without changes": approving(skip(variableCheck(nil))),
		"five rules":              approving(skip(rules(5)...)),
		"failing with an alarm":   approving(map[string]any{"result": "FAIL", "rules": []any{alarm}}),
		"tried again":             delivering(with(stageOf("Late", approvalAction(nil, nil)), map[string]any{"onFailure": map[string]any{"result": "RETRY", "retryConfiguration": map[string]any{"retryMode": "ALL_ACTIONS"}}})),
	} {
		_, failures := newEmbedded(t).check(pipelineType, "x", inputs)
		assert.Empty(t, failures, name)
	}
}

func TestPipelineTriggers(t *testing.T) {
	t.Parallel()
	push := func(filters ...any) map[string]any { return triggered(map[string]any{"pushes": filters}) }
	patterns := func(count int) map[string]any {
		return map[string]any{"includes": many(count, func(n int) any { return fmt.Sprint("branch", n) })}
	}
	branches := map[string]any{"branches": patterns(1)}
	twice := triggered(map[string]any{"pushes": []any{branches}})
	first, _ := twice["triggers"].([]any)
	twice["triggers"] = []any{first[0], first[0]}
	const invalid = "The trigger configuration for the source action is not valid. Make sure to choose valid filter combinations"
	checkAll(t, map[string]checkCase{
		"a trigger of V1":         {pipelineType, with(push(branches), map[string]any{"pipelineType": nil}), "triggers: A trigger can only be used with V2 pipelines"},
		"another source":          {pipelineType, triggered(map[string]any{"sourceActionName": "Build", "pushes": []any{branches}}), "triggers[0].gitConfiguration.sourceActionName: Triggers for connection must reference a CodeStarSourceConnection action."},
		"two for a source":        {pipelineType, twice, "triggers[1].gitConfiguration.sourceActionName: Triggers for connection"},
		"no filters":              {pipelineType, triggered(nil), "triggers[0].gitConfiguration: " + invalid},
		"four filters":            {pipelineType, push(branches, branches, branches, branches), "triggers[0].gitConfiguration.pushes: A trigger has 3 filters at most, got 4"},
		"tags and branches":       {pipelineType, push(map[string]any{"tags": patterns(1), "branches": patterns(1)}), "triggers[0].gitConfiguration.pushes[0]: " + invalid},
		"a filter of nothing":     {pipelineType, push(map[string]any{}), "triggers[0].gitConfiguration.pushes[0]: " + invalid},
		"nine branches":           {pipelineType, push(map[string]any{"branches": patterns(9)}), "pushes[0].branches.includes: includes of branches take 1 to 8 patterns, got 9"},
		"neither in nor out":      {pipelineType, push(map[string]any{"branches": map[string]any{}}), "pushes[0].branches: " + invalid},
		"a pattern of 256":        {pipelineType, push(map[string]any{"filePaths": map[string]any{"excludes": []any{strings.Repeat("a", 256)}}}), "a pattern takes 1 to 255 characters, got 256"},
		"an event that is none":   {pipelineType, triggered(map[string]any{"pullRequests": []any{with(branches, map[string]any{"events": []any{"MERGED"}})}}), "pullRequests[0].events: expected events to be of OPEN, UPDATED, CLOSED"},
		"a provider that is none": {pipelineType, with(push(branches), map[string]any{"triggers": []any{map[string]any{"providerType": "GitHub", "gitConfiguration": map[string]any{"sourceActionName": "Source", "pushes": []any{branches}}}}}), "triggers[0].providerType: expected"},
	})
	for name, inputs := range map[string]map[string]any{
		"branches and paths": push(map[string]any{"branches": patterns(8), "filePaths": map[string]any{"excludes": []any{strings.Repeat("a", 255)}}}),
		"three filters":      push(branches, branches, map[string]any{"tags": patterns(1)}),
		"pull requests":      triggered(map[string]any{"pullRequests": []any{with(branches, map[string]any{"events": []any{"OPEN", "UPDATED"}})}}),
	} {
		_, failures := newEmbedded(t).check(pipelineType, "x", inputs)
		assert.Empty(t, failures, name)
	}
}

// delivery makes what a pipeline refers to, and returns a pipeline of it.
func (e *embedded) delivery() map[string]any {
	e.t.Helper()
	role := e.create(roleType, "pipeline", trusting("codepipeline.amazonaws.com"))["arn"]
	builder := e.create(roleType, "build", trusting("codebuild.amazonaws.com"))["arn"]
	e.create(projectType, "build", buildProject(map[string]any{"name": "build", "serviceRole": builder}))
	connection := e.create(connectionType, "git", map[string]any{"providerType": "GitHub"})["arn"]
	bucket := e.create(bucketType, "artifacts", map[string]any{"bucket": "artifacts"})["bucket"]
	pipeline := pipelineOf(stageOf("Source", sourceAction(map[string]any{"ConnectionArn": connection}, nil)), stageOf("Build", buildAction(nil, nil)))
	return with(pipeline, map[string]any{"roleArn": role, "artifactStores": []any{map[string]any{"type": "S3", "location": bucket}}})
}

func TestPipelines(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	inputs := e.delivery()
	pipeline := e.deploy(pipelineType, "shop", inputs)
	assert.Regexp(t, `^shop-[0-9a-f]{7}$`, pipeline.id)
	assert.Equal(t, "arn:aws:codepipeline:us-east-1:123456789012:"+pipeline.id, pipeline.text("arn"))
	assert.Equal(t, "SUPERSEDED", pipeline.text("executionMode"))
	trigger := plainDeep(pipeline.outputs["triggerAlls"]).ArrayValue()[0].Mappable()
	assert.Equal(t, map[string]any{"providerType": connectionProvider, "gitConfigurations": []any{map[string]any{"sourceActionName": "Source",
		"pushes": []any{map[string]any{"branches": []any{map[string]any{"includes": []any{"main"}}}}}}}}, trigger, "CodePipeline's own")
	assert.Equal(t, []string{"name"}, pipeline.replaces(with(inputs, map[string]any{"name": "other"})))
	longer, _ := inputs["stages"].([]any)
	assert.Empty(t, pipeline.replaces(with(inputs, map[string]any{"stages": append(longer, stageOf("Approve", approvalAction(nil, nil)))})))
	require.NoError(t, pipeline.update(with(inputs, map[string]any{"triggers": triggered(map[string]any{"pushes": []any{map[string]any{"tags": map[string]any{"includes": []any{"v*"}}}}})["triggers"]})))
	trigger = plainDeep(pipeline.outputs["triggerAlls"]).ArrayValue()[0].Mappable()
	assert.Equal(t, map[string]any{"providerType": connectionProvider, "gitConfigurations": []any{map[string]any{"sourceActionName": "Source",
		"pushes": []any{map[string]any{"tags": []any{map[string]any{"includes": []any{"v*"}}}}}}}}, trigger)
	_, err := e.tryCreate(pipelineType, "again", with(inputs, map[string]any{"name": pipeline.id}))
	refused(t, err, "PipelineNameInUseException")
	require.NoError(t, pipeline.delete())
}

func TestPipelineAdmission(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	inputs := e.delivery()
	stages, _ := inputs["stages"].([]any)
	stranger := e.create(roleType, "stranger", trusting("codebuild.amazonaws.com"))["arn"]
	e.in("eu-west-1").create(bucketType, "far", map[string]any{"bucket": "far-away"})
	then := func(a map[string]any) map[string]any {
		return with(inputs, map[string]any{"stages": []any{stages[0], stages[1], stageOf("Then", a)}})
	}
	built := func(configuration, more map[string]any) map[string]any {
		return then(buildAction(configuration, with(map[string]any{"namespace": "Then", "outputArtifacts": nil}, more)))
	}
	keep := func(bucket string) map[string]any {
		return with(inputs, map[string]any{"artifactStores": []any{map[string]any{"type": "S3", "location": bucket}}})
	}
	foreign := map[string]any{"roleArn": "arn:aws:iam::210987654321:role/deploy"}
	for name, c := range map[string]struct {
		inputs     map[string]any
		code, says string
	}{
		"roleless":     {with(inputs, map[string]any{"roleArn": "arn:aws:iam::123456789012:role/none"}), "InvalidStructureException", "CodePipeline is not authorized to perform AssumeRole on role"},
		"stranger":     {with(inputs, map[string]any{"roleArn": stranger}), "InvalidStructureException", "CodePipeline is not authorized to perform AssumeRole on role"},
		"own-role":     {built(nil, map[string]any{"roleArn": stranger}), "InvalidStructureException", "is not authorized to perform AssumeRole on action role"},
		"bucketless":   {keep("none"), "NoSuchBucket", "none"},
		"far-bucket":   {keep("far-away"), "InvalidStructureException", "is in eu-west-1, and must be in us-east-1"},
		"projectless":  {built(map[string]any{"ProjectName": "none"}, nil), "ResourceNotFoundException", "Project cannot be found: none"},
		"topicless":    {then(approvalAction(map[string]any{"NotificationArn": noTopic}, nil)), "NotFound", "Topic does not exist"},
		"disconnected": {with(inputs, map[string]any{"stages": []any{stageOf("Source", sourceAction(nil, nil)), stages[1]}}), "ResourceNotFoundException", "is not found (action Source in stage Source)"},
		"keyless":      {with(inputs, map[string]any{"artifactStores": []any{map[string]any{"type": "S3", "location": "artifacts", "encryptionKey": map[string]any{"id": "none", "type": "KMS"}}}}), "InvalidStructureException", "The encryption key none does not exist"},
		"abroad":       {built(nil, foreign), "InvalidStructureException", "cannot read artifacts that are encrypted with the default key"},
	} {
		_, err := e.tryCreate(pipelineType, name, c.inputs)
		refused(t, err, c.code)
		require.ErrorContains(t, err, c.says, name)
	}

	key := e.create(keyType, "artifacts", nil)["arn"]
	shared := with(built(map[string]any{"ProjectName": "theirs"}, foreign), map[string]any{"artifactStores": []any{map[string]any{"type": "S3", "location": "artifacts", "encryptionKey": map[string]any{"id": key, "type": "KMS"}}}})
	_, err := e.tryCreate(pipelineType, "closed", shared)
	require.ErrorContains(t, err, "which the policy of the bucket artifacts does not let in")
	e.create(bucketPolicyType, "artifacts", map[string]any{"bucket": "artifacts", "policy": document(with(readObjects("artifacts"), map[string]any{"Principal": map[string]any{"AWS": "210987654321"}}))})
	e.create(pipelineType, "shared", shared)
	e.create(pipelineType, "former", with(inputs, map[string]any{"stages": []any{stageOf("Source", sourceAction(map[string]any{"ConnectionArn": strings.Replace(someConnection, "codeconnections", "codestar-connections", 1)}, nil)), stages[1]}}))
}
