package localrun

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fakeCLI stands for pulumi: it writes its arguments into the file calls, creates and selects stacks as Pulumi's file
// backend keeps them, and does what the rest of a test needs. The real CLI is run by the end-to-end tests.
const fakeCLI = `#!/bin/sh
set -eu
state=${PULUMI_BACKEND_URL#file://}
state=${state%\?*}
echo "$*" >> "$state/../calls"
env > "$state/../environment"
case "$*" in
"stack init "*)
    mkdir -p "$state/.pulumi/stacks/shop"
    echo '{}' > "$state/.pulumi/stacks/shop/$3.json" ;;
"stack output --json"*) echo '{"webUrl": "http://example.org", "account": 123456789012}' ;;
"up "*fail*) exit 42 ;;
"up "*) echo "deployed from $(pwd)" ;;
esac
`

type fakeProviders struct{ closed bool }

func (p *fakeProviders) DebugProviders() string { return "aws:4711" }
func (p *fakeProviders) Close() error           { p.closed = true; return nil }

// fixture is a project with a Session whose pulumi is fakeCLI.
type fixture struct {
	t              *testing.T
	dir            string
	session        Session
	providers      fakeProviders
	stdout, stderr bytes.Buffer
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t, dir: t.TempDir()}
	f.write("Pulumi.yaml", "name: shop\nruntime:\n  name: go\n")
	f.write("Pulumi.staging.yaml", "config:\n  shop:size: 1\n")
	f.write("Pulumi.prod.yaml", "config:\n  shop:size: 3\n")
	for _, stack := range []string{"staging", "prod", "new"} { // making a salt takes long
		f.write(".local/project/Pulumi."+stack+".yaml", "encryptionsalt: "+testSalt+"\n")
	}
	f.write("bin/pulumi", fakeCLI)
	require.NoError(t, os.Chmod(filepath.Join(f.dir, "bin", "pulumi"), 0o755))
	f.session = Session{
		Attach: func(_ context.Context, dir, _ string) (Providers, error) {
			assert.Equal(t, filepath.Join(f.dir, ".local", "aws"), dir)
			return &f.providers, nil
		},
		WorkDir: f.dir,
		Program: "/nonexistent",
		CLI:     filepath.Join(f.dir, "bin", "pulumi"),
		Environ: []string{"PATH=" + os.Getenv("PATH"), "AWS_PROFILE=admin"},
		Stdin:   strings.NewReader(""),
		Stdout:  &f.stdout,
		Stderr:  &f.stderr,
	}
	return f
}

