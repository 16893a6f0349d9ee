package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// createInstances creates what computes: the writer and the readers, all at the same time. Each takes about six minutes,
// and none needs another.
func (db *AuroraServerless) createInstances(ctx *pulumi.Context, args AuroraServerlessArgs) error {
	options := db.dataOptions(args)
	var monitoringRole pulumi.StringPtrInput
	if args.EnhancedMonitoringSeconds > 0 {
		role, policy, err := db.createMonitoringRole(ctx)
		if err != nil {
			return err
		}
		monitoringRole = role.Arn
		options = append(options, pulumi.DependsOn([]pulumi.Resource{policy}))
	}

	create := func(role string, promotionTier int) (*rds.ClusterInstance, error) {
		instance := &rds.ClusterInstanceArgs{
			ClusterIdentifier:          db.Cluster.ID(),
			Identifier:                 pulumi.Sprintf("%s-%s", db.ClusterIdentifier, role),
			Engine:                     rds.EngineTypeAuroraPostgresql,
			InstanceClass:              pulumi.String("db.serverless"),
			DbSubnetGroupName:          db.SubnetGroup.Name,
			PubliclyAccessible:         pulumi.Bool(false),
			PromotionTier:              pulumi.Int(promotionTier),
			AutoMinorVersionUpgrade:    pulumi.Bool(true),
			PerformanceInsightsEnabled: pulumi.Bool(args.PerformanceInsights),
			MonitoringInterval:         pulumi.Int(args.EnhancedMonitoringSeconds),
			MonitoringRoleArn:          monitoringRole,
			ApplyImmediately:           pulumi.Bool(true),
			Tags:                       db.tags,
		}
		return rds.NewClusterInstance(ctx, db.name+"-"+role, instance, options...)
	}

	var err error
	if db.Writer, err = create("writer", 0); err != nil {
		return err
	}
	for number := 1; number <= *args.Readers; number++ {
		// Tiers 0 and 1 scale with the writer, so the first reader can take over at once. The others scale by themselves.
		reader, err := create(fmt.Sprintf("reader-%d", number), min(number, 2))
		if err != nil {
			return err
		}
		db.Readers = append(db.Readers, reader)
	}
	return nil
}

// createMonitoringRole creates the role that Enhanced Monitoring writes its metrics with. It takes the account from who deploys and not from
// the cluster, so that it is there when the cluster is.
func (db *AuroraServerless) createMonitoringRole(ctx *pulumi.Context) (*iam.Role, *iam.RolePolicy, error) {
	caller := aws.GetCallerIdentityOutput(ctx, aws.GetCallerIdentityOutputArgs{}, pulumi.Parent(db)).Arn()
	region := aws.GetRegionOutput(ctx, aws.GetRegionOutputArgs{}, pulumi.Parent(db)).Name()
	role, err := iam.NewRole(ctx, db.name+"-monitoring", &iam.RoleArgs{
		Description:      pulumi.String("Writes the operating system metrics of a database"),
		AssumeRolePolicy: caller.ApplyT(monitoringTrust).(pulumi.StringOutput),
		Tags:             db.tags,
	}, pulumi.Parent(db))
	if err != nil {
		return nil, nil, err
	}
	policy, err := iam.NewRolePolicy(ctx, db.name+"-monitoring", &iam.RolePolicyArgs{
		Role: role.Name,
		Policy: pulumi.All(caller, region).ApplyT(func(of []any) (string, error) {
			return monitoringPolicy(of[0].(string), of[1].(string))
		}).(pulumi.StringOutput),
	}, pulumi.Parent(db))
	return role, policy, err
}

// monitoringTrust lets Enhanced Monitoring take on the role, in the account of the caller.
func monitoringTrust(callerArn string) (string, error) {
	caller, err := parseArn(callerArn)
	if err != nil {
		return "", err
	}
	return trustPolicy("monitoring.rds.amazonaws.com", caller.account)
}

// monitoringPolicy lets the role write to RDSOSMetrics, the one log group of Enhanced Monitoring in a region. RDS creates
// it, so it belongs to no stack.
func monitoringPolicy(callerArn, region string) (string, error) {
	caller, err := parseArn(callerArn)
	if err != nil {
		return "", err
	}
	group := fmt.Sprintf("arn:%s:logs:%s:%s:log-group:RDSOSMetrics", caller.partition, region, caller.account)
	return policyDocument(policyStatement{
		Effect:   "Allow",
		Action:   []string{"logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents", "logs:GetLogEvents"},
		Resource: []string{group, group + ":*"},
	})
}
