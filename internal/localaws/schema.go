package localaws

import (
	"fmt"
	"path"
	"reflect"
	"sort"
	"strings"
	"unicode"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// schema is what the SDK's Go types say of a resource type: the names and types of its inputs, which of them are
// required, and the names of its outputs.
type schema struct {
	token   string
	inputs  map[string]reflect.Type
	outputs map[string]bool
}

// inputStruct is what every generated XArgs type implements: it knows the struct of plain values that it stands for.
type inputStruct interface{ ElementType() reflect.Type }

// schemaOf reads the schema of the resource type whose generated types are args (ec2.VpcArgs{}) and res (ec2.Vpc{}).
func schemaOf(args inputStruct, res any) schema {
	r := reflect.TypeOf(res)
	s := schema{token: tokenOf(r), inputs: fieldsOf(args.ElementType()), outputs: map[string]bool{}}
	for name := range fieldsOf(r) {
		s.outputs[name] = true
	}
	return s
}

// tokenOf derives the Pulumi token from the Go type: .../go/aws/ec2.SecurityGroup is aws:ec2/securityGroup:SecurityGroup.
func tokenOf(t reflect.Type) string {
	parts := strings.Split(t.PkgPath(), "/go/")
	pkg, module := path.Split(parts[len(parts)-1])
	if pkg == "" { // types in the package's root, such as docker.Image, are in the module "index"
		pkg, module = module, "index"
	}
	return fmt.Sprintf("%s:%s/%s:%s", strings.TrimSuffix(pkg, "/"), module, lowerFirst(t.Name()), t.Name())
}

func lowerFirst(s string) string {
	r := []rune(s)
	r[0] = unicode.ToLower(r[0])
	return string(r)
}

// fieldsOf lists a generated struct's properties by their pulumi tag.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for i := range t.NumField() {
		if tag, _, _ := strings.Cut(t.Field(i).Tag.Get("pulumi"), ","); tag != "" {
			fields[tag] = t.Field(i).Type
		}
	}
	return fields
}

// optional tells whether a generated field may be left out: required ones are neither pointer nor slice nor map.
func optional(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		return true
	}
	return false
}

// validate reports properties that the type does not have, required ones that are missing, and values of another type.
func (s schema) validate(inputs resource.PropertyMap) []plugin.CheckFailure {
	return validateFields(s.inputs, "", inputs)
}

func validateFields(fields map[string]reflect.Type, at string, values resource.PropertyMap) (failures []plugin.CheckFailure) {
	fail := func(name, reason string) {
		failures = append(failures, plugin.CheckFailure{Property: resource.PropertyKey(join(at, name)), Reason: reason})
	}
	for _, key := range values.StableKeys() {
		name := string(key)
		if strings.HasPrefix(name, "__") {
			continue
		}
		t, known := fields[name]
		if !known {
			fail(name, fmt.Sprintf("there is no property %q; there are: %s", join(at, name), strings.Join(sortedNames(fields), ", ")))
			continue
		}
		failures = append(failures, validateValue(t, join(at, name), values[key])...)
	}
	for _, name := range sortedNames(fields) {
		if v, given := values[resource.PropertyKey(name)]; !optional(fields[name]) && (!given || v.IsNull()) {
			fail(name, fmt.Sprintf("%q is required", join(at, name)))
		}
	}
	return failures
}

func validateValue(t reflect.Type, at string, v resource.PropertyValue) (failures []plugin.CheckFailure) {
	v = plain(v)
	if v.IsNull() || v.IsComputed() || v.IsAsset() || v.IsArchive() || t.Kind() == reflect.Interface {
		return nil
	}
	if t.Kind() == reflect.Pointer {
		return validateValue(t.Elem(), at, v)
	}
	wrong := func(takes string) []plugin.CheckFailure {
		return []plugin.CheckFailure{{Property: resource.PropertyKey(at), Reason: fmt.Sprintf("%s takes %s, got a %s", at, takes, v.TypeString())}}
	}
	switch t.Kind() {
	case reflect.String:
		if !v.IsString() {
			return wrong("a string")
		}
	case reflect.Bool:
		if !v.IsBool() {
			return wrong("true or false")
		}
	case reflect.Int, reflect.Float64:
		if !v.IsNumber() {
			return wrong("a number")
		}
		if t.Kind() == reflect.Int && v.NumberValue() != float64(int64(v.NumberValue())) {
			return wrong("a whole number")
		}
	case reflect.Slice:
		if !v.IsArray() {
			return wrong("a list")
		}
		for i, element := range v.ArrayValue() {
			failures = append(failures, validateValue(t.Elem(), fmt.Sprintf("%s[%d]", at, i), element)...)
		}
	case reflect.Map:
		if !v.IsObject() {
			return wrong("a map")
		}
		for _, key := range v.ObjectValue().StableKeys() {
			failures = append(failures, validateValue(t.Elem(), join(at, string(key)), v.ObjectValue()[key])...)
		}
	case reflect.Struct:
		if !v.IsObject() {
			return wrong("an object")
		}
		return validateFields(fieldsOf(t), at, v.ObjectValue())
	}
	return failures
}

func join(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}

func sortedNames(fields map[string]reflect.Type) []string {
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
