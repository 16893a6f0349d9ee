package gobuild

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// buffer is a log that several builds write to.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(data []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(data)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

type writerFunc func(string)

func (f writerFunc) Write(data []byte) (int, error) {
	f(string(data))
	return len(data), nil
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
}

func writeProgram(t *testing.T, says string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	write(t, dir, "go.mod", "module program\n\ngo 1.24\n")
	write(t, dir, "main.go", "package main\n\nfunc main() { print(\""+says+"\") }\n")
	return dir
}

func says(t *testing.T, executable string) string {
	t.Helper()
	out, err := exec.Command(executable).CombinedOutput()
	require.NoError(t, err)
	return string(out)
}

func TestProgramIsBuiltOncePerChange(t *testing.T) {
	t.Parallel()
	dir := writeProgram(t, "one")
	output := filepath.Join(dir, ".local", "bin", "program")
	build := func() (log string) {
		var b buffer
		path, err := Program(t.Context(), dir, output, &b)
		require.NoError(t, err)
		assert.Equal(t, output, path)
		return b.String()
	}
	killed := filepath.Join(dir, ".local", "bin", ".building-program", "program")
	write(t, filepath.Dir(killed), "program", "half of it")
	assert.Contains(t, build(), "building the program (about")
	assert.Equal(t, "one", says(t, output))
	assert.NoFileExists(t, killed, "what a killed build left is removed by the next")
	assert.Empty(t, build(), "nothing has changed")

	write(t, dir, "main.go", "package main\n\nfunc main() { print(\"two\") }\n")
	assert.Contains(t, build(), "building the program")
	assert.Equal(t, "two", says(t, output))

	require.NoError(t, os.Remove(output))
	assert.Contains(t, build(), "building the program", "the executable is gone")
}

func TestProgramThatDoesNotCompile(t *testing.T) {
	t.Parallel()
	dir := writeProgram(t, "one")
	output := filepath.Join(dir, "bin", "program")
	write(t, dir, "broken.go", "package main\n\nfunc broken() { return 1 }\n")
	_, err := Program(t.Context(), dir, output, &buffer{})
	require.Error(t, err)
	assert.Contains(t, err.Error(), "broken.go:3")
	assert.NoFileExists(t, output)

	left, err := filepath.Glob(filepath.Join(dir, "bin", ".building-*"))
	require.NoError(t, err)
	assert.Empty(t, left)

	require.NoError(t, os.Remove(filepath.Join(dir, "broken.go")))
	_, err = Program(t.Context(), dir, output, &buffer{})
	require.NoError(t, err)
	assert.Equal(t, "one", says(t, output))
}

func TestProgramWithoutModule(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := Program(t.Context(), dir, filepath.Join(dir, "program"), &buffer{})
	assert.ErrorContains(t, err, "it has no go.mod")
}

// writeTools makes a module that pins the tool example.org/tool, which prints its version.
func writeTools(t *testing.T) Tool {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "go.mod", `module tools

go 1.24

replace example.org/tool => ./tool

require (
	example.org/other v0.1.0 // indirect
	example.org/tool v1.2.3
)

replace example.org/other => ./other
`)
	write(t, dir, "go.sum", "")
	write(t, dir, "tool/go.mod", "module example.org/tool\n\ngo 1.24\n")
	write(t, dir, "tool/cmd/hammer/main.go", "package main\n\nvar version string\n\nfunc main() { print(version) }\n")
	write(t, dir, "other/go.mod", "module example.org/other\n\ngo 1.24\n")
	return Tool{
		Dir:     dir,
		Package: "example.org/tool/cmd/hammer",
		Module:  "example.org/tool",
		Takes:   "a moment",
		LDFlags: func(version string) string { return "-X main.version=" + version },
	}
}

func TestToolIsBuiltOnceIntoTheCache(t *testing.T) {
	t.Parallel()
	tool, cache := writeTools(t), t.TempDir()
	var log buffer
	path, err := tool.Build(t.Context(), cache, &log)
	require.NoError(t, err)
	assert.Equal(t, "v1.2.3", says(t, path))
	assert.Contains(t, log.String(), "building hammer v1.2.3 into "+filepath.Dir(path)+" (once; a moment)")
	assert.Regexp(t, `^hammer-v1\.2\.3-[0-9a-f]{16}$`, filepath.Base(filepath.Dir(path)))

	var second buffer
	again, err := tool.Build(t.Context(), cache, &second)
	require.NoError(t, err)
	assert.Equal(t, path, again)
	assert.Empty(t, second.String())

	write(t, tool.Dir, "go.sum", "\n")
	other, err := tool.Build(t.Context(), cache, &buffer{})
	require.NoError(t, err)
	assert.NotEqual(t, path, other, "other sums are another tool")
	assert.FileExists(t, path, "the one of the other checkout stays")
}

