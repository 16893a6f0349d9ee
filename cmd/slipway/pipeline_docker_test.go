package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// dockerVariables are what .ci/with-docker sets.
var dockerVariables = []string{"SLIPWAY_TEST_DOCKER", "SLIPWAY_TEST_DOCKER_HOST", "SLIPWAY_TEST_DOCKER_REGISTRY", "SLIPWAY_TEST_DOCKER_BASE", "SLIPWAY_TEST_DOCKER_OWN"}

// realDocker is a Docker daemon and what .ci/with-docker has put beside it.
type realDocker struct {
	cli, host string
	registry  string // host:port
	base      string // an image to build on
	own       bool   // nobody else's layers are in it, and it has no network of its own
}

// findDocker is the daemon that .ci/with-docker provides; without that there is none, and builds have a stand-in for docker.
func findDocker(t *testing.T) (docker realDocker, found bool) {
	t.Helper()
	docker = readDocker()
	if docker.cli == "impossible" {
		return realDocker{}, false
	}
	if docker.cli == "" && os.Getenv("CI") != "" {
		require.Fail(t, "continuous integration builds images", "run .ci/run, or .ci/with-docker go test ./cmd/slipway")
	}
	return docker, docker.cli != ""
}

func readDocker() realDocker {
	var values []any
	for _, name := range dockerVariables {
		values = append(values, os.Getenv(name))
	}
	return realDocker{values[0].(string), values[1].(string), values[2].(string), values[3].(string), values[4] != ""}
}

func (d realDocker) command(args ...string) *exec.Cmd {
	return exec.Command(d.cli, append([]string{"--host", d.host}, args...)...)
}

// run returns what docker prints to its standard output.
func (d realDocker) run(t *testing.T, args ...string) string {
	t.Helper()
	out, err := d.command(args...).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		require.NoError(t, err, "docker %q: %s", args, exit.Stderr)
	}
	require.NoError(t, err)
	return strings.TrimSpace(string(out))
}

// dockerPath is where images are in the registry: another place for each run of the tests, as it outlives them.
func (d realDocker) dockerPath() string {
	return fmt.Sprintf("%s/run-%d", d.registry, os.Getpid())
}

// settings are the configuration with which the sample is built on the base image, for this machine.
func (d realDocker) settings() (pipeline, all string) {
	architecture := map[string]string{"amd64": "X86_64", "arm64": "ARM64"}[runtime.GOARCH]
	return fmt.Sprintf("  slipway:imageBuildArgs: {BASE_IMAGE: %q, PYTHON_PACKAGES: debian}\n", d.base), "  slipway:architecture: " + architecture + "\n"
}

// ecrPassword is what ECR gives to whoever may log in.
const ecrPassword = "password"

// actDocker is docker in a build: the real one, with the test's registry as ECR, and with the rights of the build's role.
func actDocker(args []string) int {
	docker := readDocker()
	if args[0] == "push" {
		repository, _, _ := strings.Cut(filepath.Base(args[1]), ":")
		if code := actAWS([]string{"docker", "push", repository}); code != 0 {
			return code
		}
	}
	if args[0] == "login" {
		// The registry takes anybody. To one who has logged in, Docker would upload the base image's layer once more.
		password, err := io.ReadAll(os.Stdin)
		if err != nil || strings.TrimSpace(string(password)) != ecrPassword {
			fmt.Fprintf(os.Stderr, "docker %q: unauthorized %v\n", args, err)
			return 1
		}
		return 0
	}
	for i := range args {
		args[i] = ecr.ReplaceAllString(args[i], os.Getenv(atRegistry))
	}
	if args[0] == "build" && docker.own {
		args = append([]string{"build", "--network", "host"}, args[1:]...)
	}
	cmd := docker.command(args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Run(); cmd.ProcessState == nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return cmd.ProcessState.ExitCode()
}

// forget leaves the daemon as a build of CodeBuild has it: new. Another's daemon is left alone.
func (d realDocker) forget(t *testing.T) {
	t.Helper()
	if !d.own {
		return
	}
	images := strings.Fields(d.run(t, "image", "ls", "--quiet", "--filter", "reference="+d.dockerPath()+"/*"))
	if len(images) > 0 {
		d.run(t, append([]string{"image", "rm", "--force"}, images...)...)
	}
	d.run(t, "builder", "prune", "--all", "--force")
}

var installs = regexp.MustCompile(`(?m)^#(\d+) .*RUN apt-get `)

// tookFromCache tells whether the last build in a log did not run the step that installs packages.
func tookFromCache(log string) bool {
	found := installs.FindAllStringSubmatchIndex(log, -1)
	if found == nil {
		return false
	}
	last := found[len(found)-1]
	return strings.Contains(log[last[0]:], "\n#"+log[last[2]:last[3]]+" CACHED\n")
}

// answers runs the web entry point as ECS does, from what the registry has under this digest, until its health check answers.
func (d realDocker) answers(t *testing.T, image string) {
	t.Helper()
	const ask = `
import subprocess, sys, time, urllib.request
web = subprocess.Popen(["/app/entrypoint", "web"])
for attempt in range(300):
    try:
        print(urllib.request.urlopen("http://127.0.0.1:8000/status/", timeout=10).status, open("/app/project/version.txt").read())
        break
    except OSError:
        time.sleep(0.1)
web.terminate()
`
	image = ecr.ReplaceAllString(image, d.dockerPath())
	d.run(t, "pull", "--quiet", image)
	out := d.run(t, "run", "--rm", "--network", "none", "--read-only", "--tmpfs", "/tmp", "--env", "DJANGO_SECRET_KEY=only-for-tests-only-for-tests-only-for-tests",
		"--env", "DJANGO_ALLOWED_HOSTS=localhost", "--env", "DATABASE_HOST=nowhere", "--env", "DATABASE_NAME=todo", "--env", "DATABASE_USER=todo", "--env", "DATABASE_PASSWORD=todo",
		image, "python3", "-c", ask)
	assert.Contains(t, out, "200 second")
	assert.Contains(t, d.run(t, "image", "inspect", "--format", "{{.RepoDigests}}", image), image)
}
