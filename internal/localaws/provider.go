package localaws

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"google.golang.org/grpc/peer"
)

// provider answers the provider protocol for one package out of the catalogue and the account.
type provider struct {
	plugin.UnimplementedProvider

	pkg     tokens.Package
	version semver.Version
	account *Account
	faults  faults
	// projectDir is what relative paths in inputs are relative to.
	projectDir string

	mu sync.Mutex
	// configured is the configuration of each attached provider instance. The engine opens one connection for each,
	// such as the default one and one for us-east-1, to the same port; the connection is all that tells them apart.
	configured map[string]configuration
}

// configuration is what the embedded AWS takes from a provider's configuration.
type configuration struct {
	region      string
	defaultTags resource.PropertyMap
}

func newProvider(pkg, version string, account *Account, faults faults, projectDir string) *provider {
	return &provider{pkg: tokens.Package(pkg), version: semver.MustParse(version), account: account, faults: faults, projectDir: projectDir, configured: map[string]configuration{}}
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

func (p *provider) SignalCancellation(context.Context) error { return nil }

var regionName = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d$`)

func (p *provider) CheckConfig(_ context.Context, req plugin.CheckConfigRequest) (plugin.CheckConfigResponse, error) {
	resp := plugin.CheckConfigResponse{Properties: req.News}
	if p.pkg != "aws" {
		return resp, nil
	}
	region := plain(req.News["region"])
	switch {
	case region.IsComputed():
	case !region.IsString():
		resp.Failures = []plugin.CheckFailure{{Property: "region", Reason: "missing required configuration key \"aws:region\": set it with `pulumi config set aws:region us-east-1`"}}
	case !regionName.MatchString(region.StringValue()):
		resp.Failures = []plugin.CheckFailure{{Property: "region", Reason: fmt.Sprintf("aws:region: invalid AWS Region: %s; it takes a region's name such as us-east-1", region.StringValue())}}
	}
	return resp, nil
}

func (p *provider) DiffConfig(_ context.Context, req plugin.DiffConfigRequest) (plugin.DiffConfigResponse, error) {
	if req.OldInputs["region"].DeepEquals(req.NewInputs["region"]) {
		return plugin.DiffResult{Changes: plugin.DiffNone}, nil
	}
	return plugin.DiffResult{Changes: plugin.DiffSome, ReplaceKeys: []resource.PropertyKey{"region"}}, nil
}

func (p *provider) Configure(ctx context.Context, req plugin.ConfigureRequest) (plugin.ConfigureResponse, error) {
	c := configuration{region: "us-east-1"}
	if region := plain(req.Inputs["region"]); region.IsString() {
		c.region = region.StringValue()
	}
	if tags := texts(req.Inputs["defaultTags"], ""); len(tags) == 1 { // provider configuration arrives as JSON in a string
		c.defaultTags = parseDefaultTags(tags[0])
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.configured[instance(ctx)] = c
	return plugin.ConfigureResponse{}, nil
}

func (p *provider) configuration(ctx context.Context) configuration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.configured[instance(ctx)]
}

// instance tells the attached provider instances apart: each has a connection of its own.
func instance(ctx context.Context) string {
	if from, ok := peer.FromContext(ctx); ok {
		return from.Addr.String()
	}
	return ""
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

func (p *provider) draft(k *kind, urn resource.URN, cfg configuration, inputs resource.PropertyMap) *draft {
	return &draft{kind: k, urn: urn, region: cfg.region, projectDir: p.projectDir, inputs: inputs, outputs: resource.PropertyMap{}}
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
	cfg := p.configuration(ctx)
	d := p.draft(k, req.URN, cfg, req.Properties)
	if req.Preview {
		d.generation = 1
		k.complete(d, cfg)
		return plugin.CreateResponse{Properties: d.preview(nil)}, nil
	}
	var outputs resource.PropertyMap
	err = p.account.update(func() ([]change, error) {
		if code := p.faults.code("Create" + k.noun); code != "" {
			return nil, k.operation("Create", "creating", refuse(code, "this failure was asked for"))
		}
		d.account = p.account
		d.generation = p.account.generations[string(req.URN)] + 1
		k.complete(d, cfg)
		changes, err := k.admitted(p.account, d, nil)
		if err != nil {
			return nil, k.operation("Create", "creating", err)
		}
		outputs = d.properties()
		changes[0].Generation = d.generation
		return changes, nil
	})
	return plugin.CreateResponse{ID: resource.ID(d.id), Properties: outputs}, err
}

func (p *provider) Update(ctx context.Context, req plugin.UpdateRequest) (plugin.UpdateResponse, error) {
	k, err := kindOf(req.URN.Type())
	if err != nil {
		return plugin.UpdateResponse{}, err
	}
	cfg := p.configuration(ctx)
	d := p.draft(k, req.URN, cfg, req.NewInputs)
	d.id = string(req.ID)
	k.named.keep(d, req.OldOutputs)
	if req.Preview {
		err := p.account.view(func() error {
			d.account = p.account
			k.complete(d, cfg)
			return nil
		})
		return plugin.UpdateResponse{Properties: d.preview(req.OldOutputs)}, err
	}
	var outputs resource.PropertyMap
	err = p.account.update(func() ([]change, error) {
		code := p.faults.code("Update" + k.noun)
		if code != "" && code != rolledBack {
			return nil, k.operation("Update", "updating", refuse(code, "this failure was asked for"))
		}
		previous := p.account.objects[objectKey{k.token, d.id}]
		if previous == nil {
			return nil, k.operation("Update", "updating", refuse("NotFoundException", "%s %s does not exist; `pulumi refresh` takes note of that", k.noun, d.id))
		}
		d.account = p.account
		d.generation = p.account.generations[string(req.URN)]
		k.complete(d, cfg)
		if code == rolledBack {
			d.rollBack(previous)
		}
		changes, err := k.admitted(p.account, d, previous)
		if err != nil {
			return nil, k.operation("Update", "updating", err)
		}
		outputs = d.properties()
		return changes, nil
	})
	return plugin.UpdateResponse{Properties: outputs}, err
}

func (p *provider) Delete(_ context.Context, req plugin.DeleteRequest) (plugin.DeleteResponse, error) {
	k, err := kindOf(req.URN.Type())
	if err != nil {
		return plugin.DeleteResponse{}, err
	}
	return plugin.DeleteResponse{}, p.account.update(func() ([]change, error) {
		if code := p.faults.code("Delete" + k.noun); code != "" {
			return nil, k.operation("Delete", "deleting", refuse(code, "this failure was asked for"))
		}
		o := p.account.objects[objectKey{k.token, string(req.ID)}]
		if o == nil {
			return nil, nil // gone already: AWS's providers take that for deleted
		}
		return k.removal(p.account, o)
	})
}

func (p *provider) Read(_ context.Context, req plugin.ReadRequest) (plugin.ReadResponse, error) {
	k, err := kindOf(req.URN.Type())
	if err != nil {
		return plugin.ReadResponse{}, err
	}
	var result plugin.ReadResult
	err = p.account.view(func() error {
		o := p.account.lookup(string(req.ID), k.token)
		if o == nil {
			return nil
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
	var result resource.PropertyMap
	err := p.account.view(func() error {
		answer, err := f(&invocation{args: req.Args, region: p.configuration(ctx).region, account: p.account})
		result = resource.NewPropertyMapFromMap(answer)
		return err
	})
	if err != nil {
		return plugin.InvokeResponse{}, fmt.Errorf("invoking %s: %w", req.Tok, err)
	}
	return plugin.InvokeResponse{Properties: result}, nil
}

// complete gives the draft its id and outputs.
func (k *kind) complete(d *draft, cfg configuration) {
	for name, value := range k.defaults {
		if !given(d.inputs, name) {
			d.set(name, value)
		}
	}
	if d.id == "" {
		k.named.withPrefix(d)
		if k.idFrom != "" {
			d.id = d.text(k.idFrom)
		} else {
			d.id = k.id(d)
		}
	}
	if k.compute != nil {
		k.compute(d)
	}
	if k.schema.outputs["tagsAll"] {
		all := cfg.defaultTags.Copy()
		if tags := plain(d.inputs["tags"]); tags.IsObject() {
			for key, v := range tags.ObjectValue() {
				all[key] = v
			}
		}
		d.outputs["tagsAll"] = resource.NewProperty(all)
	}
}

// admitted checks the draft against the account and returns the changes that make it an object, its own first.
func (k *kind) admitted(a *Account, d *draft, previous *Object) ([]change, error) {
	references, err := k.resolve(a, d)
	if err != nil {
		return nil, err
	}
	admission := &admission{draft: d, previous: previous}
	if err := admission.checkUnique(); err != nil {
		return nil, err
	}
	if k.admit != nil {
		if err := k.admit(admission); err != nil {
			return nil, err
		}
	}
	o := &Object{Type: k.token, ID: d.id, Region: d.region, URN: string(d.urn), Created: time.Now().UTC(), References: references,
		Inputs: toStoredMap(d.inputs), Properties: toStoredMap(d.properties())}
	if previous != nil {
		o.Created = previous.Created
	}
	changes := []change{{Put: o}}
	if k.alongside != nil {
		for _, c := range k.alongside(admission) {
			if c.Put != nil {
				c.Put.Region, c.Put.URN, c.Put.Created = d.region, o.URN, o.Created
			}
			changes = append(changes, c)
		}
	}
	return changes, nil
}

// checkUnique refuses a second object of a name or id, with the service's own code where the kind has one.
func (a *admission) checkUnique() error {
	for property, code := range a.kind.unique {
		value := a.text(property)
		if err := a.others(a.kind.token, func(other *Object) error {
			if value != "" && other.text(property) == value && other.Region == a.region {
				return refuse(code, "a %s with the %s '%s' already exists", a.kind.noun, property, value)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	if existing := a.account.objects[objectKey{a.kind.token, a.id}]; existing != nil && a.previous == nil && (a.kind.overwrites == nil || !a.kind.overwrites(a.draft)) {
		return refuse(orDefault(a.kind.unique["id"], "EntityAlreadyExists"), "%s %s already exists; %s made it", a.kind.noun, a.id, existing.URN)
	}
	return nil
}

// properties are the outputs as Pulumi's state keeps them: the inputs, and what was computed.
func (d *draft) properties() resource.PropertyMap {
	all := resource.PropertyMap{}
	for key, v := range d.inputs {
		if !strings.HasPrefix(string(key), "__") {
			all[key] = v
		}
	}
	for key, v := range d.outputs {
		all[key] = v
	}
	return all
}

// preview is properties with unknowns for what only the deployment brings: all that a creation computes, and of an
// update what depends on unknown inputs or is volatile.
func (d *draft) preview(old resource.PropertyMap) resource.PropertyMap {
	all := d.properties()
	for key, v := range d.outputs {
		_, fixed := d.kind.defaults[string(key)]
		switch {
		case fixed && !d.sawUnknown:
		case old == nil, slices.Contains(d.kind.volatile, string(key)), d.sawUnknown && !plainDeep(old[key]).DeepEquals(plainDeep(v)):
			all[key] = unknown()
		}
	}
	return all
}
