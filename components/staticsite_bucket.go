package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// createBucket creates the bucket of the files. What an upload that broke off has left is deleted after a week.
func (s *StaticSite) createBucket(ctx *pulumi.Context, name string, args staticSiteSettings) (err error) {
	s.Bucket, err = newPrivateBucket(ctx, s, privateBucket{
		name: name + "-bucket",
		lifecycle: s3.BucketLifecycleConfigurationV2RuleArgs{
			Id:     pulumi.String("abort-uploads"),
			Status: pulumi.String("Enabled"),
			Filter: everyObject,
			AbortIncompleteMultipartUpload: &s3.BucketLifecycleConfigurationV2RuleAbortIncompleteMultipartUploadArgs{
				DaysAfterInitiation: pulumi.Int(7),
			},
		},
		ephemeral: args.Ephemeral,
		protected: !args.Ephemeral,
		tags:      args.Tags,
	})
	if err != nil {
		return err
	}
	// The headers of CORS are CloudFront's, but a browser's question before a request is passed on, and without these rules S3
	// would refuse it.
	_, err = s3.NewBucketCorsConfigurationV2(ctx, name+"-bucket", &s3.BucketCorsConfigurationV2Args{
		Bucket: s.Bucket.ID(),
		CorsRules: s3.BucketCorsConfigurationV2CorsRuleArray{&s3.BucketCorsConfigurationV2CorsRuleArgs{
			AllowedOrigins: pulumi.ToStringArray(args.CorsOrigins),
			AllowedMethods: pulumi.ToStringArray(readingMethods),
			AllowedHeaders: pulumi.StringArray{pulumi.String("*")},
			MaxAgeSeconds:  pulumi.Int(corsMaxAge),
		}},
	}, pulumi.Parent(s))
	return err
}

// createBucketPolicy lets the distribution read the bucket, and nobody else.
func (s *StaticSite) createBucketPolicy(ctx *pulumi.Context, name string, args staticSiteSettings) error {
	_, err := s3.NewBucketPolicy(ctx, name+"-bucket", &s3.BucketPolicyArgs{
		Bucket: s.Bucket.ID(),
		Policy: pulumi.All(s.Bucket.Arn, s.Distribution.Arn).ApplyT(func(of []any) (string, error) {
			return siteBucketPolicy(of[0].(string), of[1].(string))
		}).(pulumi.StringOutput),
	}, pulumi.Parent(s))
	return err
}

// siteBucketPolicy lets one distribution read. With ListBucket S3 says "not found" of a file that is not there; without it, "forbidden",
// which would be the same answer as that of a web ACL. Nobody gets a list by it: / is the default root object, and
// the query that a list is asked for with does not reach S3.
func siteBucketPolicy(bucketArn, distributionArn string) (string, error) {
	cloudFront := map[string]string{"Service": "cloudfront.amazonaws.com"}
	onlyThis := map[string]map[string]string{"StringEquals": {"aws:SourceArn": distributionArn}}
	return policyDocument(policyStatement{
		Sid:       "CloudFrontReads",
		Effect:    "Allow",
		Principal: cloudFront,
		Action:    []string{"s3:GetObject"},
		Resource:  []string{bucketArn + "/*"},
		Condition: onlyThis,
	}, policyStatement{
		Sid:       "CloudFrontSeesWhatIsMissing",
		Effect:    "Allow",
		Principal: cloudFront,
		Action:    []string{"s3:ListBucket"},
		Resource:  []string{bucketArn},
		Condition: onlyThis,
	}, bucketTLSOnly(bucketArn))
}
