package localaws

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// invocation is a call of a function (a Terraform data source).
type invocation struct {
	args resource.PropertyMap
	scope
	role    string // who asks; empty for the account's user
	account *Account
}

func (i *invocation) text(name string) string {
	if v := plain(i.args[resource.PropertyKey(name)]); v.IsString() {
		return v.StringValue()
	}
	return ""
}

// texts are the strings of a list.
func (i *invocation) texts(name string) []string {
	return texts(i.args[resource.PropertyKey(name)], "")
}

// isTrue is a flag; a missing one is false.
func (i *invocation) isTrue(name string) bool {
	v := plain(i.args[resource.PropertyKey(name)])
	return v.IsBool() && v.BoolValue()
}

// answer completes a function's result with its arguments, as the Terraform bridge does.
func (i *invocation) answer(result map[string]any) map[string]any {
	for key, v := range i.args {
		if _, set := result[string(key)]; !set {
			result[string(key)] = plainDeep(v).MapRepl(nil, nil)
		}
	}
	return result
}

// functions are the data sources that the components call, by token.
var functions = map[string]func(*invocation) (map[string]any, error){
	"aws:index/getAvailabilityZones:getAvailabilityZones":    availabilityZones,
	"aws:index/getCallerIdentity:getCallerIdentity":          callerIdentity,
	"aws:index/getRegion:getRegion":                          currentRegion,
	"aws:ecr/getAuthorizationToken:getAuthorizationToken":    ecrToken,
	"aws:rds/getEngineVersion:getEngineVersion":              engineVersion,
	"aws:route53/getZone:getZone":                            hostedZone,
	"aws:secretsmanager/getRandomPassword:getRandomPassword": randomPassword,
}

// zonesPerRegion is what most regions have; us-east-1 has six.
const zonesPerRegion = 3

// availabilityZones answers with the region's zones that pass the filters. All are available, and none has to be opted in
// to; there are no local zones.
func availabilityZones(i *invocation) (map[string]any, error) {
	count := zonesPerRegion
	if i.region == "us-east-1" {
		count = 6
	}
	names, ids := []any{}, []any{}
	for z := range count {
		name, id := fmt.Sprintf("%s%c", i.region, 'a'+z), fmt.Sprintf("%s-az%d", shortRegion(i.region), z+1)
		passes, err := i.passes(map[string]string{"zone-name": name, "zone-id": id, "group-name": i.region, "region-name": i.region, "zone-type": "availability-zone",
			"opt-in-status": "opt-in-not-required", "state": "available", "parent-zone-id": "", "parent-zone-name": "", "message": ""})
		if err != nil {
			return nil, err
		}
		state := i.text("state")
		if passes && (state == "" || state == "available") && !slices.Contains(i.texts("excludeNames"), name) && !slices.Contains(i.texts("excludeZoneIds"), id) {
			names, ids = append(names, name), append(ids, id)
		}
	}
	return i.answer(map[string]any{"id": i.region, "names": names, "zoneIds": ids, "groupNames": []any{i.region}}), nil
}

// passes tells whether something with these attributes passes every filter: one of the filter's values must be the attribute.
func (i *invocation) passes(attributes map[string]string) (bool, error) {
	filters := plain(i.args["filters"])
	if !filters.IsArray() {
		return true, nil
	}
	for _, f := range filters.ArrayValue() {
		name := strings.Join(texts(f, "name"), "")
		attribute, known := attributes[name]
		if !known {
			return false, refuse("InvalidParameterValue", "The filter '%s' is invalid", name)
		}
		if !slices.Contains(texts(f, "values"), attribute) {
			return false, nil
		}
	}
	return true, nil
}

// shortRegion is the form in zone ids: us-east-1 is use1.
func shortRegion(region string) string {
	parts := strings.Split(region, "-")
	var short strings.Builder
	for n, part := range parts {
		switch {
		case n == 0 || n == len(parts)-1:
			short.WriteString(part)
		default:
			short.WriteString(part[:1])
		}
	}
	return short.String()
}

