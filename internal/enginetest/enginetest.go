// Package enginetest runs a Pulumi program in a test's own process on the embedded AWS: as much of Pulumi's engine as a first deployment
// takes, without a state, so that hundreds of deployments are tried in seconds. The tests in internal/e2e have the real one.
package enginetest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"slipway/internal/localaws"
)

// Project is the name of the project that every program is run as.
const Project = "slipway"

// Engine has the embedded AWS check and create what programs register.
type Engine struct {
	pulumirpc.UnimplementedResourceMonitorServer
	pulumirpc.UnimplementedEngineServer

	address string
	// ports are where the embedded AWS serves each package.
	ports map[string]string

	mu        sync.Mutex
	providers map[string]pulumirpc.ResourceProviderClient // the default one by its package, others by their reference
	resources map[string]*registered                      // by URN
	// transforms are those of the resources within a resource, by its URN.
	transforms map[string][]*pulumirpc.Callback
}

// registered is a resource as its children, and references to it, need it.
type registered struct {
	parent, id         string
	inputs, properties *structpb.Struct
}

// New is an engine with an empty AWS, for as long as the test runs. projectDir is where the folders of images are.
func New(t *testing.T, projectDir string) *Engine {
	t.Helper()
	aws, err := localaws.Serve(t.Context(), localaws.Options{Dir: t.TempDir(), ProjectDir: projectDir})
	require.NoError(t, err)
	e := &Engine{ports: map[string]string{}, providers: map[string]pulumirpc.ResourceProviderClient{}, resources: map[string]*registered{}, transforms: map[string][]*pulumirpc.Callback{}}
	for attached := range strings.SplitSeq(aws.DebugProviders(), ",") {
		pkg, port, _ := strings.Cut(attached, ":")
		e.ports[pkg] = port
	}
	cancel := make(chan bool)
	serving, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{Cancel: cancel, Init: func(server *grpc.Server) error {
		pulumirpc.RegisterResourceMonitorServer(server, e)
		pulumirpc.RegisterEngineServer(server, e)
		return nil
	}})
	require.NoError(t, err)
	e.address = fmt.Sprintf("127.0.0.1:%d", serving.Port)
	t.Cleanup(func() {
		close(cancel)
		<-serving.Done
	})
	for pkg := range e.ports {
		e.providers[pkg], err = e.configure(t.Context(), pkg, &structpb.Struct{Fields: map[string]*structpb.Value{"region": structpb.NewStringValue("us-east-1")}})
		require.NoError(t, err)
	}
	return e
}

// Run runs a program as a stack of that name, with this configuration: values by whole keys, objects as JSON.
func (e *Engine) Run(stack string, configuration map[string]string, program pulumi.RunFunc) error {
	return pulumi.RunErr(program, func(info *pulumi.RunInfo) {
		info.Project, info.Stack, info.MonitorAddr, info.EngineAddr, info.Config = Project, stack, e.address, e.address, configuration
	})
}

// configure is a provider with a configuration of its own, which the embedded AWS tells by the connection.
func (e *Engine) configure(ctx context.Context, pkg string, inputs *structpb.Struct) (pulumirpc.ResourceProviderClient, error) {
	port, known := e.ports[pkg]
	if !known {
		return nil, fmt.Errorf("there is no provider of the package %q", pkg)
	}
	conn, err := grpc.NewClient("127.0.0.1:"+port, grpc.WithTransportCredentials(insecure.NewCredentials()), rpcutil.GrpcChannelOptions())
	if err != nil {
		return nil, err
	}
	client := pulumirpc.NewResourceProviderClient(conn)
	if _, err := client.Attach(ctx, &pulumirpc.PluginAttach{Address: e.address}); err != nil {
		return nil, err
	}
	_, err = client.Configure(ctx, &pulumirpc.ConfigureRequest{Args: inputs, AcceptSecrets: true, AcceptResources: true})
	return client, err
}

func (e *Engine) provider(token, reference string) (pulumirpc.ResourceProviderClient, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if reference == "" {
		reference, _, _ = strings.Cut(token, ":")
	}
	if client := e.providers[reference]; client != nil {
		return client, nil
	}
	return nil, fmt.Errorf("there is no provider %q for %s", reference, token)
}

