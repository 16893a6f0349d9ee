package status

import (
	"context"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"slipway/internal/awsaccess"
)

// metrics are what CloudWatch alone knows, asked for in one call: the last values in ten minutes.
type metrics struct {
	oldest   map[string]float64 // by the queue's name
	capacity *float64
}

const capacityID = "capacity"

func (g *gatherer) askMetrics(ctx context.Context) error {
	g.metrics.oldest = map[string]float64{}
	queueOf := map[string]string{}
	var queries []types.MetricDataQuery
	for i, name := range g.queueNames() {
		id := fmt.Sprintf("oldest%d", i)
		queueOf[id] = name
		queries = append(queries, query(id, "AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum", "QueueName", path.Base(g.stack.Queues[name].Url)))
	}
	if cluster := g.stack.Database.ClusterArn; cluster != "" {
		identifier := cluster[strings.LastIndex(cluster, ":")+1:]
		queries = append(queries, query(capacityID, "AWS/RDS", "ServerlessDatabaseCapacity", "Average", "DBClusterIdentifier", identifier))
	}
	if len(queries) == 0 {
		return nil
	}
	answer, err := cloudwatch.NewFromConfig(g.stack.AWS).GetMetricData(ctx, &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(g.now.Add(-10 * time.Minute)), EndTime: aws.Time(g.now), ScanBy: types.ScanByTimestampDescending, MetricDataQueries: queries,
	})
	if err != nil {
		return awsaccess.Explain(err)
	}
	for _, result := range answer.MetricDataResults {
		if len(result.Values) == 0 {
			continue
		}
		if id := aws.ToString(result.Id); id == capacityID {
			g.metrics.capacity = &result.Values[0]
		} else {
			g.metrics.oldest[queueOf[id]] = result.Values[0]
		}
	}
	return nil
}

func query(id, namespace, metric, statistic, dimension, value string) types.MetricDataQuery {
	return types.MetricDataQuery{Id: &id, MetricStat: &types.MetricStat{
		Metric: &types.Metric{Namespace: &namespace, MetricName: &metric, Dimensions: []types.Dimension{{Name: &dimension, Value: &value}}},
		Period: aws.Int32(60), Stat: &statistic,
	}}
}

// merge puts the metrics to what they are of.
func (g *gatherer) merge() {
	for i := range g.report.Queues {
		if age, known := g.metrics.oldest[g.report.Queues[i].Name]; known {
			g.report.Queues[i].OldestSeconds = &age
		}
	}
	if g.report.Database != nil {
		g.report.Database.Capacity = g.metrics.capacity
	}
}
