package controls

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"slipway/internal/state"
)

const (
	taskDefinition = "aws:ecs/taskDefinition:TaskDefinition"
	ecsService     = "aws:ecs/service:Service"
	ecsCluster     = "aws:ecs/cluster:Cluster"
)

var ecsControls = []control{
	{id: "ECS.1, ECS.17", title: "Tasks have a network interface of their own", of: []string{taskDefinition},
		check: oneOf([]string{"awsvpc"}, "networkMode")},
	{id: "ECS.2", title: "Tasks have no public address", of: []string{ecsService}, check: func(_ *state.State, r *state.Resource) []Finding {
		public := r.At("networkConfiguration", "assignPublicIp")
		return must(!public.Bool(), "networkConfiguration.assignPublicIp", public.String(), "false")
	}},
	{id: "ECS.3", title: "Tasks do not share the host's processes", of: []string{taskDefinition}, check: func(_ *state.State, r *state.Resource) []Finding {
		return must(r.At("pidMode").String() != "host", "pidMode", "host", "none")
	}},
	{id: "ECS.4", title: "No container is privileged", of: []string{taskDefinition}, check: eachContainer("privileged", func(c container) (string, bool) {
		return fmt.Sprint(c.Privileged), !c.Privileged
	}, "false")},
	{id: "ECS.5", title: "Root file systems are read-only", of: []string{taskDefinition}, check: eachContainer("readonlyRootFilesystem", func(c container) (string, bool) {
		return fmt.Sprint(c.ReadonlyRootFilesystem), c.ReadonlyRootFilesystem
	}, "true")},
	{id: "ECS.8", title: "No secret is among a container's variables", of: []string{taskDefinition}, check: eachContainer("environment", func(c container) (string, bool) {
		for _, variable := range c.Environment {
			if secretVariable(variable.Name, variable.Value) {
				return variable.Name, false
			}
		}
		return "", true
	}, "what is secret in secrets")},
	{id: "ECS.9", title: "Every container logs", of: []string{taskDefinition}, check: eachContainer("logConfiguration", func(c container) (string, bool) {
		return c.LogConfiguration.LogDriver, c.LogConfiguration.LogDriver != ""
	}, "a log driver")},
	{id: "ECS.10", title: "Services run on the latest platform", of: []string{ecsService}, check: oneOf([]string{"LATEST", "1.4.0"}, "platformVersion")},
	{id: "ECS.12", title: "Clusters have Container Insights", of: []string{ecsCluster}, check: func(_ *state.State, r *state.Resource) []Finding {
		got := ""
		for _, setting := range r.At("settings").List() {
			if setting.At("name").String() == "containerInsights" {
				got = setting.At("value").String()
			}
		}
		return must(got == "enabled" || got == "enhanced", "settings.containerInsights", got, "enabled or enhanced")
	}},
	{id: "ECS.20", title: "No container runs as root", of: []string{taskDefinition}, check: eachContainer("user", func(c container) (string, bool) {
		user, _, _ := strings.Cut(c.User, ":")
		return c.User, !slices.Contains([]string{"", "0", "root"}, user)
	}, "another user than root")},
}

// container is what is looked at in a container definition of the ECS API.
type container struct {
	Name                   string `json:"name"`
	Privileged             bool   `json:"privileged"`
	ReadonlyRootFilesystem bool   `json:"readonlyRootFilesystem"`
	User                   string `json:"user"`
	Environment            []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	} `json:"environment"`
	LogConfiguration struct {
		LogDriver string `json:"logDriver"`
	} `json:"logConfiguration"`
}

// eachContainer checks the containers of a task one by one. Definitions that are encrypted in the state have a secret in
// them, in plain text for whoever may describe the task.
func eachContainer(property string, check func(container) (got string, ok bool), takes string) func(*state.State, *state.Resource) []Finding {
	return func(_ *state.State, r *state.Resource) (findings []Finding) {
		definitions := r.At("containerDefinitions")
		if definitions.IsSecret() && (property == "environment" || !definitions.Readable()) {
			return must(false, "containerDefinitions", "a text with a secret in it", "one without; secrets belong in secrets")
		}
		var containers []container
		if err := json.Unmarshal([]byte(definitions.String()), &containers); err != nil || len(containers) == 0 {
			return must(false, "containerDefinitions", fmt.Sprintf("%.40q", definitions.String()), "a JSON list of containers")
		}
		for _, c := range containers {
			got, ok := check(c)
			findings = append(findings, must(ok, c.Name+"."+property, got, takes)...)
		}
		return findings
	}
}

var (
	secretName = regexp.MustCompile(`(?i)(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|CREDENTIALS?|ENGINE_AUTH_DATA)$|^AWS_ACCESS_KEY_ID$`)
	// secretText is a URL with a password in it, or one of AWS's access keys.
	secretText = regexp.MustCompile(`://[^/\s:@]*:[^/\s@]+@|\b(AKIA|ASIA)[A-Z0-9]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY-----`)
)

// secretVariable tells a variable that is a secret: by its name, which is AWS's rule with the usual names added, or by
// its text. An ARN is where a secret is.
func secretVariable(name, value string) bool {
	if strings.HasPrefix(value, "arn:") || value == "" {
		return false
	}
	return secretName.MatchString(name) || secretText.MatchString(value)
}
