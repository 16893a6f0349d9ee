package localaws

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

const (
	distributionType        = "aws:cloudfront/distribution:Distribution"
	originAccessControlType = "aws:cloudfront/originAccessControl:OriginAccessControl"
	responseHeadersType     = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"
)

// The policies that CloudFront has in every account, by id, as its developer guide lists them.
var (
	managedCachePolicies = []string{
		"658327ea-f89d-4fab-a63d-7e88639e58f6", // CachingOptimized
		"b2884449-e4de-46a7-ac36-70bc7f1ddd6d", // CachingOptimizedForUncompressedObjects
		"4135ea2d-6df8-44a3-9df3-4b5a84be39ad", // CachingDisabled
	}
	managedOriginRequestPolicies = []string{
		"216adef6-5c7f-47e4-b989-5492eafa07d3", // AllViewer
		"b689b0a8-53d0-40ab-baf2-68738e2966ac", // AllViewerExceptHostHeader
		"59781a5b-3903-41f3-afcb-af62929ccde1", // CORS-CustomOrigin
		"88a5eaf4-2fd4-4709-b370-b4c650ea3fcf", // CORS-S3Origin
	}
	managedResponseHeaders = []string{
		"60669652-455b-4ae9-85a4-c4c02393f86c", // SimpleCORS
		"67f7725c-6f97-4210-82d7-5512b31e9d03", // SecurityHeadersPolicy
		"e61eb60c-9c35-4d20-a928-2b84e02af89c", // CORS-and-SecurityHeadersPolicy
	}
)

func among(ids []string) func(string) bool {
	return func(id string) bool { return slices.Contains(ids, id) }
}

// A policy of the account's own would be another resource type; "none" stands for the types that are not in the catalogue.
var (
	toCachePolicy         = reference{types: []string{"none"}, code: "NoSuchCachePolicy", message: "The specified cache policy does not exist: %s", foreign: among(managedCachePolicies)}
	toOriginRequestPolicy = reference{types: []string{"none"}, code: "NoSuchOriginRequestPolicy", message: "The specified origin request policy does not exist: %s", foreign: among(managedOriginRequestPolicies)}
	toResponseHeaders     = reference{types: []string{responseHeadersType}, code: "NoSuchResponseHeadersPolicy", message: "The specified response headers policy does not exist: %s", foreign: among(managedResponseHeaders)}
)

// cloudfrontKinds are CloudFront's resource types. All are global.
func cloudfrontKinds() []*kind {
	const service = "CloudFront"
	return []*kind{
		of(cloudfront.DistributionArgs{}, cloudfront.Distribution{}, kind{service: service, noun: "Distribution", id: func(d *draft) string {
			return "E" + strings.ToUpper(d.hex(13))
		}, replace: []string{"staging"},
			defaults: map[string]any{"httpVersion": "http2", "isIpv6Enabled": false, "priceClass": "PriceClass_All", "retainOnDelete": false, "staging": false, "waitForDeployment": true},
			references: map[string]reference{
				"viewerCertificate.acmCertificateArn":           {types: []string{certificateType}, code: "InvalidViewerCertificate", message: "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a valid certificate chain: %s"},
				"origins.originAccessControlId":                 {types: []string{originAccessControlType}, code: "NoSuchOriginAccessControl", message: "The origin access control does not exist: %s"},
				"defaultCacheBehavior.cachePolicyId":            toCachePolicy,
				"orderedCacheBehaviors.cachePolicyId":           toCachePolicy,
				"defaultCacheBehavior.originRequestPolicyId":    toOriginRequestPolicy,
				"orderedCacheBehaviors.originRequestPolicyId":   toOriginRequestPolicy,
				"defaultCacheBehavior.responseHeadersPolicyId":  toResponseHeaders,
				"orderedCacheBehaviors.responseHeadersPolicyId": toResponseHeaders,
			},
			// An enabled distribution can be deleted: AWS's provider disables it first.
			check: checkDistribution, compute: computeDistribution, admit: admitDistribution}),
		of(cloudfront.OriginAccessControlArgs{}, cloudfront.OriginAccessControl{}, kind{service: service, noun: "OriginAccessControl", id: func(d *draft) string {
			return "E" + strings.ToUpper(d.hex(13))
		}, named: &naming{property: "name", most: 64}, unique: map[string]string{"name": "OriginAccessControlAlreadyExists"}, replace: []string{"name"},
			defaults: map[string]any{"description": "Managed by Pulumi"}, check: checkOriginAccessControl,
			compute: func(d *draft) {
				d.set("arn", d.globalARN("cloudfront", "origin-access-control/"+d.id))
				d.set("etag", etag(d))
			},
			inUse: &inUse{code: "OriginAccessControlInUse", message: "Cannot delete the origin access control because it's in use by one or more distributions: %s"}}),
		of(cloudfront.ResponseHeadersPolicyArgs{}, cloudfront.ResponseHeadersPolicy{}, kind{service: service, noun: "ResponseHeadersPolicy", id: func(d *draft) string { return d.uuid() },
			named: &naming{property: "name", most: 128}, unique: map[string]string{"name": "ResponseHeadersPolicyAlreadyExists"},
			check: checkResponseHeaders, compute: func(d *draft) {
				d.set("arn", d.globalARN("cloudfront", "response-headers-policy/"+d.id))
				d.set("etag", etag(d))
			},
			inUse: &inUse{code: "ResponseHeadersPolicyInUse", message: "Cannot delete the response headers policy because it is attached to one or more cache behaviors: %s"}}),
	}
}

// etag is the version of a configuration: another one is another version.
func etag(d *draft) string {
	return "E" + strings.ToUpper(digest(d.id + plainDeep(resource.NewProperty(d.inputs)).String())[:13])
}

func computeDistribution(d *draft) {
	d.set("arn", d.globalARN("cloudfront", "distribution/"+d.id))
	d.set("callerReference", "pulumi-"+d.hex(26))
	d.set("domainName", "d"+strings.ToLower(d.hex(13))+".cloudfront.net")
	d.set("hostedZoneId", cloudFrontZone)
	d.set("etag", etag(d))
	d.set("inProgressValidationBatches", 0)
	d.set("trustedKeyGroups", []any{map[string]any{"enabled": false}})
	d.set("trustedSigners", []any{map[string]any{"enabled": false}})
	status := "InProgress"
	if d.isTrue("waitForDeployment") {
		status = "Deployed"
	}
	d.set("status", status)
}
