package localaws

import (
	"regexp"
	"slices"
	"strings"
)

// taskCheck checks the containers of a task definition.
type taskCheck struct {
	*checking
	containers []container
	fargate    bool
}

func (t *taskCheck) run() {
	if len(t.containers) == 0 {
		t.refuse("Container list cannot be empty.")
		return
	}
	if !slices.ContainsFunc(t.containers, container.essential) {
		t.refuse("At least one container in the task definition must be marked as essential.")
	}
	names := map[string]bool{}
	for _, c := range t.containers {
		if names[c.Name] {
			t.refuse("Container names must be unique: there are several called '%s'.", c.Name)
		}
		names[c.Name] = true
		t.container(c)
		t.dependencies(c)
		t.environment(c)
	}
	t.size()
	t.volumes()
}

// refuse fails the property that the containers are in.
func (t *taskCheck) refuse(format string, args ...any) {
	t.fail("containerDefinitions", "ClientException: "+format, args...)
}

func (t *taskCheck) container(c container) {
	if !ecsName.MatchString(c.Name) {
		t.refuse("Container name '%s' takes 1 to 255 letters, digits, hyphens and underscores.", c.Name)
	}
	if c.Image == "" {
		t.refuse("Container.image should not be null or empty: %s.", c.Name)
	}
	if what := c.fetches(); what != "" && t.fargate && !t.has("executionRoleArn") {
		t.refuse("Fargate requires task definition to have execution role ARN to support %s (container %s).", what, c.Name)
	}
	t.within(c, "stopTimeout", c.StopTimeout, 0, 120)
	if c.HealthCheck != nil {
		t.within(c, "healthCheck.interval", c.HealthCheck.Interval, 5, 300)
		t.within(c, "healthCheck.timeout", c.HealthCheck.Timeout, 2, 60)
		t.within(c, "healthCheck.retries", c.HealthCheck.Retries, 1, 10)
		t.within(c, "healthCheck.startPeriod", c.HealthCheck.StartPeriod, 0, 300)
	}
	for _, port := range c.PortMappings {
		if port.ContainerPort < 1 || port.ContainerPort > 65535 {
			t.refuse("Container %s: containerPort takes 1 to 65535, got %d.", c.Name, port.ContainerPort)
		}
		if t.text("networkMode") == "awsvpc" && port.HostPort != nil && *port.HostPort != 0 && *port.HostPort != port.ContainerPort {
			t.refuse("When networkMode=awsvpc, the host ports and container ports in port mappings must match (container %s: %d and %d).", c.Name, *port.HostPort, port.ContainerPort)
		}
	}
	t.logs(c)
	if t.fargate {
		t.onFargate(c)
	}
}

func (t *taskCheck) within(c container, property string, value *int, low, high int) {
	if value != nil && (*value < low || *value > high) {
		t.refuse("Container %s: %s takes %d to %d, got %d.", c.Name, property, low, high, *value)
	}
}

// onFargate refuses what reaches for the host.
func (t *taskCheck) onFargate(c container) {
	if c.Privileged {
		t.refuse("Fargate compatible task definitions do not support privileged (container %s).", c.Name)
	}
	l := c.LinuxParameters
	if l == nil {
		return
	}
	for property, given := range map[string]bool{"devices": len(l.Devices) > 0, "sharedMemorySize": l.SharedMemory > 0, "tmpfs": len(l.Tmpfs) > 0} {
		if given {
			t.refuse("Fargate compatible task definitions do not support %s (container %s).", property, c.Name)
		}
	}
	for _, capability := range l.Capabilities.Add {
		if capability != "SYS_PTRACE" {
			t.refuse("Fargate compatible task definitions support adding the capability SYS_PTRACE only, got %s (container %s).", capability, c.Name)
		}
	}
}

func (t *taskCheck) logs(c container) {
	if c.LogConfiguration == nil {
		return
	}
	drivers := []string{"awslogs", "fluentd", "gelf", "journald", "json-file", "splunk", "syslog", "awsfirelens"}
	if t.fargate {
		drivers = []string{"awslogs", "splunk", "awsfirelens"}
	}
	if !slices.Contains(drivers, c.LogConfiguration.LogDriver) {
		t.refuse("Container %s: log driver takes one of %v here, got %q.", c.Name, drivers, c.LogConfiguration.LogDriver)
	}
	if c.LogConfiguration.LogDriver != "awslogs" {
		return
	}
	needed := []string{"awslogs-group", "awslogs-region"}
	if t.fargate {
		needed = append(needed, "awslogs-stream-prefix")
	}
	for _, option := range needed {
		if c.LogConfiguration.Options[option] == "" {
			t.refuse("Log driver awslogs requires options: %s (container %s).", option, c.Name)
		}
	}
}

