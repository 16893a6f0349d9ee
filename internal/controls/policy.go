package controls

import (
	"encoding/json"
	"slices"
	"strings"

	"slipway/internal/state"
)

// statement is one of an IAM policy, as far as it is looked at.
type statement struct {
	Effect      string
	Principal   any
	Action      any
	NotAction   any
	Resource    any
	NotResource any
	Condition   map[string]map[string]any
}

// statements are those of a policy. A text that is no policy has none; AWS does not take it either.
func statements(policy state.Value) []statement {
	var list struct{ Statement []statement }
	if json.Unmarshal([]byte(policy.String()), &list) == nil {
		return list.Statement
	}
	var one struct{ Statement statement }
	if json.Unmarshal([]byte(policy.String()), &one) == nil {
		return []statement{one.Statement}
	}
	return nil
}

// actions are what the statement is about. All but some are all.
func (s statement) actions() []string { return named(s.Action, s.NotAction) }

func (s statement) resources() []string { return named(s.Resource, s.NotResource) }

func named(these, allBut any) []string {
	if allBut != nil {
		return []string{"*"}
	}
	return texts(these)
}

// texts are the strings in what IAM takes as one string or as a list.
func texts(v any) (list []string) {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, e := range v {
			list = append(list, texts(e)...)
		}
	}
	return list
}

// everybody says that the principal is anyone in any account.
func (s statement) everybody() bool {
	principals := texts(s.Principal)
	if by, ok := s.Principal.(map[string]any); ok {
		principals = texts(by["AWS"])
	}
	return slices.Contains(principals, "*")
}

// callerKeys are the condition keys that tell whose call it is (IAM User Guide, "AWS global condition context keys").
var callerKeys = []string{"aws:sourceaccount", "aws:sourcearn", "aws:sourceowner", "aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:sourceorgid"}

// limitsCaller says that a condition tells whose call is meant, with a value that has no wildcard for the account.
func (s statement) limitsCaller() bool {
	for operator, keys := range s.Condition {
		if !strings.Contains(operator, "Equals") && !strings.Contains(operator, "Like") || strings.Contains(operator, "Not") {
			continue
		}
		for key, value := range keys {
			if slices.Contains(callerKeys, strings.ToLower(key)) && !slices.Contains(texts(value), "*") {
				return true
			}
		}
	}
	return false
}

// deniesPlainText says that a policy denies everybody an action without TLS, on all these resources. The action may be all
// of a service, such as s3:*.
func deniesPlainText(policy state.Value, denied string, resources ...string) bool {
	service, _, _ := strings.Cut(denied, ":")
	return slices.ContainsFunc(statements(policy), func(s statement) bool {
		insecure := texts(s.Condition["Bool"]["aws:SecureTransport"])
		included := slices.ContainsFunc(s.actions(), func(action string) bool {
			return action == "*" || strings.EqualFold(action, service+":*") || strings.EqualFold(action, denied)
		})
		if s.Effect != "Deny" || !s.everybody() || !included || !slices.Equal(insecure, []string{"false"}) {
			return false
		}
		for _, r := range resources {
			if !slices.Contains(s.resources(), r) && !slices.Contains(s.resources(), "*") {
				return false
			}
		}
		return true
	})
}
