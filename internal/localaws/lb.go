package localaws

import (
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
)

// lbKinds are the resource types of Elastic Load Balancing v2. What replaces, the defaults and the computed values are those of
// the Terraform AWS provider's schemas; the refusals are those of the service's API reference.
func lbKinds() []*kind {
	const elb = "Elastic Load Balancing v2"
	return []*kind{
		of(lb.LoadBalancerArgs{}, lb.LoadBalancer{}, kind{service: elb, noun: "LoadBalancer", id: loadBalancerARN,
			named:   &naming{property: "name", prefixProperty: "namePrefix", most: 32},
			unique:  map[string]string{"name": "DuplicateLoadBalancerName"},
			replace: []string{"name", "namePrefix", "internal", "loadBalancerType", "customerOwnedIpv4Pool"},
			defaults: map[string]any{"loadBalancerType": "application", "internal": false, "ipAddressType": "ipv4", "idleTimeout": 60,
				"enableDeletionProtection": false, "enableHttp2": true, "dropInvalidHeaderFields": false, "desyncMitigationMode": "defensive",
				"xffHeaderProcessingMode": "append", "preserveHostHeader": false, "clientKeepAlive": 3600},
			check: checkLoadBalancer, compute: computeLoadBalancer, admit: admitLoadBalancer, guard: unprotected, afterDelete: withListeners}),
		of(lb.TargetGroupArgs{}, lb.TargetGroup{}, kind{service: elb, noun: "TargetGroup", id: func(d *draft) string {
			return d.arn("elasticloadbalancing", "targetgroup/"+d.text("name")+"/"+d.hex(16))
		}, named: &naming{property: "name", prefixProperty: "namePrefix", most: 32},
			unique:  map[string]string{"name": "DuplicateTargetGroupName"},
			replace: []string{"name", "namePrefix", "port", "protocol", "protocolVersion", "targetType", "vpcId", "ipAddressType"},
			defaults: map[string]any{"targetType": "instance", "deregistrationDelay": 300, "slowStart": 0, "ipAddressType": "ipv4",
				"loadBalancingAlgorithmType": "round_robin", "loadBalancingAnomalyMitigation": "off", "loadBalancingCrossZoneEnabled": "use_load_balancer_configuration",
				"lambdaMultiValueHeadersEnabled": false, "proxyProtocolV2": false},
			check: checkTargetGroup, compute: func(d *draft) {
				d.set("arn", d.id)
				d.set("arnSuffix", resourceOf(d.id))
			}, inUse: &inUse{code: "ResourceInUse", by: []string{listenerType, ruleType}, message: "Target group '%s' is currently in use by a listener or a rule"}}),
		of(lb.ListenerArgs{}, lb.Listener{}, kind{service: elb, noun: "Listener", id: func(d *draft) string {
			return strings.Replace(d.text("loadBalancerArn"), ":loadbalancer/", ":listener/", 1) + "/" + d.hex(16)
		}, replace: []string{"loadBalancerArn"}, references: map[string]reference{"defaultActions.forward.targetGroups.arn": toTargetGroup},
			check: checkListener, compute: computeListener, admit: admitListener, afterDelete: withRules}),
		of(lb.ListenerRuleArgs{}, lb.ListenerRule{}, kind{service: elb, noun: "Rule", id: func(d *draft) string {
			return strings.Replace(d.text("listenerArn"), ":listener/", ":listener-rule/", 1) + "/" + d.hex(16)
		}, replace: []string{"listenerArn"}, references: map[string]reference{"actions.forward.targetGroups.arn": toTargetGroup},
			check: checkRule, compute: computeRule, admit: admitRule}),
		of(lb.ListenerCertificateArgs{}, lb.ListenerCertificate{}, kind{service: elb, noun: "ListenerCertificates", id: func(d *draft) string {
			return d.text("listenerArn") + "_" + d.text("certificateArn")
		}, replace: []string{"listenerArn", "certificateArn"}, overwrites: always, admit: admitListenerCertificate}),
	}
}

// always is for creations that AWS takes again for the same object.
func always(*draft) bool { return true }

