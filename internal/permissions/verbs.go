package permissions

import "strings"

// readingVerbs are how the names of actions begin that change nothing. AWS's reference has all of these under Read or List.
var readingVerbs = []string{"BatchCheck", "BatchGet", "Describe", "Get", "List"}

// reads tells whether an action changes nothing.
func reads(action string) bool {
	_, name, _ := strings.Cut(action, ":")
	for _, verb := range readingVerbs {
		if strings.HasPrefix(name, verb) {
			return true
		}
	}
	return false
}
