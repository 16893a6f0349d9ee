package components_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/components"
)

const (
	staticSiteToken = "slipway:index:StaticSite"
	distribution    = "aws:cloudfront/distribution:Distribution"
	responseHeaders = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"
	originAccess    = "aws:cloudfront/originAccessControl:OriginAccessControl"
	siteObject      = "aws:s3/bucketObjectv2:BucketObjectv2"
	siteLifecycle   = "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"
	siteCors        = "aws:s3/bucketCorsConfigurationV2:BucketCorsConfigurationV2"
	siteLogging     = "aws:s3/bucketLoggingV2:BucketLoggingV2"
	siteBucket      = "aws:s3/bucketV2:BucketV2"
	siteCertificate = "aws:acm/certificate:Certificate"
	siteIssued      = "aws:acm/certificateValidation:CertificateValidation"
	logSource       = "aws:cloudwatch/logDeliverySource:LogDeliverySource"
	logDestination  = "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination"
	logDelivery     = "aws:cloudwatch/logDelivery:LogDelivery"
	awsProvider     = "pulumi:providers:aws"
)

// siteRecorder plays AWS in a region for a static site.
func siteRecorder(region string) *recorder {
	return &recorder{
		outputs: map[string]func(pulumi.MockResourceArgs) resource.PropertyMap{
			distribution: func(pulumi.MockResourceArgs) resource.PropertyMap {
				return resource.PropertyMap{
					"arn":          resource.NewProperty("arn:aws:cloudfront::123456789012:distribution/E1"),
					"domainName":   resource.NewProperty("d1.cloudfront.net"),
					"hostedZoneId": resource.NewProperty("Z2FDTNDATAQYW2"),
				}
			},
			siteBucket: func(res pulumi.MockResourceArgs) resource.PropertyMap {
				return resource.PropertyMap{
					"arn":                      resource.NewProperty("arn:aws:s3:::" + res.Name),
					"bucketRegionalDomainName": resource.NewProperty(res.Name + ".s3." + region + ".amazonaws.com"),
				}
			},
			siteCertificate: func(res pulumi.MockResourceArgs) resource.PropertyMap {
				option := resource.PropertyMap{
					"domainName":          res.Inputs["domainName"],
					"resourceRecordName":  resource.NewProperty("_abc.static.example.com."),
					"resourceRecordType":  resource.NewProperty("CNAME"),
					"resourceRecordValue": resource.NewProperty("_def.acm-validations.aws."),
				}
				return resource.PropertyMap{"domainValidationOptions": resource.NewProperty([]resource.PropertyValue{resource.NewProperty(option)})}
			},
		},
		invokes: map[string]func(resource.PropertyMap) resource.PropertyMap{
			"aws:index/getRegion:getRegion": func(resource.PropertyMap) resource.PropertyMap {
				return resource.PropertyMap{"name": resource.NewProperty(region), "id": resource.NewProperty(region)}
			},
			"aws:index/getCallerIdentity:getCallerIdentity": func(resource.PropertyMap) resource.PropertyMap {
				return resource.PropertyMap{"accountId": resource.NewProperty("123456789012")}
			},
			"aws:route53/getZone:getZone": func(args resource.PropertyMap) resource.PropertyMap {
				return resource.PropertyMap{"zoneId": resource.NewProperty("zone of " + args["name"].StringValue())}
			},
		},
	}
}

// runSite makes a site in a region; the stack has the given configuration.
func runSite(region string, args *components.StaticSiteArgs, config map[string]string, more ...func(*pulumi.Context, *components.StaticSite) error) (*recorder, error) {
	r := siteRecorder(region)
	err := pulumi.RunErr(func(ctx *pulumi.Context) error {
		site, err := components.NewStaticSite(ctx, "site", args)
		if err != nil {
			return err
		}
		for _, then := range more {
			if err := then(ctx, site); err != nil {
				return err
			}
		}
		return nil
	}, pulumi.WithMocks("slipway", "test", r), func(info *pulumi.RunInfo) { info.Config = config })
	return r, err
}

// at reads a property by path.
func at(t *testing.T, inputs resource.PropertyMap, path string) resource.PropertyValue {
	t.Helper()
	parsed, err := resource.ParsePropertyPath(path)
	require.NoError(t, err)
	value, ok := parsed.Get(resource.NewProperty(inputs))
	require.True(t, ok, "%s is to be given", path)
	return value
}

