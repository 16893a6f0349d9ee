package localserve

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDockerfilesAreRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "Dockerfile")
	require.NoError(t, os.WriteFile(path, []byte(`# an application
FROM python AS base
ENV A=1 B="two words" \
    PATH=/opt/bin:$PATH
WORKDIR /app
FROM base AS prod
ENTRYPOINT ["/app/run"]
CMD ["web"]
ENV C old form
FROM prod AS test
CMD pytest
`), 0o644))
	prod, err := readDockerfile(path, "prod")
	require.NoError(t, err)
	assert.Equal(t, imageConfig{
		workDir: "/app", entryPoint: []string{"/app/run"}, command: []string{"web"},
		environment: map[string]string{"A": "1", "B": "two words", "C": "old form"},
	}, prod)
	last, err := readDockerfile(path, "")
	require.NoError(t, err)
	assert.Equal(t, []string{"/bin/sh", "-c", "pytest"}, last.command)
}

func TestTheSampleDockerfile(t *testing.T) {
	t.Parallel()
	image, err := readDockerfile(filepath.Join(repository, "docker/app/Dockerfile"), "prod")
	require.NoError(t, err)
	assert.Equal(t, "/app", image.workDir)
	assert.Equal(t, []string{"/app/entrypoint"}, image.entryPoint)
	assert.Equal(t, "1", image.environment["PYTHONUNBUFFERED"])
	p := &processes{home: &home{dir: "/home"}, image: image}
	for path, want := range map[string]string{
		"/app/entrypoint": "/home/app/entrypoint", "/app": "/home/app", "/application/x": "/application/x", "/usr/bin/env": "/usr/bin/env", "python3": "python3",
	} {
		assert.Equal(t, want, p.inImage(path))
	}
}

func TestLinesAreNotMixed(t *testing.T) {
	t.Parallel()
	var out, said bytes.Buffer
	c := &console{out: &out, err: &said}
	c.reserve("web/web", "workers/worker")
	web, worker := c.stream("web/web"), c.stream("workers/worker")
	fmt.Fprint(web, "one\ntw")
	fmt.Fprint(worker, "three\r\n")
	fmt.Fprint(web, "o\n\nend")
	require.NoError(t, web.Close())
	require.NoError(t, worker.Close())
	assert.Equal(t, ""+
		"web/web        | one\n"+
		"workers/worker | three\n"+
		"web/web        | two\n"+
		"web/web        | \n"+
		"web/web        | end\n", out.String())
	c.say("%d of them", 2)
	assert.Equal(t, "slipway: 2 of them\n", said.String())

	out.Reset()
	c.colour = true
	fmt.Fprintln(c.stream("web/web"), "x")
	assert.Equal(t, "\x1b[36mweb/web        | \x1b[0mx\n", out.String())
}

func TestALineWithoutEndIsCut(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := (&console{out: &out}).stream("a")
	fmt.Fprint(s, strings.Repeat("x", longestLine))
	fmt.Fprint(s, "y\n")
	assert.Equal(t, 2, strings.Count(out.String(), "\n"))
}

func TestMatchers(t *testing.T) {
	t.Parallel()
	for matcher, statuses := range map[string]map[int]bool{
		"200":          {200: true, 201: false},
		"200,302":      {200: true, 302: true, 301: false},
		"200-299, 404": {200: true, 299: true, 300: false, 404: true},
	} {
		for status, want := range statuses {
			assert.Equal(t, want, matches(matcher, status), "%s takes %d", matcher, status)
		}
	}
}

func TestTheBalancerSendsToHealthyTasks(t *testing.T) {
	t.Parallel()
	var sick atomic.Bool
	task := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/status/" && sick.Load() {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		fmt.Fprintf(w, "%s %s %s", r.Host, r.Header.Get("X-Forwarded-Proto"), r.Header.Get("X-Forwarded-Port"))
	}))
	defer task.Close()
	var said bytes.Buffer
	console := &console{out: &said, err: &said}
	b := newBalancer(healthCheck{Path: "/status/", Matcher: "200", Interval: 0, Timeout: 5, HealthyThreshold: 2, UnhealthyThreshold: 2}, console.say)
	front := httptest.NewServer(b)
	defer front.Close()
	get := func() (int, string) {
		request, err := http.NewRequest(http.MethodGet, front.URL, nil)
		require.NoError(t, err)
		request.Host = "localhost:8000"
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		defer response.Body.Close()
		var body bytes.Buffer
		_, err = body.ReadFrom(response.Body)
		require.NoError(t, err)
		return response.StatusCode, body.String()
	}
	status, _ := get()
	assert.Equal(t, http.StatusServiceUnavailable, status, "there is no task")

	m := b.register("web", strings.TrimPrefix(task.URL, "http://"))
	healthy, stopped := make(chan struct{}), make(chan string, 1)
	go b.watch(t.Context(), m, make(chan struct{}), 0, func() { close(healthy) }, func(reason string) { stopped <- reason })
	<-healthy
	status, body := get()
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, "localhost:8000 http 8000", body, "the application sees what the browser asked for")

	sick.Store(true)
	assert.Equal(t, "its health check failed: GET /status/ answers 500, takes 200", <-stopped)
	status, _ = get()
	assert.Equal(t, http.StatusServiceUnavailable, status)
	assert.Equal(t, "slipway: web is healthy: GET /status/\nslipway: web is unhealthy: GET /status/ answers 500, takes 200\n", said.String())
}

