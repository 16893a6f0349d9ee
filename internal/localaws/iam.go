package localaws

import (
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
)

const (
	rolePolicyType     = "aws:iam/rolePolicy:RolePolicy"
	roleAttachmentType = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
)

// iamKinds are IAM's resource types.
func iamKinds() []*kind {
	const service = "IAM"
	return []*kind{
		of(iam.RoleArgs{}, iam.Role{}, kind{service: service, noun: "Role", idFrom: "name",
			named:    &naming{property: "name", prefixProperty: "namePrefix", most: 64},
			replace:  []string{"name", "namePrefix", "path"},
			defaults: map[string]any{"path": "/", "maxSessionDuration": 3600, "forceDetachPolicies": false},
			check:    checkRole, compute: computeRole, admit: admitRole,
			inUse: &inUse{code: "DeleteConflict", by: []string{rolePolicyType, roleAttachmentType}, message: "Cannot delete entity, must detach all policies first. (%s)", unless: "forceDetachPolicies"}}),
		of(iam.RolePolicyArgs{}, iam.RolePolicy{}, kind{service: service, noun: "RolePolicy", id: func(d *draft) string { return d.text("role") + ":" + d.text("name") }, overwrites: always,
			named:   &naming{property: "name", prefixProperty: "namePrefix", most: 255},
			replace: []string{"name", "namePrefix", "role"}, check: checkRolePolicy, admit: admitRolePolicy}),
		of(iam.RolePolicyAttachmentArgs{}, iam.RolePolicyAttachment{}, kind{service: service, noun: "RolePolicyAttachment",
			id:      func(d *draft) string { return d.text("role") + "-" + d.digits(prefixedDigits) },
			replace: []string{"role", "policyArn"}, deleteFirst: true, check: checkAttachment, admit: admitAttachment}),
		of(iam.PolicyArgs{}, iam.Policy{}, kind{service: service, noun: "Policy", id: func(d *draft) string { return d.globalARN("iam", "policy"+policyPath(d)+d.text("name")) },
			named:    &naming{property: "name", prefixProperty: "namePrefix", most: 255},
			replace:  []string{"name", "namePrefix", "path", "description"},
			defaults: map[string]any{"path": "/"}, check: checkManagedPolicy, compute: func(d *draft) {
				d.set("arn", d.id)
				d.set("policyId", "ANPA"+strings.ToUpper(d.hex(17)))
				d.set("attachmentCount", 0)
			},
			inUse: &inUse{code: "DeleteConflict", by: []string{roleAttachmentType}, message: "Cannot delete a policy attached to entities. (%s)"}}),
	}
}

func computeRole(d *draft) {
	d.set("arn", d.globalARN("iam", "role"+policyPath(d)+d.id))
	d.set("uniqueId", "AROA"+strings.ToUpper(d.hex(17)))
	if !d.has("managedPolicyArns") {
		d.set("managedPolicyArns", []any{})
	}
}

func policyPath(d *draft) string {
	if path := d.text("path"); path != "" {
		return path
	}
	return "/"
}
