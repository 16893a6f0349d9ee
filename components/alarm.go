package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// alarmOwner is the component that alarms are of, and whom they tell.
type alarmOwner struct {
	component pulumi.Resource
	actions   pulumi.StringArrayInput // nil for alarms that are to be seen only
	tags      map[string]string
}

// newAlarm creates an alarm that tells when it goes off and when it is over. All of its periods have to be bad. Where nothing is said about
// missing data, it is good: most metrics are not reported while nothing happens.
func (o alarmOwner) newAlarm(ctx *pulumi.Context, name string, args *cloudwatch.MetricAlarmArgs) (*cloudwatch.MetricAlarm, error) {
	args.AlarmActions = anyList(o.actions)
	args.OkActions = anyList(o.actions)
	args.DatapointsToAlarm = args.EvaluationPeriods
	if args.TreatMissingData == nil {
		args.TreatMissingData = pulumi.String("notBreaching")
	}
	args.Tags = pulumi.ToStringMap(o.tags)
	return cloudwatch.NewMetricAlarm(ctx, name, args, pulumi.Parent(o.component))
}

// actionsMost is how many actions an alarm has for each state (PutMetricAlarm, AlarmActions).
const actionsMost = 5

// anyList is the list as the SDK types an alarm's actions.
func anyList(texts pulumi.StringArrayInput) pulumi.ArrayInput {
	if texts == nil {
		return nil
	}
	return texts.ToStringArrayOutput().ApplyT(func(list []string) ([]any, error) {
		if len(list) > actionsMost {
			return nil, fmt.Errorf("alarmActions: got %d actions, takes %d at most", len(list), actionsMost)
		}
		all := make([]any, len(list))
		for i, text := range list {
			all[i] = text
		}
		return all, nil
	}).(pulumi.ArrayOutput)
}
