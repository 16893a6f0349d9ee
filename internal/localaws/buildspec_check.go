package localaws

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// buildspec is what CodeBuild reads of a build specification (AWS CodeBuild User Guide, "Build specification reference").
type buildspec struct {
	Version *string `yaml:"version"`
	Env     struct {
		Shell             string            `yaml:"shell"`
		Variables         map[string]string `yaml:"variables"`
		ParameterStore    map[string]string `yaml:"parameter-store"`
		SecretsManager    map[string]string `yaml:"secrets-manager"`
		ExportedVariables []string          `yaml:"exported-variables"`
	} `yaml:"env"`
	Phases    map[string]buildPhase `yaml:"phases"`
	Artifacts *struct {
		Files     []string `yaml:"files"`
		Secondary map[string]struct {
			Files []string `yaml:"files"`
		} `yaml:"secondary-artifacts"`
	} `yaml:"artifacts"`
}

type buildPhase struct {
	RunAs           string            `yaml:"run-as"`
	OnFailure       string            `yaml:"on-failure"`
	RuntimeVersions map[string]string `yaml:"runtime-versions"`
	Commands        []string          `yaml:"commands"`
	Finally         []string          `yaml:"finally"`
}

var (
	buildPhases    = []string{"install", "pre_build", "build", "post_build"}
	buildShells    = []string{"", "bash", "/bin/sh", "powershell.exe", "pwsh", "powershell"}
	phaseOnFailure = regexp.MustCompile(`^(ABORT|CONTINUE|RETRY(-.*)?)?$`)
	variableName   = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// checkBuildspec checks a specification that is not in a file of the source. CodeBuild reads it only when a build begins; one with which no
// build can begin is refused here.
func checkBuildspec(c *checking, property string) {
	text := c.text(property)
	if text == "" || isBuildspecFile(text) {
		return
	}
	fail := func(format string, args ...any) {
		c.fail(property, "YAML_FILE_ERROR: %s (InvalidInputException)", fmt.Sprintf(format, args...))
	}
	var spec buildspec
	if err := yaml.Unmarshal([]byte(text), &spec); err != nil {
		fail("%v", err)
		return
	}
	for _, problem := range spec.problems() {
		fail("%s", problem)
	}
}

// isBuildspecFile tells the path of a file in the source, or the ARN of an object.
func isBuildspecFile(text string) bool {
	return !strings.Contains(text, "\n") && (strings.HasSuffix(text, ".yml") || strings.HasSuffix(text, ".yaml") || serviceOf(text) == "s3")
}

func (s *buildspec) problems() (problems []string) {
	add := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	switch {
	case s.Version == nil:
		add("the buildspec has no version, it takes 0.2")
	case *s.Version != "0.2" && *s.Version != "0.1":
		add("there is no buildspec version %q, it takes 0.2", *s.Version)
	}
	if len(s.Phases) == 0 {
		add("the buildspec has no phases")
	}
	for _, name := range sortedKeys(s.Phases) {
		phase := s.Phases[name]
		switch {
		case !slices.Contains(buildPhases, name):
			add("there is no phase %q; there are: %s", name, strings.Join(buildPhases, ", "))
		case len(phase.Commands) == 0 && len(phase.RuntimeVersions) == 0:
			add("the phase %s has no commands", name)
		case !phaseOnFailure.MatchString(phase.OnFailure):
			add("on-failure of the phase %s takes ABORT, CONTINUE or RETRY, got %q", name, phase.OnFailure)
		}
	}
	if !slices.Contains(buildShells, s.Env.Shell) {
		add("there is no shell %q", s.Env.Shell)
	}
	for _, name := range slices.Concat(sortedKeys(s.Env.Variables), sortedKeys(s.Env.ParameterStore), sortedKeys(s.Env.SecretsManager), s.Env.ExportedVariables) {
		if !variableName.MatchString(name) {
			add("%q is no name of an environment variable", name)
		}
	}
	if s.Artifacts != nil && len(s.Artifacts.Files) == 0 && len(s.Artifacts.Secondary) == 0 {
		add("artifacts have no files")
	}
	return problems
}
