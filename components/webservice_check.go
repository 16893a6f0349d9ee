package components

import (
	"cmp"
	"fmt"

	"slipway/internal/invalid"
	"slipway/internal/limits"
)

// withDefaults fills in what was not given and reports all that is wrong.
func (a *WebServiceArgs) withDefaults(name string) (WebServiceArgs, error) {
	var args WebServiceArgs
	if a != nil {
		args = *a
	}
	wrong := invalid.In(fmt.Sprintf("WebService %q", name))
	if args.ClusterArn != nil && args.ContainerInsights != nil {
		wrong.Conflict("clusterArn, containerInsights", "exclude each other, as a given cluster is set up by its owner; remove one")
	}
	if args.Listener != nil {
		args.checkListener(wrong)
	}
	args.fillIn()
	wrong.Check("name", name, limits.BalancerPrefix(name, "-alb"))
	args.checkRequired(wrong)
	args.task(nil).check(wrong)
	wrong.Check("port", args.Port, limits.ContainerPort(args.Port))
	args.checkWebsite(wrong)
	args.checkHealth(wrong)
	args.checkScaling(wrong)
	return args, wrong.Err()
}

func (a *WebServiceArgs) fillIn() {
	standing := !a.Ephemeral
	a.ContainerInsights = cmp.Or(a.ContainerInsights, new(standing))
	a.AccessLogs = cmp.Or(a.AccessLogs, new(standing && a.Listener == nil))
	a.WaitForDeployment = cmp.Or(a.WaitForDeployment, new(true))
	a.RollbackOnAlarms = cmp.Or(a.RollbackOnAlarms, new(standing))
	a.Alarms = cmp.Or(a.Alarms, new(standing))
	a.LatencyLimitSeconds = cmp.Or(a.LatencyLimitSeconds, new(2.0))
	a.ReadonlyRootFilesystem = cmp.Or(a.ReadonlyRootFilesystem, new(true))

	a.Cpu = cmp.Or(a.Cpu, 256)
	if sizes := limits.FargateMemory(a.Cpu); a.Memory == 0 && len(sizes) > 0 {
		a.Memory = sizes[0]
	}
	a.Architecture = cmp.Or(a.Architecture, "ARM64")
	if a.DomainName != "" {
		a.HostedZone = cmp.Or(a.HostedZone, limits.ParentDomain(a.DomainName))
	}
	a.IdleTimeout = cmp.Or(a.IdleTimeout, 60)

	a.Port = cmp.Or(a.Port, 8000)
	a.HealthCheckPath = cmp.Or(a.HealthCheckPath, "/")
	a.HealthCheckMatcher = cmp.Or(a.HealthCheckMatcher, "200")
	a.HealthCheckInterval = cmp.Or(a.HealthCheckInterval, 5)
	a.HealthCheckTimeout = cmp.Or(a.HealthCheckTimeout, min(4, a.HealthCheckInterval-1))
	a.HealthyThreshold = cmp.Or(a.HealthyThreshold, 2)
	a.UnhealthyThreshold = cmp.Or(a.UnhealthyThreshold, 2)
	// ECS gives up after three tasks (0.5 x the desired count, at least 3), of which each may last for the grace period.
	// Where there is one task at a time, the update must wait for all three to see the rollback.
	gracePeriod, deploymentTimeout := 60, 15
	if len(a.ReleaseCommand) > 0 {
		gracePeriod, deploymentTimeout = 300, 30
	}
	a.HealthCheckGracePeriod = cmp.Or(a.HealthCheckGracePeriod, new(gracePeriod))
	a.DeregistrationDelay = cmp.Or(a.DeregistrationDelay, new(15))
	a.StopTimeout = cmp.Or(a.StopTimeout, 30)
	a.DeploymentTimeout = cmp.Or(a.DeploymentTimeout, deploymentTimeout)

	minCount, maxCount, retention := 2, 10, 365
	if a.Ephemeral {
		minCount, maxCount, retention = 1, 1, 30
	}
	a.MinCount = cmp.Or(a.MinCount, new(minCount))
	a.DesiredCount = cmp.Or(a.DesiredCount, a.MinCount)
	a.MaxCount = cmp.Or(a.MaxCount, max(maxCount, *a.MinCount, *a.DesiredCount))
	a.CpuTarget = cmp.Or(a.CpuTarget, new(75))
	a.LogRetentionDays = cmp.Or(a.LogRetentionDays, retention)
}

