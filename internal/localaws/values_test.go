package localaws

import (
	"encoding/json"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// hiddenText is what the property tests put into secrets. It occurs nowhere else.
const hiddenText = "correct horse battery staple"

// propertyValues generates values as Pulumi hands them over, secrets included, nested up to a depth.
func propertyValues(depth int) *rapid.Generator[resource.PropertyValue] {
	kinds := []*rapid.Generator[resource.PropertyValue]{
		rapid.Just(resource.NewNullProperty()),
		rapid.Map(rapid.Bool(), resource.NewProperty[bool]),
		rapid.Map(rapid.Float64Range(-1e9, 1e9), resource.NewProperty[float64]),
		rapid.Map(rapid.String(), resource.NewProperty[string]),
		rapid.Just(resource.MakeSecret(resource.NewProperty(hiddenText))),
	}
	if depth > 0 {
		element := propertyValues(depth - 1)
		kinds = append(kinds,
			rapid.Map(rapid.SliceOfN(element, 0, 4), resource.NewProperty[[]resource.PropertyValue]),
			rapid.Map(propertyMaps(element), resource.NewProperty[resource.PropertyMap]),
			rapid.Map(propertyMaps(element), func(m resource.PropertyMap) resource.PropertyValue {
				m["password"] = resource.NewProperty(hiddenText)
				return resource.MakeSecret(resource.NewProperty(m))
			}))
	}
	return rapid.OneOf(kinds...)
}

func propertyMaps(element *rapid.Generator[resource.PropertyValue]) *rapid.Generator[resource.PropertyMap] {
	key := rapid.Map(rapid.StringMatching(`[a-z][A-Za-z0-9]{0,8}`), func(s string) resource.PropertyKey { return resource.PropertyKey(s) })
	return rapid.Map(rapid.MapOfN(key, element, 0, 4), func(m map[resource.PropertyKey]resource.PropertyValue) resource.PropertyMap { return m })
}

// TestStoredValuesComeBack takes values through the journal and back: what Pulumi's state knows completes the digests.
func TestStoredValuesComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		value := propertyValues(3).Draw(t, "value")
		written, err := json.Marshal(toStored(value))
		require.NoError(t, err)
		assert.NotContains(t, string(written), hiddenText, "a secret is never written")
		var read any
		require.NoError(t, json.Unmarshal(written, &read))
		back := fromStored(read, value)
		assert.True(t, back.DeepEquals(value), "%v came back as %v", value, back)
	})
}

func TestDigestsTellSecretsApart(t *testing.T) {
	t.Parallel()
	secret := func(text string) any { return toStored(resource.MakeSecret(resource.NewProperty(text))) }
	assert.Equal(t, secret("one"), secret("one"))
	assert.NotEqual(t, secret("one"), secret("two"))
	unknown := fromStored(secret("one"), resource.PropertyValue{})
	assert.True(t, unknown.IsSecret(), "what is not known any more stays a secret")
}

func TestSameText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{`{"a": 1, "b": [2]}`, `{"b":[2],"a":1}`, true},
		{`[{"a":1}]`, ` [ {"a":1} ]`, true},
		{`[1,2]`, `[2,1]`, false},
		{`{"a":1}`, `{"a":2}`, false},
		{`{"a":1`, `{"a": 1`, false},
		{`text`, ` text`, false},
		{``, `{}`, false},
	} {
		assert.Equal(t, c.same, sameText(c.a, c.b), "%q and %q", c.a, c.b)
		assert.Equal(t, c.same, sameText(c.b, c.a), "%q and %q", c.b, c.a)
	}
}

// TestUnknownTypesAndFunctionsAreNamed is the promise that nothing succeeds that the embedded AWS does not know.
func TestUnknownTypesAndFunctionsAreNamed(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	ctx := t.Context()
	const typ = "aws:robomaker/fleet:Fleet"
	of := urn.New("test", "slipway", "", typ, "x")
	_, checked := e.Check(ctx, plugin.CheckRequest{URN: of})
	_, diffed := e.Diff(ctx, plugin.DiffRequest{URN: of})
	_, created := e.Create(ctx, plugin.CreateRequest{URN: of})
	_, updated := e.Update(ctx, plugin.UpdateRequest{URN: of})
	_, read := e.Read(ctx, plugin.ReadRequest{URN: of})
	_, deleted := e.Delete(ctx, plugin.DeleteRequest{URN: of})
	for verb, err := range map[string]error{"check": checked, "diff": diffed, "create": created, "update": updated, "read": read, "delete": deleted} {
		assert.ErrorContains(t, err, "the embedded AWS does not know the resource type "+typ, verb)
	}
	_, err := e.Invoke(ctx, plugin.InvokeRequest{Tok: "aws:robomaker/getFleet:getFleet"})
	assert.ErrorContains(t, err, "the embedded AWS does not know the function aws:robomaker/getFleet:getFleet")
}
