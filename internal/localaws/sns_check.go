package localaws

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"slipway/internal/limits"
)

var (
	topicName     = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)
	fifoTopicName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,251}\.fifo$`)
	phoneNumber   = regexp.MustCompile(`^\+[1-9]\d{1,14}$`)
)

func topicSuffix(inputs resource.PropertyMap) string {
	if v := inputs["fifoTopic"]; v.IsBool() && v.BoolValue() {
		return ".fifo"
	}
	return ""
}

func checkTopic(c *checking) {
	name, pattern := c.text("name"), topicName
	if c.isTrue("fifoTopic") {
		pattern = fifoTopicName
	}
	if name != "" && !pattern.MatchString(name) {
		c.fail("name", "Invalid parameter: Topic Name (InvalidParameter): it takes 1 to 256 letters, digits, hyphens and underscores, and .fifo at the end of a FIFO topic's, got %q", name)
	}
	if len(c.text("displayName")) > 100 {
		c.fail("displayName", "Invalid parameter: DisplayName (InvalidParameter): it takes 100 characters at most")
	}
	if c.isTrue("contentBasedDeduplication") && !c.isTrue("fifoTopic") && !c.value("fifoTopic").IsComputed() {
		c.invalid("contentBasedDeduplication", "content-based deduplication can only be set for FIFO topics")
	}
	c.oneOf("tracingConfig", "PassThrough", "Active")
	c.checkTopicPolicy()
}

func checkTopicPolicy(c *checking) { c.checkTopicPolicy() }

// topicActions are what a topic's policy is about; SNS's others, such as CreateTopic, are about no topic (Amazon SNS
// Developer Guide, "Using identity-based policies with Amazon SNS").
var topicActions = []string{"sns:addpermission", "sns:deletetopic", "sns:getdataprotectionpolicy", "sns:gettopicattributes", "sns:listsubscriptionsbytopic",
	"sns:listtagsforresource", "sns:publish", "sns:putdataprotectionpolicy", "sns:receive", "sns:removepermission", "sns:settopicattributes", "sns:subscribe"}

func (c *checking) checkTopicPolicy() {
	for _, statement := range c.checkPolicy("policy", "InvalidParameter", topicPolicy) {
		for _, action := range slices.Concat(statement.Actions, statement.NotActions) {
			lower := strings.ToLower(action)
			if strings.HasPrefix(lower, topicPolicy.actions) && !strings.ContainsAny(lower, "*?") && !slices.Contains(topicActions, lower) {
				c.fail("policy", "InvalidParameter: Policy statement action out of service scope!: %q", action)
			}
		}
	}
}

// endpoints says what each protocol of a subscription delivers to.
var endpoints = map[string]struct {
	takes string
	fits  func(string) bool
}{
	"email":       {"an e-mail address", func(e string) bool { return limits.EmailAddress(e) == nil }},
	"email-json":  {"an e-mail address", func(e string) bool { return limits.EmailAddress(e) == nil }},
	"http":        {"an address that begins with http://", withScheme("http")},
	"https":       {"an address that begins with https://", withScheme("https")},
	"sqs":         {"the ARN of a queue", ofService("sqs")},
	"lambda":      {"the ARN of a function", ofService("lambda")},
	"firehose":    {"the ARN of a delivery stream", ofService("firehose")},
	"application": {"the ARN of an application on a device", ofService("sns")},
	"sms":         {"a telephone number such as +14155550100", phoneNumber.MatchString},
}

func withScheme(scheme string) func(string) bool {
	return func(endpoint string) bool {
		parsed, err := url.Parse(endpoint)
		return err == nil && parsed.Scheme == scheme && parsed.Host != ""
	}
}

func ofService(service string) func(string) bool {
	return func(endpoint string) bool {
		parts := strings.Split(endpoint, ":")
		return len(parts) >= 6 && parts[0] == "arn" && parts[2] == service
	}
}

func checkSubscription(c *checking) {
	c.oneOf("protocol", sortedKeys(endpoints)...)
	if protocol, known := endpoints[c.text("protocol")]; known {
		// The endpoint may be a secret: it is not repeated.
		if endpoint := c.text("endpoint"); endpoint != "" && !protocol.fits(endpoint) {
			c.fail("endpoint", "Invalid parameter: Endpoint (InvalidParameter): with the protocol %s it takes %s", c.text("protocol"), protocol.takes)
		}
	}
	if c.text("protocol") == "firehose" && !c.has("subscriptionRoleArn") {
		c.fail("subscriptionRoleArn", "Invalid parameter: SubscriptionRoleArn (InvalidParameter): the protocol firehose needs one")
	}
}
