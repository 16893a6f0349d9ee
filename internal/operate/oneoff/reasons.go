package oneoff

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"slipway/internal/operate"
)

// A reason is what ECS's words mean, by texts that are in them, the first one that fits.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
var reasons = []struct {
	all   []string // every one of them is in the text, in lower case
	means string
}{
	{[]string{"capacity is unavailable"}, "AWS has no room for it on Fargate in these zones now; try again in some minutes, or with another size (--cpu, --memory)"},
	{[]string{"resource:fargate"}, "AWS has no room for it on Fargate in these zones now; try again in some minutes, or with another size (--cpu, --memory)"},
	{[]string{"you've reached the limit"}, "the account may not run more on Fargate; wait for other tasks, or ask AWS for a higher quota (Service Quotas, AWS Fargate)"},
	{[]string{"resource:eni"}, "there is no network interface left for it; wait for other tasks to end"},
	{[]string{"did not contain json key"}, "a secret lacks the key that the task takes from it"},
	{[]string{"unable to pull secrets", "registry auth from ecr"}, "ECS could not sign in to ECR for its image; the route from the subnets to ECR is missing, or the execution role's permission"},
	{[]string{"unable to pull secrets"}, "a secret of it could not be read; the secret is gone, the execution role may not read it, or there is no route to Secrets Manager"},
	{[]string{"cannotpull", "not found"}, "its image is not in the repository any more; `slipway release list` shows those that are"},
	{[]string{"cannotpull", "manifest unknown"}, "its image is not in the repository any more; `slipway release list` shows those that are"},
	{[]string{"cannotpull"}, "its image could not be pulled"},
	{[]string{"failed to validate logger args"}, "ECS could not open its log; the log group is gone, or there is no route to CloudWatch Logs"},
	{[]string{"network interface provisioning"}, "AWS could not give it a network interface in time; try again"},
	{[]string{"executable file not found"}, "the image has no such command"},
	{[]string{"no such file or directory", "exec"}, "the image has no such command"},
	{[]string{"permission denied", "exec"}, "the container's user may not execute that command"},
	{[]string{"outofmemory"}, "it took more memory than it has; give it more with --memory"},
	{[]string{"spot task was interrupted"}, "AWS took the Spot capacity back that it ran on; run it again"},
}

// inWords is what a text of ECS's means, with the text. Of a text that is not known it is the text alone.
func inWords(said string) string {
	said = strings.TrimSuffix(strings.Join(strings.Fields(said), " "), ".")
	lower := strings.ToLower(said)
next:
	for _, reason := range reasons {
		for _, part := range reason.all {
			if !strings.Contains(lower, part) {
				continue next
			}
		}
		return fmt.Sprintf("%s (ECS says: %s)", reason.means, said)
	}
	return said
}

// notPlaced is about a task that ECS did not take.
func notPlaced(failures []types.Failure) string {
	if len(failures) == 0 {
		return "ECS started no task and did not say why; try again"
	}
	said := aws.ToString(failures[0].Reason)
	if detail := aws.ToString(failures[0].Detail); detail != "" {
		said += ": " + detail
	}
	return inWords(said)
}

// neverRan is why the application's container of a stopped task has no exit code.
func neverRan(task types.Task, application string) string {
	for _, container := range task.Containers {
		name := aws.ToString(container.Name)
		if name != application && container.ExitCode != nil && *container.ExitCode != 0 {
			return fmt.Sprintf("the container %s, which runs before it in every task, failed with exit code %d; its log is above", name, *container.ExitCode)
		}
	}
	for _, container := range task.Containers {
		if aws.ToString(container.Name) == application && aws.ToString(container.Reason) != "" {
			return inWords(*container.Reason)
		}
	}
	if said := aws.ToString(task.StoppedReason); said != "" {
		return inWords(said)
	}
	return fmt.Sprintf("ECS did not say why (stop code %q)", task.StopCode)
}

// cutShort is why a command ended before its end, although its container has an exit code; "" when it came to its end.
func cutShort(task types.Task, application string) string {
	switch task.StopCode {
	case types.TaskStopCodeSpotInterruption, types.TaskStopCodeTerminationNotice, types.TaskStopCodeUserInitiated:
		return inWords(aws.ToString(task.StoppedReason))
	}
	for _, container := range task.Containers {
		if aws.ToString(container.Name) == application && aws.ToString(container.Reason) != "" {
			return inWords(*container.Reason)
		}
	}
	return ""
}

// find is a container of a task, and whether there is one of that name.
func find(task types.Task, name string) (types.Container, bool) {
	for _, container := range task.Containers {
		if aws.ToString(container.Name) == name {
			return container, true
		}
	}
	return types.Container{}, false
}

// image is what a task runs, in short.
func image(container types.ContainerDefinition) string {
	return operate.Digest(aws.ToString(container.Image))
}
