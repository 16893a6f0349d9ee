package e2e

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// edit changes the resources of an exported state.
type edit func(t *testing.T, resources []any) []any

// outputsOf are the outputs of one resource, given by type and name, which must be there.
func outputsOf(t *testing.T, resources []any, name string) map[string]any {
	t.Helper()
	for _, r := range resources {
		if r := r.(map[string]any); short(r["urn"].(string)) == name {
			return r["outputs"].(map[string]any)
		}
	}
	require.Fail(t, "no such resource", name)
	return nil
}

// set gives a property of a resource another value.
func set(resource string, value any, path ...any) edit {
	return func(t *testing.T, resources []any) []any {
		t.Helper()
		assign(t, outputsOf(t, resources, resource), value, path...)
		return resources
	}
}

// each does so for every resource of a type.
func each(kind string, value any, path ...any) edit {
	return func(t *testing.T, resources []any) []any {
		t.Helper()
		for _, r := range resources {
			if r := r.(map[string]any); r["type"] == kind {
				assign(t, r["outputs"].(map[string]any), value, path...)
			}
		}
		return resources
	}
}

func assign(t *testing.T, in any, value any, path ...any) {
	t.Helper()
	for _, step := range path[:len(path)-1] {
		switch step := step.(type) {
		case int:
			in = in.([]any)[step]
		case string:
			in = in.(map[string]any)[step]
		}
		require.NotNil(t, in, "%v", path)
	}
	in.(map[string]any)[path[len(path)-1].(string)] = value
}

// inText replaces something in a property that is a text.
func inText(resource, property, from, to string) edit {
	return func(t *testing.T, resources []any) []any {
		t.Helper()
		outputs := outputsOf(t, resources, resource)
		require.Contains(t, outputs[property], from)
		outputs[property] = strings.Replace(outputs[property].(string), from, to, 1)
		return resources
	}
}

// remove takes a resource out.
func remove(resource string) edit {
	return func(t *testing.T, resources []any) []any {
		t.Helper()
		outputsOf(t, resources, resource)
		return slices.DeleteFunc(resources, func(r any) bool { return short(r.(map[string]any)["urn"].(string)) == resource })
	}
}

// removeAll takes all of a type out whose logical names contain a text.
func removeAll(kind, inName string) edit {
	return func(t *testing.T, resources []any) []any {
		t.Helper()
		return slices.DeleteFunc(resources, func(r any) bool {
			name := short(r.(map[string]any)["urn"].(string))
			return strings.HasPrefix(name, kind+" ") && strings.Contains(name, inName)
		})
	}
}

// add puts in a resource like another one, with other outputs.
func add(like, kind, name string, outputs map[string]any) edit {
	return func(t *testing.T, resources []any) []any {
		t.Helper()
		for _, r := range resources {
			if r := r.(map[string]any); short(r["urn"].(string)) == like {
				stack, path, _ := strings.Cut(strings.TrimSuffix(r["urn"].(string), like[strings.Index(like, " ")+1:]), r["type"].(string))
				require.Equal(t, "::", path)
				added := maps.Clone(r)
				added["urn"], added["type"], added["id"], added["outputs"] = stack+kind+"::"+name, kind, name, outputs
				return append(resources, added)
			}
		}
		require.Fail(t, "no such resource", like)
		return nil
	}
}

// routeToInternet gives an isolated subnet the route of a public one.
func routeToInternet(subnet string) edit {
	return func(t *testing.T, resources []any) []any {
		t.Helper()
		table := outputsOf(t, resources, "aws:ec2/routeTableAssociation:RouteTableAssociation network-vpc-"+subnet)["routeTableId"]
		return add("aws:ec2/route:Route network-vpc-public-1", "aws:ec2/route:Route", "wrong", map[string]any{
			"routeTableId": table, "destinationCidrBlock": "0.0.0.0/0", "gatewayId": "igw-1"})(t, resources)
	}
}

// inOneZone leaves each endpoint the first of its subnets.
func inOneZone(_ *testing.T, resources []any) []any {
	for _, r := range resources {
		outputs, _ := r.(map[string]any)["outputs"].(map[string]any)
		if subnets, ok := outputs["subnetIds"].([]any); ok && outputs["vpcEndpointType"] == "Interface" {
			outputs["subnetIds"] = subnets[:1]
		}
	}
	return resources
}
