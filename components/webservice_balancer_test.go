package components_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/components"
)

func TestWebServiceSecurityGroups(t *testing.T) {
	t.Parallel()
	r := runWeb(t, func(args *components.WebServiceArgs) { args.Port = 8080 })
	var rules []string
	for _, res := range append(r.all(ingressRule), r.all(egressRule)...) {
		in := res.Inputs.Mappable()
		from, _ := in["cidrIpv4"].(string)
		if group, ok := in["referencedSecurityGroupId"].(string); ok {
			from = group
		}
		// The characters that EC2 takes (AuthorizeSecurityGroupIngress, IpRanges.Description).
		assert.Regexp(t, `^[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}$`, in["description"], res.Name)
		rules = append(rules, fmt.Sprintf("%s: %s %v %v-%v", in["securityGroupId"], from, in["ipProtocol"], in["fromPort"], in["toPort"]))
	}
	assert.ElementsMatch(t, []string{
		"web-alb-id: 0.0.0.0/0 tcp 80-80",
		"web-alb-id: 0.0.0.0/0 tcp 443-443",
		"web-tasks-id: web-alb-id tcp 8080-8080",
		"web-alb-id: web-tasks-id tcp 8080-8080",
		"web-tasks-id: 0.0.0.0/0 -1 <nil>-<nil>",
	}, rules, "EC2.18/.19: 80 and 443 of the balancer only, and the task's port for the balancer only")
}

func TestWebServiceAccessLogsBucket(t *testing.T) {
	t.Parallel()
	r := runWeb(t, nil)
	assert.Equal(t, map[string]any{"blockPublicAcls": true, "blockPublicPolicy": true, "ignorePublicAcls": true, "restrictPublicBuckets": true, "bucket": "web-access-logs-id"},
		r.find(t, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "web-access-logs").Inputs.Mappable(), "S3.8")
	ownership := r.find(t, "aws:s3/bucketOwnershipControls:BucketOwnershipControls", "web-access-logs").Inputs
	assert.Equal(t, "BucketOwnerEnforced", object(t, ownership, "rule")["objectOwnership"].StringValue(), "S3.12")
	expiry := r.find(t, "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2", "web-access-logs").Inputs["rules"].ArrayValue()[0].ObjectValue()
	assert.Equal(t, 365.0, object(t, expiry, "expiration")["days"].NumberValue(), "S3.13")
	r.find(t, "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2", "web-access-logs")

	policy := r.find(t, bucketPolicy, "web-access-logs").Inputs["policy"].StringValue()
	assert.JSONEq(t, `{"Version": "2012-10-17", "Statement": [
		{"Sid": "AccessLogs", "Effect": "Allow", "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
		 "Action": ["s3:PutObject"], "Resource": ["arn:aws:test:us-east-1:123456789012:web-access-logs-id/AWSLogs/123456789012/*"]},
		{"Sid": "TlsOnly", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": ["s3:*"],
		 "Resource": ["arn:aws:test:us-east-1:123456789012:web-access-logs-id", "arn:aws:test:us-east-1:123456789012:web-access-logs-id/*"],
		 "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}`, policy, "S3.5")
	assert.Contains(t, r.waitsFor(t, loadBalancer, "web-alb"), bucketPolicy+" web-access-logs", "the balancer tries to write")
}

func TestWebServiceDomain(t *testing.T) {
	t.Parallel()
	r := runWeb(t, nil)
	proof := r.find(t, dnsRecord, "web-certificate-proof").Inputs
	assert.Equal(t, map[string]any{
		"zoneId": "zone of example.com", "name": "_abc.app.example.com.", "type": "CNAME", "records": []any{"_def.acm-validations.aws."}, "allowOverwrite": true,
	}, plain(proof, "zoneId", "name", "type", "records", "allowOverwrite"))
	for _, kind := range []string{"A", "AAAA"} {
		record := r.find(t, dnsRecord, "web-"+strings.ToLower(kind)).Inputs
		assert.Equal(t, kind, record["type"].StringValue())
		assert.Equal(t, "app.example.com", record["name"].StringValue())
		alias := record["aliases"].ArrayValue()[0].ObjectValue()
		assert.Equal(t, "web-alb-1234567.eu-central-1.elb.amazonaws.com", alias["name"].StringValue())
		assert.Equal(t, "Z215JYRZR1TBD5", alias["zoneId"].StringValue())
	}
	assert.Contains(t, r.waitsFor(t, listener, "web-https"), "aws:acm/certificateValidation:CertificateValidation web-certificate-issued",
		"a certificate that is not issued is refused")
	assert.NotContains(t, r.waitsFor(t, loadBalancer, "web-alb"), "aws:acm/certificate:Certificate web-certificate", "the balancer is made meanwhile")
}

func TestWebServiceHostedZone(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ domain, zone, looksUp string }{
		{"app.example.com", "", "example.com"},
		{"example.com", "", "example.com"},
		{"app.staging.example.com", "example.com", "example.com"},
	} {
		r := runWeb(t, func(args *components.WebServiceArgs) { args.DomainName, args.HostedZone = test.domain, test.zone })
		assert.Equal(t, "zone of "+test.looksUp, r.find(t, dnsRecord, "web-a").Inputs["zoneId"].StringValue(), test.domain)
	}
}

func TestWebServiceWithoutDomain(t *testing.T) {
	t.Parallel()
	r := webRecorder()
	var website *components.WebService
	require.NoError(t, r.run(func(ctx *pulumi.Context) error {
		args := webInputs()
		args.DomainName, args.Ephemeral = "", true
		web, err := components.NewWebService(ctx, "web", args)
		if err != nil {
			return err
		}
		website = web
		return nil
	}))
	assert.Equal(t, "http://web-alb-1234567.eu-central-1.elb.amazonaws.com", awaitString(website.Url))
	assert.Nil(t, website.HttpsListener)
	require.Len(t, r.all(listener), 1)
	action := r.find(t, listener, "web-http").Inputs["defaultActions"].ArrayValue()[0].ObjectValue()
	assert.Equal(t, "forward", action["type"].StringValue())
	assert.Empty(t, r.all(dnsRecord))
	assert.Contains(t, r.waitsFor(t, ecsService, "web-service"), listener+" web-http")
	for _, rule := range r.all(ingressRule) {
		assert.NotEqual(t, resource.NewProperty(443.0), rule.Inputs["fromPort"], "nothing listens on 443")
	}
}
