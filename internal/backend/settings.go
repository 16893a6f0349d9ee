package backend

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"slipway/internal/awsaccess"
)

// setting is how one thing of the bucket has to be.
type setting struct {
	what, detail string
	// look tells whether it is right, or else how it is; "" for not at all.
	look func(ctx context.Context) (is string, right bool, err error)
	put  func(ctx context.Context) error
}

// settings come in an order in which the bucket is closed before it is used.
func (r *run) settings() []setting {
	return []setting{
		{"public access", "blocked", r.publicAccess, r.blockPublicAccess},
		{"ownership", "the bucket's owner has every object, no ACLs", r.ownership, r.enforceOwnership},
		{"policy", "TLS only", r.policy, r.refuseWithoutTLS},
		{"encryption", "by that key, with a bucket key", r.encryption, r.encrypt},
		{"versioning", "on", r.versioning, r.keepVersions},
		{"lifecycle", "old versions for 90 days, uploads that were not finished for 7", r.lifecycle, r.expire},
		{"tag", tag + "=" + r.report.Name, r.tagged, r.putTag},
	}
}

func (r *run) publicAccess(ctx context.Context) (string, bool, error) {
	answer, err := r.s3.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: &r.report.Name, ExpectedBucketOwner: &r.report.Account})
	if err != nil {
		return none(err, "NoSuchPublicAccessBlockConfiguration")
	}
	is := answer.PublicAccessBlockConfiguration
	right := aws.ToBool(is.BlockPublicAcls) && aws.ToBool(is.IgnorePublicAcls) && aws.ToBool(is.BlockPublicPolicy) && aws.ToBool(is.RestrictPublicBuckets)
	return "not all blocked", right, nil
}

func (r *run) blockPublicAccess(ctx context.Context) error {
	_, err := r.s3.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{Bucket: &r.report.Name, ExpectedBucketOwner: &r.report.Account,
		PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{
			BlockPublicAcls: aws.Bool(true), IgnorePublicAcls: aws.Bool(true), BlockPublicPolicy: aws.Bool(true), RestrictPublicBuckets: aws.Bool(true)}})
	return err
}

func (r *run) ownership(ctx context.Context) (string, bool, error) {
	answer, err := r.s3.GetBucketOwnershipControls(ctx, &s3.GetBucketOwnershipControlsInput{Bucket: &r.report.Name, ExpectedBucketOwner: &r.report.Account})
	if err != nil {
		return none(err, "OwnershipControlsNotFoundError")
	}
	rules := answer.OwnershipControls.Rules
	if len(rules) == 0 {
		return "", false, nil
	}
	return string(rules[0].ObjectOwnership), rules[0].ObjectOwnership == types.ObjectOwnershipBucketOwnerEnforced, nil
}

func (r *run) enforceOwnership(ctx context.Context) error {
	_, err := r.s3.PutBucketOwnershipControls(ctx, &s3.PutBucketOwnershipControlsInput{Bucket: &r.report.Name, ExpectedBucketOwner: &r.report.Account,
		OwnershipControls: &types.OwnershipControls{Rules: []types.OwnershipControlsRule{{ObjectOwnership: types.ObjectOwnershipBucketOwnerEnforced}}}})
	return err
}

func (r *run) encryption(ctx context.Context) (string, bool, error) {
	answer, err := r.s3.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: &r.report.Name, ExpectedBucketOwner: &r.report.Account})
	if err != nil {
		return none(err, "ServerSideEncryptionConfigurationNotFoundError")
	}
	rules := answer.ServerSideEncryptionConfiguration.Rules
	if len(rules) == 0 || rules[0].ApplyServerSideEncryptionByDefault == nil {
		return "", false, nil
	}
	is := rules[0].ApplyServerSideEncryptionByDefault
	key := aws.ToString(is.KMSMasterKeyID)
	switch {
	case is.SSEAlgorithm != types.ServerSideEncryptionAwsKms:
		return string(is.SSEAlgorithm), false, nil
	case r.report.KeyArn == "" || key != r.report.KeyArn:
		return "by the key " + key, false, nil
	}
	return "without a bucket key", aws.ToBool(rules[0].BucketKeyEnabled), nil
}

func (r *run) encrypt(ctx context.Context) error {
	_, err := r.s3.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{Bucket: &r.report.Name, ExpectedBucketOwner: &r.report.Account,
		ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{Rules: []types.ServerSideEncryptionRule{{
			ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: types.ServerSideEncryptionAwsKms, KMSMasterKeyID: &r.report.KeyArn},
			BucketKeyEnabled:                   aws.Bool(true),
		}}}})
	return err
}

func (r *run) versioning(ctx context.Context) (string, bool, error) {
	answer, err := r.s3.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &r.report.Name, ExpectedBucketOwner: &r.report.Account})
	if err != nil {
		return "", false, err
	}
	return string(answer.Status), answer.Status == types.BucketVersioningStatusEnabled, nil
}

func (r *run) keepVersions(ctx context.Context) error {
	_, err := r.s3.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: &r.report.Name, ExpectedBucketOwner: &r.report.Account,
		VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}})
	return err
}

// rule is the only one of the lifecycle that is looked at and set; others stay.
func rule() types.LifecycleRule {
	return types.LifecycleRule{
		ID:                             aws.String("slipway-old-versions"),
		Status:                         types.ExpirationStatusEnabled,
		Filter:                         &types.LifecycleRuleFilter{Prefix: aws.String("")},
		NoncurrentVersionExpiration:    &types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(90)},
		AbortIncompleteMultipartUpload: &types.AbortIncompleteMultipartUpload{DaysAfterInitiation: aws.Int32(7)},
		// Each lock that was released leaves one.
		Expiration: &types.LifecycleExpiration{ExpiredObjectDeleteMarker: aws.Bool(true)},
	}
}

