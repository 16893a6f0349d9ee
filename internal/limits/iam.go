package limits

import (
	"errors"
	"regexp"
)

var (
	stackName     = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,60}$`)
	regionName    = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d$`)
	bucketPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9*]$`)
	policyArn     = regexp.MustCompile(`^arn:aws[a-z-]*:iam::(\d{12}|aws):policy/[\w+=,.@/-]+$`)
)

// StackName checks the name of a Pulumi stack that stands in policies, where it must mean itself alone.
func StackName(name string) error {
	if stackName.MatchString(name) {
		return nil
	}
	return errors.New("the name of a stack: letters, digits, hyphens, underscores and dots, at most 60 characters")
}

// Region checks a name of a region.
func Region(name string) error {
	if regionName.MatchString(name) {
		return nil
	}
	return errors.New("a region such as eu-central-1")
}

// BucketPattern checks a bucket's name, or how names begin. At least three characters come before the *.
func BucketPattern(pattern string) error {
	if bucketPattern.MatchString(pattern) && (len(pattern) > 3 || pattern[len(pattern)-1] != '*') {
		return nil
	}
	return errors.New("the name of a bucket, or at least three characters of it and a * at the end, such as site-bucket-*")
}

// PolicyArn checks the ARN of a managed policy.
func PolicyArn(arn string) error {
	if policyArn.MatchString(arn) {
		return nil
	}
	return errors.New("the ARN of a managed policy, such as arn:aws:iam::123456789012:policy/boundary")
}
