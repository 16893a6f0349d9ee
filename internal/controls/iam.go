package controls

import (
	"slices"
	"strings"

	"slipway/internal/state"
)

const (
	iamRole           = "aws:iam/role:Role"
	iamRolePolicy     = "aws:iam/rolePolicy:RolePolicy"
	iamPolicy         = "aws:iam/policy:Policy"
	iamRoleAttachment = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
)

// wildcards is the control whose exceptions say why a wildcard is right.
const wildcards = "AwsSolutions-IAM5"

// managedPolicies is the beginning of the ARN of a policy that AWS wrote, in every partition.
const managedPolicies = ":iam::aws:policy/"

var policyTypes = []string{iamRole, iamRolePolicy, iamPolicy}

var iamControls = []control{
	{id: "IAM.1, IAM.21", title: "No policy allows everything, or all of a service, everywhere", of: policyTypes, where: hasPolicy, check: eachGrant(func(action, resource string) bool {
		return strings.HasSuffix(action, "*") && resource == "*"
	}, "named actions, or named resources")},
	{id: "KMS.1, KMS.2", title: "No policy decrypts with every key", of: policyTypes, where: hasPolicy, check: eachGrant(func(action, resource string) bool {
		return decrypts(action) && (resource == "*" || strings.HasSuffix(resource, ":key/*"))
	}, "named keys")},
	{id: "AwsSolutions-IAM4", title: "No policy of AWS's own, where a narrow one serves", of: []string{iamRole, iamRoleAttachment}, check: func(_ *state.State, r *state.Resource) (findings []Finding) {
		for _, arn := range append(r.At("managedPolicyArns").Strings(), r.At("policyArn").String()) {
			findings = append(findings, must(!strings.Contains(arn, managedPolicies), "policy", arn, "a policy for what is needed")...)
		}
		return findings
	}},
	{id: wildcards, title: "No wildcard in a policy is unexplained", of: policyTypes, where: hasPolicy, check: eachGrant(func(action, resource string) bool {
		return strings.Contains(action, "*") || strings.Contains(resource, "*")
	}, "a name, or a reason among the exceptions")},
}

// policiesIn are the policies that a resource holds.
func policiesIn(r *state.Resource) (policies []state.Value) {
	if r.Type != iamRole {
		return []state.Value{r.At("policy")}
	}
	for _, inline := range r.At("inlinePolicies").List() {
		if inline.At("policy").String() != "" {
			policies = append(policies, inline.At("policy"))
		}
	}
	return policies
}

func hasPolicy(_ *state.State, r *state.Resource) bool { return len(policiesIn(r)) > 0 }

// eachGrant finds what is allowed and should not be, action by action and resource by resource. A policy that cannot be
// read is a finding too.
func eachGrant(wrong func(action, resource string) bool, takes string) func(*state.State, *state.Resource) []Finding {
	return func(_ *state.State, r *state.Resource) (findings []Finding) {
		for _, policy := range policiesIn(r) {
			list := statements(policy)
			findings = append(findings, must(len(list) > 0, "policy", "a text that is no policy", "a policy in JSON")...)
			for _, s := range list {
				if s.Effect != "Allow" {
					continue
				}
				for _, action := range s.actions() {
					for _, resource := range s.resources() {
						findings = append(findings, must(!wrong(action, resource), "policy", action+" on "+resource, takes)...)
					}
				}
			}
		}
		return findings
	}
}

// decrypts says that an action is, or includes, one of those that FSBP names.
func decrypts(action string) bool {
	return slices.ContainsFunc([]string{"kms:Decrypt", "kms:ReEncryptFrom"}, func(named string) bool {
		prefix, isWild := strings.CutSuffix(action, "*")
		return strings.EqualFold(action, named) || isWild && strings.HasPrefix(strings.ToLower(named), strings.ToLower(prefix))
	})
}
