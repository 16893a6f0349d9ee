package localaws

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const listenerCertificateType = "aws:lb/listenerCertificate:ListenerCertificate"

var (
	twoSubnets  = []any{"subnet-1", "subnet-2"}
	aGroup      = map[string]any{"port": 8000, "protocol": "HTTP", "vpcId": "vpc-1", "targetType": "ip"}
	toGroup     = []any{map[string]any{"type": "forward", "targetGroupArn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/x/1"}}
	forPath     = []any{map[string]any{"pathPattern": map[string]any{"values": []any{"/api/*"}}}}
	healthCheck = func(changes map[string]any) map[string]any {
		return with(aGroup, map[string]any{"healthCheck": changes})
	}
	redirect = func(changes map[string]any) map[string]any {
		return map[string]any{"loadBalancerArn": "arn", "port": 80, "defaultActions": []any{map[string]any{"type": "redirect", "redirect": with(map[string]any{"statusCode": "HTTP_301"}, changes)}}}
	}
)

func TestLoadBalancerCheck(t *testing.T) {
	t.Parallel()
	checkAll(t, map[string]checkCase{
		"no subnets": {loadBalancerType, map[string]any{}, "subnets: exactly one of subnets and subnetMappings"},

		"a path without a slash":         {targetGroupType, healthCheck(map[string]any{"path": "status"}), "healthCheck.path: healthCheck.path takes a path"},
		"a redirect with another status": {listenerType, redirect(map[string]any{"protocol": "HTTPS", "statusCode": "HTTP_307"}), "defaultActions[0].redirect.statusCode: expected statusCode to be one of [HTTP_301 HTTP_302], got HTTP_307"},
		"an action of an unknown type":   {listenerType, map[string]any{"loadBalancerArn": "arn", "port": 80, "defaultActions": []any{map[string]any{"type": "drop"}}}, "defaultActions[0].type: expected"},
		"a forward to nowhere":           {listenerType, map[string]any{"loadBalancerArn": "arn", "port": 80, "defaultActions": []any{map[string]any{"type": "forward"}}}, "defaultActions[0]: an action of the type forward needs targetGroupArn or forward"},
		"a condition of two kinds":       {ruleType, map[string]any{"listenerArn": "arn", "actions": toGroup, "conditions": []any{map[string]any{"hostHeader": map[string]any{"values": []any{"a"}}, "pathPattern": map[string]any{"values": []any{"/"}}}}}, "conditions[0]: exactly one of"},
	})
}

// TestTLSPolicies takes the policies that AWS lists.
func TestTLSPolicies(t *testing.T) {
	t.Parallel()
	for _, policy := range []string{"ELBSecurityPolicy-2016-08", "ELBSecurityPolicy-TLS-1-2-2017-01", "ELBSecurityPolicy-TLS-1-1-2017-01", "ELBSecurityPolicy-TLS-1-2-Ext-2018-06",
		"ELBSecurityPolicy-FS-2018-06", "ELBSecurityPolicy-FS-1-2-2019-08", "ELBSecurityPolicy-FS-1-2-Res-2020-10", "ELBSecurityPolicy-FS-1-1-2019-08",
		"ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-TLS13-1-3-2021-06", "ELBSecurityPolicy-TLS13-1-2-Res-2021-06", "ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06",
		"ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06", "ELBSecurityPolicy-TLS13-1-1-2021-06", "ELBSecurityPolicy-TLS13-1-0-2021-06", "ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04",
		"ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04", "ELBSecurityPolicy-TLS13-1-2-Ext0-FIPS-2023-04"} {
		assert.Regexp(t, tlsPolicy, policy)
	}
	assert.NotRegexp(t, tlsPolicy, "ELBSecurityPolicy-TLS13-1-2")
}

// balancer makes a load balancer, a target group and a listener that joins them, in a network of its own.
func (e *embedded) balancer(name, vpc string, subnets []any) (balancer, group, listener map[string]any) {
	e.t.Helper()
	balancer = e.create(loadBalancerType, name, map[string]any{"subnets": subnets})
	group = e.create(targetGroupType, name, map[string]any{"vpcId": vpc, "port": 8000, "protocol": "HTTP", "targetType": "ip"})
	listener = e.create(listenerType, name, map[string]any{"loadBalancerArn": balancer["arn"], "port": 80, "defaultActions": forwardTo(group)})
	return balancer, group, listener
}

