package localaws

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// siteDistribution are the inputs of a distribution of a bucket, without names of its own.
func siteDistribution(changes map[string]any) map[string]any {
	return with(map[string]any{
		"enabled": true,
		"origins": []any{map[string]any{"originId": "bucket", "domainName": "site.s3.us-east-1.amazonaws.com"}},
		"defaultCacheBehavior": map[string]any{"targetOriginId": "bucket", "viewerProtocolPolicy": "redirect-to-https", "cachePolicyId": managedCachePolicies[0],
			"allowedMethods": []any{"GET", "HEAD"}, "cachedMethods": []any{"GET", "HEAD"}},
		"restrictions":      map[string]any{"geoRestriction": map[string]any{"restrictionType": "none"}},
		"viewerCertificate": map[string]any{"cloudfrontDefaultCertificate": true},
	}, changes)
}

// behavior is the distribution with changes in its default cache behaviour.
func behavior(changes map[string]any) map[string]any {
	return siteDistribution(map[string]any{"defaultCacheBehavior": with(siteDistribution(nil)["defaultCacheBehavior"].(map[string]any), changes)})
}

func viewer(certificate map[string]any) map[string]any {
	return siteDistribution(map[string]any{"viewerCertificate": certificate})
}

func TestDistributionCheck(t *testing.T) {
	t.Parallel()
	origin := func(changes map[string]any) map[string]any {
		return siteDistribution(map[string]any{"origins": []any{with(map[string]any{"originId": "bucket", "domainName": "a.example"}, changes)}})
	}
	checkAll(t, map[string]checkCase{
		"no way to present it":          {distributionType, viewer(map[string]any{"acmCertificateArn": certificateHere}), "sslSupportMethod: InvalidViewerCertificate"},
		"no certificate":                {distributionType, viewer(map[string]any{}), "viewerCertificate: InvalidViewerCertificate: exactly one of"},
		"two certificates":              {distributionType, viewer(map[string]any{"acmCertificateArn": certificateHere, "sslSupportMethod": "sni-only", "cloudfrontDefaultCertificate": true}), "viewerCertificate: InvalidViewerCertificate: exactly one of"},
		"TLS with CloudFront's own":     {distributionType, viewer(map[string]any{"cloudfrontDefaultCertificate": true, "minimumProtocolVersion": "TLSv1.2_2021"}), "InvalidMinimumProtocolVersion"},
		"another set of methods":        {distributionType, behavior(map[string]any{"allowedMethods": []any{"GET", "POST"}}), "allowedMethods: InvalidArgument"},
		"plain HTTP by another name":    {distributionType, behavior(map[string]any{"viewerProtocolPolicy": "https"}), "viewerProtocolPolicy: expected"},
		"an origin's URL":               {distributionType, origin(map[string]any{"domainName": "https://a.example"}), "domainName: InvalidArgument"},
		"a root object with a slash":    {distributionType, siteDistribution(map[string]any{"defaultRootObject": "/index.html"}), "InvalidDefaultRootObject"},
		"an unknown price class":        {distributionType, siteDistribution(map[string]any{"priceClass": "PriceClass_50"}), "priceClass: expected"},
		"an unknown version of HTTP":    {distributionType, siteDistribution(map[string]any{"httpVersion": "http2and4"}), "httpVersion: expected"},
		"a code without page":           {distributionType, siteDistribution(map[string]any{"customErrorResponses": []any{map[string]any{"errorCode": 404, "responseCode": 200}}}), "responseCode and responsePagePath"},
		"an error that is none":         {distributionType, siteDistribution(map[string]any{"customErrorResponses": []any{map[string]any{"errorCode": 200}}}), "InvalidErrorCode"},
		"an access control for nothing": {originAccessControlType, map[string]any{"originAccessControlOriginType": "ec2", "signingBehavior": "always", "signingProtocol": "sigv4"}, "originAccessControlOriginType: expected"},
		"a policy of no headers":        {responseHeadersType, map[string]any{}, "at least one configuration"},
		"frames from anywhere":          {responseHeadersType, map[string]any{"securityHeadersConfig": map[string]any{"frameOptions": map[string]any{"frameOption": "ALLOW", "override": true}}}, "frameOption: expected"},
	})
}

