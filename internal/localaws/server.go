// Package localaws is the embedded AWS: it serves the provider protocol for the packages that the program uses to the
// real Pulumi engine, attached through Pulumi's own PULUMI_DEBUG_PROVIDERS. Nothing in it reaches a network beyond
// loopback.
//
// It is generic. Property names, types and required inputs come from the SDK's own Go types (schema.go). What those do
// not say is in the catalogue: a kind for each resource type, in one file a service. The provider (provider.go) is the
// same for all of them, and the account (account.go) remembers what exists, apart from Pulumi's state.
package localaws

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// Server is a running embedded AWS.
type Server struct {
	debugProviders string
	pace           *pace
	closing        sync.Once
	cancel         chan bool
	done           []<-chan error
}

// Options say where an embedded AWS keeps what exists, and what it does on purpose.
type Options struct {
	// Dir keeps what exists; it is made when it is missing.
	Dir string
	// ProjectDir is the directory of Pulumi.yaml. The contexts of image builds are relative to it, as they are for the
	// real provider, which the engine starts there.
	ProjectDir string
	// Faults makes calls fail; see FaultsVariable for the form. Empty for none.
	Faults string
	// Latency makes the embedded AWS slow; see LatencyVariable for the form. Empty for at once.
	Latency string
	// Role is who the AWS provider acts as; see RoleVariable. Empty for somebody who may do everything.
	Role string
	// Around, when it is given, is called for each creation, update and deletion, which do is to do, with the resource's URN. It is for
	// tests that interrupt what goes on. Calls come side by side.
	Around func(operation Operation, urn string, do func())
}

// Serve starts the embedded AWS on loopback. It ends when ctx does, or with Close.
func Serve(ctx context.Context, options Options) (*Server, error) {
	account, err := Open(options.Dir)
	if err != nil {
		return nil, err
	}
	faults, err := parseFaults(options.Faults)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", FaultsVariable, err)
	}
	pace, err := parsePace(options.Latency)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", LatencyVariable, err)
	}
	if err := CheckRole(options.Role); err != nil {
		return nil, fmt.Errorf("%s: %w", RoleVariable, err)
	}
	s := &Server{pace: pace, cancel: make(chan bool)}
	common := behaviour{faults: faults, pace: pace, projectDir: options.ProjectDir, role: options.Role}
	var attached []string
	for _, pkg := range []struct {
		name   string
		server pulumirpc.ResourceProviderServer
	}{
		{"aws", wholeProperties{plugin.NewProviderServer(newProvider("aws", awsVersion, account, common))}},
		{"docker", wholeProperties{plugin.NewProviderServer(newProvider("docker", dockerVersion, account, common))}},
		{"awsx", &awsx{}},
	} {
		handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{Cancel: s.cancel, Options: options.around(), Init: func(server *grpc.Server) error {
			pulumirpc.RegisterResourceProviderServer(server, pkg.server)
			return nil
		}})
		if err != nil {
			return nil, errors.Join(fmt.Errorf("the embedded AWS needs a port on loopback: %w", err), s.Close())
		}
		s.done = append(s.done, handle.Done)
		attached = append(attached, fmt.Sprintf("%s:%d", pkg.name, handle.Port))
	}
	s.debugProviders = strings.Join(attached, ",")
	context.AfterFunc(ctx, func() { _ = s.Close() })
	return s, nil
}

// DebugProviders is the value of PULUMI_DEBUG_PROVIDERS that attaches the engine: "aws:4711,docker:4712,awsx:4713".
func (s *Server) DebugProviders() string { return s.debugProviders }

// Close ends the servers. What exists stays in the account.
func (s *Server) Close() error {
	var err error
	s.closing.Do(func() {
		s.pace.stop()
		close(s.cancel)
		for _, done := range s.done {
			err = errors.Join(err, <-done)
		}
	})
	return err
}
