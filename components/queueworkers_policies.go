package components

import (
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/appautoscaling"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// createScaling registers the rules of queueworkers_scaling.go.
func (w *QueueWorkers) createScaling(ctx *pulumi.Context, name string, args QueueWorkersArgs) (err error) {
	w.ScalingTarget, err = appautoscaling.NewTarget(ctx, name+"-scaling", &appautoscaling.TargetArgs{
		ServiceNamespace:  pulumi.String("ecs"),
		ScalableDimension: pulumi.String("ecs:service:DesiredCount"),
		ResourceId:        pulumi.Sprintf("service/%s/%s", w.clusterName, w.Service.Name),
		MinCapacity:       pulumi.Int(args.MinCount),
		MaxCapacity:       pulumi.Int(args.MaxCount),
		Tags:              pulumi.ToStringMap(args.Tags),
	}, pulumi.Parent(w))
	if err != nil {
		return err
	}
	for _, rule := range args.rules() {
		if err := w.createRule(ctx, name+"-scale-"+rule.role, rule, args); err != nil {
			return err
		}
	}
	return nil
}

func (w *QueueWorkers) createRule(ctx *pulumi.Context, name string, rule scalingRule, args QueueWorkersArgs) error {
	steps := appautoscaling.PolicyStepScalingPolicyConfigurationStepAdjustmentArray{}
	for _, step := range rule.steps {
		steps = append(steps, &appautoscaling.PolicyStepScalingPolicyConfigurationStepAdjustmentArgs{
			MetricIntervalLowerBound: distance(step.lower),
			MetricIntervalUpperBound: distance(step.upper),
			ScalingAdjustment:        pulumi.Int(step.change),
		})
	}
	policy, err := appautoscaling.NewPolicy(ctx, name, &appautoscaling.PolicyArgs{
		PolicyType:        pulumi.String("StepScaling"),
		ServiceNamespace:  w.ScalingTarget.ServiceNamespace,
		ScalableDimension: w.ScalingTarget.ScalableDimension,
		ResourceId:        w.ScalingTarget.ResourceId,
		StepScalingPolicyConfiguration: &appautoscaling.PolicyStepScalingPolicyConfigurationArgs{
			AdjustmentType:        pulumi.String(rule.adjustmentType),
			Cooldown:              pulumi.Int(rule.cooldown),
			MetricAggregationType: pulumi.String("Maximum"),
			StepAdjustments:       steps,
		},
	}, pulumi.Parent(w))
	if err != nil {
		return err
	}
	alarm, err := cloudwatch.NewMetricAlarm(ctx, name, &cloudwatch.MetricAlarmArgs{
		AlarmDescription:   pulumi.String(rule.description),
		MetricQueries:      w.metricQueries(rule, args.Queues),
		ComparisonOperator: pulumi.String(rule.comparison),
		Threshold:          pulumi.Float64(rule.threshold),
		EvaluationPeriods:  pulumi.Int(rule.periods),
		DatapointsToAlarm:  pulumi.Int(rule.periods),
		TreatMissingData:   pulumi.String("notBreaching"),
		AlarmActions:       pulumi.Array{policy.Arn},
		Tags:               pulumi.ToStringMap(args.Tags),
	}, pulumi.Parent(w))
	w.ScalingPolicies = append(w.ScalingPolicies, policy)
	w.ScalingAlarms = append(w.ScalingAlarms, alarm)
	return err
}

// metricQueries are the metrics that a rule's expression names, and the expression.
func (w *QueueWorkers) metricQueries(rule scalingRule, queues []*Queue) cloudwatch.MetricAlarmMetricQueryArray {
	queries := cloudwatch.MetricAlarmMetricQueryArray{}
	metric := func(id, namespace, metric, stat string, dimensions pulumi.StringMap) {
		queries = append(queries, &cloudwatch.MetricAlarmMetricQueryArgs{
			Id: pulumi.String(id),
			Metric: &cloudwatch.MetricAlarmMetricQueryMetricArgs{
				Namespace:  pulumi.String(namespace),
				MetricName: pulumi.String(metric),
				Dimensions: dimensions,
				Period:     pulumi.Int(60),
				Stat:       pulumi.String(stat),
			},
			ReturnData: pulumi.Bool(false),
		})
	}
	for i, queue := range queues {
		dimensions := pulumi.StringMap{"QueueName": queue.QueueName}
		metric(fmt.Sprintf("visible%d", i), "AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", dimensions)
		if rule.usesInFlight {
			metric(fmt.Sprintf("inflight%d", i), "AWS/SQS", "ApproximateNumberOfMessagesNotVisible", "Maximum", dimensions)
		}
	}
	if rule.usesRun {
		// Every running task is one sample of a minute (Amazon ECS Developer Guide, "Amazon ECS service utilization metrics"). Container
		// Insights has the number by name, at $0.30 a month for each of its metrics.
		metric("running", "AWS/ECS", "CPUUtilization", "SampleCount", pulumi.StringMap{"ClusterName": w.clusterName, "ServiceName": w.Service.Name})
	}
	return append(queries, &cloudwatch.MetricAlarmMetricQueryArgs{
		Id:         pulumi.String("result"),
		Label:      pulumi.String(rule.label),
		Expression: pulumi.String(rule.expression),
		ReturnData: pulumi.Bool(true),
	})
}

// distance is an end of a step as AWS takes it; none is infinity.
func distance(messages *int) pulumi.StringPtrInput {
	if messages == nil {
		return nil
	}
	return pulumi.String(strconv.Itoa(*messages))
}