func (f *fixture) write(name, text string) {
	f.t.Helper()
	path := filepath.Join(f.dir, name)
	require.NoError(f.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(f.t, os.WriteFile(path, []byte(text), 0o644))
}

func (f *fixture) read(name string) string {
	f.t.Helper()
	data, err := os.ReadFile(filepath.Join(f.dir, name))
	require.NoError(f.t, err)
	return string(data)
}

// calls are the commands that pulumi was run with, with the project's directory as DIR.
func (f *fixture) calls() []string {
	f.t.Helper()
	if _, err := os.Stat(filepath.Join(f.dir, ".local", "calls")); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	text := strings.ReplaceAll(f.read(".local/calls"), f.dir, "DIR")
	require.NoError(f.t, os.Remove(filepath.Join(f.dir, ".local", "calls")))
	return strings.Split(strings.TrimSpace(text), "\n")
}

// selectStack selects a stack as `pulumi stack select` does.
func (f *fixture) selectStack(stack string) {
	f.t.Helper()
	file := project{dir: f.dir, name: "shop"}.workspaceFile(filepath.Join(f.dir, ".local"))
	f.write(strings.TrimPrefix(file, f.dir), `{"stack": "organization/shop/`+stack+`"}`)
}

func TestUp(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	require.NoError(t, f.session.Run(t.Context(), "up", "-s", "staging", "--yes"))
	assert.Equal(t, []string{
		"stack init staging --no-select -C DIR/.local/project --non-interactive --color=never",
		"stack select staging -C DIR --non-interactive --color=never",
		"up -s staging --yes --config-file DIR/.local/project/Pulumi.staging.yaml",
		"stack output --json --stack staging -C DIR --non-interactive --color=never",
	}, f.calls())
	assert.True(t, strings.HasPrefix(f.stderr.String(), "slipway: embedded AWS (account 123456789012)"), f.stderr.String())
	assert.Contains(t, f.stderr.String(), "created the local stack staging")
	assert.True(t, strings.HasPrefix(f.stdout.String(), "deployed from "), f.stdout.String())
	assert.Contains(t, f.stdout.String(), "Web address  http://example.org")
	assert.Contains(t, f.stdout.String(), "123456789012\n")
	assert.True(t, f.providers.closed)

	assert.Contains(t, f.read(".local/project/Pulumi.staging.yaml"), "shop:size: 1")
	assert.Equal(t, "config:\n  shop:size: 1\n", f.read("Pulumi.staging.yaml"))
	assert.NotContains(t, f.read(".local/environment"), "AWS_PROFILE")

	require.NoError(t, f.session.Run(t.Context(), "up", "-s", "staging", "--yes"))
	assert.Len(t, f.calls(), 2, "the stack is there: up and its outputs")
}

func TestAProgramThatIsBuiltAlready(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.session.Program = ""
	require.ErrorContains(t, f.session.Run(t.Context(), "up", "-s", "staging", "--yes"), "there is no Go program", "by default it is built")
	f.write("Pulumi.yaml", "name: shop\nruntime: {name: go, options: {binary: bin/program}}\n")
	require.NoError(t, f.session.Run(t.Context(), "up", "-s", "staging", "--yes"))
	loaded, err := loadProject(f.dir)
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(f.dir, "bin", "program"), loaded.program)
}

func TestArguments(t *testing.T) {
	t.Parallel()
	const configFile = " --config-file DIR/.local/project/Pulumi.staging.yaml"
	for _, test := range []struct {
		name string
		args []string
		want []string
	}{
		{"preview", []string{"preview", "-s", "staging", "--diff"}, []string{"preview -s staging --diff" + configFile}},
		{"json", []string{"up", "-s", "staging", "--json"}, []string{"up -s staging --json" + configFile}},
		{"selected stack", []string{"refresh"}, []string{"refresh" + configFile}},
		{"own configuration", []string{"up", "-j", "--config-file", "Pulumi.prod.yaml"},
			[]string{"up -j --config-file Pulumi.prod.yaml" + configFile}},
		{"configuration is shown as local runs have it", []string{"config"}, []string{"config" + configFile}},
		{"configuration is set where it is committed", []string{"config", "set", "a", "b"}, []string{"config set a b"}},
		{"state", []string{"state", "unprotect", "--all"}, []string{"state unprotect --all"}},
		{"output", []string{"stack", "output", "--json"}, []string{"stack output --json"}},
		{"help", []string{"up", "--help"}, []string{"up --help"}},
		{"removal keeps the configuration", []string{"stack", "rm", "staging", "--yes"},
			[]string{"stack rm staging --yes --preserve-config"}},
		{"destroy with removal keeps the configuration", []string{"destroy", "--yes", "--remove"},
			[]string{"destroy --yes" + configFile, "stack rm staging --preserve-config --yes"}},
		{"init in the shadow", []string{"stack", "init", "dev"}, []string{"stack init dev -C DIR/.local/project"}},
		{"rename in the shadow", []string{"stack", "rename", "dev"},
			[]string{"stack rename dev -C DIR/.local/project --stack staging"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.write(".local/state/.pulumi/stacks/shop/staging.json", "{}")
			f.selectStack("staging")
			require.NoError(t, f.session.Run(t.Context(), test.args...))
			assert.Equal(t, test.want, f.calls())
		})
	}
}