func forwardTo(group map[string]any) []any {
	return []any{map[string]any{"type": "forward", "targetGroupArn": group["arn"]}}
}

func TestLoadBalancerOutputs(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	vpc, subnets := e.network()
	balancer, group, listener := e.balancer("web", vpc, subnets)
	for value, shape := range map[any]string{
		balancer["arn"]:       `^arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/web-[0-9a-f]{7}/[0-9a-f]{16}$`,
		balancer["arnSuffix"]: `^app/web-[0-9a-f]{7}/[0-9a-f]{16}$`,
		balancer["dnsName"]:   `^web-[0-9a-f]{7}-\d{10}\.us-east-1\.elb\.amazonaws\.com$`,
		balancer["zoneId"]:    `^Z35SXDOTRQ7X7K$`,
		balancer["vpcId"]:     `^` + regexp.QuoteMeta(vpc) + `$`,
		group["arn"]:          `^arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web-[0-9a-f]{7}/[0-9a-f]{16}$`,
		group["arnSuffix"]:    `^targetgroup/web-[0-9a-f]{7}/[0-9a-f]{16}$`,
		listener["arn"]:       `^arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/web-[0-9a-f]{7}/[0-9a-f]{16}/[0-9a-f]{16}$`,
		listener["protocol"]:  `^HTTP$`,
	} {
		assert.Regexp(t, shape, value)
	}
	internal := e.create(loadBalancerType, "inside", map[string]any{"subnets": subnets, "internal": true})
	assert.Regexp(t, `^internal-inside-`, internal["dnsName"])
	prefixed := e.create(targetGroupType, "prefixed", map[string]any{"namePrefix": "web-", "vpcId": vpc, "port": 80, "protocol": "HTTP"})
	assert.Regexp(t, `^web-\d{26}$`, prefixed["name"])
}

func TestLoadBalancerAdmission(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	vpc, subnets := e.network()
	elsewhere := e.create(vpcType, "other", map[string]any{"cidrBlock": "10.1.0.0/16"})["id"].(string)
	refuses := func(typ, name, code string, inputs map[string]any) {
		t.Helper()
		_, err := e.tryCreate(typ, name, inputs)
		refused(t, err, code)
	}

	refuses(loadBalancerType, "nowhere", "InvalidSubnetID.NotFound", map[string]any{"subnets": []any{"subnet-1", "subnet-2"}})

	balancer, group, listener := e.balancer("web", vpc, subnets)
	refuses(listenerType, "no-group", "TargetGroupNotFound", map[string]any{"loadBalancerArn": balancer["arn"], "port": 81, "defaultActions": toGroup})
	refuses(listenerType, "no-balancer", "LoadBalancerNotFound", map[string]any{"loadBalancerArn": "arn:aws:x", "port": 81, "defaultActions": forwardTo(group)})

	other := e.create(loadBalancerType, "other", map[string]any{"subnets": subnets})
	outside := e.create(targetGroupType, "outside", map[string]any{"vpcId": elsewhere, "port": 80, "protocol": "HTTP"})
	refuses(listenerType, "outside", "InvalidConfigurationRequest", map[string]any{"loadBalancerArn": other["arn"], "port": 80, "defaultActions": forwardTo(outside)})

	rule := e.create(ruleType, "api", map[string]any{"listenerArn": listener["arn"], "priority": 10, "actions": forwardTo(group), "conditions": forPath})
	assert.Regexp(t, `^arn:aws:elasticloadbalancing:us-east-1:123456789012:listener-rule/app/`, rule["arn"])
	next := e.create(ruleType, "next", map[string]any{"listenerArn": listener["arn"], "actions": forwardTo(group), "conditions": forPath})
	assert.EqualValues(t, 11, next["priority"], "a rule without a priority comes after the last")

	refused(t, e.remove(targetGroupType, "web", group["id"].(string)), "ResourceInUse")
	guarded := e.create(loadBalancerType, "guarded", map[string]any{"subnets": subnets, "enableDeletionProtection": true})
	refused(t, e.remove(loadBalancerType, "guarded", guarded["id"].(string)), "OperationNotPermitted")
	require.NoError(t, e.remove(loadBalancerType, "other", other["id"].(string)))
}

