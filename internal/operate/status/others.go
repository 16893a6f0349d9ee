package status

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"slipway/internal/awsaccess"
)

func (g *gatherer) queues(ctx context.Context) error {
	client := sqs.NewFromConfig(g.stack.AWS)
	for _, name := range g.queueNames() {
		at := g.stack.Queues[name]
		queue := Queue{Name: name}
		counts, err := messages(ctx, client, at.Url)
		if err != nil {
			return err
		}
		queue.Waiting, queue.InWork = counts.waiting, counts.inWork
		if at.DeadLetterUrl != "" {
			if counts, err = messages(ctx, client, at.DeadLetterUrl); err != nil {
				return err
			}
			queue.DeadLetters = counts.waiting + counts.inWork
		}
		g.report.Queues = append(g.report.Queues, queue)
	}
	return nil
}

type counts struct{ waiting, inWork int }

func messages(ctx context.Context, client *sqs.Client, url string) (c counts, err error) {
	names := []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameApproximateNumberOfMessages,
		sqstypes.QueueAttributeNameApproximateNumberOfMessagesDelayed, sqstypes.QueueAttributeNameApproximateNumberOfMessagesNotVisible}
	answer, err := client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: names})
	if err != nil {
		return c, awsaccess.Explain(err)
	}
	var numbers [3]int
	for i, name := range names {
		if numbers[i], err = strconv.Atoi(answer.Attributes[string(name)]); err != nil {
			return c, fmt.Errorf("%s of %s: %w", name, url, err)
		}
	}
	return counts{waiting: numbers[0] + numbers[1], inWork: numbers[2]}, nil
}

func (g *gatherer) database(ctx context.Context) error {
	if g.stack.Database.ClusterArn == "" {
		return nil
	}
	answer, err := rds.NewFromConfig(g.stack.AWS).DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{DBClusterIdentifier: &g.stack.Database.ClusterArn})
	if err != nil {
		return awsaccess.Explain(err)
	}
	if len(answer.DBClusters) == 0 {
		return fmt.Errorf("there is no cluster %s", g.stack.Database.ClusterArn)
	}
	cluster := answer.DBClusters[0]
	database := &Database{Cluster: aws.ToString(cluster.DBClusterIdentifier), State: aws.ToString(cluster.Status), Instances: len(cluster.DBClusterMembers)}
	if scaling := cluster.ServerlessV2ScalingConfiguration; scaling != nil {
		database.MinCapacity, database.MaxCapacity = aws.ToFloat64(scaling.MinCapacity), aws.ToFloat64(scaling.MaxCapacity)
	}
	g.report.Database = database
	return nil
}

func (g *gatherer) alarms(ctx context.Context) error {
	client := cloudwatch.NewFromConfig(g.stack.AWS)
	found := map[string]Alarm{}
	for names := range slices.Chunk(g.stack.Alarms.Names, 100) { // as many as a call takes
		answer, err := client.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: names, MaxRecords: aws.Int32(100)})
		if err != nil {
			return awsaccess.Explain(err)
		}
		for _, alarm := range answer.MetricAlarms {
			name := aws.ToString(alarm.AlarmName)
			found[name] = Alarm{Name: name, State: string(alarm.StateValue), Reason: aws.ToString(alarm.StateReason)}
		}
	}
	for _, name := range slices.Sorted(slices.Values(g.stack.Alarms.Names)) {
		alarm, there := found[name]
		if !there {
			alarm = Alarm{Name: name, State: "MISSING"}
		}
		g.report.Alarms = append(g.report.Alarms, alarm)
	}
	return nil
}
