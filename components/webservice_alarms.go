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

// createAlarms creates the alarms by which ECS judges a deployment, and those that only tell people. They are about the target group,
// old tasks and new.
func (w *WebService) createAlarms(ctx *pulumi.Context, name string, args WebServiceArgs) error {
	if *args.Alarms || *args.RollbackOnAlarms {
		if err := w.createDeploymentAlarms(ctx, name, args); err != nil {
			return err
		}
	}
	if *args.RollbackOnAlarms {
		w.rollbackAlarms = w.Alarms
	}
	if !*args.Alarms {
		return nil
	}
	if *args.MinCount > 0 { // else nothing runs because somebody wants it so
		if err := w.createDownAlarm(ctx, name, args); err != nil {
			return err
		}
	}
	if *args.LatencyLimitSeconds > 0 {
		return w.createLatencyAlarm(ctx, name, args)
	}
	return nil
}

func (w *WebService) targetDimensions() pulumi.StringMap {
	return pulumi.StringMap{
		"LoadBalancer": w.loadBalancerArnSuffix,
		"TargetGroup":  w.TargetGroup.ArnSuffix,
	}
}

func (w *WebService) newAlarm(ctx *pulumi.Context, name string, args WebServiceArgs, alarm *cloudwatch.MetricAlarmArgs) error {
	created, err := alarmOwner{component: w, actions: args.AlarmActions, tags: args.Tags}.newAlarm(ctx, name, alarm)
	w.Alarms = append(w.Alarms, created)
	return err
}

// createDeploymentAlarms says that requests fail, and that tasks stay unhealthy.
func (w *WebService) createDeploymentAlarms(ctx *pulumi.Context, name string, args WebServiceArgs) error {
	sum := func(id, metric string) *cloudwatch.MetricAlarmMetricQueryArgs {
		return &cloudwatch.MetricAlarmMetricQueryArgs{
			Id: pulumi.String(id),
			Metric: &cloudwatch.MetricAlarmMetricQueryMetricArgs{
				Namespace:  pulumi.String("AWS/ApplicationELB"),
				MetricName: pulumi.String(metric),
				Dimensions: w.targetDimensions(),
				Period:     pulumi.Int(60),
				Stat:       pulumi.String("Sum"),
			},
			ReturnData: pulumi.Bool(false),
		}
	}
	rollsBack := ""
	if *args.RollbackOnAlarms {
		rollsBack = " Rolls a running deployment back."
	}
	if err := w.newAlarm(ctx, name+"-errors", args, &cloudwatch.MetricAlarmArgs{
		AlarmDescription: pulumi.Sprintf("More than %d %% of the answers of %s have a status of 5xx.%s", errorShare, name, rollsBack),
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
	}); err != nil {
		return err
	}
	return w.newAlarm(ctx, name+"-unhealthy", args, &cloudwatch.MetricAlarmArgs{
		AlarmDescription: pulumi.Sprintf("A task of %s has been unhealthy for two minutes.%s", name, rollsBack),
		Namespace:        pulumi.String("AWS/ApplicationELB"),
		MetricName:       pulumi.String("UnHealthyHostCount"),
		Dimensions:       w.targetDimensions(),
		// The least of a minute: a task that only starts is not unhealthy throughout.
		Statistic:          pulumi.String("Minimum"),
		Period:             pulumi.Int(60),
		ComparisonOperator: pulumi.String("GreaterThanThreshold"),
		Threshold:          pulumi.Float64(0),
		EvaluationPeriods:  pulumi.Int(alarmPeriods),
	})
}

// createDownAlarm says that nothing serves. The load balancer reports no figure while no task is registered at all, and a new alarm
// begins without data: so that the first deployment is no alarm, and its end is one, what tells is that the data are gone.
func (w *WebService) createDownAlarm(ctx *pulumi.Context, name string, args WebServiceArgs) error {
	return w.newAlarm(ctx, name+"-down", args, &cloudwatch.MetricAlarmArgs{
		AlarmDescription:        pulumi.Sprintf("No task of %s is healthy, or none is there: the website is down.", name),
		Namespace:               pulumi.String("AWS/ApplicationELB"),
		MetricName:              pulumi.String("HealthyHostCount"),
		Dimensions:              w.targetDimensions(),
		Statistic:               pulumi.String("Maximum"),
		Period:                  pulumi.Int(60),
		ComparisonOperator:      pulumi.String("LessThanThreshold"),
		Threshold:               pulumi.Float64(1),
		EvaluationPeriods:       pulumi.Int(alarmPeriods),
		TreatMissingData:        pulumi.String("missing"),
		InsufficientDataActions: anyList(args.AlarmActions),
	})
}

// createLatencyAlarm says that one answer in twenty is slow, for ten minutes.
func (w *WebService) createLatencyAlarm(ctx *pulumi.Context, name string, args WebServiceArgs) error {
	return w.newAlarm(ctx, name+"-latency", args, &cloudwatch.MetricAlarmArgs{
		AlarmDescription:  pulumi.Sprintf("5 %% of the answers of %s take longer than %v seconds.", name, *args.LatencyLimitSeconds),
		Namespace:         pulumi.String("AWS/ApplicationELB"),
		MetricName:        pulumi.String("TargetResponseTime"),
		Dimensions:        w.targetDimensions(),
		ExtendedStatistic: pulumi.String("p95"),
		// Of a few requests one slow answer would be the 95th percentile.
		EvaluateLowSampleCountPercentiles: pulumi.String("ignore"),
		Period:                            pulumi.Int(300),
		ComparisonOperator:                pulumi.String("GreaterThanThreshold"),
		Threshold:                         pulumi.Float64(*args.LatencyLimitSeconds),
		EvaluationPeriods:                 pulumi.Int(2),
	})
}
