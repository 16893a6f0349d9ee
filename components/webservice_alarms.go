package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// errorShare is the share of answers with status 5xx, in percent, that rolls a deployment back. Of fewer than 20 requests a minute one
// error would be a large share, so that is not looked at.
//
// ECS watches a deployment for as long as its alarms need to go off, so alarmPeriods, of a minute each, are few.
const (
	alarmPeriods    = 2
	errorShare      = 5
	errorExpression = "IF(FILL(requests, 0) >= 20, 100 * FILL(errors, 0) / requests, 0)"
)

// createAlarms creates the alarms by which ECS judges a deployment: that requests fail, and that tasks stay unhealthy. They are about the
// target group, old tasks and new.
func (w *WebService) createAlarms(ctx *pulumi.Context, name string, args WebServiceArgs) error {
	if !*args.RollbackOnAlarms {
		return nil
	}
	dimensions := pulumi.StringMap{
		"LoadBalancer": w.loadBalancerArnSuffix,
		"TargetGroup":  w.TargetGroup.ArnSuffix,
	}
	sum := func(id, metric string) *cloudwatch.MetricAlarmMetricQueryArgs {
		return &cloudwatch.MetricAlarmMetricQueryArgs{
			Id: pulumi.String(id),
			Metric: &cloudwatch.MetricAlarmMetricQueryMetricArgs{
				Namespace:  pulumi.String("AWS/ApplicationELB"),
				MetricName: pulumi.String(metric),
				Dimensions: dimensions,
				Period:     pulumi.Int(60),
				Stat:       pulumi.String("Sum"),
			},
			ReturnData: pulumi.Bool(false),
		}
	}
	errors, err := cloudwatch.NewMetricAlarm(ctx, name+"-errors", &cloudwatch.MetricAlarmArgs{
		AlarmDescription: pulumi.Sprintf("More than %d %% of the answers of %s have a status of 5xx. Rolls a running deployment back.", errorShare, name),
		MetricQueries: cloudwatch.MetricAlarmMetricQueryArray{
			sum("errors", "HTTPCode_Target_5XX_Count"),
			sum("requests", "RequestCount"),
			&cloudwatch.MetricAlarmMetricQueryArgs{
				Id:         pulumi.String("share"),
				Label:      pulumi.String("Answers with status 5xx (%)"),
				Expression: pulumi.String(errorExpression),
				ReturnData: pulumi.Bool(true),
			},
		},
		ComparisonOperator: pulumi.String("GreaterThanThreshold"),
		Threshold:          pulumi.Float64(errorShare),
		EvaluationPeriods:  pulumi.Int(alarmPeriods),
		DatapointsToAlarm:  pulumi.Int(alarmPeriods),
		TreatMissingData:   pulumi.String("notBreaching"),
		Tags:               pulumi.ToStringMap(args.Tags),
	}, pulumi.Parent(w))
	if err != nil {
		return err
	}
	unhealthy, err := cloudwatch.NewMetricAlarm(ctx, name+"-unhealthy", &cloudwatch.MetricAlarmArgs{
		AlarmDescription: pulumi.Sprintf("A task of %s has been unhealthy for two minutes. Rolls a running deployment back.", name),
		Namespace:        pulumi.String("AWS/ApplicationELB"),
		MetricName:       pulumi.String("UnHealthyHostCount"),
		Dimensions:       dimensions,
		// The least of a minute: a task that only starts is not unhealthy throughout.
		Statistic:          pulumi.String("Minimum"),
		Period:             pulumi.Int(60),
		ComparisonOperator: pulumi.String("GreaterThanThreshold"),
		Threshold:          pulumi.Float64(0),
		EvaluationPeriods:  pulumi.Int(alarmPeriods),
		DatapointsToAlarm:  pulumi.Int(alarmPeriods),
		TreatMissingData:   pulumi.String("notBreaching"),
		Tags:               pulumi.ToStringMap(args.Tags),
	}, pulumi.Parent(w))
	if err != nil {
		return err
	}
	w.Alarms = []*cloudwatch.MetricAlarm{errors, unhealthy}
	return nil
}
