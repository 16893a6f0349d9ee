package buildcontext

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// Mistakes are what is wrong with where an image is built from; each completes the sentence "takes ...".
type Mistakes struct{ Context, Dockerfile, Target error }

// Check looks for the folder, the Dockerfile and the stage to build (empty for the last one). What cannot be looked for
// because something before it is missing is no mistake of its own.
func Check(context, dockerfile, target string) (m Mistakes) {
	if info, err := os.Stat(context); err != nil || !info.IsDir() {
		m.Context = errors.New("a folder that exists, relative to the program's, or give prebuilt")
		return m
	}
	source, err := os.ReadFile(dockerfile)
	if err != nil {
		m.Dockerfile = errors.New("a file that exists, relative to the program's folder (not to context)")
		return m
	}
	if names, count := stages(string(source)); target != "" && !hasStage(names, count, target) {
		m.Target = fmt.Errorf("a stage of %s: %s; or nothing, for the last one", dockerfile, strings.Join(names, ", "))
	}
	return m
}

// from is the instruction that begins a stage; its name is optional. Docker compares names without case.
var from = regexp.MustCompile(`(?im)^[ \t]*FROM[ \t]+(?:--\S+[ \t]+)*\S+(?:[ \t]+AS[ \t]+(\S+))?[ \t]*\r?$`)

// stages lists the names of a Dockerfile's stages, and how many there are, with and without a name.
func stages(source string) (names []string, count int) {
	for _, match := range from.FindAllStringSubmatch(source, -1) {
		count++
		if match[1] != "" {
			names = append(names, match[1])
		}
	}
	return names, count
}

// hasStage finds a stage by its name or by its number, from 0.
func hasStage(names []string, count int, target string) bool {
	if number, err := strconv.Atoi(target); err == nil {
		return number >= 0 && number < count
	}
	for _, name := range names {
		if strings.EqualFold(name, target) {
			return true
		}
	}
	return false
}
