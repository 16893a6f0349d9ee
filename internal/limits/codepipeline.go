package limits

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

var (
	repositoryPath = regexp.MustCompile(`^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)+$`)
	codeCommitName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)
	branchName     = regexp.MustCompile(`^[^\s~^:?*\[\\]{1,255}$`)
	connectionArn  = regexp.MustCompile(`^arn:aws[a-z-]*:(codeconnections|codestar-connections):[a-z0-9-]+:\d{12}:connection/[a-z0-9-]+$`)
	roleArn        = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:role/[A-Za-z0-9+=,.@_/-]+$`)
)

// The longest names of what a pipeline's parts are named after, with the end that Pulumi appends: a connection <name>-bitbucket (32 characters) and a
// role <name>-deploy-<stack>-role (64).
const (
	pipelineNameLength   = 32 - autoNameLength - len("-bitbucket")
	deliveredStackLength = RoleNameLength - autoNameLength - pipelineNameLength - len("-deploy--role")
)

var deliveredStack = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// PipelineName checks a logical name that a delivery pipeline's parts are named after, among them a bucket and a repository.
func PipelineName(name string) error {
	if len(name) <= pipelineNameLength && BucketPrefix(name, "") == nil {
		return nil
	}
	return fmt.Errorf("lower-case letters, digits and single hyphens, a letter first, at most %d characters (a connection's name is made of it), and not beginning with sthree-", pipelineNameLength)
}

// DeliveredStack checks the name of a stack that a pipeline deploys, or is part of: build projects and roles are named after it.
func DeliveredStack(name string) error {
	if len(name) <= deliveredStackLength && deliveredStack.MatchString(name) {
		return nil
	}
	return fmt.Errorf("the name of a stack: letters, digits, hyphens and underscores, at most %d characters", deliveredStackLength)
}

// RepositoryPath checks owner/name at a provider, in GitLab with subgroups.
func RepositoryPath(path string) error {
	if repositoryPath.MatchString(path) && len(path) <= 260 {
		return nil
	}
	return errors.New("owner/name, such as example/shop")
}

// CodeCommitName checks a repository's name in CodeCommit, which has no owner.
func CodeCommitName(name string) error {
	if codeCommitName.MatchString(name) && !strings.HasSuffix(name, ".git") {
		return nil
	}
	return errors.New("the name of a repository in CodeCommit: letters, digits, dots, underscores and hyphens, at most 100, not ending in .git")
}

// BranchName checks a branch as git takes it, in the length that CodePipeline takes.
func BranchName(name string) error {
	if branchName.MatchString(name) && !strings.HasPrefix(name, "-") && !strings.Contains(name, "..") {
		return nil
	}
	return errors.New("the name of a branch, such as main, without blanks and patterns")
}

// PathPattern checks one of a trigger's patterns (CodePipeline's GitPattern, 1 to 255 characters).
func PathPattern(pattern string) error {
	if pattern != "" && len(pattern) <= 255 && !strings.HasPrefix(pattern, "/") {
		return nil
	}
	return errors.New("a pattern of paths below the repository's root, such as docker/** or **.md, of at most 255 characters")
}

// PathPatterns is how many patterns a trigger takes (CodePipeline's GitFilePathFilterCriteria).
const PathPatterns = 8

// ConnectionArn checks the ARN of a connection, under its new or its former service name.
func ConnectionArn(arn string) error {
	if connectionArn.MatchString(arn) {
		return nil
	}
	return errors.New("a connection's ARN, such as arn:aws:codeconnections:us-east-1:123456789012:connection/0a1b2c3d")
}

// RoleArn checks the ARN of an IAM role.
func RoleArn(arn string) error {
	if roleArn.MatchString(arn) {
		return nil
	}
	return errors.New("a role's ARN, such as arn:aws:iam::123456789012:role/deploy-prod")
}

var (
	keyArn    = regexp.MustCompile(`^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+$`)
	secretArn = regexp.MustCompile(`^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:\S+$`)
)

// KeyArn checks the ARN of a KMS key. An alias will not do: policies name keys.
func KeyArn(arn string) error {
	if keyArn.MatchString(arn) {
		return nil
	}
	return errors.New("the ARN of a KMS key, such as arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-...; `slipway bootstrap` sets it, and `aws kms describe-key --key-id <alias>` prints that of another key")
}

// SecretArn checks the ARN of a secret in Secrets Manager.
func SecretArn(arn string) error {
	if secretArn.MatchString(arn) {
		return nil
	}
	return errors.New("the ARN of a secret in Secrets Manager")
}

// StateBackend checks where Pulumi keeps the state: a bucket in S3.
func StateBackend(address string) error {
	parsed, err := url.Parse(address)
	if err == nil && parsed.Scheme == "s3" && BucketName(parsed.Host) == nil {
		return nil
	}
	return errors.New("a bucket in S3, such as s3://my-pulumi-state?region=us-east-1")
}

var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// BucketName checks the name of a bucket in S3.
func BucketName(name string) error {
	if bucketName.MatchString(name) && !strings.Contains(name, "..") {
		return nil
	}
	return errors.New("a bucket's name: 3 to 63 lower-case letters, digits, dots and hyphens")
}

// BuildTimeout checks for how many minutes a CodeBuild project runs at most (timeoutInMinutes).
func BuildTimeout(minutes int) error { return between(minutes, 5, 2160, "minutes") }

// ApprovalTimeout checks for how many minutes a manual approval waits (CodePipeline's timeoutInMinutes, up to 60 days).
func ApprovalTimeout(minutes int) error { return between(minutes, 5, 86400, "minutes") }

// CodeBuildComputeType checks the size of a machine that is there for Linux containers on both architectures.
func CodeBuildComputeType(size string) error {
	switch size {
	case "BUILD_GENERAL1_SMALL", "BUILD_GENERAL1_MEDIUM", "BUILD_GENERAL1_LARGE", "BUILD_GENERAL1_XLARGE", "BUILD_GENERAL1_2XLARGE":
		return nil
	}
	return errors.New("BUILD_GENERAL1_SMALL, BUILD_GENERAL1_MEDIUM, BUILD_GENERAL1_LARGE, BUILD_GENERAL1_XLARGE or BUILD_GENERAL1_2XLARGE")
}
