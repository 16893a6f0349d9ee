package sharing

import (
	"encoding/json"
	"strings"
	"testing"

	"slipway/internal/limits"
)

// FuzzSharing reads what another stack says that it shares, and makes names of it. The stack's name is one that Pulumi takes.
func FuzzSharing(f *testing.F) {
	const whole = `{"vpcId":"v","subnetIds":["s"],"clusterArn":"c","loadBalancer":{"listenerArn":"arn:aws:elasticloadbalancing:us-east-1:1:l","dnsName":"d","securityGroupId":"g","domain":"app.example.com","wildcard":true},` +
		`"database":{"endpoint":"e","port":5432,"name":"app","secretArn":"s","clusterArn":"c","securityGroupId":"g","sslMode":"require"}}`
	f.Add(whole, "pr-1", "")
	f.Add(whole, "pr-1", "shop.app.example.com")
	f.Add(strings.ReplaceAll(whole, "app.example.com", ""), "pr-1", "app.example.com")
	f.Add(strings.ReplaceAll(whole, "true", "false"), strings.Repeat("long-", 20), "")
	f.Add(`{"vpcId":1}`, "a", "")
	f.Add(`null`, "a", "")
	f.Fuzz(func(t *testing.T, text, stack, domain string) {
		var output any
		if json.Unmarshal([]byte(text), &output) != nil || limits.DomainName(stack+".test") != nil || strings.Contains(stack, ".") || domain != "" && limits.DomainName(domain) != nil {
			return
		}
		base, err := Parse(output, stack)
		if err != nil {
			if !strings.Contains(err.Error(), "stack "+stack) {
				t.Errorf("the refusal does not name the stack: %v", err)
			}
			return
		}
		if missing := base.missing(); len(missing) > 0 {
			t.Errorf("%s lacks %q and is taken", text, missing)
		}
		if name, err := base.DatabaseName(stack); err == nil && limits.DatabaseName(name) != nil {
			t.Errorf("the database %q", name)
		}
		if host, https, err := base.Host(stack, domain); err == nil && limits.DomainName(base.LoadBalancer.Domain) == nil &&
			(!https || limits.ParentDomain(host) != base.LoadBalancer.Domain) {
			t.Errorf("the host %q is not one label below %q", host, base.LoadBalancer.Domain)
		}
		_ = base.InRegion("us-east-1")
	})
}
