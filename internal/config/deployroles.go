package config

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/components"
	"slipway/internal/limits"
)

// deployRoles is the key of that name: DeployRolesArgs as a stack's configuration has them.
type deployRoles struct {
	Stack                  string   `json:"stack"`
	SharedWith             string   `json:"sharedWith"`
	DeployTrustedArns      []string `json:"deployTrustedArns"`
	PlanTrustedArns        []string `json:"planTrustedArns"`
	Buckets                []string `json:"buckets"`
	PushImages             bool     `json:"pushImages"`
	PermissionsBoundaryArn string   `json:"permissionsBoundaryArn"`
}

// hasDeployRoles tells whether the stack is the roles by which another one is deployed, and nothing else.
func (r *reader) hasDeployRoles() bool {
	value, set := r.value("deployRoles")
	return set && value != "" && value != "{}"
}

// deployRoles reads the roles. All other keys are of no effect: Pulumi.yaml gives them defaults in every stack.
func (r *reader) deployRoles() *components.DeployRolesArgs {
	const key = "deployRoles"
	if r.isPipeline() {
		r.wrong.Conflict(r.prefix+key, "takes no value in a pipeline, which makes the roles of its own account itself; give the roles a stack of their own")
	}
	r.known = append(append(r.known, pipelineKeys...), r.environmentKeys()...)
	given := objects[deployRoles](r, key, "an object such as {stack: prod, deployTrustedArns: [<a role's ARN>], planTrustedArns: [<a role's ARN>]}")
	args := &components.DeployRolesArgs{
		Stack:                  given.Stack,
		SharedWith:             given.SharedWith,
		DeployTrustedArns:      r.trusted(key+".deployTrustedArns", given.DeployTrustedArns),
		PlanTrustedArns:        r.trusted(key+".planTrustedArns", given.PlanTrustedArns),
		Buckets:                given.Buckets,
		PushImages:             given.PushImages,
		PermissionsBoundaryArn: given.PermissionsBoundaryArn,
	}
	args.Check(r.wrong, r.prefix+key+".")
	if given.Stack == r.stack {
		r.wrong.Add(r.prefix+key+".stack", given.Stack, "another stack than this one, which has nothing but the roles")
	}
	return args
}

// trusted are the ARNs of roles; none is nil.
func (r *reader) trusted(at string, arns []string) pulumi.StringArrayInput {
	if len(arns) == 0 {
		return nil
	}
	for i, arn := range arns {
		r.wrong.Check(fmt.Sprintf("%s%s[%d]", r.prefix, at, i), arn, limits.RoleArn(arn))
	}
	return pulumi.ToStringArray(arns)
}
