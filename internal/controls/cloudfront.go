package controls

import (
	"fmt"
	"slices"
	"strings"

	"slipway/internal/state"
)

const distribution = "aws:cloudfront/distribution:Distribution"

// safeViewerPolicies are CloudFront's security policies without TLS 1.1 and weak ciphers (CloudFront Developer Guide,
// "Supported protocols and ciphers between viewers and CloudFront").
var safeViewerPolicies = []string{"TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"}

var cloudfrontControls = []control{
	{id: "CloudFront.1", title: "Distributions have a default root object", of: []string{distribution}, check: func(_ *state.State, r *state.Resource) []Finding {
		return must(r.At("defaultRootObject").String() != "", "defaultRootObject", "", "a file, such as index.html")
	}},
	{id: "CloudFront.3", title: "Distributions serve over HTTPS only", of: []string{distribution}, check: func(_ *state.State, r *state.Resource) (findings []Finding) {
		for i, behavior := range append(r.At("orderedCacheBehaviors").List(), r.At("defaultCacheBehavior")) {
			policy := behavior.At("viewerProtocolPolicy").String()
			findings = append(findings, must(slices.Contains([]string{"redirect-to-https", "https-only"}, policy),
				fmt.Sprintf("viewerProtocolPolicy of behavior %d", i), policy, "redirect-to-https or https-only")...)
		}
		return findings
	}},
	{id: "CloudFront.4", title: "Distributions have a second origin", of: []string{distribution}, option: "the bucket alone has the files", check: func(_ *state.State, r *state.Resource) []Finding {
		return must(len(r.At("originGroups").List()) > 0, "originGroups", "", "one")
	}},
	{id: "CloudFront.5", title: "Distributions log their requests", of: []string{distribution}, check: logsRequests},
	{id: "CloudFront.6", title: "A web application firewall is in front of distributions", of: []string{distribution}, option: "`staticWebAclArn`", check: func(_ *state.State, r *state.Resource) []Finding {
		return must(r.At("webAclId").String() != "", "webAclId", "", "a web ACL")
	}},
	{id: "CloudFront.7", title: "Distributions have a certificate of their own", of: []string{distribution}, check: func(_ *state.State, r *state.Resource) []Finding {
		return must(ownCertificate(nil, r), "viewerCertificate", "CloudFront's own", "one of ACM")
	}},
	{id: "CloudFront.8", title: "Certificates are chosen by server name", of: []string{distribution}, where: ownCertificate, none: "the certificate is CloudFront's own",
		check: oneOf([]string{"sni-only"}, "viewerCertificate", "sslSupportMethod")},
	{id: "CloudFront.13", title: "Buckets are read with Origin Access Control", of: []string{distribution}, check: func(_ *state.State, r *state.Resource) (findings []Finding) {
		for _, origin := range r.At("origins").List() {
			domain := origin.At("domainName").String()
			if strings.Contains(domain, ".s3.") {
				findings = append(findings, must(origin.At("originAccessControlId").String() != "", "origins.originAccessControlId of "+domain, "", "one")...)
			}
		}
		return findings
	}},
	{id: "CloudFront.15", title: "Distributions take TLS 1.2 or newer", of: []string{distribution}, check: oneOf(safeViewerPolicies, "viewerCertificate", "minimumProtocolVersion")},
}

func ownCertificate(_ *state.State, r *state.Resource) bool {
	return r.At("viewerCertificate", "acmCertificateArn").String() != "" || r.At("viewerCertificate", "iamCertificateId").String() != ""
}

// logsRequests takes a delivery of the second version, or logging of the first, which needs access lists.
func logsRequests(in *state.State, r *state.Resource) []Finding {
	logs := r.At("loggingConfig", "bucket").String() != ""
	for _, source := range in.Where("aws:cloudwatch/logDeliverySource:LogDeliverySource", "resourceArn", r.At("arn").String()) {
		logs = logs || len(in.Where("aws:cloudwatch/logDelivery:LogDelivery", "deliverySourceName", source.At("name").String())) > 0
	}
	return must(logs, "access logs", "no delivery", "one")
}
