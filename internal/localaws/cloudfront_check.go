package localaws

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"slipway/internal/limits"
)

// methodSets are the sets of methods that CloudFront takes (AllowedMethods and CachedMethods in its API reference), sorted.
var (
	allowedMethodSets = []string{"GET HEAD", "GET HEAD OPTIONS", "DELETE GET HEAD OPTIONS PATCH POST PUT"}
	cachedMethodSets  = []string{"GET HEAD", "GET HEAD OPTIONS"}
)

func checkDistribution(c *checking) {
	c.oneOf("httpVersion", "http1.1", "http2", "http2and3", "http3")
	c.oneOf("priceClass", limits.PriceClasses...)
	if comment := c.text("comment"); len(comment) > 128 {
		c.fail("comment", "InvalidArgument: The parameter Comment is too long: at most 128 characters, got %d", len(comment))
	}
	if strings.HasPrefix(c.text("defaultRootObject"), "/") {
		c.fail("defaultRootObject", "InvalidDefaultRootObject: The default root object begins with a slash: %s", c.text("defaultRootObject"))
	}
	c.checkOrigins()
	for _, behavior := range c.behaviors() {
		c.checkBehavior(behavior)
	}
	c.checkViewerCertificate()
	c.checkErrorResponses()
	c.oneOf("restrictions.geoRestriction.restrictionType", "none", "whitelist", "blacklist")
	if acl := c.text("webAclId"); strings.HasPrefix(acl, "arn:") && limits.CloudFrontWebACL(acl) != nil {
		c.fail("webAclId", "InvalidWebACLId: %s: a web ACL for CloudFront has the scope CLOUDFRONT and is in us-east-1", acl)
	}
}

func (c *checking) checkOrigins() {
	seen := map[string]bool{}
	for n, origin := range c.objects("origins") {
		at := fmt.Sprintf("origins[%d]", n)
		id := c.text(at + ".originId")
		if id != "" && seen[id] {
			c.fail(at+".originId", "InvalidArgument: The origin id %s is given twice", id)
		}
		seen[id] = true
		identity := c.text(at + ".s3OriginConfig.originAccessIdentity")
		if given(origin, "originAccessControlId") && identity != "" {
			c.fail(at, "IllegalOriginAccessConfiguration: An origin cannot contain both an origin access control (OAC) and an origin access identity (OAI).")
		}
		if domain := c.text(at + ".domainName"); strings.Contains(domain, "/") {
			c.fail(at+".domainName", "InvalidArgument: The parameter origin DomainName is a host name without scheme or path, got %s", domain)
		}
	}
}

// behaviors are the paths of the cache behaviours: the default one first.
func (c *checking) behaviors() []string {
	at := []string{"defaultCacheBehavior"}
	for n := range c.objects("orderedCacheBehaviors") {
		at = append(at, fmt.Sprintf("orderedCacheBehaviors[%d]", n))
	}
	return at
}

func (c *checking) checkBehavior(at string) {
	c.oneOf(at+".viewerProtocolPolicy", "allow-all", "https-only", "redirect-to-https")
	if policy, values := c.has(at+".cachePolicyId"), c.has(at+".forwardedValues"); policy == values {
		c.fail(at, "InvalidArgument: exactly one of cachePolicyId and forwardedValues must be given")
	}
	if c.has(at+".originRequestPolicyId") && c.has(at+".forwardedValues") {
		c.fail(at+".originRequestPolicyId", "InvalidArgument: an origin request policy needs a cache policy")
	}
	least, usual, most := c.value(at+".minTtl"), c.value(at+".defaultTtl"), c.value(at+".maxTtl")
	if decreases(least, usual) || decreases(usual, most) || decreases(least, most) {
		c.fail(at, "InvalidTTLOrder: the order is minTtl <= defaultTtl <= maxTtl")
	}
	c.checkMethods(at+".allowedMethods", allowedMethodSets)
	c.checkMethods(at+".cachedMethods", cachedMethodSets)
	if target := c.text(at + ".targetOriginId"); target != "" && !slices.Contains(c.originIds(), target) && !c.sawUnknown {
		c.fail(at+".targetOriginId", "NoSuchOrigin: One or more of your origins or origin groups do not exist: %s", target)
	}
}

func decreases(first, second resource.PropertyValue) bool {
	return first.IsNumber() && second.IsNumber() && first.NumberValue() > second.NumberValue()
}

func (c *checking) originIds() []string {
	return slices.Concat(c.texts("origins.originId"), c.texts("originGroups.originId"))
}

