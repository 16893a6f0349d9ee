package config

import (
	"errors"
	"regexp"
)

// Shared says that the environment uses another stack's network, load balancer, cluster and database.
type Shared struct {
	// Stack is the one that has them.
	Stack string
	// Domain is what the key domain says, which may be a copy of Stack's own.
	Domain string
}

var stackName = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,100}$`)

// sharingName is a stack's name of which a host's and a database's name are made.
var sharingName = regexp.MustCompile(`^[a-z]([a-z0-9-]{0,26}[a-z0-9])?$`)

// shared reads whose parts the environment uses, or nil where it has its own.
func (r *reader) shared(env environment) *Shared {
	const key = "sharedWith"
	wrong := false
	stack := r.text(key, "", optional(func(name string) error {
		switch {
		case !stackName.MatchString(name):
			wrong = true
			return errors.New("the name of a stack of this project, such as staging")
		case name == r.stack:
			wrong = true
			return errors.New("another stack than this one")
		}
		return nil
	}))
	if stack == "" || wrong {
		return nil
	}
	if !env.ephemeral {
		r.wrong.Conflict(r.prefix+key+", "+r.prefix+"ephemeral", "an environment that keeps nothing of its own is for tests only; set "+r.prefix+"ephemeral true")
	}
	if !sharingName.MatchString(r.stack) {
		r.wrong.Conflict(r.prefix+key, "takes a stack whose own name is at most 28 lower-case letters, digits and hyphens, a letter first and no hyphen last, as it becomes part of a host's and a database's name; this one's is "+r.stack)
	}
	return &Shared{Stack: stack}
}

// use takes out of the configuration what the other stack decides, and whom alarms are told to: nobody is called for a test. A copy of
// that stack's configuration says it all the same.
func (s *Shared) use(c *Config) {
	s.Domain = c.Web.DomainName
	c.Shared, c.Network, c.Database, c.Site = s, nil, nil, nil
	c.Web.DomainName, c.Web.HostedZone, c.Web.Wildcard = "", "", false
	c.Web.AccessLogs, c.Web.ContainerInsights = nil, nil
	c.Alarms, c.Web.Alarms, c.Dashboard = nil, new(false), false
}
