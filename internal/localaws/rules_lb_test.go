package localaws

import (
	"fmt"
	"strings"
)

var (
	aBalancer = map[string]any{"subnets": twoSubnets}
	plainHTTP = map[string]any{"loadBalancerArn": "arn", "port": 80, "defaultActions": toGroup}
	encrypted = with(plainHTTP, map[string]any{"protocol": "HTTPS", "port": 443, "certificateArn": "arn"})
	aPathRule = map[string]any{"listenerArn": "arn", "priority": 1, "actions": toGroup, "conditions": forPath}
)

// hosts is a rule for that many host names.
func hosts(count int) map[string]any {
	var names []any
	for n := range count {
		names = append(names, fmt.Sprintf("%d.example.com", n))
	}
	return setting(aPathRule, "conditions", []any{map[string]any{"hostHeader": map[string]any{"values": names}}})
}

var balancerRules = []rule{
	{number: 14, says: "A load balancer's name of more than 32 characters, of others than letters, digits and hyphens, with a hyphen at an end, that begins with `internal-`, or that another one has.",
		why: "The name is a part of a host name, and AWS puts internal- before those of internal ones.", cases: []ruleCase{
			{"33 characters", "ValidationError", "at most 32", inPreview(loadBalancerType, setting(aBalancer, "name", strings.Repeat("a", 33)), setting(aBalancer, "name", strings.Repeat("a", 32)))},
			{"an underscore", "ValidationError", "letters, digits and hyphens", inPreview(loadBalancerType, setting(aBalancer, "name", "my_web"), setting(aBalancer, "name", "my-web"))},
			{"a hyphen first", "ValidationError", "no hyphen at an end", inPreview(loadBalancerType, setting(aBalancer, "name", "-web"), setting(aBalancer, "name", "web"))},
			{"a hyphen last", "ValidationError", "no hyphen at an end", inPreview(loadBalancerType, setting(aBalancer, "name", "web-"), setting(aBalancer, "name", "web"))},
			{"internal-", "ValidationError", `cannot begin with "internal-"`, inPreview(loadBalancerType, setting(aBalancer, "name", "internal-web"), setting(aBalancer, "name", "internalweb"))},
			{"another one's", "DuplicateLoadBalancerName", "already exists", onCreate(loadBalancerType, func(e *embedded) (map[string]any, map[string]any) {
				_, subnets := e.network()
				e.create(loadBalancerType, "web", map[string]any{"name": "web", "subnets": subnets})
				return map[string]any{"name": "web", "subnets": subnets}, map[string]any{"name": "web2", "subnets": subnets}
			})},
		}},
	{number: 15, says: "An application load balancer in fewer than two zones.",
		why: "It stays when a zone fails.", cases: []ruleCase{
			{"one subnet", "ValidationError", "At least two subnets", inPreview(loadBalancerType, map[string]any{"subnets": twoSubnets[:1]}, aBalancer)},
			{"one mapping", "ValidationError", "At least two subnets", inPreview(loadBalancerType, map[string]any{"subnetMappings": []any{map[string]any{"subnetId": "subnet-1"}}},
				map[string]any{"subnetMappings": []any{map[string]any{"subnetId": "subnet-1"}, map[string]any{"subnetId": "subnet-2"}}})},
		}},
	{number: 16, says: "Two subnets of one zone for a load balancer.",
		why: "It has one node in a zone.", cases: []ruleCase{
			{"three subnets in two zones", "InvalidConfigurationRequest", "multiple subnets in the same Availability Zone", onCreate(loadBalancerType, func(e *embedded) (map[string]any, map[string]any) {
				vpc, subnets := e.network()
				third := e.create(subnetType, "third", map[string]any{"vpcId": vpc, "cidrBlock": "10.0.2.0/24", "availabilityZone": "us-east-1a"})["id"]
				return map[string]any{"subnets": append([]any{third}, subnets...)}, map[string]any{"subnets": subnets}
			})},
		}},
	{number: 17, says: "Security groups or subnets of another VPC.",
		why: "A network interface is in one VPC.", cases: []ruleCase{
			{"a group of another VPC", "InvalidConfigurationRequest", "security groups are invalid", onCreate(loadBalancerType, func(e *embedded) (map[string]any, map[string]any) {
				vpc, subnets := e.network()
				other := e.create(vpcType, "other", map[string]any{"cidrBlock": "10.1.0.0/16"})["id"]
				foreign, own := e.create(securityGroupType, "foreign", map[string]any{"vpcId": other})["id"], e.create(securityGroupType, "own", map[string]any{"vpcId": vpc})["id"]
				return map[string]any{"subnets": subnets, "securityGroups": []any{foreign}}, map[string]any{"subnets": subnets, "securityGroups": []any{own}}
			})},
			{"a subnet of another VPC", "InvalidConfigurationRequest", "must belong to the same VPC", onCreate(loadBalancerType, func(e *embedded) (map[string]any, map[string]any) {
				_, subnets := e.network()
				other := e.create(vpcType, "other", map[string]any{"cidrBlock": "10.1.0.0/16"})["id"]
				foreign := e.create(subnetType, "foreign", map[string]any{"vpcId": other, "cidrBlock": "10.1.0.0/24", "availabilityZone": "us-east-1c"})["id"]
				return map[string]any{"subnets": append([]any{foreign}, subnets...)}, map[string]any{"subnets": subnets}
			})},
		}},
	{number: 18, says: "An idle timeout that is not from 1 to 4000 seconds; access logs to a bucket that does not let Elastic Load Balancing write.",
		why: "The logs are tried when they are switched on.", cases: append(
			limited("InvalidConfigurationRequest", loadBalancerType, aBalancer, "idleTimeout", 1, 4000),
			ruleCase{"logs to a closed bucket", "InvalidConfigurationRequest", "Access Denied for bucket", onCreate(loadBalancerType, func(e *embedded) (map[string]any, map[string]any) {
				_, subnets := e.network()
				logged := func(bucket string) map[string]any {
					e.create(bucketType, bucket, map[string]any{"bucket": bucket})
					return map[string]any{"subnets": subnets, "accessLogs": map[string]any{"bucket": bucket, "enabled": true}}
				}
				refused, accepted := logged("closed"), logged("open")
				e.create(bucketPolicyType, "open", map[string]any{"bucket": "open", "policy": document(map[string]any{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::open/*",
					"Principal": map[string]any{"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}})})
				return refused, accepted
			})})},
	{number: 19, says: "A target group's name of more than 32 characters; one of instances or addresses without port, protocol or VPC.",
		why: "Targets are reached by these.", cases: []ruleCase{
			{"33 characters", "ValidationError", "at most 32", inPreview(targetGroupType, setting(aGroup, "name", strings.Repeat("a", 33)), setting(aGroup, "name", strings.Repeat("a", 32)))},
			{"no port", "ValidationError", "port should be set when target type is ip", inPreview(targetGroupType, setting(aGroup, "port", nil), aGroup)},
			{"no protocol", "ValidationError", "protocol should be set when target type is ip", inPreview(targetGroupType, setting(aGroup, "protocol", nil), aGroup)},
			{"no VPC", "ValidationError", "vpcId should be set when target type is ip", inPreview(targetGroupType, setting(aGroup, "vpcId", nil), aGroup)},
			{"another one's name", "DuplicateTargetGroupName", "already exists", onCreate(targetGroupType, func(e *embedded) (map[string]any, map[string]any) {
				vpc, _ := e.network()
				group := with(aGroup, map[string]any{"vpcId": vpc, "name": "web"})
				e.create(targetGroupType, "web", group)
				return group, setting(group, "name", "web2")
			})},
		}},
	{number: 20, says: "A health check with an interval that is not from 5 to 300 seconds, a timeout not from 2 to 120, thresholds not from 2 to 10, a matcher not of 200 to 499; a timeout that is not shorter than the interval.",
		why: "A check ends before the next one begins.", cases: append(append(append(append(
			limited("ValidationError", targetGroupType, setting(aGroup, "healthCheck.timeout", 2), "healthCheck.interval", 5, 300),
			limited("ValidationError", targetGroupType, setting(aGroup, "healthCheck.interval", 300), "healthCheck.timeout", 2, 120)...),
			limited("ValidationError", targetGroupType, aGroup, "healthCheck.healthyThreshold", 2, 10)...),
			limited("ValidationError", targetGroupType, aGroup, "healthCheck.unhealthyThreshold", 2, 10)...),
			ruleCase{"a matcher of 500", "ValidationError", "HTTP code '200,500' is invalid", inPreview(targetGroupType, setting(aGroup, "healthCheck.matcher", "200,500"), setting(aGroup, "healthCheck.matcher", "200-499"))},
			ruleCase{"a matcher of 199", "ValidationError", "HTTP code '199' is invalid", inPreview(targetGroupType, setting(aGroup, "healthCheck.matcher", "199"), setting(aGroup, "healthCheck.matcher", "200"))},
			ruleCase{"a timeout as long as the interval", "ValidationError", "must be smaller than the interval '10'", inPreview(targetGroupType, setting(aGroup, "healthCheck", map[string]any{"interval": 10, "timeout": 10}),
				setting(aGroup, "healthCheck", map[string]any{"interval": 10, "timeout": 9}))},
			ruleCase{"a timeout as long as the default", "ValidationError", "must be smaller than the interval '30'", inPreview(targetGroupType, setting(aGroup, "healthCheck.timeout", 30), setting(aGroup, "healthCheck.timeout", 29))})},
	{number: 21, says: "A deregistration delay of more than 3600 seconds, a slow start that is neither 0 nor from 30 to 900, a cookie that does not last from 1 to 604800 seconds.",
		why: "A request lasts less than an hour, and a cookie is kept for a week.", cases: append(append(
			limited("InvalidConfigurationRequest", targetGroupType, aGroup, "deregistrationDelay", 0, 3600),
			limited("InvalidConfigurationRequest", targetGroupType, aGroup, "slowStart", 30, 900)...),
			limited("InvalidConfigurationRequest", targetGroupType, setting(aGroup, "stickiness.type", "lb_cookie"), "stickiness.cookieDuration", 1, 604800)...)},
	{number: 22, says: "A second load balancer for a target group.",
		why: "The group's health is one load balancer's view.", cases: []ruleCase{
			{"a second load balancer", "TargetGroupAssociationLimit", "cannot be associated with more than one load balancer", onCreate(listenerType, func(e *embedded) (map[string]any, map[string]any) {
				vpc, subnets := e.network()
				first, group, _ := e.balancer("web", vpc, subnets)
				second := e.create(loadBalancerType, "second", map[string]any{"subnets": subnets})
				listener := map[string]any{"port": 81, "defaultActions": forwardTo(group)}
				return setting(listener, "loadBalancerArn", second["arn"]), setting(listener, "loadBalancerArn", first["arn"])
			})},
		}},
	{number: 23, says: "An HTTPS listener without a certificate, an HTTP listener with one; a certificate that is not there, of another region, or not issued.",
		why: "TLS needs it from the first connection on.", cases: []ruleCase{
			{"HTTPS without", "ValidationError", "A certificate must be specified for HTTPS listeners", inPreview(listenerType, setting(encrypted, "certificateArn", nil), encrypted)},
			{"HTTP with", "ValidationError", "A certificate cannot be specified for HTTP listeners", inPreview(listenerType, setting(plainHTTP, "certificateArn", "arn"), plainHTTP)},
			{"not there", "CertificateNotFound", "not found", onCreate(listenerType, withCertificate(func(e *embedded) string { return "arn:aws:acm:us-east-1:123456789012:certificate/0" }))},
			{"of another region", "CertificateNotFound", "not found", onCreate(listenerType, withCertificate(func(e *embedded) string { return e.in("eu-west-1").issued("elsewhere") }))},
			{"not issued", "UnsupportedCertificate", "must have a fully-qualified domain name", onCreate(listenerType, withCertificate(func(e *embedded) string {
				pending, _ := e.certificate("pending", map[string]any{"domainName": "example.com"})
				return pending["arn"].(string)
			}))},
		}},
	{number: 24, says: "An SSL policy that does not exist.",
		why: "AWS defines them.", cases: []ruleCase{
			{"a policy of TLS 1.4", "SSLPolicyNotFound", "'ELBSecurityPolicy-TLS14-1-2-2021-06' not found", inPreview(listenerType, setting(encrypted, "sslPolicy", "ELBSecurityPolicy-TLS14-1-2-2021-06"), setting(encrypted, "sslPolicy", "ELBSecurityPolicy-TLS13-1-2-2021-06"))},
		}},
	{number: 25, says: "A second listener on a port.",
		why: "A connection has one listener.", cases: []ruleCase{
			{"the same port", "DuplicateListener", "already exists on port 80", onCreate(listenerType, func(e *embedded) (map[string]any, map[string]any) {
				vpc, subnets := e.network()
				balancer, group, _ := e.balancer("web", vpc, subnets)
				listener := map[string]any{"loadBalancerArn": balancer["arn"], "port": 80, "defaultActions": forwardTo(group)}
				return listener, setting(listener, "port", 81)
			})},
		}},
	{number: 26, says: "A rule's priority that is not from 1 to 50000 or that another rule has; a rule without a condition, or with more than 5 values.",
		why: "The rules are tried one after the other.", cases: append(
			limited("ValidationError", ruleType, aPathRule, "priority", 1, 50000),
			ruleCase{"the same priority", "PriorityInUse", "Priority '10' is currently in use", onCreate(ruleType, func(e *embedded) (map[string]any, map[string]any) {
				vpc, subnets := e.network()
				_, group, listener := e.balancer("web", vpc, subnets)
				rule := with(aPathRule, map[string]any{"listenerArn": listener["arn"], "actions": forwardTo(group), "priority": 10})
				e.create(ruleType, "api", rule)
				return rule, setting(rule, "priority", 11)
			})},
			ruleCase{"another one's priority later on", "PriorityInUse", "Priority '10' is currently in use", onUpdate(ruleType, func(e *embedded) (*deployed, map[string]any, map[string]any) {
				vpc, subnets := e.network()
				_, group, listener := e.balancer("web", vpc, subnets)
				rule := with(aPathRule, map[string]any{"listenerArn": listener["arn"], "actions": forwardTo(group), "priority": 10})
				e.create(ruleType, "api", rule)
				return e.deploy(ruleType, "second", setting(rule, "priority", 11)), rule, setting(rule, "priority", 9)
			})},
			ruleCase{"no condition", "ValidationError", "at least one condition", inPreview(ruleType, setting(aPathRule, "conditions", []any{}), aPathRule)},
			ruleCase{"six values", "ValidationError", "A rule can only have '5' condition values, got 6", inPreview(ruleType, hosts(6), hosts(5))})},
	{number: 27, says: "A redirect that changes nothing.",
		why: "It would go round in a circle.", cases: []ruleCase{
			{"to itself", "InvalidLoadBalancerAction", "creates a loop", inPreview(listenerType, redirect(map[string]any{"path": "/#{path}"}), redirect(map[string]any{"protocol": "HTTPS"}))},
		}},
	{number: 28, says: "The deletion of a target group that a listener or a rule has, and of a load balancer with deletion protection.",
		why: "Requests would go nowhere.", cases: []ruleCase{
			{"a group with a rule", "ResourceInUse", "currently in use by a listener or a rule", onDelete(targetGroupType, func(e *embedded) (*deployed, func() error) {
				vpc, subnets := e.network()
				_, _, listener := e.balancer("web", vpc, subnets)
				group := e.deploy(targetGroupType, "api", setting(aGroup, "vpcId", vpc))
				return group, e.deploy(ruleType, "api", with(aPathRule, map[string]any{"listenerArn": listener["arn"], "actions": forwardTo(map[string]any{"arn": group.id})})).delete
			})},
			{"a protected load balancer", "OperationNotPermitted", "deletion protection is enabled", onDelete(loadBalancerType, func(e *embedded) (*deployed, func() error) {
				_, subnets := e.network()
				balancer := e.deploy(loadBalancerType, "web", map[string]any{"subnets": subnets, "enableDeletionProtection": true})
				return balancer, func() error { return balancer.update(map[string]any{"subnets": subnets}) }
			})},
		}},
}

// deployIssued makes a certificate that is validated.
func (e *embedded) deployIssued(name string) *deployed {
	e.t.Helper()
	inputs := map[string]any{"domainName": "example.com"}
	_, proofs := e.certificate("proof-of-"+name, inputs) // ACM asks for the same record for every certificate of a domain
	e.create(recordType, name, proofs[0])
	certificate := e.deploy(certificateType, name, setting(inputs, "validationMethod", "DNS"))
	e.create(validationType, name, map[string]any{"certificateArn": certificate.id})
	return certificate
}

// issued is the ARN of such a certificate.
func (e *embedded) issued(name string) string { return e.deployIssued(name).id }

// withCertificate are HTTPS listeners, one with the certificate that refused makes and one with a good one.
func withCertificate(refused func(*embedded) string) func(*embedded) (map[string]any, map[string]any) {
	return func(e *embedded) (map[string]any, map[string]any) {
		vpc, subnets := e.network()
		balancer, group, _ := e.balancer("web", vpc, subnets)
		https := with(encrypted, map[string]any{"loadBalancerArn": balancer["arn"], "defaultActions": forwardTo(group)})
		return setting(https, "certificateArn", refused(e)), setting(https, "certificateArn", e.issued("site"))
	}
}
