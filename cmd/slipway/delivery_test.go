package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"net/http/httptest"

	"github.com/google/go-containerregistry/pkg/name"
	imageregistry "github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/gobuild"
	"slipway/internal/localaws"
)

// The scripts in delivery/ run this test's executable as bin/slipway, so that nothing is built for them.
const actAs = "SLIPWAY_TEST_ACT_AS"

func TestMain(m *testing.M) {
	switch os.Getenv(actAs) {
	case "slipway":
		os.Exit(actSlipway(os.Args[1:]))
	case "pulumi":
		os.Exit(actPulumi(os.Args[1:]))
	case "aws":
		os.Exit(actAWS(os.Args[1:]))
	case "docker":
		os.Exit(actDocker(os.Args[1:]))
	case "docker push":
		os.Exit(actDockerPush(os.Args[1]))
	default:
		code := m.Run()
		os.RemoveAll(firstDelivery.dir) // if it was needed
		os.Exit(code)
	}
}

func pushAnything(tag string) error {
	reference, err := name.NewTag(tag)
	if err != nil {
		return err
	}
	image, err := random.Image(64, 1)
	if err != nil {
		return err
	}
	return remote.Write(reference, image)
}

// workshop is a copy of the project, with commands of its own before all others on PATH.
type workshop struct {
	t         *testing.T
	dir       string
	path      string
	variables []string
}

func newWorkshop(t *testing.T) *workshop {
	t.Helper()
	w := &workshop{t: t, dir: t.TempDir(), path: t.TempDir()}
	for _, pattern := range []string{"delivery/*", "Pulumi.yaml", "Pulumi.staging.yaml", "tools/go.mod"} {
		files, err := filepath.Glob(filepath.Join("../..", pattern))
		require.NoError(t, err)
		for _, file := range files {
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			relative, err := filepath.Rel("../..", file)
			require.NoError(t, err)
			w.write(relative, string(data), 0o755)
		}
	}
	self, err := os.Executable()
	require.NoError(t, err)
	w.write("bin/slipway", fmt.Sprintf("#!/bin/sh\n%s=slipway exec %s \"$@\"\n", actAs, self), 0o755)
	return w
}

