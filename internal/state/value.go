package state

import (
	"encoding/json"
	"math"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Value is a value in a resource's outputs. What is not there is a value too, the empty one.
type Value struct{ value resource.PropertyValue }

// At is a value further in: a string takes a property of an object, a number an element of a list.
func (v Value) At(path ...any) Value {
	found, ok := resource.PropertyPath(path).Get(v.value)
	if !ok {
		return Value{resource.NewNullProperty()}
	}
	return Value{found}
}

// IsSecret says that Pulumi keeps it encrypted.
func (v Value) IsSecret() bool { return v.value.IsSecret() }

// Readable says that there is a value and that it can be seen: an encrypted one can be in a state that was exported with
// --show-secrets only.
func (v Value) Readable() bool {
	value := v.open()
	return !value.IsNull() && !value.IsComputed()
}

func (v Value) open() resource.PropertyValue {
	if v.value.IsSecret() {
		return v.value.SecretValue().Element
	}
	return v.value
}

// String is the text of a string, a number or a boolean, and empty for everything else.
func (v Value) String() string {
	switch value := v.open(); {
	case value.IsString():
		return value.StringValue()
	case value.IsNumber():
		return strconv.FormatFloat(value.NumberValue(), 'f', -1, 64)
	case value.IsBool():
		return strconv.FormatBool(value.BoolValue())
	}
	return ""
}

// Bool is true for the boolean true, and for the text of it.
func (v Value) Bool() bool { return v.String() == "true" }

// Number is that of a number or of the text of one, and otherwise 0. Neither infinity nor what is not a number is one.
func (v Value) Number() float64 {
	number, err := strconv.ParseFloat(v.String(), 64)
	if err != nil || math.IsInf(number, 0) || math.IsNaN(number) {
		return 0
	}
	return number
}

// List are the elements of a list, and none for everything else.
func (v Value) List() (list []Value) {
	if value := v.open(); value.IsArray() {
		for _, element := range value.ArrayValue() {
			list = append(list, Value{element})
		}
	}
	return list
}

// Strings are the texts in a list.
func (v Value) Strings() (texts []string) {
	for _, element := range v.List() {
		texts = append(texts, element.String())
	}
	return texts
}

// properties turns JSON into values, secrets among them.
func properties(raw map[string]any) resource.PropertyMap {
	return resource.NewPropertyMapFromMapRepl(raw, nil, func(v any) (resource.PropertyValue, bool) {
		object, ok := v.(map[string]any)
		if !ok || object[resource.SigKey] != resource.SecretSig {
			return resource.PropertyValue{}, false
		}
		var plain any
		if text, ok := object["plaintext"].(string); ok && json.Unmarshal([]byte(text), &plain) == nil {
			return resource.MakeSecret(resource.NewPropertyValue(plain)), true
		}
		return resource.MakeSecret(resource.MakeComputed(resource.NewStringProperty(""))), true
	})
}
