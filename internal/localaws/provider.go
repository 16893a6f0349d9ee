package localaws

import (
	"context"
	"fmt"
	"sync"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

// provider answers the provider protocol for one package out of the catalogue and the account.
type provider struct {
	plugin.UnimplementedProvider

	pkg     tokens.Package
	version semver.Version
	account *Account
	behaviour

	mu sync.Mutex
	// configured is the configuration of each attached provider instance. The engine opens one connection for each,
	// such as the default one and one for us-east-1, to the same port; the connection is all that tells them apart.
	configured map[string]configuration
}

// behaviour is what the providers of one embedded AWS have in common, as its Options say.
type behaviour struct {
	faults *faults
	pace   *pace
	// projectDir is what relative paths in inputs are relative to.
	projectDir string
	// role is who the provider acts as; see RoleVariable.
	role string
}

func newProvider(pkg, version string, account *Account, common behaviour) *provider {
	return &provider{pkg: tokens.Package(pkg), version: semver.MustParse(version), account: account, behaviour: common, configured: map[string]configuration{}}
}

// Close has nothing to close: the account outlives the engine's providers.
func (p *provider) Close() error { return nil }

func (p *provider) Pkg() tokens.Package { return p.pkg }

// Attach is how the engine says that it uses a provider that it did not start.
func (p *provider) Attach(string) error { return nil }

func (p *provider) Handshake(context.Context, plugin.ProviderHandshakeRequest) (*plugin.ProviderHandshakeResponse, error) {
	return &plugin.ProviderHandshakeResponse{AcceptSecrets: true, AcceptResources: true}, nil
}

func (p *provider) GetPluginInfo(context.Context) (plugin.PluginInfo, error) {
	return plugin.PluginInfo{Version: &p.version}, nil
}

// SignalCancellation is how the engine says that the user wants to end: nothing is waited for any more.
func (p *provider) SignalCancellation(context.Context) error {
	p.pace.stop()
	return nil
}

// kindOf finds a type in the catalogue. What it does not know must never succeed silently.
func kindOf(typ tokens.Type) (*kind, error) {
	if k := catalogue[string(typ)]; k != nil {
		return k, nil
	}
	return nil, fmt.Errorf("the embedded AWS does not know the resource type %s; CONTRIBUTING.md says how to add it to the catalogue in internal/localaws", typ)
}

func (p *provider) Check(ctx context.Context, req plugin.CheckRequest) (plugin.CheckResponse, error) {
	k, err := kindOf(req.URN.Type())
	if err != nil {
		return plugin.CheckResponse{}, err
	}
	inputs := req.News.Copy()
	delete(inputs, defaultsKey)
	failures := k.validate(inputs)
	if failure := k.named.fill(req, inputs); failure != nil {
		failures = append(failures, *failure)
	}
	if k.check != nil && len(failures) == 0 {
		c := &checking{draft: p.draft(k, req.URN, p.configuration(ctx), inputs)}
		k.check(c)
		failures = append(failures, c.failures...)
		for key, v := range c.outputs { // a check may add inputs, as docker.Image's digest of its context
			inputs[key] = v
		}
	}
	return plugin.CheckResponse{Properties: inputs, Failures: failures}, nil
}

// asked is the configuration of the provider instance that is asked, and what exists as it sees it.
func (p *provider) asked(ctx context.Context) (configuration, *Account) {
	cfg := p.configuration(ctx)
	return cfg, p.account.at(cfg.scope)
}

func (p *provider) draft(k *kind, urn resource.URN, cfg configuration, inputs resource.PropertyMap) *draft {
	return &draft{kind: k, urn: urn, scope: cfg.scope, projectDir: p.projectDir, inputs: inputs, outputs: resource.PropertyMap{}}
}

func (p *provider) Diff(_ context.Context, req plugin.DiffRequest) (plugin.DiffResponse, error) {
	k, err := kindOf(req.URN.Type())
	if err != nil {
		return plugin.DiffResult{}, err
	}
	return k.diff(req), nil
}

func (p *provider) Create(ctx context.Context, req plugin.CreateRequest) (plugin.CreateResponse, error) {
	k, err := kindOf(req.URN.Type())
	if err != nil {
		return plugin.CreateResponse{}, err
	}
	cfg, account := p.asked(ctx)
	d := p.draft(k, req.URN, cfg, req.Properties)
	if req.Preview {
		d.generation = 1
		k.complete(d, cfg)
		return plugin.CreateResponse{Properties: d.preview(nil)}, nil
	}
	fault := p.faults.take(Create, k, req.URN)
	var outputs resource.PropertyMap
	err = account.update(func() ([]change, error) {
		if err := k.refused(Create, fault); err != nil {
			return nil, err
		}
		d.account = account
		d.generation = account.generations[string(req.URN)] + 1
		k.complete(d, cfg)
		if err := account.permit(cfg, intent{operation: Create, kind: k, draft: d}); err != nil {
			return nil, err
		}
		changes, err := k.admitted(account, d, nil)
		if err != nil {
			return nil, k.operation("Create", "creating", err)
		}
		outputs = d.properties()
		changes[0].Generation = d.generation
		return changes, nil
	})
	if err == nil {
		p.pace.wait(ctx, Create, k.token, req.Properties)
		err = k.answered(ctx, Create, fault, d.id, outputs)
	}
	return plugin.CreateResponse{ID: resource.ID(d.id), Properties: outputs}, err
}

func (p *provider) Update(ctx context.Context, req plugin.UpdateRequest) (plugin.UpdateResponse, error) {
	k, err := kindOf(req.URN.Type())
	if err != nil {
		return plugin.UpdateResponse{}, err
	}
	cfg, account := p.asked(ctx)
	d := p.draft(k, req.URN, cfg, req.NewInputs)
	d.id = string(req.ID)
	k.named.keep(d, req.OldOutputs)
	if req.Preview {
		err := account.view(func() error {
			d.account = account
			k.complete(d, cfg)
			return nil
		})
		return plugin.UpdateResponse{Properties: d.preview(req.OldOutputs)}, err
	}
	fault := p.faults.take(Update, k, req.URN)
	var outputs resource.PropertyMap
	err = account.update(func() ([]change, error) {
		if err := k.refused(Update, fault); err != nil {
			return nil, err
		}
		previous := account.existing(k.token, d.id)
		if previous == nil {
			return nil, k.operation("Update", "updating", refuse("NotFoundException", "%s %s does not exist; `pulumi refresh` takes note of that", k.noun, d.id))
		}
		d.account = account
		d.generation = account.generations[string(req.URN)]
		k.complete(d, cfg)
		if err := account.permit(cfg, intent{operation: Update, kind: k, draft: d, object: previous}); err != nil {
			return nil, err
		}
		if fault == rolledBack {
			d.rollBack(previous)
		}
		changes, err := k.admitted(account, d, previous)
		if err != nil {
			return nil, k.operation("Update", "updating", err)
		}
		outputs = d.properties()
		return changes, nil
	})
	if err == nil {
		p.pace.wait(ctx, Update, k.token, req.NewInputs)
		err = k.answered(ctx, Update, fault, d.id, outputs)
	}
	return plugin.UpdateResponse{Properties: outputs}, err
}

func (p *provider) Delete(ctx context.Context, req plugin.DeleteRequest) (plugin.DeleteResponse, error) {
	k, err := kindOf(req.URN.Type())
	if err != nil {
		return plugin.DeleteResponse{}, err
	}
	cfg, account := p.asked(ctx)
	fault := p.faults.take(Delete, k, req.URN)
	gone := false
	err = account.update(func() ([]change, error) {
		if err := k.refused(Delete, fault); err != nil {
			return nil, err
		}
		o := account.existing(k.token, string(req.ID))
		if o == nil {
			gone = true
			return nil, nil // AWS's providers take that for deleted
		}
		if err := account.permit(cfg, intent{operation: Delete, kind: k, object: o}); err != nil {
			return nil, err
		}
		return k.removal(account, o)
	})
	if err == nil {
		if !gone {
			p.pace.wait(ctx, Delete, k.token, req.Inputs)
		}
		err = k.answered(ctx, Delete, fault, string(req.ID), nil)
	}
	return plugin.DeleteResponse{}, err
}

func (p *provider) Read(ctx context.Context, req plugin.ReadRequest) (plugin.ReadResponse, error) {
	k, err := kindOf(req.URN.Type())
	if err != nil {
		return plugin.ReadResponse{}, err
	}
	cfg, account := p.asked(ctx)
	var result plugin.ReadResult
	err = account.view(func() error {
		o := account.lookup(string(req.ID), k.token)
		if o == nil {
			return nil
		}
		if err := account.permit(cfg, intent{operation: read, kind: k, object: o}); err != nil {
			return err
		}
		result = plugin.ReadResult{ID: resource.ID(o.ID), Inputs: fromStoredMap(o.Inputs, req.Inputs), Outputs: fromStoredMap(o.Properties, req.State)}
		defaults, ok := req.Inputs[defaultsKey]
		if !ok {
			defaults = resource.NewProperty([]resource.PropertyValue{})
		}
		result.Inputs[defaultsKey] = defaults
		return nil
	})
	return plugin.ReadResponse{ReadResult: result}, err
}

func (p *provider) Invoke(ctx context.Context, req plugin.InvokeRequest) (plugin.InvokeResponse, error) {
	f := functions[string(req.Tok)]
	if f == nil {
		return plugin.InvokeResponse{}, fmt.Errorf("the embedded AWS does not know the function %s; CONTRIBUTING.md says how to add it to internal/localaws", req.Tok)
	}
	cfg, account := p.asked(ctx)
	var result resource.PropertyMap
	err := account.view(func() error {
		if err := account.permitFunction(cfg, string(req.Tok)); err != nil {
			return err
		}
		answer, err := f(&invocation{args: req.Args, scope: cfg.scope, role: cfg.role, account: account})
		result = resource.NewPropertyMapFromMap(answer)
		return err
	})
	if err != nil {
		return plugin.InvokeResponse{}, fmt.Errorf("invoking %s: %w", req.Tok, err)
	}
	return plugin.InvokeResponse{Properties: result}, nil
}