func (t *taskCheck) dependencies(c container) {
	for _, on := range c.DependsOn {
		at := slices.IndexFunc(t.containers, func(other container) bool { return other.Name == on.ContainerName && other.Name != c.Name })
		if at < 0 {
			t.refuse("Container '%s' depends on '%s', which is not another container of the task definition.", c.Name, on.ContainerName)
			continue
		}
		sibling := t.containers[at]
		switch on.Condition {
		case "START":
		case "HEALTHY":
			if sibling.HealthCheck == nil {
				t.refuse("Container '%s' waits for '%s' to be HEALTHY, which has no health check.", c.Name, sibling.Name)
			}
		case "COMPLETE", "SUCCESS":
			if sibling.essential() {
				t.refuse("Container '%s' waits for '%s' with the condition %s, which an essential container cannot meet.", c.Name, sibling.Name, on.Condition)
			}
		default:
			t.refuse("Container '%s': a dependency's condition takes START, COMPLETE, SUCCESS or HEALTHY, got %q.", c.Name, on.Condition)
		}
	}
}

// secretARN is a secret of Secrets Manager, perhaps with :json-key:version-stage:version-id.
var (
	secretARN    = regexp.MustCompile(`^arn:aws[a-z-]*:secretsmanager:([a-z0-9-]+):\d{12}:secret:[^:]+(:[^:]*:[^:]*:[^:]*)?$`)
	parameterARN = regexp.MustCompile(`^arn:aws[a-z-]*:ssm:([a-z0-9-]+):\d{12}:parameter/.+$`)
	parameter    = regexp.MustCompile(`^[A-Za-z0-9_.\-/]+$`)
)

func (t *taskCheck) environment(c container) {
	plain := map[string]bool{}
	for _, v := range c.Environment {
		plain[v.Name] = true
	}
	for _, s := range c.secrets() {
		if plain[s.Name] {
			t.refuse("The secret name must be unique and not shared with any new or existing environment variables set on the container, such as '%s' (container %s).", s.Name, c.Name)
		}
		plain[s.Name] = true
		secret, param := secretARN.FindStringSubmatch(s.ValueFrom), parameterARN.FindStringSubmatch(s.ValueFrom)
		switch {
		case secret != nil && secret[1] != t.region:
			t.refuse("Container %s: the secret %s is in %s, and the task in %s.", c.Name, s.ValueFrom, secret[1], t.region)
		case secret != nil, param != nil:
		case strings.HasPrefix(s.ValueFrom, "arn:") || !parameter.MatchString(s.ValueFrom):
			t.refuse("Container %s: valueFrom of '%s' takes the ARN of a secret, perhaps with :json-key:version-stage:version-id, or of a parameter, got %q.", c.Name, s.Name, s.ValueFrom)
		}
	}
}

// size refuses containers that ask for more than the task has.
func (t *taskCheck) size() {
	cpu, memory, known := t.taskSize()
	units, reserved := 0, 0
	for _, c := range t.containers {
		units += c.CPU
		reserved += max(c.Reservation, 0)
		if known && c.Memory > memory {
			t.refuse("Invalid setting for container '%s'. At least one of 'memory' or 'memoryReservation' must be at most the task's memory, %d MiB, got %d.", c.Name, memory, c.Memory)
		}
		if !t.has("memory") && c.Memory == 0 && c.Reservation == 0 {
			t.refuse("Invalid setting for container '%s'. At least one of 'memory' or 'memoryReservation' must be specified.", c.Name)
		}
	}
	if known && units > cpu {
		t.refuse("The 'cpu' of all containers, %d, cannot be greater than the task's, %d.", units, cpu)
	}
	if known && reserved > memory {
		t.refuse("The 'memoryReservation' of all containers, %d, cannot be greater than the task's memory, %d.", reserved, memory)
	}
}

// volumes refuses mounts without a volume, and volumes that no container mounts: those are forgotten mounts.
func (t *taskCheck) volumes() {
	volumes := map[string]bool{}
	for _, v := range t.objects("volumes") {
		if name := v["name"]; name.IsString() {
			volumes[name.StringValue()] = false
		}
		if given(v, "dockerVolumeConfiguration") && t.fargate {
			t.fail("volumes", "ClientException: Fargate compatible task definitions do not support dockerVolumeConfiguration")
		}
		if given(v, "hostPath") && t.fargate {
			t.fail("volumes", "ClientException: Fargate compatible task definitions do not support sourcePath (hostPath)")
		}
	}
	for _, c := range t.containers {
		for _, mount := range c.MountPoints {
			if _, known := volumes[mount.SourceVolume]; !known && !t.value("volumes").ContainsUnknowns() {
				t.refuse("Unknown volume '%s' (container %s).", mount.SourceVolume, c.Name)
			}
			volumes[mount.SourceVolume] = true
		}
	}
	for _, name := range sortedKeys(volumes) {
		if !volumes[name] {
			t.fail("volumes", "ClientException: the volume '%s' is mounted by no container", name)
		}
	}
}
