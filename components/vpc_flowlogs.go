package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	awsec2 "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// createFlowLogs records the network's traffic in a log group of its own.
func (v *Vpc) createFlowLogs(ctx *pulumi.Context, name string, args VpcArgs) error {
	if !*args.FlowLogs {
		return nil
	}
	tags := pulumi.ToStringMap(args.Tags)
	logGroup, err := cloudwatch.NewLogGroup(ctx, name+"-flow-logs", &cloudwatch.LogGroupArgs{
		RetentionInDays: pulumi.Int(args.FlowLogRetentionDays),
		Tags:            tags,
	}, pulumi.Parent(v))
	if err != nil {
		return err
	}
	trust := aws.GetCallerIdentityOutput(ctx, aws.GetCallerIdentityOutputArgs{}, pulumi.Parent(v)).AccountId().ApplyT(func(account string) (string, error) {
		return trustPolicy("vpc-flow-logs.amazonaws.com", account)
	}).(pulumi.StringOutput)
	role, err := iam.NewRole(ctx, name+"-flow-logs", &iam.RoleArgs{
		Description:      pulumi.String("Writes the flow logs of a network"),
		AssumeRolePolicy: trust,
		Tags:             tags,
	}, pulumi.Parent(v))
	if err != nil {
		return err
	}
	policy, err := iam.NewRolePolicy(ctx, name+"-flow-logs", &iam.RolePolicyArgs{
		Role:   role.Name,
		Policy: logGroup.Arn.ApplyT(flowLogsPolicy).(pulumi.StringOutput),
	}, pulumi.Parent(v))
	if err != nil {
		return err
	}
	v.FlowLog, err = awsec2.NewFlowLog(ctx, name+"-flow-logs", &awsec2.FlowLogArgs{
		VpcId:          v.VpcId,
		TrafficType:    pulumi.String("ALL"),
		LogDestination: logGroup.Arn,
		IamRoleArn:     role.Arn,
		// Ten minutes instead of one: fewer records to pay for, and soon enough for what is read after the fact.
		MaxAggregationInterval: pulumi.Int(600),
		Tags:                   args.tagged(name),
		// EC2 tries the role when the flow log is created, and no output carries that edge.
	}, pulumi.Parent(v), pulumi.DependsOn([]pulumi.Resource{policy}))
	return err
}

// flowLogsPolicy lets the role write to one log group. The group exists, so the role need not create any.
func flowLogsPolicy(logGroupArn string) (string, error) {
	return policyDocument(policyStatement{
		Effect:   "Allow",
		Action:   []string{"logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"},
		Resource: []string{logGroupArn + ":*"},
	})
}
