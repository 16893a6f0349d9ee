package iameval

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestConditions has each operator with a value that holds and one that does not. What a missing key means is the IAM User Guide's,
// "Condition operators" and "Set operators for multivalued context keys".
func TestConditions(t *testing.T) {
	t.Parallel()
	missing := []string(nil)
	one := func(value string) []string { return []string{value} }
	for _, c := range []struct {
		operator string
		value    any
		got      []string
		want     bool
	}{
		{"StringEquals", "a", one("a"), true},
		{"StringEquals", "a", one("A"), false},
		{"StringEquals", "a*", one("ab"), false},
		{"StringEquals", []any{"a", "b"}, one("b"), true},
		{"StringEquals", "a", missing, false},
		{"StringEqualsIfExists", "a", missing, true},
		{"StringEqualsIfExists", "a", one("b"), false},
		{"StringNotEquals", []any{"a", "b"}, one("b"), false},
		{"StringNotEquals", []any{"a", "b"}, one("c"), true},
		{"StringNotEquals", "a", missing, true},
		{"StringEqualsIgnoreCase", "a", one("A"), true},
		{"StringNotEqualsIgnoreCase", "a", one("A"), false},
		{"StringLike", "a*c?", one("abbcd"), true},
		{"StringLike", "a*c?", one("abbc"), false},
		{"StringLike", "a?c", one("aéc"), true},
		{"StringNotLike", "a*", one("b"), true},
		{"StringNotLike", "a*", one("ab"), false},
		{"ArnLike", "arn:aws:cloudwatch:*:123456789012:alarm:*", one("arn:aws:cloudwatch:us-east-1:123456789012:alarm:a:b"), true},
		{"ArnLike", "arn:aws:cloudwatch:*:alarm:*", one("arn:aws:cloudwatch:us-east-1:123456789012:alarm:a"), false},
		{"ArnEquals", "arn:aws:s3:::a*", one("arn:aws:s3:::ab"), true},
		{"ArnEquals", "arn:aws:s3:::a", one("arn:aws:s3:::b"), false},
		{"ArnNotEquals", "arn:aws:s3:::a", one("arn:aws:s3:::b"), true},
		{"ArnNotLike", "arn:aws:s3:::*", one("arn:aws:s3:::b"), false},
		{"ArnLike", "arn:aws:s3:::*", missing, false},
		{"Bool", "false", one("false"), true},
		{"Bool", false, one("true"), false},
		{"Bool", "true", missing, false},
		{"BoolIfExists", "true", missing, true},
		{"NumericEquals", "10", one("10.0"), true},
		{"NumericNotEquals", 10.0, one("11"), true},
		{"NumericLessThan", 10.0, one("9"), true},
		{"NumericLessThan", 10.0, one("10"), false},
		{"NumericLessThanEquals", 10.0, one("10"), true},
		{"NumericGreaterThan", 10.0, one("10"), false},
		{"NumericGreaterThanEquals", 10.0, one("10"), true},
		{"NumericGreaterThan", 10.0, one("many"), false},
		{"DateGreaterThan", "2026-01-01T00:00:00Z", one("2026-01-02T00:00:00Z"), true},
		{"DateLessThan", "2026-01-01", one("2026-01-02T00:00:00Z"), false},
		{"DateLessThanEquals", "0", one("1970-01-01T00:00:00Z"), true},
		{"DateGreaterThanEquals", "0", one("1969-12-31T00:00:00Z"), false},
		{"DateEquals", "2026-01-01T00:00:00Z", one("2026-01-01T00:00:00+00:00"), true},
		{"DateNotEquals", "2026-01-01T00:00:00Z", one("2026-01-01T00:00:00Z"), false},
		{"IpAddress", "203.0.113.0/24", one("203.0.113.9"), true},
		{"IpAddress", "203.0.113.9", one("203.0.113.10"), false},
		{"IpAddress", "2001:db8::/32", one("2001:db8::1"), true},
		{"NotIpAddress", "203.0.113.0/24", one("198.51.100.1"), true},
		{"BinaryEquals", "QUJD", one("QUJD"), true},
		{"Null", "true", missing, true},
		{"Null", "true", one("a"), false},
		{"Null", "false", one("a"), true},
		{"ForAllValues:StringEquals", []any{"a", "b"}, []string{"a", "b"}, true},
		{"ForAllValues:StringEquals", []any{"a", "b"}, []string{"a", "c"}, false},
		{"ForAllValues:StringEquals", "a", missing, true},
		{"ForAllValues:StringNotEquals", "a", []string{"b", "c"}, true},
		{"ForAllValues:StringNotEquals", "a", []string{"a", "c"}, false},
		{"ForAnyValue:StringEquals", "a", []string{"a", "c"}, true},
		{"ForAnyValue:StringEquals", "a", []string{"b", "c"}, false},
		{"ForAnyValue:StringEquals", "a", missing, false},
		{"ForAnyValue:StringEqualsIfExists", "a", []string{"a", "b"}, true},
		{"ForAnyValue:StringNotEquals", "a", []string{"a", "b"}, true},
		{"ForAnyValue:StringNotEquals", "a", missing, false},
		{"ForAnyValue:StringNotLike", "a*", []string{"a", "ab"}, false},
	} {
		context := map[string][]string{}
		if c.got != nil {
			context["test:Key"] = c.got
		}
		got, err := Evaluate(send(context), Policies{Identity: policy(allow("*", "*").when(c.operator, "TEST:key", c.value))})
		require.NoError(t, err, "%+v", c)
		assert.Equal(t, c.want, got.Allowed, "%+v", c)
	}
}

