package localaws

import (
	"encoding/json"
	"regexp"
	"strings"

	"slipway/internal/limits"
)

var (
	queueName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)
	fifoName  = regexp.MustCompile(`^[A-Za-z0-9_-]{1,75}\.fifo$`)
	queueARN  = regexp.MustCompile(`^arn:[a-z-]+:sqs:([a-z0-9-]+):\d{12}:[A-Za-z0-9_.-]+$`)
)

func checkQueue(c *checking) {
	checkQueueName(c)
	for property, check := range map[string]func(int) error{
		"visibilityTimeoutSeconds": limits.VisibilityTimeout,
		"messageRetentionSeconds":  limits.MessageRetention,
		"delaySeconds":             limits.DeliveryDelay,
		"receiveWaitTimeSeconds":   limits.ReceiveWait,
		"maxMessageSize":           limits.MaxMessageSize,
	} {
		if v := c.value(property); v.IsNumber() {
			if err := check(int(v.NumberValue())); err != nil {
				c.fail(property, "Invalid value for the parameter %s (InvalidAttributeValue): it takes %v, got %v", property, err, v.NumberValue())
			}
		}
	}
	c.between("kmsDataKeyReusePeriodSeconds", 60, 86400)
	if c.isTrue("sqsManagedSseEnabled") && c.has("kmsMasterKeyId") {
		c.fail("kmsMasterKeyId", "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE (InvalidAttributeValue)")
	}
	for _, property := range []string{"contentBasedDeduplication", "deduplicationScope", "fifoThroughputLimit"} {
		if c.has(property) && !c.isTrue("fifoQueue") && !c.value("fifoQueue").IsComputed() && (property != "contentBasedDeduplication" || c.isTrue(property)) {
			c.invalid(property, "%s can only be set for FIFO queue", property)
		}
	}
	c.checkPolicy("policy", "InvalidAttributeValue", queuePolicy)
	c.checkRedrive("redrivePolicy")
	c.checkRedriveAllow("redriveAllowPolicy")
}

func checkQueueName(c *checking) {
	name := c.text("name")
	switch fifo := c.isTrue("fifoQueue"); {
	case name == "":
	case fifo && !fifoName.MatchString(name):
		c.fail("name", "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length, got %q (InvalidParameterValue)", name)
	case !fifo && !queueName.MatchString(name):
		c.fail("name", "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length, got %q (InvalidParameterValue)", name)
	}
}

// redrivePolicy is where messages go that were received too often.
type redrivePolicy struct {
	Target      string          `json:"deadLetterTargetArn"`
	MaxReceives json.RawMessage `json:"maxReceiveCount"`
}

func redrivePolicyOf(document string) (redrivePolicy, bool) {
	var policy redrivePolicy
	return policy, document != "" && json.Unmarshal([]byte(document), &policy) == nil
}

func (c *checking) checkRedrive(property string) {
	document := c.text(property)
	if document == "" {
		return
	}
	var policy redrivePolicy
	if err := strictJSON([]byte(document), &policy); err != nil {
		c.fail(property, "Value %s for parameter RedrivePolicy is invalid (InvalidParameterValue): %v", document, err)
		return
	}
	var receives int
	// SQS takes the number as a text, too.
	if err := json.Unmarshal([]byte(strings.Trim(string(policy.MaxReceives), `"`)), &receives); err != nil || limits.MaxReceiveCount(receives) != nil {
		c.fail(property, "Invalid value for maxReceiveCount: %s, valid values are from 1 to 1000 both inclusive (InvalidParameterValue)", policy.MaxReceives)
	}
	match := queueARN.FindStringSubmatch(policy.Target)
	switch {
	case match == nil:
		c.fail(property, "Value %s for parameter RedrivePolicy is invalid. Reason: Invalid value for deadLetterTargetArn (InvalidParameterValue)", document)
	case match[1] != c.region:
		c.fail(property, "Value %s for parameter RedrivePolicy is invalid. Reason: Dead-letter target must be in the same region as the source, %s (InvalidParameterValue)", document, c.region)
	}
}

func (c *checking) checkRedriveAllow(property string) {
	document := c.text(property)
	if document == "" {
		return
	}
	var policy struct {
		Permission string   `json:"redrivePermission"`
		Sources    []string `json:"sourceQueueArns"`
	}
	if err := strictJSON([]byte(document), &policy); err != nil {
		c.fail(property, "Value %s for parameter RedriveAllowPolicy is invalid (InvalidParameterValue): %v", document, err)
		return
	}
	switch policy.Permission {
	case "byQueue":
		if len(policy.Sources) < 1 || len(policy.Sources) > 10 {
			c.fail(property, "RedriveAllowPolicy with redrivePermission byQueue takes 1 to 10 sourceQueueArns, got %d (InvalidParameterValue)", len(policy.Sources))
		}
	case "allowAll", "denyAll":
		if len(policy.Sources) > 0 {
			c.fail(property, "RedriveAllowPolicy with redrivePermission %s takes no sourceQueueArns (InvalidParameterValue)", policy.Permission)
		}
	default:
		c.fail(property, "RedriveAllowPolicy: redrivePermission takes allowAll, denyAll or byQueue, got %q (InvalidParameterValue)", policy.Permission)
	}
}
