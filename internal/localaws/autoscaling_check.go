package localaws

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

const scalableTargetType = "aws:appautoscaling/target:Target"

var serviceResource = regexp.MustCompile(`^service/[^/]+/[^/]+$`)

func checkScalableTarget(c *checking) {
	for _, property := range []string{"minCapacity", "maxCapacity"} {
		if c.number(property) < 0 {
			c.invalid(property, "%s must be at least 0, got %v", property, c.number(property))
		}
	}
	if low, high := c.value("minCapacity"), c.value("maxCapacity"); low.IsNumber() && high.IsNumber() && low.NumberValue() > high.NumberValue() {
		c.fail("minCapacity", "Maximum capacity cannot be less than minimum capacity (ValidationException): %v and %v", high.NumberValue(), low.NumberValue())
	}
	checkScaled(c)
}

// checkScaled checks what of ECS is scaled.
func checkScaled(c *checking) {
	if c.text("serviceNamespace") != "ecs" {
		return
	}
	c.oneOf("scalableDimension", "ecs:service:DesiredCount")
	if id := c.text("resourceId"); id != "" && !serviceResource.MatchString(id) {
		c.fail("resourceId", "ECS service doesn't exist: %s (ValidationException); resourceId takes service/<cluster>/<service>", id)
	}
}

func admitScalableTarget(a *admission) error {
	if a.text("serviceNamespace") != "ecs" {
		return nil
	}
	if a.account.lookup(a.arn("ecs", a.text("resourceId")), serviceType) == nil {
		return refuse("ValidationException", "ECS service doesn't exist: %s", a.text("resourceId"))
	}
	return nil
}

// admitOnTarget refuses a policy or an action of what is not registered as a scalable target.
func admitOnTarget(a *admission) error {
	target := a.account.lookup(a.text("resourceId"), scalableTargetType)
	if target == nil || target.text("scalableDimension") != a.text("scalableDimension") || target.text("serviceNamespace") != a.text("serviceNamespace") {
		return refuse("ObjectNotFoundException", "No scalable target registered for service namespace: %s, resource ID: %s, scalable dimension: %s", a.text("serviceNamespace"), a.text("resourceId"), a.text("scalableDimension"))
	}
	return nil
}

func checkScalingPolicy(c *checking) {
	checkScaled(c)
	c.oneOf("policyType", "StepScaling", "TargetTrackingScaling")
	const step, tracking = "stepScalingPolicyConfiguration", "targetTrackingScalingPolicyConfiguration"
	if c.value("policyType").IsComputed() {
		return
	}
	needs, excludes := step, tracking
	if c.text("policyType") == "TargetTrackingScaling" {
		needs, excludes = tracking, step
	}
	if !c.has(needs) || c.has(excludes) {
		c.invalid(needs, "a policy of the type %s takes %s and not %s", orDefault(c.text("policyType"), "StepScaling"), needs, excludes)
	}
	checkTracking(c, tracking)
	checkSteps(c, step+".stepAdjustments")
}

var resourceLabel = regexp.MustCompile(`^app/[^/]+/[0-9a-f]{16}/targetgroup/[^/]+/[0-9a-f]{16}$`)

func checkTracking(c *checking, at string) {
	if !c.has(at) {
		return
	}
	predefined, customized := c.has(at+".predefinedMetricSpecification"), c.has(at+".customizedMetricSpecification")
	if predefined == customized {
		c.invalid(at, "exactly one of predefinedMetricSpecification and customizedMetricSpecification must be given")
	}
	if v := c.value(at + ".targetValue"); v.IsNumber() && v.NumberValue() <= 0 {
		c.invalid(at+".targetValue", "targetValue must be greater than 0, got %v", v.NumberValue())
	}
	label := at + ".predefinedMetricSpecification.resourceLabel"
	metric := c.text(at + ".predefinedMetricSpecification.predefinedMetricType")
	switch text := c.text(label); {
	case metric == "ALBRequestCountPerTarget" && !c.has(label):
		c.fail(label, "Resource label is required for predefined metric type ALBRequestCountPerTarget (ValidationException)")
	case metric != "" && metric != "ALBRequestCountPerTarget" && c.has(label):
		c.fail(label, "Resource label is not supported for predefined metric type %s (ValidationException)", metric)
	case text != "" && !resourceLabel.MatchString(text):
		c.fail(label, "Invalid resource label %q (ValidationException): it takes app/<load balancer>/<id>/targetgroup/<target group>/<id>", text)
	}
	if strings.HasPrefix(metric, "ECS") && metric != "ECSServiceAverageCPUUtilization" && metric != "ECSServiceAverageMemoryUtilization" {
		c.invalid(at+".predefinedMetricSpecification.predefinedMetricType", "there is no predefined metric %s", metric)
	}
}

