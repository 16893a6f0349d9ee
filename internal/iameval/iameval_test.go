package iameval

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const (
	role  = "arn:aws:iam::123456789012:role/app"
	queue = "arn:aws:sqs:us-east-1:123456789012:jobs"
)

func policy(statements ...Statement) []Policy {
	return []Policy{{Name: "test", Statements: statements}}
}

func allow(action, resource string) Statement {
	return Statement{Effect: "Allow", Actions: []string{action}, Resources: []string{resource}}
}

func deny(action, resource string) Statement {
	return Statement{Effect: "Deny", Actions: []string{action}, Resources: []string{resource}}
}

func (s Statement) to(kind string, principals ...string) Statement {
	s.Principals = map[string][]string{kind: principals}
	return s
}

func (s Statement) when(operator, key string, value any) Statement {
	s.Condition = map[string]map[string]any{operator: {key: value}}
	return s
}

func send(context map[string][]string) Request {
	return Request{Principal: Principal{Role: role}, Action: "sqs:SendMessage", Resource: queue, Context: context}
}

// TestEvaluate has the rules of "Policy evaluation logic" in the IAM User Guide.
func TestEvaluate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		policies Policies
		want     string
	}{
		"nothing allows": {Policies{}, "denied: no statement allows it"},
		"identity":       {Policies{Identity: policy(allow("sqs:SendMessage", queue))}, "allowed by statement 1 of test"},
		"resource":       {Policies{Resource: policy(allow("sqs:*", queue).to("AWS", role))}, "allowed by statement 1 of test"},
		"a resource's deny wins": {Policies{Identity: policy(allow("*", "*")), Resource: policy(deny("sqs:*", queue).to("AWS", "*"))},
			"denied by statement 1 of test"},
		"an identity's deny wins": {Policies{Identity: policy(deny("sqs:Send*", "*")), Resource: policy(allow("sqs:*", queue).to("AWS", role))},
			"denied by statement 1 of test"},
		"a deny of the account":              {Policies{Identity: policy(allow("*", "*")), Resource: policy(deny("*", "*").to("AWS", "123456789012"))}, "denied by statement 1 of test"},
		"a deny of something else":           {Policies{Identity: policy(deny("sqs:DeleteQueue", queue), allow("sqs:*", queue))}, "allowed by statement 2 of test"},
		"somebody else":                      {Policies{Resource: policy(allow("sqs:*", queue).to("AWS", role+"2"))}, "denied: no statement allows it"},
		"the account is not each of it":      {Policies{Resource: policy(allow("sqs:*", queue).to("AWS", "arn:aws:iam::123456789012:root"))}, "denied: no statement allows it"},
		"another account":                    {Policies{Identity: policy(allow("*", "*")), Resource: policy(deny("sqs:*", queue).to("AWS", "arn:aws:iam::999999999999:root"))}, "allowed by statement 1 of test"},
		"actions in another case":            {Policies{Identity: policy(allow("SQS:sendmessage", queue))}, "allowed by statement 1 of test"},
		"resources in another case":          {Policies{Identity: policy(allow("sqs:SendMessage", "arn:aws:sqs:us-east-1:123456789012:Jobs"))}, "denied: no statement allows it"},
		"NotAction":                          {Policies{Identity: policy(Statement{Effect: "Allow", NotActions: []string{"iam:*"}, Resources: []string{"*"}})}, "allowed by statement 1 of test"},
		"NotAction of this one":              {Policies{Identity: policy(Statement{Effect: "Allow", NotActions: []string{"sqs:Send*"}, Resources: []string{"*"}})}, "denied: no statement allows it"},
		"NotResource":                        {Policies{Identity: policy(Statement{Effect: "Allow", Actions: []string{"sqs:*"}, NotResources: []string{queue + "-2"}})}, "allowed by statement 1 of test"},
		"NotResource of this one":            {Policies{Identity: policy(Statement{Effect: "Allow", Actions: []string{"sqs:*"}, NotResources: []string{queue + "*"}})}, "denied: no statement allows it"},
		"a service's policy is not a role's": {Policies{Resource: policy(allow("sqs:*", queue).to("Service", "sns.amazonaws.com"))}, "denied: no statement allows it"},
		"identity without the resource":      {Policies{ResourceDecides: true, Identity: policy(allow("*", "*"))}, "denied: no statement allows it"},
		"identity and the resource's account": {Policies{ResourceDecides: true, Identity: policy(allow("*", "*")), Resource: policy(allow("*", "*").to("AWS", "123456789012"))},
			"allowed by statement 1 of test"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Evaluate(send(nil), c.policies)
			require.NoError(t, err)
			assert.Equal(t, c.want, got.String())
		})
	}
}

