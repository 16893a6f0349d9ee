package localaws

import "fmt"

var (
	aTarget  = scaled(map[string]any{"minCapacity": 1, "maxCapacity": 2})
	cpuAlarm = map[string]any{"comparisonOperator": "GreaterThanThreshold", "evaluationPeriods": 2, "threshold": 1, "namespace": "AWS/ECS", "metricName": "CPUUtilization",
		"period": 60, "statistic": "Average"}
)

// stepping are steps that are refused and steps that are taken.
func stepping(name, about string, refused, accepted map[string]any) ruleCase {
	return ruleCase{name, "ValidationException", about, inPreview(scalingPolicyType, refused, accepted)}
}

// acting is an alarm that tells that many topics.
func acting(actions string, count int) map[string]any {
	var topics []any
	for n := range count {
		topics = append(topics, fmt.Sprint(noTopic, n))
	}
	return setting(cpuAlarm, actions, topics)
}

// alarms are an alarm that is refused and one that is taken.
func alarms(name, about string, refused, accepted map[string]any) ruleCase {
	return ruleCase{name, "ValidationError", about, inPreview(alarmType, refused, accepted)}
}

var scalingRules = []rule{
	{number: 50, says: "A scalable target of ECS that is not called `service/<cluster>/<service>`, or of a service that does not exist; a minimum above the maximum.",
		why: "Application Auto Scaling asks ECS for the service.", cases: []ruleCase{
			{"a service alone", "ValidationException", "resourceId takes service/<cluster>/<service>", inPreview(scalableTargetType, setting(aTarget, "resourceId", "service/web"), aTarget)},
			{"a minimum above the maximum", "ValidationException", "Maximum capacity cannot be less than minimum capacity", inPreview(scalableTargetType, setting(aTarget, "minCapacity", 3), setting(aTarget, "minCapacity", 2))},
			{"less than none", "ValidationException", "minCapacity must be at least 0, got -1", inPreview(scalableTargetType, setting(aTarget, "minCapacity", -1), setting(aTarget, "minCapacity", 0))},
			{"an action with the minimum above", "ValidationException", "Maximum capacity cannot be less than minimum capacity", inPreview(scheduledActionType, atNight(2, 1), atNight(2, 2))},
			{"no service", "ValidationException", "ECS service doesn't exist: service/main/web", onCreate(scalableTargetType, func(e *embedded) (map[string]any, map[string]any) {
				service := e.create(serviceType, "web", e.fargateService())
				return aTarget, setting(aTarget, "resourceId", resourceOf(service["id"].(string)))
			})},
		}},
	{number: 51, says: "Steps that overlap or leave a gap, more than one without a lower or without an upper bound, and a positive upper bound without a step above it.",
		why: "A value of the metric has one step.", cases: []ruleCase{
			stepping("overlapping", "one ends at 11, the next begins at 10", steps([2]string{"0", "11"}, [2]string{"10", ""}), steps([2]string{"0", "10"}, [2]string{"10", ""})),
			stepping("a gap", "a gap between steps from 9 to 10", steps([2]string{"0", "9"}, [2]string{"10", ""}), steps([2]string{"0", "10"}, [2]string{"10", ""})),
			stepping("two without a lower bound", "at most one step has no lower bound", steps([2]string{"", "-10"}, [2]string{"", "0"}), steps([2]string{"", "-10"}, [2]string{"-10", "0"})),
			stepping("two without an upper bound", "at most one no upper bound", steps([2]string{"0", ""}, [2]string{"10", ""}), steps([2]string{"0", "10"}, [2]string{"10", ""})),
			stepping("nothing above", "need one without an upper bound", steps([2]string{"0", "10"}), steps([2]string{"0", ""})),
			stepping("turned round", "lower bound must be less than its upper bound", steps([2]string{"0", "-10"}), steps([2]string{"-10", "0"})),
		}},
	{number: 52, says: "An alarm's period of other than 10, 20, 30 or a multiple of 60 seconds; more data points than periods; more than 5 actions.",
		why: "Metrics are kept in these periods.", cases: []ruleCase{
			alarms("45 seconds", "10, 20, 30 or a multiple of 60", setting(cpuAlarm, "period", 45), setting(cpuAlarm, "period", 30)),
			alarms("90 seconds", "10, 20, 30 or a multiple of 60", setting(cpuAlarm, "period", 90), setting(cpuAlarm, "period", 120)),
			alarms("5 seconds", "10, 20, 30 or a multiple of 60", setting(cpuAlarm, "period", 5), setting(cpuAlarm, "period", 10)),
			alarms("three points of two periods", "from 1 to evaluationPeriods, 2", setting(cpuAlarm, "datapointsToAlarm", 3), setting(cpuAlarm, "datapointsToAlarm", 2)),
			alarms("no period", "evaluationPeriods must be at least 1", setting(cpuAlarm, "evaluationPeriods", 0), setting(cpuAlarm, "evaluationPeriods", 1)),
			alarms("six to alarm", "alarmActions takes at most 5 actions", acting("alarmActions", 6), acting("alarmActions", 5)),
			alarms("six to calm", "okActions takes at most 5 actions", acting("okActions", 6), acting("okActions", 5)),
		}},
}

// atNight is a scheduled action with these capacities.
func atNight(least, most int) map[string]any {
	return scaled(map[string]any{"schedule": "cron(0 22 * * ? *)", "scalableTargetAction": map[string]any{"minCapacity": least, "maxCapacity": most}})
}
