package localaws

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestExamplesOfTheUserGuide follows policies of the IAM User Guide, and what it says of them. Those that only deny stand beside one that
// allows everything.
func TestExamplesOfTheUserGuide(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	const everything = `{"Sid": "Everything", "Effect": "Allow", "Action": "*", "Resource": "*"}`
	type call struct {
		action, resource string
		context          map[string][]string
		want             bool
	}
	key := func(key string, values ...string) map[string][]string { return map[string][]string{key: values} }
	for n, example := range []struct {
		about, statements string
		calls             []call
	}{
		{"IAM JSON policy elements: NotAction, with Allow", `{"Effect": "Allow", "NotAction": "s3:DeleteBucket", "Resource": "arn:aws:s3:::*"}`, []call{
			{"s3:GetObject", "arn:aws:s3:::any/x", nil, true},
			{"s3:DeleteBucket", "arn:aws:s3:::any", nil, false},
			{"s3:ListAllMyBuckets", "*", nil, false},
			{"ec2:RunInstances", "arn:aws:ec2:us-east-1:123456789012:instance/*", nil, false},
		}},
		{"IAM JSON policy elements: NotAction, with Deny", everything + `, {"Sid": "DenyAllUsersNotUsingMFA", "Effect": "Deny", "NotAction": "iam:*", "Resource": "*",
			"Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}`, []call{
			{"s3:GetObject", "arn:aws:s3:::any/x", key("aws:MultiFactorAuthPresent", "true"), true},
			{"s3:GetObject", "arn:aws:s3:::any/x", key("aws:MultiFactorAuthPresent", "false"), false},
			{"s3:GetObject", "arn:aws:s3:::any/x", nil, false},
			{"iam:ListUsers", "*", nil, true},
		}},
		{"IAM JSON policy elements: NotResource", everything + `, {"Effect": "Deny", "Action": "s3:*", "NotResource": ["arn:aws:s3:::HRBucket/Payroll", "arn:aws:s3:::HRBucket/Payroll/*"]}`, []call{
			{"s3:GetObject", "arn:aws:s3:::HRBucket/Payroll/may", nil, true},
			{"s3:GetObject", "arn:aws:s3:::HRBucket/Other/may", nil, false},
			{"s3:ListAllMyBuckets", "*", nil, false},
			{"sqs:SendMessage", "arn:aws:sqs:us-east-1:123456789012:jobs", nil, true},
		}},
		{"AWS: Denies access to AWS based on the source IP", everything + `, {"Effect": "Deny", "Action": "*", "Resource": "*",
			"Condition": {"NotIpAddress": {"aws:SourceIp": ["192.0.2.0/24", "203.0.113.0/24"]}}}`, []call{
			{"s3:GetObject", "arn:aws:s3:::any/x", key("aws:SourceIp", "203.0.113.9"), true},
			{"s3:GetObject", "arn:aws:s3:::any/x", key("aws:SourceIp", "198.51.100.9"), false},
		}},
		{"IAM JSON policy elements: Resource, wildcards", `{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*/test/*"}`, []call{
			{"s3:GetObject", "arn:aws:s3:::amzn-s3-demo-bucket/1/test/object.jpg", nil, true},
			{"s3:GetObject", "arn:aws:s3:::amzn-s3-demo-bucket/1/2/test/3/object.jpg", nil, true},
			{"s3:GetObject", "arn:aws:s3:::amzn-s3-demo-bucket//test/object.jpg", nil, true},
			{"s3:GetObject", "arn:aws:s3:::amzn-s3-demo-bucket/1/test/", nil, true},
			{"s3:GetObject", "arn:aws:s3:::amzn-s3-demo-bucket/1-test/object.jpg", nil, false},
			{"s3:GetObject", "arn:aws:s3:::amzn-s3-demo-bucket/test/object.jpg", nil, false},
			{"s3:GetObject", "arn:aws:s3:::amzn-s3-demo-bucket/1/2/test.jpg", nil, false},
		}},
		{"Multivalued context key examples: ForAllValues, with Deny", everything + `, {"Effect": "Deny", "Action": "iam:TagRole", "Resource": "*",
			"Condition": {"ForAllValues:StringLike": {"aws:TagKeys": "key1*"}}}`, []call{
			{"iam:TagRole", "arn:aws:iam::123456789012:role/x", key("aws:TagKeys", "key1:a", "key1:b"), false},
			{"iam:TagRole", "arn:aws:iam::123456789012:role/x", key("aws:TagKeys", "key1:a", "key2:b"), true},
			{"iam:TagRole", "arn:aws:iam::123456789012:role/x", nil, false},
		}},
		{"Multivalued context key examples: with Null", everything + `, {"Effect": "Deny", "Action": "iam:TagRole", "Resource": "*",
			"Condition": {"ForAllValues:StringLike": {"aws:TagKeys": "key1*"}, "Null": {"aws:TagKeys": "false"}}}`, []call{
			{"iam:TagRole", "arn:aws:iam::123456789012:role/x", key("aws:TagKeys", "key1:a"), false},
			{"iam:TagRole", "arn:aws:iam::123456789012:role/x", nil, true},
		}},
		{"Multivalued context key examples: ForAnyValue, with Deny", everything + `, {"Effect": "Deny", "Action": "iam:TagRole", "Resource": "*",
			"Condition": {"ForAnyValue:StringEquals": {"aws:TagKeys": ["environment", "webserver"]}}}`, []call{
			{"iam:TagRole", "arn:aws:iam::123456789012:role/x", key("aws:TagKeys", "environment", "team"), false},
			{"iam:TagRole", "arn:aws:iam::123456789012:role/x", key("aws:TagKeys", "team"), true},
			{"iam:TagRole", "arn:aws:iam::123456789012:role/x", nil, true},
		}},
	} {
		name := fmt.Sprintf("example-%d", n)
		e.role(name, `{"Version": "2012-10-17", "Statement": [`+example.statements+`]}`)
		for _, c := range example.calls {
			answer := e.authorized(Call{Principal: name, Action: c.action, Resource: c.resource, Context: c.context})
			assert.Equal(t, c.want, strings.HasPrefix(answer, "allowed "), "%s: %+v: %s", example.about, c, answer)
		}
	}
}
