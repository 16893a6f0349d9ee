package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// bucketLogsPrefix is where S3's own logs are in the bucket of the logs; CloudFront's are under AWSLogs/<account>/CloudFront/.
const bucketLogsPrefix = "s3/"

// createAccessLogs records the requests to CloudFront and those to the bucket, in a bucket of their own. CloudFront's come by
// the delivery of CloudWatch Logs ("v2"): the older way needs access control lists, which the bucket does not have.
func (s *StaticSite) createAccessLogs(ctx *pulumi.Context, name string, args staticSiteSettings) (err error) {
	if !*args.AccessLogs {
		return nil
	}
	s.AccessLogs, err = newPrivateBucket(ctx, s, privateBucket{
		name:      name + accessLogsRole,
		lifecycle: expireAfter(args.LogRetentionDays),
		ephemeral: args.Ephemeral,
		tags:      args.Tags,
	})
	if err != nil {
		return err
	}
	account := aws.GetCallerIdentityOutput(ctx, aws.GetCallerIdentityOutputArgs{}, pulumi.Parent(s)).AccountId()
	policy, err := s3.NewBucketPolicy(ctx, name+accessLogsRole, &s3.BucketPolicyArgs{
		Bucket: s.AccessLogs.ID(),
		Policy: pulumi.All(s.AccessLogs.Arn, s.Bucket.Arn, account).ApplyT(func(of []any) (string, error) {
			return siteLogsPolicy(of[0].(string), of[1].(string), of[2].(string))
		}).(pulumi.StringOutput),
	}, pulumi.Parent(s))
	if err != nil {
		return err
	}
	if _, err := s3.NewBucketLoggingV2(ctx, name+"-bucket", &s3.BucketLoggingV2Args{
		Bucket:       s.Bucket.ID(),
		TargetBucket: policy.Bucket,
		TargetPrefix: pulumi.String(bucketLogsPrefix),
	}, pulumi.Parent(s)); err != nil {
		return err
	}
	return s.deliverLogs(ctx, name, policy)
}

// deliverLogs has CloudFront's logs delivered. CloudFront is a source in us-east-1 only. Without a policy that lets them in,
// AWS would write one of its own into the bucket, so the delivery waits for ours.
func (s *StaticSite) deliverLogs(ctx *pulumi.Context, name string, policy *s3.BucketPolicy) error {
	inUsEast1 := append([]pulumi.ResourceOption{pulumi.Parent(s)}, s.inUsEast1()...)
	source, err := cloudwatch.NewLogDeliverySource(ctx, name+"-logs", &cloudwatch.LogDeliverySourceArgs{
		ResourceArn: s.Distribution.Arn,
		LogType:     pulumi.String("ACCESS_LOGS"),
		Tags:        s.tags,
	}, inUsEast1...)
	if err != nil {
		return err
	}
	destination, err := cloudwatch.NewLogDeliveryDestination(ctx, name+"-logs", &cloudwatch.LogDeliveryDestinationArgs{
		OutputFormat: pulumi.String("json"),
		DeliveryDestinationConfiguration: &cloudwatch.LogDeliveryDestinationDeliveryDestinationConfigurationArgs{
			DestinationResourceArn: s.AccessLogs.Arn,
		},
		Tags: s.tags,
	}, inUsEast1...)
	if err != nil {
		return err
	}
	s.LogDelivery, err = cloudwatch.NewLogDelivery(ctx, name+"-logs", &cloudwatch.LogDeliveryArgs{
		DeliverySourceName:     source.Name,
		DeliveryDestinationArn: destination.Arn,
		Tags:                   s.tags,
	}, append(inUsEast1, pulumi.DependsOn([]pulumi.Resource{policy}))...)
	return err
}

// siteLogsPolicy lets CloudFront's and the bucket's logs in, of this account only.
func siteLogsPolicy(logsArn, bucketArn, account string) (string, error) {
	logs, err := parseArn(logsArn)
	if err != nil {
		return "", err
	}
	return policyDocument(policyStatement{
		Sid:       "CloudFrontLogs",
		Effect:    "Allow",
		Principal: map[string]string{"Service": "delivery.logs.amazonaws.com"},
		Action:    []string{"s3:PutObject"},
		Resource:  []string{fmt.Sprintf("%s/AWSLogs/%s/CloudFront/*", logsArn, account)},
		Condition: map[string]map[string]string{
			"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceAccount": account},
			"ArnLike":      {"aws:SourceArn": fmt.Sprintf("arn:%s:logs:%s:%s:delivery-source:*", logs.partition, usEast1, account)},
		},
	}, policyStatement{
		Sid:       "BucketLogs",
		Effect:    "Allow",
		Principal: map[string]string{"Service": "logging.s3.amazonaws.com"},
		Action:    []string{"s3:PutObject"},
		Resource:  []string{logsArn + "/" + bucketLogsPrefix + "*"},
		Condition: map[string]map[string]string{
			"StringEquals": {"aws:SourceAccount": account},
			"ArnLike":      {"aws:SourceArn": bucketArn},
		},
	}, bucketTLSOnly(logsArn))
}