type sitePolicy struct {
	Statement []struct {
		Sid, Effect      string
		Principal        map[string]string
		Action, Resource []string
		Condition        map[string]map[string]string
	}
}

func readPolicy(t *testing.T, text resource.PropertyValue) (p sitePolicy) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(text.StringValue()), &p))
	return p
}

// TestStaticSiteControls asserts the controls of S3 and CloudFront that are on in production, by their numbers.
func TestStaticSiteControls(t *testing.T) {
	t.Parallel()
	r, err := runSite("us-east-1", &components.StaticSiteArgs{DomainName: "static.example.com"}, nil)
	require.NoError(t, err)
	r.requireDescends(t, staticSiteToken, "site")

	assert.True(t, r.find(t, "aws:s3/bucketV2:BucketV2", "site-bucket").RegisterRPC.GetProtect(), "uploads may be nowhere else")
	for _, bucket := range []string{"site-bucket", "site-access-logs"} {
		block := r.find(t, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", bucket).Inputs
		for _, setting := range []resource.PropertyKey{"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"} {
			assert.True(t, block[setting].BoolValue(), "S3.2, S3.3, S3.8: %s of %s", setting, bucket)
		}
		assert.Equal(t, "BucketOwnerEnforced", at(t, r.find(t, "aws:s3/bucketOwnershipControls:BucketOwnershipControls", bucket).Inputs, "rule.objectOwnership").StringValue(), "S3.12")
		assert.Equal(t, "Enabled", at(t, r.find(t, siteLifecycle, bucket).Inputs, "rules[0].status").StringValue(), "S3.13")
		statements := readPolicy(t, r.find(t, bucketPolicy, bucket).Inputs["policy"]).Statement
		tls := statements[len(statements)-1]
		assert.Equal(t, "Deny", tls.Effect, "S3.5")
		assert.Equal(t, []string{"s3:*"}, tls.Action)
		assert.Equal(t, "false", tls.Condition["Bool"]["aws:SecureTransport"])
		assert.False(t, r.find(t, siteBucket, bucket).Inputs["forceDestroy"].BoolValue())
	}
	assert.Equal(t, 365.0, at(t, r.find(t, siteLifecycle, "site-access-logs").Inputs, "rules[0].expiration.days").NumberValue())
	logging := r.find(t, siteLogging, "site-bucket").Inputs
	assert.Equal(t, "site-access-logs-id", logging["targetBucket"].StringValue(), "S3.9")

	served := r.find(t, distribution, "site-distribution").Inputs
	for path, want := range map[string]string{
		"defaultRootObject":                         "index.html",        // CloudFront.1
		"defaultCacheBehavior.viewerProtocolPolicy": "redirect-to-https", // .3
		"viewerCertificate.acmCertificateArn":       arnOf("site-certificate"),
		"viewerCertificate.sslSupportMethod":        "sni-only",       // .8
		"origins[0].originAccessControlId":          "site-origin-id", // .13
		"viewerCertificate.minimumProtocolVersion":  "TLSv1.2_2021",   // .15
		"httpVersion":           "http2and3",
		"origins[0].domainName": "site-bucket.s3.us-east-1.amazonaws.com",
		"defaultCacheBehavior.responseHeadersPolicyId": "site-headers-id",
		"priceClass": "PriceClass_100",
	} {
		assert.Equal(t, want, at(t, served, path).StringValue(), path)
	}
	assert.True(t, at(t, served, "defaultCacheBehavior.compress").BoolValue())
	assert.False(t, served["waitForDeployment"].BoolValue(), "nothing waits until CloudFront has it everywhere")
	assert.Equal(t, []string{"static.example.com"}, stringList(t, served["aliases"]))
	assert.NotContains(t, served, resource.PropertyKey("customErrorResponses"), "a missing file is missing")
	access := r.find(t, originAccess, "site-origin").Inputs
	assert.Equal(t, "always sigv4 s3", access["signingBehavior"].StringValue()+" "+access["signingProtocol"].StringValue()+" "+access["originAccessControlOriginType"].StringValue())

	source := r.find(t, logSource, "site-logs").Inputs
	assert.Equal(t, "arn:aws:cloudfront::123456789012:distribution/E1", source["resourceArn"].StringValue(), "CloudFront.5")
	assert.Equal(t, "ACCESS_LOGS", source["logType"].StringValue())
	assert.Equal(t, "arn:aws:s3:::site-access-logs", at(t, r.find(t, logDestination, "site-logs").Inputs, "deliveryDestinationConfiguration.destinationResourceArn").StringValue())
	delivery := r.find(t, logDelivery, "site-logs")
	assert.Contains(t, strings.Join(delivery.RegisterRPC.GetDependencies(), "\n"), bucketPolicy+"::site-access-logs", "the logs may be written before they are")
	assert.Empty(t, r.all(awsProvider), "in us-east-1 the stack's provider does")
}

func TestStaticSitePoliciesLetInNobodyElse(t *testing.T) {
	t.Parallel()
	r, err := runSite("us-east-1", nil, nil)
	require.NoError(t, err)
	for _, s := range readPolicy(t, r.find(t, bucketPolicy, "site-bucket").Inputs["policy"]).Statement[:2] {
		assert.Equal(t, map[string]string{"Service": "cloudfront.amazonaws.com"}, s.Principal)
		assert.Equal(t, map[string]map[string]string{"StringEquals": {"aws:SourceArn": "arn:aws:cloudfront::123456789012:distribution/E1"}}, s.Condition, "this distribution only")
	}
	logs := readPolicy(t, r.find(t, bucketPolicy, "site-access-logs").Inputs["policy"]).Statement
	assert.Equal(t, []string{"arn:aws:s3:::site-access-logs/AWSLogs/123456789012/CloudFront/*"}, logs[0].Resource)
	assert.Equal(t, map[string]map[string]string{
		"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceAccount": "123456789012"},
		"ArnLike":      {"aws:SourceArn": "arn:aws:logs:us-east-1:123456789012:delivery-source:*"},
	}, logs[0].Condition)
	assert.Equal(t, []string{"arn:aws:s3:::site-access-logs/s3/*"}, logs[1].Resource)
	assert.Equal(t, "arn:aws:s3:::site-bucket", logs[1].Condition["ArnLike"]["aws:SourceArn"])
}