func TestToolIsBuiltByOneOfSeveralRuns(t *testing.T) {
	t.Parallel()
	tool, cache := writeTools(t), t.TempDir()
	var log buffer
	var group sync.WaitGroup
	paths, errs := make([]string, 4), make([]error, 4)
	for i := range paths {
		group.Go(func() { paths[i], errs[i] = tool.Build(t.Context(), cache, &log) })
	}
	group.Wait()
	for i := range paths {
		require.NoError(t, errs[i])
		assert.Equal(t, paths[0], paths[i])
	}
	assert.Equal(t, 1, strings.Count(log.String(), "slipway: building "), log.String())
}

func TestBuildThatIsCancelledWhileItWaits(t *testing.T) {
	t.Parallel()
	tool, cache := writeTools(t), t.TempDir()
	path, err := tool.Build(t.Context(), cache, &buffer{})
	require.NoError(t, err)
	require.NoError(t, os.Remove(path))
	b := build{output: path, log: &buffer{}, ready: func() bool { return false }}
	unlock, err := b.lock(t.Context())
	require.NoError(t, err)
	defer unlock()

	ctx, cancel := context.WithCancel(t.Context())
	_, err = tool.Build(ctx, cache, writerFunc(func(line string) {
		assert.Contains(t, line, "another run is building")
		cancel()
	}))
	assert.ErrorIs(t, err, context.Canceled)
	assert.NoFileExists(t, path)
}

func TestToolThatIsNotPinned(t *testing.T) {
	t.Parallel()
	tool := writeTools(t)
	tool.Module = "example.org/absent"
	_, err := tool.Build(t.Context(), t.TempDir(), &buffer{})
	assert.ErrorContains(t, err, "does not require example.org/absent; run `go get -tool example.org/tool/cmd/hammer@VERSION`")
}

func TestFingerprint(t *testing.T) {
	t.Parallel()
	const toolchain = "go1.26.0 linux amd64"
	base := map[string]string{
		"go.mod":                   "module program\n",
		"go.sum":                   "",
		"main.go":                  "package main\n",
		"internal/a/a.go":          "package a\n\n//go:embed data.json templates\nvar files embed.FS\n",
		"internal/a/data.json":     "{}",
		"internal/a/templates/one": "1",
		"tools/go.mod":             "module tools\n",
		"docker/app/main.go":       "package main\n",
	}
	fingerprint := func(t *testing.T, name, text, toolchain string) string {
		dir := t.TempDir()
		for name, text := range base {
			write(t, dir, name, text)
		}
		if name != "" {
			write(t, dir, name, text)
		}
		sum, err := sourceFingerprint(dir, toolchain)
		require.NoError(t, err)
		return sum
	}
	unchanged := fingerprint(t, "", "", toolchain)
	for _, test := range []struct {
		name, file, text, toolchain string
		same                        bool
	}{
		{name: "in another directory", same: true},
		{name: "source", file: "main.go", text: "package main // changed\n"},
		{name: "new source", file: "internal/b/b.go", text: "package b\n"},
		{name: "module", file: "go.mod", text: "module program\n\nrequire x v1\n"},
		{name: "sums", file: "go.sum", text: "x\n"},
		{name: "embedded file", file: "internal/a/data.json", text: "[]"},
		{name: "embedded directory", file: "internal/a/templates/two", text: "2"},
		{name: "toolchain", toolchain: "go1.26.1 linux amd64"},
		{name: "text moved to another file", file: "main_2.go", text: "package main\n"},
		{name: "test", file: "main_test.go", text: "package main\n", same: true},
		{name: "document", file: "README.md", text: "#\n", same: true},
		{name: "configuration", file: "Pulumi.staging.yaml", text: "config: {}\n", same: true},
		{name: "other module", file: "tools/tools.go", text: "package tools\n", same: true},
		{name: "image", file: "docker/app/main.go", text: "package other\n", same: true},
		{name: "local state", file: ".local/x.go", text: "package x\n", same: true},
		{name: "test data", file: "internal/a/testdata/x.go", text: "package x\n", same: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.toolchain == "" {
				test.toolchain = toolchain
			}
			changed := fingerprint(t, test.file, test.text, test.toolchain)
			assert.Equal(t, test.same, changed == unchanged)
		})
	}
}

func TestProgressKeepsWhatTheCompilerSays(t *testing.T) {
	t.Parallel()
	var log buffer
	p := startProgress(&log, "the program")
	for _, part := range []string{
		"go: downloading example.org/x v1.0.0\nexample.org/", "x\nprogram/internal/a\n# program/internal/a\n",
		"internal/a/a.go:3:1: syntax error\n", "go: finding module for a last line",
	} {
		n, err := p.Write([]byte(part))
		require.NoError(t, err)
		assert.Equal(t, len(part), n)
	}
	p.show()
	messages := p.end(false)
	assert.Equal(t, "# program/internal/a\ninternal/a/a.go:3:1: syntax error\ngo: finding module for a last line", messages)
	assert.Regexp(t, `\Aslipway: building the program\nslipway: still building: \d+s, 2 packages\n\z`, log.String(),
		"no control characters, and no success, in a log")
}
