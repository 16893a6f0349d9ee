package localaws

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

var (
	variableReference = regexp.MustCompile(`#\{([^}]*)\}`)
	namespacedKey     = regexp.MustCompile(`^([A-Za-z0-9@_-]+)\.([A-Za-z0-9@_-]+)$`)
	namespaceName     = regexp.MustCompile(`^[A-Za-z0-9@_-]{1,100}$`)
	pipelineVariable  = regexp.MustCompile(`^[A-Za-z0-9@_-]{1,128}$`)
)

// isVariable tells a value that an execution fills in.
func isVariable(text string) bool { return strings.Contains(text, "#{") }

// namespaces are the variables that are known at a point of the pipeline: the keys of a namespace, or nil where they are the action's own
// affair, as a build's exported variables are.
type namespaces map[string][]string

// checkVariables checks that each variable that is referred to comes from an action before.
func checkVariables(c *checking, stages []pipelineStage) {
	known := namespaces{"codepipeline": {"PipelineExecutionId"}, "variables": checkPipelineVariables(c)}
	owners := map[string]bool{"codepipeline": true, "variables": true}
	for _, stage := range stages {
		checkRuleVariables(c, stage, "beforeEntry", known)
		for _, turn := range stage.turns() {
			for _, action := range turn {
				checkReferences(c, action.at+".configuration", stage.name, action.name, action.configuration, known)
			}
			for _, action := range turn {
				checkNamespace(c, &action, owners)
				if action.namespace != "" {
					known[action.namespace] = actionTypes[actionKey{action.category, action.owner, action.provider}].variables
				}
			}
		}
		checkRuleVariables(c, stage, "onSuccess", known)
		checkRuleVariables(c, stage, "onFailure", known)
	}
}

func checkNamespace(c *checking, a *pipelineAction, owners map[string]bool) {
	switch {
	case a.namespace == "":
	case !namespaceName.MatchString(a.namespace):
		c.fail(a.at+".namespace", "Value '%s' failed to satisfy constraint: Member must satisfy regular expression pattern: [A-Za-z0-9@\\-_]+, and have 1 to 100 characters (ValidationException)", a.namespace)
	case owners[a.namespace]:
		c.fail(a.at+".namespace", "Namespaces must be unique across the pipeline definition. The following occur more than once in the pipeline. StageName=[%s], ActionName=[%s], Namespace=[%s] (InvalidActionDeclarationException)", a.stage, a.name, a.namespace)
	}
	owners[a.namespace] = true
}

// checkPipelineVariables checks the pipeline's own variables and returns their names.
func checkPipelineVariables(c *checking) []string {
	names := []string{}
	count := c.length("variables")
	if count > 0 {
		c.needsV2("variables", "A variable of the pipeline")
	}
	if count > 50 {
		c.fail("variables", "A pipeline has 50 variables at most, got %d (ValidationException)", count)
	}
	for n := range count {
		at := fmt.Sprintf("variables[%d].name", n)
		name := c.text(at)
		if name != "" && !pipelineVariable.MatchString(name) {
			c.fail(at, "Value '%s' failed to satisfy constraint: Member must satisfy regular expression pattern: [A-Za-z0-9@\\-_]+, and have 1 to 128 characters (ValidationException)", name)
		}
		if name != "" && slices.Contains(names, name) {
			c.fail(at, "Pipeline variable names must be unique, %s is given twice (InvalidStructureException)", name)
		}
		names = append(names, name)
	}
	return names
}

func checkRuleVariables(c *checking, stage pipelineStage, when string, known namespaces) {
	rules := stage.at + "." + when + ".condition.rules"
	for n := range c.length(rules) {
		at := fmt.Sprintf("%s[%d]", rules, n)
		if v := c.value(at + ".configuration"); v.IsObject() {
			checkReferences(c, at+".configuration", stage.name, c.text(at+".name"), v.ObjectValue(), known)
		}
	}
}

func checkReferences(c *checking, at, stage, action string, configuration resource.PropertyMap, known namespaces) {
	for _, key := range configuration.StableKeys() {
		v := plain(configuration[key])
		if !v.IsString() {
			continue
		}
		for _, reference := range variableReference.FindAllStringSubmatch(v.StringValue(), -1) {
			parts := namespacedKey.FindStringSubmatch(reference[1])
			problem := ""
			if parts == nil {
				problem = "Valid format for a pipeline execution variable reference is a namespace and a key separated by a period (.)."
			} else if keys, there := known[parts[1]]; !there {
				problem = "Valid format for a pipeline execution variable reference is a namespace and a key separated by a period (.). The following pipeline execution variables are referencing a namespace that does not exist."
			} else if keys != nil && !slices.Contains(keys, parts[2]) {
				problem = fmt.Sprintf("One or more variables could not be resolved: %s gives %s.", parts[1], orDefault(strings.Join(keys, ", "), "none"))
			}
			if problem != "" {
				c.fail(at+"."+string(key), "%s StageName=[%s], ActionName=[%s], ActionConfigurationKey=[%s], VariableReferenceText=[%s] (InvalidActionDeclarationException)", problem, stage, action, key, reference[1])
			}
		}
	}
}
