package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	imageregistry "github.com/google/go-containerregistry/pkg/registry"
	"github.com/stretchr/testify/require"

	"slipway/internal/gobuild"
	"slipway/internal/localaws"
	"slipway/internal/localrun"
	"slipway/internal/pipelinerun"
)

// delivering is a pipeline with all that it reaches: the repository of the source, a registry, an embedded AWS, and a web address.
type delivering struct {
	t       *testing.T
	dir     string
	runner  *pipelinerun.Runner
	commits map[string]string // folder by id
	newest  string
	log     bytes.Buffer

	mu        sync.Mutex
	webStatus int
	sent      int // messages that no worker has taken
	told      []pipelinerun.Approval
	answer    pipelinerun.Answer
}

// ecrPlayed is the registry that plays ECR.
var ecrPlayed = sync.OnceValue(func() string {
	if docker := readDocker(); docker.cli != "" {
		return docker.dockerPath()
	}
	return strings.TrimPrefix(httptest.NewServer(imageregistry.New()).URL, "http://")
})

// hurrying is the environment in which pulumi writes the state once, at the end: nothing is killed here.
var hurrying = []string{"PULUMI_SKIP_CHECKPOINTS=true", "GOGC=400"}

// executables are built once: the program, and Pulumi's CLI.
var executables = sync.OnceValues(func() (found struct{ program, cli string }, err error) {
	root, err := filepath.Abs("../..")
	if err != nil {
		return found, err
	}
	if found.program, err = gobuild.Program(context.Background(), root, filepath.Join(root, ".local", "bin", "program"), os.Stderr); err != nil {
		return found, err
	}
	found.cli, err = (&localrun.Session{WorkDir: root}).FindCLI(context.Background())
	return found, err
})

// firstDelivery is where the pipeline was deployed by hand, and has delivered once.
var firstDelivery struct {
	sync.Once
	dir, commit string
}

// newDelivering is a pipeline that has delivered its first commit to staging and prod.
func newDelivering(t *testing.T) *delivering {
	t.Helper()
	firstDelivery.Do(func() {
		dir, err := os.MkdirTemp("", "slipway-pipeline-") // it outlives this test
		require.NoError(t, err)
		firstDelivery.dir = dir
		d := startDelivering(t, dir)
		d.useDocker()
		d.commit(sourceOfTheProject(t))
		d.byHand("up", "-s", "pipeline", "--yes", "--skip-preview")
		d.open()
		e := d.release(pipelinerun.Approved)
		require.Equal(t, pipelinerun.Succeeded, e.Status, "%v\n%s", e.Err, d.log.String())
		firstDelivery.commit = d.newest
	})
	require.NotEmpty(t, firstDelivery.commit, "the first delivery has succeeded")
	d := startDelivering(t, t.TempDir())
	d.commits[firstDelivery.commit], d.newest = filepath.Join(firstDelivery.dir, "commits", firstDelivery.commit), firstDelivery.commit
	require.NoError(t, os.CopyFS(filepath.Join(d.dir, "local"), os.DirFS(filepath.Join(firstDelivery.dir, "local"))))
	d.open()
	return d
}

func startDelivering(t *testing.T, dir string) *delivering {
	t.Helper()
	d := &delivering{t: t, dir: dir, commits: map[string]string{}, webStatus: http.StatusOK}
	built, err := executables()
	require.NoError(t, err)
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	for _, folder := range []string{"path", "home", "commits", "builds", "local"} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, folder), 0o755))
	}
	self, err := os.Executable()
	require.NoError(t, err)
	for name, script := range map[string]string{
		"pulumi": fmt.Sprintf("%s=pulumi exec %s \"$@\"", actAs, self),
		"aws":    fmt.Sprintf("%s=aws exec %s \"$@\"", actAs, self),
		"docker": fmt.Sprintf("# Stands in for docker.\ncase $1 in\npush) %s='docker push' exec %s \"$2\" ;;\nversion) echo 20.10.24 ;;\nbuildx) exit 1 ;;\nlogin) cat > /dev/null ;;\nesac", actAs, self),
		"go": fmt.Sprintf("mkdir -p bin\ncase $* in\n*cmd/slipway) to=bin/slipway line='%s=slipway exec %s \"$@\"' ;;\n*) to=bin/program line='exec %s \"$@\"' ;;\nesac\n"+
			"printf '#!/bin/sh\\n%%s\\n' \"$line\" > $to && chmod +x $to", actAs, self, built.program),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "path", name), []byte("#!/bin/sh\n"+script+"\n"), 0o755))
	}
	d.runner = &pipelinerun.Runner{
		Dir: filepath.Join(dir, "builds"), Log: &d.log, Checkout: d.checkout,
		Approve: func(asked pipelinerun.Approval) pipelinerun.Answer {
			if !slices.Contains(d.told, asked) {
				d.told = append(d.told, asked)
			}
			return d.answer
		},
		Environ: append([]string{
			"PATH=" + filepath.Join(dir, "path") + ":/usr/local/bin:/usr/bin:/bin", "HOME=" + filepath.Join(dir, "home"), "LANG=C.UTF-8",
			inLocal + "=" + filepath.Join(dir, "local"), withCLI + "=" + built.cli, atRegistry + "=" + ecrPlayed(),
			atAWS + "=" + server.URL, "HTTP_PROXY=" + server.URL, "http_proxy=" + server.URL, "NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1",
		}, hurrying...),
	}
	return d
}

