package components

import "gopkg.in/yaml.v3"

// buildspec says what a CodeBuild project runs. There is no logic in it: that is in the scripts, where it can be read, checked and run by hand.
type buildspec struct {
	// exports are variables that later actions get. CodeBuild takes them from the shell that the commands run in; a script leaves
	// them in the file exportsFile.
	exports     []string
	exportsFile string
	artifact    string // the folder that becomes the output artifact; empty for none
}

// write makes the text of it. A command that fails is the last.
func (b buildspec) write(commands ...string) (string, error) {
	commands = append([]string{"delivery/install"}, commands...)
	type env struct {
		Shell    string   `yaml:"shell"`
		Exported []string `yaml:"exported-variables,omitempty"`
	}
	type artifacts struct {
		BaseDirectory string   `yaml:"base-directory"`
		Files         []string `yaml:"files"`
	}
	document := struct {
		Version   string                         `yaml:"version"`
		Env       env                            `yaml:"env"`
		Phases    map[string]map[string][]string `yaml:"phases"`
		Artifacts *artifacts                     `yaml:"artifacts,omitempty"`
	}{Version: "0.2", Env: env{Shell: "bash", Exported: b.exports}}
	if len(b.exports) > 0 {
		commands = append(commands, ". ./"+b.exportsFile)
	}
	document.Phases = map[string]map[string][]string{"build": {"commands": commands}}
	if b.artifact != "" {
		document.Artifacts = &artifacts{BaseDirectory: b.artifact, Files: []string{"**/*"}}
	}
	text, err := yaml.Marshal(document)
	return string(text), err
}
