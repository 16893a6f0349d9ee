// Package gohost is a Pulumi language host for Go programs that are built already.
//
// Pulumi's own Go language host is no use to a local run: the version that can be had as a Go module (v3.66.0) asks
// `go list` and the network for plugins before every command and ignores runtime.options.binary, the later ones ignore
// its replacement, the -binary flag, so that no single way of passing a prebuilt program serves both; and a host that
// the CLI starts outlives a CLI that was killed. This host is served by the process that starts the CLI and attached
// with Pulumi's own PULUMI_DEBUG_LANGUAGES. It needs no executable of its own, no plugin and no network, and it ends
// what it started when the CLI is gone.
package gohost

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/peer"
	"google.golang.org/protobuf/types/known/emptypb"
)

// Host serves the language runtime "go" on loopback until it is closed.
type Host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer

	executable func(context.Context) (string, error)
	env        []string
	listener   net.Listener
	server     *grpc.Server

	mu       sync.Mutex
	engines  map[string]string // the engine's address by the client's: `up` has an engine for the preview and one for the update
	programs map[*exec.Cmd]struct{}
	closed   bool
}

// Serve starts a host. Each Run asks executable for the path of the program to start, so that `pulumi watch` gets a
// newly built one after a change. env is the environment of the program, without what a RunRequest adds.
func Serve(env []string, executable func(context.Context) (string, error)) (*Host, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("language host: %w", err)
	}
	h := &Host{
		executable: executable,
		env:        env,
		listener:   listener,
		server:     grpc.NewServer(),
		engines:    map[string]string{},
		programs:   map[*exec.Cmd]struct{}{},
	}
	pulumirpc.RegisterLanguageRuntimeServer(h.server, h)
	go func() { _ = h.server.Serve(listener) }() // returns when Close stops the server
	return h, nil
}

// DebugLanguages is the value of PULUMI_DEBUG_LANGUAGES that attaches the host, for example "go:41235".
func (h *Host) DebugLanguages() string {
	return fmt.Sprintf("go:%d", h.listener.Addr().(*net.TCPAddr).Port)
}

// Close kills the programs that still run and stops serving.
func (h *Host) Close() {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.killPrograms()
	h.server.Stop()
}

// Handshake remembers where the engine that opened this connection listens.
func (h *Host) Handshake(
	ctx context.Context, req *pulumirpc.LanguageHandshakeRequest,
) (*pulumirpc.LanguageHandshakeResponse, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.engines[clientAddress(ctx)] = req.GetEngineAddress()
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

func (h *Host) engineAddress(ctx context.Context) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.engines[clientAddress(ctx)]
}

// clientAddress tells connections apart: a plugin context of the engine dials once and handshakes first.
func clientAddress(ctx context.Context) string {
	if p, ok := peer.FromContext(ctx); ok {
		return p.Addr.String()
	}
	return ""
}

// Cancel ends the programs: the engine calls it when the operation is cancelled.
func (h *Host) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	h.killPrograms()
	return &emptypb.Empty{}, nil
}

// GetRequiredPackages names none: every package is attached with PULUMI_DEBUG_PROVIDERS, none is to be installed.
func (h *Host) GetRequiredPackages(
	context.Context, *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	return &pulumirpc.GetRequiredPackagesResponse{}, nil
}

// GetRequiredPlugins names none, as GetRequiredPackages does.
func (h *Host) GetRequiredPlugins(
	context.Context, *pulumirpc.GetRequiredPluginsRequest,
) (*pulumirpc.GetRequiredPluginsResponse, error) {
	return &pulumirpc.GetRequiredPluginsResponse{}, nil
}

// GetPluginInfo gives no version: the host is part of the command that starts the CLI.
func (h *Host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{}, nil
}

// InstallDependencies does nothing: `go build` fetches the modules that go.sum names.
func (h *Host) InstallDependencies(
	*pulumirpc.InstallDependenciesRequest, grpc.ServerStreamingServer[pulumirpc.InstallDependenciesResponse],
) error {
	return nil
}

// About tells `pulumi about` which Go builds the program.
func (h *Host) About(ctx context.Context, _ *pulumirpc.AboutRequest) (*pulumirpc.AboutResponse, error) {
	path, err := exec.LookPath("go")
	if err != nil {
		return nil, fmt.Errorf("language host: %w", err)
	}
	version, err := exec.CommandContext(ctx, path, "env", "GOVERSION").Output()
	if err != nil {
		return nil, fmt.Errorf("language host: %s env GOVERSION: %w", path, err)
	}
	return &pulumirpc.AboutResponse{Executable: path, Version: strings.TrimSpace(string(version))}, nil
}

// GetProgramDependencies lists the modules of the program for `pulumi about`.
func (h *Host) GetProgramDependencies(
	ctx context.Context, req *pulumirpc.GetProgramDependenciesRequest,
) (*pulumirpc.GetProgramDependenciesResponse, error) {
	format := "{{if not (or .Main .Indirect)}}{{.Path}} {{.Version}}{{end}}"
	if req.GetTransitiveDependencies() {
		format = "{{if not .Main}}{{.Path}} {{.Version}}{{end}}"
	}
	list := exec.CommandContext(ctx, "go", "list", "-m", "-mod=readonly", "-f", format, "all")
	list.Dir = filepath.Clean(req.GetInfo().GetProgramDirectory())
	list.Env = append(list.Environ(), "GOPROXY=off")
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("language host: %s in %s: %w", list, list.Dir, err)
	}
	resp := &pulumirpc.GetProgramDependenciesResponse{}
	for line := range strings.Lines(string(out)) {
		if name, version, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			resp.Dependencies = append(resp.Dependencies, &pulumirpc.DependencyInfo{Name: name, Version: version})
		}
	}
	return resp, nil
}
