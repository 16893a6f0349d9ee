package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// createAccessLogs creates the bucket that the load balancer logs requests to, closed to all but Elastic Load Balancing. Logs are kept
// as long as the application's. With logs in it, the bucket outlives the stack unless Ephemeral.
func (w *WebService) createAccessLogs(ctx *pulumi.Context, name string, args WebServiceArgs) (err error) {
	if !*args.AccessLogs {
		return nil
	}
	w.AccessLogs, err = newPrivateBucket(ctx, w, privateBucket{
		name:      name + "-access-logs",
		lifecycle: expireAfter(args.LogRetentionDays),
		ephemeral: args.Ephemeral,
		tags:      args.Tags,
	})
	if err != nil {
		return err
	}
	w.accessLogsPolicy, err = s3.NewBucketPolicy(ctx, name+"-access-logs", &s3.BucketPolicyArgs{
		Bucket: w.AccessLogs.ID(),
		Policy: pulumi.All(w.AccessLogs.Arn, w.account).ApplyT(func(of []any) (string, error) {
			return accessLogsPolicy(of[0].(string), of[1].(string))
		}).(pulumi.StringOutput),
	}, pulumi.Parent(w))
	return err
}

// accessLogsPolicy lets Elastic Load Balancing write the logs of this account's balancers, and nobody come without TLS. The
// service principal is for all regions; the accounts that stood for it in the older ones are no longer needed.
func accessLogsPolicy(bucketArn, account string) (string, error) {
	return policyDocument(policyStatement{
		Sid:       "AccessLogs",
		Effect:    "Allow",
		Principal: map[string]string{"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
		Action:    []string{"s3:PutObject"},
		Resource:  []string{fmt.Sprintf("%s/AWSLogs/%s/*", bucketArn, account)},
	}, bucketTLSOnly(bucketArn))
}
