package localaws

import (
	"context"
	"fmt"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumiprovider "github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"
)

// awsx serves the package of that name: components only, so what it constructs are the children that the real awsx
// creates, registered with the engine and made by the aws provider.
type awsx struct {
	pulumirpc.UnimplementedResourceProviderServer

	mu     sync.Mutex
	engine string
}

func (a *awsx) Handshake(_ context.Context, req *pulumirpc.ProviderHandshakeRequest) (*pulumirpc.ProviderHandshakeResponse, error) {
	a.setEngine(req.GetEngineAddress())
	return &pulumirpc.ProviderHandshakeResponse{AcceptSecrets: true, AcceptResources: true, AcceptOutputs: true}, nil
}

func (a *awsx) Attach(_ context.Context, req *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	a.setEngine(req.GetAddress())
	return &emptypb.Empty{}, nil
}

func (a *awsx) setEngine(address string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.engine = address
}

func (a *awsx) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: awsxVersion}, nil
}

func (a *awsx) CheckConfig(_ context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	return &pulumirpc.CheckResponse{Inputs: req.GetNews()}, nil
}

func (a *awsx) DiffConfig(context.Context, *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}, nil
}

func (a *awsx) Configure(context.Context, *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	return &pulumirpc.ConfigureResponse{AcceptSecrets: true, SupportsPreview: true, AcceptResources: true, AcceptOutputs: true}, nil
}

func (a *awsx) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

func (a *awsx) Construct(ctx context.Context, req *pulumirpc.ConstructRequest) (*pulumirpc.ConstructResponse, error) {
	a.mu.Lock()
	engine := a.engine
	a.mu.Unlock()
	conn, err := grpc.NewClient(engine, grpc.WithTransportCredentials(insecure.NewCredentials()), rpcutil.GrpcChannelOptions())
	if err != nil {
		return nil, fmt.Errorf("reaching the engine at %s: %w", engine, err)
	}
	defer conn.Close()
	return pulumiprovider.Construct(ctx, req, conn, func(ctx *pulumi.Context, typ, name string, inputs pulumiprovider.ConstructInputs, options pulumi.ResourceOption) (*pulumiprovider.ConstructResult, error) {
		if typ != "awsx:ec2:Vpc" {
			return nil, fmt.Errorf("the embedded AWS does not know the component %s; CONTRIBUTING.md says how to add it to internal/localaws", typ)
		}
		args := &vpcArgs{}
		if err := inputs.CopyTo(args); err != nil {
			return nil, fmt.Errorf("awsx:ec2:Vpc %q: %w", name, err)
		}
		vpc, err := newVpc(ctx, name, args, options)
		if err != nil {
			return nil, err
		}
		return pulumiprovider.NewConstructResult(vpc)
	})
}
