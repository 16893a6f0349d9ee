// Package oneoff runs a command once, in a task of its own that is like those of a service.
package oneoff

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"slipway/internal/invalid"
	"slipway/internal/limits"
	"slipway/internal/localrun"
	"slipway/internal/operate"
)

// Request is what is to run.
type Request struct {
	Command []string
	// Env are variables, NAME=VALUE, beside the definition's or in their place. Whoever may describe the task sees them.
	Env []string
	// CPU units and Memory in MiB of the task. Default: the definition's.
	CPU, Memory int
}

// startedBy is how the tasks are marked in ECS.
const startedBy = "slipway-run"

// input is the call of ECS: a task like the service's, but for what the request says. What is wrong with the request is a
// *localrun.UsageError.
func (r Request) input(service *operate.Running) (*ecs.RunTaskInput, error) {
	application, err := service.Application()
	if err != nil {
		return nil, err
	}
	wrong := invalid.In("slipway run")
	override := types.ContainerOverride{Name: &service.Container, Command: r.Command, Environment: r.environment(application, wrong)}
	overrides := &types.TaskOverride{}
	r.size(service.Definition, overrides, wrong)
	if err := wrong.Err(); err != nil {
		return nil, &localrun.UsageError{Err: err}
	}
	overrides.ContainerOverrides = []types.ContainerOverride{override}
	input := &ecs.RunTaskInput{
		Cluster:              &service.ClusterArn,
		TaskDefinition:       service.Definition.TaskDefinitionArn,
		Count:                aws.Int32(1),
		NetworkConfiguration: service.Is.NetworkConfiguration,
		PlatformVersion:      service.Is.PlatformVersion,
		Overrides:            overrides,
		StartedBy:            aws.String(startedBy),
		EnableECSManagedTags: true,
		EnableExecuteCommand: service.Is.EnableExecuteCommand,
		PropagateTags:        types.PropagateTagsTaskDefinition,
	}
	// ECS takes one of the two.
	if len(service.Is.CapacityProviderStrategy) > 0 {
		input.CapacityProviderStrategy = service.Is.CapacityProviderStrategy
	} else {
		input.LaunchType = service.Is.LaunchType
	}
	return input, nil
}

func (r Request) environment(application types.ContainerDefinition, wrong *invalid.Fields) (variables []types.KeyValuePair) {
	seen := map[string]bool{}
	for _, given := range r.Env {
		name, value, found := strings.Cut(given, "=")
		secret := slices.ContainsFunc(application.Secrets, func(s types.Secret) bool { return aws.ToString(s.Name) == name })
		switch {
		case !found: // the value may be a secret that somebody has pasted: it is not repeated
			wrong.Conflict("--env", "takes NAME=VALUE; one of them has no =")
		case limits.EnvironmentName(name) != nil:
			wrong.Check("--env", name, limits.EnvironmentName(name))
		case secret:
			wrong.Conflict("--env "+name, "the task gets this variable from a secret, and what a command is given here can be read by whoever may describe tasks; change the secret instead")
		case seen[name]:
			wrong.Conflict("--env "+name, "is there twice; remove one")
		}
		seen[name] = true
		variables = append(variables, types.KeyValuePair{Name: &name, Value: &value})
	}
	return variables
}

// size is that of the definition, with what the request has of its own.
func (r Request) size(definition *types.TaskDefinition, overrides *types.TaskOverride, wrong *invalid.Fields) {
	if r.CPU == 0 && r.Memory == 0 {
		return
	}
	cpu, err := number(definition.Cpu, r.CPU)
	memory, memoryErr := number(definition.Memory, r.Memory)
	if err := errors.Join(err, memoryErr); err != nil {
		wrong.Conflict("--cpu, --memory", err.Error())
		return
	}
	if err := limits.FargateCPU(cpu); err != nil {
		wrong.Check("--cpu", cpu, err)
		return
	}
	if r.Memory == 0 { // what the definition has, or more where Fargate pairs the CPU with more
		for _, size := range limits.FargateMemory(cpu) {
			if size >= memory {
				memory = size
				break
			}
		}
	}
	wrong.Check("--memory", memory, limits.FargateSize(cpu, memory))
	overrides.Cpu, overrides.Memory = aws.String(strconv.Itoa(cpu)), aws.String(strconv.Itoa(memory))
}

// number is the one that was given, or else the definition's.
func number(defined *string, given int) (int, error) {
	if given != 0 {
		return given, nil
	}
	n, err := strconv.Atoi(aws.ToString(defined))
	if err != nil {
		return 0, fmt.Errorf("the task definition says %q; give both", aws.ToString(defined))
	}
	return n, nil
}