// TestAcrossAccounts has the rules of "Cross-account policy evaluation logic" in the IAM User Guide: both accounts decide.
func TestAcrossAccounts(t *testing.T) {
	t.Parallel()
	mine, theirs := policy(allow("sqs:SendMessage", queue)), policy(allow("sqs:*", queue).to("AWS", role))
	for name, c := range map[string]struct {
		policies Policies
		want     string
	}{
		"both":                  {Policies{Identity: mine, Resource: theirs}, "allowed by statement 1 of test"},
		"both, for the account": {Policies{Identity: mine, Resource: policy(allow("sqs:*", queue).to("AWS", "arn:aws:iam::123456789012:root"))}, "allowed by statement 1 of test"},
		"both, for everybody":   {Policies{Identity: mine, Resource: policy(allow("sqs:*", queue).to("AWS", "*"))}, "allowed by statement 1 of test"},
		"only the caller's":     {Policies{Identity: mine}, "denied: no resource-based policy allows it, and a call to another account takes one of each side"},
		"only the resource's":   {Policies{Resource: theirs}, "denied: no identity-based policy allows it, and a call to another account takes one of each side"},
		"the resource's own":    {Policies{Identity: mine, Resource: policy(allow("sqs:*", queue).to("AWS", "arn:aws:iam::999999999999:root"))}, "denied: no resource-based policy allows it, and a call to another account takes one of each side"},
		"a deny wins":           {Policies{Identity: mine, Resource: policy(allow("sqs:*", queue).to("AWS", role), deny("sqs:*", "*").to("AWS", "*"))}, "denied by statement 2 of test"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.policies.Account = "999999999999"
			got, err := Evaluate(send(nil), c.policies)
			require.NoError(t, err)
			assert.Equal(t, c.want, got.String())
		})
	}
	service := Request{Principal: Principal{Service: "sns.amazonaws.com"}, Action: "sqs:SendMessage", Resource: queue}
	got, err := Evaluate(service, Policies{Account: "999999999999", Resource: policy(allow("sqs:*", queue).to("Service", "sns.amazonaws.com"))})
	require.NoError(t, err)
	assert.True(t, got.Allowed, "a service is of no account")
}