// useDocker has builds use the real docker, where .ci/with-docker provides it.
func (d *delivering) useDocker() (docker realDocker, found bool) {
	d.t.Helper()
	docker, found = findDocker(d.t)
	if !found {
		d.t.Log("docker is a stand-in here; .ci/with-docker go test ./cmd/slipway has the real one")
		return docker, false
	}
	self, err := os.Executable()
	require.NoError(d.t, err)
	script := fmt.Sprintf("#!/bin/sh\n%s=docker exec %s \"$@\"\n", actAs, self)
	require.NoError(d.t, os.WriteFile(filepath.Join(d.dir, "path", "docker"), []byte(script), 0o755))
	for _, name := range dockerVariables {
		d.runner.Environ = append(d.runner.Environ, name+"="+os.Getenv(name))
	}
	return docker, true
}

// sourceOfTheProject are the files that a repository has for the pipeline.
func sourceOfTheProject(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir("../../docker/app", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Name() == ".venv" || entry.Name() == "__pycache__" || entry.Name() == ".pytest_cache" {
			return errors.Join(err, fs.SkipDir)
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		data, err := os.ReadFile(file)
		files[strings.TrimPrefix(filepath.ToSlash(file), "../../")] = string(data)
		return err
	}))
	files["docker/app/project/version.txt"] = "first\n"
	files["docker/app/test"] = "#!/bin/sh\nexit 0\n" // the sample's own has its own run
	for _, pattern := range []string{"delivery/*", "Pulumi.yaml", "Pulumi.staging.yaml", "Pulumi.prod.yaml", "Pulumi.pipeline.yaml", "tools/go.mod"} {
		found, err := filepath.Glob(filepath.Join("../..", pattern))
		require.NoError(t, err)
		require.NotEmpty(t, found)
		for _, file := range found {
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			// The application of this test can test itself, other than the sample in CodeBuild.
			text := strings.Replace(string(data), `pipelineTestCommand: "true"`, "pipelineTestCommand: ./test", 1)
			files[strings.TrimPrefix(filepath.ToSlash(file), "../../")] = text
		}
	}
	if docker := readDocker(); docker.cli != "" {
		pipeline, all := docker.settings()
		for _, stack := range []string{"staging", "prod", "pipeline"} {
			files["Pulumi."+stack+".yaml"] += all
		}
		files["Pulumi.pipeline.yaml"] += pipeline
	}
	return files
}

// commit makes a new newest commit: the one before with changed files.
func (d *delivering) commit(changed map[string]string) string {
	d.t.Helper()
	id := fmt.Sprintf("%040x", len(d.commits)+1)
	dir := filepath.Join(d.dir, "commits", id)
	if d.newest != "" {
		require.NoError(d.t, os.CopyFS(dir, os.DirFS(d.commits[d.newest])))
	}
	for _, name := range slices.Sorted(maps.Keys(changed)) {
		file := filepath.Join(dir, name)
		require.NoError(d.t, os.MkdirAll(filepath.Dir(file), 0o755))
		mode := fs.FileMode(0o644)
		if strings.HasPrefix(changed[name], "#!") {
			mode = 0o755
		}
		require.NoError(d.t, os.WriteFile(file, []byte(changed[name]), mode))
	}
	d.commits[id], d.newest = dir, id
	return id
}

