package localaws

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

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
	assert.Empty(t, pipeline.diff(inputs).ChangedKeys, "a second deployment changes nothing")
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
	} {
		_, err := e.tryCreate(pipelineType, name, c.inputs)
		refused(t, err, c.code)
		require.ErrorContains(t, err, c.says, name)
	}
	e.create(pipelineType, "former", with(inputs, map[string]any{"stages": []any{stageOf("Source", sourceAction(map[string]any{"ConnectionArn": strings.Replace(someConnection, "codeconnections", "codestar-connections", 1)}, nil)), stages[1]}}))
}
