package localaws

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"slipway/internal/iameval"
)

// policyUse is where a policy stands, which decides what its statements may say.
type policyUse struct {
	// principal and resource are what a statement must have, or must not have.
	principal, resource presence
	// anySid allows spaces and the like in statement ids, which IAM's own policies do not take.
	anySid bool
	// actions, when given, is what every action begins with.
	actions string
}

type presence int

const (
	required presence = iota
	forbidden
	optionalElement
)

var (
	identityPolicy   = policyUse{principal: forbidden, resource: required}
	trustPolicy      = policyUse{principal: required, resource: forbidden, actions: "sts:"}
	bucketPolicy     = policyUse{principal: required, resource: required, anySid: true, actions: "s3:"}
	keyPolicy        = policyUse{principal: required, resource: required, anySid: true, actions: "kms:"}
	repositoryPolicy = policyUse{principal: required, resource: optionalElement, anySid: true, actions: "ecr:"}
	secretPolicy     = policyUse{principal: required, resource: required, anySid: true, actions: "secretsmanager:"}
	queuePolicy      = policyUse{principal: required, resource: required, anySid: true, actions: "sqs:"}
	topicPolicy      = policyUse{principal: required, resource: required, anySid: true, actions: "sns:"}
)

// statement is one statement of a policy, and which elements it has.
type statement struct {
	iameval.Statement
	hasResource, hasPrincipal bool
}

// parsePolicy reads a policy document and says everything that is wrong with its grammar, in AWS's words.
func parsePolicy(document string, use policyUse) (statements []statement, problems []string) {
	var policy struct {
		Version   *string
		ID        *string `json:"Id"`
		Statement json.RawMessage
	}
	if err := strictJSON([]byte(document), &policy); err != nil {
		return nil, []string{fmt.Sprintf("Syntax errors in policy: %v", err)}
	}
	if policy.Version != nil && *policy.Version != "2012-10-17" && *policy.Version != "2008-10-17" {
		problems = append(problems, fmt.Sprintf("Policy document must be version 2012-10-17 or greater, got %q", *policy.Version))
	}
	raw := oneOrMore(policy.Statement)
	if len(raw) == 0 {
		problems = append(problems, "Syntax errors in policy: it has no Statement")
	}
	sids := map[string]bool{}
	for n, one := range raw {
		s, err := parseStatement(one)
		if err != nil {
			problems = append(problems, fmt.Sprintf("Syntax errors in policy: Statement[%d]: %v", n, err))
			continue
		}
		if s.Sid != "" && sids[s.Sid] {
			problems = append(problems, fmt.Sprintf("Statement IDs (SID) in a single policy must be unique: %q", s.Sid))
		}
		sids[s.Sid] = true
		for _, problem := range s.problems(use) {
			problems = append(problems, fmt.Sprintf("%s (Statement[%d])", problem, n))
		}
		statements = append(statements, s)
	}
	return statements, problems
}

