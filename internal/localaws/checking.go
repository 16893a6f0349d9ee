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

// invalidValue is the code with which a service refuses a value that is too long, too large or none that it knows, as its API reference
// and its answers have it.
var invalidValue = map[string]string{
	"ACM": "ValidationException", "Application Auto Scaling": "ValidationException", "CloudFront": "InvalidArgument", "CloudWatch": "ValidationError",
	"CloudWatch Logs": "InvalidParameterException", "EC2": "InvalidParameterValue", "ECR": "InvalidParameterException", "ECS": "InvalidParameterException",
	"Elastic Load Balancing v2": "ValidationError", "IAM": "ValidationError", "KMS": "ValidationException", "RDS": "InvalidParameterValue",
	"Route 53": "InvalidInput", "S3": "MalformedXML", "SNS": "InvalidParameter", "SQS": "InvalidAttributeValue", "EventBridge Scheduler": "ValidationException",
	"Secrets Manager": "InvalidParameterException", "EventBridge": "ValidationException", "CodeBuild": "InvalidInputException", "CodeCommit": "ValidationException",
	"CodeConnections": "ValidationException", "CodePipeline": "ValidationException",
}

// invalid is fail with the service's code for a value that it does not take.
func (c *checking) invalid(property, format string, args ...any) {
	if code := invalidValue[c.kind.service]; code != "" {
		format += " (" + code + ")"
	}
	c.fail(property, format, args...)
}

// between checks a number's range, where it is given.
func (c *checking) between(property string, low, high float64) {
	c.inRange(invalidValue[c.kind.service], property, low, high)
}

// inRange is between with another code than the service's usual one.
func (c *checking) inRange(code, property string, low, high float64) {
	if v := c.value(property); v.IsNumber() && (v.NumberValue() < low || v.NumberValue() > high) {
		c.fail(property, "expected %s to be in the range (%v - %v), got %v (%s)", property, low, high, v.NumberValue(), code)
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
	c.invalid(property, "expected %s to be one of %q, got %s", property, allowed, v.StringValue())
}
