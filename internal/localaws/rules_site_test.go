package localaws

import (
	"strings"
)

const (
	certificateHere = "arn:aws:acm:us-east-1:123456789012:certificate/1"
	siteObjects     = "arn:aws:s3:::site/*"
)

// buckets are a bucket's name that is refused and one that is taken.
func buckets(name, about, refused, accepted string) ruleCase {
	return ruleCase{name, "InvalidBucketName", about, inPreview(bucketType, map[string]any{"bucket": refused}, map[string]any{"bucket": accepted})}
}

// sitePolicy is the policy of the bucket site with one statement.
func sitePolicy(changes map[string]any) map[string]any {
	return map[string]any{"bucket": "site", "policy": document(with(readObjects("site"), changes))}
}

func distributions(name, code, about string, refused, accepted map[string]any) ruleCase {
	return ruleCase{name, code, about, inPreview(distributionType, refused, accepted)}
}

// fromOrigin is a distribution of an origin with changes.
func fromOrigin(changes map[string]any) map[string]any {
	return siteDistribution(map[string]any{"origins": []any{with(map[string]any{"originId": "bucket", "domainName": "site.s3.us-east-1.amazonaws.com"}, changes)}})
}

func ownCertificate(arn string) map[string]any {
	return viewer(map[string]any{"acmCertificateArn": arn, "sslSupportMethod": "sni-only"})
}

// forwarding is a behaviour that says itself what it caches by, and for how many seconds.
func forwarding(least, usual, most int) map[string]any {
	return behavior(map[string]any{"cachePolicyId": nil, "forwardedValues": map[string]any{"queryString": false, "cookies": map[string]any{"forward": "none"}},
		"minTtl": least, "defaultTtl": usual, "maxTtl": most})
}

