package localaws

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	scalingPolicyType   = "aws:appautoscaling/policy:Policy"
	scheduledActionType = "aws:appautoscaling/scheduledAction:ScheduledAction"
	alarmType           = "aws:cloudwatch/metricAlarm:MetricAlarm"
)

// scaled is what every resource of Application Auto Scaling says of the service that it scales.
func scaled(more map[string]any) map[string]any {
	return with(map[string]any{"serviceNamespace": "ecs", "scalableDimension": "ecs:service:DesiredCount", "resourceId": "service/main/web"}, more)
}

func tracking(metric map[string]any) map[string]any {
	return scaled(map[string]any{"policyType": "TargetTrackingScaling", "targetTrackingScalingPolicyConfiguration": map[string]any{"targetValue": 75, "predefinedMetricSpecification": metric}})
}

// steps is a step scaling policy; each step is its lower and upper bound.
func steps(bounds ...[2]string) map[string]any {
	var adjustments []any
	for _, b := range bounds {
		step := map[string]any{"scalingAdjustment": 1}
		for i, property := range []string{"metricIntervalLowerBound", "metricIntervalUpperBound"} {
			if b[i] != "" {
				step[property] = b[i]
			}
		}
		adjustments = append(adjustments, step)
	}
	return scaled(map[string]any{"stepScalingPolicyConfiguration": map[string]any{"adjustmentType": "ChangeInCapacity", "stepAdjustments": adjustments}})
}

func TestScalingCheck(t *testing.T) {
	t.Parallel()
	const configuration = "stepScalingPolicyConfiguration.stepAdjustments: "
	checkAll(t, map[string]checkCase{
		"another dimension of ECS":       {scalableTargetType, scaled(map[string]any{"minCapacity": 1, "maxCapacity": 2, "scalableDimension": "ecs:service:Size"}), "scalableDimension: expected"},
		"a policy without configuration": {scalingPolicyType, scaled(nil), "stepScalingPolicyConfiguration: a policy of the type StepScaling takes stepScalingPolicyConfiguration"},
		"requests without a label":       {scalingPolicyType, tracking(map[string]any{"predefinedMetricType": "ALBRequestCountPerTarget"}), "Resource label is required for predefined metric type ALBRequestCountPerTarget"},
		"CPU with a label":               {scalingPolicyType, tracking(map[string]any{"predefinedMetricType": "ECSServiceAverageCPUUtilization", "resourceLabel": "x"}), "Resource label is not supported"},
		"a label that is an ARN":         {scalingPolicyType, tracking(map[string]any{"predefinedMetricType": "ALBRequestCountPerTarget", "resourceLabel": "arn:aws:x"}), `Invalid resource label "arn:aws:x"`},
		"a step that is no number":       {scalingPolicyType, steps([2]string{"low", ""}), configuration + "metricIntervalLowerBound and metricIntervalUpperBound take numbers"},
		"a schedule in another language": {scheduledActionType, scaled(map[string]any{"schedule": "0 8 * * *", "scalableTargetAction": map[string]any{"minCapacity": 1}}), "schedule: Invalid schedule"},
		"an action that does nothing":    {scheduledActionType, scaled(map[string]any{"schedule": "rate(1 hour)", "scalableTargetAction": map[string]any{}}), "scalableTargetAction: at least one of"},
	})
	for _, good := range []map[string]any{steps([2]string{"", "0"}), steps([2]string{"10", ""}, [2]string{"0", "10"}), steps([2]string{"", "-10"}, [2]string{"-10", "0"}), steps([2]string{"", ""})} {
		_, failures := newEmbedded(t).check(scalingPolicyType, "x", good)
		assert.Empty(t, failures)
	}
}

func TestScalingAdmission(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	capacity := map[string]any{"minCapacity": 1, "maxCapacity": 4}
	inputs := e.fargateService()
	service := e.create(serviceType, "web", inputs)
	of := map[string]any{"resourceId": resourceOf(service["id"].(string))}
	cpu := with(tracking(map[string]any{"predefinedMetricType": "ECSServiceAverageCPUUtilization"}), of)
	_, err := e.tryCreate(scalingPolicyType, "cpu", cpu)
	refused(t, err, "ObjectNotFoundException")

	target := e.create(scalableTargetType, "web", with(scaled(capacity), of))
	assert.Regexp(t, `^arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target/0ec5[0-9a-f]{28}$`, target["arn"])
	policy := e.create(scalingPolicyType, "cpu", cpu)
	assert.Regexp(t, `^arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:[0-9a-f-]{36}:resource/ecs/service/main-[0-9a-f]{7}/web-[0-9a-f]{7}:policyName/cpu-[0-9a-f]{7}$`, policy["arn"])
	assert.Len(t, policy["alarmArns"], 2, "target tracking has its own alarms")

	requests := func(label string) map[string]any {
		return with(tracking(map[string]any{"predefinedMetricType": "ALBRequestCountPerTarget", "resourceLabel": label}), of)
	}
	_, err = e.tryCreate(scalingPolicyType, "requests", requests("app/web/0123456789abcdef/targetgroup/web/0123456789abcdef"))
	refused(t, err, "ValidationException")
	group := inputs["loadBalancers"].([]any)[0].(map[string]any)["targetGroupArn"].(string)
	balancers, err := e.account.List()
	require.NoError(t, err)
	for _, o := range balancers {
		if o.Type == loadBalancerType {
			e.create(scalingPolicyType, "requests", requests(o.text("arnSuffix")+"/"+resourceOf(group)))
		}
	}
	action := e.create(scheduledActionType, "night", with(scaled(map[string]any{"schedule": "cron(0 22 * * ? *)", "scalableTargetAction": map[string]any{"minCapacity": 0, "maxCapacity": 0}}), of))
	assert.Regexp(t, `:scheduledActionName/night-[0-9a-f]{7}$`, action["arn"])
}