// resourceOf is the last part of an ARN: targetgroup/web/0123456789abcdef.
func resourceOf(arn string) string { return arn[strings.LastIndex(arn, ":")+1:] }

// balancerKinds are the types of load balancers as ARNs abbreviate them.
var balancerKinds = map[string]string{"application": "app", "network": "net", "gateway": "gwy"}

func loadBalancerARN(d *draft) string {
	return d.arn("elasticloadbalancing", "loadbalancer/"+balancerKinds[d.text("loadBalancerType")]+"/"+d.text("name")+"/"+d.hex(16))
}

func computeLoadBalancer(d *draft) {
	host := d.text("name") + "-" + d.digits(10) + "." + d.region + ".elb.amazonaws.com"
	if d.isTrue("internal") {
		host = "internal-" + host
	}
	d.set("arn", d.id)
	d.set("arnSuffix", strings.TrimPrefix(resourceOf(d.id), "loadbalancer/"))
	d.set("dnsName", host)
	d.set("zoneId", balancerZone(d.region))
	if d.account == nil {
		d.set("vpcId", "") // a preview of a creation shows every output as unknown
		return
	}
	for _, id := range d.subnets() {
		if subnet := d.account.lookup(id, subnetType); subnet != nil {
			d.set("vpcId", subnet.text("vpcId"))
		}
	}
}

// subnets are those that a load balancer is in, however they are given.
func (d *draft) subnets() []string {
	return append(d.texts("subnets"), d.texts("subnetMappings.subnetId")...)
}

// balancerZones are the hosted zones of application load balancers' names (AWS General Reference, "Elastic Load Balancing
// endpoints and quotas").
var balancerZones = map[string]string{
	"us-east-1": "Z35SXDOTRQ7X7K", "us-east-2": "Z3AADJGX6KTTL2", "us-west-1": "Z368ELLRRE2KJ0", "us-west-2": "Z1H1FL5HABSF5",
	"ca-central-1": "ZQSVJUPU6J1EY", "sa-east-1": "Z2P70J7HTTTPLU", "eu-central-1": "Z215JYRZR1TBD5", "eu-west-1": "Z32O12XQLNTSW2",
	"eu-west-2": "ZHURV8PSTC4K8", "eu-west-3": "Z3Q77PNBQS71R4", "eu-north-1": "Z23TAZ6LKFMNIO", "eu-south-1": "Z3ULH7SSC9OV64",
	"ap-southeast-1": "Z1LMS91P8CMLE5", "ap-southeast-2": "Z1GM3OXH4ZPM65", "ap-northeast-1": "Z14GRHDCWA56QT", "ap-northeast-2": "ZWKZPGTI48KDX",
	"ap-northeast-3": "Z5LXEXXYW11ES", "ap-south-1": "ZP97RAFLXTNZK", "ap-east-1": "Z3DQVH9N71FHZ0",
}

// balancerZone is the hosted zone of a region's load balancers; regions that are not in the table get one of the right shape.
func balancerZone(region string) string {
	if zone, ok := balancerZones[region]; ok {
		return zone
	}
	return "Z" + strings.ToUpper(digest("elb " + region)[:13])
}

func computeListener(d *draft) {
	d.set("arn", d.id)
	if !d.has("protocol") {
		d.set("protocol", "HTTP")
	}
	if protocol := d.text("protocol"); (protocol == "HTTPS" || protocol == "TLS") && !d.has("sslPolicy") {
		d.set("sslPolicy", "ELBSecurityPolicy-2016-08")
	}
}

// computeRule gives a rule without a priority the one after the last, as the provider does, and leaves it there.
func computeRule(d *draft) {
	d.set("arn", d.id)
	if d.has("priority") {
		return
	}
	last := 0.0
	if d.account != nil {
		for o := range d.account.objects() {
			priority, _ := o.Properties["priority"].(float64)
			switch {
			case o.Type != ruleType || o.text("listenerArn") != d.text("listenerArn"):
			case o.ID == d.id:
				d.set("priority", priority)
				return
			default:
				last = max(last, priority)
			}
		}
	}
	d.set("priority", last+1)
}
