package localaws

import (
	"encoding/base32"
	"fmt"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
)

// route53Kinds are the resource types of Route 53.
func route53Kinds() []*kind {
	return []*kind{
		of(route53.ZoneArgs{}, route53.Zone{}, kind{service: "Route 53", noun: "HostedZone", id: func(d *draft) string {
			return "Z" + strings.ToUpper(d.hex(20))
		}, named: &naming{property: "name", most: 255}, replace: []string{"name", "delegationSetId"},
			defaults: map[string]any{"comment": "Managed by Pulumi", "forceDestroy": false}, compute: computeZone,
			inUse: &inUse{code: "HostedZoneNotEmpty", by: []string{recordType}, unless: "forceDestroy",
				message: "The specified hosted zone (%s) contains non-required resource record sets and so cannot be deleted."}}),
		of(route53.RecordArgs{}, route53.Record{}, kind{service: "Route 53", noun: "ResourceRecordSet", id: recordID,
			unique: map[string]string{"id": "InvalidChangeBatch"}, replace: []string{"zoneId", "name"}, references: map[string]reference{"aliases.zoneId": none},
			overwrites: func(d *draft) bool { return d.isTrue("allowOverwrite") },
			check:      checkRecord, compute: func(d *draft) { d.set("fqdn", recordName(d)) }, admit: admitRecord}),
	}
}

func computeZone(d *draft) {
	d.set("zoneId", d.id)
	d.set("arn", "arn:"+partitionOf(d.region)+":route53:::hostedzone/"+d.id)
	hash := d.digits(16)
	var servers []any
	for i, suffix := range []string{"com", "net", "org", "co.uk"} {
		servers = append(servers, fmt.Sprintf("ns-%s.awsdns-%s.%s", hash[i*4:i*4+3], hash[i*4+1:i*4+3], suffix))
	}
	d.set("nameServers", servers)
	d.set("primaryNameServer", servers[0])
}

// The embedded account has the public zone of every domain that is looked up, because the user's own is registered in an
// account that a local run never asks. Such a zone is no object: it was there before and stays, and its id says its name.
const registeredZonePrefix = "Z0"

var zoneEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

func registeredZoneID(domain string) string {
	return registeredZonePrefix + zoneEncoding.EncodeToString([]byte(domain))
}

// registeredZone is the domain of a registered zone's id, or "" where the id is another.
func registeredZone(id string) string {
	encoded, ok := strings.CutPrefix(id, registeredZonePrefix)
	if !ok {
		return ""
	}
	domain, err := zoneEncoding.DecodeString(encoded)
	if err != nil || !domainName.Match(domain) {
		return ""
	}
	return string(domain)
}

var domainName = regexp.MustCompile(`^([a-z0-9_-]+\.)+[a-z0-9-]+$`)

// zoneName is the domain of the hosted zone that a record is in, or "" where it is not known.
func zoneName(d *draft) string {
	if domain := registeredZone(d.text("zoneId")); domain != "" {
		return domain
	}
	if d.account != nil {
		if zone := d.account.lookup(d.text("zoneId"), zoneType); zone != nil {
			return strings.ToLower(strings.TrimSuffix(zone.text("name"), "."))
		}
	}
	return ""
}

// recordName is the record's full name: the provider completes a name that does not end in the zone's.
func recordName(d *draft) string {
	name, zone := normalName(d.text("name")), zoneName(d)
	switch {
	case zone == "" || strings.HasSuffix(name, zone):
		return name
	case name == "":
		return zone
	}
	return name + "." + zone
}

func normalName(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

func recordID(d *draft) string {
	id := d.text("zoneId") + "_" + normalName(d.text("name")) + "_" + d.text("type")
	if set := d.text("setIdentifier"); set != "" {
		id += "_" + set
	}
	return id
}
