package localaws

import "strings"

const globalACL = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/site/11111111-2222-3333-4444-555555555555"

// anAddress is a record of example.com.
var anAddress = map[string]any{"zoneId": registeredZoneID("example.com"), "name": "www", "type": "A", "ttl": 60, "records": []any{"192.0.2.1"}}

// alias is a record that stands for another name.
func alias(name, zone string) map[string]any {
	return with(anAddress, map[string]any{"ttl": nil, "records": nil, "aliases": []any{map[string]any{"name": name, "zoneId": zone, "evaluateTargetHealth": false}}})
}

func canonical(name string, values ...any) map[string]any {
	return with(anAddress, map[string]any{"name": name, "type": "CNAME", "records": values})
}

// records are a record that is refused and one that is taken, in a zone of the account's own with the record www.
func records(name, about string, refused, accepted map[string]any) ruleCase {
	return ruleCase{name, "InvalidChangeBatch", about, onCreate(recordType, func(e *embedded) (map[string]any, map[string]any) {
		zone := e.create(zoneType, "own", map[string]any{"name": "example.com"})["zoneId"]
		e.create(recordType, "www", setting(anAddress, "zoneId", zone))
		return setting(refused, "zoneId", zone), setting(accepted, "zoneId", zone)
	})}
}

// aliases are an alias that is refused and one that is taken.
func aliases(name, about string, refused, accepted map[string]any) ruleCase {
	return ruleCase{name, "InvalidChangeBatch", about, inPreview(recordType, refused, accepted)}
}

var otherRules = []rule{
	{number: 89, says: "The deletion of a Cloud Map service with instances.",
		why: "Tasks are still found by its name.", absent: []string{"servicediscovery"}},
	{number: 90, says: "A record outside of its zone; a CNAME at the zone's apex or beside another record; an alias with the hosted zone of another service or region.",
		why: "The apex has records of its own, and a CNAME stands alone.", cases: []ruleCase{
			records("outside of its zone", "is not permitted in zone example.com", setting(anAddress, "name", "notexample.com"), setting(anAddress, "name", "not.example.com")),
			records("a CNAME at the apex", "is not permitted at apex", canonical("example.com", "example.net"), canonical("static", "example.net")),
			records("a CNAME beside an address", "conflicting RRSet of type A", canonical("www", "example.net"), canonical("www2", "example.net")),
			records("the same again", "already exists", anAddress, setting(anAddress, "type", "TXT")),
			aliases("two CNAMEs", "a CNAME record has one value, got 2", canonical("static", "a.example.net", "b.example.net"), canonical("static", "a.example.net")),
			aliases("CloudFront in another zone", "its zone is Z2FDTNDATAQYW2", alias("d1.cloudfront.net", "Z35SXDOTRQ7X7K"), alias("d1.cloudfront.net", "Z2FDTNDATAQYW2")),
			aliases("a load balancer in another region's", "its zone is Z32O12XQLNTSW2", alias("web-1.eu-west-1.elb.amazonaws.com", "Z35SXDOTRQ7X7K"), alias("web-1.us-east-1.elb.amazonaws.com", "Z35SXDOTRQ7X7K")),
			aliases("a load balancer in the record's own", "its zone is Z35SXDOTRQ7X7K", alias("web-1.us-east-1.elb.amazonaws.com.", registeredZoneID("example.com")), alias("web-1.us-east-1.elb.amazonaws.com.", "Z35SXDOTRQ7X7K")),
		}},
	{number: 91, says: "The deletion of a certificate that a listener or a distribution uses.",
		why: "Its names would no longer be served.", cases: []ruleCase{
			{"a listener's", "ResourceInUseException", "is in use", onDelete(certificateType, func(e *embedded) (*deployed, func() error) {
				vpc, subnets := e.network()
				balancer, group, _ := e.balancer("web", vpc, subnets)
				certificate := e.deployIssued("site")
				return certificate, e.deploy(listenerType, "https", with(encrypted, map[string]any{"loadBalancerArn": balancer["arn"], "certificateArn": certificate.id, "defaultActions": forwardTo(group)})).delete
			})},
			{"a distribution's", "ResourceInUseException", "is in use", onDelete(certificateType, func(e *embedded) (*deployed, func() error) {
				certificate := e.deployIssued("site")
				return certificate, e.deploy(distributionType, "site", ownCertificate(certificate.id)).delete
			})},
		}},
	{number: 92, says: "An environment of Elastic Beanstalk with a name of other than 4 to 40 characters, a solution stack that does not exist, or no instance profile.",
		why: "AWS retires solution stacks.", absent: []string{"elasticbeanstalk"}},
	{number: 93, says: "A web ACL for CloudFront outside of us-east-1, or a regional one for a distribution; the deletion of one that is associated.",
		why: "CloudFront is managed there.", cases: []ruleCase{
			distributions("a regional one", "InvalidWebACLId", "has the scope CLOUDFRONT", siteDistribution(map[string]any{"webAclId": strings.Replace(globalACL, ":global/", ":regional/", 1)}), siteDistribution(map[string]any{"webAclId": globalACL})),
			distributions("in another region", "InvalidWebACLId", "is in us-east-1", siteDistribution(map[string]any{"webAclId": strings.Replace(globalACL, "us-east-1", "eu-west-1", 1)}), siteDistribution(map[string]any{"webAclId": globalACL})),
		}, absent: []string{"wafv2"}},
}
