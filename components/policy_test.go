package components

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPolicyDocumentIsWrittenTheSameEveryTime(t *testing.T) {
	t.Parallel()
	document, err := policyDocument(policyStatement{
		Sid: "Read", Effect: "Allow", Action: []string{"s3:GetObject"}, Resource: []string{"arn:aws:s3:::a/*"},
		Condition: map[string]map[string]string{"StringEquals": {"b": "2", "a": "1"}},
	})
	require.NoError(t, err)
	assert.Equal(t, `{"Version":"2012-10-17","Statement":[{"Sid":"Read","Effect":"Allow","Action":["s3:GetObject"],`+
		`"Resource":["arn:aws:s3:::a/*"],"Condition":{"StringEquals":{"a":"1","b":"2"}}}]}`, document)
}

func TestParseArn(t *testing.T) {
	t.Parallel()
	parsed, err := parseArn("arn:aws-cn:logs:cn-north-1:123456789012:log-group:app:*")
	require.NoError(t, err)
	assert.Equal(t, arn{partition: "aws-cn", service: "logs", region: "cn-north-1", account: "123456789012", resource: "log-group:app:*"}, parsed)
	for _, text := range []string{"", "log-group", "arn:aws:logs:cn-north-1:123456789012", "urn:aws:logs:cn-north-1:123456789012:log-group"} {
		_, err := parseArn(text)
		assert.ErrorContains(t, err, "is no ARN; ARNs read arn:partition", text)
	}
}
