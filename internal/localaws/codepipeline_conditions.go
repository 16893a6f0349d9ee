package localaws

import (
	"fmt"
	"slices"
	"strings"
)

// conditionResults are what a condition that is not met can lead to (AWS CodePipeline User Guide, "Configure conditions for a stage").
var conditionResults = map[string][]string{"beforeEntry": {"FAIL", "SKIP"}, "onSuccess": {"FAIL", "ROLLBACK"}, "onFailure": {"ROLLBACK"}}

// skippingRules are those that a condition with the result SKIP can have.
var skippingRules = []string{"LambdaInvoke", "VariableCheck"}

// conditionRule says which keys a rule's configuration takes ("Rule structure reference").
type conditionRule struct{ required, optional []string }

var ruleTypes = map[string]conditionRule{
	"CloudWatchAlarm":  {required: []string{"AlarmName"}, optional: []string{"AlarmStates", "WaitTime"}},
	"CodeBuild":        {required: []string{"ProjectName"}, optional: codeBuildAction.optional},
	"Commands":         {},
	"DeploymentWindow": {required: []string{"Cron"}, optional: []string{"TimeZone"}},
	"LambdaInvoke":     {required: []string{"FunctionName"}, optional: []string{"UserParameters"}},
	"VariableCheck":    {required: []string{"Variable", "Operator", "Value"}},
}

var variableOperators = []string{"EQ", "NE", "CONTAINS", "MATCHES"}

const invalidStage = "(InvalidStageDeclarationException)"

func checkConditions(c *checking, stage pipelineStage) {
	for _, when := range sortedKeys(conditionResults) {
		at := stage.at + "." + when
		if !c.has(at) {
			continue
		}
		c.needsV2(at, "A condition of the stage "+stage.name)
		if !c.has(at + ".condition") {
			continue
		}
		c.oneOf(at+".condition.result", conditionResults[when]...)
		rules := at + ".condition.rules"
		if count := c.length(rules); (count < 1 || count > 5) && !c.value(rules).IsComputed() {
			c.fail(rules, "A condition has 1 to 5 rules, %s of %s has %d %s", when, stage.name, count, invalidStage)
		}
		seen := map[string]bool{}
		for n := range c.length(rules) {
			checkStageRule(c, stage, fmt.Sprintf("%s[%d]", rules, n), c.text(at+".condition.result"), seen)
		}
	}
	if c.has(stage.at + ".onFailure") {
		c.oneOf(stage.at+".onFailure.result", "ROLLBACK", "RETRY")
		c.oneOf(stage.at+".onFailure.retryConfiguration.retryMode", "FAILED_ACTIONS", "ALL_ACTIONS")
	}
}

func checkStageRule(c *checking, stage pipelineStage, at, result string, seen map[string]bool) {
	name, provider := c.text(at+".name"), c.text(at+".ruleTypeId.provider")
	if name != "" && !pipelineName.MatchString(name) {
		c.failName(at+".name", name)
	}
	if name != "" && seen[name] {
		c.fail(at+".name", "All rule names within a condition must be unique, %s is given twice in %s %s", name, stage.name, invalidStage)
	}
	seen[name] = true
	c.oneOf(at+".ruleTypeId.category", "Rule")
	c.oneOf(at+".ruleTypeId.owner", "AWS")
	c.between(at+".timeoutInMinutes", 5, 86400)
	if provider == "" {
		return
	}
	typ, known := ruleTypes[provider]
	switch {
	case !known, orDefault(c.text(at+".ruleTypeId.version"), "1") != "1":
		c.fail(at+".ruleTypeId.provider", "RuleType (Category: 'Rule', Provider: '%s', Owner: 'AWS', Version: '%s') in rule '%s' does not exist, there are: %s %s", provider, orDefault(c.text(at+".ruleTypeId.version"), "1"), name, strings.Join(sortedKeys(ruleTypes), ", "), invalidStage)
		return
	case result == "SKIP" && !slices.Contains(skippingRules, provider):
		c.fail(at+".ruleTypeId.provider", "A condition with the result SKIP takes rules of %s only, %s of %s is one of %s %s", strings.Join(skippingRules, " and "), name, stage.name, provider, invalidStage)
	case provider == "Commands" && !c.has(at+".commands"):
		c.fail(at+".commands", "The rule '%s' has no commands %s", name, invalidStage)
	case provider != "Commands" && c.has(at+".commands"):
		c.fail(at+".commands", "Only rules of Commands have commands, '%s' is one of %s %s", name, provider, invalidStage)
	}
	checkRuleConfiguration(c, at, name, typ)
	if operator := c.text(at + ".configuration.Operator"); provider == "VariableCheck" && operator != "" && !slices.Contains(variableOperators, operator) {
		c.fail(at+".configuration.Operator", "Operator of rule '%s' takes %s, got %q %s", name, strings.Join(variableOperators, ", "), operator, invalidStage)
	}
}

func checkRuleConfiguration(c *checking, at, name string, typ conditionRule) {
	configuration := c.value(at + ".configuration")
	if configuration.IsComputed() {
		return
	}
	for _, key := range typ.required {
		if !configuration.IsObject() || !given(configuration.ObjectValue(), key) {
			c.fail(at+".configuration", "Rule configuration for rule '%s' is missing required configuration '%s' %s", name, key, invalidStage)
		}
	}
	if !configuration.IsObject() {
		return
	}
	for _, key := range configuration.ObjectValue().StableKeys() {
		if !slices.Contains(typ.required, string(key)) && !slices.Contains(typ.optional, string(key)) {
			c.fail(at+".configuration", "Rule configuration for rule '%s' contains unknown configuration '%s', it takes: %s %s", name, key, strings.Join(slices.Concat(typ.required, typ.optional), ", "), invalidStage)
		}
	}
}
