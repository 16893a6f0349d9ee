package components

import (
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/acm"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// domain is a name of a website, and the Route 53 zone that it has its records in.
type domain struct {
	name     string
	wildcard bool // every name one label below it too
	zoneId   pulumi.StringOutput
	tags     map[string]string
}

// lookUpZone finds a public hosted zone by its name.
func lookUpZone(ctx *pulumi.Context, parent pulumi.Resource, zone string) pulumi.StringOutput {
	return route53.LookupZoneOutput(ctx, route53.LookupZoneOutputArgs{
		Name:        pulumi.String(zone),
		PrivateZone: pulumi.Bool(false),
	}, pulumi.Parent(parent)).ZoneId()
}

// issueCertificate has ACM issue a certificate, proving by a record that the domain is ours. It takes one to nine minutes; issued
// is the certificate's ARN, known only then. The options say in which region, where it is not the parent's.
func (d domain) issueCertificate(ctx *pulumi.Context, parent pulumi.Resource, name string, opts ...pulumi.ResourceOption) (certificate *acm.Certificate, issued pulumi.StringOutput, err error) {
	regional := append([]pulumi.ResourceOption{pulumi.Parent(parent)}, opts...)
	arguments := &acm.CertificateArgs{
		DomainName:       pulumi.String(d.name),
		ValidationMethod: pulumi.String("DNS"),
		Tags:             pulumi.ToStringMap(d.tags),
	}
	if d.wildcard {
		arguments.SubjectAlternativeNames = pulumi.ToStringArray([]string{"*." + d.name})
	}
	certificate, err = acm.NewCertificate(ctx, name+"-certificate", arguments, regional...)
	if err != nil {
		return nil, issued, err
	}
	// One name has one record, and its wildcard has the same.
	proof := certificate.DomainValidationOptions.Index(pulumi.Int(0))
	record, err := route53.NewRecord(ctx, name+"-certificate-proof", &route53.RecordArgs{
		ZoneId:  d.zoneId,
		Name:    proof.ResourceRecordName().Elem(),
		Type:    proof.ResourceRecordType().Elem(),
		Records: pulumi.StringArray{proof.ResourceRecordValue().Elem()},
		Ttl:     pulumi.Int(60),
		// ACM asks for the same record for every certificate of a domain in an account; another region's may have made it.
		AllowOverwrite: pulumi.Bool(true),
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, issued, err
	}
	validation, err := acm.NewCertificateValidation(ctx, name+"-certificate-issued", &acm.CertificateValidationArgs{
		CertificateArn:        certificate.Arn,
		ValidationRecordFqdns: pulumi.StringArray{record.Fqdn},
	}, regional...)
	if err != nil {
		return nil, issued, err
	}
	return certificate, validation.CertificateArn, nil
}

// pointTo makes the domain an alias of another name, for IPv4 and IPv6. An alias of a target that has IPv4 only answers
// AAAA at once, with nothing, instead of sending the question on to the zone's wildcard.
func (d domain) pointTo(ctx *pulumi.Context, parent pulumi.Resource, name string, target, targetZoneId pulumi.StringInput) (records []*route53.Record, err error) {
	names := []struct{ role, dns string }{{name, d.name}}
	if d.wildcard {
		names = append(names, struct{ role, dns string }{name + "-wildcard", "*." + d.name})
	}
	for _, alias := range names {
		for _, kind := range []string{"A", "AAAA"} {
			record, err := route53.NewRecord(ctx, alias.role+"-"+strings.ToLower(kind), &route53.RecordArgs{
				ZoneId: d.zoneId,
				Name:   pulumi.String(alias.dns),
				Type:   pulumi.String(kind),
				Aliases: route53.RecordAliasArray{&route53.RecordAliasArgs{
					Name:                 target,
					ZoneId:               targetZoneId,
					EvaluateTargetHealth: pulumi.Bool(false),
				}},
			}, pulumi.Parent(parent))
			if err != nil {
				return nil, err
			}
			records = append(records, record)
		}
	}
	return records, nil
}
