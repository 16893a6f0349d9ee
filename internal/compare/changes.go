package compare

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"slipway/internal/compare/report"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/sig"
)

// changes are the differences of a resource's inputs. Reasons are the properties that Pulumi's provider names; those
// whose values look the same, as two secrets do, are changes too.
func changes(old, new map[string]any, reasons, replacing []string) []report.Change {
	var found []report.Change
	for _, property := range keys(old, new) {
		if strings.HasPrefix(property, "__") || named(old, property) && named(new, property) {
			continue // the provider's own notes, and names that it makes up
		}
		found = append(found, differences(property, value(old, property), value(new, property))...)
	}
	for _, property := range reasons {
		property, _, _ = strings.Cut(property, ".")
		if !slices.ContainsFunc(found, func(c report.Change) bool { return within(c.Path, property) }) {
			found = append(found, report.Change{Path: property, Old: shown(value(old, property)), New: shown(value(new, property))})
		}
	}
	for i := range found {
		found[i].Replaces = slices.ContainsFunc(replacing, func(property string) bool { return within(found[i].Path, property) })
	}
	slices.SortStableFunc(found, func(a, b report.Change) int {
		if a.Replaces != b.Replaces {
			return map[bool]int{true: -1, false: 1}[a.Replaces]
		}
		return cmp.Compare(a.Path, b.Path)
	})
	return found
}

// named tells whether the provider has filled the property in, as it does with the names of what replaces something.
func named(inputs map[string]any, property string) bool {
	defaults, _ := inputs["__defaults"].([]any)
	return slices.Contains(defaults, any(property))
}

// within tells whether the path is of the property or of something in it.
func within(path, property string) bool {
	rest, ok := strings.CutPrefix(path, property)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// absent stands for a property that is not there, which is not the same as null.
type absent struct{}

func value(object map[string]any, key string) any {
	if v, ok := object[key]; ok {
		return v
	}
	return absent{}
}

func keys(a, b map[string]any) []string {
	all := slices.Concat(slices.Collect(maps.Keys(a)), slices.Collect(maps.Keys(b)))
	slices.Sort(all)
	return slices.Compact(all)
}

// differences compares two values, and goes into what both sides have.
func differences(path string, old, new any) []report.Change {
	if reflect.DeepEqual(old, new) {
		return nil
	}
	if new == plugin.UnknownStringValue {
		return []report.Change{{Path: path, Old: shown(old), Unknown: true}}
	}
	from, to := parsed(old), parsed(new)
	if a, ok := from.(map[string]any); ok {
		if b, ok := to.(map[string]any); ok && !special(a) && !special(b) {
			var found []report.Change
			for _, key := range keys(a, b) {
				found = append(found, differences(path+member(key), value(a, key), value(b, key))...)
			}
			return found
		}
	}
	if a, ok := from.([]any); ok {
		if b, ok := to.([]any); ok {
			if found, ok := elements(path, a, b); ok {
				return found
			}
		}
	}
	return []report.Change{{Path: path, Old: shown(old), New: shown(new)}}
}

// elements compares two lists of objects by what they are called, or else by their places when the lists are as long as
// one another. Other lists are compared as a whole.
func elements(path string, old, new []any) ([]report.Change, bool) {
	for _, key := range []string{"name", "Sid", "id"} {
		a, okA := byName(old, key)
		b, okB := byName(new, key)
		if !okA || !okB {
			continue
		}
		var found []report.Change
		for _, name := range keys(a, b) {
			found = append(found, differences(path+"["+strconv.Quote(name)+"]", value(a, name), value(b, name))...)
		}
		return found, len(found) > 0 // none: only the order is another
	}
	if len(old) != len(new) || !objects(old) || !objects(new) {
		return nil, false
	}
	var found []report.Change
	for i := range old {
		found = append(found, differences(fmt.Sprintf("%s[%d]", path, i), old[i], new[i])...)
	}
	return found, true
}

// byName are the objects of a list by a property that tells them apart. What has a name and a value only, as a variable
// of a container has, is its value.
func byName(list []any, key string) (map[string]any, bool) {
	named := map[string]any{}
	for _, element := range list {
		object, _ := element.(map[string]any)
		name, ok := object[key].(string)
		if _, twice := named[name]; !ok || twice {
			return nil, false
		}
		named[name] = element
		if value, ok := object["value"]; ok && len(object) == 2 {
			named[name] = value
		}
	}
	return named, true
}

func objects(list []any) bool {
	return !slices.ContainsFunc(list, func(element any) bool {
		object, ok := element.(map[string]any)
		return !ok || special(object)
	})
}

// parsed is the object or list in a JSON text, such as a policy document; other values are themselves.
func parsed(v any) any {
	text, ok := v.(string)
	if !ok || !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "[") {
		return v
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var document any
	if decoder.Decode(&document) != nil || decoder.More() {
		return v
	}
	return document
}

// special tells whether an object stands for something else: a secret, an asset, a reference to a resource.
func special(object map[string]any) bool {
	_, ok := object[sig.Key]
	return ok
}

// shown is the value as it may be shown: without secrets, and without the text that stands for what is not known.
func shown(v any) any {
	switch v := v.(type) {
	case absent:
		return nil
	case map[string]any:
		if v[sig.Key] == sig.Secret {
			return report.Hidden
		}
		object := map[string]any{}
		for key, element := range v {
			object[key] = shown(element)
		}
		return object
	case []any:
		list := make([]any, len(v))
		for i, element := range v {
			list[i] = shown(element)
		}
		return list
	case string:
		if v == plugin.UnknownStringValue {
			return report.Unknown
		}
	}
	return v
}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// member is how a key is appended to a path.
func member(key string) string {
	if identifier.MatchString(key) {
		return "." + key
	}
	return "[" + strconv.Quote(key) + "]"
}
