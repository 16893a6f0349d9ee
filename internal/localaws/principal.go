package localaws

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"slipway/internal/iameval"
)

// RoleVariable names the environment variable that says who the AWS provider acts as: the ARN of a role that is in the account, such as
// that of a CodeBuild project. A provider whose configuration has aws:assumeRole takes on that role, if the first one may. Then each call is
// checked against the policies as they are deployed, and refused as AWS does. Without it, the provider may do everything, and aws:assumeRole is of no effect.
//
// Images that a deployment builds are pushed with the token that the AWS provider got, and not checked further.
const RoleVariable = "SLIPWAY_ROLE"

var roleARN = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:role/\S+$`)

// CheckRole returns what is wrong with the value of RoleVariable.
func CheckRole(role string) error {
	if role != "" && !roleARN.MatchString(role) {
		return fmt.Errorf("got %q, takes the ARN of a role such as arn:aws:iam::%s:role/deploy; `slipway local aws ls %s` lists those that exist", role, AccountID, roleType)
	}
	return nil
}

// assumedRole is the one that a provider's configuration names: an object, or JSON of one where it comes from the stack's configuration.
func assumedRole(inputs resource.PropertyMap) string {
	for _, role := range texts(inputs["assumeRole"], "roleArn") {
		return role
	}
	for _, encoded := range texts(inputs["assumeRole"], "") {
		var parsed struct {
			RoleArn string `json:"roleArn"`
		}
		if json.Unmarshal([]byte(encoded), &parsed) == nil {
			return parsed.RoleArn
		}
	}
	return ""
}

// takeOn returns who a provider is in the end: the role that it starts with, or the one that it takes on.
func (a *Account) takeOn(first, then, region string) (role string, err error) {
	if then == "" {
		then = first
	}
	return then, a.view(func() error {
		if a.lookup(first, roleType) == nil {
			return fmt.Errorf("%s: no role with the ARN %q exists; `slipway local aws ls %s` lists those that do", RoleVariable, first, roleType)
		}
		if then == first {
			return nil
		}
		err := a.allow(first, nil, Call{Action: "sts:AssumeRole", Resource: then, Context: map[string][]string{"aws:RequestedRegion": {region}}, ResourceTags: tagsOf(a.lookup(then, roleType))})
		if err != nil {
			return fmt.Errorf("cannot assume IAM Role (%s): operation error STS: AssumeRole, %w", then, err)
		}
		return nil
	})
}

// sessionName is what a role's session is called here.
const sessionName = "embedded"

// sessionARN is who somebody with a role is to IAM.
func sessionARN(role string) string {
	parts := strings.SplitN(role, ":", 6)
	name := role[strings.LastIndex(role, "/")+1:]
	return fmt.Sprintf("arn:%s:sts::%s:assumed-role/%s/%s", parts[1], parts[4], name, sessionName)
}

// allow refuses a call of a role that IAM does not allow, with AWS's words. identity are the role's policies, where they are known already.
func (a *Account) allow(role string, identity []iameval.Policy, call Call) error {
	call.Principal = role
	policies, err := a.resourcePolicies(call.Resource, call.Action)
	if err != nil {
		if a.lookup(call.Resource, roleType) == nil && strings.HasPrefix(call.Action, "sts:") {
			return denied(call, "there is no such role")
		}
		return err
	}
	if policies.Identity = identity; identity == nil {
		if policies.Identity, err = a.identityPolicies(a.lookup(role, roleType)); err != nil {
			return err
		}
	}
	decision, err := iameval.Evaluate(iameval.Request{Principal: iameval.Principal{Role: role}, Action: call.Action, Resource: call.Resource,
		Context: call.Context, ResourceTags: call.ResourceTags}, policies)
	switch {
	case err != nil:
		return err
	case decision.Allowed:
		return nil
	case decision.Policy != "":
		return denied(call, fmt.Sprintf("with an explicit deny: %s of %s", decision.Statement, decision.Policy))
	}
	return denied(call, fmt.Sprintf("because no identity-based policy allows the %s action", call.Action))
}

func denied(call Call, why string) error {
	return refuse("AccessDenied", "User: %s is not authorized to perform: %s on resource: %s %s", sessionARN(call.Principal), call.Action, call.Resource, why)
}
