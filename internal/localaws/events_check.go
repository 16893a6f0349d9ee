package localaws

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"slipway/internal/limits"
)

var (
	eventName        = regexp.MustCompile(`^[.\-_A-Za-z0-9]{1,64}$`)
	inputPlaceholder = regexp.MustCompile(`<([A-Za-z0-9_-]+|aws\.events\.[a-z.-]+)>`)
)

func (c *checking) checkEventName(property string) {
	if name := c.text(property); name != "" && !eventName.MatchString(name) {
		c.fail(property, "%s takes 1 to 64 letters, digits, periods, hyphens and underscores, got %q (ValidationException)", property, name)
	}
}

func checkEventRule(c *checking) {
	c.checkEventName("name")
	if size := len(c.text("description")); size > 512 {
		c.fail("description", "a description takes 512 characters at most, got %d (ValidationException)", size)
	}
	c.oneOf("state", "ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")
	if c.has("state") && c.has("isEnabled") {
		c.invalid("isEnabled", "\"isEnabled\": conflicts with state")
	}
	if !c.has("eventPattern") && !c.has("scheduleExpression") {
		c.fail("eventPattern", "Parameter(s) EventPattern or ScheduleExpression must be specified. (ValidationException)")
	}
	checkEventSchedule(c)
	checkEventPattern(c)
}

func checkEventSchedule(c *checking) {
	expression := c.text("scheduleExpression")
	if expression == "" {
		return
	}
	if err := limits.ScheduleExpression(expression); err != nil {
		c.fail("scheduleExpression", "Parameter ScheduleExpression is not valid. (ValidationException): it takes %v, got %q", err, expression)
	}
	if bus := c.text("eventBusName"); bus != "" && bus != defaultBus {
		c.fail("eventBusName", "ScheduleExpression is supported only on the default event bus. (ValidationException)")
	}
	if c.text("state") == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" {
		c.fail("state", "%s cannot be used with a ScheduleExpression (ValidationException)", c.text("state"))
	}
}

// roleTargets are the services that EventBridge calls with a role, some of them for one kind of resource only. Queues, topics and functions
// have policies of their own.
var roleTargets = []string{"batch", "codebuild", "codepipeline", "ecs", "events:api-destination", "execute-api", "kinesis", "states"}

func needsRole(arn string) bool {
	service := serviceOf(arn)
	resource, _, _ := strings.Cut(resourceOf(arn), "/")
	return slices.Contains(roleTargets, service) || slices.Contains(roleTargets, service+":"+resource)
}

func checkEventTarget(c *checking) {
	c.checkEventName("rule")
	c.checkEventName("targetId")
	arn := c.text("arn")
	if arn != "" && serviceOf(arn) == "" {
		c.fail("arn", "Provided Arn is not in correct format: %q (ValidationException)", arn)
	}
	if needsRole(arn) && !c.has("roleArn") {
		c.fail("roleArn", "RoleArn is required for target %s. (ValidationException)", arn)
	}
	if serviceOf(arn) == "ecs" && !c.has("ecsTarget") {
		c.fail("ecsTarget", "Parameter(s) EcsParameters must be specified for target: %s. (ValidationException)", arn)
	}
	if serviceOf(arn) == "sqs" && strings.HasSuffix(arn, ".fifo") && !c.has("sqsTarget.messageGroupId") {
		c.fail("sqsTarget", "Parameter(s) SqsParameters must be specified for target: %s. (ValidationException)", arn)
	}
	c.between("retryPolicy.maximumEventAgeInSeconds", 60, 86400)
	c.between("retryPolicy.maximumRetryAttempts", 0, 185)
	checkEventInput(c)
}

// checkEventInput checks what a target gets: the event, if nothing else is said.
func checkEventInput(c *checking) {
	var ways []string
	for _, way := range []string{"input", "inputPath", "inputTransformer"} {
		if c.has(way) {
			ways = append(ways, way)
		}
	}
	if len(ways) > 1 {
		c.fail(ways[1], "Only one of Input, InputPath, or InputTransformer must be provided, got %s (ValidationException)", strings.Join(ways, ", "))
		return
	}
	if input := c.text("input"); len(input) > 8192 || input != "" && !json.Valid([]byte(input)) {
		c.fail("input", "JSON syntax error in input: it takes a JSON value of 8192 characters at most (ValidationException)")
	}
	if path := c.text("inputPath"); path != "" && (!strings.HasPrefix(path, "$") || len(path) > 256) {
		c.fail("inputPath", "Invalid InputPath: it takes a JSONPath such as $.detail, of 256 characters at most, got %q (ValidationException)", path)
	}
	checkInputTransformer(c)
}

func checkInputTransformer(c *checking) {
	const paths, template = "inputTransformer.inputPaths", "inputTransformer.inputTemplate"
	known := map[string]bool{}
	if v := c.value(paths); v.IsObject() {
		for _, key := range v.ObjectValue().StableKeys() {
			known[string(key)] = true
			if strings.HasPrefix(string(key), "AWS") {
				c.fail(paths, "a key of InputPathsMap must not start with AWS, got %q (ValidationException)", key)
			}
		}
		if len(known) > 100 {
			c.fail(paths, "InputPathsMap takes 100 keys at most, got %d (ValidationException)", len(known))
		}
	}
	text := c.text(template)
	for _, placeholder := range inputPlaceholder.FindAllStringSubmatch(text, -1) {
		if name := placeholder[1]; !known[name] && !strings.HasPrefix(name, "aws.events.") && !c.value(paths).IsComputed() {
			c.fail(template, "InputTemplate contains invalid placeholder %s: it is no key of InputPathsMap (ValidationException)", name)
			return
		}
	}
	if text != "" && (len(text) > 8192 || !isTemplate(text)) {
		c.fail(template, "Invalid InputTemplate: with values for its placeholders it takes a JSON value, or quoted lines, of 8192 characters at most; got %q (ValidationException)", text)
	}
}

// isTemplate tells a template that gives JSON, or lines of text each between quotation marks.
func isTemplate(template string) bool {
	filled := inputPlaceholder.ReplaceAllString(template, "0")
	if json.Valid([]byte(filled)) {
		return true
	}
	for line := range strings.SplitSeq(strings.TrimSpace(filled), "\n") {
		if !json.Valid([]byte(line)) {
			return false
		}
	}
	return true
}
