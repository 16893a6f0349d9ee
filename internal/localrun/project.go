package localrun

import (
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"slipway/internal/stackfile"
)

// project is a Pulumi project as far as a local run needs it.
type project struct {
	dir       string // where Pulumi.yaml is
	name      string
	configDir string // where the stacks' configuration files are
	program   string // the executable that runtime.options.binary names; "" for a program that is built
}

// FindProject looks for Pulumi.yaml in dir and upwards and returns the directory that has it.
func FindProject(dir string) (string, error) {
	start, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "Pulumi.yaml")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no Pulumi.yaml in %s or above it; run this in a Slipway project, or name one with -C DIRECTORY", start)
		}
	}
}

// ConfiguredStacks are the stacks of the project in dir that have a configuration file, and the paths of these.
func ConfiguredStacks(dir string) (map[string]string, error) {
	project, err := loadProject(dir)
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for _, stack := range project.configuredStacks() {
		files[stack] = project.configFile(stack)
	}
	return files, nil
}

// ConfigFile is the configuration file of a stack of the project in dir, whether it is there or not.
func ConfigFile(dir, stack string) (string, error) {
	project, err := loadProject(dir)
	if err != nil {
		return "", err
	}
	return project.configFile(stack), nil
}

// ConfigValues are the plain values of a stack's configuration, by key.
func ConfigValues(dir, stack string) (*yaml.Node, error) {
	path, err := ConfigFile(dir, stack)
	if err != nil {
		return nil, err
	}
	file, err := stackfile.Read(path)
	if err != nil {
		return nil, err
	}
	return stackfile.Values(path, file)
}

// IsDeployed tells whether the embedded AWS of the project in dir has the stack.
func IsDeployed(dir, stack string) (bool, error) {
	project, err := loadProject(dir)
	return err == nil && project.stackExists(filepath.Join(dir, ".local"), stack), err
}

// ProjectName is the name of the project in dir.
func ProjectName(dir string) (string, error) {
	project, err := loadProject(dir)
	return project.name, err
}

// EnvironmentFile is the configuration file of a test environment that is on this machine alone. dir is a Session's Dir.
// When it is there, local runs use it in the place of a file in the project.
func EnvironmentFile(dir, stack string) string {
	return filepath.Join(dir, "environments", "Pulumi."+stack+".yaml")
}

// OverridesFile has the values of a stack that count instead of those of its configuration file in local runs. dir is a
// Session's Overrides.
func OverridesFile(dir, stack string) string {
	return filepath.Join(dir, "Pulumi."+stack+".yaml")
}

func loadProject(dir string) (project, error) {
	path := filepath.Join(dir, "Pulumi.yaml")
	data, err := os.ReadFile(path)
	if err != nil {
		return project{}, err
	}
	var file struct {
		Name           string    `yaml:"name"`
		Runtime        yaml.Node `yaml:"runtime"`
		StackConfigDir string    `yaml:"stackConfigDir"`
	}
	if err := yaml.Unmarshal(data, &file); err != nil {
		return project{}, fmt.Errorf("%s: %w", path, err)
	}
	runtime, program := file.Runtime.Value, ""
	if file.Runtime.Kind == yaml.MappingNode {
		var options struct {
			Name    string `yaml:"name"`
			Options struct {
				Binary string `yaml:"binary"`
			} `yaml:"options"`
		}
		if err := file.Runtime.Decode(&options); err != nil {
			return project{}, fmt.Errorf("%s: runtime: %w", path, err)
		}
		runtime, program = options.Name, options.Options.Binary
		if program != "" && !filepath.IsAbs(program) {
			program = filepath.Join(dir, program)
		}
	}
	var problems []error
	if file.Name == "" {
		problems = append(problems, fmt.Errorf("%s: name is empty; it takes the project's name", path))
	}
	if runtime != "go" {
		problems = append(problems, fmt.Errorf("%s: runtime is %q; local runs take \"go\"", path, runtime))
	}
	return project{dir: dir, name: file.Name, configDir: filepath.Join(dir, file.StackConfigDir), program: program}, errors.Join(problems...)
}

// configFile is the configuration file of a stack, whether it is there or not.
func (p project) configFile(stack string) string {
	return filepath.Join(p.configDir, "Pulumi."+stack+".yaml")
}

// configuredStacks are the stacks that have a configuration file.
func (p project) configuredStacks() []string {
	files, _ := filepath.Glob(p.configFile("*")) // the pattern is well-formed
	var stacks []string
	for _, file := range files {
		stacks = append(stacks, strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "Pulumi."), ".yaml"))
	}
	slices.Sort(stacks)
	return stacks
}

// stackExists tells whether the file backend in dir has the stack, by the file that it keeps it in: asking the CLI
// would take longer than a preview.
func (p project) stackExists(dir, stack string) bool {
	files, _ := filepath.Glob(filepath.Join(stateDir(dir), ".pulumi", "stacks", p.name, stack+".json*"))
	return slices.ContainsFunc(files, func(file string) bool {
		// The others are the backup and the file's attributes.
		return slices.Contains([]string{".json", ".json.gz", ".json.zst"}, strings.TrimPrefix(filepath.Base(file), stack))
	})
}

// selectedStack is the stack that `pulumi stack select` chose for this project in dir; "" when none is.
func (p project) selectedStack(dir string) string {
	data, err := os.ReadFile(p.workspaceFile(dir))
	if err != nil {
		return ""
	}
	var settings struct {
		Stack string `json:"stack"`
	}
	if err := json.Unmarshal(data, &settings); err != nil {
		return ""
	}
	return stackName(settings.Stack)
}

// workspaceFile is the file in which Pulumi remembers the selected stack. The hash is in its name only: it protects
// nothing.
func (p project) workspaceFile(dir string) string {
	key := sha1.Sum([]byte(filepath.Join(p.dir, "Pulumi.yaml")))
	return filepath.Join(pulumiHome(dir), "workspaces", p.name+"-"+hex.EncodeToString(key[:])+"-workspace.json")
}
