package cost

import (
	"errors"
	"fmt"
	"strings"

	"slipway/internal/state"
)

const (
	ecsService     = "aws:ecs/service:Service"
	taskDefinition = "aws:ecs/taskDefinition:TaskDefinition"
)

// tasks are those of an idle service, by capacity provider, and their public addresses.
func tasks(in *state.State, r *state.Resource) ([]item, error) {
	hour, err := taskHour(in, r)
	if err != nil {
		return nil, err
	}
	running := idleTasks(in, r)
	shares, err := shares(r, running)
	if err != nil {
		return nil, err
	}
	items := []item{{"Tasks", []factor{count(shares["FARGATE"], "task", "tasks"), hour, allMonth}}}
	if spot, ok := shares["FARGATE_SPOT"]; ok {
		reduced := factor{fargateSpot, fmt.Sprintf("%s %% (Spot)", number(fargateSpot*100))}
		onSpot := item{"Tasks", []factor{count(spot, "task", "tasks"), hour, reduced, allMonth}}
		if _, both := shares["FARGATE"]; both {
			items = append(items, onSpot)
		} else {
			items = []item{onSpot}
		}
	}
	if r.At("networkConfiguration", "assignPublicIp").Bool() {
		items = append(items, item{"Addresses of tasks", []factor{count(running, "address", "addresses"), dollars(publicIPv4Hour), allMonth}})
	}
	return items, nil
}

// idleTasks is the number of tasks while nothing is to do: the minimum of auto scaling, or the fixed number.
func idleTasks(in *state.State, r *state.Resource) float64 {
	cluster := r.At("cluster").String()
	service := "service/" + cluster[strings.LastIndex(cluster, "/")+1:] + "/" + r.At("name").String()
	for _, target := range in.Where("aws:appautoscaling/target:Target", "resourceId", service) {
		return target.At("minCapacity").Number()
	}
	return r.At("desiredCount").Number()
}

// taskHour is what one task costs an hour on demand.
func taskHour(in *state.State, r *state.Resource) (factor, error) {
	definitions := in.Where(taskDefinition, "arn", r.At("taskDefinition").String())
	if len(definitions) == 0 {
		return factor{}, fmt.Errorf("its task definition %s is not in this state", r.At("taskDefinition"))
	}
	task := definitions[0]
	if task.At("ephemeralStorage", "sizeInGib").Number() > 20 {
		return factor{}, errors.New("ephemeral storage above the 20 GiB that are free")
	}
	cpu, memory := fargateX86Cpu, fargateX86Memory
	if task.At("runtimePlatform", "cpuArchitecture").String() == "ARM64" {
		cpu, memory = fargateARMCpu, fargateARMMemory
	}
	vCPU, gb := task.At("cpu").Number()/1024, task.At("memory").Number()/1024
	return factor{vCPU*cpu + gb*memory, fmt.Sprintf("(%s vCPU x $%s + %s GB x $%s)", number(vCPU), number(cpu), number(gb), number(memory))}, nil
}

// shares splits tasks among the capacity providers as ECS does: the base first, the rest by weight. The result is an
// average where the weights do not divide it.
func shares(r *state.Resource, tasks float64) (map[string]float64, error) {
	strategies := r.At("capacityProviderStrategies").List()
	if len(strategies) == 0 {
		if launch := r.At("launchType").String(); launch != "FARGATE" {
			return nil, fmt.Errorf("tasks of the launch type %q", launch)
		}
		return map[string]float64{"FARGATE": tasks}, nil
	}
	split := map[string]float64{}
	rest, weights := tasks, 0.0
	for _, s := range strategies {
		provider := s.At("capacityProvider").String()
		if provider != "FARGATE" && provider != "FARGATE_SPOT" {
			return nil, fmt.Errorf("tasks of the capacity provider %s", provider)
		}
		split[provider] = min(rest, s.At("base").Number())
		rest -= split[provider]
		weights += s.At("weight").Number()
	}
	for _, s := range strategies {
		if weights > 0 {
			split[s.At("capacityProvider").String()] += rest * s.At("weight").Number() / weights
		}
	}
	return split, nil
}
