package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// createAccessLogs creates the bucket that the load balancer logs requests to, closed to all but Elastic Load Balancing. Logs are kept
// as long as the application's. With logs in it, the bucket outlives the stack unless Ephemeral.
func (w *WebService) createAccessLogs(ctx *pulumi.Context, name string, args WebServiceArgs) (err error) {
	if !*args.AccessLogs {
		return nil
	}
	w.AccessLogs, err = s3.NewBucketV2(ctx, name+"-access-logs", &s3.BucketV2Args{
		ForceDestroy: pulumi.Bool(args.Ephemeral),
		Tags:         pulumi.ToStringMap(args.Tags),
	}, pulumi.Parent(w))
	if err != nil {
		return err
	}
	bucket := w.AccessLogs.ID()
	_, err = s3.NewBucketPublicAccessBlock(ctx, name+"-access-logs", &s3.BucketPublicAccessBlockArgs{
		Bucket:                bucket,
		BlockPublicAcls:       pulumi.Bool(true),
		BlockPublicPolicy:     pulumi.Bool(true),
		IgnorePublicAcls:      pulumi.Bool(true),
		RestrictPublicBuckets: pulumi.Bool(true),
	}, pulumi.Parent(w))
	if err != nil {
		return err
	}
	_, err = s3.NewBucketOwnershipControls(ctx, name+"-access-logs", &s3.BucketOwnershipControlsArgs{
		Bucket: bucket,
		Rule:   &s3.BucketOwnershipControlsRuleArgs{ObjectOwnership: pulumi.String("BucketOwnerEnforced")},
	}, pulumi.Parent(w))
	if err != nil {
		return err
	}
	// Elastic Load Balancing writes with keys of S3 only, not with KMS.
	_, err = s3.NewBucketServerSideEncryptionConfigurationV2(ctx, name+"-access-logs", &s3.BucketServerSideEncryptionConfigurationV2Args{
		Bucket: bucket,
		Rules: s3.BucketServerSideEncryptionConfigurationV2RuleArray{&s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
			ApplyServerSideEncryptionByDefault: &s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
				SseAlgorithm: pulumi.String("AES256"),
			},
		}},
	}, pulumi.Parent(w))
	if err != nil {
		return err
	}
	_, err = s3.NewBucketLifecycleConfigurationV2(ctx, name+"-access-logs", &s3.BucketLifecycleConfigurationV2Args{
		Bucket: bucket,
		Rules: s3.BucketLifecycleConfigurationV2RuleArray{&s3.BucketLifecycleConfigurationV2RuleArgs{
			Id:         pulumi.String("expire"),
			Status:     pulumi.String("Enabled"),
			Filter:     &s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String("")},
			Expiration: &s3.BucketLifecycleConfigurationV2RuleExpirationArgs{Days: pulumi.Int(args.LogRetentionDays)},
		}},
	}, pulumi.Parent(w))
	if err != nil {
		return err
	}
	w.accessLogsPolicy, err = s3.NewBucketPolicy(ctx, name+"-access-logs", &s3.BucketPolicyArgs{
		Bucket: bucket,
		Policy: pulumi.All(w.AccessLogs.Arn, w.account).ApplyT(func(of []any) (string, error) {
			return accessLogsPolicy(of[0].(string), of[1].(string))
		}).(pulumi.StringOutput),
	}, pulumi.Parent(w))
	return err
}
