// Package e2e tests what users rely on through the real Pulumi CLI: the program as it is, the embedded AWS, the file
// backend. Every test has a project directory of its own, so that they run side by side; the program and the CLI are
// built once.
package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"slipway/internal/gobuild"
	"slipway/internal/localaws"
	"slipway/internal/localrun"
)

// repository is the root of the work tree, as seen from this package.
const repository = "../.."

// program builds the Pulumi program once for all tests.
var program = sync.OnceValues(func() (string, error) {
	root, err := filepath.Abs(repository)
	if err != nil {
		return "", err
	}
	return gobuild.Program(context.Background(), root, filepath.Join(root, ".local", "bin", "program"), os.Stderr)
})

// project is a copy of what the program reads at run time, with a state and an embedded AWS of its own.
type project struct {
	t   *testing.T
	dir string
	// faults are calls of the embedded AWS that fail; see localaws.FaultsVariable.
	faults string
	// role is who the AWS provider acts as; see localaws.RoleVariable.
	role string
	// dies says that pulumi is killed, so that it has to write the state at every step.
	dies bool
	// around is called for each change of the embedded AWS; see localaws.Options.
	around func(operation localaws.Operation, urn string, do func())
}

func newProject(t *testing.T) *project { return newProjectIn(t, t.TempDir()) }

func newProjectIn(t *testing.T, dir string) *project {
	t.Helper()
	p := &project{t: t, dir: dir}
	for _, name := range []string{"Pulumi.yaml", "Pulumi.staging.yaml", "Pulumi.prod.yaml"} {
		copyFile(t, filepath.Join(repository, name), filepath.Join(p.dir, name))
	}
	copyTree(t, filepath.Join(repository, "docker", "app"), filepath.Join(p.dir, "docker", "app"))
	tools, err := filepath.Abs(filepath.Join(repository, "tools"))
	require.NoError(t, err)
	require.NoError(t, os.Symlink(tools, filepath.Join(p.dir, "tools")), "the CLI's version is pinned there")
	return p
}

// baseline is where staging is deployed once, by the test that needs it first.
var baseline struct {
	sync.Once
	dir string
}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "slipway-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	baseline.dir = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// staging is a project with staging deployed: a copy of the one that was deployed once.
func staging(t *testing.T) *project {
	t.Helper()
	baseline.Do(func() {
		newProjectIn(t, baseline.dir).must("up", "-s", "staging", "--yes", "--skip-preview")
	})
	p := newProject(t)
	copyTree(t, filepath.Join(baseline.dir, ".local"), filepath.Join(p.dir, ".local"))
	return p
}

// both is where staging and prod are deployed side by side once, by the test that needs them first.
var both struct {
	sync.Once
	dir string
	// exported is the state of each stack.
	exported map[string]string
}

// bothStacks is a project with staging and prod deployed: a copy of the one that was deployed once.
func bothStacks(t *testing.T) *project {
	t.Helper()
	both.Do(func() {
		p := staging(t)
		p.must("up", "-s", "prod", "--yes", "--skip-preview")
		both.dir = filepath.Join(baseline.dir, "both")
		copyTree(t, filepath.Join(p.dir, ".local"), filepath.Join(both.dir, ".local"))
		both.exported = map[string]string{"staging": p.export("staging"), "prod": p.export("prod")}
	})
	require.NotEmpty(t, both.exported, "both stacks are up")
	p := newProject(t)
	copyTree(t, filepath.Join(both.dir, ".local"), filepath.Join(p.dir, ".local"))
	return p
}

// export is the state as plain pulumi stack export writes it, secrets encrypted.
func (p *project) export(stack string) string {
	p.t.Helper()
	out := p.must("stack", "export", "-s", stack)
	return out[strings.Index(out, "{"):]
}

// run runs a pulumi command and returns all that it printed.
func (p *project) run(args ...string) (string, error) {
	p.t.Helper()
	var out bytes.Buffer
	err := p.session(&out, &out).Run(context.Background(), append(args, "--non-interactive", "--color=never")...)
	return out.String(), err
}

// session runs pulumi commands of the project, with the program that was built once.
func (p *project) session(stdout, stderr io.Writer) *localrun.Session {
	p.t.Helper()
	executable, err := program()
	require.NoError(p.t, err)
	environ := os.Environ()
	if !p.dies {
		// The state is written once, at the end, which saves a third of a deployment's time.
		environ = append(environ, "PULUMI_SKIP_CHECKPOINTS=true")
	}
	return &localrun.Session{
		Environ: append(environ, "GOGC=400"),
		Attach: func(ctx context.Context, dir, projectDir string) (localrun.Providers, error) {
			return localaws.Serve(ctx, localaws.Options{Dir: dir, ProjectDir: projectDir, Faults: p.faults, Role: p.role, Around: p.around})
		},
		WorkDir: p.dir,
		Program: executable,
		Stdin:   strings.NewReader(""),
		Stdout:  stdout,
		Stderr:  stderr,
	}
}

