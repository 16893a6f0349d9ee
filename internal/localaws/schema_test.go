package localaws

import (
	"reflect"
	"strconv"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi-docker/sdk/v4/go/docker"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	for token, res := range map[string]any{
		"aws:ec2/vpc:Vpc":                                   ec2.Vpc{},
		"aws:ecs/taskDefinition:TaskDefinition":             ecs.TaskDefinition{},
		"docker:index/image:Image":                          docker.Image{},
		"aws:ec2/vpcEndpoint:VpcEndpoint":                   ec2.VpcEndpoint{},
		"aws:ecs/capacityProvider:CapacityProvider":         ecs.CapacityProvider{},
		"docker:index/registryImage:RegistryImage":          docker.RegistryImage{},
		"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": ec2.DefaultSecurityGroup{},
	} {
		assert.Equal(t, token, tokenOf(reflect.TypeOf(res)))
	}
}

// TestCatalogueNamesRealProperties finds misspelt properties: the tables are text, and nothing else would notice.
func TestCatalogueNamesRealProperties(t *testing.T) {
	t.Parallel()
	for token, k := range catalogue {
		known := func(what, at string) {
			t.Helper()
			_, input := k.inputs[rootOf(at)]
			assert.True(t, input || k.outputs[rootOf(at)], "%s: %s names %q, which the type does not have", token, what, at)
		}
		assert.NotEmpty(t, k.service, token)
		assert.NotEmpty(t, k.noun, token)
		assert.True(t, (k.id == nil) != (k.idFrom == ""), "%s needs one of id and idFrom", token)
		if k.idFrom != "" {
			known("idFrom", k.idFrom)
		}
		for _, property := range k.replace {
			_, input := k.inputs[property]
			assert.True(t, input, "%s: replace names %q, which is no input", token, property)
		}
		for property, value := range k.defaults {
			known("defaults", property)
			if input, ok := k.inputs[property]; ok {
				assert.Empty(t, validateValue(input, property, resource.NewPropertyValue(value)), "%s: the default of %s", token, property)
			}
		}
		for _, property := range k.volatile {
			known("volatile", property)
		}
		for property := range k.unique {
			if property != "id" {
				known("unique", property)
			}
		}
		for at := range k.references {
			known("references", at)
		}
		if k.named != nil {
			known("named", k.named.property)
			if k.named.prefixProperty != "" {
				known("named", k.named.prefixProperty)
			}
		}
		if k.inUse != nil && k.inUse.unless != "" {
			known("inUse", k.inUse.unless)
		}
	}
}

// TestComputedOutputsAreReal creates what needs nothing else and finds outputs that the type does not have, or of another type.
func TestComputedOutputsAreReal(t *testing.T) {
	t.Parallel()
	e, cfg := newEmbedded(t), configuration{scope: home}
	for token, k := range catalogue {
		d := e.draft(k, urnOf(token, "x"), cfg, resource.PropertyMap{})
		d.generation = 1
		k.complete(d, cfg)
		for property, v := range d.outputs {
			if k.outputs[string(property)] {
				if input, ok := k.inputs[string(property)]; ok {
					assert.Empty(t, validateValue(input, string(property), v), "%s: the output %s", token, property)
				}
				continue
			}
			assert.Fail(t, "no such output", "%s computes %q, which the type does not have", token, property)
		}
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	service := schemaOf(ecs.ServiceArgs{}, ecs.Service{})
	for name, c := range map[string]struct {
		inputs map[string]any
		want   []string
	}{
		"nothing is required":  {nil, nil},
		"an unknown property":  {map[string]any{"replicas": 1}, []string{"replicas"}},
		"unknown in an object": {map[string]any{"networkConfiguration": map[string]any{"subnets": []any{"s"}, "vpc": "v"}}, []string{"networkConfiguration.vpc"}},
		"missing in an object": {map[string]any{"deploymentCircuitBreaker": map[string]any{"enable": true}}, []string{"deploymentCircuitBreaker.rollback"}},
		"a string in a list":   {map[string]any{"loadBalancers": []any{map[string]any{"containerName": "web", "containerPort": "80"}}}, []string{"loadBalancers[0].containerPort"}},
		"half a task":          {map[string]any{"desiredCount": 1.5}, []string{"desiredCount"}},
		"a list of one":        {map[string]any{"networkConfiguration": []any{}}, []string{"networkConfiguration"}},
		"text among tags":      {map[string]any{"tags": map[string]any{"a": 1}}, []string{"tags.a"}},
		"in a secret":          {map[string]any{"name": resource.MakeSecret(resource.NewProperty(1.0))}, []string{"name"}},
		"not known yet":        {map[string]any{"name": unknown(), "tags": unknown(), "loadBalancers": []any{}}, nil},
	} {
		var got []string
		for _, failure := range service.validate(props(c.inputs)) {
			got = append(got, string(failure.Property))
			assert.NotEmpty(t, failure.Reason)
		}
		assert.Equal(t, c.want, got, name)
	}
}

// TestValidateTakesEveryValueOfTheType makes values after the SDK's types; all of them pass, and none with a property more.
func TestValidateTakesEveryValueOfTheType(t *testing.T) {
	t.Parallel()
	service := schemaOf(ecs.ServiceArgs{}, ecs.Service{})
	rapid.Check(t, func(t *rapid.T) {
		inputs := objectOf(t, service.inputs, "service")
		require.Empty(t, service.validate(inputs))
		inputs["unheardOf"] = resource.NewProperty(true)
		require.Len(t, service.validate(inputs), 1)
	})
}

func objectOf(t *rapid.T, fields map[string]reflect.Type, label string) resource.PropertyMap {
	m := resource.PropertyMap{}
	for _, name := range sortedNames(fields) {
		if !optional(fields[name]) || rapid.IntRange(0, 3).Draw(t, label+"."+name) == 0 {
			m[resource.PropertyKey(name)] = valueOf(t, fields[name], label+"."+name)
		}
	}
	return m
}

func valueOf(t *rapid.T, typ reflect.Type, label string) resource.PropertyValue {
	switch typ.Kind() {
	case reflect.Pointer:
		return valueOf(t, typ.Elem(), label)
	case reflect.String:
		return resource.NewProperty(rapid.String().Draw(t, label))
	case reflect.Bool:
		return resource.NewProperty(rapid.Bool().Draw(t, label))
	case reflect.Int:
		return resource.NewProperty(float64(rapid.Int32().Draw(t, label)))
	case reflect.Float64:
		return resource.NewProperty(rapid.Float64Range(-1e6, 1e6).Draw(t, label))
	case reflect.Slice:
		var list []resource.PropertyValue
		for i := range rapid.IntRange(0, 2).Draw(t, label) {
			list = append(list, valueOf(t, typ.Elem(), label+strconv.Itoa(i)))
		}
		return resource.NewProperty(list)
	case reflect.Map:
		return resource.NewProperty(resource.PropertyMap{"key": valueOf(t, typ.Elem(), label+".key")})
	case reflect.Struct:
		return resource.NewProperty(objectOf(t, fieldsOf(typ), label))
	}
	return resource.NewNullProperty()
}
