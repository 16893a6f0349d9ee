package iameval

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	actionShape = regexp.MustCompile(`^[a-z0-9-]+:[A-Za-z0-9]+$`)
	arnShape    = regexp.MustCompile(`^arn:[^:*?]+:[^:*?]+:[^:*?]*:[^:*?]*:.+$`)
	roleShape   = regexp.MustCompile(`^arn:[a-z-]+:iam::\d{12}:role/.+$`)
	// principalShape leaves out sessions of roles, and the ids that stand for roles that are gone.
	principalShape = regexp.MustCompile(`^(\*|\d{12}|arn:[a-z-]+:iam::(\d{12}|cloudfront):(root|role/.+|user/.+))$`)
	serviceName    = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?$`)
)

// check refuses what is no call.
func (r Request) check() error {
	switch {
	case (r.Principal.Role == "") == (r.Principal.Service == ""):
		return fmt.Errorf("the principal is a role or a service, got %+v", r.Principal)
	case r.Principal.Role != "" && !roleShape.MatchString(r.Principal.Role):
		return fmt.Errorf("the principal %q is no ARN of a role", r.Principal.Role)
	case r.Principal.Service != "" && !serviceName.MatchString(r.Principal.Service):
		return fmt.Errorf("the principal %q is no service such as cloudfront.amazonaws.com", r.Principal.Service)
	case !actionShape.MatchString(r.Action):
		return fmt.Errorf("the action %q is none; it takes one such as sqs:SendMessage", r.Action)
	case r.Resource != "*" && !arnShape.MatchString(r.Resource):
		return fmt.Errorf("the resource %q is none; it takes an ARN, or * for an action that knows no resource", r.Resource)
	}
	return nil
}

// call is a request with the keys that IAM itself adds.
type call struct {
	Request
	account string // the caller's, empty for a service
	context map[string][]string
}

func newCall(r Request) call {
	c := call{Request: r, context: map[string][]string{"aws:securetransport": {"true"}, "aws:viaawsservice": {"false"}}}
	if r.Principal.Role != "" {
		c.account = strings.Split(r.Principal.Role, ":")[4]
		c.context["aws:principalarn"] = []string{r.Principal.Role}
		c.context["aws:principalaccount"] = []string{c.account}
		c.context["aws:principaltype"] = []string{"AssumedRole"}
		c.context["aws:principalisawsservice"] = []string{"false"}
	} else {
		c.context["aws:principalservicename"] = []string{r.Principal.Service}
		c.context["aws:principalisawsservice"] = []string{"true"}
	}
	for key, values := range r.Context {
		c.context[strings.ToLower(key)] = values
	}
	return c
}

// everywhere are keys that every call has on AWS, or that depend on the principal's tags and the session. Without a value nobody can say whether a
// condition on them holds.
var everywhere = []string{"aws:currenttime", "aws:epochtime", "aws:sourceip", "aws:requestedregion", "aws:userid", "aws:useragent",
	"aws:tokenissuetime", "aws:principalorgid", "aws:principaltag/", "aws:resourceaccount"}

// values are those of a condition key.
func (c call) values(key string) ([]string, error) {
	lower := strings.ToLower(key)
	values, given := c.context[lower]
	// A service may have its own name for the tags of a resource, such as secretsmanager:ResourceTag/team.
	if _, name, isTag := strings.Cut(lower, ":resourcetag/"); isTag && !given {
		if c.ResourceTags == nil {
			return nil, fmt.Errorf("the condition key %s has a value in every call; give it one", key)
		}
		for tag, value := range c.ResourceTags {
			if strings.ToLower(tag) == name {
				return []string{value}, nil
			}
		}
		return nil, nil
	}
	everyCallHas := func(k string) bool { return lower == k || strings.HasSuffix(k, "/") && strings.HasPrefix(lower, k) }
	if !given && slices.ContainsFunc(everywhere, everyCallHas) {
		return nil, fmt.Errorf("the condition key %s has a value in every call; give it one", key)
	}
	return values, nil
}

// checkAll refuses policies that cannot be evaluated, whether they are about the call or not.
func checkAll(policies Policies) error {
	for _, p := range slices.Concat(policies.Identity, policies.Resource) {
		for n, s := range p.Statements {
			if err := s.check(); err != nil {
				return fmt.Errorf("%s of %s: %w", s.name(n), p.Name, err)
			}
		}
	}
	return nil
}

func (s Statement) check() error {
	if s.Effect != "Allow" && s.Effect != "Deny" {
		return fmt.Errorf("the effect is %q, it takes Allow or Deny", s.Effect)
	}
	if s.NotPrincipals {
		return errors.New("NotPrincipal is not evaluated; AWS advises against it")
	}
	for _, p := range s.Principals["AWS"] {
		if !principalShape.MatchString(p) {
			return fmt.Errorf("the principal %q is not evaluated; an account, its roles and users, and * are", p)
		}
	}
	for _, r := range slices.Concat(s.Resources, s.NotResources) {
		if strings.Contains(r, "${") {
			return fmt.Errorf("policy variables are not evaluated, got %q", r)
		}
	}
	for operator, keys := range s.Condition {
		parsed, err := parseOperator(operator)
		if err != nil {
			return err
		}
		for key, raw := range keys {
			values, err := conditionValues(raw)
			if err != nil {
				return fmt.Errorf("%s %s: %w", operator, key, err)
			}
			if parsed.null && len(values) > 1 {
				return fmt.Errorf("%s %s: it takes true or false, got %q", operator, key, values)
			}
			for _, value := range values {
				if strings.Contains(value, "${") {
					return fmt.Errorf("policy variables are not evaluated, got %q", value)
				}
				if _, err := parsed.compare(value, value); err != nil {
					return fmt.Errorf("%s %s: %w", operator, key, err)
				}
			}
		}
	}
	return nil
}
