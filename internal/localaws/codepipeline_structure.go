package localaws

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// CodePipeline's quotas (AWS CodePipeline User Guide, "Quotas in AWS CodePipeline").
const (
	stagesPerPipeline = 50
	actionsPerStage   = 50
)

var (
	pipelineName   = regexp.MustCompile(`^[A-Za-z0-9.@_-]{1,100}$`)
	artifactName   = regexp.MustCompile(`^[A-Za-z0-9_-]{1,100}$`)
	artifactBucket = regexp.MustCompile(`^[a-zA-Z0-9.-]{3,63}$`)
)

// pipelineStage and pipelineAction are what is known of a pipeline's structure; what is not is "".
type pipelineStage struct {
	at, name string
	actions  []pipelineAction
}

type pipelineAction struct {
	at, stage, name                    string
	category, owner, provider, version string
	namespace, region, role            string
	order                              int
	inputs, outputs                    []string
	// unlisted tells that artifacts are known only in the deployment.
	unlisted      bool
	configuration resource.PropertyMap
	// unset tells that the configuration is known only in the deployment.
	unset bool
}

// setting is a value of the action's configuration, as far as it is known.
func (a *pipelineAction) setting(key string) string {
	if v := a.configuration[resource.PropertyKey(key)]; v.IsString() {
		return v.StringValue()
	}
	return ""
}

func (d *draft) pipelineStages() (stages []pipelineStage) {
	for n := range d.length("stages") {
		stage := pipelineStage{at: fmt.Sprintf("stages[%d]", n)}
		stage.name = d.text(stage.at + ".name")
		for m := range d.length(stage.at + ".actions") {
			stage.actions = append(stage.actions, d.pipelineAction(stage, fmt.Sprintf("%s.actions[%d]", stage.at, m)))
		}
		stages = append(stages, stage)
	}
	return stages
}

func (d *draft) pipelineAction(stage pipelineStage, at string) pipelineAction {
	a := pipelineAction{at: at, stage: stage.name, order: 1}
	for property, into := range map[string]*string{"name": &a.name, "category": &a.category, "owner": &a.owner, "provider": &a.provider, "version": &a.version,
		"namespace": &a.namespace, "region": &a.region, "roleArn": &a.role} {
		*into = d.text(at + "." + property)
	}
	if order := d.number(at + ".runOrder"); order > 0 {
		a.order = int(order)
	}
	a.inputs, a.outputs = d.artifacts(at+".inputArtifacts"), d.artifacts(at+".outputArtifacts")
	a.unlisted = d.value(at+".inputArtifacts").IsComputed() || d.value(at+".outputArtifacts").IsComputed()
	v := d.value(at + ".configuration")
	if a.unset = v.IsComputed(); v.IsObject() {
		a.configuration = v.ObjectValue()
	}
	return a
}

func (d *draft) length(at string) int {
	if v := d.value(at); v.IsArray() {
		return len(v.ArrayValue())
	}
	return 0
}

func (d *draft) artifacts(at string) (names []string) {
	for n := range d.length(at) {
		names = append(names, d.text(fmt.Sprintf("%s[%d]", at, n)))
	}
	return names
}

func checkPipeline(c *checking) {
	if name := c.text("name"); name != "" && !pipelineName.MatchString(name) {
		c.failName("name", name)
	}
	c.oneOf("pipelineType", "V1", "V2")
	c.oneOf("executionMode", "SUPERSEDED", "QUEUED", "PARALLEL")
	if mode := c.text("executionMode"); mode != "" && mode != "SUPERSEDED" {
		c.needsV2("executionMode", "The execution mode "+mode)
	}
	stages := c.pipelineStages()
	checkStages(c, stages)
	for _, stage := range stages {
		for _, action := range stage.actions {
			checkAction(c, &action)
		}
		checkConditions(c, stage)
	}
	checkArtifacts(c, stages)
	checkVariables(c, stages)
	checkTriggers(c, stages)
	checkArtifactStores(c, stages)
}

func (c *checking) failName(at, name string) {
	c.fail(at, "Value '%s' failed to satisfy constraint: Member must satisfy regular expression pattern: [A-Za-z0-9.@\\-_]+, and have 1 to 100 characters (ValidationException)", name)
}

// needsV2 refuses in a pipeline of type V1 what only V2 has. V1 is the provider's default.
func (c *checking) needsV2(property, what string) {
	if kind := c.value("pipelineType"); !kind.IsComputed() && orDefault(c.text("pipelineType"), "V1") == "V1" {
		c.fail(property, "%s can only be used with V2 pipelines: set pipelineType to V2 (InvalidStructureException)", what)
	}
}

