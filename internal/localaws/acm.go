package localaws

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/acm"
)

// acmKinds are the resource types of AWS Certificate Manager.
func acmKinds() []*kind {
	return []*kind{
		of(acm.CertificateArgs{}, acm.Certificate{}, kind{service: "ACM", noun: "Certificate", id: func(d *draft) string {
			return d.arn("acm", "certificate/"+d.uuid())
		}, replace: []string{"domainName", "subjectAlternativeNames", "validationMethod", "validationOptions", "keyAlgorithm", "certificateAuthorityArn"},
			defaults: map[string]any{"keyAlgorithm": "RSA_2048", "pendingRenewal": false, "renewalEligibility": "INELIGIBLE"},
			check:    checkCertificate, compute: computeCertificate,
			inUse: &inUse{code: "ResourceInUseException", message: "Certificate %s is in use.",
				by: []string{listenerType, "aws:lb/listenerCertificate:ListenerCertificate", "aws:cloudfront/distribution:Distribution"}}}),
		of(acm.CertificateValidationArgs{}, acm.CertificateValidation{}, kind{service: "ACM", noun: "CertificateValidation", idFrom: "certificateArn",
			replace: []string{"certificateArn", "validationRecordFqdns"}, admit: admitValidation}),
	}
}

func computeCertificate(d *draft) {
	d.set("arn", d.id)
	switch {
	case d.has("privateKey"):
		d.set("type", "IMPORTED")
		d.set("status", "ISSUED")
		return
	case d.has("certificateAuthorityArn"):
		d.set("type", "PRIVATE")
		d.set("status", "ISSUED")
	default:
		d.set("type", "AMAZON_ISSUED")
		d.set("status", "PENDING_VALIDATION")
	}
	domains := append([]string{d.text("domainName")}, d.texts("subjectAlternativeNames")...)
	if !d.has("subjectAlternativeNames") {
		d.set("subjectAlternativeNames", []any{d.text("domainName")})
	}
	if d.text("validationMethod") == "DNS" {
		d.set("domainValidationOptions", validationRecords(domains))
	}
}

// validationRecords are the records that prove a domain, one for each name. A wildcard has the record of its base domain, and
// ACM asks for the same record for every certificate of a domain in an account.
func validationRecords(domains []string) (records []any) {
	for i, domain := range domains {
		if slices.Contains(domains[:i], domain) {
			continue
		}
		base := strings.TrimPrefix(strings.ToLower(domain), "*.")
		hash := digest("acm " + base)
		records = append(records, map[string]any{"domainName": domain, "resourceRecordType": "CNAME",
			"resourceRecordName":  "_" + hash[:32] + "." + base + ".",
			"resourceRecordValue": "_" + hash[32:] + ".mhbtsbpdnt.acm-validations.aws."})
	}
	return records
}
