package localaws

import (
	"regexp"
	"slices"
	"strings"
)

const validationType = "aws:acm/certificateValidation:CertificateValidation"

// certificateName is what RequestCertificate takes: a domain name, perhaps with a wildcard as its first label.
var certificateName = regexp.MustCompile(`^(\*\.)?([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])$`)

func checkCertificate(c *checking) {
	if c.has("domainName") == c.has("privateKey") {
		c.invalid("domainName", "exactly one of domainName and privateKey must be given")
	}
	c.oneOf("validationMethod", "DNS", "EMAIL")
	c.oneOf("keyAlgorithm", "RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1")
	if c.has("domainName") && !c.has("validationMethod") && !c.has("certificateAuthorityArn") {
		c.invalid("validationMethod", "certificateAuthorityArn or validationMethod must be set when creating an ACM certificate")
	}
	if domain := c.text("domainName"); domain != "" {
		c.checkCertificateName("domainName", domain, 64) // the longest common name of X.509
	}
	for _, domain := range c.texts("subjectAlternativeNames") {
		c.checkCertificateName("subjectAlternativeNames", domain, 253)
	}
}

func (c *checking) checkCertificateName(property, domain string, most int) {
	switch {
	case strings.HasSuffix(domain, "."):
		c.invalid(property, "%s cannot end with a period, got %q", property, domain)
	case len(domain) > most || !certificateName.MatchString(domain):
		c.invalid(property, "%s takes domain names of at most %d characters, such as www.example.com or *.example.com, got %q", property, most, domain)
	}
}

// admitValidation waits for the certificate as AWS does: it is issued when every record is there, and never without.
func admitValidation(a *admission) error {
	certificate := a.account.lookup(a.text("certificateArn"), certificateType)
	if certificate.text("type") != "AMAZON_ISSUED" {
		return refuse("InvalidParameter", "ACM Certificate (%s) has type %s, which cannot be validated", certificate.ID, certificate.text("type"))
	}
	options, _ := certificate.Properties["domainValidationOptions"].([]any)
	named := a.texts("validationRecordFqdns")
	for _, option := range options {
		record, _ := option.(map[string]any)
		name, _ := record["resourceRecordName"].(string)
		value, _ := record["resourceRecordValue"].(string)
		name = normalName(name)
		if len(named) > 0 && !slices.ContainsFunc(named, func(fqdn string) bool { return normalName(fqdn) == name }) {
			return refuse("InvalidParameter", "missing %v DNS validation record: %s", record["domainName"], name)
		}
		if !a.account.resolves(name, value) {
			return refuse("RequestTimeout", "waiting for ACM Certificate (%s) to be issued: no hosted zone has the record %s CNAME %s (last state: 'PENDING_VALIDATION', timeout: 1h15m0s)", certificate.ID, name, value)
		}
	}
	return nil
}

// resolves tells whether Route 53 has, in whichever account, a CNAME record of that name and value.
func (a *Account) resolves(name, value string) bool {
	for _, o := range a.everything {
		if o.Type != recordType || o.text("fqdn") != name || o.text("type") != "CNAME" {
			continue
		}
		records, _ := o.Properties["records"].([]any)
		if slices.ContainsFunc(records, func(r any) bool { text, _ := r.(string); return normalName(text) == normalName(value) }) {
			return true
		}
	}
	return false
}