func (a *WebServiceArgs) checkRequired(wrong *invalid.Fields) {
	for _, field := range []struct {
		name  string
		given bool
		takes string
	}{
		{"vpcId", a.VpcId != nil, "the id of a VPC, such as network.VpcId"},
		{"publicSubnetIds", a.PublicSubnetIds != nil || a.Listener != nil, "subnets for the load balancer in two zones, such as network.PublicSubnetIds"},
		{"subnetIds", a.SubnetIds != nil, "subnets for the tasks, such as network.ApplicationSubnetIds"},
	} {
		if !field.given {
			wrong.Add(field.name, nil, field.takes)
		}
	}
}

// checkWebsite checks the website of a load balancer of its own. checkListener does it for a shared one.
func (a *WebServiceArgs) checkWebsite(wrong *invalid.Fields) {
	wrong.Check("idleTimeout", a.IdleTimeout, limits.IdleTimeout(a.IdleTimeout))
	if a.Listener != nil {
		return
	}
	if a.DomainName != "" {
		wrong.Check("domainName", a.DomainName, limits.DomainName(a.DomainName))
		wrong.Check("hostedZone", a.HostedZone, limits.DomainInZone(a.DomainName, a.HostedZone))
		return
	}
	if a.HostedZone != "" {
		wrong.Conflict("hostedZone", "is of no use without domainName; give that too, or neither")
	}
	if a.Wildcard {
		wrong.Conflict("wildcard", "is of no use without domainName; give that too, or neither")
	}
	if !a.Ephemeral {
		wrong.Add("domainName", nil, "a domain name, as passwords and sessions would cross the internet readable without HTTPS; set ephemeral for a test environment over HTTP")
	}
}

func (a *WebServiceArgs) checkHealth(wrong *invalid.Fields) {
	wrong.Check("healthCheckPath", a.HealthCheckPath, limits.HealthCheckPath(a.HealthCheckPath))
	wrong.Check("healthCheckMatcher", a.HealthCheckMatcher, limits.HealthCheckMatcher(a.HealthCheckMatcher))
	if err := limits.HealthCheckInterval(a.HealthCheckInterval); err != nil {
		wrong.Add("healthCheckInterval", a.HealthCheckInterval, err.Error())
	} else {
		wrong.Check("healthCheckTimeout", a.HealthCheckTimeout, limits.HealthCheckTimeout(a.HealthCheckTimeout, a.HealthCheckInterval))
	}
	wrong.Check("healthyThreshold", a.HealthyThreshold, limits.HealthCheckThreshold(a.HealthyThreshold))
	wrong.Check("unhealthyThreshold", a.UnhealthyThreshold, limits.HealthCheckThreshold(a.UnhealthyThreshold))
	wrong.Check("healthCheckGracePeriod", *a.HealthCheckGracePeriod, limits.GracePeriod(*a.HealthCheckGracePeriod))
	wrong.Check("deregistrationDelay", *a.DeregistrationDelay, limits.DeregistrationDelay(*a.DeregistrationDelay))
	wrong.Check("latencyLimitSeconds", *a.LatencyLimitSeconds, limits.LatencyLimit(*a.LatencyLimitSeconds))
	wrong.Check("deploymentTimeout", a.DeploymentTimeout, limits.DeploymentTimeout(a.DeploymentTimeout))
}

func (a *WebServiceArgs) checkScaling(wrong *invalid.Fields) {
	wrong.Check("spotWeight", a.SpotWeight, limits.Percent(a.SpotWeight, 0))
	wrong.Check("minCount", *a.MinCount, limits.TaskCount(*a.MinCount))
	wrong.Check("maxCount", a.MaxCount, limits.TaskCount(a.MaxCount))
	if *a.MinCount > a.MaxCount {
		wrong.Conflict("minCount, maxCount", fmt.Sprintf("the least, %d, is more than the largest, %d", *a.MinCount, a.MaxCount))
	} else if desired := *a.DesiredCount; desired < *a.MinCount || desired > a.MaxCount {
		wrong.Add("desiredCount", desired, fmt.Sprintf("a number of tasks from minCount, %d, to maxCount, %d", *a.MinCount, a.MaxCount))
	}
	if *a.CpuTarget != 0 {
		wrong.Check("cpuTarget", *a.CpuTarget, limits.Percent(*a.CpuTarget, 1))
	}
	if a.MemoryTarget != 0 {
		wrong.Check("memoryTarget", a.MemoryTarget, limits.Percent(a.MemoryTarget, 1))
	}
	if a.RequestsTarget < 0 {
		wrong.Add("requestsTarget", a.RequestsTarget, "requests a minute and task, 1 or more")
	}
}