var siteRules = []rule{
	{number: 70, says: "A bucket's name that is not of 3 to 63 lower-case letters, digits, hyphens and dots, has two dots in a row, is an IP address, or has a prefix or suffix of S3's own; the deletion of a bucket with objects.",
		why: "The name is a host name.", cases: []ruleCase{
			buckets("two characters", "3 to 63", "ab", "abc"),
			buckets("64 characters", "3 to 63", strings.Repeat("a", 64), strings.Repeat("a", 63)),
			buckets("upper case", "only lowercase", "Site", "site"),
			buckets("a hyphen last", "a letter or digit first and last", "site-", "site"),
			buckets("two dots", "two adjacent periods", "my..site", "my.site"),
			buckets("an IP address", "formatted as an IP address", "192.168.5.4", "192.168.5"),
			buckets("a prefix", "reserved prefix", "xn--site", "xn-site"),
			buckets("a suffix", "reserved suffix", "site-s3alias", "s3alias-site"),
			{"with an object", "BucketNotEmpty", "is not empty", onDelete(bucketType, func(e *embedded) (*deployed, func() error) {
				bucket := e.deploy(bucketType, "site", map[string]any{"bucket": "site"})
				return bucket, e.deploy(objectType, "index", map[string]any{"bucket": bucket.id, "key": "index.html", "content": "hello"}).delete
			})},
			{"with an object, unless forced", "BucketNotEmpty", "is not empty", onDelete(bucketType, func(e *embedded) (*deployed, func() error) {
				bucket := e.deploy(bucketType, "site", map[string]any{"bucket": "site"})
				e.deploy(objectType, "index", map[string]any{"bucket": bucket.id, "key": "index.html", "content": "hello"})
				return bucket, func() error { return bucket.update(map[string]any{"bucket": "site", "forceDestroy": true}) }
			})},
		}},
	{number: 71, says: "A policy that lets everybody in where public policies are blocked; an action on objects with the ARN of the bucket, and one on the bucket with that of objects.",
		why: "Public access is blocked unless a bucket says otherwise.", cases: []ruleCase{
			{"public", "AccessDenied", "BlockPublicPolicy", onCreate(bucketPolicyType, func(e *embedded) (map[string]any, map[string]any) {
				e.create(bucketType, "site", map[string]any{"bucket": "site"})
				return sitePolicy(nil), sitePolicy(map[string]any{"Condition": map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": AccountID}}})
			})},
			{"public where it is allowed", "AccessDenied", "BlockPublicPolicy", onCreate(bucketPolicyType, func(e *embedded) (map[string]any, map[string]any) {
				for _, name := range []string{"site", "open"} {
					e.create(bucketType, name, map[string]any{"bucket": name})
				}
				e.create(publicAccessBlockType, "site", map[string]any{"bucket": "site", "blockPublicPolicy": true})
				e.create(publicAccessBlockType, "open", map[string]any{"bucket": "open", "blockPublicPolicy": false})
				return sitePolicy(nil), map[string]any{"bucket": "open", "policy": document(readObjects("open"))}
			})},
			{"reading the bucket", "MalformedPolicy", "Action does not apply to any resource(s) in statement: s3:GetObject", inPreview(bucketPolicyType, sitePolicy(map[string]any{"Resource": "arn:aws:s3:::site"}), sitePolicy(map[string]any{"Resource": siteObjects}))},
			{"listing an object", "MalformedPolicy", "Action does not apply to any resource(s) in statement: s3:ListBucket", inPreview(bucketPolicyType, sitePolicy(map[string]any{"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::site/index.html"}),
				sitePolicy(map[string]any{"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::site"}))},
		}},
	{number: 72, says: "A certificate for viewers that is not in us-east-1, or not issued.",
		why: "CloudFront reads certificates there.", cases: []ruleCase{
			distributions("in another region", "InvalidViewerCertificate", "isn't in us-east-1", ownCertificate(strings.Replace(certificateHere, "us-east-1", "eu-west-1", 1)), ownCertificate(certificateHere)),
			{"not issued", "InvalidViewerCertificate", "not issued yet", onCreate(distributionType, func(e *embedded) (map[string]any, map[string]any) {
				pending, _ := e.certificate("pending", map[string]any{"domainName": "example.com"})
				return ownCertificate(pending["arn"].(string)), ownCertificate(e.issued("site"))
			})},
		}},
	{number: 73, says: "Names of one's own with CloudFront's certificate, with a certificate that does not have them, or that another distribution has.",
		why: "A name has one distribution, whose certificate proves it.", cases: []ruleCase{
			distributions("CloudFront's certificate", "InvalidViewerCertificate", "you must attach a trusted certificate", siteDistribution(map[string]any{"aliases": []any{"example.com"}}),
				with(ownCertificate(certificateHere), map[string]any{"aliases": []any{"example.com"}})),
			{"another name's certificate", "InvalidViewerCertificate", "doesn't cover the alternate domain name (CNAME) that you're trying to add: www.example.com", onCreate(distributionType, func(e *embedded) (map[string]any, map[string]any) {
				certificate := ownCertificate(e.issued("site"))
				return setting(certificate, "aliases", []any{"www.example.com"}), setting(certificate, "aliases", []any{"example.com"})
			})},
			{"another distribution's", "CNAMEAlreadyExists", "already associated with a different resource: example.com", onUpdate(distributionType, func(e *embedded) (*deployed, map[string]any, map[string]any) {
				certificate := ownCertificate(e.issued("site"))
				named := setting(certificate, "aliases", []any{"example.com"})
				e.create(distributionType, "first", named)
				return e.deploy(distributionType, "second", certificate), named, setting(certificate, "comment", "without a name")
			})},
		}},
	{number: 74, says: "A behaviour whose origin the distribution does not have.",
		why: "Requests would go nowhere.", cases: []ruleCase{
			distributions("another origin", "NoSuchOrigin", "do not exist: other", behavior(map[string]any{"targetOriginId": "other"}), behavior(map[string]any{"targetOriginId": "bucket"})),
		}},
	{number: 75, says: "A behaviour with a cache policy and forwarded values, or with neither; an origin with an access control and an access identity; times that are not in the order minimum, default, maximum.",
		why: "Of two ways one counts.", cases: []ruleCase{
			distributions("both ways to cache", "InvalidArgument", "exactly one of cachePolicyId and forwardedValues", setting(forwarding(0, 60, 3600), "defaultCacheBehavior.cachePolicyId", managedCachePolicies[0]), forwarding(0, 60, 3600)),
			distributions("no way to cache", "InvalidArgument", "exactly one of cachePolicyId and forwardedValues", behavior(map[string]any{"cachePolicyId": nil}), behavior(nil)),
			distributions("both ways to the origin", "IllegalOriginAccessConfiguration", "both an origin access control (OAC) and an origin access identity", fromOrigin(map[string]any{"originAccessControlId": "E1", "s3OriginConfig": map[string]any{"originAccessIdentity": "origin-access-identity/cloudfront/E2"}}),
				fromOrigin(map[string]any{"originAccessControlId": "E1"})),
			distributions("a minimum above the default", "InvalidTTLOrder", "minTtl <= defaultTtl", forwarding(61, 60, 3600), forwarding(60, 60, 3600)),
			distributions("a default above the maximum", "InvalidTTLOrder", "defaultTtl <= maxTtl", forwarding(0, 3601, 3600), forwarding(0, 3600, 3600)),
		}},
	{number: 76, says: "The deletion of an enabled distribution, and of an access control that a distribution uses.",
		why: "Requests are still served.", cases: []ruleCase{
			{"an access control in use", "OriginAccessControlInUse", "in use by one or more distributions", onDelete(originAccessControlType, func(e *embedded) (*deployed, func() error) {
				access := e.deploy(originAccessControlType, "site", map[string]any{"originAccessControlOriginType": "s3", "signingBehavior": "always", "signingProtocol": "sigv4"})
				return access, e.deploy(distributionType, "site", fromOrigin(map[string]any{"originAccessControlId": access.id})).delete
			})},
		}, never: "AWS's provider disables a distribution before it deletes it."},
}
