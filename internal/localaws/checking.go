package localaws

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// checking collects what is wrong with inputs. Its readers say what is known, so that a rule speaks up in preview
// wherever it can.
type checking struct {
	*draft
	failures []plugin.CheckFailure
}

// fail records that a property breaks a rule.
func (c *checking) fail(property, format string, args ...any) {
	c.failures = append(c.failures, plugin.CheckFailure{Property: resource.PropertyKey(property), Reason: fmt.Sprintf(format, args...)})
}

// between checks a number's range, where it is given.
func (c *checking) between(property string, low, high float64) {
	if v := c.value(property); v.IsNumber() && (v.NumberValue() < low || v.NumberValue() > high) {
		c.fail(property, "expected %s to be in the range (%v - %v), got %v", property, low, high, v.NumberValue())
	}
}

// seal makes a secret of an input that always is one, whether the program says so or not.
func (c *checking) seal(property string) {
	if v, ok := c.inputs[resource.PropertyKey(property)]; ok && !v.IsNull() {
		c.outputs[resource.PropertyKey(property)] = seal(v)
	}
}

func seal(v resource.PropertyValue) resource.PropertyValue {
	if v.IsSecret() || v.IsOutput() && v.OutputValue().Secret {
		return v
	}
	return resource.MakeSecret(v)
}

// oneOf checks a string against a list, where it is given.
func (c *checking) oneOf(property string, allowed ...string) {
	v := c.value(property)
	if !v.IsString() {
		return
	}
	if slices.Contains(allowed, v.StringValue()) {
		return
	}
	c.fail(property, "expected %s to be one of %q, got %s", property, allowed, v.StringValue())
}
