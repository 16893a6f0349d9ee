package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// createAlarms says when messages wait for too long, and when a message failed for good.
func (q *Queue) createAlarms(ctx *pulumi.Context, args QueueArgs) error {
	owner := alarmOwner{component: q, actions: args.AlarmActions, tags: args.Tags}
	age, err := owner.newAlarm(ctx, q.name+"-age", &cloudwatch.MetricAlarmArgs{
		AlarmDescription:   pulumi.Sprintf("The oldest message of %s is older than %d seconds.", q.name, args.MaxMessageAge),
		Namespace:          pulumi.String("AWS/SQS"),
		MetricName:         pulumi.String("ApproximateAgeOfOldestMessage"),
		Dimensions:         pulumi.StringMap{"QueueName": q.QueueName},
		Statistic:          pulumi.String("Maximum"),
		Period:             pulumi.Int(60),
		ComparisonOperator: pulumi.String("GreaterThanThreshold"),
		Threshold:          pulumi.Float64(args.MaxMessageAge),
		EvaluationPeriods:  pulumi.Int(2),
	})
	if err != nil {
		return err
	}
	q.Alarms = []*cloudwatch.MetricAlarm{age}
	if q.DeadLetterQueue == nil {
		return nil
	}
	dead, err := owner.newDeadLetterAlarm(ctx, q.name+"-dead-letters", q.DeadLetterQueue.Name)
	q.Alarms = append(q.Alarms, dead)
	return err
}

// newDeadLetterAlarm goes off while there is anything in a dead-letter queue.
func (o alarmOwner) newDeadLetterAlarm(ctx *pulumi.Context, name string, queueName pulumi.StringInput) (*cloudwatch.MetricAlarm, error) {
	return o.newAlarm(ctx, name, &cloudwatch.MetricAlarmArgs{
		AlarmDescription:   pulumi.String(name + ": something failed for good. Look at the message, correct the cause, and redrive or delete it."),
		Namespace:          pulumi.String("AWS/SQS"),
		MetricName:         pulumi.String("ApproximateNumberOfMessagesVisible"),
		Dimensions:         pulumi.StringMap{"QueueName": queueName},
		Statistic:          pulumi.String("Maximum"),
		Period:             pulumi.Int(60),
		ComparisonOperator: pulumi.String("GreaterThanThreshold"),
		Threshold:          pulumi.Float64(0),
		EvaluationPeriods:  pulumi.Int(1),
	})
}