func (w *workshop) write(name, text string, mode os.FileMode) {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	require.NoError(w.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(w.t, os.WriteFile(path, []byte(text), mode))
}

func (w *workshop) read(name string) string {
	w.t.Helper()
	data, err := os.ReadFile(filepath.Join(w.dir, name))
	require.NoError(w.t, err)
	return string(data)
}

// fake puts a command on PATH that notes its arguments in calls, and then runs a line of shell.
func (w *workshop) fake(name, line string) {
	w.t.Helper()
	script := fmt.Sprintf("#!/bin/sh\necho \"%s $*\" >> %s/calls\n%s\n", name, w.dir, line)
	require.NoError(w.t, os.WriteFile(filepath.Join(w.path, name), []byte(script), 0o755))
}

// run runs a script as CodeBuild does, and returns its exit code and all that it printed.
func (w *workshop) run(script string, args ...string) (int, string) {
	w.t.Helper()
	cmd := exec.CommandContext(w.t.Context(), filepath.Join(w.dir, "delivery", script), args...)
	cmd.Dir = w.t.TempDir() // from anywhere
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "CODEBUILD_") && !strings.HasPrefix(variable, "IMAGE") {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	cmd.Env = append(append(cmd.Env, "PATH="+w.path+":"+os.Getenv("PATH")), w.variables...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		require.IsType(w.t, &exec.ExitError{}, err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

func (w *workshop) must(script string, args ...string) string {
	w.t.Helper()
	code, out := w.run(script, args...)
	require.Zero(w.t, code, out)
	return out
}

func TestScriptsExplainThemselves(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	for script, wrong := range map[string][]string{
		"install": {"a", "b"}, "build": {"a"}, "self-update": {"a"}, "deploy": nil, "smoke": nil, "plan": {"none"}, "apply": {"../x"},
	} {
		code, out := w.run(script, "--help")
		assert.Zero(t, code, out)
		assert.Contains(t, out, "delivery/"+script)
		assert.Contains(t, out, "Exit codes: 0")
		code, out = w.run(script, wrong...)
		assert.Equal(t, 2, code, out)
		assert.Contains(t, out, "Exit codes: 0", "and the usage")
	}
}

// TestPlanAndApply plans with one role and applies with another, on the embedded AWS.
func TestPlanAndApply(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	program, err := gobuild.Program(t.Context(), root, filepath.Join(root, ".local", "bin", "program"), os.Stderr)
	require.NoError(t, err)
	require.NoError(t, os.Symlink(program, filepath.Join(w.dir, "bin", "program")))
	require.NoError(t, os.Remove(filepath.Join(w.dir, "tools", "go.mod")))
	require.NoError(t, os.Remove(filepath.Join(w.dir, "tools")))
	require.NoError(t, os.Symlink(filepath.Join(root, "tools"), filepath.Join(w.dir, "tools")))
	// The one that a script runs is the embedded AWS's; that one looks for the real one behind it.
	w.fake("pulumi", fmt.Sprintf(`PATH=${PATH#%s:} exec %s/bin/slipway local pulumi "$@"`, w.path, w.dir))

	const role = "STACK_ROLE_ARN=arn:aws:iam::123456789012:role/"
	image := "IMAGE=registry.example.com/app@sha256:" + strings.Repeat("a", 64)
	deploying, planning := []string{image, role + "deploy"}, []string{image, role + "plan", "COMMIT_ID=0123456789", "CODEBUILD_BUILD_URL=https://build/log"}
	w.variables = deploying
	w.must("deploy", "staging")

	w.variables = planning
	w.must("plan", "staging")
	assert.Contains(t, w.read("plan-staging/plan.env"), "export CHANGES=0\n", "the role is none")

	maximum := regexp.MustCompile(`slipway:webMaxCount: .*`)
	w.write("Pulumi.staging.yaml", maximum.ReplaceAllString(w.read("Pulumi.staging.yaml"), "slipway:webMaxCount: 3"), 0o644)
	w.must("plan", "staging")
	assert.Equal(t, "export CHANGES=1\nexport SUMMARY=staging:\\ 1\\ updated\\,\\ 100\\ unchanged\nexport SUMMARY_URL=https://build/log\n", w.read("plan-staging/plan.env"))
	assert.Contains(t, w.read("plan-staging/summary.md"), "maxCapacity: 2 -> 3")

	// Somebody deletes an alarm while the plan waits for its approval.
	account, err := localaws.Open(filepath.Join(w.dir, ".local", "aws"))
	require.NoError(t, err)
	alarms := func() (found []localaws.Object) {
		objects, err := account.List()
		require.NoError(t, err)
		for _, o := range objects {
			if o.Type == "aws:cloudwatch/metricAlarm:MetricAlarm" && strings.Contains(o.URN, "::queue-age") {
				found = append(found, o)
			}
		}
		return found
	}
	require.NoError(t, account.Remove(alarms()[0].ID))
	w.variables = deploying
	before := w.read(".local/aws/account.jsonl")
	code, out := w.run("apply", "staging")
	assert.Equal(t, 1, code)
	for _, words := range []string{"the plan does not fit any more", "MetricAlarm queue-age", "now:     create", "Nothing was changed", "Make a new plan"} {
		assert.Contains(t, out, words)
	}
	assert.Equal(t, before, w.read(".local/aws/account.jsonl"), "nothing was changed")

	// The next plan makes it again, and is applied.
	w.variables = planning
	w.must("plan", "staging", "elsewhere")
	w.variables = append(deploying, "CODEBUILD_SRC_DIR_Plan=elsewhere")
	w.must("apply", "staging")
	assert.Len(t, alarms(), 1)
}

func TestBuild(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	server := httptest.NewServer(imageregistry.New())
	t.Cleanup(server.Close)
	repository := strings.TrimPrefix(server.URL, "http://") + "/app"
	self, err := os.Executable()
	require.NoError(t, err)
	w.fake("go", "")
	w.fake("docker", fmt.Sprintf(`case $1 in
push) %s="docker push" exec %s "$2" ;;
version) echo 20.10.24 ;;
buildx) exit 1 ;;
login) cat >> %s/passwords ;;
esac`, actAs, self, w.dir))
	w.fake("aws", `echo '{"username": "someone", "password": "hush"}'`)
	w.write("source/app/Dockerfile", "FROM scratch AS prod\n", 0o644)
	w.write("source/app/test", "#!/bin/sh\ntouch tested\n", 0o755)
	w.write("source/app/.dockerignore", "tested\ntest\n", 0o644)

	w.variables = []string{"IMAGE_REPOSITORY=" + repository, "COMMIT_ID=c1", "CODEBUILD_BUILD_ID=build:1", "CODEBUILD_SRC_DIR_Application=source",
		"IMAGE_CONTEXT=app", "IMAGE_BUILD_ARGS=A=1,2\nB=3", "DOCKER_HUB_SECRET_ARN=arn:secret"}
	w.must("build")
	type release struct{ Commit, Build, Image, Tag string }
	read := func() (r release) {
		require.NoError(t, json.Unmarshal([]byte(w.read("release.json")), &r))
		return r
	}
	first := read()
	assert.Regexp(t, "^"+repository+"@sha256:[0-9a-f]{64}$", first.Image)
	assert.Equal(t, release{"c1", "build:1", first.Image, "c1.1"}, first)
	assert.Equal(t, "export IMAGE="+first.Image+"\n", w.read("release.env"))
	calls := w.read("calls")
	assert.Contains(t, calls, "docker build --platform linux/arm64 --target prod --file source/app/Dockerfile --tag "+repository+":c1.1 --build-arg A=1,2 --build-arg B=3 --build-arg BUILDKIT_INLINE_CACHE=1 source/app")
	assert.Contains(t, calls, "docker login --username someone --password-stdin")
	assert.NotContains(t, calls, "hush", "the password is no argument")
	assert.Equal(t, "hush", w.read("passwords"))
	w.read("source/app/tested")

	// The same source again, as after a restart or a revert: the same image, and one more tag.
	w.write("calls", "", 0o644)
	w.variables[1], w.variables[2] = "COMMIT_ID=c2", "CODEBUILD_BUILD_ID=build:2"
	w.must("build")
	assert.Equal(t, release{"c2", "build:2", first.Image, "c2.2"}, read())
	assert.NotContains(t, w.read("calls"), "docker build ")

	// Another source is built, with the layers of the one before.
	w.write("source/app/new", "", 0o644)
	w.variables[2] = "CODEBUILD_BUILD_ID=build:3"
	w.must("build")
	assert.NotEqual(t, first.Image, read().Image)
	assert.Regexp(t, `docker build .* --cache-from `+repository+`:[0-9a-f]{16} .*\n(docker (buildx version|version .*)\n)*docker build .* --quiet source/app\ndocker push `, w.read("calls"), "and once more out of the daemon's own cache")

	// A failing test ends it before anything is built.
	w.write("source/app/test", "#!/bin/sh\nexit 3\n", 0o755)
	w.write("calls", "", 0o644)
	code, out := w.run("build")
	assert.Equal(t, 3, code, out)
	assert.Equal(t, "docker info\n", w.read("calls"))

	w.variables = nil
	code, out = w.run("build")
	assert.Equal(t, 1, code)
	assert.Contains(t, out, "set IMAGE_REPOSITORY COMMIT_ID first")
}

// TestBuildStartsDocker is in an image that is not CodeBuild's own.
func TestBuildStartsDocker(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	w.write("docker/app/Dockerfile", "FROM scratch AS prod\n", 0o644)
	w.write("docker/app/test", "#!/bin/sh\ndocker info\nexit 3\n", 0o755)
	w.variables = []string{"IMAGE_REPOSITORY=127.0.0.1:1/app", "COMMIT_ID=c1", "CODEBUILD_BUILD_ID=build:1"}
	w.fake("docker", "test -e "+w.dir+"/started")
	w.fake("dockerd", "touch "+w.dir+"/started")
	code, out := w.run("build")
	assert.Equal(t, 3, code, "the tests have a daemon too: %s", out)
	assert.Contains(t, out, "starting Docker's daemon")

	require.NoError(t, os.Remove(filepath.Join(w.dir, "started")))
	w.fake("dockerd", "echo mount: permission denied >&2; exit 1")
	code, out = w.run("build")
	assert.Equal(t, 1, code, out)
	assert.Contains(t, out, "mount: permission denied\ndelivery: Docker's daemon did not start")
	assert.Contains(t, out, "the project needs privileged mode")

	// Nobody's own machine is touched.
	w.write("calls", "", 0o644)
	w.variables = w.variables[:2]
	code, _ = w.run("build")
	assert.Equal(t, 3, code)
	assert.Equal(t, "docker info\n", w.read("calls"), "by the test")
}

func TestSelfUpdate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		changes string // what the history says
		settled string // what a preview after it ends with
		code    int
		calls   []string // of aws
		says    string
	}{
		{name: "nothing changed", changes: `{"same": 9}`, settled: "true", says: "the pipeline is as its definition says"},
		{name: "changed", changes: `{"same": 8, "update": 1}`, settled: "true", says: "started new-1 with the same source", calls: []string{
			"aws codepipeline start-pipeline-execution --name shop --output text --query pipelineExecutionId --source-revisions actionName=Source,revisionType=COMMIT_ID,revisionValue=c1",
			"aws codepipeline stop-pipeline-execution --pipeline-name shop --pipeline-execution-id old-1 --reason The pipeline has updated itself; new-1 goes on with the same source",
		}},
		{name: "never done", changes: `{"update": 1}`, settled: "false", code: 1, says: "would change something again right after the update"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorkshop(t)
			w.write("Pulumi.pipeline.yaml", "", 0o644)
			w.fake("pulumi", fmt.Sprintf("case $1 in stack) echo '[{\"resourceChanges\": %s}]' ;; preview) %s ;; esac", test.changes, test.settled))
			w.fake("aws", "echo new-1")
			w.variables = []string{"PIPELINE_NAME=shop", "EXECUTION_ID=old-1", "COMMIT_ID=c1"}
			code, out := w.run("self-update")
			assert.Equal(t, test.code, code, out)
			assert.Contains(t, out, test.says)
			var calls []string
			for line := range strings.Lines(w.read("calls")) {
				if strings.HasPrefix(line, "aws ") {
					calls = append(calls, strings.TrimSuffix(line, "\n"))
				}
			}
			assert.Equal(t, test.calls, calls)
			assert.Contains(t, w.read("calls"), "pulumi up --stack pipeline --refresh --run-program --yes --skip-preview --non-interactive")
		})
	}
}

func TestInstall(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	version := strings.TrimSpace(w.bash(`sed -n 's|^.*github.com/pulumi/pulumi/pkg/v3 v\([0-9.]*\).*$|\1|p' tools/go.mod`))
	require.NotEmpty(t, version)
	w.write("pulumi/pulumi", "#!/bin/sh\necho v0\n", 0o755)
	w.bash("mkdir -p releases/v" + version)
	archive := fmt.Sprintf("releases/v%s/pulumi-v%[1]s-linux-%s.tar.gz", version, map[string]string{"x86_64": "x64", "aarch64": "arm64"}[strings.TrimSpace(w.bash("uname -m"))])
	w.bash("tar czf " + archive + " pulumi")
	sums := fmt.Sprintf("releases/v%s/pulumi-%[1]s-checksums.txt", version)
	w.write(sums, fmt.Sprintf("%x  %s\n", sha256.Sum256([]byte("another")), filepath.Base(archive)), 0o644)
	w.variables = []string{"PATH=/usr/bin:/bin", "PULUMI_RELEASES=file://" + w.dir + "/releases"}
	installed := filepath.Join(w.dir, "installed")

	code, out := w.run("install", installed)
	assert.Equal(t, 1, code, out)
	assert.Contains(t, out, "is not what its checksum says; nothing was installed")
	assert.NoDirExists(t, installed)

	w.write(sums, fmt.Sprintf("%x  %s\n", sha256.Sum256([]byte(w.read(archive))), filepath.Base(archive)), 0o644)
	assert.Contains(t, w.must("install", installed), "installed pulumi v0 in "+installed)
	assert.FileExists(t, filepath.Join(installed, "pulumi"))

	w.variables[0] = "PATH=" + installed + ":/usr/bin:/bin"
	assert.Contains(t, w.must("install", "/none"), "pulumi v0 is on PATH")
}

// bash runs a line in the workshop.
func (w *workshop) bash(line string) string {
	w.t.Helper()
	cmd := exec.Command("bash", "-c", line)
	cmd.Dir = w.dir
	out, err := cmd.CombinedOutput()
	require.NoError(w.t, err, string(out))
	return string(out)
}

// TestTheBuildImageCopiesWhatIsThere is about docker/codebuild, which is too large to be built in a test.
func TestTheBuildImageCopiesWhatIsThere(t *testing.T) {
	t.Parallel()
	dockerfile, err := os.ReadFile("../../docker/codebuild/Dockerfile")
	require.NoError(t, err)
	ignored, err := os.ReadFile("../../docker/codebuild/Dockerfile.dockerignore")
	require.NoError(t, err)
	var copied []string
	for _, line := range regexp.MustCompile(`(?m)^COPY ([^-].*) \S+$`).FindAllStringSubmatch(string(dockerfile), -1) {
		copied = append(copied, strings.Fields(line[1])...)
	}
	require.NotEmpty(t, copied)
	slices.Sort(copied)
	for _, file := range copied {
		assert.FileExists(t, "../../"+file)
	}
	assert.Equal(t, "*\n!"+strings.Join(copied, "\n!")+"\n", string(ignored), "nothing else is sent to the build")
}
