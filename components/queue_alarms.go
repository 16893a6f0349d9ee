package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// createAlarms says when messages wait for too long, and when a message failed for good.
func (q *Queue) createAlarms(ctx *pulumi.Context, args QueueArgs) error {
	age, err := cloudwatch.NewMetricAlarm(ctx, q.name+"-age", &cloudwatch.MetricAlarmArgs{
		AlarmDescription:   pulumi.Sprintf("The oldest message of %s is older than %d seconds.", q.name, args.MaxMessageAge),
		Namespace:          pulumi.String("AWS/SQS"),
		MetricName:         pulumi.String("ApproximateAgeOfOldestMessage"),
		Dimensions:         pulumi.StringMap{"QueueName": q.QueueName},
		Statistic:          pulumi.String("Maximum"),
		Period:             pulumi.Int(60),
		ComparisonOperator: pulumi.String("GreaterThanThreshold"),
		Threshold:          pulumi.Float64(args.MaxMessageAge),
		EvaluationPeriods:  pulumi.Int(2),
		DatapointsToAlarm:  pulumi.Int(2),
		TreatMissingData:   pulumi.String("notBreaching"), // SQS says nothing of a queue that nobody uses
		AlarmActions:       anyList(args.AlarmActions),
		OkActions:          anyList(args.AlarmActions),
		Tags:               pulumi.ToStringMap(args.Tags),
	}, pulumi.Parent(q))
	if err != nil {
		return err
	}
	q.Alarms = []*cloudwatch.MetricAlarm{age}
	if q.DeadLetterQueue == nil {
		return nil
	}
	dead, err := deadLetterAlarm(ctx, q.name+"-dead-letters", q, q.DeadLetterQueue.Name, args.AlarmActions, args.Tags)
	q.Alarms = append(q.Alarms, dead)
	return err
}

// deadLetterAlarm goes off while there is anything in a dead-letter queue.
func deadLetterAlarm(ctx *pulumi.Context, name string, component pulumi.Resource, queueName pulumi.StringInput, actions pulumi.StringArrayInput, tags map[string]string) (*cloudwatch.MetricAlarm, error) {
	return cloudwatch.NewMetricAlarm(ctx, name, &cloudwatch.MetricAlarmArgs{
		AlarmDescription:   pulumi.String(name + ": something failed for good. Look at the message, correct the cause, and redrive or delete it."),
		Namespace:          pulumi.String("AWS/SQS"),
		MetricName:         pulumi.String("ApproximateNumberOfMessagesVisible"),
		Dimensions:         pulumi.StringMap{"QueueName": queueName},
		Statistic:          pulumi.String("Maximum"),
		Period:             pulumi.Int(60),
		ComparisonOperator: pulumi.String("GreaterThanThreshold"),
		Threshold:          pulumi.Float64(0),
		EvaluationPeriods:  pulumi.Int(1),
		DatapointsToAlarm:  pulumi.Int(1),
		TreatMissingData:   pulumi.String("notBreaching"),
		AlarmActions:       anyList(actions),
		OkActions:          anyList(actions),
		Tags:               pulumi.ToStringMap(tags),
	}, pulumi.Parent(component))
}

// anyList is the list as the SDK types an alarm's actions.
func anyList(texts pulumi.StringArrayInput) pulumi.ArrayInput {
	if texts == nil {
		return nil
	}
	return texts.ToStringArrayOutput().ApplyT(func(list []string) []any {
		all := make([]any, len(list))
		for i, text := range list {
			all[i] = text
		}
		return all
	}).(pulumi.ArrayOutput)
}
