package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// privateBucket is what differs between buckets; the rest is the same for all, see newPrivateBucket.
type privateBucket struct {
	name      string // logical name of the bucket and of everything that is set on it
	lifecycle s3.BucketLifecycleConfigurationV2RuleArgs
	kmsKeyArn pulumi.StringInput // nil for S3's own keys, which the services that write logs need
	ephemeral bool               // may be deleted with what is in it
	protected bool               // Pulumi refuses to delete it
	tags      map[string]string
}

// newPrivateBucket creates a bucket that nothing public can be put into or read from, without access control lists, encrypted, and
// with one lifecycle rule. Its policy is the caller's, who adds tlsOnly to it.
func newPrivateBucket(ctx *pulumi.Context, parent pulumi.Resource, b privateBucket) (*s3.BucketV2, error) {
	inside := pulumi.Parent(parent)
	created, err := s3.NewBucketV2(ctx, b.name, &s3.BucketV2Args{
		ForceDestroy: pulumi.Bool(b.ephemeral),
		Tags:         pulumi.ToStringMap(b.tags),
	}, inside, pulumi.Protect(b.protected))
	if err != nil {
		return nil, err
	}
	bucket := created.ID()
	if _, err = s3.NewBucketPublicAccessBlock(ctx, b.name, &s3.BucketPublicAccessBlockArgs{
		Bucket:                bucket,
		BlockPublicAcls:       pulumi.Bool(true),
		BlockPublicPolicy:     pulumi.Bool(true),
		IgnorePublicAcls:      pulumi.Bool(true),
		RestrictPublicBuckets: pulumi.Bool(true),
	}, inside); err != nil {
		return nil, err
	}
	if _, err = s3.NewBucketOwnershipControls(ctx, b.name, &s3.BucketOwnershipControlsArgs{
		Bucket: bucket,
		Rule:   &s3.BucketOwnershipControlsRuleArgs{ObjectOwnership: pulumi.String("BucketOwnerEnforced")},
	}, inside); err != nil {
		return nil, err
	}
	encryption := &s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
		ApplyServerSideEncryptionByDefault: &s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
			SseAlgorithm: pulumi.String("AES256"),
		},
	}
	if b.kmsKeyArn != nil {
		encryption = &s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
			ApplyServerSideEncryptionByDefault: &s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
				SseAlgorithm:   pulumi.String("aws:kms"),
				KmsMasterKeyId: b.kmsKeyArn,
			},
			BucketKeyEnabled: pulumi.Bool(true), // one call of KMS for many objects
		}
	}
	if _, err = s3.NewBucketServerSideEncryptionConfigurationV2(ctx, b.name, &s3.BucketServerSideEncryptionConfigurationV2Args{
		Bucket: bucket,
		Rules:  s3.BucketServerSideEncryptionConfigurationV2RuleArray{encryption},
	}, inside); err != nil {
		return nil, err
	}
	_, err = s3.NewBucketLifecycleConfigurationV2(ctx, b.name, &s3.BucketLifecycleConfigurationV2Args{
		Bucket: bucket,
		Rules:  s3.BucketLifecycleConfigurationV2RuleArray{b.lifecycle},
	}, inside)
	return created, err
}

// everyObject is the filter of a lifecycle rule for the whole bucket.
var everyObject = &s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String("")}

// expireAfter is the lifecycle rule of logs.
func expireAfter(days int) s3.BucketLifecycleConfigurationV2RuleArgs {
	return s3.BucketLifecycleConfigurationV2RuleArgs{
		Id:         pulumi.String("expire"),
		Status:     pulumi.String("Enabled"),
		Filter:     everyObject,
		Expiration: &s3.BucketLifecycleConfigurationV2RuleExpirationArgs{Days: pulumi.Int(days)},
	}
}

// bucketTLSOnly is tlsOnly for a bucket and all in it.
func bucketTLSOnly(bucketArn string) policyStatement {
	return tlsOnly("s3:*", bucketArn, bucketArn+"/*")
}