func TestAService(t *testing.T) {
	t.Parallel()
	call := Request{Principal: Principal{Service: "cloudfront.amazonaws.com"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::site/static/app.js"}
	reads := allow("s3:GetObject", "arn:aws:s3:::site/*").to("Service", "cloudfront.amazonaws.com")
	for _, c := range []struct {
		statements []Statement
		want       bool
	}{
		{[]Statement{reads}, true},
		{[]Statement{reads, deny("s3:*", "*").to("AWS", "*")}, false},
		{[]Statement{allow("s3:GetObject", "arn:aws:s3:::site/*").to("Service", "s3.amazonaws.com")}, false},
		{[]Statement{allow("s3:GetObject", "arn:aws:s3:::site/*").to("AWS", "123456789012")}, false},
		{[]Statement{reads.when("StringEquals", "aws:SourceArn", "arn:aws:cloudfront::123456789012:distribution/A")}, false},
		{[]Statement{reads.when("Bool", "aws:PrincipalIsAWSService", "true")}, true},
	} {
		got, err := Evaluate(call, Policies{Resource: policy(c.statements...)})
		require.NoError(t, err)
		assert.Equal(t, c.want, got.Allowed, "%+v", c.statements)
	}
}

// TestWhatCannotBeAnswered is refused, wherever it stands, and never allowed.
func TestWhatCannotBeAnswered(t *testing.T) {
	t.Parallel()
	fine := allow("*", "*")
	for want, s := range map[string]Statement{
		`IAM has no condition operator "StringEqual"`:                                    deny("s3:*", "*").when("StringEqual", "aws:SourceArn", "x"),
		`IAM has no condition operator "NullIfExists"`:                                   deny("s3:*", "*").when("NullIfExists", "aws:SourceArn", "true"),
		`IAM has no condition operator "ForAnyValue:Null"`:                               deny("s3:*", "*").when("ForAnyValue:Null", "aws:SourceArn", "true"),
		`policy variables are not evaluated, got "arn:aws:s3:::home/${aws:username}"`:    allow("s3:*", "arn:aws:s3:::home/${aws:username}"),
		`policy variables are not evaluated, got "${aws:PrincipalTag/x}"`:                deny("s3:*", "*").when("StringLike", "s3:prefix", []any{"a", "${aws:PrincipalTag/x}"}),
		"NotPrincipal is not evaluated":                                                  {Effect: "Deny", Actions: []string{"*"}, NotPrincipals: true},
		`the effect is "allow"`:                                                          {Effect: "allow", Actions: []string{"*"}},
		`Bool aws:SecureTransport: it takes true or false, got "no"`:                     deny("s3:*", "*").when("Bool", "aws:SecureTransport", "no"),
		`NumericLessThan s3:max-keys: strconv.ParseFloat: parsing "few": invalid syntax`: deny("s3:*", "*").when("NumericLessThan", "s3:max-keys", "few"),
		`IpAddress aws:VpcSourceIp: netip.ParsePrefix("10"): no '/'`:                     deny("s3:*", "*").when("IpAddress", "aws:VpcSourceIp", "10"),
		`DateLessThan x: parsing time "soon"`:                                            deny("s3:*", "*").when("DateLessThan", "x", "soon"),
		"StringEquals x: the condition has no value":                                     deny("s3:*", "*").when("StringEquals", "x", []any{}),
		"StringEquals x: a condition takes texts, numbers and booleans, got map[]":       deny("s3:*", "*").when("StringEquals", "x", map[string]any{}),
		`Null x: it takes true or false, got ["true" "false"]`:                           deny("s3:*", "*").when("Null", "x", []any{"true", "false"}),
		"the condition key aws:CurrentTime has a value in every call; give it one":       deny("sqs:*", "*").when("DateGreaterThan", "aws:CurrentTime", "2026-01-01T00:00:00Z"),
		"the condition key aws:PrincipalTag/team has a value in every call; give it one": deny("sqs:*", "*").when("StringNotEquals", "aws:PrincipalTag/team", "a"),
		"the condition key ecs:ResourceTag/team has a value in every call; give it one":  deny("sqs:*", "*").when("StringEquals", "ecs:ResourceTag/team", "a"),
		"ForAnyValue:StringEqualsIfExists x: the key is missing, and AWS does not say":   deny("sqs:*", "*").when("ForAnyValue:StringEqualsIfExists", "x", "a"),
		`the principal "arn:aws:sts::123456789012:assumed-role/app/x" is not evaluated`:  deny("s3:*", "*").to("AWS", "arn:aws:sts::123456789012:assumed-role/app/x"),
		`the principal "AROAEXAMPLE" is not evaluated`:                                   deny("s3:*", "*").to("AWS", "AROAEXAMPLE"),
		"StringEquals aws:TagKeys: the key has 2 values and the operator is for one":     deny("sqs:*", "*").when("StringEquals", "aws:TagKeys", "a"),
	} {
		got, err := Evaluate(send(map[string][]string{"aws:TagKeys": {"a", "b"}}), Policies{Identity: policy(fine, s)})
		assert.ErrorContains(t, err, want)
		assert.ErrorContains(t, err, "statement 2 of test: ")
		assert.False(t, got.Allowed)
	}
	bad := send(nil)
	for want, change := range map[string]func(*Request){
		"the principal is a role or a service": func(r *Request) { r.Principal.Service = "sns.amazonaws.com" },
		`"app" is no ARN of a role`:            func(r *Request) { r.Principal.Role = "app" },
		`"sns" is no service`:                  func(r *Request) { r.Principal = Principal{Service: "sns"} },
		`the action "sqs:*" is none`:           func(r *Request) { r.Action = "sqs:*" },
		`the action "SendMessage" is none`:     func(r *Request) { r.Action = "SendMessage" },
		`the resource "jobs" is none`:          func(r *Request) { r.Resource = "jobs" },
	} {
		r := bad
		change(&r)
		_, err := Evaluate(r, Policies{Identity: policy(fine)})
		assert.ErrorContains(t, err, want)
	}
}

// TestDenyWins holds whatever else is allowed, by whom and in which order.
func TestDenyWins(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		statement := rapid.Custom(func(t *rapid.T) Statement {
			s := Statement{Effect: rapid.SampledFrom([]string{"Allow", "Deny"}).Draw(t, "effect")}
			s.Actions = []string{rapid.SampledFrom([]string{"*", "sqs:*", "sqs:Send*", "s3:*", "sqs:SendMessage", "sqs:DeleteQueue"}).Draw(t, "action")}
			s.Resources = []string{rapid.SampledFrom([]string{"*", queue, queue + "2", "arn:aws:sqs:*:*:j?bs"}).Draw(t, "resource")}
			return s.to("AWS", rapid.SampledFrom([]string{"*", role, role + "2", "123456789012"}).Draw(t, "principal"))
		})
		identity, resource := rapid.SliceOf(statement).Draw(t, "identity"), rapid.SliceOf(statement).Draw(t, "resource")
		before, err := Evaluate(send(nil), Policies{Identity: policy(identity...), Resource: policy(resource...)})
		require.NoError(t, err)
		at := rapid.IntRange(0, len(identity)).Draw(t, "at")
		denied := append(append(append([]Statement{}, identity[:at]...), deny("sqs:*", queue)), identity[at:]...)
		after, err := Evaluate(send(nil), Policies{Identity: policy(denied...), Resource: policy(resource...)})
		require.NoError(t, err)
		assert.False(t, after.Allowed)
		more, err := Evaluate(send(nil), Policies{Identity: policy(append(identity, allow("*", "*"))...), Resource: policy(resource...)})
		require.NoError(t, err)
		assert.Equal(t, more.Allowed, before.Allowed || before.Policy == "", "an allow more changes only what nothing allowed")
	})
}
