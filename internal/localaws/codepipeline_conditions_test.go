package localaws

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
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
