package localaws

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codepipeline"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// codepipelineKinds are CodePipeline's resource types. Pipelines that exist are not executed.
func codepipelineKinds() []*kind {
	const notAssumed = "CodePipeline is not authorized to perform AssumeRole on role %s"
	return []*kind{
		of(codepipeline.PipelineArgs{}, codepipeline.Pipeline{}, kind{service: "CodePipeline", noun: "Pipeline", idFrom: "name",
			named: &naming{property: "name", most: 100}, unique: map[string]string{"name": "PipelineNameInUseException"}, replace: []string{"name"},
			defaults: map[string]any{"pipelineType": "V1", "executionMode": "SUPERSEDED"},
			references: map[string]reference{
				"roleArn":                         {types: []string{roleType}, code: "InvalidStructureException", message: notAssumed},
				"stages.actions.roleArn":          {types: []string{roleType}, code: "InvalidStructureException", message: notAssumed, abroad: true},
				"artifactStores.location":         toBucket,
				"artifactStores.encryptionKey.id": {types: []string{keyType, aliasType}, code: "InvalidStructureException", message: "The encryption key %s does not exist", abroad: true},
			},
			check: checkPipeline, compute: computePipeline, admit: admitPipeline}),
	}
}

func computePipeline(d *draft) {
	d.set("arn", d.arn("codepipeline", d.id))
	d.outputs["triggerAlls"] = d.allTriggers()
}

// allTriggers are the triggers of a pipeline: those that it has been given, or CodePipeline's own for each of its connections, which is a
// push to the source's branch.
func (d *draft) allTriggers() resource.PropertyValue {
	all := []resource.PropertyValue{}
	if given := plainDeep(d.value("triggers")); given.IsArray() {
		for _, trigger := range given.ArrayValue() {
			all = append(all, pluralised(trigger))
		}
		return resource.NewProperty(all)
	}
	for _, stage := range d.pipelineStages() {
		for _, action := range stage.actions {
			if d.text("pipelineType") == "V2" && action.provider == connectionProvider && action.setting("DetectChanges") != "false" {
				all = append(all, pushTo(action.setting("BranchName"), action.name))
			}
		}
	}
	return resource.NewProperty(all)
}

func pushTo(branch, source string) resource.PropertyValue {
	return resource.NewPropertyValue(map[string]any{"providerType": connectionProvider, "gitConfigurations": []any{map[string]any{"sourceActionName": source,
		"pushes": []any{map[string]any{"branches": []any{map[string]any{"includes": []any{branch}}}}}}}})
}

// pluralised is a trigger as triggerAlls has it: what triggers have once stands there in lists of one.
func pluralised(v resource.PropertyValue) resource.PropertyValue {
	switch {
	case v.IsArray():
		list := make([]resource.PropertyValue, len(v.ArrayValue()))
		for i, e := range v.ArrayValue() {
			list[i] = pluralised(e)
		}
		return resource.NewProperty(list)
	case v.IsObject():
		object := resource.PropertyMap{}
		for key, e := range v.ObjectValue() {
			switch {
			case key == "gitConfiguration":
				object["gitConfigurations"] = resource.NewProperty([]resource.PropertyValue{pluralised(e)})
			case e.IsObject():
				object[key] = resource.NewProperty([]resource.PropertyValue{pluralised(e)})
			default:
				object[key] = pluralised(e)
			}
		}
		return resource.NewProperty(object)
	}
	return v
}
