package permissions

// bucketSetting is a setting that is put to create, change and reset it.
func bucketSetting(read, put string) Row {
	return Row{On: "bucket", Create: []string{put}, Read: []string{read}, Update: []string{put}, Delete: []string{put}}
}

var buckets = map[string]Row{
	// The provider reads every setting of a bucket, whether or not it is this resource that sets it. A bucket that may be deleted with
	// what is in it is emptied first, version by version.
	"aws:s3/bucketV2:BucketV2": {
		Create: []string{"s3:CreateBucket"},
		Read: []string{"s3:GetAccelerateConfiguration", "s3:GetBucketAcl", "s3:GetBucketCORS", "s3:GetBucketLocation", "s3:GetBucketLogging",
			"s3:GetBucketObjectLockConfiguration", "s3:GetBucketPolicy", "s3:GetBucketRequestPayment", "s3:GetBucketTagging", "s3:GetBucketVersioning",
			"s3:GetBucketWebsite", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration", "s3:GetReplicationConfiguration", "s3:ListBucket"},
		Delete: []string{"s3:DeleteBucket", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ListBucketVersions"},
		Tag:    []string{"s3:PutBucketTagging"},
		Untag:  []string{"s3:PutBucketTagging"},
	},
	"aws:s3/bucketObjectv2:BucketObjectv2": {
		On:     "bucket",
		Create: []string{"s3:PutObject"},
		Read:   []string{GetObject, "s3:GetObjectTagging"},
		Update: []string{"s3:PutObject"},
		Delete: []string{"s3:DeleteObject"},
		Tag:    []string{"s3:PutObjectTagging"},
		Untag:  []string{"s3:DeleteObjectTagging"},
	},
	"aws:s3/bucketPolicy:BucketPolicy": {
		On:     "bucket",
		Create: []string{"s3:PutBucketPolicy"},
		Read:   []string{"s3:GetBucketPolicy"},
		Update: []string{"s3:PutBucketPolicy"},
		Delete: []string{"s3:DeleteBucketPolicy"},
	},
	"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock":                                     bucketSetting("s3:GetBucketPublicAccessBlock", "s3:PutBucketPublicAccessBlock"),
	"aws:s3/bucketOwnershipControls:BucketOwnershipControls":                                     bucketSetting("s3:GetBucketOwnershipControls", "s3:PutBucketOwnershipControls"),
	"aws:s3/bucketCorsConfigurationV2:BucketCorsConfigurationV2":                                 bucketSetting("s3:GetBucketCORS", "s3:PutBucketCORS"),
	"aws:s3/bucketLoggingV2:BucketLoggingV2":                                                     bucketSetting("s3:GetBucketLogging", "s3:PutBucketLogging"),
	"aws:s3/bucketVersioningV2:BucketVersioningV2":                                               bucketSetting("s3:GetBucketVersioning", "s3:PutBucketVersioning"),
	"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2":                       bucketSetting("s3:GetLifecycleConfiguration", "s3:PutLifecycleConfiguration"),
	"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": bucketSetting("s3:GetEncryptionConfiguration", "s3:PutEncryptionConfiguration"),
}
