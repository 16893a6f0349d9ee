package localaws

import (
	"math"
	"regexp"
	"strings"

	"slipway/internal/limits"
)

var logGroupName = regexp.MustCompile(`^[.\-_/#A-Za-z0-9]{1,512}$`)

func checkLogGroup(c *checking) {
	if name := c.text("name"); name != "" && !logGroupName.MatchString(name) {
		c.invalid("name", "name takes 1 to 512 letters, digits and . - _ / #, got %q", name)
	}
	c.oneOf("logGroupClass", "STANDARD", "INFREQUENT_ACCESS", "DELIVERY")
	if days := c.value("retentionInDays"); days.IsNumber() && days.NumberValue() != 0 { // 0 keeps events for ever
		if err := limits.LogRetention(int(days.NumberValue())); err != nil {
			c.invalid("retentionInDays", "expected retentionInDays to be 0 or %v, got %v", err, days.NumberValue())
		}
	}
}

func checkMetricAlarm(c *checking) {
	c.oneOf("comparisonOperator", "GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold",
		"LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold")
	c.oneOf("treatMissingData", "breaching", "notBreaching", "ignore", "missing")
	c.oneOf("statistic", "SampleCount", "Average", "Sum", "Minimum", "Maximum")
	if v := c.value("evaluationPeriods"); v.IsNumber() && v.NumberValue() < 1 {
		c.invalid("evaluationPeriods", "evaluationPeriods must be at least 1, got %v", v.NumberValue())
	}
	if points, periods := c.value("datapointsToAlarm"), c.value("evaluationPeriods"); points.IsNumber() && periods.IsNumber() && (points.NumberValue() < 1 || points.NumberValue() > periods.NumberValue()) {
		c.fail("datapointsToAlarm", "datapointsToAlarm must be from 1 to evaluationPeriods, %v (ValidationError), got %v", periods.NumberValue(), points.NumberValue())
	}
	for _, actions := range []string{"alarmActions", "okActions", "insufficientDataActions"} {
		if list := c.value(actions); list.IsArray() && len(list.ArrayValue()) > 5 {
			c.fail(actions, "%s takes at most 5 actions (ValidationError), got %d", actions, len(list.ArrayValue()))
		}
		for _, action := range c.texts(actions) {
			if !strings.HasPrefix(action, "arn:") {
				c.fail(actions, "Invalid arn syntax: %s (ValidationError)", action)
			}
		}
	}
	c.checkPeriod("period", c.number("period"))
	for _, query := range c.objects("metricQueries") {
		if metric := query["metric"]; metric.IsObject() && metric.ObjectValue()["period"].IsNumber() {
			c.checkPeriod("metricQueries", metric.ObjectValue()["period"].NumberValue())
		}
	}
	c.checkWatched()
}

// checkPeriod checks the seconds of a data point: 10, 20 and 30 are for high-resolution metrics.
func (c *checking) checkPeriod(property string, seconds float64) {
	if seconds != 0 && seconds != 10 && seconds != 20 && seconds != 30 && (seconds < 60 || math.Mod(seconds, 60) != 0) {
		c.fail(property, "Period must be 10, 20, 30 or a multiple of 60 (ValidationError), got %v", seconds)
	}
}

// checkWatched checks what the alarm watches: one metric, or an expression over several.
func (c *checking) checkWatched() {
	if c.has("metricName") == c.has("metricQueries") {
		c.invalid("metricName", "exactly one of metricName and metricQueries must be given")
		return
	}
	if c.has("metricName") {
		for _, property := range []string{"namespace", "period"} {
			if !c.has(property) {
				c.fail(property, "%s must be given with metricName (ValidationError)", property)
			}
		}
		if c.has("statistic") == c.has("extendedStatistic") {
			c.invalid("statistic", "exactly one of statistic and extendedStatistic must be given with metricName")
		}
		return
	}
	returned := 0
	for _, query := range c.objects("metricQueries") {
		if v := query["returnData"]; v.IsBool() && v.BoolValue() {
			returned++
		}
	}
	if returned != 1 && !c.value("metricQueries").ContainsUnknowns() {
		c.fail("metricQueries", "Exactly one element of the metrics list should return data (ValidationError), got %d", returned)
	}
}
