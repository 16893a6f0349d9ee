package localaws

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// naming is how a type is named where the program leaves it to Pulumi.
type naming struct {
	// property is the input that holds the name; prefixProperty, when the program sets it, takes over.
	property, prefixProperty string
	// most is the longest name that AWS takes.
	most int
	// suffix is appended, as a FIFO queue's ".fifo".
	suffix func(resource.PropertyMap) string
	// shape turns the finished name into what the service takes, such as a bucket's lower case.
	shape func(string) string
}

// defaultsKey is where the Terraform bridge records which inputs were filled in. The engine creates a replacement
// before it deletes the old object only when the name is listed there.
const defaultsKey = resource.PropertyKey("__defaults")

// randomDigits is the length of the suffix that pulumi-aws appends.
const randomDigits = 7

// fill names the object: as the program says, as it was named before, or with random digits after the logical name.
func (n *naming) fill(req plugin.CheckRequest, inputs resource.PropertyMap) *plugin.CheckFailure {
	defaulted := []resource.PropertyValue{}
	defer func() { inputs[defaultsKey] = resource.NewProperty(defaulted) }()
	if n == nil {
		return nil
	}
	key := resource.PropertyKey(n.property)
	if given(inputs, n.property) || n.prefixProperty != "" && given(inputs, n.prefixProperty) {
		return nil
	}
	if wasDefaulted(req.Olds, n.property) && given(req.Olds, n.property) {
		inputs[key] = req.Olds[key]
		defaulted = append(defaulted, resource.NewProperty(n.property))
		return nil
	}
	suffix := ""
	if n.suffix != nil {
		suffix = n.suffix(inputs)
	}
	name, err := resource.NewUniqueName(req.RandomSeed, req.URN.Name()+"-", randomDigits, n.most-len(suffix), nil)
	if err != nil {
		return &plugin.CheckFailure{Property: key, Reason: err.Error() + "; give the resource a shorter logical name"}
	}
	name += suffix
	if n.shape != nil {
		name = n.shape(name)
	}
	inputs[key] = resource.NewProperty(name)
	defaulted = append(defaulted, resource.NewProperty(n.property))
	return nil
}

// prefixedDigits is the length of what AWS's provider appends to a prefix: the time, and a counter.
const prefixedDigits = 26

// withPrefix names a new object after the prefix that the program gives.
func (n *naming) withPrefix(d *draft) {
	if n == nil || n.prefixProperty == "" || d.text(n.property) != "" {
		return
	}
	if prefix := d.text(n.prefixProperty); prefix != "" {
		d.set(n.property, prefix+d.digits(min(prefixedDigits, n.most-len(prefix))))
	}
}

// keep leaves an object the name that was made of a prefix.
func (n *naming) keep(d *draft, old resource.PropertyMap) {
	if n != nil && n.prefixProperty != "" && given(d.inputs, n.prefixProperty) && given(old, n.property) && !given(d.inputs, n.property) {
		d.outputs[resource.PropertyKey(n.property)] = plain(old[resource.PropertyKey(n.property)])
	}
}

func given(properties resource.PropertyMap, name string) bool {
	v, ok := properties[resource.PropertyKey(name)]
	return ok && !v.IsNull()
}

func wasDefaulted(inputs resource.PropertyMap, name string) bool {
	list := inputs[defaultsKey]
	if !list.IsArray() {
		return false
	}
	for _, v := range list.ArrayValue() {
		if v.IsString() && v.StringValue() == name {
			return true
		}
	}
	return false
}