func TestDistributionOutputs(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	d := e.create(distributionType, "site", siteDistribution(map[string]any{"waitForDeployment": false}))
	assert.Regexp(t, `^E[0-9A-F]{13}$`, d["id"])
	assert.Equal(t, "arn:aws:cloudfront::123456789012:distribution/"+d["id"].(string), d["arn"], "no region: CloudFront is global")
	assert.Regexp(t, `^d[0-9a-f]{13}\.cloudfront\.net$`, d["domainName"])
	assert.Equal(t, "Z2FDTNDATAQYW2", d["hostedZoneId"])
	assert.Equal(t, "InProgress", d["status"])
	waited := e.create(distributionType, "waited", siteDistribution(nil))
	assert.Equal(t, "Deployed", waited["status"])
	require.NoError(t, e.remove(distributionType, "site", d["id"].(string)), "AWS's provider disables it first")
}

func TestDistributionRefersToWhatExists(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	_, err := e.tryCreate(distributionType, "site", behavior(map[string]any{"cachePolicyId": "11111111-2222-3333-4444-555555555555"}))
	refused(t, err, "NoSuchCachePolicy")
	_, err = e.tryCreate(distributionType, "site", behavior(map[string]any{"responseHeadersPolicyId": "11111111-2222-3333-4444-555555555555"}))
	refused(t, err, "NoSuchResponseHeadersPolicy")

	access := e.create(originAccessControlType, "site", map[string]any{"originAccessControlOriginType": "s3", "signingBehavior": "always", "signingProtocol": "sigv4"})["id"].(string)
	headers := e.create(responseHeadersType, "site", map[string]any{"securityHeadersConfig": map[string]any{"contentTypeOptions": map[string]any{"override": true}}})["id"].(string)
	inputs := behavior(map[string]any{"responseHeadersPolicyId": headers})
	inputs["origins"] = []any{map[string]any{"originId": "bucket", "domainName": "site.s3.us-east-1.amazonaws.com", "originAccessControlId": access}}
	d := e.deploy(distributionType, "site", inputs)
	refused(t, e.remove(responseHeadersType, "site", headers), "ResponseHeadersPolicyInUse")
	assert.Empty(t, d.replaces(with(inputs, map[string]any{"priceClass": "PriceClass_100"})), "all but staging is changed in place")
	require.NoError(t, d.delete())
	require.NoError(t, e.remove(originAccessControlType, "site", access))
	require.NoError(t, e.remove(responseHeadersType, "site", headers))
}

func TestAliasesNeedACertificateThatHasThem(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	certificate, proofs := e.certificate("site", map[string]any{"domainName": "*.example.com"})
	named := func(alias string) map[string]any {
		return siteDistribution(map[string]any{"aliases": []any{alias}, "viewerCertificate": map[string]any{"acmCertificateArn": certificate["arn"], "sslSupportMethod": "sni-only"}})
	}
	e.create(recordType, "proof", proofs[0])
	e.create(validationType, "issued", map[string]any{"certificateArn": certificate["arn"]})
	for _, alias := range []string{"example.com", "a.b.example.com", "static.example.net"} {
		_, err := e.tryCreate(distributionType, "site", named(alias))
		refused(t, err, "InvalidViewerCertificate")
	}
	e.create(distributionType, "site", named("static.example.com"))
}

func TestCorsOfABucket(t *testing.T) {
	t.Parallel()
	const corsType = "aws:s3/bucketCorsConfigurationV2:BucketCorsConfigurationV2"
	rule := func(method, origin string) map[string]any {
		return map[string]any{"bucket": "site", "corsRules": []any{map[string]any{"allowedMethods": []any{"GET", method}, "allowedOrigins": []any{origin}}}}
	}
	checkAll(t, map[string]checkCase{
		"the question itself": {corsType, rule("OPTIONS", "*"), "Unsupported method is OPTIONS"},
		"two wildcards":       {corsType, rule("HEAD", "https://*.*.example.com"), "more than one wildcard"},
	})
}
