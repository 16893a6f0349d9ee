package localaws

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// authorized is the answer to a call.
func (e *embedded) authorized(call Call) string {
	e.t.Helper()
	decision, err := e.account.Authorize(call)
	require.NoError(e.t, err)
	return decision.String()
}

// role makes a role that tasks may take on, with an inline policy if one is given.
func (e *embedded) role(name, policy string) *deployed {
	e.t.Helper()
	role := e.deploy(roleType, name, map[string]any{"name": name, "assumeRolePolicy": document(trustTasks)})
	if policy != "" {
		e.deploy(rolePolicyType, name, map[string]any{"role": name, "name": "inline", "policy": policy})
	}
	return role
}

// TestTheExampleOfTheUserGuide is the one of Carlos in "Policy evaluation for requests within a single account", with a role for him.
func TestTheExampleOfTheUserGuide(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	const own, logs, other = "carlossalazar", "carlossalazar-logs", "somebody-else" // its amzn-s3-demo- is a prefix that S3 reserves
	carlos := e.role("carlossalazar", `{"Version": "2012-10-17", "Statement": [
		{"Sid": "AllowS3ListRead", "Effect": "Allow", "Action": ["s3:GetBucketLocation", "s3:GetAccountPublicAccessBlock", "s3:ListAccessPoints", "s3:ListAllMyBuckets"], "Resource": "arn:aws:s3:::*"},
		{"Sid": "AllowS3Self", "Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::`+own+`/*", "arn:aws:s3:::`+own+`"]},
		{"Sid": "DenyS3Logs", "Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::*log*"}]}`)
	for _, bucket := range []string{own, logs, other} {
		e.deploy(bucketType, bucket, map[string]any{"bucket": bucket})
		e.deploy(bucketPolicyType, bucket, map[string]any{"bucket": bucket, "policy": document(map[string]any{"Effect": "Allow",
			"Principal": map[string]any{"AWS": carlos.text("arn")}, "Action": []any{"s3:GetObject*", "s3:PutObject*"}, "Resource": "arn:aws:s3:::" + bucket + "/*"})})
	}
	for call, want := range map[string]string{
		"s3:PutObject arn:aws:s3:::" + own + "/a.txt":    "allowed by statement 1 of the policy of arn:aws:s3:::" + own,
		"s3:DeleteObject arn:aws:s3:::" + own + "/a.txt": "allowed by statement AllowS3Self of inline of role carlossalazar",
		"s3:PutObject arn:aws:s3:::" + logs + "/a.txt":   "denied by statement DenyS3Logs of inline of role carlossalazar",
		"s3:PutObject arn:aws:s3:::" + other + "/a.txt":  "allowed by statement 1 of the policy of arn:aws:s3:::" + other,
		"s3:DeleteObject arn:aws:s3:::" + other + "/a":   "denied: no statement allows it",
		"s3:GetBucketLocation arn:aws:s3:::" + other:     "allowed by statement AllowS3ListRead of inline of role carlossalazar",
		"s3:GetBucketLocation arn:aws:s3:::" + logs:      "denied by statement DenyS3Logs of inline of role carlossalazar",
	} {
		action, resource, _ := strings.Cut(call, " ")
		assert.Equal(t, want, e.authorized(Call{Principal: "carlossalazar", Action: action, Resource: resource}), call)
		assert.Equal(t, want, e.authorized(Call{Principal: carlos.text("arn"), Action: action, Resource: resource}), call)
	}
}

