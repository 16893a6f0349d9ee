package cost

import (
	"fmt"

	"slipway/internal/state"
)

// alarm is paid for by the metrics that it looks at.
func alarm(_ *state.State, r *state.Resource) ([]item, error) {
	metrics := 0
	for _, query := range r.At("metricQueries").List() {
		if query.At("metric").Readable() {
			if period := query.At("metric", "period").Number(); period < 60 {
				return nil, fmt.Errorf("an alarm of high resolution (%v seconds)", period)
			}
			metrics++
		}
	}
	if metrics == 0 {
		metrics = 1
		if period := r.At("period").Number(); period > 0 && period < 60 {
			return nil, fmt.Errorf("an alarm of high resolution (%v seconds)", period)
		}
	}
	return monthly("Alarms", count(float64(metrics), "metric", "metrics"), dollars(alarmMonth)), nil
}

// trackingAlarms are the two that Application Auto Scaling makes for a target, by itself (Application Auto Scaling User
// Guide, "Target tracking scaling policies"). Step scaling has alarms of its own.
func trackingAlarms(_ *state.State, r *state.Resource) ([]item, error) {
	switch kind := r.At("policyType").String(); kind {
	case "StepScaling":
		return nil, nil
	case "TargetTrackingScaling":
		metrics := 0
		for _, query := range r.At("targetTrackingScalingPolicyConfiguration", "customizedMetricSpecification", "metrics").List() {
			if query.At("metricStat").Readable() {
				metrics++
			}
		}
		return monthly("Alarms of auto scaling", count(2, "alarm", "alarms"), count(float64(max(metrics, 1)), "metric", "metrics"), dollars(alarmMonth)), nil
	default:
		return nil, fmt.Errorf("a scaling policy of the type %s", kind)
	}
}

// The metrics of Container Insights with standard observability, by the dimensions that they are reported with (Amazon
// CloudWatch User Guide, "Amazon ECS Container Insights metrics"), without those of EC2 instances and EBS volumes.
var (
	// usageMetrics are reported for the cluster, for each service and for each task family, where tasks run.
	usageMetrics = []string{
		"CpuReserved", "CpuUtilized", "MemoryReserved", "MemoryUtilized", "EphemeralStorageReserved", "EphemeralStorageUtilized",
		"NetworkRxBytes", "NetworkTxBytes", "StorageReadBytes", "StorageWriteBytes",
	}
	// serviceMetrics are reported for each service, also while it has no tasks.
	serviceMetrics = []string{"DeploymentCount", "DesiredTaskCount", "PendingTaskCount", "RunningTaskCount", "TaskSetCount"}
	clusterMetrics = []string{"ContainerInstanceCount", "ServiceCount", "TaskCount"}
)

// insights are the metrics of Container Insights of an idle cluster.
func insights(in *state.State, r *state.Resource) ([]item, error) {
	mode := ""
	for _, setting := range r.At("settings").List() {
		if setting.At("name").String() == "containerInsights" {
			mode = setting.At("value").String()
		}
	}
	switch mode {
	case "", "disabled":
		return nil, nil
	case "enabled":
	default:
		return nil, fmt.Errorf("the mode %s of Container Insights", mode)
	}
	metrics, used := len(clusterMetrics), map[string]bool{}
	for _, service := range in.Of(ecsService) {
		if cluster := service.At("cluster").String(); cluster != r.ID && cluster != r.At("name").String() {
			continue
		}
		metrics += len(serviceMetrics)
		if idleTasks(in, service) > 0 {
			used["cluster"], used["service "+service.URN], used["family "+service.At("taskDefinition").String()] = true, true, true
		}
	}
	metrics += len(used) * len(usageMetrics)
	return monthly("Container Insights", count(float64(metrics), "metric", "metrics"), dollars(metricMonth)), nil
}