func TestOwnConfigurationIsUsed(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.write("below/other.yaml", "config:\n  shop:size: 7\n")
	f.session.WorkDir = filepath.Join(f.dir, "below")
	require.NoError(t, f.session.Run(t.Context(), "preview", "-s", "new", "--config-file", "other.yaml"))
	assert.Contains(t, f.read(".local/project/Pulumi.new.yaml"), "shop:size: 7")
}

func TestConfigurationOfLocalRunsOnly(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.write(".local/Pulumi.staging.yaml", "config:\n  shop:size: 8\n")
	require.NoError(t, f.session.Run(t.Context(), "preview", "-s", "staging"))
	assert.Contains(t, f.read(".local/project/Pulumi.staging.yaml"), "shop:size: 8")

	f.write("elsewhere/Pulumi.staging.yaml", "config:\n  shop:size: 9\n")
	f.session.Overrides = filepath.Join(f.dir, "elsewhere")
	require.NoError(t, f.session.Run(t.Context(), "preview", "-s", "staging"))
	assert.Contains(t, f.read(".local/project/Pulumi.staging.yaml"), "shop:size: 9")
}

// TestALocalTestEnvironment has a file of its own, which counts in the place of one in the project.
func TestALocalTestEnvironment(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.write(".local/state/.pulumi/stacks/shop/pr-1.json", "{}")
	f.write(".local/project/Pulumi.pr-1.yaml", "encryptionsalt: "+testSalt+"\n")
	f.write(".local/environments/Pulumi.pr-1.yaml", "config:\n  shop:size: 5\n")
	f.write("Pulumi.pr-1.yaml", "config:\n  shop:size: 6\n") // of the one on AWS
	require.NoError(t, f.session.Run(t.Context(), "up", "-s", "pr-1", "--yes"))
	assert.Contains(t, f.read(".local/project/Pulumi.pr-1.yaml"), "shop:size: 5")
	assert.Contains(t, f.stdout.String(), "bin/slipway local env down pr-1", "how it is taken down")
	f.calls()

	require.NoError(t, f.session.Run(t.Context(), "config", "set", "size", "7", "-s", "pr-1"))
	assert.Equal(t, []string{"config set size 7 -s pr-1 --config-file DIR/.local/environments/Pulumi.pr-1.yaml"}, f.calls())
}

func TestRunFails(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		args  []string
		setUp func(f *fixture)
		want  string
		usage bool
	}{
		{name: "unknown stack", args: []string{"up", "-s", "prdo"}, usage: true, want: "configured: prod, staging"},
		{name: "no stack", args: []string{"up"}, usage: true, want: "name one with -s: prod, staging"},
		{name: "no configuration file", args: []string{"up", "-s", "x", "--config-file", "absent.yaml"}, usage: true, want: "absent.yaml"},
		{name: "refused", args: []string{"login"}, usage: true, want: "pulumi login"},
		{name: "bad arguments", args: []string{"up", "--stack"}, usage: true, want: "--stack"},
		{
			name: "a secret of AWS", args: []string{"up", "-s", "prod"}, want: "cannot decrypt shop:token",
			setUp: func(f *fixture) { f.write("Pulumi.prod.yaml", "config:\n  shop:token: {secure: abc}\n") },
		},
		{
			name: "no project", args: []string{"up", "-s", "prod"}, want: "no Pulumi.yaml in",
			setUp: func(f *fixture) { f.session.WorkDir = f.t.TempDir() },
		},
		{
			name: "another runtime", args: []string{"up", "-s", "prod"}, want: `runtime is "nodejs"; local runs take "go"`,
			setUp: func(f *fixture) { f.write("Pulumi.yaml", "name: shop\nruntime: nodejs\n") },
		},
		{
			name: "no embedded AWS", args: []string{"up", "-s", "prod"}, want: "no port is free",
			setUp: func(f *fixture) {
				f.session.Attach = func(context.Context, string, string) (Providers, error) { return nil, errors.New("no port is free") }
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			if test.setUp != nil {
				test.setUp(f)
			}
			err := f.session.Run(t.Context(), test.args...)
			require.ErrorContains(t, err, test.want)
			var usage *UsageError
			assert.Equal(t, test.usage, errors.As(err, &usage))
			for _, call := range f.calls() {
				assert.NotContains(t, call, "up ", "nothing is run")
			}
		})
	}
}

