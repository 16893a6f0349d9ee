package gohost

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"
)

// TestMain lets the test's executable be the program that the host starts.
func TestMain(m *testing.M) {
	switch role := os.Getenv("HOST_TEST_PROGRAM"); role {
	case "":
		os.Exit(m.Run())
	case "environment":
		directory, _ := os.Getwd()
		for _, name := range []string{
			"PULUMI_ORGANIZATION", "PULUMI_PROJECT", "PULUMI_ROOT_DIRECTORY", "PULUMI_STACK", "PULUMI_CONFIG",
			"PULUMI_CONFIG_SECRET_KEYS", "PULUMI_DRY_RUN", "PULUMI_PARALLEL", "PULUMI_MONITOR", "PULUMI_ENGINE",
		} {
			fmt.Printf("%s=%s\n", name, os.Getenv(name))
		}
		fmt.Printf("directory=%s\n", directory)
	case "output":
		fmt.Print("first\nsecond\nno line end")
		fmt.Fprintln(os.Stderr, "to stderr")
	case "logged error":
		os.Exit(32)
	case "status 7":
		os.Exit(7)
	case "killed":
		self, _ := os.FindProcess(os.Getpid())
		_ = self.Kill()
		select {}
	case "forever":
		// A child in the same group holds the write end of a connection: it ends when the whole group is killed.
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), "HOST_TEST_PROGRAM=child")
		if err := child.Start(); err != nil {
			panic(err)
		}
		select {}
	case "child":
		conn, err := net.Dial("tcp", os.Getenv("HOST_TEST_WATCHER"))
		if err != nil {
			panic(err)
		}
		_, _ = fmt.Fprintln(conn, "running")
		_, _ = io.Copy(io.Discard, conn)
	default:
		panic("unknown role " + role)
	}
}

// engine is an engine that keeps what it is told to log.
type engine struct {
	pulumirpc.UnimplementedEngineServer
	address string

	mu      sync.Mutex
	streams map[int32]string
}

func (e *engine) Log(_ context.Context, req *pulumirpc.LogRequest) (*emptypb.Empty, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.streams[req.GetStreamId()] += req.GetMessage()
	return &emptypb.Empty{}, nil
}

func (e *engine) output() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.streams[1]
}

func startEngine(t *testing.T) *engine {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	e := &engine{address: listener.Addr().String(), streams: map[int32]string{}}
	server := grpc.NewServer()
	pulumirpc.RegisterEngineServer(server, e)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return e
}

// serve starts a host whose program plays the role.
func serve(t *testing.T, role string, env ...string) *Host {
	t.Helper()
	env = append(append(os.Environ(), "HOST_TEST_PROGRAM="+role), env...)
	host, err := Serve(env, func(context.Context) (string, error) { return os.Executable() })
	require.NoError(t, err)
	t.Cleanup(host.Close)
	return host
}

// dial connects as an engine's plugin context does: one connection, and the handshake first.
func dial(t *testing.T, host *Host, e *engine) pulumirpc.LanguageRuntimeClient {
	t.Helper()
	port, ok := strings.CutPrefix(host.DebugLanguages(), "go:")
	require.True(t, ok, "PULUMI_DEBUG_LANGUAGES is %q", host.DebugLanguages())
	conn, err := grpc.NewClient("127.0.0.1:"+port, grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	client := pulumirpc.NewLanguageRuntimeClient(conn)
	_, err = client.Handshake(t.Context(), &pulumirpc.LanguageHandshakeRequest{EngineAddress: e.address})
	require.NoError(t, err)
	return client
}

func TestRunPassesWhatTheSDKReads(t *testing.T) {
	t.Parallel()
	e := startEngine(t)
	directory := t.TempDir()
	client := dial(t, serve(t, "environment"), e)
	resp, err := client.Run(t.Context(), &pulumirpc.RunRequest{
		Organization:     "organization",
		Project:          "shop",
		Stack:            "staging",
		Pwd:              directory,
		Config:           map[string]string{"shop:token": "t"},
		ConfigSecretKeys: []string{"shop:token"},
		DryRun:           true,
		Parallel:         16,
		MonitorAddress:   "127.0.0.1:1",
		Info:             &pulumirpc.ProgramInfo{RootDirectory: "/root/directory"},
	})
	require.NoError(t, err)
	assert.Empty(t, resp.GetError())
	assert.False(t, resp.GetBail())
	assert.Equal(t, `PULUMI_ORGANIZATION=organization
PULUMI_PROJECT=shop
PULUMI_ROOT_DIRECTORY=/root/directory
PULUMI_STACK=staging
PULUMI_CONFIG={"shop:token":"t"}
PULUMI_CONFIG_SECRET_KEYS=["shop:token"]
PULUMI_DRY_RUN=true
PULUMI_PARALLEL=16
PULUMI_MONITOR=127.0.0.1:1
PULUMI_ENGINE=`+e.address+`
directory=`+directory+`
`, e.output())
}

func TestRunWithoutConfiguration(t *testing.T) {
	t.Parallel()
	env, err := runEnvironment(&pulumirpc.RunRequest{}, "127.0.0.1:1")
	require.NoError(t, err)
	var keys []string
	for _, variable := range env {
		if value, ok := strings.CutPrefix(variable, "PULUMI_CONFIG_SECRET_KEYS="); ok {
			require.NoError(t, json.Unmarshal([]byte(value), &keys))
			assert.NotNil(t, keys, "the SDK wants a list, not null")
		}
	}
}

func TestRunForwardsOutputByStream(t *testing.T) {
	t.Parallel()
	e := startEngine(t)
	_, err := dial(t, serve(t, "output"), e).Run(t.Context(), &pulumirpc.RunRequest{})
	require.NoError(t, err)
	assert.Equal(t, map[int32]string{1: "first\nsecond\nno line end", 2: "to stderr\n"}, e.streams)
}

func TestRunTranslatesTheEnd(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		role      string
		bail      bool
		wantError string
	}{
		{role: "logged error", bail: true},
		{role: "status 7", wantError: "the program exited with status 7"},
		{role: "killed", wantError: "the program ended by signal: killed"},
	} {
		t.Run(test.role, func(t *testing.T) {
			t.Parallel()
			resp, err := dial(t, serve(t, test.role), startEngine(t)).Run(t.Context(), &pulumirpc.RunRequest{})
			require.NoError(t, err)
			assert.Equal(t, test.bail, resp.GetBail())
			assert.Equal(t, test.wantError, resp.GetError())
		})
	}
}

