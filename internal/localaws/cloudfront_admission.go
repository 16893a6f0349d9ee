package localaws

import (
	"slices"
	"strings"
)

// admitDistribution refuses what other objects do not allow: a name that its certificate does not have, or that another
// distribution has.
func admitDistribution(a *admission) error {
	aliases := a.texts("aliases")
	if certificate := a.account.lookup(a.text("viewerCertificate.acmCertificateArn"), certificateType); certificate != nil {
		if certificate.text("type") == "AMAZON_ISSUED" && !a.account.issued(certificate) {
			return refuse("InvalidViewerCertificate", "The specified SSL certificate is not issued yet, it is PENDING_VALIDATION: %s", certificate.ID)
		}
		for _, alias := range aliases {
			if !slices.ContainsFunc(certificate.names(), func(name string) bool { return covers(name, alias) }) {
				return refuse("InvalidViewerCertificate", "The certificate that is attached to your distribution doesn't cover the alternate domain name (CNAME) that you're trying to add: %s", alias)
			}
		}
	}
	for _, o := range a.account.everything { // whichever account has it
		taken, _ := o.Properties["aliases"].([]any)
		for _, alias := range aliases {
			if o.Type == distributionType && o != a.previous && slices.Contains(taken, any(alias)) {
				return refuse("CNAMEAlreadyExists", "One or more of the CNAMEs you provided are already associated with a different resource: %s", alias)
			}
		}
	}
	return nil
}

// issued tells whether a certificate's validation has been waited for.
func (a *Account) issued(certificate *Object) bool {
	return slices.ContainsFunc(a.users(certificate), func(user *Object) bool { return user.Type == validationType })
}

// names are the domain names of a certificate.
func (o *Object) names() []string {
	names := []string{o.text("domainName")}
	more, _ := o.Properties["subjectAlternativeNames"].([]any)
	for _, name := range more {
		if text, ok := name.(string); ok {
			names = append(names, text)
		}
	}
	return names
}

// covers tells whether a certificate's name, perhaps with a wildcard for one label, is good for a domain.
func covers(name, domain string) bool {
	parent, wildcard := strings.CutPrefix(name, "*.")
	_, above, _ := strings.Cut(domain, ".")
	return name == domain || wildcard && above == parent
}
