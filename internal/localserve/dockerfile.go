package localserve

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
)

// imageConfig is what a Dockerfile says of how its image runs.
type imageConfig struct {
	workDir     string
	entryPoint  []string
	command     []string
	environment map[string]string
}

var stageBegin = regexp.MustCompile(`(?i)^FROM\s+(?:--\S+\s+)*\S+(?:\s+AS\s+(\S+))?$`)

// readDockerfile reads WORKDIR, ENTRYPOINT, CMD and ENV up to the end of the stage that is built; "" for the last one. It does not
// follow stages: what stands in one that the image is not made from counts as well.
func readDockerfile(path, target string) (imageConfig, error) {
	source, err := os.ReadFile(path)
	if err != nil {
		return imageConfig{}, err
	}
	config := imageConfig{workDir: "/", environment: map[string]string{}}
	stage := ""
	for _, instruction := range instructions(string(source)) {
		if begin := stageBegin.FindStringSubmatch(instruction); begin != nil {
			if target != "" && strings.EqualFold(stage, target) {
				break
			}
			stage = begin[1]
			continue
		}
		name, rest, _ := strings.Cut(instruction, " ")
		rest = strings.TrimSpace(rest)
		switch strings.ToUpper(name) {
		case "WORKDIR":
			config.workDir = rest
		case "ENTRYPOINT":
			config.entryPoint, config.command = words(rest), nil
		case "CMD":
			config.command = words(rest)
		case "ENV":
			if err := config.setEnvironment(rest); err != nil {
				return config, fmt.Errorf("%s: %w", path, err)
			}
		}
	}
	return config, nil
}

// instructions are a Dockerfile's, each on one line, without comments.
func instructions(source string) (list []string) {
	line := ""
	for part := range strings.Lines(source) {
		part = strings.TrimSpace(part)
		if part == "" || strings.HasPrefix(part, "#") {
			continue
		}
		if before, ok := strings.CutSuffix(part, `\`); ok {
			line += before + " "
			continue
		}
		list = append(list, line+part)
		line = ""
	}
	return list
}

// words are those of the exec form, or a shell with the text.
func words(text string) []string {
	var list []string
	if json.Unmarshal([]byte(text), &list) == nil {
		return list
	}
	return []string{"/bin/sh", "-c", text}
}

var assignment = regexp.MustCompile(`([A-Za-z_][A-Za-z0-9_]*)=("[^"]*"|\S*)`)

// setEnvironment takes NAME=VALUE NAME="VALUE" and, as Docker of old, NAME VALUE. Where programs are is this machine's affair.
func (c *imageConfig) setEnvironment(text string) error {
	pairs := assignment.FindAllStringSubmatch(text, -1)
	if first, rest, _ := strings.Cut(text, " "); !strings.Contains(first, "=") {
		pairs = [][]string{{"", first, rest}}
	}
	if len(pairs) == 0 {
		return fmt.Errorf("ENV %s: takes NAME=VALUE", text)
	}
	for _, pair := range pairs {
		if pair[1] != "PATH" {
			c.environment[pair[1]] = strings.Trim(pair[2], `"`)
		}
	}
	return nil
}
