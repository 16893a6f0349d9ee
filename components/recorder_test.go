package components_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

// recorder keeps what a program registers, so that tests assert on inputs, parents, dependencies and secrets.
type recorder struct {
	mu        sync.Mutex
	resources []pulumi.MockResourceArgs
	// outputs adds computed outputs by type token; without an entry a resource has its inputs, an id and an ARN.
	outputs map[string]func(pulumi.MockResourceArgs) resource.PropertyMap
	// invokes answers functions by token; a token without an answer fails the program.
	invokes map[string]func(resource.PropertyMap) resource.PropertyMap
}

func (r *recorder) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	r.mu.Lock()
	r.resources = append(r.resources, args)
	r.mu.Unlock()
	state := args.Inputs.Copy()
	id := args.Name + "-id"
	if _, ok := state["arn"]; !ok && args.Custom {
		state["arn"] = resource.NewProperty("arn:aws:test:us-east-1:123456789012:" + id)
	}
	if _, ok := state["name"]; !ok && args.Custom {
		state["name"] = resource.NewProperty(args.Name + "-1234567")
	}
	if compute := r.outputs[args.TypeToken]; compute != nil {
		for k, v := range compute(args) {
			state[k] = v
		}
	}
	return id, state, nil
}

func (r *recorder) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	if answer := r.invokes[args.Token]; answer != nil {
		return answer(args.Args), nil
	}
	return nil, &unansweredInvoke{args.Token}
}

type unansweredInvoke struct{ token string }

func (e *unansweredInvoke) Error() string {
	return "the test has no answer for the function " + e.token
}

// run runs the program against the recorder and returns the program's error.
func (r *recorder) run(program pulumi.RunFunc) error {
	return pulumi.RunErr(program, pulumi.WithMocks("slipway", "test", r))
}

// find returns the one resource with that type token and logical name.
func (r *recorder) find(t testing.TB, token, name string) pulumi.MockResourceArgs {
	t.Helper()
	var found []pulumi.MockResourceArgs
	for _, res := range r.resources {
		if res.TypeToken == token && res.Name == name {
			found = append(found, res)
		}
	}
	require.Lenf(t, found, 1, "%s %q is to be registered once; registered were:\n%s", token, name, strings.Join(r.names(), "\n"))
	return found[0]
}

// all returns every resource of a type.
func (r *recorder) all(token string) (found []pulumi.MockResourceArgs) {
	for _, res := range r.resources {
		if res.TypeToken == token {
			found = append(found, res)
		}
	}
	return found
}

func (r *recorder) names() (names []string) {
	for _, res := range r.resources {
		names = append(names, res.TypeToken+" "+res.Name)
	}
	return names
}

// requireDescends proves that every registered resource but the component and the stack descends from the component.
// A forgotten parent loses the component's provider, aliases and transforms.
func (r *recorder) requireDescends(t testing.TB, componentToken, componentName string) {
	t.Helper()
	// A URN is urn:pulumi:<stack>::<project>::<type>$<type>...::<name>; a child's begins with its parent's types.
	root := "urn:pulumi:test::slipway::" + componentToken
	for _, res := range r.resources {
		if res.TypeToken == componentToken && res.Name == componentName || strings.HasPrefix(res.TypeToken, "pulumi:") {
			continue
		}
		require.NotNil(t, res.RegisterRPC, "%s %s", res.TypeToken, res.Name)
		parent := res.RegisterRPC.GetParent()
		require.Truef(t, strings.HasPrefix(parent, root), "%s %q has the parent %q, which does not descend from %s", res.TypeToken, res.Name, parent, componentToken)
		require.Truef(t, strings.HasPrefix(res.Name, componentName), "%s %q: a child's name starts with its component's, %q", res.TypeToken, res.Name, componentName)
	}
}

// arnOf is the ARN that the recorder gives a resource without one of its own.
func arnOf(name string) string {
	return "arn:aws:test:us-east-1:123456789012:" + name + "-id"
}

// awaitString waits for an output that the mocks resolve.
func awaitString(output pulumi.StringOutput) string {
	resolved := make(chan string, 1)
	output.ApplyT(func(value string) string { resolved <- value; return value })
	return <-resolved
}

// stringList reads a property that is to be a list of strings.
func stringList(t testing.TB, value resource.PropertyValue) (list []string) {
	t.Helper()
	require.True(t, value.IsArray(), "%v is to be a list", value)
	for _, item := range value.ArrayValue() {
		list = append(list, item.StringValue())
	}
	return list
}

// stringsProperty is a list of strings as a property.
func stringsProperty(values ...string) resource.PropertyValue {
	list := make([]resource.PropertyValue, len(values))
	for i, value := range values {
		list[i] = resource.NewProperty(value)
	}
	return resource.NewProperty(list)
}