func (e *Engine) SupportsFeature(_ context.Context, req *pulumirpc.SupportsFeatureRequest) (*pulumirpc.SupportsFeatureResponse, error) {
	return &pulumirpc.SupportsFeatureResponse{HasSupport: req.GetId() != "outputValues" && !strings.HasSuffix(req.GetId(), "Hooks")}, nil
}

func (e *Engine) Log(context.Context, *pulumirpc.LogRequest) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil // errors come back to whoever registers
}

func (e *Engine) RegisterResource(ctx context.Context, req *pulumirpc.RegisterResourceRequest) (*pulumirpc.RegisterResourceResponse, error) {
	if err := e.transform(ctx, req); err != nil {
		return nil, err
	}
	made := &registered{parent: req.GetParent(), inputs: req.GetObject(), properties: req.GetObject()}
	name := string(e.urn(req))
	e.mu.Lock()
	e.transforms[name] = append(e.transforms[name], req.GetTransforms()...)
	e.mu.Unlock()
	var err error
	switch token := req.GetType(); {
	case req.GetRemote():
		return e.construct(ctx, req)
	case strings.HasPrefix(token, "pulumi:providers:"):
		made.id = "provider"
		pkg := strings.TrimPrefix(token, "pulumi:providers:")
		var client pulumirpc.ResourceProviderClient
		if client, err = e.configure(ctx, pkg, req.GetObject()); err == nil {
			e.mu.Lock()
			e.providers[name+"::"+made.id] = client
			e.mu.Unlock()
		}
	case req.GetCustom():
		err = e.create(ctx, req, name, made)
	}
	if err != nil {
		return nil, fmt.Errorf("%s %q: %w", req.GetType(), req.GetName(), err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.resources[name] != nil {
		return nil, fmt.Errorf("%s is registered twice", name)
	}
	e.resources[name] = made
	return &pulumirpc.RegisterResourceResponse{Urn: name, Id: made.id, Object: made.properties}, nil
}

// urn is the resource's: its stack is that of its parent, and the stack's own is in its name.
func (e *Engine) urn(req *pulumirpc.RegisterResourceRequest) resource.URN {
	if req.GetParent() == "" {
		return urn.New(tokens.QName(strings.TrimPrefix(req.GetName(), "slipway-")), "slipway", "", tokens.Type(req.GetType()), req.GetName())
	}
	parent := resource.URN(req.GetParent())
	within := parent.QualifiedType()
	if parent.Type() == "pulumi:pulumi:Stack" {
		within = ""
	}
	return urn.New(parent.Stack(), Project, within, tokens.Type(req.GetType()), req.GetName())
}

// create has the provider check and create, as an update without a preview does.
func (e *Engine) create(ctx context.Context, req *pulumirpc.RegisterResourceRequest, name string, made *registered) error {
	client, err := e.provider(req.GetType(), req.GetProvider())
	if err != nil {
		return err
	}
	seed := sha256.Sum256([]byte(name))
	checked, err := client.Check(ctx, &pulumirpc.CheckRequest{Urn: name, Name: req.GetName(), Type: req.GetType(), News: req.GetObject(), RandomSeed: seed[:]})
	if err != nil {
		return err
	}
	var failures []string
	for _, failure := range checked.GetFailures() {
		failures = append(failures, failure.GetProperty()+": "+failure.GetReason())
	}
	if len(failures) > 0 {
		return fmt.Errorf("check: %s", strings.Join(failures, "; "))
	}
	created, err := client.Create(ctx, &pulumirpc.CreateRequest{Urn: name, Name: req.GetName(), Type: req.GetType(), Properties: checked.GetInputs()})
	made.id, made.properties = created.GetId(), created.GetProperties()
	return err
}

// construct has the provider make a component, whose resources it registers here.
func (e *Engine) construct(ctx context.Context, req *pulumirpc.RegisterResourceRequest) (*pulumirpc.RegisterResourceResponse, error) {
	client, err := e.provider(req.GetType(), "")
	if err != nil {
		return nil, err
	}
	inputs := map[string]*pulumirpc.ConstructRequest_PropertyDependencies{}
	for property, on := range req.GetPropertyDependencies() {
		inputs[property] = &pulumirpc.ConstructRequest_PropertyDependencies{Urns: on.GetUrns()}
	}
	made, err := client.Construct(ctx, &pulumirpc.ConstructRequest{
		Project: Project, Stack: string(resource.URN(req.GetParent()).Stack()), Parallel: 8, MonitorEndpoint: e.address,
		Type: req.GetType(), Name: req.GetName(), Parent: req.GetParent(), Inputs: req.GetObject(), InputDependencies: inputs,
	})
	if err != nil {
		return nil, err
	}
	return &pulumirpc.RegisterResourceResponse{Urn: made.GetUrn(), Object: made.GetState()}, nil
}

// transform has the program change a resource as the transforms of what it is in say.
func (e *Engine) transform(ctx context.Context, req *pulumirpc.RegisterResourceRequest) error {
	for _, callback := range e.transformsOf(req.GetParent()) {
		conn, err := grpc.NewClient(callback.GetTarget(), grpc.WithTransportCredentials(insecure.NewCredentials()), rpcutil.GrpcChannelOptions())
		if err != nil {
			return err
		}
		defer conn.Close()
		question, err := proto.Marshal(&pulumirpc.TransformRequest{Type: req.GetType(), Name: req.GetName(), Custom: req.GetCustom(), Parent: req.GetParent(), Properties: req.GetObject(),
			Options: &pulumirpc.TransformResourceOptions{}})
		if err != nil {
			return err
		}
		reply, err := pulumirpc.NewCallbacksClient(conn).Invoke(ctx, &pulumirpc.CallbackInvokeRequest{Token: callback.GetToken(), Request: question})
		if err != nil {
			return err
		}
		var answer pulumirpc.TransformResponse
		if err := proto.Unmarshal(reply.GetResponse(), &answer); err != nil {
			return err
		}
		if answer.GetProperties() != nil {
			req.Object = answer.GetProperties()
		}
	}
	return nil
}

func (e *Engine) transformsOf(parent string) (callbacks []*pulumirpc.Callback) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for parent != "" && e.resources[parent] != nil {
		callbacks = append(callbacks, e.transforms[parent]...)
		parent = e.resources[parent].parent
	}
	return callbacks
}

// Exported is what a stack exports.
func (e *Engine) Exported(stack string) map[string]*structpb.Value {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.resources[string(urn.New(tokens.QName(stack), Project, "", "pulumi:pulumi:Stack", Project+"-"+stack))].properties.GetFields()
}

// Inputs is what each resource was registered with, by its URN, to be compared: secrets, which are others each time, are left out.
func (e *Engine) Inputs() map[string]any {
	e.mu.Lock()
	defer e.mu.Unlock()
	inputs := map[string]any{}
	for name, made := range e.resources {
		inputs[name] = withoutSecrets(made.inputs.AsMap())
	}
	return inputs
}

func withoutSecrets(value any) any {
	switch value := value.(type) {
	case map[string]any:
		if _, isSecret := value[resource.SigKey]; isSecret {
			return "[secret]"
		}
		for key, inner := range value {
			value[key] = withoutSecrets(inner)
		}
	case []any:
		for i, inner := range value {
			value[i] = withoutSecrets(inner)
		}
	}
	return value
}

func (e *Engine) RegisterResourceOutputs(_ context.Context, req *pulumirpc.RegisterResourceOutputsRequest) (*emptypb.Empty, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if made := e.resources[req.GetUrn()]; made != nil {
		made.properties = req.GetOutputs()
	}
	return &emptypb.Empty{}, nil
}

func (e *Engine) Invoke(ctx context.Context, req *pulumirpc.ResourceInvokeRequest) (*pulumirpc.InvokeResponse, error) {
	if req.GetTok() == "pulumi:pulumi:getResource" {
		return e.lookup(req.GetArgs().GetFields()["urn"].GetStringValue())
	}
	client, err := e.provider(req.GetTok(), req.GetProvider())
	if err != nil {
		return nil, err
	}
	return client.Invoke(ctx, &pulumirpc.InvokeRequest{Tok: req.GetTok(), Args: req.GetArgs()})
}

// lookup is how a program gets the properties of a resource that it has a reference to.
func (e *Engine) lookup(name string) (*pulumirpc.InvokeResponse, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	made := e.resources[name]
	if made == nil {
		return nil, fmt.Errorf("there is no resource %s", name)
	}
	return &pulumirpc.InvokeResponse{Return: &structpb.Struct{Fields: map[string]*structpb.Value{
		"urn": structpb.NewStringValue(name), "id": structpb.NewStringValue(made.id), "state": structpb.NewStructValue(made.properties),
	}}}, nil
}