func TestRunReportsAProgramThatCannotBeBuiltOrStarted(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		path      string
		err       error
		wantError string
	}{
		{name: "not built", err: errors.New("main.go:3: syntax error"), wantError: "main.go:3: syntax error"},
		{name: "not there", path: "/nonexistent/program", wantError: "no such file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			host, err := Serve(nil, func(context.Context) (string, error) { return test.path, test.err })
			require.NoError(t, err)
			t.Cleanup(host.Close)
			resp, err := dial(t, host, startEngine(t)).Run(t.Context(), &pulumirpc.RunRequest{})
			require.NoError(t, err)
			assert.Contains(t, resp.GetError(), test.wantError)
		})
	}
}

// The preview and the update of one `up` have an engine each.
func TestEachConnectionHasItsEngine(t *testing.T) {
	t.Parallel()
	host := serve(t, "output")
	preview, update := startEngine(t), startEngine(t)
	first := dial(t, host, preview)
	_ = dial(t, host, update)
	_, err := first.Run(t.Context(), &pulumirpc.RunRequest{})
	require.NoError(t, err)
	assert.Contains(t, preview.output(), "first")
	assert.Empty(t, update.output())
}

func TestNothingOutlivesTheHost(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		end  func(t *testing.T, host *Host, client pulumirpc.LanguageRuntimeClient)
		bail bool
	}{
		{
			name: "cancel", bail: true,
			end: func(t *testing.T, _ *Host, client pulumirpc.LanguageRuntimeClient) {
				_, err := client.Cancel(t.Context(), &emptypb.Empty{})
				require.NoError(t, err)
			},
		},
		{
			name: "close",
			end:  func(_ *testing.T, host *Host, _ pulumirpc.LanguageRuntimeClient) { host.Close() },
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			watcher, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			defer watcher.Close()
			host := serve(t, "forever", "HOST_TEST_WATCHER="+watcher.Addr().String())
			client := dial(t, host, startEngine(t))
			ended := make(chan *pulumirpc.RunResponse, 1)
			go func() {
				resp, _ := client.Run(t.Context(), &pulumirpc.RunRequest{})
				ended <- resp
			}()
			child, err := watcher.Accept()
			require.NoError(t, err)

			test.end(t, host, client)

			_, err = io.Copy(io.Discard, child) // returns when the child is gone
			assert.True(t, err == nil || errors.Is(err, io.EOF) || strings.Contains(err.Error(), "reset"), "%v", err)
			resp := <-ended
			assert.Equal(t, test.bail, resp.GetBail())
		})
	}
}

func TestQuestionsOfTheCLI(t *testing.T) {
	t.Parallel()
	client := dial(t, serve(t, "output"), startEngine(t))

	packages, err := client.GetRequiredPackages(t.Context(), &pulumirpc.GetRequiredPackagesRequest{})
	require.NoError(t, err)
	assert.Empty(t, packages.GetPackages(), "all packages are attached")

	about, err := client.About(t.Context(), &pulumirpc.AboutRequest{})
	require.NoError(t, err)
	assert.Regexp(t, `^go1\.`, about.GetVersion())
	assert.NotEmpty(t, about.GetExecutable())

	install, err := client.InstallDependencies(t.Context(), &pulumirpc.InstallDependenciesRequest{})
	require.NoError(t, err)
	_, err = install.Recv()
	assert.ErrorIs(t, err, io.EOF, "nothing is installed")
}

func TestGetProgramDependencies(t *testing.T) {
	t.Parallel()
	client := dial(t, serve(t, "output"), startEngine(t))
	directory := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.MkdirAll(directory+"/lib", 0o755))
		require.NoError(t, os.WriteFile(directory+"/"+name, []byte(text), 0o644))
	}
	write("go.mod", "module program\n\ngo 1.24\n\nrequire example.org/lib v1.2.3\n\nreplace example.org/lib => ./lib\n")
	write("lib/go.mod", "module example.org/lib\n\ngo 1.24\n")
	resp, err := client.GetProgramDependencies(t.Context(), &pulumirpc.GetProgramDependenciesRequest{
		Info: &pulumirpc.ProgramInfo{ProgramDirectory: directory},
	})
	require.NoError(t, err)
	require.Len(t, resp.GetDependencies(), 1)
	assert.Equal(t, "example.org/lib", resp.GetDependencies()[0].GetName())
	assert.Equal(t, "v1.2.3", resp.GetDependencies()[0].GetVersion())
}