// TestConditionsAreJoined by and: operators with each other, and keys of one operator.
func TestConditionsAreJoined(t *testing.T) {
	t.Parallel()
	s := allow("*", "*")
	s.Condition = map[string]map[string]any{"StringEquals": {"a": "1", "b": []any{"2", "3"}}, "Bool": {"aws:SecureTransport": "true"}}
	for want, contexts := range map[bool][]map[string][]string{
		true:  {{"a": {"1"}, "b": {"3"}}},
		false: {{"a": {"1"}}, {"a": {"2"}, "b": {"2"}}, {"a": {"1"}, "b": {"2"}, "aws:SecureTransport": {"false"}}},
	} {
		for _, context := range contexts {
			got, err := Evaluate(send(context), Policies{Identity: policy(s)})
			require.NoError(t, err)
			assert.Equal(t, want, got.Allowed, context)
		}
	}
	s.Condition["DateLessThan"] = map[string]any{"aws:CurrentTime": "2026-01-01"}
	got, err := Evaluate(send(nil), Policies{Identity: policy(s)})
	require.NoError(t, err, "another condition is false")
	assert.False(t, got.Allowed)
}

func TestArnMatches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, arn string
		want         bool
	}{
		{"arn:aws:s3:::*", "*", false},
		{"arn:aws:s3:::site/static/*", "arn:aws:s3:::site/static/a/b.js", true},
		{"arn:aws:s3:::site/static/*", "arn:aws:s3:::site/secret", false},
		{"arn:aws:s3:::site", "arn:aws:s3:::site/x", false},
		{"arn:aws:logs:*:123456789012:log-group:web:*", "arn:aws:logs:us-east-1:123456789012:log-group:web:log-stream:1", true},
		{"arn:aws:sqs:*:jobs", "arn:aws:sqs:us-east-1:123456789012:jobs", false},
		{"arn:*", "arn:aws:s3:::site", false},
	} {
		assert.Equal(t, c.want, arnMatches(c.pattern, c.arn), "%+v", c)
	}
}

func TestResourceMatches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, resource string
		want              bool
	}{
		{"*", "*", true},
		{"arn:aws:sqs:*", "*", false},
		{"arn:aws:sqs:*", "arn:aws:sqs:us-east-1:123456789012:jobs", true},
		{"arn:aws:sqs:*:jobs", "arn:aws:sqs:us-east-1:123456789012:jobs", true},
		{"arn:aws:sqs:us-*:123456789012:jobs", "arn:aws:sqs:us-east-1:123456789012:jobs", true},
		{"arn:aws:sqs:u*1:123456789012:jobs", "arn:aws:sqs:us-east-1:123456789012:jobs", true},
		{"arn:aws:sqs:u*2:jobs", "arn:aws:sqs:us-east-1:123456789012:jobs", false},
		{"arn:aws:sqs:us-east-?:123456789012:jobs", "arn:aws:sqs:us-east-1:123456789012:jobs", true},
		{"arn:aws:sqs:us-east-1?123456789012:jobs", "arn:aws:sqs:us-east-1:123456789012:jobs", false},
		{"arn:aws:logs:us-east-1:123456789012:log-group:web:*", "arn:aws:logs:us-east-1:123456789012:log-group:web:log-stream:a:b", true},
		{"arn:aws:logs:us-east-1:123456789012:log-group:w*:log-stream:a", "arn:aws:logs:us-east-1:123456789012:log-group:web:log-stream:a", true},
		{"arn:aws:logs:us-east-1:123456789012:log-group:w*b:log-stream:a", "arn:aws:logs:us-east-1:123456789012:log-group:web:x:b:log-stream:a", true},
		{"arn:aws:s3:::site.a/*", "arn:aws:s3:::site-a/x", false},
		{"arn:aws:s3:::site/*", "arn:aws:s3:::site/line\nbreak", true},
	} {
		assert.Equal(t, c.want, resourceMatches(c.pattern, c.resource), "%+v", c)
	}
}

// TestMatches compares with what the definition says, tried in all ways.
func TestMatches(t *testing.T) {
	t.Parallel()
	var tried func(pattern, text string) bool
	tried = func(pattern, text string) bool {
		switch {
		case pattern == "":
			return text == ""
		case pattern[0] == '*':
			return tried(pattern[1:], text) || text != "" && tried(pattern, text[1:])
		}
		return text != "" && (pattern[0] == '?' || pattern[0] == text[0]) && tried(pattern[1:], text[1:])
	}
	rapid.Check(t, func(t *rapid.T) {
		pattern, text := rapid.StringMatching(`[ab:*?]{0,8}`).Draw(t, "pattern"), rapid.StringMatching(`[ab:*]{0,12}`).Draw(t, "text")
		assert.Equal(t, tried(pattern, text), matches(pattern, text))
	})
}

// TestTagsOfTheResource holds that a tag that the resource has not is a missing key, once the tags are known.
func TestTagsOfTheResource(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		tags map[string]string
		want bool
	}{
		{map[string]string{"Team": "a", "other": "b"}, true},
		{map[string]string{"Team": "b"}, false},
		{map[string]string{}, false},
	} {
		request := send(nil)
		request.ResourceTags = c.tags
		decision, err := Evaluate(request, Policies{Identity: policy(allow("sqs:*", "*").when("StringEquals", "aws:ResourceTag/team", "a"))})
		require.NoError(t, err)
		assert.Equal(t, c.want, decision.Allowed, "%v", c.tags)
	}
}