func TestStaticSiteHeaders(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args        components.StaticSiteArgs
		wantOrigins []string
	}{
		"all origins without one":  {components.StaticSiteArgs{}, []string{"*"}},
		"the origins that are set": {components.StaticSiteArgs{CorsOrigins: []string{"https://app.example.com", "https://*.example.org"}}, []string{"https://app.example.com", "https://*.example.org"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.args.ContentSecurityPolicy = "default-src 'self'"
			r, err := runSite("us-east-1", &test.args, nil)
			require.NoError(t, err)
			headers := r.find(t, responseHeaders, "site-headers").Inputs
			assert.Equal(t, test.wantOrigins, stringList(t, at(t, headers, "corsConfig.accessControlAllowOrigins.items")))
			assert.Equal(t, test.wantOrigins, stringList(t, at(t, r.find(t, siteCors, "site-bucket").Inputs, "corsRules[0].allowedOrigins")), "S3 answers the browser's question")
			assert.True(t, at(t, headers, "corsConfig.originOverride").BoolValue())
			assert.Equal(t, 63072000.0, at(t, headers, "securityHeadersConfig.strictTransportSecurity.accessControlMaxAgeSec").NumberValue())
			assert.Equal(t, "SAMEORIGIN", at(t, headers, "securityHeadersConfig.frameOptions.frameOption").StringValue())
			assert.Equal(t, "strict-origin-when-cross-origin", at(t, headers, "securityHeadersConfig.referrerPolicy.referrerPolicy").StringValue())
			assert.True(t, at(t, headers, "securityHeadersConfig.contentTypeOptions.override").BoolValue())
			assert.Equal(t, "default-src 'self'", at(t, headers, "securityHeadersConfig.contentSecurityPolicy.contentSecurityPolicy").StringValue())
		})
	}
}

