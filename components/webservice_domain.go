package components

import (
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/acm"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// createCertificate has ACM issue a certificate, proving by a record that the domain is ours. It takes one to nine minutes.
func (w *WebService) createCertificate(ctx *pulumi.Context, name string, args WebServiceArgs) (err error) {
	if args.DomainName == "" {
		return nil
	}
	w.zoneId = route53.LookupZoneOutput(ctx, route53.LookupZoneOutputArgs{
		Name:        pulumi.String(args.HostedZone),
		PrivateZone: pulumi.Bool(false),
	}, pulumi.Parent(w)).ZoneId()

	w.Certificate, err = acm.NewCertificate(ctx, name+"-certificate", &acm.CertificateArgs{
		DomainName:       pulumi.String(args.DomainName),
		ValidationMethod: pulumi.String("DNS"),
		Tags:             pulumi.ToStringMap(args.Tags),
	}, pulumi.Parent(w))
	if err != nil {
		return err
	}
	// One name has one record.
	proof := w.Certificate.DomainValidationOptions.Index(pulumi.Int(0))
	record, err := route53.NewRecord(ctx, name+"-certificate-proof", &route53.RecordArgs{
		ZoneId:  w.zoneId,
		Name:    proof.ResourceRecordName().Elem(),
		Type:    proof.ResourceRecordType().Elem(),
		Records: pulumi.StringArray{proof.ResourceRecordValue().Elem()},
		Ttl:     pulumi.Int(60),
		// ACM asks for the same record for every certificate of a domain in an account; another region's may have made it.
		AllowOverwrite: pulumi.Bool(true),
	}, pulumi.Parent(w))
	if err != nil {
		return err
	}
	validation, err := acm.NewCertificateValidation(ctx, name+"-certificate-issued", &acm.CertificateValidationArgs{
		CertificateArn:        w.Certificate.Arn,
		ValidationRecordFqdns: pulumi.StringArray{record.Fqdn},
	}, pulumi.Parent(w))
	if err != nil {
		return err
	}
	// The listener takes it from here, as it needs the certificate issued.
	w.certificateArn = validation.CertificateArn
	return nil
}

// createRecords points the domain to the load balancer. Clients ask for AAAA too; the alias answers it at once, with nothing as
// long as the balancer has IPv4 only, instead of sending the question on to the zone's wildcard.
func (w *WebService) createRecords(ctx *pulumi.Context, name string, args WebServiceArgs) error {
	if args.DomainName == "" {
		return nil
	}
	for _, kind := range []string{"A", "AAAA"} {
		record, err := route53.NewRecord(ctx, name+"-"+strings.ToLower(kind), &route53.RecordArgs{
			ZoneId: w.zoneId,
			Name:   pulumi.String(args.DomainName),
			Type:   pulumi.String(kind),
			Aliases: route53.RecordAliasArray{&route53.RecordAliasArgs{
				Name:                 w.LoadBalancer.DnsName,
				ZoneId:               w.LoadBalancer.ZoneId,
				EvaluateTargetHealth: pulumi.Bool(false),
			}},
		}, pulumi.Parent(w))
		if err != nil {
			return err
		}
		w.Records = append(w.Records, record)
	}
	return nil
}
