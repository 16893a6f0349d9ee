package permissions

var web = map[string]Row{
	// A distribution is disabled before it is deleted.
	"aws:cloudfront/distribution:Distribution": {
		Create: []string{"cloudfront:CreateDistribution"},
		Read:   []string{"cloudfront:GetDistribution", "cloudfront:ListTagsForResource"},
		Update: []string{"cloudfront:UpdateDistribution"},
		Delete: []string{"cloudfront:DeleteDistribution", "cloudfront:UpdateDistribution"},
		Tag:    []string{"cloudfront:TagResource"},
		Untag:  []string{"cloudfront:UntagResource"},
	},
	"aws:cloudfront/originAccessControl:OriginAccessControl": {
		Create: []string{"cloudfront:CreateOriginAccessControl"},
		Read:   []string{"cloudfront:GetOriginAccessControl"},
		Update: []string{"cloudfront:UpdateOriginAccessControl"},
		Delete: []string{"cloudfront:DeleteOriginAccessControl"},
	},
	"aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": {
		Create: []string{"cloudfront:CreateResponseHeadersPolicy"},
		Read:   []string{"cloudfront:GetResponseHeadersPolicy"},
		Update: []string{"cloudfront:UpdateResponseHeadersPolicy"},
		Delete: []string{"cloudfront:DeleteResponseHeadersPolicy"},
	},
	"aws:acm/certificate:Certificate": {
		Create: []string{"acm:RequestCertificate"},
		Read:   []string{"acm:DescribeCertificate", "acm:ListTagsForCertificate"},
		Update: []string{"acm:UpdateCertificateOptions"},
		Delete: []string{"acm:DeleteCertificate"},
		Tag:    []string{"acm:AddTagsToCertificate"},
		Untag:  []string{"acm:RemoveTagsFromCertificate"},
	},
	"aws:acm/certificateValidation:CertificateValidation": {
		Create: []string{"acm:DescribeCertificate"},
		Read:   []string{"acm:DescribeCertificate"},
		Stays:  "it is nothing in AWS: the provider waits until the certificate is issued",
	},
	"aws:route53/zone:Zone": {
		Create: []string{"route53:CreateHostedZone"},
		Read:   []string{"route53:GetChange", "route53:GetHostedZone", "route53:ListResourceRecordSets", "route53:ListTagsForResource"},
		Update: []string{"route53:UpdateHostedZoneComment"},
		Delete: []string{"route53:DeleteHostedZone", "route53:GetDNSSEC"},
		Tag:    []string{"route53:ChangeTagsForResource"},
		Untag:  []string{"route53:ChangeTagsForResource"},
	},
	"aws:route53/record:Record": {
		On:     "zoneId",
		Create: []string{"route53:ChangeResourceRecordSets"},
		Read:   []string{"route53:GetChange", "route53:GetHostedZone", "route53:ListResourceRecordSets"},
		Update: []string{"route53:ChangeResourceRecordSets"},
		Delete: []string{"route53:ChangeResourceRecordSets"},
	},
}