func TestStaticSiteOptions(t *testing.T) {
	t.Parallel()
	r, err := runSite("eu-central-1", &components.StaticSiteArgs{SinglePageApplication: true, DefaultRootObject: "app.html", PriceClass: "PriceClass_All",
		WebAclArn: pulumi.String("arn:aws:wafv2:us-east-1:123456789012:global/webacl/site/01234567-89ab-cdef-0123-456789abcdef"), Ephemeral: true}, nil)
	require.NoError(t, err)
	served := r.find(t, distribution, "site-distribution").Inputs
	assert.Equal(t, map[string]any{"errorCode": 404.0, "responseCode": 200.0, "responsePagePath": "/app.html", "errorCachingMinTtl": 0.0}, at(t, served, "customErrorResponses[0]").ObjectValue().Mappable())
	assert.Equal(t, "PriceClass_All", served["priceClass"].StringValue())
	assert.Equal(t, "arn:aws:wafv2:us-east-1:123456789012:global/webacl/site/01234567-89ab-cdef-0123-456789abcdef", served["webAclId"].StringValue())
	assert.Equal(t, map[string]any{"cloudfrontDefaultCertificate": true}, served["viewerCertificate"].ObjectValue().Mappable(), "with CloudFront's certificate AWS sets the version of TLS")
	assert.NotContains(t, served, resource.PropertyKey("aliases"))
	assert.True(t, r.find(t, siteBucket, "site-bucket").Inputs["forceDestroy"].BoolValue(), "leaves nothing behind")
	assert.Empty(t, r.all(logDelivery), "no access logs by default")
	assert.Empty(t, r.all(siteLogging))
	assert.Empty(t, r.all(awsProvider), "nothing needs us-east-1")
	assert.Empty(t, r.all(dnsRecord))
}

func TestStaticSiteIsConnected(t *testing.T) {
	t.Parallel()
	var access *components.Access
	r, err := runSite("us-east-1", nil, nil, func(ctx *pulumi.Context, site *components.StaticSite) error {
		role, err := iam.NewRole(ctx, "web-task", &iam.RoleArgs{AssumeRolePolicy: pulumi.String("{}")})
		if err != nil {
			return err
		}
		access, err = site.Connect(ctx, components.Task{Name: "web", Role: role})
		return err
	})
	require.NoError(t, err)
	assert.Equal(t, "site-bucket-id", awaitString(access.Environment["STATIC_BUCKET"].ToStringOutput()))
	assert.Equal(t, "d1.cloudfront.net", awaitString(access.Environment["STATIC_HOST"].ToStringOutput()))
	assert.Empty(t, access.Secrets, "no long-lived keys")
	assert.Len(t, access.DependsOn, 1, "the policy, and not the distribution")

	granted := r.find(t, "aws:iam/rolePolicy:RolePolicy", "site-write-web").Inputs
	assert.Equal(t, "web-task-1234567", granted["role"].StringValue())
	statements := readPolicy(t, granted["policy"]).Statement
	require.Len(t, statements, 2)
	assert.Equal(t, []string{"s3:DeleteObject", "s3:GetObject", "s3:PutObject"}, statements[0].Action)
	assert.Equal(t, []string{"arn:aws:s3:::site-bucket/static/*"}, statements[0].Resource)
	assert.Equal(t, []string{"s3:ListBucket"}, statements[1].Action)
	assert.Equal(t, []string{"arn:aws:s3:::site-bucket"}, statements[1].Resource)
}

func TestStaticSiteRefusesWrongArguments(t *testing.T) {
	t.Parallel()
	for field, args := range map[string]components.StaticSiteArgs{
		`domainName: got "Static.example.com", takes a domain name`:                 {DomainName: "Static.example.com"},
		`hostedZone: got "example.net", takes a zone that static.example.com is in`: {DomainName: "static.example.com", HostedZone: "example.net"},
		`hostedZone, domainName: hostedZone is the zone of domainName`:              {HostedZone: "example.com"},
		`folder: got "nowhere", takes a folder that exists`:                         {Folder: "nowhere"},
		`immutable, folder: immutable is about the files of folder`:                 {Immutable: []string{"assets/"}},
		`defaultRootObject: got "/index.html", takes the name of a file`:            {DefaultRootObject: "/index.html"},
		`corsOrigins[0]: got "example.com/", takes an origin`:                       {CorsOrigins: []string{"example.com/"}},
		`corsOrigins[1]: got "https://a.example", takes each origin once`:           {CorsOrigins: []string{"https://a.example", "https://a.example"}},
		`contentSecurityPolicy: got "a\nb", takes text on one line`:                 {ContentSecurityPolicy: "a\nb"},
		`priceClass: got "PriceClass_300", takes "PriceClass_100"`:                  {PriceClass: "PriceClass_300"},
		`uploadPrefix: got "static", takes a path that ends with a slash`:           {UploadPrefix: "static"},
		`logRetentionDays: got -1, takes days`:                                      {LogRetentionDays: -1},
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			r, err := runSite("us-east-1", &args, nil)
			require.ErrorContains(t, err, `StaticSite "site": 1 field is wrong:`)
			require.ErrorContains(t, err, field)
			assert.NotContains(t, strings.Join(r.names(), "\n"), "site", "nothing is registered")
		})
	}
}
