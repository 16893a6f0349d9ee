package components

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/internal/invalid"
	"slipway/internal/limits"
)

// StaticSiteArgs are all optional. The zero value is a site on CloudFront's own domain as production wants it.
type StaticSiteArgs struct {
	// DomainName is the site's name. Its certificate and its address records are made. Default: none, the distribution's own name.
	// Without a domain AWS decides which versions of TLS are taken, and takes old ones. Example: "static.example.com".
	DomainName string `pulumi:"domainName,optional"`
	// HostedZone is the name of the public Route 53 zone that DomainName is in. Default: the domain above it. Example: "example.com".
	HostedZone string `pulumi:"hostedZone,optional"`
	// Folder is a local folder, relative to the project, whose files are uploaded with content types and cache headers. Hidden
	// files are left out, but for .well-known. Default: none. Example: "frontend/dist".
	Folder string `pulumi:"folder,optional"`
	// Immutable are the paths in Folder under which a name never gets another content, as bundlers make them; each ends with a slash.
	// Files with a hash between two dots in their name, such as app.55e7cbb9ba48.js, are immutable wherever they are.
	// Default: none. Example: []string{"assets/"}.
	Immutable []string `pulumi:"immutable,optional"`
	// DefaultRootObject is what / answers. Default: "index.html".
	DefaultRootObject string `pulumi:"defaultRootObject,optional"`
	// SinglePageApplication answers what does not exist with DefaultRootObject and status 200, for applications that route
	// in the browser. Default: false, status 404.
	SinglePageApplication bool `pulumi:"singlePageApplication,optional"`
	// CorsOrigins are the origins whose pages may read the files. Default: none given, all may. Example: []string{"https://app.example.com"}.
	CorsOrigins []string `pulumi:"corsOrigins,optional"`
	// ContentSecurityPolicy is sent as the header of that name. Default: none, as it depends on what the pages load.
	// Example: "default-src 'self'".
	ContentSecurityPolicy string `pulumi:"contentSecurityPolicy,optional"`
	// PriceClass says where CloudFront serves from: "PriceClass_100" (North America and Europe, cheapest), "PriceClass_200" or
	// "PriceClass_All". Default: "PriceClass_100".
	PriceClass string `pulumi:"priceClass,optional"`
	// WebAclArn is the AWS WAF web ACL in front of it, of scope CLOUDFRONT, which is in us-east-1. Default: none. Example: webAcl.Arn.
	WebAclArn pulumi.StringPtrInput `pulumi:"webAclArn,optional"`
	// UploadPrefix is what roles that were granted to write may write; it ends with a slash. Default: "static/".
	UploadPrefix string `pulumi:"uploadPrefix,optional"`
	// AccessLogs records every request to CloudFront and to the bucket in a bucket of its own. Default: true, and false when
	// Ephemeral.
	AccessLogs *bool `pulumi:"accessLogs,optional"`
	// LogRetentionDays is how long those logs are kept. Default: 365, and 30 when Ephemeral.
	LogRetentionDays int `pulumi:"logRetentionDays,optional"`
	// UsEast1 is the provider for what CloudFront wants in us-east-1: the certificate, and the delivery of access logs. Default: in
	// us-east-1 the provider of everything else; elsewhere one of its own with the stack's aws:profile, aws:assumeRole,
	// aws:allowedAccountIds, aws:forbiddenAccountIds, aws:defaultTags, and its keys if it has any. Give one if the stack's
	// provider is configured by other settings, or in the program. Example: usEast1.
	UsEast1 *aws.Provider
	// Ephemeral lets the buckets be deleted with what is in them. Otherwise S3 refuses to, and Pulumi protects that of the files.
	// Default: false.
	Ephemeral bool `pulumi:"ephemeral,optional"`
	// Tags for everything in it that takes tags; ten at most with Folder, as an object has no more. Default: none.
	// Example: map[string]string{"team": "shop"}.
	Tags map[string]string `pulumi:"tags,optional"`
}

// staticSiteSettings are the checked arguments and the files that they lead to.
type staticSiteSettings struct {
	StaticSiteArgs
	files []siteFile
}

