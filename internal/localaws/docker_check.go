package localaws

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// imageTag is what a registry takes for a tag.
var imageTag = regexp.MustCompile(`^\w[\w.-]{0,127}$`)

// checkImage fails as the provider's Check does: for files that are not there, and names that are not complete. Paths are
// relative to the program's directory.
func checkImage(c *checking) {
	checkImageName(c)
	for _, at := range []string{"build.context", "build.dockerfile"} {
		if c.value(at).IsComputed() {
			return
		}
	}
	context, dockerfile := c.text("build.context"), c.text("build.dockerfile")
	if context == "" {
		context = "."
	}
	if dockerfile == "" {
		dockerfile = path.Join(context, "Dockerfile")
	}
	source, err := os.ReadFile(c.inProject(dockerfile))
	if err != nil {
		advice := ""
		if _, inside := os.Stat(c.inProject(filepath.Join(context, dockerfile))); inside == nil {
			advice = fmt.Sprintf(". Try setting `dockerfile` to %q", filepath.Join(context, dockerfile))
		}
		c.fail("build.dockerfile", "could not open dockerfile at relative path %q: %v%s", dockerfile, err, advice)
		return
	}
	digest, err := contextDigest(c.inProject(context), c.inProject(dockerfile))
	if err != nil {
		c.fail("build.context", "unable to hash build context: %v", err)
		return
	}
	checkTarget(c, string(source))
	withBuildDefaults(c, context, dockerfile, digest)
}

// inProject is a path of the program's, for this process.
func (c *checking) inProject(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(c.projectDir, path)
}

func checkImageName(c *checking) {
	name := c.text("imageName")
	if name == "" {
		return
	}
	repository, tag := splitTag(name)
	if !imageTag.MatchString(tag) || repository != strings.ToLower(repository) || strings.Contains(repository, "@") {
		c.fail("imageName", "invalid reference format: %q", name)
	}
	host, _, hasPath := strings.Cut(repository, "/")
	qualified := hasPath && (strings.ContainsAny(host, ".:") || host == "localhost")
	if !qualified && !c.isTrue("skipPush") && !c.has("registry.server") {
		c.fail("imageName", "%q: repository name must be canonical.\nThis resource requires all image names to be fully qualified.\nFor example, if you are attempting to push to Dockerhub, prefix your image name with `docker.io`:\n\n`docker.io/repository/image:tag`", name)
	}
}

var fromLine = regexp.MustCompile(`(?im)^[ \t]*FROM[ \t]+(?:--\S+[ \t]+)*\S+(?:[ \t]+AS[ \t]+(\S+))?[ \t]*\r?$`)

// checkTarget refuses a stage that the Dockerfile does not have, as the build would.
func checkTarget(c *checking, dockerfile string) {
	target := c.text("build.target")
	if target == "" {
		return
	}
	var stages []string
	for n, from := range fromLine.FindAllStringSubmatch(dockerfile, -1) {
		stages = append(stages, strings.ToLower(from[1]), strconv.Itoa(n))
	}
	if !slices.Contains(stages, strings.ToLower(target)) {
		c.fail("build.target", "target stage %q could not be found", target)
	}
}
