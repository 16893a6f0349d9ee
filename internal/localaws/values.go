package localaws

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// plain is the value without its secret or output wrapping; an unknown stays computed.
func plain(v resource.PropertyValue) resource.PropertyValue {
	for {
		switch {
		case v.IsSecret():
			v = v.SecretValue().Element
		case v.IsOutput():
			if !v.OutputValue().Known {
				return unknown()
			}
			v = v.OutputValue().Element
		default:
			return v
		}
	}
}

// plainDeep is plain for a value and everything in it.
func plainDeep(v resource.PropertyValue) resource.PropertyValue {
	v = plain(v)
	switch {
	case v.IsArray():
		list := make([]resource.PropertyValue, len(v.ArrayValue()))
		for i, e := range v.ArrayValue() {
			list[i] = plainDeep(e)
		}
		return resource.NewProperty(list)
	case v.IsObject():
		object := resource.PropertyMap{}
		for k, e := range v.ObjectValue() {
			object[k] = plainDeep(e)
		}
		return resource.NewProperty(object)
	}
	return v
}

// unknown stands for a value that only the deployment brings.
func unknown() resource.PropertyValue { return resource.MakeComputed(resource.NewProperty("")) }

// digestKey marks what the account keeps a digest of only: a secret's value must not be on disk, a file's content need
// not be, and both still show that they changed.
const digestKey = "slipway:sha256"

// toStored turns a value into what the account keeps as JSON.
func toStored(v resource.PropertyValue) any {
	switch {
	case v.IsSecret():
		raw, err := json.Marshal(plainDeep(v).MapRepl(nil, nil))
		if err != nil {
			panic(fmt.Sprintf("a property value is always valid JSON: %v", err))
		}
		sum := sha256.Sum256(raw)
		return map[string]any{digestKey: hex.EncodeToString(sum[:])}
	case v.IsOutput():
		return toStored(plain(v))
	case v.IsArray():
		list := make([]any, len(v.ArrayValue()))
		for i, e := range v.ArrayValue() {
			list[i] = toStored(e)
		}
		return list
	case v.IsObject():
		return toStoredMap(v.ObjectValue())
	case v.IsAsset():
		return map[string]any{digestKey: v.AssetValue().Hash}
	case v.IsArchive():
		return map[string]any{digestKey: v.ArchiveValue().Hash}
	}
	return v.MapRepl(nil, nil)
}

func toStoredMap(m resource.PropertyMap) map[string]any {
	object := map[string]any{}
	for k, e := range m {
		if !strings.HasPrefix(string(k), "__") {
			object[string(k)] = toStored(e)
		}
	}
	return object
}

// fromStored is the way back. What the account has only a digest of (secrets, files) comes from known, which is what
// Pulumi's state says of the same property.
func fromStored(v any, known resource.PropertyValue) resource.PropertyValue {
	switch v := v.(type) {
	case map[string]any:
		if _, digestOnly := v[digestKey]; digestOnly {
			if known.IsNull() {
				return resource.MakeSecret(resource.NewProperty("(kept by the embedded AWS as a digest only)"))
			}
			return known
		}
		var within resource.PropertyMap
		if k := plain(known); k.IsObject() {
			within = k.ObjectValue()
		}
		return resource.NewProperty(fromStoredMap(v, within))
	case []any:
		list := make([]resource.PropertyValue, len(v))
		for i, e := range v {
			var element resource.PropertyValue
			if k := plain(known); k.IsArray() && i < len(k.ArrayValue()) {
				element = k.ArrayValue()[i]
			}
			list[i] = fromStored(e, element)
		}
		return resource.NewProperty(list)
	}
	return resource.NewPropertyValue(v)
}

func fromStoredMap(m map[string]any, known resource.PropertyMap) resource.PropertyMap {
	object := resource.PropertyMap{}
	for k, e := range m {
		object[resource.PropertyKey(k)] = fromStored(e, known[resource.PropertyKey(k)])
	}
	return object
}

// texts collects every string at a path such as "subnets", "networkConfiguration.subnets" or "rules[].targetArn".
// Unknown values are left out.
func texts(v resource.PropertyValue, at string) (found []string) {
	v = plain(v)
	if v.IsArray() {
		for _, e := range v.ArrayValue() {
			found = append(found, texts(e, at)...)
		}
		return found
	}
	if at == "" {
		if v.IsString() && v.StringValue() != "" {
			found = append(found, v.StringValue())
		}
		return found
	}
	if !v.IsObject() {
		return nil
	}
	head, rest, _ := strings.Cut(at, ".")
	return texts(v.ObjectValue()[resource.PropertyKey(head)], rest)
}

// sameText compares two strings as AWS's documents are compared: policies and container definitions are equal when their
// JSON is.
func sameText(a, b string) bool {
	if a == b {
		return true
	}
	if !looksLikeJSON(a) || !looksLikeJSON(b) {
		return false
	}
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return false
	}
	left, errLeft := json.Marshal(x)
	right, errRight := json.Marshal(y)
	return errLeft == nil && errRight == nil && string(left) == string(right)
}

func looksLikeJSON(text string) bool {
	text = strings.TrimSpace(text)
	return strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[")
}