// checkStages checks what CodePipeline asks of a structure (AWS CodePipeline User Guide, "Pipeline structure requirements").
func checkStages(c *checking, stages []pipelineStage) {
	if c.value("stages").IsComputed() {
		return
	}
	if len(stages) < 2 {
		c.fail("stages", "A pipeline must contain at least two stages, got %d (InvalidStructureException)", len(stages))
	}
	if len(stages) > stagesPerPipeline {
		c.fail("stages", "A pipeline contains %d stages at most, got %d (LimitExceededException)", stagesPerPipeline, len(stages))
	}
	seen := map[string]bool{}
	for n, stage := range stages {
		if stage.name != "" && !pipelineName.MatchString(stage.name) {
			c.failName(stage.at+".name", stage.name)
		}
		if stage.name != "" && seen[stage.name] {
			c.fail(stage.at+".name", "All stage names within a pipeline must be unique, %s is given twice (InvalidStageDeclarationException)", stage.name)
		}
		seen[stage.name] = true
		if size := len(stage.actions); (size == 0 || size > actionsPerStage) && !c.value(stage.at+".actions").IsComputed() {
			c.fail(stage.at+".actions", "A stage contains 1 to %d actions, %s has %d (InvalidStageDeclarationException)", actionsPerStage, stage.name, size)
		}
		checkActionsOf(c, stage, n == 0)
	}
}

func checkActionsOf(c *checking, stage pipelineStage, first bool) {
	seen := map[string]bool{}
	for _, action := range stage.actions {
		if action.name != "" && !pipelineName.MatchString(action.name) {
			c.failName(action.at+".name", action.name)
		}
		if action.name != "" && seen[action.name] {
			c.fail(action.at+".name", "All action names within a stage must be unique, %s is given twice in %s (InvalidActionDeclarationException)", action.name, stage.name)
		}
		seen[action.name] = true
		switch source := action.category == "Source"; {
		case action.category == "":
		case first && !source:
			c.fail(action.at+".category", "The first stage of a pipeline can only contain source actions, %s is one of category %s (InvalidStructureException)", action.name, action.category)
		case source && !first:
			c.fail(action.at+".category", "Only the first stage of a pipeline may contain source actions, %s is in %s (InvalidStructureException)", action.name, stage.name)
		}
	}
}

// turns are the actions of a stage in the order in which they run; those of a turn run at the same time.
func (s pipelineStage) turns() (turns [][]pipelineAction) {
	byOrder := map[int][]pipelineAction{}
	for _, action := range s.actions {
		byOrder[action.order] = append(byOrder[action.order], action)
	}
	for _, order := range slices.Sorted(maps.Keys(byOrder)) {
		turns = append(turns, byOrder[order])
	}
	return turns
}

// checkArtifacts checks that each artifact is made once, before it is used.
func checkArtifacts(c *checking, stages []pipelineStage) {
	for _, stage := range stages {
		for _, action := range stage.actions {
			if action.unlisted {
				return
			}
		}
	}
	made := map[string]bool{"": true}
	for _, stage := range stages {
		for _, turn := range stage.turns() {
			var making []string
			for _, action := range turn {
				for n, input := range action.inputs {
					if !made[input] {
						c.fail(fmt.Sprintf("%s.inputArtifacts[%d]", action.at, n), "Input Artifact Bundle %s in action %s is not declared as Output Artifact Bundle in any of the preceding actions (InvalidActionDeclarationException)", input, action.name)
					}
				}
				for n, output := range action.outputs {
					at := fmt.Sprintf("%s.outputArtifacts[%d]", action.at, n)
					switch {
					case output == "":
					case !artifactName.MatchString(output):
						c.fail(at, "Value '%s' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_\\-]+, and have 1 to 100 characters (ValidationException)", output)
					case made[output] || slices.Contains(making, output):
						c.fail(at, "Output Artifact Bundle name must be unique within the pipeline. %s has been used more than once. (InvalidActionDeclarationException)", output)
					}
					making = append(making, output)
				}
			}
			for _, output := range making {
				made[output] = true
			}
		}
	}
}

// checkArtifactStores checks where artifacts are kept: in one bucket, or in one for each region that actions run in.
func checkArtifactStores(c *checking, stages []pipelineStage) {
	count := c.length("artifactStores")
	if count == 0 && !c.value("artifactStores").IsComputed() {
		c.fail("artifactStores", "a pipeline needs an artifactStore (InvalidStructureException)")
	}
	regions := map[string]bool{}
	for n := range count {
		at := fmt.Sprintf("artifactStores[%d]", n)
		region := c.text(at + ".region")
		c.oneOf(at+".type", "S3")
		c.oneOf(at+".encryptionKey.type", "KMS")
		if location := c.text(at + ".location"); location != "" && !artifactBucket.MatchString(location) {
			c.fail(at+".location", "an artifactStore's location is the name of a bucket, without a folder, got %q (ValidationException)", location)
		}
		switch known := !c.value(at + ".region").IsComputed(); {
		case count == 1 && region != "":
			c.fail(at+".region", "region cannot be set for a single-region CodePipeline (InvalidStructureException)")
		case count > 1 && region == "" && known:
			c.fail(at+".region", "region must be set for a cross-region CodePipeline (InvalidStructureException)")
		case count > 1 && known && regions[region]:
			c.fail(at+".region", "only one Artifact Store can be defined per region for a cross-region CodePipeline (InvalidStructureException)")
		}
		regions[region] = true
	}
	for _, stage := range stages {
		for _, action := range stage.actions {
			if action.region != "" && action.region != c.region && count > 0 && !regions[action.region] {
				c.fail(action.at+".region", "Action %s runs in %s, which no artifactStore is in: %s (InvalidStructureException)", action.name, action.region, strings.Join(sortedKeys(regions), ", "))
			}
		}
	}
}
