package limits

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// fargateMemory is what each number of CPU units goes with, in MiB: from, to and step (Amazon ECS Developer Guide, "Task
// size"). 256 units are a table of their own there, with the same steps doubled.
var fargateMemory = []struct {
	cpu, from, to, step int
}{
	{512, 1024, 4096, 1024},
	{1024, 2048, 8192, 1024},
	{2048, 4096, 16384, 1024},
	{4096, 8192, 30720, 1024},
	{8192, 16384, 61440, 4096},
	{16384, 32768, 122880, 8192},
}

// FargateMemory returns the sizes of memory, in MiB and ascending, that a Fargate task with these CPU units takes; none
// if Fargate has no such CPU.
func FargateMemory(cpu int) (sizes []int) {
	if cpu == 256 {
		return []int{512, 1024, 2048}
	}
	for _, row := range fargateMemory {
		if row.cpu != cpu {
			continue
		}
		for memory := row.from; memory <= row.to; memory += row.step {
			sizes = append(sizes, memory)
		}
	}
	return sizes
}

// FargateCPU checks the CPU units of a Fargate task; 1024 units are one vCPU.
func FargateCPU(cpu int) error {
	if len(FargateMemory(cpu)) > 0 {
		return nil
	}
	return errors.New("CPU units of Fargate: 256, 512, 1024, 2048, 4096, 8192 or 16384 (1024 are one vCPU)")
}

// FargateSize checks that Fargate has a task of this CPU (units) and memory (MiB). A wrong CPU is FargateCPU's to say.
func FargateSize(cpu, memory int) error {
	sizes := FargateMemory(cpu)
	if len(sizes) == 0 || slices.Contains(sizes, memory) {
		return nil
	}
	if len(sizes) <= 4 {
		return fmt.Errorf("MiB that Fargate pairs with %d CPU units: %s", cpu, strings.Trim(fmt.Sprint(sizes), "[]"))
	}
	return fmt.Errorf("MiB that Fargate pairs with %d CPU units: %d to %d in steps of %d", cpu, sizes[0], sizes[len(sizes)-1], sizes[1]-sizes[0])
}

// CPUArchitecture checks the processor of a Fargate task on Linux.
func CPUArchitecture(architecture string) error {
	if architecture == "ARM64" || architecture == "X86_64" {
		return nil
	}
	return errors.New(`"ARM64" (cheaper) or "X86_64"`)
}

// StopTimeout checks the seconds between SIGTERM and SIGKILL; Fargate allows 120 at most.
func StopTimeout(seconds int) error { return between(seconds, 1, 120, "seconds") }

// GracePeriod checks the seconds for which a service ignores failing health checks of a new task.
func GracePeriod(seconds int) error { return between(seconds, 0, 2147483647, "seconds") }

// ContainerPort checks a port that a container listens on.
func ContainerPort(port int) error { return between(port, 1, 65535, "a port") }

var environmentName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// EnvironmentName checks the name of an environment variable. ECS takes more than a shell can read; this is what both do.
func EnvironmentName(name string) error {
	if environmentName.MatchString(name) {
		return nil
	}
	return errors.New("names of letters, digits and underscores that do not begin with a digit, such as DATABASE_HOST")
}

// MaxTasks is how many tasks a service can have (Amazon ECS service quotas).
const MaxTasks = 5000

// TaskCount checks a number of tasks.
func TaskCount(count int) error { return between(count, 0, MaxTasks, "a number of tasks") }

// WorkLatency checks the seconds within which a message is to be done: SQS hides a message for 12 hours at most.
func WorkLatency(seconds int) error { return between(seconds, 1, 43200, "seconds") }

// WorkSeconds checks how long the work on one message takes on average.
func WorkSeconds(seconds float64) error {
	if seconds >= 0.001 && seconds <= 43200 {
		return nil
	}
	return errors.New("seconds from 0.001 to 43200")
}

// LatencyLimit checks the seconds within which a service is to answer: no answer can take longer than the longest idle timeout
// of a load balancer.
func LatencyLimit(seconds float64) error {
	if seconds >= 0 && seconds <= 4000 {
		return nil
	}
	return errors.New("seconds to 4000, or 0 for none")
}

// Percent checks a share or a use in percent.
func Percent(value, least int) error { return between(value, least, 100, "percent") }

// DeploymentTimeout checks for how many minutes a deployment may take. The circuit breaker needs three failed tasks to act.
func DeploymentTimeout(minutes int) error { return between(minutes, 5, 180, "minutes") }

func between(value, least, most int, unit string) error {
	if least <= value && value <= most {
		return nil
	}
	return fmt.Errorf("%s from %d to %d", unit, least, most)
}

var taskUser = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$`)

// TaskUser checks a user, and perhaps a group, by name or by number (ContainerDefinition, user).
func TaskUser(user string) error {
	if taskUser.MatchString(user) {
		return nil
	}
	return errors.New("a user and perhaps a group, each by name or by number, such as 10001:10001")
}

// ContainerUser checks a user that containers run as: by number, because the container runtime cannot tell who is behind
// a name, and not root.
func ContainerUser(user string) error {
	uid, gid, hasGroup := strings.Cut(user, ":")
	number, err := strconv.ParseUint(uid, 10, 32)
	if hasGroup && err == nil {
		_, err = strconv.ParseUint(gid, 10, 32)
	}
	if err != nil || number == 0 {
		return errors.New("the number of a user that is not root, and of a group, such as 10001:10001")
	}
	return nil
}