// edit is commit with a file in which a text is another one.
func (d *delivering) edit(name, before, after string) string {
	d.t.Helper()
	text := d.read(name)
	require.Contains(d.t, text, before)
	return d.commit(map[string]string{name: strings.ReplaceAll(text, before, after)})
}

// read is a file of the newest commit.
func (d *delivering) read(name string) string {
	d.t.Helper()
	text, err := os.ReadFile(filepath.Join(d.commits[d.newest], name))
	require.NoError(d.t, err)
	return string(text)
}

func (d *delivering) checkout(_, commit string) (string, string, error) {
	if commit == "" {
		commit = d.newest
	}
	dir, known := d.commits[commit]
	if !known {
		return "", "", fmt.Errorf("there is no commit %s", commit)
	}
	return dir, commit, nil
}

// byHand runs pulumi as the person does who may do everything.
func (d *delivering) byHand(args ...string) {
	d.t.Helper()
	out, err := d.tryByHand("", args...)
	require.NoError(d.t, err, out)
}

// tryByHand runs pulumi with a role.
func (d *delivering) tryByHand(role string, args ...string) (string, error) {
	d.t.Helper()
	built, err := executables()
	require.NoError(d.t, err)
	project := d.t.TempDir()
	require.NoError(d.t, os.CopyFS(project, os.DirFS(d.commits[d.newest])))
	var out bytes.Buffer
	session := &localrun.Session{Dir: filepath.Join(d.dir, "local"), CLI: built.cli, Program: built.program, WorkDir: project, Stdout: &out, Stderr: &out, Stdin: strings.NewReader(""), Environ: append(os.Environ(), hurrying...),
		Attach: func(ctx context.Context, dir, projectDir string) (localrun.Providers, error) {
			return localaws.Serve(ctx, localaws.Options{Dir: dir, ProjectDir: projectDir, Role: role})
		}}
	err = session.Run(d.t.Context(), append(args, "--non-interactive", "--color=never")...)
	return out.String(), err
}

// open finds the pipeline in the embedded AWS.
func (d *delivering) open() {
	d.t.Helper()
	account, err := localaws.Open(filepath.Join(d.dir, "local", "aws"))
	require.NoError(d.t, err)
	d.runner.Account = account
	d.runner.Pipeline = d.one("aws:codepipeline/pipeline:Pipeline", "pipeline", "delivery-pipeline").Properties["name"].(string)
}

// one is an object by type, stack and logical name.
func (d *delivering) one(typ, stack, name string) localaws.Object {
	d.t.Helper()
	objects := d.objects(stack)
	i := slices.IndexFunc(objects, func(o localaws.Object) bool { return o.Type == typ && strings.HasSuffix(o.URN, "::"+name) })
	require.GreaterOrEqual(d.t, i, 0, "%s %s in %s", typ, name, stack)
	return objects[i]
}

// image is what the web service of a stack runs.
func (d *delivering) image(stack string) string {
	d.t.Helper()
	service := d.one("aws:ecs/service:Service", stack, "web-service")
	objects, err := d.runner.Account.Find(service.Properties["taskDefinition"].(string))
	require.NoError(d.t, err)
	require.Len(d.t, objects, 1)
	return regexp.MustCompile(`[^"]+@sha256:[0-9a-f]{64}`).FindString(objects[0].Properties["containerDefinitions"].(string))
}

// made are the objects of a stack and what they are, to be compared.
func (d *delivering) made(stack string) string {
	d.t.Helper()
	text, err := json.Marshal(d.objects(stack))
	require.NoError(d.t, err)
	return string(text)
}

// objects are those of a stack.
func (d *delivering) objects(stack string) []localaws.Object {
	d.t.Helper()
	objects, err := d.runner.Account.List()
	require.NoError(d.t, err)
	return slices.DeleteFunc(objects, func(o localaws.Object) bool { return !strings.HasPrefix(o.URN, "urn:pulumi:"+stack+"::") })
}

// release starts an execution for the newest commit, and has all go on as far as they can with this answer to approvals. It
// returns the last one.
func (d *delivering) release(answer pipelinerun.Answer) *pipelinerun.Execution {
	d.t.Helper()
	d.answer = answer
	_, err := d.runner.Start(nil)
	require.NoError(d.t, err)
	return d.goOn()
}

func (d *delivering) goOn() *pipelinerun.Execution {
	d.t.Helper()
	require.NoError(d.t, d.runner.Run(d.t.Context()))
	return d.runner.Find("")
}
