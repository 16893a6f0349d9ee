package sharing_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/sharing"
)

const whole = `{"vpcId": "vpc-1", "subnetIds": ["subnet-1", "subnet-2"], "assignPublicIp": true, "clusterArn": "arn:aws:ecs:eu-west-1:123456789012:cluster/web",
	"loadBalancer": {"listenerArn": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/web/1/2", "dnsName": "web.elb.amazonaws.com",
		"securityGroupId": "sg-1", "domain": "staging.example.com", "wildcard": true},
	"database": {"endpoint": "db.rds.amazonaws.com", "port": 5432, "name": "app", "secretArn": "arn:secret", "clusterArn": "arn:cluster", "securityGroupId": "sg-2", "sslMode": "require"}}`

// output is the stack output as a program gets it.
func output(t testing.TB) map[string]any {
	t.Helper()
	var decoded map[string]any
	require.NoError(t, json.Unmarshal([]byte(whole), &decoded))
	return decoded
}

func TestParse(t *testing.T) {
	t.Parallel()
	base, err := sharing.Parse(output(t), "staging")
	require.NoError(t, err)
	assert.Equal(t, sharing.Base{
		VpcId: "vpc-1", SubnetIds: []string{"subnet-1", "subnet-2"}, AssignPublicIp: true, ClusterArn: "arn:aws:ecs:eu-west-1:123456789012:cluster/web",
		LoadBalancer: sharing.LoadBalancer{ListenerArn: "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/web/1/2", DnsName: "web.elb.amazonaws.com",
			SecurityGroupId: "sg-1", Domain: "staging.example.com", Wildcard: true},
		Database: sharing.Database{Endpoint: "db.rds.amazonaws.com", Port: 5432, Name: "app", SecretArn: "arn:secret", ClusterArn: "arn:cluster", SecurityGroupId: "sg-2", SslMode: "require"},
	}, base)
	assert.NoError(t, base.InRegion("eu-west-1"))
	assert.ErrorContains(t, base.InRegion("us-east-1"), "it is in eu-west-1 and this stack in us-east-1; set aws:region to eu-west-1")
}

func TestParseSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	_, err := sharing.Parse(nil, "staging")
	assert.ErrorContains(t, err, "the stack staging shares nothing: it is not deployed, was destroyed")
	assert.ErrorContains(t, err, "pulumi up -s staging")

	older := output(t)
	delete(older, "clusterArn")
	delete(older["database"].(map[string]any), "sslMode")
	_, err = sharing.Parse(older, "staging")
	assert.ErrorContains(t, err, "lacks clusterArn, database.sslMode; deploy that with this version of the program: pulumi up -s staging")

	_, err = sharing.Parse("text", "staging")
	assert.ErrorContains(t, err, "the output shared of the stack staging: ")
}

func TestDatabaseName(t *testing.T) {
	t.Parallel()
	base := sharing.Base{Database: sharing.Database{Name: "app"}}
	name, err := base.DatabaseName("pr-12-b")
	require.NoError(t, err)
	assert.Equal(t, "app_pr_12_b", name)

	base.Database.Name = strings.Repeat("a", 58)
	_, err = base.DatabaseName("pr-12")
	assert.ErrorContains(t, err, "_pr_12, which takes a name of at most 63 letters")
}

func TestHost(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		base, domain string
		wildcard     bool
		host         string
		https        bool
		err          string
	}{
		"HTTP":                                    {"", "", false, "pr-1.test", false, ""},
		"HTTP and a name of one's own":            {"", "pr-1.example.org", false, "pr-1.example.org", false, ""},
		"a wildcard":                              {"staging.example.com", "", true, "pr-1.staging.example.com", true, ""},
		"a copied configuration":                  {"staging.example.com", "staging.example.com", true, "pr-1.staging.example.com", true, ""},
		"a name of one's own under the wildcard":  {"staging.example.com", "shop.staging.example.com", true, "shop.staging.example.com", true, ""},
		"a name that the wildcard does not cover": {"staging.example.com", "a.b.staging.example.com", true, "", false, "such as pr-1.staging.example.com, and not a.b.staging.example.com"},
		"somebody else's name":                    {"staging.example.com", "pr-1.example.org", true, "", false, "its certificate covers names one label below staging.example.com"},
		"a certificate without a wildcard":        {"staging.example.com", "staging.example.com", false, "", false, "set domainWildcard true there and deploy it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := sharing.Base{LoadBalancer: sharing.LoadBalancer{Domain: c.base, Wildcard: c.wildcard}}
			host, https, err := base.Host("pr-1", c.domain)
			if c.err != "" {
				require.ErrorContains(t, err, c.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.host, host)
			assert.Equal(t, c.https, https)
		})
	}
}