// accessLogsRole is the longest of what is appended to the site's name for a name of AWS's.
const accessLogsRole = "-access-logs"

// withDefaults fills in what was left out, checks the rest, and reads the folder.
func (a *StaticSiteArgs) withDefaults(name string) (staticSiteSettings, error) {
	filled := StaticSiteArgs{}
	if a != nil {
		filled = *a
	}
	retention := 365
	if filled.Ephemeral {
		retention = 30
	}
	if filled.DomainName != "" {
		filled.HostedZone = cmp.Or(filled.HostedZone, limits.ParentDomain(filled.DomainName))
	}
	if len(filled.CorsOrigins) == 0 {
		filled.CorsOrigins = []string{"*"}
	}
	filled.DefaultRootObject = cmp.Or(filled.DefaultRootObject, "index.html")
	filled.PriceClass = cmp.Or(filled.PriceClass, "PriceClass_100")
	filled.UploadPrefix = cmp.Or(filled.UploadPrefix, "static/")
	filled.AccessLogs = cmp.Or(filled.AccessLogs, new(!filled.Ephemeral))
	filled.LogRetentionDays = cmp.Or(filled.LogRetentionDays, retention)
	settings := staticSiteSettings{StaticSiteArgs: filled}
	return settings, settings.check(name)
}

func (a *staticSiteSettings) check(name string) (err error) {
	wrong := invalid.In(fmt.Sprintf("StaticSite %q", name))
	wrong.Check("name", name, limits.BucketPrefix(name, accessLogsRole))
	a.checkDomain(wrong)
	a.checkFolder(wrong)
	wrong.Check("defaultRootObject", a.DefaultRootObject, limits.RootObject(a.DefaultRootObject))
	for i, origin := range a.CorsOrigins {
		field := fmt.Sprintf("corsOrigins[%d]", i)
		wrong.Check(field, origin, limits.CorsOrigin(origin))
		if slices.Contains(a.CorsOrigins[:i], origin) {
			wrong.Add(field, origin, "each origin once")
		}
	}
	wrong.Check("contentSecurityPolicy", a.ContentSecurityPolicy, limits.HeaderValue(a.ContentSecurityPolicy))
	wrong.Check("priceClass", a.PriceClass, limits.PriceClass(a.PriceClass))
	wrong.Check("uploadPrefix", a.UploadPrefix, limits.KeyPrefix(a.UploadPrefix))
	wrong.Check("logRetentionDays", a.LogRetentionDays, limits.ExpirationDays(a.LogRetentionDays))
	mostTags := limits.MaxTags
	if a.Folder != "" {
		mostTags = limits.MaxObjectTags
	}
	checkTags(a.Tags, mostTags, wrong)
	return wrong.Err()
}

func (a *staticSiteSettings) checkDomain(wrong *invalid.Fields) {
	if a.DomainName == "" {
		if a.HostedZone != "" {
			wrong.Conflict("hostedZone, domainName", "hostedZone is the zone of domainName, which is not given; give both or neither")
		}
		return
	}
	domainErr, zoneErr := limits.DomainName(a.DomainName), limits.DomainName(a.HostedZone)
	wrong.Check("domainName", a.DomainName, domainErr)
	if domainErr == nil {
		wrong.Check("hostedZone", a.HostedZone, zoneErr)
		if zoneErr == nil {
			wrong.Check("hostedZone", a.HostedZone, limits.DomainInZone(a.DomainName, a.HostedZone))
		}
	}
}

// checkFolder reads the folder: what cannot be read is a mistake like any other.
func (a *staticSiteSettings) checkFolder(wrong *invalid.Fields) {
	for i, prefix := range a.Immutable {
		wrong.Check(fmt.Sprintf("immutable[%d]", i), prefix, limits.KeyPrefix(prefix))
	}
	if a.Folder == "" {
		if len(a.Immutable) > 0 {
			wrong.Conflict("immutable, folder", "immutable is about the files of folder, which is not given; give folder too, or leave both out")
		}
		return
	}
	var err error
	a.files, err = siteFiles(a.Folder, a.Immutable)
	wrong.Check("folder", a.Folder, err)
}
