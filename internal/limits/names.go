package limits

import (
	"fmt"
	"regexp"
)

var namePrefix = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)

// NamePrefix checks a logical name that AWS's resources are named after, <name><role>-1234567 with Pulumi's auto-naming: in the letters that
// roles, queues, topics, secrets and log groups all take. longest is AWS's for the longest such name, and role what is appended there.
func NamePrefix(name, role string, longest int) error {
	return prefixOf(name, longest-autoNameLength-len(role))
}

func prefixOf(name string, most int) error {
	if namePrefix.MatchString(name) && len(name) <= most {
		return nil
	}
	return fmt.Errorf("letters, digits, hyphens and underscores, a letter first, at most %d characters", most)
}

// DashboardName checks a logical name that a dashboard is named after: <project>-<stack>-<name> of at most 255 characters, of which Pulumi lets
// project and stack have 100 each.
func DashboardName(name string) error {
	return prefixOf(name, 255-2*len("-")-2*100)
}

// The longest names of what components name after themselves (the services' API references). A secret's may have 512 characters, of which
// Pulumi's auto-naming makes 255.
const (
	RoleNameLength   = 64
	PolicyNameLength = 128
	QueueNameLength  = 80
	SecretNameLength = 255
	TopicNameLength  = 256
)
