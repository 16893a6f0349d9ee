package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/acm"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// StaticSite serves files: a private bucket behind CloudFront. A service that is connected to it may upload, as Django's
// collectstatic does, with its task role; and a local folder can be uploaded.
//
//	site, err := components.NewStaticSite(ctx, "site", &components.StaticSiteArgs{DomainName: "static.example.com"})
//	... WebServiceArgs{Connections: []components.Connection{database, site}}
//
// It creates a bucket, closed to all but this distribution and TLS; a distribution with an origin access control and a policy
// for security and CORS headers; with a domain, a certificate in us-east-1, its validation and the address records; a bucket for
// the logs of both, and their delivery, unless Ephemeral; an object for each file of the folder; and outside of us-east-1 a
// provider for it, if certificate or logs need one.
//
// About what it costs a month (us-east-1):
//
//	idle        $0.00
//	files       $0.023  per GB kept
//	traffic     $0.085  per GB after the first 1000 GB, which are free
//	web ACL     $5.00   if one is given, and $1.00 for each of its rules
//
// Nothing waits until CloudFront has the distribution everywhere, which takes about five minutes; for so long a new site or
// changed settings of one are not there in some places. Deleting it takes as long, as AWS has to disable it first.
//
// Nothing needs to be invalidated. Files whose name says which content they have are kept for a year, and a new content
// is a new name. Of all others a copy is good for a second only: then CloudFront asks the bucket whether the file has changed,
// and so do browsers. What a service uploads has the cache headers that the service gives it.
type StaticSite struct {
	pulumi.ResourceState

	// Url is where the site is: https://<domain>, or https://<the distribution's name>.
	Url pulumi.StringOutput `pulumi:"url"`
	// Host is the host name in Url.
	Host pulumi.StringOutput `pulumi:"host"`
	// BucketName is the bucket of the files.
	BucketName pulumi.StringOutput `pulumi:"bucketName"`
	// BucketArn is what policies name that bucket by.
	BucketArn pulumi.StringOutput `pulumi:"bucketArn"`
	// DistributionId is the distribution's in CloudFront, as an invalidation takes it.
	DistributionId pulumi.StringOutput `pulumi:"distributionId"`

	Bucket              *s3.BucketV2
	OriginAccessControl *cloudfront.OriginAccessControl
	ResponseHeaders     *cloudfront.ResponseHeadersPolicy
	Distribution        *cloudfront.Distribution
	Certificate         *acm.Certificate  // nil without a domain
	Records             []*route53.Record // A and AAAA; none without a domain
	AccessLogs          *s3.BucketV2      // nil without access logs
	LogDelivery         *cloudwatch.LogDelivery
	Files               []*s3.BucketObjectv2 // of the folder
	UsEast1             *aws.Provider        // nil where it is not needed

	name           string
	uploadPrefix   string
	uploadsClash   string // a file of the folder that uploads may overwrite
	tags           pulumi.StringMap
	domain         domain              // empty without one
	certificateArn pulumi.StringOutput // known when the certificate is issued
}

// NewStaticSite makes a static site. An error names every argument that is wrong.
func NewStaticSite(ctx *pulumi.Context, name string, args *StaticSiteArgs, opts ...pulumi.ResourceOption) (*StaticSite, error) {
	settings, err := args.withDefaults(name)
	if err != nil {
		return nil, err
	}
	s := &StaticSite{name: name, uploadPrefix: settings.UploadPrefix, tags: pulumi.ToStringMap(settings.Tags)}
	if err := ctx.RegisterComponentResource("slipway:index:StaticSite", name, s, opts...); err != nil {
		return nil, err
	}
	for _, step := range []func(*pulumi.Context, string, staticSiteSettings) error{
		s.createProvider,
		s.createBucket,
		s.createCertificate,
		s.createDistribution,
		s.createBucketPolicy,
		s.createRecords,
		s.createAccessLogs,
		s.uploadFiles,
	} {
		if err := step(ctx, name, settings); err != nil {
			return nil, err
		}
	}
	s.BucketName = s.Bucket.ID().ToStringOutput()
	s.BucketArn = s.Bucket.Arn
	s.DistributionId = s.Distribution.ID().ToStringOutput()
	s.Host = s.Distribution.DomainName
	if settings.DomainName != "" {
		s.Host = pulumi.String(settings.DomainName).ToStringOutput()
	}
	s.Url = pulumi.Sprintf("https://%s", s.Host)
	return s, ctx.RegisterResourceOutputs(s, pulumi.Map{
		"url":            s.Url,
		"host":           s.Host,
		"bucketName":     s.BucketName,
		"bucketArn":      s.BucketArn,
		"distributionId": s.DistributionId,
	})
}
