package localaws

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// eventPatternSize is the most that EventBridge takes; beyond 2048 the quota has to be raised first.
const eventPatternSize = 4096

// checkEventPattern checks the grammar of a pattern (Amazon EventBridge User Guide, "Comparison operators"), and words a refusal as the
// compiler of EventBridge's patterns does.
func checkEventPattern(c *checking) {
	text := c.text("eventPattern")
	if text == "" {
		return
	}
	invalid := func(format string, args ...any) {
		c.fail("eventPattern", "Event pattern is not valid. Reason: %s (InvalidEventPatternException)", fmt.Sprintf(format, args...))
	}
	if len(text) > eventPatternSize {
		invalid("it takes %d characters at most, got %d", eventPatternSize, len(text))
		return
	}
	var pattern any
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	if err := decoder.Decode(&pattern); err != nil || decoder.More() {
		invalid("it is no JSON: %s", text)
		return
	}
	object, ok := pattern.(map[string]any)
	if !ok {
		invalid("Filter is not an object")
		return
	}
	if problem := patternProblem(object); problem != "" {
		invalid("%s", problem)
	}
}

// patternProblem is the first thing that is wrong with an object of a pattern: its leaves are lists of what matches.
func patternProblem(object map[string]any) (problem string) {
	if len(object) == 0 {
		return "Empty objects are not allowed"
	}
	for _, name := range sortedKeys(object) {
		switch value := object[name].(type) {
		case map[string]any:
			problem = patternProblem(value)
		case []any:
			if problem = matchesProblem(value); name == "$or" {
				problem = alternativesProblem(value)
			}
		default:
			problem = fmt.Sprintf("%q must be an object or an array", name)
		}
		if problem != "" {
			return problem
		}
	}
	return ""
}

// alternativesProblem is what is wrong with the patterns of which one has to match.
func alternativesProblem(alternatives []any) string {
	if len(alternatives) < 2 {
		return `"$or" takes two objects or more`
	}
	for _, one := range alternatives {
		object, ok := one.(map[string]any)
		if !ok {
			return `"$or" takes objects only`
		}
		if problem := patternProblem(object); problem != "" {
			return problem
		}
	}
	return ""
}

// patternOperators are the comparisons that a list can have besides values, with what they take.
var patternOperators = map[string]func(any) bool{
	"anything-but":       func(v any) bool { return v != nil },
	"cidr":               isText,
	"equals-ignore-case": isText,
	"exists":             func(v any) bool { _, ok := v.(bool); return ok },
	"numeric":            isNumericRange,
	"prefix":             func(v any) bool { return isText(v) || isIgnoringCase(v) },
	"suffix":             func(v any) bool { return isText(v) || isIgnoringCase(v) },
	"wildcard":           isText,
}

func matchesProblem(matches []any) string {
	if len(matches) == 0 {
		return "Empty arrays are not allowed"
	}
	for _, match := range matches {
		switch match := match.(type) {
		case []any:
			return "Match value must be String, number, true, false, or null"
		case map[string]any:
			if len(match) != 1 {
				return "Only one key allowed in match expression"
			}
			operator := sortedKeys(match)[0]
			takes, known := patternOperators[operator]
			if !known {
				return fmt.Sprintf("Unrecognized match type %s, there are %v", operator, sortedKeys(patternOperators))
			}
			if !takes(match[operator]) {
				return fmt.Sprintf("%s match pattern has a value that it does not take", operator)
			}
		}
	}
	return ""
}

func isText(v any) bool { _, ok := v.(string); return ok }

func isIgnoringCase(v any) bool {
	object, ok := v.(map[string]any)
	return ok && len(object) == 1 && isText(object["equals-ignore-case"])
}

// isNumericRange tells one or two comparisons, such as [">", 0, "<=", 5].
func isNumericRange(v any) bool {
	list, ok := v.([]any)
	if !ok || len(list) != 2 && len(list) != 4 {
		return false
	}
	for i, part := range list {
		_, number := part.(json.Number)
		operator, _ := part.(string)
		if i%2 == 0 && !slices.Contains([]string{"=", "<", "<=", ">", ">="}, operator) || i%2 == 1 && !number {
			return false
		}
	}
	return true
}
