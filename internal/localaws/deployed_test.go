package localaws

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/require"
)

// deployed is a resource as Pulumi's state has it, for what comes after the creation.
type deployed struct {
	e               *embedded
	typ, name, id   string
	inputs, outputs resource.PropertyMap
}

func (e *embedded) deploy(typ, name string, inputs map[string]any) *deployed {
	e.t.Helper()
	checked, failures := e.check(typ, name, inputs)
	require.Empty(e.t, failures, "%s %s", typ, name)
	resp, err := e.Create(context.Background(), plugin.CreateRequest{URN: urnOf(typ, name), Properties: checked})
	require.NoError(e.t, err)
	return &deployed{e, typ, name, string(resp.ID), checked, resp.Properties}
}

// text is an output that is a string.
func (d *deployed) text(property string) string {
	return plain(d.outputs[resource.PropertyKey(property)]).StringValue()
}

// checked runs the Check of a later update.
func (d *deployed) checked(inputs map[string]any) resource.PropertyMap {
	d.e.t.Helper()
	resp, err := d.e.Check(context.Background(), plugin.CheckRequest{URN: urnOf(d.typ, d.name), Olds: d.inputs, News: props(inputs), RandomSeed: []byte("another-seed-for-another-update!")})
	require.NoError(d.e.t, err)
	require.Empty(d.e.t, resp.Failures)
	return resp.Properties
}

// diff is what an update with these inputs would change.
func (d *deployed) diff(inputs map[string]any) plugin.DiffResponse {
	d.e.t.Helper()
	result, err := d.e.Diff(context.Background(), plugin.DiffRequest{URN: urnOf(d.typ, d.name), ID: resource.ID(d.id), OldInputs: d.inputs, OldOutputs: d.outputs, NewInputs: d.checked(inputs)})
	require.NoError(d.e.t, err)
	return result
}

// update updates in place.
func (d *deployed) update(inputs map[string]any) error {
	d.e.t.Helper()
	news := d.checked(inputs)
	resp, err := d.e.Update(context.Background(), plugin.UpdateRequest{URN: urnOf(d.typ, d.name), ID: resource.ID(d.id), OldInputs: d.inputs, OldOutputs: d.outputs, NewInputs: news})
	if err == nil {
		d.inputs, d.outputs = news, resp.Properties
	}
	return err
}

// delete deletes as the engine would.
func (d *deployed) delete() error { return d.e.remove(d.typ, d.name, d.id) }

// replaces lists the properties for which an update would replace the resource.
func (d *deployed) replaces(inputs map[string]any) (keys []string) {
	d.e.t.Helper()
	for _, key := range d.diff(inputs).ReplaceKeys {
		keys = append(keys, string(key))
	}
	return keys
}
