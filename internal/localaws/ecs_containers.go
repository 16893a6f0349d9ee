package localaws

import (
	"encoding/json"
	"strings"
)

// container is ContainerDefinition of the ECS API, as far as ECS refuses anything about it.
type container struct {
	Name         string `json:"name"`
	Image        string `json:"image"`
	Essential    *bool  `json:"essential"`
	CPU          int    `json:"cpu"`
	Memory       int    `json:"memory"`
	Reservation  int    `json:"memoryReservation"`
	Privileged   bool   `json:"privileged"`
	StopTimeout  *int   `json:"stopTimeout"`
	StartTimeout *int   `json:"startTimeout"`
	PortMappings []struct {
		ContainerPort int    `json:"containerPort"`
		HostPort      *int   `json:"hostPort"`
		Protocol      string `json:"protocol"`
		Name          string `json:"name"`
	} `json:"portMappings"`
	Environment []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	} `json:"environment"`
	Secrets     []secretValue `json:"secrets"`
	MountPoints []struct {
		SourceVolume  string `json:"sourceVolume"`
		ContainerPath string `json:"containerPath"`
	} `json:"mountPoints"`
	DependsOn []struct {
		ContainerName string `json:"containerName"`
		Condition     string `json:"condition"`
	} `json:"dependsOn"`
	HealthCheck *struct {
		Command     []string `json:"command"`
		Interval    *int     `json:"interval"`
		Timeout     *int     `json:"timeout"`
		Retries     *int     `json:"retries"`
		StartPeriod *int     `json:"startPeriod"`
	} `json:"healthCheck"`
	LogConfiguration *struct {
		LogDriver     string            `json:"logDriver"`
		Options       map[string]string `json:"options"`
		SecretOptions []secretValue     `json:"secretOptions"`
	} `json:"logConfiguration"`
	LinuxParameters *struct {
		Devices      []any `json:"devices"`
		Tmpfs        []any `json:"tmpfs"`
		SharedMemory int   `json:"sharedMemorySize"`
		Capabilities struct {
			Add []string `json:"add"`
		} `json:"capabilities"`
	} `json:"linuxParameters"`
}

// secretValue is a value that ECS fetches: a secret of Secrets Manager or a parameter of Systems Manager.
type secretValue struct {
	Name      string `json:"name"`
	ValueFrom string `json:"valueFrom"`
}

// containersOf parses the JSON of a task definition's containers.
func containersOf(document string) (containers []container, err error) {
	return containers, json.Unmarshal([]byte(document), &containers)
}

// essential tells whether the task ends with the container; it does unless said otherwise.
func (c container) essential() bool { return c.Essential == nil || *c.Essential }

// secrets are all that ECS must fetch before the container starts.
func (c container) secrets() []secretValue {
	all := append([]secretValue{}, c.Secrets...)
	if c.LogConfiguration != nil {
		all = append(all, c.LogConfiguration.SecretOptions...)
	}
	return all
}

// fetches tells what ECS does for the container, which takes an execution role; "" if nothing.
func (c container) fetches() string {
	switch {
	case strings.Contains(c.Image, ".dkr.ecr."):
		return "an image in Amazon ECR"
	case c.LogConfiguration != nil && c.LogConfiguration.LogDriver == "awslogs":
		return "the awslogs log driver"
	case len(c.secrets()) > 0:
		return "secrets"
	}
	return ""
}
