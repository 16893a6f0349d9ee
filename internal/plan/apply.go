package plan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// ToApply is a saved plan for pulumi up --plan. It has another role for the providers to take on, if both are given, as that is what the one who
// plans and the one who applies differ in. And it leaves open the values whose changes the program ignores: such as a password, they are
// made up anew in each run and count in a creation alone. Pulumi would take both for violations of the plan.
func ToApply(saved []byte, planned, applying string) ([]byte, error) {
	var plan map[string]json.RawMessage
	if err := json.Unmarshal(saved, &plan); err != nil {
		return nil, fmt.Errorf("this is not a plan that pulumi has saved: %w", err)
	}
	var resources map[string]json.RawMessage
	if err := json.Unmarshal(plan["resourcePlans"], &resources); err != nil {
		return nil, fmt.Errorf("this is not a plan that pulumi has saved: resourcePlans: %w", err)
	}
	for urn, resource := range resources {
		if isProvider(urn) {
			resources[urn] = forRole(resource, planned, applying)
			continue
		}
		var err error
		if resources[urn], err = leftOpen(resource); err != nil {
			return nil, fmt.Errorf("this is not a plan that pulumi has saved: %s: %w", urn, err)
		}
	}
	var err error
	if plan["resourcePlans"], err = json.Marshal(resources); err != nil {
		return nil, err
	}
	return json.Marshal(plan)
}

// isProvider tells a provider, which may be a component's.
func isProvider(urn string) bool {
	return strings.Contains(urn, "::pulumi:providers:") || strings.Contains(urn, "$pulumi:providers:")
}

// forRole gives a provider another role. Its configuration is JSON in a string. Behind the ARN its quotation mark follows, so that no
// longer one is meant.
func forRole(provider json.RawMessage, planned, applying string) json.RawMessage {
	if planned == "" || applying == "" {
		return provider
	}
	for _, quote := range []string{`"`, `\"`} {
		provider = bytes.ReplaceAll(provider, []byte(planned+quote), []byte(applying+quote))
	}
	return provider
}

// leftOpen makes those inputs unknown that the resource ignores changes of.
func leftOpen(resource json.RawMessage) (json.RawMessage, error) {
	var parsed map[string]json.RawMessage
	if err := json.Unmarshal(resource, &parsed); err != nil {
		return nil, err
	}
	var goal map[string]json.RawMessage
	if err := json.Unmarshal(parsed["goal"], &goal); err != nil || len(goal["ignoreChanges"]) == 0 || len(goal["inputDiff"]) == 0 {
		return resource, nil // nothing is to become of it, or nothing is ignored
	}
	var ignored []string
	if err := json.Unmarshal(goal["ignoreChanges"], &ignored); err != nil {
		return nil, err
	}
	var inputs map[string]json.RawMessage
	if err := json.Unmarshal(goal["inputDiff"], &inputs); err != nil {
		return nil, err
	}
	var adds map[string]json.RawMessage
	if err := json.Unmarshal(inputs["adds"], &adds); err != nil {
		return resource, nil // nothing is added
	}
	for _, property := range ignored {
		if _, added := adds[property]; added {
			adds[property] = json.RawMessage(`"` + plugin.UnknownStringValue + `"`)
		}
	}
	for _, level := range []struct {
		into map[string]json.RawMessage
		key  string
		from any
	}{{inputs, "adds", adds}, {goal, "inputDiff", inputs}, {parsed, "goal", goal}} {
		text, err := json.Marshal(level.from)
		if err != nil {
			return nil, err
		}
		level.into[level.key] = text
	}
	return json.Marshal(parsed)
}
