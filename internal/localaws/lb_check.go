package localaws

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"slipway/internal/limits"
)

var balancerName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$`)

// checkBalancerName checks a load balancer's or target group's name.
func (c *checking) checkBalancerName() {
	name := c.text("name")
	if name != "" && (len(name) > 32 || !balancerName.MatchString(name)) {
		c.invalid("name", "name takes at most 32 letters, digits and hyphens, and no hyphen at an end, got %q", name)
	}
	if prefix := c.text("namePrefix"); len(prefix) > 6 {
		c.invalid("namePrefix", "namePrefix cannot be longer than 6 characters, got %q", prefix)
	}
}

// attribute checks the range of what Elastic Load Balancing calls an attribute, which it sets after the creation.
func (c *checking) attribute(property string, low, high float64) {
	c.inRange("InvalidConfigurationRequest", property, low, high)
}

func checkLoadBalancer(c *checking) {
	c.checkBalancerName()
	if name := c.text("name"); strings.HasPrefix(name, "internal-") {
		c.invalid("name", "name cannot begin with \"internal-\", got %q", name)
	}
	c.oneOf("loadBalancerType", "application", "network", "gateway")
	c.oneOf("ipAddressType", "ipv4", "dualstack", "dualstack-without-public-ipv4")
	c.oneOf("desyncMitigationMode", "monitor", "defensive", "strictest")
	c.attribute("idleTimeout", 1, 4000)
	c.attribute("clientKeepAlive", 60, 604800)
	if c.has("subnets") == c.has("subnetMappings") {
		c.invalid("subnets", "exactly one of subnets and subnetMappings must be given")
	}
	for _, property := range []string{"subnets", "subnetMappings"} {
		subnets := c.value(property)
		if kind := c.text("loadBalancerType"); (kind == "" || kind == "application") && subnets.IsArray() && len(subnets.ArrayValue()) < 2 {
			c.fail(property, "At least two subnets in two different Availability Zones must be specified (ValidationError), got %d", len(subnets.ArrayValue()))
		}
	}
}

func checkTargetGroup(c *checking) {
	c.checkBalancerName()
	c.oneOf("targetType", "instance", "ip", "lambda", "alb")
	c.oneOf("protocol", "HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE")
	c.oneOf("protocolVersion", "HTTP1", "HTTP2", "GRPC")
	c.oneOf("loadBalancingAlgorithmType", "round_robin", "least_outstanding_requests", "weighted_random")
	c.between("port", 1, 65535)
	c.attribute("deregistrationDelay", 0, 3600)
	if c.has("slowStart") && c.number("slowStart") != 0 {
		c.attribute("slowStart", 30, 900)
	}
	if c.has("stickiness") {
		c.oneOf("stickiness.type", "lb_cookie", "app_cookie", "source_ip", "source_ip_dest_ip", "source_ip_dest_ip_proto")
		c.attribute("stickiness.cookieDuration", 1, 604800)
	}
	if c.text("targetType") != "lambda" {
		for _, property := range []string{"port", "protocol", "vpcId"} {
			if !c.has(property) {
				c.invalid(property, "%s should be set when target type is %s", property, orDefault(c.text("targetType"), "instance"))
			}
		}
	}
	checkTargetHealth(c)
}

func checkTargetHealth(c *checking) {
	c.oneOf("healthCheck.protocol", "HTTP", "HTTPS", "TCP")
	c.between("healthCheck.interval", 5, 300)
	c.between("healthCheck.timeout", 2, 120)
	c.between("healthCheck.healthyThreshold", 2, 10)
	c.between("healthCheck.unhealthyThreshold", 2, 10)
	interval := 30.0 // the default
	if c.has("healthCheck.interval") {
		interval = c.number("healthCheck.interval")
	}
	if timeout := c.number("healthCheck.timeout"); interval > 0 && timeout >= interval {
		c.fail("healthCheck.timeout", "Health check timeout '%v' must be smaller than the interval '%v' (ValidationError)", timeout, interval)
	}
	if path := c.text("healthCheck.path"); path != "" {
		if err := limits.HealthCheckPath(path); err != nil {
			c.invalid("healthCheck.path", "healthCheck.path takes %v, got %q", err, path)
		}
	}
	if matcher := c.text("healthCheck.matcher"); matcher != "" && c.text("protocolVersion") != "GRPC" {
		if err := limits.HealthCheckMatcher(matcher); err != nil {
			c.fail("healthCheck.matcher", "Health check matcher HTTP code '%s' is invalid: it takes %v (ValidationError)", matcher, err)
		}
	}
}

// tlsPolicies are the prefixes of the predefined security policies, each with the date of its publication.
var tlsPolicy = regexp.MustCompile(`^ELBSecurityPolicy-(2016-08|TLS-1-[012]-20\d\d-\d\d|TLS-1-2-Ext-2018-06|2015-05|FS-2018-06|FS-1-[12]-(Res-)?20\d\d-\d\d|FS-1-2-Res-2020-10|TLS13-1-[0-3](-Res|-Ext[12]|-FIPS|-Res-FIPS|-Ext[0-2]-FIPS)?(-PQ)?-20\d\d-\d\d)$`)

func checkListener(c *checking) {
	c.between("port", 1, 65535)
	c.oneOf("protocol", "HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE")
	protocol := c.value("protocol")
	encrypted := c.text("protocol") == "HTTPS" || c.text("protocol") == "TLS"
	switch {
	case protocol.IsComputed():
	case encrypted && !c.has("certificateArn"):
		c.fail("certificateArn", "A certificate must be specified for %s listeners (ValidationError)", c.text("protocol"))
	case !encrypted && c.has("certificateArn"):
		c.fail("certificateArn", "A certificate cannot be specified for %s listeners (ValidationError)", orDefault(c.text("protocol"), "HTTP"))
	case !encrypted && c.has("sslPolicy"):
		c.fail("sslPolicy", "An SSL policy cannot be specified for %s listeners (ValidationError)", orDefault(c.text("protocol"), "HTTP"))
	}
	if policy := c.text("sslPolicy"); policy != "" && !tlsPolicy.MatchString(policy) {
		c.fail("sslPolicy", "SSL policy '%s' not found (SSLPolicyNotFound)", policy)
	}
	c.checkActions("defaultActions")
}

// actionNeeds are the properties that an action's type needs, any of them.
var actionNeeds = map[string][]string{
	"forward": {"targetGroupArn", "forward"}, "redirect": {"redirect"}, "fixed-response": {"fixedResponse"},
	"authenticate-oidc": {"authenticateOidc"}, "authenticate-cognito": {"authenticateCognito"},
}

// checkActions checks a listener's or a rule's actions.
func (c *checking) checkActions(property string) {
	if list := c.value(property); list.IsArray() && len(list.ArrayValue()) == 0 {
		c.invalid(property, "%s needs at least one action", property)
	}
	for i, action := range c.objects(property) {
		at := fmt.Sprintf("%s[%d]", property, i)
		typ := action["type"]
		if !typ.IsString() {
			continue
		}
		needs, known := actionNeeds[typ.StringValue()]
		if !known {
			c.invalid(at+".type", "expected %s.type to be one of %q, got %s", at, sortedKeys(actionNeeds), typ.StringValue())
			continue
		}
		if !slices.ContainsFunc(needs, func(need string) bool { return given(action, need) }) {
			c.invalid(at, "an action of the type %s needs %s", typ.StringValue(), strings.Join(needs, " or "))
		}
		if redirect := action["redirect"]; redirect.IsObject() {
			c.checkRedirect(at+".redirect", redirect.ObjectValue())
		}
		if status := texts(action["fixedResponse"], "statusCode"); len(status) == 1 && !regexp.MustCompile(`^[245]\d\d$`).MatchString(status[0]) {
			c.invalid(at+".fixedResponse.statusCode", "statusCode takes 2XX, 4XX or 5XX, got %s", status[0])
		}
	}
}

// unchanged are the parts of a redirect that keep what was asked for.
var unchanged = map[resource.PropertyKey]string{"host": "#{host}", "path": "/#{path}", "port": "#{port}", "protocol": "#{protocol}", "query": "#{query}"}

func (c *checking) checkRedirect(at string, redirect resource.PropertyMap) {
	if code := redirect["statusCode"]; code.IsString() && code.StringValue() != "HTTP_301" && code.StringValue() != "HTTP_302" {
		c.invalid(at+".statusCode", "expected statusCode to be one of [HTTP_301 HTTP_302], got %s", code.StringValue())
	}
	for part, same := range unchanged {
		v := redirect[part]
		if v.IsComputed() || part != "query" && v.IsString() && v.StringValue() != same {
			return
		}
	}
	c.fail(at, "The redirect configuration is not valid because it creates a loop: change the host, path, port or protocol (InvalidLoadBalancerAction)")
}

// ruleConditions are the kinds of a rule's conditions.
var ruleConditions = []string{"hostHeader", "httpHeader", "httpRequestMethod", "pathPattern", "queryStrings", "sourceIp"}

func checkRule(c *checking) {
	c.between("priority", 1, 50000)
	c.checkActions("actions")
	conditions := c.value("conditions")
	if conditions.IsArray() && len(conditions.ArrayValue()) == 0 {
		c.fail("conditions", "A rule must have at least one condition (ValidationError)")
	}
	values := 0
	for i, condition := range c.objects("conditions") {
		kinds := 0
		for _, kind := range ruleConditions {
			if given(condition, kind) {
				kinds++
			}
		}
		if kinds != 1 {
			c.invalid("conditions["+strconv.Itoa(i)+"]", "exactly one of %s must be given, got %d", strings.Join(ruleConditions, ", "), kinds)
		}
		values += len(texts(resource.NewProperty(condition), "hostHeader.values")) + len(texts(resource.NewProperty(condition), "httpHeader.values")) +
			len(texts(resource.NewProperty(condition), "httpRequestMethod.values")) + len(texts(resource.NewProperty(condition), "pathPattern.values")) +
			len(texts(resource.NewProperty(condition), "queryStrings.value")) + len(texts(resource.NewProperty(condition), "sourceIp.values"))
	}
	if values > 5 {
		c.fail("conditions", "A rule can only have '5' condition values, got %d (ValidationError)", values)
	}
}

func orDefault(text, fallback string) string {
	if text == "" {
		return fallback
	}
	return text
}
