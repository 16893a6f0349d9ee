package localaws

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCertificateCheck(t *testing.T) {
	t.Parallel()
	checkAll(t, map[string]checkCase{
		"neither a domain nor a key":        {certificateType, map[string]any{"validationMethod": "DNS"}, "domainName: exactly one of domainName and privateKey"},
		"no way to validate":                {certificateType, map[string]any{"domainName": "example.com"}, "validationMethod: certificateAuthorityArn or validationMethod must be set"},
		"another way to validate":           {certificateType, map[string]any{"domainName": "example.com", "validationMethod": "HTTP"}, "validationMethod: expected"},
		"a domain with a period at its end": {certificateType, map[string]any{"domainName": "example.com.", "validationMethod": "DNS"}, "domainName: domainName cannot end with a period"},
		"a domain of one label":             {certificateType, map[string]any{"domainName": "localhost", "validationMethod": "DNS"}, "domainName: domainName takes domain names"},
		"a common name that is too long":    {certificateType, map[string]any{"domainName": "a23456789-123456789-123456789-123456789-123456789-123.example.com", "validationMethod": "DNS"}, "domainName: domainName takes domain names of at most 64"},
		"a wildcard in the middle":          {certificateType, map[string]any{"domainName": "example.com", "subjectAlternativeNames": []any{"a.*.example.com"}, "validationMethod": "DNS"}, "subjectAlternativeNames: subjectAlternativeNames takes"},
	})
}

func TestRecordCheck(t *testing.T) {
	t.Parallel()
	checkAll(t, map[string]checkCase{
		"an unknown type":                {recordType, with(anAddress, map[string]any{"type": "ALIAS"}), "type: expected type to be one of"},
		"neither records nor an alias":   {recordType, with(anAddress, map[string]any{"records": nil, "ttl": nil}), "records: exactly one of aliases and records"},
		"records without a time to live": {recordType, with(anAddress, map[string]any{"ttl": nil}), "ttl: ttl must be given with records"},
		"an alias with a time to live":   {recordType, with(alias("d1.cloudfront.net", cloudFrontZone), map[string]any{"ttl": 60}), "ttl: ttl cannot be given with aliases"},
	})
}

// certificate requests a certificate and returns it with its validation records' inputs.
func (e *embedded) certificate(name string, inputs map[string]any) (certificate map[string]any, proofs []map[string]any) {
	e.t.Helper()
	certificate = e.create(certificateType, name, with(inputs, map[string]any{"validationMethod": "DNS"}))
	for _, option := range certificate["domainValidationOptions"].([]any) {
		o := option.(map[string]any)
		proofs = append(proofs, map[string]any{"zoneId": registeredZoneID("example.com"), "name": o["resourceRecordName"], "type": o["resourceRecordType"], "ttl": 60,
			"records": []any{o["resourceRecordValue"]}, "allowOverwrite": true})
	}
	return certificate, proofs
}

func TestCertificateIsProvedByRecords(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	certificate, proofs := e.certificate("site", map[string]any{"domainName": "example.com", "subjectAlternativeNames": []any{"*.example.com", "www.example.com"}})
	assert.Regexp(t, `^arn:aws:acm:us-east-1:123456789012:certificate/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`, certificate["arn"])
	assert.Equal(t, "PENDING_VALIDATION", certificate["status"])
	require.Len(t, proofs, 3, "a name, a record")
	assert.Regexp(t, `^_[0-9a-f]{32}\.example\.com\.$`, proofs[0]["name"])
	assert.Regexp(t, `^_[0-9a-f]{32}\.[a-z]+\.acm-validations\.aws\.$`, proofs[0]["records"].([]any)[0])
	assert.Equal(t, proofs[0]["name"], proofs[1]["name"], "a wildcard has the record of its domain")
	assert.Regexp(t, `^_[0-9a-f]{32}\.www\.example\.com\.$`, proofs[2]["name"])
	again, _ := e.certificate("again", map[string]any{"domainName": "example.com"})
	assert.Equal(t, certificate["domainValidationOptions"].([]any)[0], again["domainValidationOptions"].([]any)[0], "a domain has one record in an account")
	assert.Equal(t, []any{"example.com"}, again["subjectAlternativeNames"])

	issue := map[string]any{"certificateArn": certificate["arn"]}
	_, err := e.tryCreate(validationType, "site", issue)
	refused(t, err, "RequestTimeout")
	assert.Contains(t, err.Error(), "no hosted zone has the record _")

	vpc, subnets := e.network()
	balancer, group, _ := e.balancer("web", vpc, subnets)
	https := map[string]any{"loadBalancerArn": balancer["arn"], "port": 443, "protocol": "HTTPS", "certificateArn": certificate["arn"], "defaultActions": forwardTo(group)}
	_, err = e.tryCreate(listenerType, "https", https)
	refused(t, err, "UnsupportedCertificate")

	first := e.create(recordType, "proof", proofs[0])
	e.create(recordType, "proof-wildcard", proofs[1]) // the same record once more
	_, err = e.tryCreate(validationType, "site", issue)
	refused(t, err, "RequestTimeout")
	last := e.create(recordType, "proof-www", proofs[2])
	_, err = e.tryCreate(validationType, "site", with(issue, map[string]any{"validationRecordFqdns": []any{first["fqdn"]}}))
	refused(t, err, "InvalidParameter")
	e.create(validationType, "site", with(issue, map[string]any{"validationRecordFqdns": []any{first["fqdn"], last["fqdn"]}}))

	listener := e.create(listenerType, "https", https)
	assert.Equal(t, "ELBSecurityPolicy-2016-08", listener["sslPolicy"])
	_, err = e.tryCreate(listenerCertificateType, "more", map[string]any{"listenerArn": listener["arn"], "certificateArn": again["arn"]})
	refused(t, err, "UnsupportedCertificate")
	_, err = e.tryCreate(listenerType, "missing", with(https, map[string]any{"port": 444, "certificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/0"}))
	refused(t, err, "CertificateNotFound")
}

func TestRecordNamesAndConflicts(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	zone := e.create(zoneType, "own", map[string]any{"name": "shop.example.org"})
	assert.Regexp(t, `^Z[0-9A-F]{20}$`, zone["zoneId"])
	assert.Len(t, zone["nameServers"], 4)
	record := func(name, typ string, more map[string]any) map[string]any {
		return with(map[string]any{"zoneId": zone["zoneId"], "name": name, "type": typ, "ttl": 60, "records": []any{"192.0.2.1"}}, more)
	}
	for name, fqdn := range map[string]string{"www": "www.shop.example.org", "API.shop.example.org.": "api.shop.example.org", "": "shop.example.org"} {
		assert.Equal(t, fqdn, e.create(recordType, "record-"+name, record(name, "A", nil))["fqdn"])
	}
	_, err := e.tryCreate(recordType, "in full", record("www.shop.example.org", "A", nil))
	refused(t, err, "InvalidChangeBatch")
	_, err = e.tryCreate(recordType, "no zone", record("www", "A", map[string]any{"zoneId": "Z0"}))
	refused(t, err, "NoSuchHostedZone")
	e.create(recordType, "overwrites", record("www", "A", map[string]any{"allowOverwrite": true}))
	refused(t, e.remove(zoneType, "own", zone["id"].(string)), "HostedZoneNotEmpty")
}
