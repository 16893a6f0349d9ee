package components

import (
	"fmt"
	"slipway/internal/limits"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The managed policies of CloudFront have the same ids in every account ("Use managed cache policies" and "Use managed
// origin request policies" in its developer guide).
const (
	cachingOptimized = "658327ea-f89d-4fab-a63d-7e88639e58f6" // Cache-Control decides, a second to a year; gzip and Brotli
	corsS3Origin     = "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf" // passes on what S3 needs to answer CORS
)

const (
	originId = "bucket"
	// hstsMaxAge is two years in seconds, what https://hstspreload.org recommends.
	hstsMaxAge = 63072000
	// corsMaxAge is for how many seconds a browser remembers that it may ask.
	corsMaxAge = 3600
)

// readingMethods are those that read a file.
var readingMethods = []string{"GET", "HEAD"}

// createDistribution creates what serves the bucket. Nobody waits until it is everywhere.
// webAclArn is an ARN that was given, once it is known to be one of a web ACL for CloudFront.
func webAclArn(given pulumi.StringPtrInput) pulumi.StringPtrInput {
	if given == nil {
		return nil
	}
	return given.ToStringPtrOutput().ApplyT(func(arn *string) (*string, error) {
		if arn == nil {
			return nil, nil
		}
		if err := limits.CloudFrontWebACL(*arn); err != nil {
			return nil, fmt.Errorf("webAclArn: got %q, takes %w", *arn, err)
		}
		return arn, nil
	}).(pulumi.StringPtrOutput)
}

func (s *StaticSite) createDistribution(ctx *pulumi.Context, name string, args staticSiteSettings) (err error) {
	s.OriginAccessControl, err = cloudfront.NewOriginAccessControl(ctx, name+"-origin", &cloudfront.OriginAccessControlArgs{
		Description:                   pulumi.String("Signs what CloudFront asks the bucket for"),
		OriginAccessControlOriginType: pulumi.String("s3"),
		SigningBehavior:               pulumi.String("always"),
		SigningProtocol:               pulumi.String("sigv4"),
	}, pulumi.Parent(s))
	if err != nil {
		return err
	}
	if err := s.createResponseHeaders(ctx, name, args); err != nil {
		return err
	}
	s.Distribution, err = cloudfront.NewDistribution(ctx, name+"-distribution", &cloudfront.DistributionArgs{
		Enabled:           pulumi.Bool(true),
		Comment:           pulumi.String("Static site " + name),
		Aliases:           s.aliases(args),
		DefaultRootObject: pulumi.String(args.DefaultRootObject),
		HttpVersion:       pulumi.String("http2and3"),
		IsIpv6Enabled:     pulumi.Bool(true),
		PriceClass:        pulumi.String(args.PriceClass),
		WebAclId:          webAclArn(args.WebAclArn),
		WaitForDeployment: pulumi.Bool(false),
		Origins: cloudfront.DistributionOriginArray{&cloudfront.DistributionOriginArgs{
			OriginId: pulumi.String(originId),
			// The regional name: the other one answers with redirects for the first hours of a bucket outside of us-east-1.
			DomainName:            s.Bucket.BucketRegionalDomainName,
			OriginAccessControlId: s.OriginAccessControl.ID(),
		}},
		DefaultCacheBehavior: &cloudfront.DistributionDefaultCacheBehaviorArgs{
			TargetOriginId:          pulumi.String(originId),
			ViewerProtocolPolicy:    pulumi.String("redirect-to-https"),
			AllowedMethods:          pulumi.ToStringArray(append([]string{"OPTIONS"}, readingMethods...)),
			CachedMethods:           pulumi.ToStringArray(readingMethods),
			Compress:                pulumi.Bool(true),
			CachePolicyId:           pulumi.String(cachingOptimized),
			OriginRequestPolicyId:   pulumi.String(corsS3Origin),
			ResponseHeadersPolicyId: s.ResponseHeaders.ID(),
		},
		CustomErrorResponses: fallback(args),
		ViewerCertificate:    s.viewerCertificate(args),
		Restrictions: &cloudfront.DistributionRestrictionsArgs{
			GeoRestriction: &cloudfront.DistributionRestrictionsGeoRestrictionArgs{RestrictionType: pulumi.String("none")},
		},
		Tags: s.tags,
	}, pulumi.Parent(s))
	return err
}

// createResponseHeaders creates the headers that every answer gets.
func (s *StaticSite) createResponseHeaders(ctx *pulumi.Context, name string, args staticSiteSettings) (err error) {
	security := &cloudfront.ResponseHeadersPolicySecurityHeadersConfigArgs{
		StrictTransportSecurity: &cloudfront.ResponseHeadersPolicySecurityHeadersConfigStrictTransportSecurityArgs{
			AccessControlMaxAgeSec: pulumi.Int(hstsMaxAge),
			Override:               pulumi.Bool(true),
		},
		ContentTypeOptions: &cloudfront.ResponseHeadersPolicySecurityHeadersConfigContentTypeOptionsArgs{Override: pulumi.Bool(true)},
		FrameOptions: &cloudfront.ResponseHeadersPolicySecurityHeadersConfigFrameOptionsArgs{
			FrameOption: pulumi.String("SAMEORIGIN"),
			Override:    pulumi.Bool(true),
		},
		ReferrerPolicy: &cloudfront.ResponseHeadersPolicySecurityHeadersConfigReferrerPolicyArgs{
			ReferrerPolicy: pulumi.String("strict-origin-when-cross-origin"),
			Override:       pulumi.Bool(true),
		},
	}
	if args.ContentSecurityPolicy != "" {
		security.ContentSecurityPolicy = &cloudfront.ResponseHeadersPolicySecurityHeadersConfigContentSecurityPolicyArgs{
			ContentSecurityPolicy: pulumi.String(args.ContentSecurityPolicy),
			Override:              pulumi.Bool(true),
		}
	}
	s.ResponseHeaders, err = cloudfront.NewResponseHeadersPolicy(ctx, name+"-headers", &cloudfront.ResponseHeadersPolicyArgs{
		Comment:               pulumi.String("Security and CORS of static site " + name),
		SecurityHeadersConfig: security,
		CorsConfig: &cloudfront.ResponseHeadersPolicyCorsConfigArgs{
			AccessControlAllowCredentials: pulumi.Bool(false),
			AccessControlAllowOrigins:     &cloudfront.ResponseHeadersPolicyCorsConfigAccessControlAllowOriginsArgs{Items: pulumi.ToStringArray(args.CorsOrigins)},
			AccessControlAllowMethods:     &cloudfront.ResponseHeadersPolicyCorsConfigAccessControlAllowMethodsArgs{Items: pulumi.ToStringArray(readingMethods)},
			AccessControlAllowHeaders:     &cloudfront.ResponseHeadersPolicyCorsConfigAccessControlAllowHeadersArgs{Items: pulumi.StringArray{pulumi.String("*")}},
			AccessControlMaxAgeSec:        pulumi.Int(corsMaxAge),
			// A copy in the cache has the origin of whoever asked first.
			OriginOverride: pulumi.Bool(true),
		},
	}, pulumi.Parent(s))
	return err
}

// fallback answers what does not exist, with the application's page if it routes by itself.
func fallback(args staticSiteSettings) cloudfront.DistributionCustomErrorResponseArray {
	if !args.SinglePageApplication {
		return nil
	}
	return cloudfront.DistributionCustomErrorResponseArray{&cloudfront.DistributionCustomErrorResponseArgs{
		ErrorCode:        pulumi.Int(404),
		ResponseCode:     pulumi.Int(200),
		ResponsePagePath: pulumi.String("/" + args.DefaultRootObject),
		// A new version has to be seen at once, as everywhere else.
		ErrorCachingMinTtl: pulumi.Int(0),
	}}
}

func (s *StaticSite) aliases(args staticSiteSettings) pulumi.StringArray {
	if args.DomainName == "" {
		return nil
	}
	return pulumi.StringArray{pulumi.String(args.DomainName)}
}

// viewerCertificate is that of the domain; with CloudFront's own, AWS sets the least version of TLS, to 1.0.
func (s *StaticSite) viewerCertificate(args staticSiteSettings) *cloudfront.DistributionViewerCertificateArgs {
	if args.DomainName == "" {
		return &cloudfront.DistributionViewerCertificateArgs{CloudfrontDefaultCertificate: pulumi.Bool(true)}
	}
	return &cloudfront.DistributionViewerCertificateArgs{
		AcmCertificateArn:      s.certificateArn,
		SslSupportMethod:       pulumi.String("sni-only"),
		MinimumProtocolVersion: pulumi.String("TLSv1.2_2021"),
	}
}
