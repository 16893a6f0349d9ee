package components

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// createCertificate makes the certificate of the domain where CloudFront takes it from: in us-east-1.
func (s *StaticSite) createCertificate(ctx *pulumi.Context, name string, args staticSiteSettings) (err error) {
	if args.DomainName == "" {
		return nil
	}
	s.domain = domain{name: args.DomainName, zoneId: lookUpZone(ctx, s, args.HostedZone), tags: args.Tags}
	// The distribution takes the ARN from what is issued, as it needs the certificate issued.
	s.Certificate, s.certificateArn, err = s.domain.issueCertificate(ctx, s, name, s.inUsEast1()...)
	return err
}

// createRecords points the domain to the distribution.
func (s *StaticSite) createRecords(ctx *pulumi.Context, name string, args staticSiteSettings) (err error) {
	if args.DomainName == "" {
		return nil
	}
	s.Records, err = s.domain.pointTo(ctx, s, name, s.Distribution.DomainName, s.Distribution.HostedZoneId)
	return err
}
