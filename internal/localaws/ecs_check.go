package localaws

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"slipway/internal/limits"
)

var ecsName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)

// checkECSName checks a name; code is ECS's for the operation.
func (c *checking) checkECSName(property, code string) {
	if name := c.text(property); name != "" && !ecsName.MatchString(name) {
		c.fail(property, "%s takes 1 to 255 letters, digits, hyphens and underscores, got %q (%s)", property, name, code)
	}
}

func checkECSCluster(c *checking) {
	c.checkECSName("name", "InvalidParameterException")
	for _, setting := range c.objects("settings") {
		if name := setting["name"]; name.IsString() && name.StringValue() != "containerInsights" {
			c.invalid("settings", "expected settings.name to be one of [containerInsights], got %s", name.StringValue())
		}
		if value := setting["value"]; value.IsString() && !slices.Contains([]string{"enabled", "enhanced", "disabled"}, value.StringValue()) {
			c.invalid("settings", "expected the value of containerInsights to be one of [enabled enhanced disabled], got %s", value.StringValue())
		}
	}
}

func checkCapacityProviders(c *checking) {
	providers := c.texts("capacityProviders")
	for _, at := range c.texts("defaultCapacityProviderStrategies.capacityProvider") {
		if list := c.value("capacityProviders"); !list.ContainsUnknowns() && !slices.Contains(providers, at) {
			c.fail("defaultCapacityProviderStrategies", "The default capacity provider strategy cannot contain a capacity provider that is not associated with the cluster (InvalidParameterException): %s", at)
		}
	}
	c.checkStrategy("defaultCapacityProviderStrategies")
}

// checkStrategy checks how tasks are spread over capacity providers.
func (c *checking) checkStrategy(property string) {
	bases, weight, known := 0, 0.0, true
	strategies := c.objects(property)
	for _, s := range strategies {
		if base := s["base"]; base.IsNumber() && base.NumberValue() > 0 {
			bases++
		}
		switch v := s["weight"]; {
		case v.IsComputed():
			known = false
		case v.IsNumber():
			weight += v.NumberValue()
			if v.NumberValue() < 0 || v.NumberValue() > 1000 {
				c.invalid(property, "expected weight to be in the range (0 - 1000), got %v", v.NumberValue())
			}
		}
	}
	if bases > 1 {
		c.fail(property, "A capacity provider strategy can have a base defined for one capacity provider only (InvalidParameterException), got %d", bases)
	}
	if len(strategies) > 0 && known && weight == 0 {
		c.fail(property, "At least one capacity provider must have a weight greater than 0 (InvalidParameterException)")
	}
}

func checkTaskDefinition(c *checking) {
	c.checkECSName("family", "ClientException")
	c.oneOf("networkMode", "bridge", "host", "awsvpc", "none")
	c.oneOf("pidMode", "host", "task")
	c.oneOf("ipcMode", "host", "task", "none")
	c.oneOf("runtimePlatform.cpuArchitecture", "X86_64", "ARM64")
	c.inRange("ClientException", "ephemeralStorage.sizeInGib", 21, 200)
	fargate := slices.Contains(c.texts("requiresCompatibilities"), "FARGATE")
	if fargate {
		c.checkFargate()
	}
	document := c.text("containerDefinitions")
	if document == "" {
		return
	}
	containers, err := containersOf(document)
	if err != nil {
		c.fail("containerDefinitions", "ECS Task Definition container_definitions is invalid: %v (ClientException)", err)
		return
	}
	(&taskCheck{checking: c, containers: containers, fargate: fargate}).run()
}

// checkFargate checks what Fargate asks of the task as a whole.
func (c *checking) checkFargate() {
	if mode := c.value("networkMode"); !mode.IsComputed() && c.text("networkMode") != "awsvpc" {
		c.fail("networkMode", "Fargate only supports network mode 'awsvpc' (ClientException), got %q", c.text("networkMode"))
	}
	for _, property := range []string{"pidMode", "ipcMode"} {
		if c.text(property) == "host" || property == "ipcMode" && c.has(property) {
			c.fail(property, "%s is not supported on Fargate (ClientException)", property)
		}
	}
	if !c.has("cpu") || !c.has("memory") {
		c.fail("cpu", "Fargate requires that 'cpu' and 'memory' be defined at the task level (ClientException)")
		return
	}
	cpu, memory, known := c.taskSize()
	if !known {
		return
	}
	if !slices.Contains(limits.FargateMemory(cpu), memory) {
		c.fail("memory", "No Fargate configuration exists for given values: %d CPU, %d memory (ClientException); %s", cpu, memory, fargateAdvice(cpu, memory))
	}
}

func fargateAdvice(cpu, memory int) string {
	if err := limits.FargateCPU(cpu); err != nil {
		return "cpu takes " + err.Error()
	}
	return "memory takes " + limits.FargateSize(cpu, memory).Error()
}

var (
	vCPU      = regexp.MustCompile(`(?i)^([0-9.]+)\s*vcpu$`)
	gigabytes = regexp.MustCompile(`(?i)^([0-9.]+)\s*gb$`)
)

// taskSize is the task's CPU in units and its memory in MiB; ECS also takes "1 vCPU" and "2 GB".
func (c *checking) taskSize() (cpu, memory int, known bool) {
	cpu, okCPU := sizeOf(c.text("cpu"), vCPU)
	memory, okMemory := sizeOf(c.text("memory"), gigabytes)
	return cpu, memory, okCPU && okMemory
}

func sizeOf(text string, unit *regexp.Regexp) (int, bool) {
	if m := unit.FindStringSubmatch(strings.TrimSpace(text)); m != nil {
		n, err := strconv.ParseFloat(m[1], 64)
		return int(n * 1024), err == nil
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}
