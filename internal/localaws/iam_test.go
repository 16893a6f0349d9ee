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
	wide := with(trustTasks, map[string]any{"Condition": map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": strings.Repeat("1", 2100)}}})
	checkAll(t, map[string]checkCase{
		"a role's name with a space":  {roleType, with(aRole, map[string]any{"name": "a role"}), "name: invalid value for name"},
		"a path without slashes":      {roleType, with(aRole, map[string]any{"path": "team"}), "path: The specified value for path is invalid"},
		"a session of a minute":       {roleType, with(aRole, map[string]any{"maxSessionDuration": 60}), "maxSessionDuration: expected maxSessionDuration to be in the range (3600 - 43200), got 60"},
		"a trust policy that is long": {roleType, map[string]any{"assumeRolePolicy": document(wide)}, "assumeRolePolicy: LimitExceeded: Cannot exceed quota for ACLSizePerRole: 2048"},
		"an inline policy on an ARN":  {rolePolicyType, map[string]any{"role": "arn:aws:iam::123456789012:role/app", "policy": document(allowSend)}, "role: The specified value for roleName is invalid."},
		"an attachment by name":       {roleAttachmentType, map[string]any{"role": "app", "policyArn": "ReadOnlyAccess"}, "policyArn: ARN ReadOnlyAccess is not valid."},
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
	e.create(roleType, "app", with(aRole, map[string]any{"name": "app"}))
	_, err := e.tryCreate(roleType, "again", with(aRole, map[string]any{"name": "app"}))
	refused(t, err, "EntityAlreadyExists")
	_, err = e.tryCreate(rolePolicyType, "send", map[string]any{"role": "missing", "policy": document(allowSend)})
	refused(t, err, "NoSuchEntity")
	_, err = e.tryCreate(roleAttachmentType, "send", map[string]any{"role": "app", "policyArn": "arn:aws:iam::123456789012:policy/missing"})
	refused(t, err, "NoSuchEntity")
}

func TestARoleCanLetItsPoliciesGo(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	policy := e.deploy(policyType, "send", map[string]any{"policy": document(allowSend)})
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
