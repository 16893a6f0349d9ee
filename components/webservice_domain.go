package components

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// createCertificate makes the certificate of the domain, in the region of the load balancer.
func (w *WebService) createCertificate(ctx *pulumi.Context, name string, args WebServiceArgs) (err error) {
	if args.DomainName == "" {
		return nil
	}
	w.domain = domain{name: args.DomainName, wildcard: args.Wildcard, zoneId: lookUpZone(ctx, w, args.HostedZone), tags: args.Tags}
	// The listener takes the ARN from what is issued, as it needs the certificate issued.
	w.Certificate, w.certificateArn, err = w.domain.issueCertificate(ctx, w, name)
	return err
}

// createRecords points the domain to the load balancer.
func (w *WebService) createRecords(ctx *pulumi.Context, name string, args WebServiceArgs) (err error) {
	if args.DomainName == "" {
		return nil
	}
	w.Records, err = w.domain.pointTo(ctx, w, name, w.LoadBalancer.DnsName, w.LoadBalancer.ZoneId)
	return err
}
