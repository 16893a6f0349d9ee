package localaws

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// document is a policy of statements.
func document(statements ...map[string]any) string {
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		panic(err) // maps of texts are always valid JSON
	}
	return string(text)
}

var (
	allowSend  = map[string]any{"Effect": "Allow", "Action": []any{"sqs:SendMessage"}, "Resource": []any{"arn:aws:sqs:us-east-1:123456789012:jobs"}}
	trustTasks = map[string]any{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]any{"Service": "ecs-tasks.amazonaws.com"}}
)

func TestPolicyGrammar(t *testing.T) {
	t.Parallel()
	send := func(changes map[string]any) string { return document(with(allowSend, changes)) }
	trust := func(changes map[string]any) string { return document(with(trustTasks, changes)) }
	for name, c := range map[string]struct {
		document string
		use      policyUse
		want     string
	}{
		"no JSON":                       {"{", identityPolicy, "Syntax errors in policy"},
		"no statement":                  {`{"Version":"2012-10-17"}`, identityPolicy, "it has no Statement"},
		"an unknown element":            {send(map[string]any{"Ressource": "*"}), identityPolicy, "Syntax errors in policy"},
		"an id with a space":            {send(map[string]any{"Sid": "send jobs"}), identityPolicy, "Statement IDs (SID) must be alpha-numeric"},
		"no action":                     {send(map[string]any{"Action": nil}), identityPolicy, "it must contain actions"},
		"an unknown condition":          {send(map[string]any{"Condition": map[string]any{"StringEqual": map[string]any{"a": "b"}}}), identityPolicy, "Invalid Condition type : StringEqual."},
		"trust with a resource":         {trust(map[string]any{"Resource": "*"}), trustPolicy, "Has prohibited field Resource"},
		"trust in a service's name":     {trust(map[string]any{"Principal": map[string]any{"Service": "ecs-tasks"}}), trustPolicy, `Invalid principal in policy: "SERVICE":"ecs-tasks"`},
		"trust in a kind of nothing":    {trust(map[string]any{"Principal": map[string]any{"User": "x"}}), trustPolicy, `invalid principal in policy: there is no kind "User"`},
		"a bucket's with SQS's actions": {document(map[string]any{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}), bucketPolicy, "Policy has invalid action"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, problems := parsePolicy(c.document, c.use)
			require.Len(t, problems, 1)
			assert.Contains(t, problems[0], c.want)
		})
	}
}

func TestPolicyGrammarTakesWhatIAMTakes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		document string
		use      policyUse
	}{
		"one statement that is no list": {`{"Statement":{"Effect":"Deny","NotAction":"iam:*","NotResource":"arn:aws:s3:::b/*"}}`, identityPolicy},
		"conditions": {document(with(allowSend, map[string]any{"Condition": map[string]any{"ForAllValues:StringLikeIfExists": map[string]any{"aws:TagKeys": []any{"a"}},
			"Null": map[string]any{"aws:TokenIssueTime": "true"}, "ArnNotLike": map[string]any{"aws:SourceArn": "x"}, "Bool": map[string]any{"aws:SecureTransport": "false"}}})), identityPolicy},
		"everything":       {document(map[string]any{"Effect": "Allow", "Action": "*", "Resource": "*"}), identityPolicy},
		"trust":            {document(trustTasks), trustPolicy},
		"web identities":   {document(map[string]any{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": map[string]any{"Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"}}), trustPolicy},
		"a bucket's":       {document(map[string]any{"Sid": "TLS only", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": []any{"arn:aws:s3:::b", "arn:aws:s3:::b/*"}}), bucketPolicy},
		"a repository's":   {document(map[string]any{"Effect": "Allow", "Principal": map[string]any{"AWS": "arn:aws:iam::123456789012:root"}, "Action": "ecr:BatchGetImage"}), repositoryPolicy},
		"load balancers'":  {document(map[string]any{"Effect": "Allow", "Principal": map[string]any{"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*"}), bucketPolicy},
		"an account's key": {document(map[string]any{"Effect": "Allow", "Principal": map[string]any{"AWS": "123456789012"}, "Action": "kms:*", "Resource": "*"}), keyPolicy},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, problems := parsePolicy(c.document, c.use)
			assert.Empty(t, problems)
		})
	}
}
