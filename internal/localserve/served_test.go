package localserve

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"slipway/internal/gobuild"
	"slipway/internal/localaws"
)

// repository is the root of the work tree, as seen from this package.
const repository = "../.."

// limit is for whatever is waited for. Nothing is asserted about how long it takes.
const limit = 2 * time.Minute

// command builds the real command, unless it is built.
var command = sync.OnceValues(func() (string, error) {
	path, err := filepath.Abs(filepath.Join(repository, ".local", "bin", "slipway-under-test"))
	if err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-o", path, "./cmd/slipway")
	build.Dir = repository
	out, err := build.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

// python is the interpreter that the application's own tests use. A copy of the project has no virtual environment.
var python = sync.OnceValues(func() (string, error) {
	find := exec.Command(filepath.Join(repository, "docker/app", findInterpreter))
	var said bytes.Buffer
	find.Stderr = &said
	out, err := find.Output()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, said.String())
	}
	return strings.TrimSpace(string(out)), nil
})

// project is a copy of what is served, deployed onto an embedded AWS of its own.
type project struct {
	t   *testing.T
	dir string
}

// deployed is a project with staging deployed, as it is committed.
func deployed(t *testing.T) *project {
	t.Helper()
	root, err := filepath.Abs(repository)
	require.NoError(t, err)
	program, err := gobuild.Program(t.Context(), root, filepath.Join(root, ".local", "bin", "program"), os.Stderr)
	require.NoError(t, err)
	p := &project{t: t, dir: directory(t)}
	require.NoError(t, copyFiles(filepath.Join(root, "docker", "app"), filepath.Join(p.dir, "docker", "app")))
	require.NoError(t, copyFile(filepath.Join(root, "Pulumi.staging.yaml"), filepath.Join(p.dir, "Pulumi.staging.yaml"), 0o644))
	require.NoError(t, os.Symlink(filepath.Join(root, "tools"), filepath.Join(p.dir, "tools")), "the CLI's version is pinned there")

	var settings map[string]any
	data, err := os.ReadFile(filepath.Join(root, "Pulumi.yaml"))
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(data, &settings))
	settings["runtime"] = map[string]any{"name": "go", "options": map[string]any{"binary": program}}
	data, err = yaml.Marshal(settings)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(p.dir, "Pulumi.yaml"), data, 0o644))

	p.slipway("local", "pulumi", "up", "-s", "staging", "--yes", "--skip-preview", "--suppress-outputs", "--non-interactive", "--color=never")
	return p
}

// directory is one that other users may read, too, as root's databases and containers have to. That of testing is not.
func directory(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "slipway-serve-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { assert.NoError(t, os.RemoveAll(dir)) })
	return dir
}

func copyFiles(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Name() == ".venv" {
			return fs.SkipDir
		}
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, relative)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		return copyFile(path, target, info.Mode().Perm())
	})
}

func (p *project) command(args ...string) *exec.Cmd {
	p.t.Helper()
	slipway, err := command()
	require.NoError(p.t, err)
	interpreter, err := python()
	require.NoError(p.t, err)
	cmd := exec.Command(slipway, args...)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "PYTHON="+interpreter)
	return cmd
}