func TestExitCodeIsPulumis(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	err := f.session.Run(t.Context(), "up", "-s", "staging", "-c", "fail=true")
	var exit *ExitError
	require.ErrorAs(t, err, &exit)
	assert.Equal(t, 42, exit.Code)
	assert.Empty(t, f.stdout.String(), "no outputs of a failed up")
	assert.True(t, f.providers.closed)
}

func TestNewStackIsSelectedInTheProject(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	// Pulumi selects in the project that it is run in, which is the shadow.
	f.write("bin/pulumi", strings.Replace(fakeCLI, "esac",
		`"up-") ;; esac
case "$*" in "stack init "*) mkdir -p "$PULUMI_HOME/workspaces"; echo '{"stack":"organization/shop/dev"}' > "$SHADOW" ;; esac`, 1))
	shadow := project{dir: filepath.Join(f.dir, ".local", "project"), name: "shop"}
	f.session.Environ = append(f.session.Environ, "SHADOW="+shadow.workspaceFile(filepath.Join(f.dir, ".local")))
	require.NoError(t, f.session.Run(t.Context(), "stack", "init", "dev"))
	assert.Equal(t, []string{
		"stack init dev -C DIR/.local/project",
		"stack select dev -C DIR --non-interactive --color=never",
	}, f.calls())
}

func TestCancelledContextAsksPulumiToStop(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.write(".local/state/.pulumi/stacks/shop/staging.json", "{}")
	// It ends by the signal alone: with another status when the signal does not come as SIGTERM.
	f.write("bin/pulumi", "#!/bin/sh\ntrap 'echo cancelled; kill $!; exit 9' TERM\nsleep 60 >/dev/null 2>&1 &\necho started\nwait\n")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	output := &watchedBuffer{line: "started\n", seen: cancel}
	f.session.Stdout = output
	err := f.session.Run(ctx, "preview", "-s", "staging")
	var exit *ExitError
	require.ErrorAs(t, err, &exit)
	assert.Equal(t, 9, exit.Code)
	assert.Equal(t, "started\ncancelled\n", output.text)
}

// watchedBuffer calls seen when the line is written.
type watchedBuffer struct {
	text string
	line string
	seen func()
}

func (b *watchedBuffer) Write(data []byte) (int, error) {
	b.text += string(data)
	if strings.HasSuffix(b.text, b.line) {
		b.seen()
	}
	return len(data), nil
}

// Asking the CLI takes as long as half a preview.
func TestVersionOfTheCLIIsAskedOncePerFile(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	require.NoError(t, os.MkdirAll(filepath.Join(f.dir, ".local"), 0o755))
	r := &run{dir: filepath.Join(f.dir, ".local"), environ: f.session.Environ}
	install := func(version string) {
		f.write("bin/pulumi", "#!/bin/sh\necho \"$*\" >> "+f.dir+"/.local/calls\necho "+version+"\n")
	}
	ask := func() string {
		version, err := r.cliVersion(t.Context(), f.session.CLI)
		require.NoError(t, err)
		return version
	}
	install("v3.250.0")
	assert.Equal(t, "v3.250.0", ask())
	assert.Equal(t, "v3.250.0", ask())
	assert.Equal(t, []string{"version"}, f.calls())
	install("v3.250.10")
	assert.Equal(t, "v3.250.10", ask())
	assert.Equal(t, []string{"version"}, f.calls())
}

func TestAProjectThatCannotBeWrittenToIsNamed(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	require.NoError(t, os.RemoveAll(filepath.Join(f.dir, ".local")))
	f.write(".local", "a file where the directory has to be")
	err := f.session.Run(t.Context(), "preview", "-s", "staging")
	require.ErrorContains(t, err, filepath.Join(f.dir, ".local")+", which cannot be written")
	assert.ErrorContains(t, err, "work in a copy of the project")
}
