package localaws

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var aRole = map[string]any{"assumeRolePolicy": document(trustTasks)}

func TestIAMCheck(t *testing.T) {
	t.Parallel()
	long := with(allowSend, map[string]any{"Resource": "arn:aws:s3:::" + strings.Repeat("a", 6200)})
	wide := with(trustTasks, map[string]any{"Condition": map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": strings.Repeat("1", 2100)}}})
	checkAll(t, map[string]checkCase{
		"a role's name of 65":          {roleType, with(aRole, map[string]any{"name": strings.Repeat("a", 65)}), "name: invalid value for name"},
		"a role's name with a space":   {roleType, with(aRole, map[string]any{"name": "a role"}), "name: invalid value for name"},
		"a path without slashes":       {roleType, with(aRole, map[string]any{"path": "team"}), "path: The specified value for path is invalid"},
		"a session of a minute":        {roleType, with(aRole, map[string]any{"maxSessionDuration": 60}), "maxSessionDuration: expected maxSessionDuration to be in the range (3600 - 43200), got 60"},
		"no trust in anybody":          {roleType, map[string]any{"assumeRolePolicy": document(with(trustTasks, map[string]any{"Principal": nil}))}, "assumeRolePolicy: MalformedPolicyDocument: Missing required field Principal"},
		"a trust policy that is long":  {roleType, map[string]any{"assumeRolePolicy": document(wide)}, "assumeRolePolicy: LimitExceeded: Cannot exceed quota for ACLSizePerRole: 2048"},
		"a managed policy of 6200":     {policyType, map[string]any{"policy": document(long)}, "policy: LimitExceeded: Cannot exceed quota for PolicySize: 6144"},
		"a policy's name of 129":       {policyType, map[string]any{"name": strings.Repeat("a", 129), "policy": document(allowSend)}, "name: invalid value for name"},
		"an inline policy on an ARN":   {rolePolicyType, map[string]any{"role": "arn:aws:iam::123456789012:role/app", "policy": document(allowSend)}, "role: The specified value for roleName is invalid."},
		"an inline policy for persons": {rolePolicyType, map[string]any{"role": "app", "policy": document(with(allowSend, map[string]any{"Principal": "*"}))}, "policy: MalformedPolicyDocument: Policy document should not specify a principal."},
		"an attachment by name":        {roleAttachmentType, map[string]any{"role": "app", "policyArn": "ReadOnlyAccess"}, "policyArn: ARN ReadOnlyAccess is not valid."},
	})
}

func TestIAMOutputs(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	role := e.create(roleType, "app", with(aRole, map[string]any{"path": "/team/"}))
	assert.Equal(t, role["name"], role["id"])
	assert.Equal(t, "arn:aws:iam::123456789012:role/team/"+role["name"].(string), role["arn"])
	assert.Regexp(t, `^AROA[0-9A-Z]{17}$`, role["uniqueId"])
	policy := e.create(policyType, "send", map[string]any{"policy": document(allowSend)})
	assert.Equal(t, "arn:aws:iam::123456789012:policy/"+policy["name"].(string), policy["arn"])
	assert.Equal(t, policy["arn"], policy["id"])
	inline := e.create(rolePolicyType, "send", map[string]any{"role": role["name"], "policy": document(allowSend)})
	assert.Equal(t, fmt.Sprint(role["name"], ":", inline["name"]), inline["id"])
}

func TestIAMAdmission(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	_, err := e.tryCreate(roleType, "app", map[string]any{"assumeRolePolicy": document(with(trustTasks, map[string]any{"Principal": map[string]any{"AWS": "arn:aws:iam::123456789012:role/missing"}}))})
	refused(t, err, "MalformedPolicyDocument")
	role := e.create(roleType, "app", with(aRole, map[string]any{"name": "app"}))
	_, err = e.tryCreate(roleType, "again", with(aRole, map[string]any{"name": "app"}))
	refused(t, err, "EntityAlreadyExists")
	_, err = e.tryCreate(rolePolicyType, "send", map[string]any{"role": "missing", "policy": document(allowSend)})
	refused(t, err, "NoSuchEntity")
	_, err = e.tryCreate(roleAttachmentType, "send", map[string]any{"role": "app", "policyArn": "arn:aws:iam::123456789012:policy/missing"})
	refused(t, err, "NoSuchEntity")
	e.create(roleType, "trusting", map[string]any{"assumeRolePolicy": document(with(trustTasks, map[string]any{"Principal": map[string]any{"AWS": role["arn"]}}))})

	half := document(with(allowSend, map[string]any{"Resource": "arn:aws:s3:::" + strings.Repeat("a", 6000)}))
	e.create(rolePolicyType, "half", map[string]any{"role": "app", "policy": half})
	_, err = e.tryCreate(rolePolicyType, "other-half", map[string]any{"role": "app", "policy": half})
	refused(t, err, "LimitExceeded")
	for n := range policiesPerRole {
		e.create(roleAttachmentType, fmt.Sprint("managed-", n), map[string]any{"role": "app", "policyArn": fmt.Sprint("arn:aws:iam::aws:policy/Managed", n)})
	}
	_, err = e.tryCreate(roleAttachmentType, "eleventh", map[string]any{"role": "app", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"})
	refused(t, err, "LimitExceeded")
}

func TestIAMDeletion(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	role := e.deploy(roleType, "app", aRole)
	policy := e.deploy(policyType, "send", map[string]any{"policy": document(allowSend)})
	attachment := e.deploy(roleAttachmentType, "send", map[string]any{"role": role.id, "policyArn": policy.id})
	refused(t, role.delete(), "DeleteConflict")
	refused(t, policy.delete(), "DeleteConflict")
	require.NoError(t, attachment.delete())
	inline := e.deploy(rolePolicyType, "send", map[string]any{"role": role.id, "policy": document(allowSend)})
	refused(t, role.delete(), "DeleteConflict")
	require.NoError(t, inline.delete())
	require.NoError(t, role.delete())

	detaching := e.deploy(roleType, "detaching", with(aRole, map[string]any{"forceDetachPolicies": true}))
	e.deploy(roleAttachmentType, "detached", map[string]any{"role": detaching.id, "policyArn": policy.id})
	require.NoError(t, detaching.delete())
	require.NoError(t, policy.delete(), "the attachment went with the role")
}

func TestWhatReplacesARole(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	role := e.deploy(roleType, "app", aRole)
	assert.Equal(t, []string{"path"}, role.replaces(with(aRole, map[string]any{"path": "/team/"})))
	assert.Empty(t, role.replaces(map[string]any{"assumeRolePolicy": document(with(trustTasks, map[string]any{"Sid": "tasks"}))}))
	respelled := strings.ReplaceAll(document(trustTasks), `":`, `" : `)
	assert.Empty(t, role.diff(map[string]any{"assumeRolePolicy": respelled}).ChangedKeys, "JSON that says the same is no difference")

	policy := e.deploy(policyType, "send", map[string]any{"policy": document(allowSend)})
	assert.Equal(t, []string{"description"}, policy.replaces(map[string]any{"policy": document(allowSend), "description": "other"}))
	attachment := map[string]any{"role": role.id, "policyArn": policy.id}
	diff := e.deploy(roleAttachmentType, "send", attachment).diff(with(attachment, map[string]any{"policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}))
	assert.True(t, diff.DeleteBeforeReplace, "as pulumi-aws does")
}