// slipway runs a command that has to succeed, and returns what it prints.
func (p *project) slipway(args ...string) string {
	p.t.Helper()
	cmd := p.command(args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(p.t, cmd.Run(), "slipway %s\n%s%s", strings.Join(args, " "), stdout.String(), stderr.String())
	return stdout.String()
}

func (p *project) objects() []localaws.Object {
	p.t.Helper()
	account, err := localaws.Open(filepath.Join(p.dir, ".local", "aws"))
	require.NoError(p.t, err)
	objects, err := account.List()
	require.NoError(p.t, err)
	return objects
}

// served is a project that is being served.
type served struct {
	*project
	registered *registered
	cmd        *exec.Cmd
	transcript *transcript
	ended      chan struct{} // closed when the command has
	running    Running
	*awsClients
}

// serve starts the real command, and waits until it says that it answers.
func (p *project) serve(args ...string) *served {
	p.t.Helper()
	registered, err := readRegistered(p.objects(), "staging")
	require.NoError(p.t, err)
	s := &served{project: p, registered: registered, transcript: newTranscript(), ended: make(chan struct{})}
	s.cmd = p.command(append([]string{"local", "serve", "staging"}, args...)...)
	s.cmd.Stdout, s.cmd.Stderr = s.transcript, s.transcript
	require.NoError(p.t, s.cmd.Start())
	go func() {
		_ = s.cmd.Wait()
		close(s.ended)
	}()
	p.t.Cleanup(func() {
		_ = s.cmd.Process.Kill()
		<-s.ended
		if p.t.Failed() {
			p.t.Log(s.transcript.String())
		}
	})
	s.await(`staging answers at http://localhost:`)
	_, s.running, err = openRun(filepath.Join(p.dir, ".local"), "staging")
	require.NoError(p.t, err)
	s.awsClients = newAWSClients(s.running.Endpoints.aws(), registered.region)
	return s
}

// await waits until the command has printed something that matches.
func (s *served) await(pattern string) {
	s.t.Helper()
	s.transcript.await(s.t, pattern, s.ended)
}

// request sends a request to the web address, and returns what is answered.
func (s *served) request(method, path, body string, status int) string {
	s.t.Helper()
	request, err := http.NewRequest(method, s.running.WebURL+path, strings.NewReader(body))
	require.NoError(s.t, err)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	require.NoError(s.t, err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	require.NoError(s.t, err)
	require.Equal(s.t, status, response.StatusCode, string(answer))
	return string(answer)
}

// psql is a session with the database, as the user that RDS would manage.
func (s *served) psql(ctx context.Context, args ...string) *exec.Cmd {
	s.t.Helper()
	bin, err := findPostgres()
	require.NoError(s.t, err)
	resolver := &secretResolver{store: s.awsClients}
	web := s.registered.services[0].main()
	environment, secrets, err := s.registered.variables(ctx, *web, s.running.Endpoints, resolver)
	require.NoError(s.t, err)
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "psql"), append([]string{"--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"}, args...)...)
	cmd.Env = append(os.Environ(), "PGHOST="+environment["DATABASE_HOST"], "PGPORT="+environment["DATABASE_PORT"], "PGDATABASE="+environment["DATABASE_NAME"],
		"PGSSLMODE="+environment["DATABASE_SSLMODE"], "PGUSER="+secrets["DATABASE_USER"], "PGPASSWORD="+secrets["DATABASE_PASSWORD"])
	return cmd
}

// query is what a statement returns.
func (s *served) query(statement string) string {
	s.t.Helper()
	cmd := s.psql(s.t.Context(), "--command", statement)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(s.t, err, stderr.String())
	return strings.TrimSpace(string(out))
}

// transcript is what a command prints.
type transcript struct {
	mu     sync.Mutex
	text   bytes.Buffer
	change chan struct{}
}

func newTranscript() *transcript { return &transcript{change: make(chan struct{})} }

func (t *transcript) Write(data []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	close(t.change)
	t.change = make(chan struct{})
	return t.text.Write(data)
}

// changed is closed when more is printed.
func (t *transcript) changed() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.change
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

// await waits until something that matches is printed. It never is any more when ended is closed.
func (t *transcript) await(test *testing.T, pattern string, ended <-chan struct{}) {
	test.Helper()
	expression := regexp.MustCompile(pattern)
	timeout := time.After(limit)
	for {
		changed := t.changed()
		if expression.MatchString(t.String()) {
			return
		}
		select {
		case <-changed:
		case <-ended:
			require.Regexp(test, expression, t.String(), "the command has ended")
			return
		case <-timeout:
			require.FailNow(test, "waited in vain for "+pattern, t.String())
		}
	}
}

// lines counts those that match.
func (t *transcript) lines(pattern string) int {
	return len(regexp.MustCompile(`(?m)^.*`+pattern+`.*$`).FindAllString(t.String(), -1))
}
