package limits_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"slipway/internal/limits"
)

func TestTextsOfPipelines(t *testing.T) {
	t.Parallel()
	const account = "123456789012"
	for name, c := range map[string]struct {
		check func(string) error
		taken []string
		wrong []string
	}{
		"pipeline":   {limits.PipelineName, []string{"a", "delivery", "a-1-b", strings.Repeat("a", 14)}, []string{"", "1a", "A", "a_b", "a.b", "a--b", "a-", "sthree-a", strings.Repeat("a", 15)}},
		"stack":      {limits.DeliveredStack, []string{"a", "Prod_1-b", strings.Repeat("a", 29)}, []string{"", "a.b", "a b", "ä", strings.Repeat("a", 30)}},
		"repository": {limits.RepositoryPath, []string{"a/b", "group/sub.group/a_b-1"}, []string{"", "a", "/a", "a/", "a b/c", strings.Repeat("a", 260) + "/b"}},
		"CodeCommit": {limits.CodeCommitName, []string{"a", "my.app_1-b", strings.Repeat("a", 100)}, []string{"", "a/b", "a.git", "a b", strings.Repeat("a", 101)}},
		"branch":     {limits.BranchName, []string{"main", "release/1.x", strings.Repeat("a", 255)}, []string{"", "a b", "a*", "-a", "a..b", "a~1", "a:b", strings.Repeat("a", 256)}},
		"pattern":    {limits.PathPattern, []string{"**", "docs/**", strings.Repeat("a", 255)}, []string{"", "/docs", strings.Repeat("a", 256)}},
		"connection": {limits.ConnectionArn, []string{"arn:aws:codeconnections:us-east-1:" + account + ":connection/0a-1b", "arn:aws-cn:codestar-connections:cn-north-1:" + account + ":connection/0a"},
			[]string{"", "github", "arn:aws:codeconnections:us-east-1:" + account + ":host/a"}},
		"role": {limits.RoleArn, []string{"arn:aws:iam::" + account + ":role/a", "arn:aws-us-gov:iam::" + account + ":role/path/to/a@b"}, []string{"", "a", "arn:aws:iam::1:role/a", "arn:aws:iam::" + account + ":user/a", "arn:aws:iam::" + account + ":role/*"}},
		"key": {limits.KeyArn, []string{"arn:aws:kms:us-east-1:" + account + ":key/mrk-0a", "arn:aws:kms:us-east-1:" + account + ":key/0a-1b"},
			[]string{"", "alias/pulumi", "arn:aws:kms:us-east-1:" + account + ":alias/pulumi", "arn:aws:kms:us-east-1:" + account + ":key/*"}},
		"secret": {limits.SecretArn, []string{"arn:aws:secretsmanager:us-east-1:" + account + ":secret:hub-AbCdEf"}, []string{"", "hub", "arn:aws:ssm:us-east-1:" + account + ":parameter/hub"}},
		"state":  {limits.StateBackend, []string{"s3://abc", "s3://my-state/folder?region=us-east-1"}, []string{"", "abc", "s3://", "s3://ab", "s3://My", "file:///tmp", "gs://abc", "https://api.pulumi.com"}},
		"bucket": {limits.BucketName, []string{"abc", "a.b-1", strings.Repeat("a", 63)}, []string{"", "ab", "a..b", "-ab", "ab-", "A-b", strings.Repeat("a", 64)}},
		"size":   {limits.CodeBuildComputeType, []string{"BUILD_GENERAL1_SMALL", "BUILD_GENERAL1_2XLARGE"}, []string{"", "small", "BUILD_LAMBDA_1GB"}},
	} {
		for _, value := range c.taken {
			assert.NoError(t, c.check(value), "%s %q", name, value)
		}
		for _, value := range c.wrong {
			assert.Error(t, c.check(value), "%s %q", name, value)
		}
	}
}
