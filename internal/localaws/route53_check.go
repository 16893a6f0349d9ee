package localaws

import "strings"

const (
	recordType = "aws:route53/record:Record"
	// cloudFrontZone is the hosted zone of all names under cloudfront.net (Route 53 API reference, AliasTarget).
	cloudFrontZone = "Z2FDTNDATAQYW2"
)

func checkRecord(c *checking) {
	c.oneOf("type", "A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SOA", "SPF", "SRV", "SSHFP", "SVCB", "TLSA", "TXT")
	switch {
	case c.has("aliases") == c.has("records"):
		c.invalid("records", "exactly one of aliases and records must be given")
	case c.has("records") && !c.has("ttl"):
		c.invalid("ttl", "ttl must be given with records")
	case c.has("aliases") && c.has("ttl"):
		c.invalid("ttl", "ttl cannot be given with aliases: an alias has that of its target")
	}
	for _, alias := range c.objects("aliases") {
		name, zone := alias["name"], alias["zoneId"]
		if name.IsString() && zone.IsString() {
			c.checkAliasZone(normalName(name.StringValue()), zone.StringValue())
		}
	}
	if records := c.value("records"); records.IsArray() && len(records.ArrayValue()) > 1 && c.text("type") == "CNAME" {
		c.fail("records", "InvalidChangeBatch: a CNAME record has one value, got %d", len(records.ArrayValue()))
	}
}

// checkAliasZone refuses an alias with the hosted zone of another service or region than its target's.
func (c *checking) checkAliasZone(target, zone string) {
	want := ""
	switch labels := strings.Split(target, "."); {
	case strings.HasSuffix(target, ".cloudfront.net"):
		want = cloudFrontZone
	case strings.HasSuffix(target, ".elb.amazonaws.com") && len(labels) == 5:
		want = balancerZone(labels[1])
	}
	if want != "" && zone != want {
		c.fail("aliases", "InvalidChangeBatch: Tried to create an alias that targets %s., type %s in zone %s, but the alias target name does not lie within the target zone; its zone is %s", target, c.text("type"), zone, want)
	}
}

func admitRecord(a *admission) error {
	name, zone := recordName(a.draft), zoneName(a.draft)
	switch {
	case name != zone && !strings.HasSuffix(name, "."+zone):
		return refuse("InvalidChangeBatch", "RRSet with DNS name %s. is not permitted in zone %s.", name, zone)
	case name == zone && a.text("type") == "CNAME":
		return refuse("InvalidChangeBatch", "RRSet of type CNAME with DNS name %s. is not permitted at apex in zone %s.", name, zone)
	}
	return a.others(recordType, func(o *Object) error {
		if o.ID == a.id || o.text("zoneId") != a.text("zoneId") || o.text("fqdn") != name {
			return nil
		}
		same := o.text("type") == a.text("type") && o.text("setIdentifier") == a.text("setIdentifier")
		if same {
			return refuse("InvalidChangeBatch", "Tried to create resource record set [name='%s.', type='%s'] but it already exists", name, a.text("type"))
		}
		if o.text("type") == "CNAME" || a.text("type") == "CNAME" {
			return refuse("InvalidChangeBatch", "RRSet of type %s with DNS name %s. is not permitted because a conflicting RRSet of type %s with the same DNS name already exists in zone %s.", a.text("type"), name, o.text("type"), zone)
		}
		return nil
	})
}