func (r *run) rules(ctx context.Context) ([]types.LifecycleRule, error) {
	answer, err := r.s3.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: &r.report.Name, ExpectedBucketOwner: &r.report.Account})
	if err != nil {
		_, _, err = none(err, "NoSuchLifecycleConfiguration")
		return nil, err
	}
	return answer.Rules, nil
}

func ours(rules []types.LifecycleRule) int {
	return slices.IndexFunc(rules, func(l types.LifecycleRule) bool { return aws.ToString(l.ID) == *rule().ID })
}

func (r *run) lifecycle(ctx context.Context) (string, bool, error) {
	rules, err := r.rules(ctx)
	if err != nil || ours(rules) < 0 {
		return "", false, err
	}
	is, want := rules[ours(rules)], rule()
	right := is.Status == want.Status && is.NoncurrentVersionExpiration != nil && is.AbortIncompleteMultipartUpload != nil && is.Expiration != nil &&
		aws.ToInt32(is.NoncurrentVersionExpiration.NoncurrentDays) == *want.NoncurrentVersionExpiration.NoncurrentDays &&
		aws.ToInt32(is.AbortIncompleteMultipartUpload.DaysAfterInitiation) == *want.AbortIncompleteMultipartUpload.DaysAfterInitiation &&
		aws.ToBool(is.Expiration.ExpiredObjectDeleteMarker)
	return "a rule " + *want.ID + " of other values", right, nil
}

func (r *run) expire(ctx context.Context) error {
	rules, err := r.rules(ctx)
	if err != nil {
		return err
	}
	if i := ours(rules); i >= 0 {
		rules[i] = rule()
	} else {
		rules = append(rules, rule())
	}
	_, err = r.s3.PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{Bucket: &r.report.Name, ExpectedBucketOwner: &r.report.Account,
		LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: rules}})
	return err
}

// statement refuses whoever comes without TLS.
func (r *run) statement() map[string]any {
	bucket := fmt.Sprintf("arn:%s:s3:::%s", r.partition, r.report.Name)
	return map[string]any{
		"Sid": "TLSOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
		"Resource":  []any{bucket, bucket + "/*"},
		"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
	}
}

// document is the bucket's policy, and the place of our statement in it; -1 for none.
func (r *run) document(ctx context.Context) (policy map[string]any, statements []any, at int, err error) {
	policy = map[string]any{"Version": "2012-10-17"}
	answer, err := r.s3.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &r.report.Name, ExpectedBucketOwner: &r.report.Account})
	if err != nil {
		_, _, err = none(err, "NoSuchBucketPolicy")
		return policy, nil, -1, err
	}
	if err := json.Unmarshal([]byte(aws.ToString(answer.Policy)), &policy); err != nil {
		return nil, nil, -1, err
	}
	switch given := policy["Statement"].(type) {
	case []any:
		statements = given
	case map[string]any:
		statements = []any{given}
	}
	at = slices.IndexFunc(statements, func(s any) bool {
		fields, _ := s.(map[string]any)
		return fields["Sid"] == r.statement()["Sid"]
	})
	return policy, statements, at, nil
}

func (r *run) policy(ctx context.Context) (string, bool, error) {
	_, statements, at, err := r.document(ctx)
	if err != nil || at < 0 {
		return "", false, err
	}
	return "a statement TLSOnly that says something else", reflect.DeepEqual(statements[at], any(r.statement())), nil
}

// refuseWithoutTLS leaves other statements as they are.
func (r *run) refuseWithoutTLS(ctx context.Context) error {
	policy, statements, at, err := r.document(ctx)
	if err != nil {
		return err
	}
	if at < 0 {
		statements = append(statements, r.statement())
	} else {
		statements[at] = r.statement()
	}
	policy["Statement"] = statements
	text, err := json.Marshal(policy)
	if err != nil {
		return err
	}
	_, err = r.s3.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: &r.report.Name, ExpectedBucketOwner: &r.report.Account, Policy: aws.String(string(text))})
	return err
}

func (r *run) tagSet(ctx context.Context) ([]types.Tag, error) {
	answer, err := r.s3.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: &r.report.Name, ExpectedBucketOwner: &r.report.Account})
	if err != nil {
		_, _, err = none(err, "NoSuchTagSet")
		return nil, err
	}
	return answer.TagSet, nil
}

func (r *run) tagged(ctx context.Context) (string, bool, error) {
	tags, err := r.tagSet(ctx)
	if err != nil {
		return "", false, err
	}
	for _, t := range tags {
		if aws.ToString(t.Key) == tag {
			return aws.ToString(t.Value), aws.ToString(t.Value) == r.report.Name, nil
		}
	}
	return "", false, nil
}

// putTag keeps the other tags, which S3 takes all at once.
func (r *run) putTag(ctx context.Context) error {
	tags, err := r.tagSet(ctx)
	if err != nil {
		return err
	}
	tags = slices.DeleteFunc(tags, func(t types.Tag) bool { return aws.ToString(t.Key) == tag })
	_, err = r.s3.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{Bucket: &r.report.Name, ExpectedBucketOwner: &r.report.Account,
		Tagging: &types.Tagging{TagSet: append(tags, types.Tag{Key: aws.String(tag), Value: &r.report.Name})}})
	return err
}

// none is what a look returns when S3 says by this code that nothing is set.
func none(err error, code string) (string, bool, error) {
	if awsaccess.HasCode(err, code) {
		return "", false, nil
	}
	return "", false, errors.Join(err)
}
