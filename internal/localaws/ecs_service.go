package localaws

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// rollBack leaves the object with the task definition that it had, as ECS does when its deployment circuit breaker
// rolls a deployment back.
func (d *draft) rollBack(previous *Object) {
	if old := previous.text("taskDefinition"); old != "" {
		d.set("taskDefinition", old)
	}
}

// replacedByStrategy replaces a service whose capacity providers change, as the provider does, unless forceNewDeployment is set and
// the service has a strategy before and after.
func replacedByStrategy(before, after resource.PropertyMap) []string {
	const property = "capacityProviderStrategies"
	force := after["forceNewDeployment"]
	strategies := func(m resource.PropertyMap) int {
		if v := m[property]; v.IsArray() {
			return len(v.ArrayValue())
		}
		return 0
	}
	if force.IsBool() && force.BoolValue() && (strategies(before) == 0) == (strategies(after) == 0) {
		return nil
	}
	return []string{property}
}

func checkService(c *checking) {
	c.checkECSName("name", "InvalidParameterException")
	c.oneOf("launchType", "EC2", "FARGATE", "EXTERNAL")
	c.oneOf("schedulingStrategy", "REPLICA", "DAEMON")
	c.oneOf("propagateTags", "SERVICE", "TASK_DEFINITION", "NONE")
	c.oneOf("availabilityZoneRebalancing", "ENABLED", "DISABLED")
	c.oneOf("deploymentController.type", "ECS", "CODE_DEPLOY", "EXTERNAL")
	c.between("healthCheckGracePeriodSeconds", 0, 2147483647)
	c.between("desiredCount", 0, 5000)
	if c.has("launchType") && c.has("capacityProviderStrategies") {
		c.fail("launchType", "Specifying both a launch type and capacity provider strategy is not supported (InvalidParameterException): remove one")
	}
	c.checkStrategy("capacityProviderStrategies")
	c.checkDeployment()
	for _, balancer := range c.objects("loadBalancers") {
		if port := balancer["containerPort"]; port.IsNumber() && (port.NumberValue() < 0 || port.NumberValue() > 65535) {
			c.invalid("loadBalancers", "expected containerPort to be in the range (0 - 65535), got %v", port.NumberValue())
		}
	}
	if c.has("healthCheckGracePeriodSeconds") && !c.has("loadBalancers") && !c.has("serviceConnectConfiguration") {
		c.fail("healthCheckGracePeriodSeconds", "Health check grace period is only valid for services configured to use load balancers (InvalidParameterException)")
	}
}

// checkDeployment checks how a deployment goes.
func (c *checking) checkDeployment() {
	c.between("deploymentMinimumHealthyPercent", 0, 100)
	least, most := 100.0, 200.0 // the defaults
	if c.has("deploymentMinimumHealthyPercent") {
		least = c.number("deploymentMinimumHealthyPercent")
	}
	if v := c.value("deploymentMaximumPercent"); v.IsNumber() {
		most = v.NumberValue()
	}
	switch daemon := c.text("schedulingStrategy") == "DAEMON"; {
	case most < 100:
		c.fail("deploymentMaximumPercent", "Deployment Maximum Percent must be at least 100 (InvalidParameterException), got %v", most)
	case !daemon && least == 100 && most == 100:
		c.fail("deploymentMaximumPercent", "minimumHealthyPercent and maximumPercent cannot both be 100 as this will block deployments (InvalidParameterException)")
	}
	if controller := c.text("deploymentController.type"); c.isTrue("deploymentCircuitBreaker.enable") && controller != "" && controller != "ECS" {
		c.fail("deploymentCircuitBreaker", "Deployment circuit breaker is not supported for the %s deployment controller (InvalidParameterException)", controller)
	}
	if c.text("availabilityZoneRebalancing") == "ENABLED" && most <= 100 {
		c.fail("availabilityZoneRebalancing", "Availability Zone rebalancing needs a maximumPercent greater than 100 (InvalidParameterException)")
	}
}
