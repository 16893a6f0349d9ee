package components_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/components"
)

func TestStaticSiteDomain(t *testing.T) {
	t.Parallel()
	r, err := runSite("us-east-1", &components.StaticSiteArgs{DomainName: "static.example.com"}, nil)
	require.NoError(t, err)
	for logical, kind := range map[string]string{"site-a": "A", "site-aaaa": "AAAA"} {
		record := r.find(t, dnsRecord, logical).Inputs
		assert.Equal(t, kind, record["type"].StringValue())
		assert.Equal(t, "zone of example.com", record["zoneId"].StringValue(), "the domain above")
		assert.Equal(t, "d1.cloudfront.net", at(t, record, "aliases[0].name").StringValue())
		assert.Equal(t, "Z2FDTNDATAQYW2", at(t, record, "aliases[0].zoneId").StringValue())
	}
	served := r.find(t, distribution, "site-distribution").RegisterRPC
	assert.Contains(t, strings.Join(served.GetDependencies(), "\n"), siteIssued+"::site-certificate-issued", "CloudFront takes issued certificates only")
	for _, res := range r.resources {
		waits := strings.Join(res.RegisterRPC.GetDependencies(), "\n")
		if strings.Contains(waits, distribution+"::") {
			assert.Contains(t, []string{dnsRecord, bucketPolicy, logSource, logDelivery, siteLogging}, res.TypeToken, "%s does not wait for the distribution", res.Name)
		}
	}
}

// TestStaticSiteOutsideUsEast1 proves where CloudFront's things are made, and with whose credentials.
func TestStaticSiteOutsideUsEast1(t *testing.T) {
	t.Parallel()
	r, err := runSite("eu-central-1", &components.StaticSiteArgs{DomainName: "static.example.com"}, map[string]string{
		"aws:region":            "eu-central-1",
		"aws:profile":           "deployer",
		"aws:assumeRole":        `{"roleArn": "arn:aws:iam::123456789012:role/deploy", "sessionName": "ci", "tags": {"team": "web"}}`,
		"aws:allowedAccountIds": `["123456789012"]`,
		"aws:defaultTags":       `{"tags": {"project": "shop"}}`,
	})
	require.NoError(t, err)
	provider := r.find(t, awsProvider, "site-us-east-1").Inputs
	assert.Equal(t, "us-east-1", provider["region"].StringValue())
	assert.Equal(t, "deployer", provider["profile"].StringValue())
	assert.JSONEq(t, `{"roleArn": "arn:aws:iam::123456789012:role/deploy", "sessionName": "ci", "tags": {"team": "web"}}`, asJSON(t, provider["assumeRole"]))
	assert.JSONEq(t, `["123456789012"]`, asJSON(t, provider["allowedAccountIds"]))
	assert.JSONEq(t, `{"tags": {"project": "shop"}}`, asJSON(t, provider["defaultTags"]))

	there := map[string]bool{siteCertificate: true, siteIssued: true, logSource: true, logDestination: true, logDelivery: true}
	found := 0
	for _, res := range r.resources {
		if there[res.TypeToken] {
			found++
		}
		if res.Custom && res.TypeToken != awsProvider {
			assert.Equal(t, there[res.TypeToken], strings.Contains(res.Provider, "site-us-east-1"), "%s %s", res.TypeToken, res.Name)
		}
	}
	assert.Equal(t, len(there), found)
}

func asJSON(t *testing.T, value resource.PropertyValue) string {
	t.Helper()
	if value.IsString() { // a provider's nested configuration may go as JSON in a string
		return value.StringValue()
	}
	text, err := json.Marshal(value.Mappable())
	require.NoError(t, err)
	return string(text)
}