func TestWhatAKilledRunHasLeftIsEnded(t *testing.T) {
	t.Parallel()
	local := directory(t)
	quiet := func(string, ...any) {}
	former, err := openHome(local, "staging", quiet)
	require.NoError(t, err)
	_, err = openHome(local, "staging", quiet)
	require.ErrorContains(t, err, "the stack staging is being served")

	left, err := former.startProcess(exec.Command("/bin/sh", "-c", "sleep 1000 & sleep 1000"), &bytes.Buffer{})
	require.NoError(t, err)
	// Killed: the lock is gone, what it has noted down is not.
	require.NoError(t, former.lock.Close())
	var said bytes.Buffer
	next, err := openHome(local, "staging", func(format string, args ...any) { fmt.Fprintf(&said, format, args...) })
	require.NoError(t, err)
	<-left.done
	assert.Contains(t, said.String(), "that a former run, which was killed, had left")
	assert.Empty(t, members(former.groups[0]))
	require.NoError(t, next.close())
}

func TestANumberThatAnotherProcessHasNow(t *testing.T) {
	t.Parallel()
	began, group, err := processStat(os.Getpid())
	require.NoError(t, err)
	assert.NotZero(t, group)
	assert.NotEmpty(t, began)
	assert.Empty(t, members(processGroup{ID: os.Getpid(), Began: "another boot 1"}))
}

func TestWhoContainersRunAs(t *testing.T) {
	t.Parallel()
	for user, message := range map[string]string{"": "", "10001": "", "10001:20002": "", "app": `the container's user is "app"`, "1:staff": "the container's group"} {
		_, _, err := credentialOf(user)
		if message == "" {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, message)
		}
	}
}

func TestTheFilesOfTheImage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	src := &source{context: filepath.Join(repository, "docker/app"), dockerfile: filepath.Join(repository, "docker/app/Dockerfile")}
	for range 2 { // also over a copy that is there
		require.NoError(t, src.copyTo(filepath.Join(dir, "app")))
	}
	info, err := os.Stat(filepath.Join(dir, "app/entrypoint"))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o555), info.Mode().Perm())
	assert.NoFileExists(t, filepath.Join(dir, "app/tests/find-python"), "as .dockerignore says")
}

func TestContainersOfDocker(t *testing.T) {
	t.Parallel()
	d := newDocker(&home{dir: "/p/.local/serve/staging"}, "slipway-local:1", "net")
	label := "slipway.serve=/p/.local/serve/staging"
	definition := containerDefinition{Name: "web", Command: []string{"web"}, User: "10001:10001", ReadonlyRootFilesystem: true}
	require.NoError(t, reread([]any{map[string]any{"sourceVolume": "tmp", "containerPath": "/tmp"}}, &definition.MountPoints))
	start := containerStart{
		definition: definition, memory: 512, shared: &dockerTask{prefix: "slipway-1-web-2"},
		environment: map[string]string{"PORT": "8000", "A": "b c"}, secrets: map[string]string{"KEY": "hunter2"},
	}
	assert.Equal(t, []string{
		"run", "--rm", "--sig-proxy=false", "--name", "slipway-1-web-2-web", "--network", "net", "--label", label, "--read-only", "--user", "10001:10001",
		"--memory", "512m", "--mount", "type=volume,source=slipway-1-web-2-tmp,target=/tmp", "--env", "A=b c", "--env", "PORT=8000", "--env", "KEY",
		"slipway-local:1", "web",
	}, d.runArguments(start))

	start = containerStart{definition: containerDefinition{Name: "job", EntryPoint: []string{"/bin/sh", "-c"}, Command: []string{"ls"}, WorkingDirectory: "/x"}, shared: start.shared, interactive: true}
	assert.Equal(t, []string{
		"run", "--rm", "--sig-proxy=false", "--name", "slipway-1-web-2-job", "--network", "net", "--label", label, "--interactive", "--workdir", "/x",
		"--entrypoint", "/bin/sh", "slipway-local:1", "-c", "ls",
	}, d.runArguments(start))
}
