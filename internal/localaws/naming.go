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
	inputs[key] = resource.NewProperty(name + suffix)
	defaulted = append(defaulted, resource.NewProperty(n.property))
	return nil
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
