package localserve

import (
	"encoding/json"
	"fmt"
	"time"

	"slipway/internal/localaws"
)

// taskDefinition is a task definition as far as it can be run here.
type taskDefinition struct {
	family             string
	arnWithoutRevision string
	memory             int // MiB
	containers         []containerDefinition
}

// containerDefinition is what ECS calls so, in its names.
type containerDefinition struct {
	Name         string
	Image        string
	Essential    *bool
	EntryPoint   []string
	Command      []string
	User         string
	PortMappings []struct{ ContainerPort int }
	Environment  []struct{ Name, Value string }
	Secrets      []secretReference
	MountPoints  []struct {
		SourceVolume, ContainerPath string
		ReadOnly                    bool
	}
	DependsOn []struct {
		ContainerName string
		Condition     string
	}
	HealthCheck            *containerCheck
	ReadonlyRootFilesystem bool
	StopTimeout            *int
	WorkingDirectory       string
}

// secretReference is a variable that ECS fills in when a container starts.
type secretReference struct{ Name, ValueFrom string }

// containerCheck is a command that says whether a container is healthy. Times are in seconds.
type containerCheck struct {
	Command     []string
	Interval    *int
	Timeout     *int
	Retries     *int
	StartPeriod *int
}

func newTaskDefinition(o localaws.Object) (taskDefinition, error) {
	d := taskDefinition{
		family:             text(o, "family"),
		arnWithoutRevision: text(o, "arnWithoutRevision"),
		memory:             integer(o.Properties["memory"]),
	}
	if err := json.Unmarshal([]byte(text(o, "containerDefinitions")), &d.containers); err != nil {
		return d, fmt.Errorf("the containers of the task definition %s: %w", d.family, err)
	}
	return d, nil
}

// isEssential tells whether its end is the task's; ECS's default.
func (c containerDefinition) isEssential() bool { return c.Essential == nil || *c.Essential }

// stopTimeout is the time between SIGTERM and SIGKILL; Fargate's default is 30 s.
func (c containerDefinition) stopTimeout() time.Duration { return seconds(c.StopTimeout, 30) }

func seconds(given *int, byDefault int) time.Duration {
	if given != nil {
		byDefault = *given
	}
	return time.Duration(byDefault) * time.Second
}
