package localaws

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
)

const (
	objectType            = "aws:s3/bucketObjectv2:BucketObjectv2"
	publicAccessBlockType = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
)

const s3Service = "S3"

// S3's codes for a bucket that exists, which can be that of another account.
const (
	ownBucket    = "BucketAlreadyOwnedByYou"
	othersBucket = "BucketAlreadyExists"
)

// s3Kinds are S3's resource types: a bucket, what is configured of it, and objects.
func s3Kinds() []*kind {
	return []*kind{
		of(s3.BucketV2Args{}, s3.BucketV2{}, kind{service: s3Service, noun: "Bucket", idFrom: "bucket",
			named:   &naming{property: "bucket", prefixProperty: "bucketPrefix", most: 63, shape: strings.ToLower},
			unique:  map[string]string{"bucket": ownBucket},
			replace: []string{"bucket", "bucketPrefix", "objectLockEnabled"}, defaults: map[string]any{"forceDestroy": false, "objectLockEnabled": false, "requestPayer": "BucketOwner"},
			check: checkBucket, compute: computeBucket,
			inUse: &inUse{code: "BucketNotEmpty", by: []string{objectType}, message: "The bucket you tried to delete is not empty: %s", unless: "forceDestroy"}}),
		of(s3.BucketPublicAccessBlockArgs{}, s3.BucketPublicAccessBlock{}, kind{service: s3Service, noun: "PublicAccessBlock", idFrom: "bucket", overwrites: always, replace: []string{"bucket"},
			defaults: map[string]any{"blockPublicAcls": false, "blockPublicPolicy": false, "ignorePublicAcls": false, "restrictPublicBuckets": false}}),
		of(s3.BucketServerSideEncryptionConfigurationV2Args{}, s3.BucketServerSideEncryptionConfigurationV2{}, kind{service: s3Service, noun: "BucketEncryption", idFrom: "bucket", overwrites: always,
			replace: []string{"bucket", "expectedBucketOwner"}, check: checkEncryption}),
		of(s3.BucketLifecycleConfigurationV2Args{}, s3.BucketLifecycleConfigurationV2{}, kind{service: s3Service, noun: "BucketLifecycleConfiguration", idFrom: "bucket", overwrites: always,
			replace: []string{"bucket", "expectedBucketOwner"}, defaults: map[string]any{"transitionDefaultMinimumObjectSize": "all_storage_classes_128K"}, check: checkLifecycle}),
		of(s3.BucketOwnershipControlsArgs{}, s3.BucketOwnershipControls{}, kind{service: s3Service, noun: "BucketOwnershipControls", idFrom: "bucket", overwrites: always,
			replace: []string{"bucket"}, check: func(c *checking) {
				c.oneOf("rule.objectOwnership", "BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced")
			}}),
		of(s3.BucketPolicyArgs{}, s3.BucketPolicy{}, kind{service: s3Service, noun: "BucketPolicy", idFrom: "bucket", overwrites: always, replace: []string{"bucket"},
			check: checkBucketPolicy, admit: admitBucketPolicy}),
		of(s3.BucketCorsConfigurationV2Args{}, s3.BucketCorsConfigurationV2{}, kind{service: s3Service, noun: "BucketCors", idFrom: "bucket", overwrites: always,
			replace: []string{"bucket", "expectedBucketOwner"}, check: checkCors}),
		of(s3.BucketVersioningV2Args{}, s3.BucketVersioningV2{}, kind{service: s3Service, noun: "BucketVersioning", idFrom: "bucket", overwrites: always,
			replace: []string{"bucket", "expectedBucketOwner"}, check: func(c *checking) {
				c.oneOf("versioningConfiguration.status", "Enabled", "Suspended", "Disabled")
			}}),
		of(s3.BucketLoggingV2Args{}, s3.BucketLoggingV2{}, kind{service: s3Service, noun: "BucketLogging", idFrom: "bucket", overwrites: always, replace: []string{"bucket", "expectedBucketOwner"},
			references: map[string]reference{"targetBucket": {types: []string{bucketType}, code: "InvalidTargetBucketForLogging", message: "The target bucket for logging does not exist: %s"}}}),
		of(s3.BucketObjectv2Args{}, s3.BucketObjectv2{}, kind{service: s3Service, noun: "Object", id: func(d *draft) string { return d.text("bucket") + "/" + d.text("key") }, overwrites: always,
			replace: []string{"bucket", "key"}, compute: func(d *draft) {
				d.set("arn", fmt.Sprintf("arn:%s:s3:::%s/%s", partitionOf(d.region), d.text("bucket"), d.text("key")))
			}}),
	}
}

func computeBucket(d *draft) {
	d.set("arn", fmt.Sprintf("arn:%s:s3:::%s", partitionOf(d.region), d.id))
	d.set("bucketDomainName", d.id+".s3."+dnsSuffix(d.region))
	d.set("bucketRegionalDomainName", fmt.Sprintf("%s.s3.%s.%s", d.id, d.region, dnsSuffix(d.region)))
	d.set("hostedZoneId", "Z"+strings.ToUpper((&draft{id: "s3/" + d.region}).hex(13)))
	d.set("region", d.region)
}