func TestCloudWatchCheck(t *testing.T) {
	t.Parallel()
	alarm := func(changes map[string]any) map[string]any {
		return with(cpuAlarm, changes)
	}
	query := func(returned bool) map[string]any {
		return map[string]any{"id": "m", "returnData": returned, "metric": map[string]any{"metricName": "CPUUtilization", "period": 60, "stat": "Average"}}
	}
	expression := func(queries ...any) map[string]any {
		return alarm(map[string]any{"metricName": nil, "namespace": nil, "period": nil, "statistic": nil, "metricQueries": queries})
	}
	checkAll(t, map[string]checkCase{
		"an unknown class":               {logGroupType, map[string]any{"logGroupClass": "COLD"}, "logGroupClass: expected"},
		"an unknown comparison":          {alarmType, alarm(map[string]any{"comparisonOperator": ">"}), "comparisonOperator: expected"},
		"neither metric nor expression":  {alarmType, alarm(map[string]any{"metricName": nil}), "metricName: exactly one of metricName and metricQueries"},
		"a metric without a namespace":   {alarmType, alarm(map[string]any{"namespace": nil}), "namespace: namespace must be given with metricName"},
		"a metric without a statistic":   {alarmType, alarm(map[string]any{"statistic": nil}), "statistic: exactly one of statistic and extendedStatistic"},
		"an expression without a result": {alarmType, expression(query(false)), "metricQueries: Exactly one element of the metrics list should return data (ValidationError), got 0"},
	})
	for _, good := range []map[string]any{alarm(nil), alarm(map[string]any{"period": 10, "datapointsToAlarm": 2}), expression(query(true), query(false))} {
		_, failures := newEmbedded(t).check(alarmType, "x", good)
		assert.Empty(t, failures)
	}
}

func TestLogGroup(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	group := e.deploy(logGroupType, "web", map[string]any{"name": "/slipway/web", "retentionInDays": 30})
	assert.Equal(t, "/slipway/web", group.id)
	assert.Equal(t, "arn:aws:logs:us-east-1:123456789012:log-group:/slipway/web", group.text("arn"))
	_, err := e.tryCreate(logGroupType, "again", map[string]any{"name": "/slipway/web"})
	refused(t, err, "ResourceAlreadyExistsException")
	assert.Empty(t, group.replaces(map[string]any{"name": "/slipway/web", "retentionInDays": 0}), "0 keeps events for ever")
	assert.Equal(t, []string{"logGroupClass"}, group.replaces(map[string]any{"name": "/slipway/web", "retentionInDays": 30, "logGroupClass": "INFREQUENT_ACCESS"}))

	alarm := e.create(alarmType, "cpu", map[string]any{"comparisonOperator": "GreaterThanThreshold", "evaluationPeriods": 1, "namespace": "AWS/ECS", "metricName": "CPUUtilization", "period": 60, "statistic": "Average"})
	assert.Equal(t, "arn:aws:cloudwatch:us-east-1:123456789012:alarm:"+alarm["name"].(string), alarm["arn"])
}

// TestReplacement takes one change of each kind that AWS makes in place and one that it cannot.
func TestReplacement(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	vpc, subnets := e.network()
	balancer, group, listener := e.balancer("web", vpc, subnets)
	for name, c := range map[string]struct {
		typ                        string
		inputs, inPlace, replacing map[string]any
		want                       []string
	}{
		"load balancer": {loadBalancerType, map[string]any{"subnets": subnets}, map[string]any{"idleTimeout": 120, "enableDeletionProtection": true}, map[string]any{"internal": true}, []string{"internal"}},
		"target group": {targetGroupType, with(aGroup, map[string]any{"vpcId": vpc}), map[string]any{"deregistrationDelay": 15, "healthCheck": map[string]any{"path": "/status/"}},
			map[string]any{"port": 80, "protocol": "HTTPS"}, []string{"port", "protocol"}},
		"listener": {listenerType, map[string]any{"loadBalancerArn": balancer["arn"], "port": 81, "defaultActions": forwardTo(group)}, map[string]any{"port": 82}, map[string]any{"loadBalancerArn": "arn"}, []string{"loadBalancerArn"}},
		"rule": {ruleType, map[string]any{"listenerArn": listener["arn"], "priority": 1, "actions": forwardTo(group), "conditions": forPath}, map[string]any{"priority": 2}, map[string]any{"listenerArn": "arn"},
			[]string{"listenerArn"}},
		"certificate": {certificateType, map[string]any{"domainName": "example.com", "validationMethod": "DNS"}, map[string]any{"tags": map[string]any{"a": "b"}}, map[string]any{"domainName": "www.example.com"}, []string{"domainName"}},
		"record":      {recordType, map[string]any{"zoneId": registeredZoneID("example.com"), "name": "www", "type": "A", "ttl": 60, "records": []any{"192.0.2.1"}}, map[string]any{"ttl": 300}, map[string]any{"name": "web"}, []string{"name"}},
		"cluster":     {ecsClusterType, nil, map[string]any{"settings": []any{map[string]any{"name": "containerInsights", "value": "enabled"}}}, map[string]any{"name": "main"}, []string{"name"}},
	} {
		resource := e.deploy(c.typ, "replaced", c.inputs)
		assert.Empty(t, resource.diff(c.inputs).ChangedKeys, "%s: what AWS filled in is no change", name)
		assert.NotEmpty(t, resource.diff(with(c.inputs, c.inPlace)).ChangedKeys, name)
		assert.Empty(t, resource.replaces(with(c.inputs, c.inPlace)), name)
		assert.Equal(t, c.want, resource.replaces(with(c.inputs, c.replacing)), name)
	}
}