// TestListenersAndRulesGoWithTheirOwner deletes what other stacks have added rules to: AWS lets it go, and the rules with it.
func TestListenersAndRulesGoWithTheirOwner(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	vpc, subnets := e.network()
	balancer, _, listener := e.balancer("web", vpc, subnets)
	group := e.create(targetGroupType, "pr-1", map[string]any{"vpcId": vpc, "port": 8000, "protocol": "HTTP", "targetType": "ip"})
	host := []any{map[string]any{"hostHeader": map[string]any{"values": []any{"pr-1.test"}}}}
	e.create(ruleType, "pr-1", map[string]any{"listenerArn": listener["arn"], "actions": forwardTo(group), "conditions": host})
	refused(t, e.remove(targetGroupType, "pr-1", group["id"].(string)), "ResourceInUse")

	second := e.create(listenerType, "second", map[string]any{"loadBalancerArn": balancer["arn"], "port": 81, "defaultActions": forwardTo(group)})
	require.NoError(t, e.remove(listenerType, "web", listener["id"].(string)))
	assert.Nil(t, e.account.lookup(listener["id"].(string), listenerType))
	require.NoError(t, e.remove(loadBalancerType, "web", balancer["id"].(string)))
	assert.Nil(t, e.account.lookup(second["id"].(string), listenerType))
	require.NoError(t, e.remove(targetGroupType, "pr-1", group["id"].(string)), "neither a listener nor a rule has it any more")
}

func TestALoadBalancerHasAHundredRules(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	vpc, subnets := e.network()
	_, group, listener := e.balancer("web", vpc, subnets)
	rule := map[string]any{"listenerArn": listener["arn"], "actions": forwardTo(group), "conditions": forPath}
	for n := range rulesPerBalancer {
		assert.EqualValues(t, n+1, e.create(ruleType, fmt.Sprint("rule-", n), rule)["priority"])
	}
	_, err := e.tryCreate(ruleType, "one-more", rule)
	refused(t, err, "TooManyRules")
}

// TestPreviewOfAnUpdateKeepsOutputs takes outputs that depend on other objects: if a preview lost them, whatever uses them
// would seem to change.
func TestPreviewOfAnUpdateKeepsOutputs(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	vpc, subnets := e.network()
	_, group, listener := e.balancer("web", vpc, subnets)
	for name, c := range map[string]struct {
		typ             string
		inputs, changes map[string]any
		kept            []resource.PropertyKey
	}{
		"load balancer": {loadBalancerType, map[string]any{"subnets": subnets}, map[string]any{"idleTimeout": 120}, []resource.PropertyKey{"vpcId", "dnsName", "arn"}},
		"rule": {ruleType, map[string]any{"listenerArn": listener["arn"], "actions": forwardTo(group), "conditions": forPath},
			map[string]any{"tags": map[string]any{"a": "b"}}, []resource.PropertyKey{"priority", "arn"}},
		"record":        {recordType, map[string]any{"zoneId": registeredZoneID("example.com"), "name": "www", "type": "A", "ttl": 60, "records": []any{"192.0.2.1"}}, map[string]any{"ttl": 300}, []resource.PropertyKey{"fqdn"}},
		"prefixed name": {logGroupType, map[string]any{"namePrefix": "web-"}, map[string]any{"retentionInDays": 7}, []resource.PropertyKey{"name", "arn"}},
	} {
		d := e.deploy(c.typ, "kept", c.inputs)
		resp, err := e.Update(t.Context(), plugin.UpdateRequest{URN: urnOf(c.typ, "kept"), ID: resource.ID(d.id), OldInputs: d.inputs, OldOutputs: d.outputs, NewInputs: d.checked(with(c.inputs, c.changes)), Preview: true})
		require.NoError(t, err)
		for _, key := range c.kept {
			assert.Equal(t, d.outputs[key], resp.Properties[key], "%s: %s", name, key)
		}
	}
}