func admitScalingPolicy(a *admission) error {
	if err := admitOnTarget(a); err != nil {
		return err
	}
	label := a.text("targetTrackingScalingPolicyConfiguration.predefinedMetricSpecification.resourceLabel")
	if label == "" {
		return nil
	}
	balancer, group, _ := strings.Cut(label, "/targetgroup/")
	found := a.account.lookup(a.arn("elasticloadbalancing", "targetgroup/"+group), targetGroupType)
	attached := found != nil && slices.ContainsFunc(a.account.users(found), func(o *Object) bool {
		return strings.HasSuffix(a.account.balancerOf(o), ":loadbalancer/"+balancer)
	})
	if !attached {
		return refuse("ValidationException", "Resource label %s does not match a target group that is attached to its load balancer", label)
	}
	return nil
}

// interval is a step's range of the metric, relative to the alarm's threshold; nil is infinity.
type interval struct{ low, high *float64 }

// checkSteps checks that steps cover the metric without overlap or gap.
func checkSteps(c *checking, at string) {
	var steps []interval
	for _, step := range c.objects(at) {
		low, okLow := bound(step["metricIntervalLowerBound"])
		high, okHigh := bound(step["metricIntervalUpperBound"])
		if !okLow || !okHigh {
			c.fail(at, "metricIntervalLowerBound and metricIntervalUpperBound take numbers as strings (ValidationException)")
			return
		}
		if low == nil && high == nil && len(c.objects(at)) > 1 || low != nil && high != nil && *low >= *high {
			c.fail(at, "a step's lower bound must be less than its upper bound (ValidationException)")
			return
		}
		steps = append(steps, interval{low, high})
	}
	slices.SortFunc(steps, func(x, y interval) int {
		switch {
		case x.low == nil && y.low == nil:
			return 0
		case x.low == nil || y.low != nil && *x.low < *y.low:
			return -1
		}
		return 1
	})
	for i, step := range steps {
		last := i == len(steps)-1
		switch {
		case !last && (steps[i+1].low == nil || step.high == nil):
			c.fail(at, "at most one step has no lower bound, and at most one no upper bound (ValidationException)")
			return
		case !last && *step.high > *steps[i+1].low:
			c.fail(at, "steps overlap: one ends at %v, the next begins at %v (ValidationException)", *step.high, *steps[i+1].low)
		case !last && *step.high < *steps[i+1].low:
			c.fail(at, "there is a gap between steps from %v to %v (ValidationException)", *step.high, *steps[i+1].low)
		case last && step.high != nil && *step.high > 0:
			c.fail(at, "steps with a positive upper bound need one without an upper bound after them (ValidationException)")
		}
	}
}

func bound(v resource.PropertyValue) (*float64, bool) {
	if !v.IsString() || v.StringValue() == "" {
		return nil, true
	}
	f, err := strconv.ParseFloat(v.StringValue(), 64)
	return &f, err == nil
}

var schedule = regexp.MustCompile(`^(cron\(.+\)|rate\(\d+ (minute|hour|day)s?\)|at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\))$`)

func checkScheduledAction(c *checking) {
	checkScaled(c)
	if expression := c.text("schedule"); expression != "" && !schedule.MatchString(expression) {
		c.fail("schedule", "Invalid schedule %q (ValidationException): it takes cron(...), rate(...) or at(yyyy-mm-ddThh:mm:ss)", expression)
	}
	low, high := c.value("scalableTargetAction.minCapacity"), c.value("scalableTargetAction.maxCapacity")
	if low.IsNull() && high.IsNull() {
		c.invalid("scalableTargetAction", "at least one of minCapacity and maxCapacity must be given")
	}
	if low.IsNumber() && high.IsNumber() && low.NumberValue() > high.NumberValue() {
		c.fail("scalableTargetAction", "Maximum capacity cannot be less than minimum capacity (ValidationException)")
	}
}
