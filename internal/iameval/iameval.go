// Package iameval answers, from policies alone, whether IAM allows a call, within an account or across two, as the IAM User Guide
// has it under "Policy evaluation logic". It knows neither resources nor an account; internal/localaws finds the policies.
//
// What it cannot answer is an error, never an allow: a condition operator that IAM does not have, a policy variable, NotPrincipal, a
// principal that is one session of a role, or a condition on a key that every real call has and this one lacks.
package iameval

import (
	"fmt"
	"slices"
	"strings"
)

// Statement is one statement of a policy. What may be one text or a list of them is a list.
type Statement struct {
	Sid                     string
	Effect                  string // Allow or Deny
	Actions, NotActions     []string
	Resources, NotResources []string
	Principals              map[string][]string // by kind: AWS, Service, Federated, CanonicalUser
	NotPrincipals           bool                // it has the element NotPrincipal
	Condition               map[string]map[string]any
}

// Policy is a policy with the name by which answers refer to it.
type Policy struct {
	// Name says where it stands. Example: queue-send-web of role web-task-role.
	Name       string
	Statements []Statement
}

// Policies are all that decide about one call.
type Policies struct {
	// Identity are those of the caller: inline and attached. A service of AWS has none.
	Identity []Policy
	// Resource are those of what is called, and say in Principal whom they mean.
	Resource []Policy
	// ResourceDecides says that no identity policy suffices without the resource's: roles that are assumed, and keys.
	ResourceDecides bool
	// Account is that of what is called, by its id. In another account than the caller's, both the identity's policies and the resource's have to
	// allow. Empty: the caller's.
	Account string
}

// Principal is who calls. Exactly one of Role and Service is given.
type Principal struct {
	// Role is a role's ARN.
	Role string
	// Service is a service of AWS by its principal. Example: cloudfront.amazonaws.com.
	Service string
}

// Request is one call, as IAM sees it.
type Request struct {
	Principal Principal
	// Action is the service's prefix and the operation, without wildcards. Example: sqs:SendMessage.
	Action string
	// Resource is the ARN of what is called, or * for an action that knows no resource.
	Resource string
	// Context are the values of condition keys, such as aws:SecureTransport. Case does not matter in the keys.
	Context map[string][]string
	// ResourceTags are those of what is called, for conditions such as aws:ResourceTag/team. Empty for what has none; nil when they are not known, which
	// is an error where a condition asks for one.
	ResourceTags map[string]string
}

// Decision is IAM's answer.
type Decision struct {
	Allowed bool
	// Policy and Statement decided: the explicit deny, or the first allow. Both are empty when nothing allowed the call.
	Policy, Statement string
	// Missing is "identity-based" or "resource-based": whose policies do not allow a call to another account, which takes both.
	Missing string
}

// String is the answer in a line.
func (d Decision) String() string {
	switch {
	case d.Allowed:
		return fmt.Sprintf("allowed by %s of %s", d.Statement, d.Policy)
	case d.Policy != "":
		return fmt.Sprintf("denied by %s of %s", d.Statement, d.Policy)
	}
	if d.Missing != "" {
		return fmt.Sprintf("denied: no %s policy allows it, and a call to another account takes one of each side", d.Missing)
	}
	return "denied: no statement allows it"
}

// Evaluate answers. An explicit deny wins; otherwise an allow of either side is enough, unless the resource decides or is in another account.
func Evaluate(request Request, policies Policies) (Decision, error) {
	if err := request.check(); err != nil {
		return Decision{}, err
	}
	if err := checkAll(policies); err != nil {
		return Decision{}, err
	}
	call := newCall(request)
	identity, err := call.outcome(policies.Identity, func(Statement) grant { return direct })
	if err != nil {
		return Decision{}, err
	}
	resource, err := call.outcome(policies.Resource, call.granted)
	if err != nil {
		return Decision{}, err
	}
	switch {
	case resource.denied != nil:
		return *resource.denied, nil
	case identity.denied != nil:
		return *identity.denied, nil
	case policies.Account != "" && call.account != "" && policies.Account != call.account:
		return across(identity, resource), nil
	case resource.direct != nil:
		return *resource.direct, nil
	case identity.direct != nil && (!policies.ResourceDecides || resource.delegated != nil):
		return *identity.direct, nil
	}
	return Decision{}, nil
}

// across is the answer about another account's resource: each account has to allow the call, to the role or to the caller's account.
func across(identity, resource outcome) Decision {
	switch {
	case identity.direct == nil:
		return Decision{Missing: "identity-based"}
	case resource.direct != nil:
		return *resource.direct
	case resource.delegated != nil:
		return *resource.delegated
	}
	return Decision{Missing: "resource-based"}
}

// outcome is what one side's policies say.
type outcome struct{ denied, direct, delegated *Decision }

// outcome finds the statements that are about this call. granted says whether one is about its principal.
func (c call) outcome(policies []Policy, granted func(Statement) grant) (o outcome, err error) {
	first := func(into **Decision, decision Decision) {
		if *into == nil {
			*into = &decision
		}
	}
	for _, p := range policies {
		for n, s := range p.Statements {
			g := granted(s)
			if g == none || !c.isAbout(s) {
				continue
			}
			holds, err := c.holds(s.Condition)
			if err != nil {
				return o, fmt.Errorf("%s of %s: %w", s.name(n), p.Name, err)
			}
			switch {
			case !holds:
			case s.Effect == "Deny":
				first(&o.denied, Decision{Policy: p.Name, Statement: s.name(n)})
			case g == direct:
				first(&o.direct, Decision{Allowed: true, Policy: p.Name, Statement: s.name(n)})
			default:
				first(&o.delegated, Decision{Allowed: true, Policy: p.Name, Statement: s.name(n)})
			}
		}
	}
	return o, nil
}

// isAbout says that the statement is about the action and the resource.
func (c call) isAbout(s Statement) bool {
	action := func(pattern string) bool { return matches(strings.ToLower(pattern), strings.ToLower(c.Action)) }
	resource := func(pattern string) bool { return resourceMatches(pattern, c.Resource) }
	if len(s.NotActions) > 0 && slices.ContainsFunc(s.NotActions, action) || len(s.NotActions) == 0 && !slices.ContainsFunc(s.Actions, action) {
		return false
	}
	switch {
	case len(s.NotResources) > 0:
		return !slices.ContainsFunc(s.NotResources, resource)
	case len(s.Resources) > 0:
		return slices.ContainsFunc(s.Resources, resource)
	}
	return true // trust policies and those of repositories are about what they are attached to
}

// grant is in what way a resource's policy means a principal.
type grant int

const (
	none grant = iota
	// delegated: it means the whole account, whose identity policies decide.
	delegated
	direct
)

// granted says in what way a statement means the caller.
func (c call) granted(s Statement) grant {
	found := none
	for _, p := range s.Principals["AWS"] {
		switch {
		case p == "*" || p == c.Principal.Role:
			return direct
		case c.Principal.Role != "" && (p == c.account || strings.HasSuffix(p, "::"+c.account+":root")):
			found = delegated
		}
	}
	if c.Principal.Service != "" && slices.Contains(s.Principals["Service"], c.Principal.Service) {
		return direct
	}
	return found
}

// name is the statement's id, or its place.
func (s Statement) name(n int) string {
	if s.Sid != "" {
		return "statement " + s.Sid
	}
	return fmt.Sprintf("statement %d", n+1)
}