// strictJSON refuses what the structure does not name, in any other spelling as well.
func strictJSON(document []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

// oneOrMore splits a JSON value that may stand alone or in a list.
func oneOrMore(raw json.RawMessage) []json.RawMessage {
	if len(raw) == 0 {
		return nil
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) == nil {
		return list
	}
	return []json.RawMessage{raw}
}

// parseTexts reads a text or a list of texts.
func parseTexts(raw json.RawMessage) ([]string, error) {
	var list []string
	for _, one := range oneOrMore(raw) {
		var text string
		if err := json.Unmarshal(one, &text); err != nil {
			return nil, err
		}
		list = append(list, text)
	}
	return list, nil
}

func parseStatement(raw json.RawMessage) (s statement, err error) {
	var parts struct {
		Sid, Effect                                                       string
		Action, NotAction, Resource, NotResource, Principal, NotPrincipal json.RawMessage
		Condition                                                         map[string]map[string]any
	}
	if err := strictJSON(raw, &parts); err != nil {
		return s, err
	}
	s = statement{Statement: iameval.Statement{Sid: parts.Sid, Effect: parts.Effect, Condition: parts.Condition, NotPrincipals: parts.NotPrincipal != nil},
		hasResource: parts.Resource != nil || parts.NotResource != nil, hasPrincipal: parts.Principal != nil || parts.NotPrincipal != nil}
	for _, element := range []struct {
		into *[]string
		from json.RawMessage
	}{{&s.Actions, parts.Action}, {&s.NotActions, parts.NotAction}, {&s.Resources, parts.Resource}, {&s.NotResources, parts.NotResource}} {
		if *element.into, err = parseTexts(element.from); err != nil {
			return s, err
		}
	}
	if s.Principals, err = parsePrincipals(parts.Principal); err != nil {
		return s, err
	}
	if (parts.Action == nil) == (parts.NotAction == nil) {
		return s, errors.New("it must contain actions: exactly one of Action and NotAction")
	}
	if parts.Resource != nil && parts.NotResource != nil {
		return s, errors.New("it has both Resource and NotResource")
	}
	return s, nil
}

// parsePrincipals reads "*", or lists by the kind of principal.
func parsePrincipals(raw json.RawMessage) (map[string][]string, error) {
	if raw == nil {
		return nil, nil
	}
	var everybody string
	if json.Unmarshal(raw, &everybody) == nil {
		if everybody != "*" {
			return nil, fmt.Errorf("invalid principal in policy: %q", everybody)
		}
		return map[string][]string{"AWS": {"*"}}, nil
	}
	var byKind map[string]json.RawMessage
	if err := json.Unmarshal(raw, &byKind); err != nil {
		return nil, err
	}
	principals := map[string][]string{}
	for _, kind := range slices.Sorted(maps.Keys(byKind)) {
		if !slices.Contains([]string{"AWS", "Service", "Federated", "CanonicalUser"}, kind) {
			return nil, fmt.Errorf("invalid principal in policy: there is no kind %q", kind)
		}
		var err error
		if principals[kind], err = parseTexts(byKind[kind]); err != nil {
			return nil, err
		}
	}
	return principals, nil
}

var (
	plainSid         = regexp.MustCompile(`^[0-9A-Za-z]*$`)
	vendorAction     = regexp.MustCompile(`^(\*|[a-zA-Z0-9-]+:[a-zA-Z0-9*?]+)$`)
	resourceName     = regexp.MustCompile(`^arn:[^:]+:[^:]+:[^:]*:[^:]*:.+$`)
	servicePrincipal = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?$`)
	awsPrincipal     = regexp.MustCompile(`^(\*|\d{12}|arn:[a-z-]+:(iam|sts)::(\d{12}|cloudfront):.+|AROA[A-Z0-9]+|AIDA[A-Z0-9]+)$`)
	conditionType    = regexp.MustCompile(`^(ForAllValues:|ForAnyValue:)?((String(Not)?(Equals|EqualsIgnoreCase|Like)|Numeric((Not)?Equals|(Less|Greater)Than(Equals)?)|Date((Not)?Equals|(Less|Greater)Than(Equals)?)|Arn(Not)?(Equals|Like)|(Not)?IpAddress|Bool|BinaryEquals)(IfExists)?|Null)$`)
)

// problems are what is wrong with one statement.
func (s statement) problems(use policyUse) (problems []string) {
	add := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if s.Effect != "Allow" && s.Effect != "Deny" {
		add("Invalid effect: %q, it takes Allow or Deny", s.Effect)
	}
	if !use.anySid && !plainSid.MatchString(s.Sid) {
		add("Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*: %q", s.Sid)
	}
	for _, action := range slices.Concat(s.Actions, s.NotActions) {
		if !vendorAction.MatchString(action) {
			add("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.: %q", action)
		} else if use.actions == "sts:" && !strings.HasPrefix(action, use.actions) {
			add("AssumeRole policy may only specify STS AssumeRole actions: %q", action)
		} else if action != "*" && !strings.HasPrefix(strings.ToLower(action), use.actions) {
			add("Policy has invalid action: %q, it takes actions of %s", action, strings.TrimSuffix(use.actions, ":"))
		}
	}
	for _, r := range slices.Concat(s.Resources, s.NotResources) {
		if r != "*" && !resourceName.MatchString(r) {
			add("Resource %s must be in ARN format or \"*\".", r)
		}
	}
	switch {
	case use.resource == required && !s.hasResource:
		add("Policy statement must contain resources.")
	case use.resource == forbidden && s.hasResource:
		add("Has prohibited field Resource")
	}
	switch {
	case use.principal == required && !s.hasPrincipal:
		add("Missing required field Principal")
	case use.principal == forbidden && s.hasPrincipal:
		add("Policy document should not specify a principal.")
	}
	for _, p := range s.Principals["Service"] {
		if !servicePrincipal.MatchString(p) {
			add("Invalid principal in policy: \"SERVICE\":%q", p)
		}
	}
	for _, p := range s.Principals["AWS"] {
		if !awsPrincipal.MatchString(p) {
			add("Invalid principal in policy: \"AWS\":%q", p)
		}
	}
	for _, operator := range slices.Sorted(maps.Keys(s.Condition)) {
		if !conditionType.MatchString(operator) {
			add("Invalid Condition type : %s.", operator)
		}
	}
	return problems
}

// checkPolicy reports what is wrong with the policy in a property, where it is known.
func (c *checking) checkPolicy(property, code string, use policyUse) []statement {
	document := c.text(property)
	if document == "" {
		return nil
	}
	statements, problems := parsePolicy(document, use)
	for _, problem := range problems {
		c.fail(property, "%s: %s", code, problem)
	}
	return statements
}

// admitPrincipals refuses a policy that names a role of this account that does not exist.
func (a *admission) admitPrincipals(property, code string, use policyUse) error {
	statements, _ := parsePolicy(a.text(property), use)
	for _, s := range statements {
		for _, principal := range s.Principals["AWS"] {
			if strings.Contains(principal, ":role/") && a.account.of(principal).known() && a.account.anywhere(principal, roleType) == nil {
				return refuse(code, "Invalid principal in policy: \"AWS\":%q", principal)
			}
		}
	}
	return nil
}

// policySize counts a policy's characters as IAM's quotas do: without white space.
func policySize(document string) int { return len(strings.Join(strings.Fields(document), "")) }
