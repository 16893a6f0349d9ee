package localaws

import (
	"slices"
	"strings"
)

// trusts tells whether a role's trust policy lets a service assume the role.
func trusts(role *Object, service string) bool {
	return lets(role, func(s statement) bool { return slices.Contains(s.Principals["Service"], service) })
}

// trustsRole tells whether a role's trust policy lets another role assume the role, by its ARN or as a part of its account.
func trustsRole(role *Object, arn string) bool {
	account := accountOf(arn)
	return lets(role, func(s statement) bool {
		return slices.ContainsFunc(s.Principals["AWS"], func(p string) bool {
			return p == "*" || p == arn || p == account || strings.HasSuffix(p, "::"+account+":root")
		})
	})
}

// lets tells whether a statement of the role's trust policy that fits allows sts:AssumeRole. Conditions are not looked into: what they
// ask for is known only when the role is assumed.
func lets(role *Object, fits func(statement) bool) bool {
	statements, _ := parsePolicy(role.text("assumeRolePolicy"), trustPolicy)
	return slices.ContainsFunc(statements, func(s statement) bool {
		return s.Effect == "Allow" && fits(s) && slices.ContainsFunc(s.Actions, func(action string) bool {
			return slices.Contains([]string{"sts:AssumeRole", "sts:Assume*", "sts:*"}, action)
		})
	})
}

// accountOf is the account in an ARN.
func accountOf(arn string) string {
	if parts := strings.Split(arn, ":"); len(parts) > 5 {
		return parts[4]
	}
	return ""
}
