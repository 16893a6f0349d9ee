package components_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"

	"slipway/components"
)

// alarmTopicArn is whom alarms tell in these tests.
const alarmTopicArn = "arn:aws:sns:eu-central-1:123456789012:alarms"

var toldOf = pulumi.ToStringArray([]string{alarmTopicArn})

// requireTold proves that every alarm tells the topic when it goes off and when it is over.
func (r *recorder) requireTold(t testing.TB, names ...string) {
	t.Helper()
	var registered []string
	for _, alarm := range r.all(metricAlarm) {
		registered = append(registered, alarm.Name)
		assert.Equal(t, []string{alarmTopicArn}, stringList(t, alarm.Inputs["alarmActions"]), alarm.Name)
		assert.Equal(t, []string{alarmTopicArn}, stringList(t, alarm.Inputs["okActions"]), alarm.Name)
	}
	assert.ElementsMatch(t, names, registered)
}

// TestWebServiceDeploymentAlarms holds what a deployment is judged by.
func TestWebServiceDeploymentAlarms(t *testing.T) {
	t.Parallel()
	r := runWeb(t, nil)
	dimensions := map[string]any{"LoadBalancer": "app/web-alb/0123456789abcdef", "TargetGroup": "targetgroup/web-tg/0123456789abcdef"}

	errors := r.find(t, metricAlarm, "web-errors").Inputs
	assert.Equal(t, map[string]any{"comparisonOperator": "GreaterThanThreshold", "threshold": 5.0, "treatMissingData": "notBreaching", "evaluationPeriods": 2.0},
		plain(errors, "comparisonOperator", "threshold", "treatMissingData", "evaluationPeriods"))
	metrics := map[string]string{}
	returned := 0
	for _, query := range errors["metricQueries"].ArrayValue() {
		query := query.ObjectValue()
		if query["returnData"].BoolValue() {
			returned++
			assert.Equal(t, "IF(FILL(requests, 0) >= 20, 100 * FILL(errors, 0) / requests, 0)", query["expression"].StringValue())
			continue
		}
		metric := object(t, query, "metric")
		metrics[query["id"].StringValue()] = metric["metricName"].StringValue()
		assert.Equal(t, dimensions, object(t, metric, "dimensions").Mappable())
	}
	assert.Equal(t, 1, returned, "an alarm takes exactly one result")
	assert.Equal(t, map[string]string{"errors": "HTTPCode_Target_5XX_Count", "requests": "RequestCount"}, metrics)

	unhealthy := r.find(t, metricAlarm, "web-unhealthy").Inputs
	assert.Equal(t, map[string]any{"metricName": "UnHealthyHostCount", "statistic": "Minimum", "threshold": 0.0, "treatMissingData": "notBreaching", "dimensions": dimensions},
		plain(unhealthy, "metricName", "statistic", "threshold", "treatMissingData", "dimensions"))
}

func TestWebServiceTellsPeople(t *testing.T) {
	t.Parallel()
	r := runWeb(t, func(args *components.WebServiceArgs) { args.AlarmActions, args.LatencyLimitSeconds = toldOf, new(0.5) })
	r.requireTold(t, "web-errors", "web-unhealthy", "web-down", "web-latency")

	down := r.find(t, metricAlarm, "web-down").Inputs
	assert.Equal(t, map[string]any{"metricName": "HealthyHostCount", "statistic": "Maximum", "comparisonOperator": "LessThanThreshold", "threshold": 1.0,
		"treatMissingData": "missing", "insufficientDataActions": []any{alarmTopicArn}},
		plain(down, "metricName", "statistic", "comparisonOperator", "threshold", "treatMissingData", "insufficientDataActions"),
		"without any task there are no data, and that is told too")
	latency := r.find(t, metricAlarm, "web-latency").Inputs
	assert.Equal(t, map[string]any{"metricName": "TargetResponseTime", "extendedStatistic": "p95", "threshold": 0.5, "period": 300.0, "evaluationPeriods": 2.0,
		"evaluateLowSampleCountPercentiles": "ignore"},
		plain(latency, "metricName", "extendedStatistic", "threshold", "period", "evaluationPeriods", "evaluateLowSampleCountPercentiles"))
	assert.Equal(t, []string{"web-errors-1234567", "web-unhealthy-1234567"}, stringList(t, object(t, r.find(t, ecsService, "web-service").Inputs, "alarms")["alarmNames"]),
		"a slow answer rolls nothing back")
}

func TestWebServiceAlarmOptions(t *testing.T) {
	t.Parallel()
	type args = components.WebServiceArgs
	for name, test := range map[string]struct {
		change func(*args)
		alarms []string
	}{
		"no limit of latency":          {func(a *args) { a.LatencyLimitSeconds = new(0.0) }, []string{"web-errors", "web-unhealthy", "web-down"}},
		"may be switched off":          {func(a *args) { a.MinCount = new(0) }, []string{"web-errors", "web-unhealthy", "web-latency"}},
		"only those of the deployment": {func(a *args) { a.Alarms = new(false) }, []string{"web-errors", "web-unhealthy"}},
		"ephemeral and watched":        {func(a *args) { a.Ephemeral, a.Alarms = true, new(true) }, []string{"web-errors", "web-unhealthy", "web-down", "web-latency"}},
		"none":                         {func(a *args) { a.Alarms, a.RollbackOnAlarms = new(false), new(false) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			runWeb(t, func(a *args) { a.AlarmActions = toldOf; test.change(a) }).requireTold(t, test.alarms...)
		})
	}
}
