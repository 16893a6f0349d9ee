package components

import (
	"encoding/json"
	"fmt"
	"strings"

	"slipway/internal/limits"
)

// The names of the containers in a task. The service's load balancer, schedules and people's log queries refer to them.
const (
	webContainer     = "web"
	workerContainer  = "worker"
	releaseContainer = "release"
	scratchVolume    = "tmp"
)

// containerSettings is all that the containers of a task are made of.
type containerSettings struct {
	name           string // of the application's container
	image          string
	command        []string
	releaseCommand []string
	user           string
	port           int // 0 for a container that listens on none
	stopTimeout    int
	environment    map[string]string
	secrets        map[string]string // valueFrom by variable
	readonly       bool
	init           bool // an init process reaps what a shell of ECS Exec leaves behind
	logGroup       string
	region         string
}

// containerDefinition is ContainerDefinition of the ECS API, as far as it is used here.
type containerDefinition struct {
	Name                   string                `json:"name"`
	Image                  string                `json:"image"`
	Essential              bool                  `json:"essential"`
	Command                []string              `json:"command,omitempty"`
	User                   string                `json:"user,omitempty"`
	PortMappings           []portMapping         `json:"portMappings,omitempty"`
	Environment            []nameValue           `json:"environment,omitempty"`
	Secrets                []nameValueFrom       `json:"secrets,omitempty"`
	MountPoints            []mountPoint          `json:"mountPoints,omitempty"`
	DependsOn              []containerDependency `json:"dependsOn,omitempty"`
	ReadonlyRootFilesystem bool                  `json:"readonlyRootFilesystem"`
	StopTimeout            int                   `json:"stopTimeout"`
	LinuxParameters        *linuxParameters      `json:"linuxParameters,omitempty"`
	LogConfiguration       containerLogConfig    `json:"logConfiguration"`
}

type portMapping struct {
	ContainerPort int    `json:"containerPort"`
	HostPort      int    `json:"hostPort"`
	Protocol      string `json:"protocol"`
}

type nameValue struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type nameValueFrom struct {
	Name      string `json:"name"`
	ValueFrom string `json:"valueFrom"`
}

type mountPoint struct {
	SourceVolume  string `json:"sourceVolume"`
	ContainerPath string `json:"containerPath"`
	ReadOnly      bool   `json:"readOnly"`
}

type containerDependency struct {
	ContainerName string `json:"containerName"`
	Condition     string `json:"condition"`
}

type linuxParameters struct {
	InitProcessEnabled bool `json:"initProcessEnabled"`
}

type containerLogConfig struct {
	LogDriver string            `json:"logDriver"`
	Options   map[string]string `json:"options"`
}

// containerDefinitions is the JSON of a task's containers, the same for the same settings: lists are in the order of names.
func containerDefinitions(settings containerSettings) (string, error) {
	if err := limits.ImageByDigest(settings.image); err != nil {
		return "", fmt.Errorf("image: got %q, takes %w", settings.image, err)
	}
	application := settings.container(settings.name, settings.command)
	application.Essential = true
	if settings.port != 0 {
		application.PortMappings = []portMapping{{settings.port, settings.port, "tcp"}}
	}
	containers := []containerDefinition{application}
	if len(settings.releaseCommand) > 0 {
		// A container that is waited for to succeed must not be essential: it ends.
		containers[0].DependsOn = []containerDependency{{releaseContainer, "SUCCESS"}}
		containers = append(containers, settings.container(releaseContainer, settings.releaseCommand))
	}
	document, err := json.Marshal(containers)
	return string(document), err
}

// container is what the application's and the release container have in common.
func (s containerSettings) container(name string, command []string) containerDefinition {
	c := containerDefinition{
		Name:                   name,
		Image:                  s.image,
		Command:                command,
		User:                   s.user,
		ReadonlyRootFilesystem: s.readonly,
		StopTimeout:            s.stopTimeout,
		LogConfiguration: containerLogConfig{LogDriver: "awslogs", Options: map[string]string{
			"awslogs-group":         s.logGroup,
			"awslogs-region":        s.region,
			"awslogs-stream-prefix": name,
			// Logs that cannot be delivered must not stop the application.
			"mode":            "non-blocking",
			"max-buffer-size": "25m",
		}},
	}
	for _, name := range sortedKeys(s.environment) {
		c.Environment = append(c.Environment, nameValue{name, s.environment[name]})
	}
	for _, name := range sortedKeys(s.secrets) {
		c.Secrets = append(c.Secrets, nameValueFrom{name, s.secrets[name]})
	}
	if s.readonly {
		c.MountPoints = []mountPoint{{SourceVolume: scratchVolume, ContainerPath: "/tmp"}}
	}
	if s.init {
		c.LinuxParameters = &linuxParameters{InitProcessEnabled: true}
	}
	return c
}

// secretValueFrom is how a container definition refers to a secret: a parameter by its ARN, a secret by
// <arn>:<key>:<stage>:<version>, where what is left out stays empty.
func secretValueFrom(secretArn, jsonKey, versionId string) (string, error) {
	whole := jsonKey == "" && versionId == ""
	for _, part := range []struct{ field, text string }{{"jsonKey", jsonKey}, {"versionId", versionId}} {
		if strings.Contains(part.text, ":") {
			return "", fmt.Errorf("secrets, %s: got %q, takes a text without colons, which separate what ECS is told of a secret", part.field, part.text)
		}
	}
	switch service := secretService(secretArn); {
	case whole && (service == "secretsmanager" || service == "ssm"):
		return secretArn, nil
	case service == "secretsmanager":
		return fmt.Sprintf("%s:%s::%s", secretArn, jsonKey, versionId), nil
	case service == "ssm":
		return "", fmt.Errorf("secrets: the parameter %q got jsonKey %q and versionId %q, which only secrets of Secrets Manager have", secretArn, jsonKey, versionId)
	}
	return "", notASecret(secretArn)
}