// TestWhoMayAssume asks trust policies, and finds attached and inline policies.
func TestWhoMayAssume(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	assume := document(map[string]any{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"})
	e.role("plain", "")
	e.role("assumes", assume)
	managed := e.deploy(policyType, "managed", map[string]any{"name": "managed", "policy": assume})
	e.role("attached", "")
	e.deploy(roleAttachmentType, "attached", map[string]any{"role": "attached", "policyArn": managed.text("arn")})
	inner := e.deploy(roleType, "inner", map[string]any{"name": "inner", "assumeRolePolicy": document(trustTasks),
		"inlinePolicies": []any{map[string]any{"name": "inside", "policy": assume}}})
	trusting := func(name, principal string) string {
		return e.deploy(roleType, name, map[string]any{"name": name, "assumeRolePolicy": document(with(trustTasks, map[string]any{"Principal": map[string]any{"AWS": principal}}))}).text("arn")
	}
	ofInner, ofAccount := trusting("of-inner", inner.text("arn")), trusting("of-account", AccountID)
	for _, c := range []struct {
		principal, role, want string
	}{
		{"ecs-tasks.amazonaws.com", inner.text("arn"), "allowed by statement 1 of the trust policy of role inner"},
		{"ec2.amazonaws.com", inner.text("arn"), "denied: no statement allows it"},
		{"assumes", inner.text("arn"), "denied: no statement allows it"},
		{"inner", ofInner, "allowed by statement 1 of the trust policy of role of-inner"},
		{"assumes", ofInner, "denied: no statement allows it"},
		{"plain", ofAccount, "denied: no statement allows it"},
		{"assumes", ofAccount, "allowed by statement 1 of inline of role assumes"},
		{"attached", ofAccount, "allowed by statement 1 of managed of role attached"},
		{"inner", ofAccount, "allowed by statement 1 of inside of role inner"},
	} {
		assert.Equal(t, c.want, e.authorized(Call{Principal: c.principal, Action: "sts:AssumeRole", Resource: c.role}), "%s assumes %s", c.principal, c.role)
	}
}

// TestTheKeysPolicyDecides holds that a role needs the key's leave as well, as AWS KMS does it.
func TestTheKeysPolicyDecides(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	e.role("decrypts", document(map[string]any{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}))
	e.role("plain", "")
	key := e.deploy(keyType, "open", map[string]any{})
	closed := e.deploy(keyType, "closed", map[string]any{"bypassPolicyLockoutSafetyCheck": true, "policy": document(map[string]any{"Effect": "Allow",
		"Principal": map[string]any{"Service": "sns.amazonaws.com"}, "Action": "kms:*", "Resource": "*"})})
	assert.Equal(t, "allowed by statement 1 of inline of role decrypts", e.authorized(Call{Principal: "decrypts", Action: "kms:Decrypt", Resource: key.text("arn")}))
	assert.Equal(t, "denied: no statement allows it", e.authorized(Call{Principal: "plain", Action: "kms:Decrypt", Resource: key.text("arn")}))
	assert.Equal(t, "denied: no statement allows it", e.authorized(Call{Principal: "decrypts", Action: "kms:Decrypt", Resource: closed.text("arn")}))
}

// TestADefaultPolicyIsReplaced holds for a topic: its own policy lets the account in, one that is made replaces that.
func TestADefaultPolicyIsReplaced(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	topic := e.deploy(topicType, "alarms", map[string]any{"name": "alarms"}).text("arn")
	publish := Call{Principal: "cloudwatch.amazonaws.com", Action: "sns:Publish", Resource: topic, Context: map[string][]string{"aws:SourceOwner": {AccountID}}}
	assert.Equal(t, "allowed by statement __default_statement_ID of the policy of "+topic, e.authorized(publish))
	e.deploy(topicPolicyType, "alarms", map[string]any{"arn": topic, "policy": document(map[string]any{"Sid": "Plain", "Effect": "Deny", "Principal": "*",
		"Action": "sns:*", "Resource": topic, "Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}}})})
	assert.Equal(t, "denied: no statement allows it", e.authorized(publish))
	publish.Context["aws:SecureTransport"] = []string{"false"}
	assert.Equal(t, "denied by statement Plain of the policy of "+topic, e.authorized(publish))
}

// TestEachResourcePolicyIsFound lets a role that may do everything in, and a policy of each type that may have one keep it out.
func TestEachResourcePolicyIsFound(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	e.role("all", document(map[string]any{"Effect": "Allow", "Action": "*", "Resource": "*"}))
	bucket := e.deploy(bucketType, "site", map[string]any{"bucket": "a-site"})
	queue := e.deploy(queueType, "jobs", map[string]any{"name": "jobs"})
	repository := e.deploy(repositoryType, "app", map[string]any{"name": "app"})
	secret := e.deploy(secretType, "key", map[string]any{"name": "key", "policy": closed("secretsmanager:*", "*")})
	open := e.deploy(secretType, "open", map[string]any{"name": "open"})
	calls := map[string]Call{
		"bucket":     {Principal: "all", Action: "s3:GetObject", Resource: bucket.text("arn") + "/x"},
		"queue":      {Principal: "all", Action: "sqs:SendMessage", Resource: queue.text("arn")},
		"repository": {Principal: "all", Action: "ecr:BatchGetImage", Resource: repository.text("arn")},
	}
	for name, call := range calls {
		assert.Equal(t, "allowed by statement 1 of inline of role all", e.authorized(call), name)
	}
	e.deploy(bucketPolicyType, "site", map[string]any{"bucket": "a-site", "policy": closed("s3:*", bucket.text("arn")+"/*")})
	e.deploy(queuePolicyType, "jobs", map[string]any{"queueUrl": queue.id, "policy": closed("sqs:*", queue.text("arn"))})
	e.deploy("aws:ecr/repositoryPolicy:RepositoryPolicy", "app", map[string]any{"repository": "app", "policy": closed("ecr:*", "")})
	for name, call := range calls {
		assert.Equal(t, "denied by statement Closed of the policy of "+strings.TrimSuffix(call.Resource, "/x"), e.authorized(call), name)
	}
	read := Call{Principal: "all", Action: "secretsmanager:GetSecretValue", Resource: secret.text("arn")}
	assert.Equal(t, "denied by statement Closed of the policy of "+read.Resource, e.authorized(read))
	read.Resource = open.text("arn")
	assert.Equal(t, "allowed by statement 1 of inline of role all", e.authorized(read))
}

// closed is a policy that lets nobody do something.
func closed(action, resource string) string {
	statement := map[string]any{"Sid": "Closed", "Effect": "Deny", "Principal": "*", "Action": action}
	if resource != "" {
		statement["Resource"] = resource
	}
	return document(statement)
}

func TestWhatIsNotAuthorized(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	e.role("app", "")
	e.deploy(roleAttachmentType, "app", map[string]any{"role": "app", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"})
	e.deploy(roleType, "bounded", map[string]any{"name": "bounded", "assumeRolePolicy": document(trustTasks), "permissionsBoundary": "arn:aws:iam::aws:policy/PowerUserAccess"})
	e.role("plain", "")
	for want, call := range map[string]Call{
		`no role "nobody" exists; `: {Principal: "nobody", Action: "s3:GetObject", Resource: "*"},
		"the role app has the policy arn:aws:iam::aws:policy/ReadOnlyAccess, and what that allows is not known here":          {Principal: "app", Action: "s3:GetObject", Resource: "*"},
		"the role bounded has the permissions boundary arn:aws:iam::aws:policy/PowerUserAccess; boundaries are not evaluated": {Principal: "bounded", Action: "s3:GetObject", Resource: "*"},
		`no role with the ARN "arn:aws:iam::123456789012:role/x" exists`:                                                      {Principal: "plain", Action: "sts:AssumeRole", Resource: "arn:aws:iam::123456789012:role/x"},
		`the action "s3:Get*" is none; it takes one such as sqs:SendMessage`:                                                  {Principal: "plain", Action: "s3:Get*", Resource: "*"},
	} {
		decision, err := e.account.Authorize(call)
		assert.ErrorContains(t, err, want)
		assert.False(t, decision.Allowed)
	}
}