// must is run that has to succeed.
func (p *project) must(args ...string) string {
	p.t.Helper()
	out, err := p.run(args...)
	require.NoError(p.t, err, "pulumi %s:\n%s", strings.Join(args, " "), out)
	return out
}

// json is what a command that has to succeed prints with --json.
func (p *project) json(args ...string) []byte {
	p.t.Helper()
	var stdout, stderr bytes.Buffer
	err := p.session(&stdout, &stderr).Run(context.Background(), append(args, "--json", "--non-interactive", "--color=never")...)
	require.NoError(p.t, err, "pulumi %s:\n%s%s", strings.Join(args, " "), stdout.String(), stderr.String())
	return stdout.Bytes()
}

// step is what Pulumi does, or would do, to one resource.
type step struct{ Op, URN string }

// up deploys and returns what it did to which resource, as "update aws:ecs/service:Service web-service".
func (p *project) up(stack string, args ...string) []string {
	p.t.Helper()
	var done []step
	events := json.NewDecoder(bytes.NewReader(p.json(append([]string{"up", "-s", stack, "--yes", "--skip-preview"}, args...)...)))
	for {
		var event struct{ ResourcePreEvent *struct{ Metadata step } }
		err := events.Decode(&event)
		if errors.Is(err, io.EOF) {
			return summary(done)
		}
		require.NoError(p.t, err)
		if event.ResourcePreEvent != nil {
			done = append(done, event.ResourcePreEvent.Metadata)
		}
	}
}

// preview is what up would do.
func (p *project) preview(stack string, args ...string) []string {
	p.t.Helper()
	var preview struct{ Steps []step }
	require.NoError(p.t, json.Unmarshal(p.json(append([]string{"preview", "-s", stack}, args...)...), &preview))
	return summary(preview.Steps)
}

// summary lists the steps that change something. The single steps of a replacement are one "replace".
func summary(steps []step) []string {
	operations := map[string]string{}
	for _, s := range steps {
		switch s.Op {
		case "same", "read", "refresh":
		case "create-replacement", "delete-replaced", "discard-replaced":
			operations[short(s.URN)] = "replace"
		default:
			operations[short(s.URN)] = s.Op
		}
	}
	list := []string{}
	for resource, op := range operations {
		list = append(list, op+" "+resource)
	}
	sort.Strings(list)
	return list
}

// short is the type and the logical name in a URN.
func short(urn string) string {
	parts := strings.Split(urn, "::")
	types := strings.Split(parts[2], "$")
	return types[len(types)-1] + " " + parts[3]
}

// objects lists what exists in the embedded AWS, as "type id".
func (p *project) objects() (list []string) {
	p.t.Helper()
	for _, o := range p.account() {
		list = append(list, o.Type+" "+o.ID)
	}
	return list
}

func (p *project) account() []localaws.Object {
	p.t.Helper()
	account, err := localaws.Open(filepath.Join(p.dir, ".local", "aws"))
	require.NoError(p.t, err)
	objects, err := account.List()
	require.NoError(p.t, err)
	return objects
}

// set changes the stack's committed configuration. A nil value removes the key.
func (p *project) set(stack string, values map[string]any) {
	p.t.Helper()
	path := filepath.Join(p.dir, "Pulumi."+stack+".yaml")
	raw, err := os.ReadFile(path)
	require.NoError(p.t, err)
	var file struct {
		Config map[string]any `yaml:"config"`
	}
	require.NoError(p.t, yaml.Unmarshal(raw, &file))
	for key, value := range values {
		if value == nil {
			delete(file.Config, key)
			continue
		}
		file.Config[key] = value
	}
	raw, err = yaml.Marshal(file)
	require.NoError(p.t, err)
	require.NoError(p.t, os.WriteFile(path, raw, 0o644))
}

// outputs are the stack's, secrets in plain text.
func (p *project) outputs(stack string) map[string]any {
	p.t.Helper()
	var outputs map[string]any
	require.NoError(p.t, json.Unmarshal(p.json("stack", "output", "-s", stack, "--show-secrets"), &outputs))
	return outputs
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	require.NoError(t, err)
	info, err := os.Stat(from)
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Dir(to), 0o755))
	require.NoError(t, os.WriteFile(to, data, info.Mode()))
}

func copyTree(t *testing.T, from, to string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.Type().IsRegular() {
			relative, err := filepath.Rel(from, path)
			require.NoError(t, err)
			copyFile(t, path, filepath.Join(to, relative))
		}
		return nil
	}))
}
