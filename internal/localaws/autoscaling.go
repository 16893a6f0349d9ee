package localaws

import (
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/appautoscaling"
)

// autoscalingKinds are the resource types of Application Auto Scaling.
func autoscalingKinds() []*kind {
	const service = "Application Auto Scaling"
	scaled := []string{"resourceId", "scalableDimension", "serviceNamespace"}
	return []*kind{
		of(appautoscaling.TargetArgs{}, appautoscaling.Target{}, kind{service: service, noun: "ScalableTarget", idFrom: "resourceId",
			replace: scaled, overwrites: always, check: checkScalableTarget, compute: computeScalableTarget, admit: admitScalableTarget}),
		// The provider's id is the policy's name alone, which policies of several services may share; the account tells objects apart
		// by their ids, so it is what `pulumi import` takes.
		of(appautoscaling.PolicyArgs{}, appautoscaling.Policy{}, kind{service: service, noun: "ScalingPolicy", id: func(d *draft) string {
			return strings.Join([]string{d.text("serviceNamespace"), d.text("resourceId"), d.text("scalableDimension"), d.text("name")}, "/")
		}, named: &naming{property: "name", most: 255}, replace: append([]string{"name"}, scaled...), overwrites: always,
			defaults: map[string]any{"policyType": "StepScaling"}, check: checkScalingPolicy, compute: computeScalingPolicy, admit: admitScalingPolicy}),
		of(appautoscaling.ScheduledActionArgs{}, appautoscaling.ScheduledAction{}, kind{service: service, noun: "ScheduledAction", id: func(d *draft) string {
			return strings.Join([]string{d.text("name"), d.text("serviceNamespace"), d.text("resourceId")}, "-")
		}, named: &naming{property: "name", most: 255}, replace: append([]string{"name"}, scaled...), overwrites: always,
			defaults: map[string]any{"timezone": "UTC"}, check: checkScheduledAction, compute: func(d *draft) {
				d.set("arn", d.arn("autoscaling", "scheduledAction:"+d.uuid()+":resource/"+d.text("serviceNamespace")+"/"+d.text("resourceId")+":scheduledActionName/"+d.text("name")))
			}, admit: admitOnTarget}),
	}
}

func computeScalableTarget(d *draft) {
	d.set("arn", d.arn("application-autoscaling", "scalable-target/0ec5"+d.hex(28)))
	if !d.has("roleArn") {
		d.set("roleArn", d.globalARN("iam", "role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService"))
	}
}

// computeScalingPolicy includes the alarms that target tracking makes for itself.
func computeScalingPolicy(d *draft) {
	d.set("arn", d.arn("autoscaling", "scalingPolicy:"+d.uuid()+":resource/"+d.text("serviceNamespace")+"/"+d.text("resourceId")+":policyName/"+d.text("name")))
	alarms := []any{}
	if d.text("policyType") == "TargetTrackingScaling" {
		for _, level := range []string{"AlarmHigh", "AlarmLow"} {
			if level == "AlarmHigh" || !d.isTrue("targetTrackingScalingPolicyConfiguration.disableScaleIn") {
				alarms = append(alarms, d.arn("cloudwatch", "alarm:TargetTracking-"+d.text("resourceId")+"-"+level+"-"+d.uuid()))
			}
		}
	}
	d.set("alarmArns", alarms)
}