func callerIdentity(i *invocation) (map[string]any, error) {
	if i.role != "" {
		return map[string]any{"id": i.accountID, "accountId": i.accountID, "userId": "AROAEMBEDDEDAWS000000:" + sessionName, "arn": sessionARN(i.role)}, nil
	}
	return map[string]any{"id": i.accountID, "accountId": i.accountID, "userId": "AIDAEMBEDDEDAWS000000", "arn": i.globalARN("iam", "user/embedded")}, nil
}

func currentRegion(i *invocation) (map[string]any, error) {
	return map[string]any{"id": i.region, "name": i.region, "description": "embedded", "endpoint": "ec2." + i.region + ".amazonaws.com"}, nil
}

// ecrToken answers with a new token at each call, as ECR does: nothing may depend on its value staying.
func ecrToken(i *invocation) (map[string]any, error) {
	if registry := i.text("registryId"); registry != "" && registry != i.accountID {
		return nil, refuse("AccessDeniedException", "User is not authorized to perform: ecr:GetAuthorizationToken on the registry of %s; this account is %s", registry, i.accountID)
	}
	password := "embedded-" + rand.Text()
	token := base64.StdEncoding.EncodeToString([]byte("AWS:" + password))
	return i.answer(map[string]any{"id": i.region, "authorizationToken": token, "userName": "AWS", "password": password,
		"proxyEndpoint": "https://" + i.registry(), "expiresAt": time.Now().Add(12 * time.Hour).UTC().Format(time.RFC3339)}), nil
}

// hostedZone finds a zone by its name or its id, as the data source does: exactly one must be left.
func hostedZone(i *invocation) (map[string]any, error) {
	name, id := strings.TrimSuffix(i.text("name"), "."), i.text("zoneId")
	if (name == "") == (id == "") {
		return nil, errors.New("either name or zoneId must be set, and not both")
	}
	var found []map[string]any
	for _, zone := range i.account.hostedZones() {
		if (zone["name"] == name || zone["id"] == id) && zone["privateZone"] == i.isTrue("privateZone") {
			found = append(found, zone)
		}
	}
	if domain := name + registeredZone(id); len(found) == 0 && domain != "" && !i.isTrue("privateZone") {
		zone := registeredZoneID(domain)
		found = append(found, hostedZoneResult(zone, domain, "arn:aws:route53:::hostedzone/"+zone, false, []any{"ns-1.awsdns-00.com", "ns-2.awsdns-00.net"}))
	}
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("no matching Route 53 Hosted Zone found for %q", name+id)
	case 1:
		return found[0], nil
	}
	return nil, fmt.Errorf("multiple Route 53 Hosted Zones matched %q; give zoneId", name)
}

// hostedZones are the zones that programs made. The caller holds the lock.
func (a *Account) hostedZones() (zones []map[string]any) {
	for o := range a.objects() {
		if o.Type == zoneType {
			servers, _ := o.Properties["nameServers"].([]any)
			_, private := o.Properties["vpcs"]
			zones = append(zones, hostedZoneResult(o.ID, strings.TrimSuffix(o.text("name"), "."), o.text("arn"), private, servers))
		}
	}
	return zones
}

func hostedZoneResult(id, name, arn string, private bool, servers []any) map[string]any {
	result := map[string]any{"id": id, "zoneId": id, "name": name, "arn": arn, "privateZone": private, "nameServers": servers, "primaryNameServer": "",
		"resourceRecordSetCount": 2, "callerReference": "embedded", "comment": "", "tags": map[string]any{}, "vpcId": "", "linkedServiceDescription": "", "linkedServicePrincipal": ""}
	if len(servers) > 0 {
		result["primaryNameServer"] = servers[0]
	}
	return result
}

// parseDefaultTags reads the provider's defaultTags, which arrive as JSON: {"tags": {"k": "v"}}.
func parseDefaultTags(encoded string) resource.PropertyMap {
	var parsed struct {
		Tags map[string]any `json:"tags"`
	}
	if err := json.Unmarshal([]byte(encoded), &parsed); err != nil {
		return nil
	}
	return resource.NewPropertyMapFromMap(parsed.Tags)
}