func (c *checking) checkMethods(at string, sets []string) {
	methods := c.value(at)
	if !methods.IsArray() {
		return
	}
	given := texts(methods, "")
	slices.Sort(given)
	if len(given) == len(methods.ArrayValue()) && !slices.Contains(sets, strings.Join(given, " ")) {
		c.fail(at, "InvalidArgument: %s takes one of the sets %q, got %q", at, sets, given)
	}
}

// customCertificate tells whether the distribution has a certificate of its own.
func (d *draft) customCertificate() bool {
	return d.has("viewerCertificate.acmCertificateArn") || d.has("viewerCertificate.iamCertificateId")
}

func (c *checking) checkViewerCertificate() {
	const at = "viewerCertificate"
	c.oneOf(at+".sslSupportMethod", "sni-only", "vip", "static-ip")
	c.oneOf(at+".minimumProtocolVersion", "SSLv3", "TLSv1", "TLSv1_2016", "TLSv1.1_2016", "TLSv1.2_2018", "TLSv1.2_2019", "TLSv1.2_2021", "TLSv1.3_2025", "TLSv1.2_2025")
	own := c.isTrue(at + ".cloudfrontDefaultCertificate")
	switch {
	case own == c.customCertificate():
		c.fail(at, "InvalidViewerCertificate: exactly one of acmCertificateArn, iamCertificateId and cloudfrontDefaultCertificate must be given")
	case own && len(c.texts("aliases")) > 0:
		c.fail("aliases", "InvalidViewerCertificate: To add an alternate domain name (CNAME) to a CloudFront distribution, you must attach a trusted certificate that validates your authorization to use the domain name.")
	case !own && !c.has(at+".sslSupportMethod"):
		c.fail(at+".sslSupportMethod", "InvalidViewerCertificate: sslSupportMethod must be given with a certificate of your own")
	case own && c.has(at+".minimumProtocolVersion") && c.text(at+".minimumProtocolVersion") != "TLSv1":
		c.fail(at+".minimumProtocolVersion", "InvalidMinimumProtocolVersion: with CloudFront's own certificate it is TLSv1, got %s", c.text(at+".minimumProtocolVersion"))
	}
	if arn := c.text(at + ".acmCertificateArn"); arn != "" {
		if parts := strings.Split(arn, ":"); len(parts) < 6 || parts[2] != "acm" || parts[3] != "us-east-1" {
			c.fail(at+".acmCertificateArn", "InvalidViewerCertificate: The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a valid certificate chain: %s", arn)
		}
	}
}

func (c *checking) checkErrorResponses() {
	for n, response := range c.objects("customErrorResponses") {
		at := fmt.Sprintf("customErrorResponses[%d]", n)
		if given(response, "responseCode") != given(response, "responsePagePath") {
			c.fail(at, "InvalidArgument: responseCode and responsePagePath must be given together")
		}
		if page := c.text(at + ".responsePagePath"); page != "" && !strings.HasPrefix(page, "/") {
			c.fail(at+".responsePagePath", "InvalidArgument: responsePagePath begins with a slash, got %s", page)
		}
		if code := c.value(at + ".errorCode"); code.IsNumber() && !slices.Contains([]float64{400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504}, code.NumberValue()) {
			c.fail(at+".errorCode", "InvalidErrorCode: An invalid error code was specified: %v", code.NumberValue())
		}
	}
}

func checkOriginAccessControl(c *checking) {
	c.oneOf("originAccessControlOriginType", "s3", "lambda", "mediapackagev2", "mediastore")
	c.oneOf("signingBehavior", "always", "never", "no-override")
	c.oneOf("signingProtocol", "sigv4")
}

func checkResponseHeaders(c *checking) {
	if !slices.ContainsFunc([]string{"corsConfig", "customHeadersConfig", "removeHeadersConfig", "securityHeadersConfig", "serverTimingHeadersConfig"}, c.has) {
		c.fail("name", "InvalidArgument: a response headers policy needs at least one configuration of headers")
	}
	c.oneOf("securityHeadersConfig.frameOptions.frameOption", "DENY", "SAMEORIGIN")
	c.oneOf("securityHeadersConfig.referrerPolicy.referrerPolicy", "no-referrer", "no-referrer-when-downgrade", "origin", "origin-when-cross-origin", "same-origin", "strict-origin",
		"strict-origin-when-cross-origin", "unsafe-url")
	if c.isTrue("corsConfig.accessControlAllowCredentials") && slices.Contains(c.texts("corsConfig.accessControlAllowOrigins.items"), "*") {
		c.fail("corsConfig", "InvalidArgument: with credentials the origins cannot be *")
	}
	for _, method := range c.texts("corsConfig.accessControlAllowMethods.items") {
		if !slices.Contains([]string{"GET", "DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "ALL"}, method) {
			c.fail("corsConfig.accessControlAllowMethods", "InvalidArgument: there is no method %s", method)
		}
	}
}
