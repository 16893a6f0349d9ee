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
// checked against the policies as they are deployed, and refused as AWS does. Without it, the provider may do everything, and aws:assumeRole says
// no more than in which account.
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
	if roles := texts(inputs["assumeRole"], "roleArn"); len(roles) > 0 {
		return roles[0]
	}
	encoded := texts(inputs["assumeRole"], "")
	if len(encoded) == 0 {
		return ""
	}
	var parsed struct {
		RoleArn string `json:"roleArn"`
	}
	if json.Unmarshal([]byte(encoded[0]), &parsed) == nil {
		return parsed.RoleArn
	}
	return encoded[0] // which is none, and CheckConfig says so
}

// takeOn refuses the role that a provider is to take on, or goes on with, unless the one that it starts with may.
func (a *Account) takeOn(first, then string) error {
	return a.view(func() error {
		if a.anywhere(first, roleType) == nil {
			return fmt.Errorf("%s: no role with the ARN %q exists; `slipway local aws ls %s` lists those that do", RoleVariable, first, roleType)
		}
		if then == first {
			return nil
		}
		err := a.allow(first, nil, Call{Action: "sts:AssumeRole", Resource: then, Context: map[string][]string{"aws:RequestedRegion": {a.region}}, ResourceTags: tagsOf(a.anywhere(then, roleType))})
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
	if call.Action == "sts:AssumeRole" && a.anywhere(call.Resource, roleType) == nil {
		return denied(call, "there is no such role")
	}
	decision, err := a.decide(call, a.anywhere(role, roleType), identity)
	switch {
	case err != nil:
		return err
	case decision.Allowed:
		return nil
	case decision.Policy != "":
		return denied(call, fmt.Sprintf("with an explicit deny: %s of %s", decision.Statement, decision.Policy))
	case decision.Missing != "":
		return denied(call, fmt.Sprintf("because no %s policy allows the %s action", decision.Missing, call.Action))
	}
	return denied(call, fmt.Sprintf("because no identity-based policy allows the %s action", call.Action))
}

func denied(call Call, why string) error {
	return refuse("AccessDenied", "User: %s is not authorized to perform: %s on resource: %s %s", sessionARN(call.Principal), call.Action, call.Resource, why)
}
