package limits_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"slipway/internal/limits"
)

func TestNamesInPolicies(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		check func(string) error
		taken []string
		wrong []string
	}{
		"stack":  {limits.StackName, []string{"prod", "test-1.a_B", strings.Repeat("a", 60)}, []string{"", "prod*", "a/b", "${aws:PrincipalTag/x}", strings.Repeat("a", 61)}},
		"region": {limits.Region, []string{"us-east-1", "ap-southeast-4", "us-gov-west-1", "cn-north-1"}, []string{"", "*", "us-east", "eu-*-1", "US-EAST-1", "us-east-1a"}},
		"bucket": {limits.BucketPattern, []string{"site-bucket-*", "abc", "abc*", "logs.example.com", strings.Repeat("a", 63)},
			[]string{"", "*", "a*", "ab*", "*-site", "si*te", "site-?", "Site", "site-", strings.Repeat("a", 64)}},
		"policy": {limits.PolicyArn, []string{"arn:aws:iam::123456789012:policy/boundary", "arn:aws-cn:iam::aws:policy/a/b"},
			[]string{"", "boundary", "arn:aws:iam::123456789012:role/boundary", "arn:aws:iam::12:policy/a", "arn:aws:iam::123456789012:policy/*"}},
	} {
		for _, value := range c.taken {
			assert.NoError(t, c.check(value), "%s %q", name, value)
		}
		for _, value := range c.wrong {
			assert.Error(t, c.check(value), "%s %q", name, value)
		}
	}
}
