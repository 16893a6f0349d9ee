package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/appautoscaling"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Auto scaling adds tasks soon and removes them late: a task too many costs a cent an hour.
const (
	scaleOutCooldown = 60  // seconds
	scaleInCooldown  = 300 // seconds, also AWS's default
)

// createScaling keeps the number of tasks between the least and the largest, where the targets lead it.
func (w *WebService) createScaling(ctx *pulumi.Context, name string, args WebServiceArgs) (err error) {
	w.ScalingTarget, err = appautoscaling.NewTarget(ctx, name+"-scaling", &appautoscaling.TargetArgs{
		ServiceNamespace:  pulumi.String("ecs"),
		ScalableDimension: pulumi.String("ecs:service:DesiredCount"),
		ResourceId:        pulumi.Sprintf("service/%s/%s", w.ClusterName, w.Service.Name),
		MinCapacity:       pulumi.Int(*args.MinCount),
		MaxCapacity:       pulumi.Int(args.MaxCount),
		Tags:              pulumi.ToStringMap(args.Tags),
	}, pulumi.Parent(w))
	if err != nil {
		return err
	}
	for _, tracking := range []struct {
		role, metric string
		target       int
		label        pulumi.StringPtrInput
	}{
		{"cpu", "ECSServiceAverageCPUUtilization", *args.CpuTarget, nil},
		{"memory", "ECSServiceAverageMemoryUtilization", args.MemoryTarget, nil},
		{"requests", "ALBRequestCountPerTarget", args.RequestsTarget,
			pulumi.Sprintf("%s/%s", w.loadBalancerArnSuffix, w.TargetGroup.ArnSuffix)},
	} {
		if tracking.target == 0 {
			continue
		}
		policy, err := appautoscaling.NewPolicy(ctx, name+"-scale-"+tracking.role, &appautoscaling.PolicyArgs{
			PolicyType:        pulumi.String("TargetTrackingScaling"),
			ServiceNamespace:  w.ScalingTarget.ServiceNamespace,
			ScalableDimension: w.ScalingTarget.ScalableDimension,
			ResourceId:        w.ScalingTarget.ResourceId,
			TargetTrackingScalingPolicyConfiguration: &appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs{
				TargetValue:      pulumi.Float64(tracking.target),
				ScaleOutCooldown: pulumi.Int(scaleOutCooldown),
				ScaleInCooldown:  pulumi.Int(scaleInCooldown),
				PredefinedMetricSpecification: &appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs{
					PredefinedMetricType: pulumi.String(tracking.metric),
					ResourceLabel:        tracking.label,
				},
			},
		}, pulumi.Parent(w))
		if err != nil {
			return err
		}
		w.ScalingPolicies = append(w.ScalingPolicies, policy)
	}
	return nil
}
