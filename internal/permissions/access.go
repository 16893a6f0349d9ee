package permissions

var access = map[string]Row{
	"aws:iam/role:Role": {
		Create: []string{"iam:CreateRole"},
		Read:   []string{"iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"},
		Update: []string{"iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription"},
		Delete: []string{"iam:DeleteRole", "iam:ListInstanceProfilesForRole"},
		Tag:    []string{"iam:TagRole"},
		Untag:  []string{"iam:UntagRole"},
	},
	"aws:iam/rolePolicy:RolePolicy": {
		On:     "role",
		Create: []string{"iam:PutRolePolicy"},
		Read:   []string{"iam:GetRolePolicy"},
		Update: []string{"iam:PutRolePolicy"},
		Delete: []string{"iam:DeleteRolePolicy"},
	},
	"aws:iam/policy:Policy": {
		Create: []string{"iam:CreatePolicy"},
		Read:   []string{"iam:GetPolicy", "iam:GetPolicyVersion", "iam:ListPolicyVersions"},
		Update: []string{"iam:CreatePolicyVersion", "iam:DeletePolicyVersion"},
		Delete: []string{"iam:DeletePolicy", "iam:DeletePolicyVersion"},
		Tag:    []string{"iam:TagPolicy"},
		Untag:  []string{"iam:UntagPolicy"},
	},
	"aws:iam/rolePolicyAttachment:RolePolicyAttachment": {
		On:     "role",
		Create: []string{"iam:AttachRolePolicy"},
		Read:   []string{"iam:ListAttachedRolePolicies"},
		Delete: []string{"iam:DetachRolePolicy"},
	},
	"aws:kms/key:Key": {
		Create: []string{"kms:CreateKey", "kms:EnableKeyRotation", "kms:PutKeyPolicy"},
		Read:   []string{"kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"},
		Update: []string{"kms:DisableKey", "kms:DisableKeyRotation", "kms:EnableKey", "kms:EnableKeyRotation", "kms:PutKeyPolicy", "kms:UpdateKeyDescription"},
		Delete: []string{"kms:ScheduleKeyDeletion"},
		Tag:    []string{"kms:TagResource"},
		Untag:  []string{"kms:UntagResource"},
	},
	"aws:kms/alias:Alias": {
		On:     "targetKeyId",
		Create: []string{"kms:CreateAlias"},
		Read:   []string{"kms:ListAliases"},
		Update: []string{"kms:UpdateAlias"},
		Delete: []string{"kms:DeleteAlias"},
	},
}
