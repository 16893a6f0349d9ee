package localaws

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// draft is an object in the making: its inputs, and the outputs as they are computed.
type draft struct {
	kind *kind
	urn  resource.URN
	scope
	projectDir string
	id         string
	generation int
	inputs     resource.PropertyMap
	outputs    resource.PropertyMap
	// account is what exists, locked and up to date; nil in checks and in previews of creations.
	account *Account
	// sawUnknown records that a value was read that only the deployment brings.
	sawUnknown bool
}

// value is the input, or the output where no input is given, at a dotted path.
func (d *draft) value(at string) resource.PropertyValue {
	path, err := resource.ParsePropertyPath(at)
	if err != nil {
		panic(fmt.Sprintf("catalogue: %q is no property path: %v", at, err))
	}
	for _, properties := range []resource.PropertyMap{d.inputs, d.outputs} {
		if v, ok := path.Get(plainDeep(resource.NewProperty(properties))); ok && !v.IsNull() {
			if v.IsComputed() {
				d.sawUnknown = true
			}
			return v
		}
	}
	return resource.NewNullProperty()
}

// text is a string property, or "" when it is missing or unknown.
func (d *draft) text(at string) string {
	if v := d.value(at); v.IsString() {
		return v.StringValue()
	}
	return ""
}

// number is a numeric property, or 0.
func (d *draft) number(at string) float64 {
	if v := d.value(at); v.IsNumber() {
		return v.NumberValue()
	}
	return 0
}

// texts are the known strings at a path of the inputs, through lists.
func (d *draft) texts(at string) []string { return texts(resource.NewProperty(d.inputs), at) }

// objects are the elements of a list of objects, or the object itself where a property holds just one. What is unknown is
// left out.
func (d *draft) objects(at string) (found []resource.PropertyMap) {
	v := d.value(at)
	if v.IsObject() {
		return []resource.PropertyMap{v.ObjectValue()}
	}
	if !v.IsArray() {
		return nil
	}
	for _, element := range v.ArrayValue() {
		if element.IsObject() {
			found = append(found, element.ObjectValue())
		}
	}
	return found
}

// isTrue tells whether a property is known to be true.
func (d *draft) isTrue(at string) bool {
	v := d.value(at)
	return v.IsBool() && v.BoolValue()
}

// has tells whether a property is given.
func (d *draft) has(at string) bool { return !d.value(at).IsNull() }

// set sets an output.
func (d *draft) set(property string, value any) {
	d.outputs[resource.PropertyKey(property)] = resource.NewPropertyValue(value)
}

// hex gives n stable hexadecimal digits for the object. Ids come from the URN and how often it was created, never from
// a counter: creations run in parallel, and a test's second run must get the same ids.
func (d *draft) hex(n int) string {
	seed := d.id
	if seed == "" {
		seed = fmt.Sprintf("%s#%d", d.urn, d.generation)
	}
	return digest(seed)[:n]
}

// digest is the SHA-256 of a seed in hexadecimal digits.
func digest(seed string) string {
	sum := sha256.Sum256([]byte(seed))
	return hex.EncodeToString(sum[:])
}

// uuid is hex in the form of keys' and versions' ids.
func (d *draft) uuid() string {
	h := d.hex(32)
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

// digits is hex in decimal digits, for ids such as those of hosted zones or host names.
func (d *draft) digits(n int) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' {
			return '0' + (r-'a')%10
		}
		return r
	}, d.hex(n))
}

// prefixed is the id of most of EC2: vpc-0a1b2c3d4e5f60718.
func prefixed(prefix string) func(*draft) string {
	return func(d *draft) string { return prefix + "-0" + d.hex(16) }
}

// partitionOf is the ARN partition of a region.
func partitionOf(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// dnsSuffix is what the host names of a region end in.
func dnsSuffix(region string) string {
	if partitionOf(region) == "aws-cn" {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// complete gives the draft its id and outputs.
func (k *kind) complete(d *draft, cfg configuration) {
	for name, value := range k.defaults {
		if !given(d.inputs, name) {
			d.set(name, value)
		}
	}
	if d.id == "" {
		k.named.withPrefix(d)
		if k.idFrom != "" {
			d.id = d.text(k.idFrom)
		} else {
			d.id = k.id(d)
		}
	}
	if k.compute != nil {
		k.compute(d)
	}
	if k.schema.outputs["tagsAll"] {
		all := cfg.defaultTags.Copy()
		if tags := plain(d.inputs["tags"]); tags.IsObject() {
			for key, v := range tags.ObjectValue() {
				all[key] = v
			}
		}
		d.outputs["tagsAll"] = resource.NewProperty(all)
	}
}

// properties are the outputs as Pulumi's state keeps them: the inputs, and what was computed.
func (d *draft) properties() resource.PropertyMap {
	all := resource.PropertyMap{}
	for key, v := range d.inputs {
		if !strings.HasPrefix(string(key), "__") {
			all[key] = v
		}
	}
	for key, v := range d.outputs {
		all[key] = v
	}
	return all
}

// preview is properties with unknowns for what only the deployment brings: all that a creation computes, and of an
// update what depends on unknown inputs or is volatile.
func (d *draft) preview(old resource.PropertyMap) resource.PropertyMap {
	all := d.properties()
	for key, v := range d.outputs {
		_, fixed := d.kind.defaults[string(key)]
		switch {
		case fixed && !d.sawUnknown:
		case old == nil, slices.Contains(d.kind.volatile, string(key)), d.sawUnknown && !plainDeep(old[key]).DeepEquals(plainDeep(v)):
			all[key] = unknown()
		}
	}
	return all
}
