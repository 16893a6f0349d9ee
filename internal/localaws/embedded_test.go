package localaws

import (
	"context"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// embedded is a provider on an account of its own, driven as the engine drives it.
type embedded struct {
	*provider
	t *testing.T
}

func newEmbedded(t *testing.T) *embedded {
	t.Helper()
	account, err := Open(t.TempDir())
	require.NoError(t, err)
	p := newProvider("aws", awsVersion, account, behaviour{pace: paced(t, ""), projectDir: t.TempDir()})
	_, err = p.Configure(context.Background(), plugin.ConfigureRequest{Inputs: props(map[string]any{"region": "us-east-1"})})
	require.NoError(t, err)
	return &embedded{p, t}
}

// paced is a pace as SLIPWAY_LATENCY says it.
func paced(t *testing.T, spec string) *pace {
	t.Helper()
	p, err := parsePace(spec)
	require.NoError(t, err)
	return p
}

// fail has calls fail from here on, as SLIPWAY_FAULTS says it.
func (e *embedded) fail(spec string) {
	e.t.Helper()
	parsed, err := parseFaults(spec)
	require.NoError(e.t, err)
	e.faults = parsed
}

// props makes a property map of plain Go values; a resource.PropertyValue stays as it is.
func props(m map[string]any) resource.PropertyMap {
	out := resource.PropertyMap{}
	for k, v := range m {
		if p, ok := v.(resource.PropertyValue); ok {
			out[resource.PropertyKey(k)] = p
			continue
		}
		out[resource.PropertyKey(k)] = resource.NewPropertyValue(v)
	}
	return out
}

func urnOf(typ, name string) resource.URN {
	return urn.New("test", "slipway", "", tokens.Type(typ), name)
}

// check runs Check and returns the completed inputs and the failures as "property: reason".
func (e *embedded) check(typ, name string, inputs map[string]any) (resource.PropertyMap, []string) {
	e.t.Helper()
	resp, err := e.Check(context.Background(), plugin.CheckRequest{URN: urnOf(typ, name), News: props(inputs), RandomSeed: []byte("seed-of-32-bytes-for-stable-names")})
	require.NoError(e.t, err)
	var failures []string
	for _, f := range resp.Failures {
		failures = append(failures, string(f.Property)+": "+f.Reason)
	}
	return resp.Properties, failures
}

// tryCreate checks and creates; the inputs must pass the check.
func (e *embedded) tryCreate(typ, name string, inputs map[string]any) (plugin.CreateResponse, error) {
	e.t.Helper()
	checked, failures := e.check(typ, name, inputs)
	require.Empty(e.t, failures, "%s %s", typ, name)
	return e.Create(context.Background(), plugin.CreateRequest{URN: urnOf(typ, name), Properties: checked})
}

// create is tryCreate that must succeed; it returns the outputs, with the id under "id".
func (e *embedded) create(typ, name string, inputs map[string]any) map[string]any {
	e.t.Helper()
	resp, err := e.tryCreate(typ, name, inputs)
	require.NoError(e.t, err)
	outputs := plainDeep(resource.NewProperty(resp.Properties)).ObjectValue().Mappable()
	outputs["id"] = string(resp.ID)
	return outputs
}

// remove deletes an object as the engine would.
func (e *embedded) remove(typ, name, id string) error {
	_, err := e.Delete(context.Background(), plugin.DeleteRequest{URN: urnOf(typ, name), ID: resource.ID(id)})
	return err
}

// refused asserts an error with AWS's code.
func refused(t *testing.T, err error, code string) {
	t.Helper()
	require.Error(t, err)
	assert.Contains(t, err.Error(), "api error "+code+": ")
}

// network makes a VPC with a subnet in each of two zones.
func (e *embedded) network() (vpc string, subnets []any) {
	e.t.Helper()
	vpc = e.create(vpcType, "net", map[string]any{"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": true})["id"].(string)
	for zone, block := range map[string]string{"us-east-1a": "10.0.0.0/24", "us-east-1b": "10.0.1.0/24"} {
		subnets = append(subnets, e.create(subnetType, "net-"+zone, map[string]any{"vpcId": vpc, "cidrBlock": block, "availabilityZone": zone})["id"])
	}
	return vpc, subnets
}

// in is the same account through a provider for another region.
func (e *embedded) in(region string) *embedded {
	e.t.Helper()
	p := newProvider("aws", awsVersion, e.account, e.behaviour)
	_, err := p.Configure(context.Background(), plugin.ConfigureRequest{Inputs: props(map[string]any{"region": region})})
	require.NoError(e.t, err)
	return &embedded{p, e.t}
}

// checkCase is a wrong input and the refusal that a preview shows: "property: reason".
type checkCase struct {
	typ    string
	inputs map[string]any
	want   string
}

// withCode is a refusal that has AWS's code: "name: InvalidBucketName: ..." or "... (ValidationException)".
const withCode = `(: |\()[A-Z][a-z]+[A-Z][A-Za-z.]+(: |\))`

// checkAll checks that each case gets exactly its refusal, and those of AWS its code.
func checkAll(t *testing.T, cases map[string]checkCase) {
	t.Helper()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, failures := newEmbedded(t).check(c.typ, "x", c.inputs)
			require.Len(t, failures, 1)
			assert.Contains(t, failures[0], c.want)
			if strings.HasPrefix(c.typ, "aws:") {
				assert.Regexp(t, withCode, failures[0])
			}
		})
	}
}

// with is a copy of inputs with changes; a nil value takes a property out.
func with(inputs map[string]any, changes map[string]any) map[string]any {
	changed := map[string]any{}
	for k, v := range inputs {
		changed[k] = v
	}
	for k, v := range changes {
		if v == nil {
			delete(changed, k)
			continue
		}
		changed[k] = v
	}
	return changed
}
