package localaws

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"crypto/rand"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// invocation is a call of a function (a Terraform data source).
type invocation struct {
	args    resource.PropertyMap
	region  string
	account *Account
}

func (i *invocation) text(name string) string {
	if v := plain(i.args[resource.PropertyKey(name)]); v.IsString() {
		return v.StringValue()
	}
	return ""
}

// functions are the data sources that the components call, by token.
var functions = map[string]func(*invocation) (map[string]any, error){
	"aws:index/getAvailabilityZones:getAvailabilityZones":    availabilityZones,
	"aws:index/getCallerIdentity:getCallerIdentity":          callerIdentity,
	"aws:index/getRegion:getRegion":                          currentRegion,
	"aws:index/getPartition:getPartition":                    currentPartition,
	"aws:ecr/getAuthorizationToken:getAuthorizationToken":    ecrToken,
	"aws:route53/getZone:getZone":                            hostedZone,
	"aws:secretsmanager/getRandomPassword:getRandomPassword": randomPassword,
}

// zonesPerRegion is what most regions have; us-east-1 has six.
const zonesPerRegion = 3

func availabilityZones(i *invocation) (map[string]any, error) {
	count := zonesPerRegion
	if i.region == "us-east-1" {
		count = 6
	}
	var names, ids, groups []any
	for z := range count {
		names = append(names, fmt.Sprintf("%s%c", i.region, 'a'+z))
		ids = append(ids, fmt.Sprintf("%s-az%d", shortRegion(i.region), z+1))
	}
	groups = append(groups, i.region)
	return map[string]any{"id": i.region, "names": names, "zoneIds": ids, "groupNames": groups, "state": "available"}, nil
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

func callerIdentity(*invocation) (map[string]any, error) {
	return map[string]any{"id": AccountID, "accountId": AccountID, "userId": "AIDAEMBEDDEDAWS000000", "arn": "arn:aws:iam::" + AccountID + ":user/embedded"}, nil
}

func currentRegion(i *invocation) (map[string]any, error) {
	return map[string]any{"id": i.region, "name": i.region, "description": "embedded", "endpoint": "ec2." + i.region + ".amazonaws.com"}, nil
}

func currentPartition(i *invocation) (map[string]any, error) {
	suffix := "amazonaws.com"
	if partitionOf(i.region) == "aws-cn" {
		suffix = "amazonaws.com.cn"
	}
	return map[string]any{"id": partitionOf(i.region), "partition": partitionOf(i.region), "dnsSuffix": suffix, "reverseDnsPrefix": "com.amazonaws"}, nil
}

// ecrToken answers with a new token at each call, as ECR does: nothing may depend on its value staying.
func ecrToken(i *invocation) (map[string]any, error) {
	password := "embedded-" + rand.Text()
	token := base64.StdEncoding.EncodeToString([]byte("AWS:" + password))
	return map[string]any{"id": i.region, "authorizationToken": token, "userName": "AWS", "password": password,
		"proxyEndpoint": "https://" + ecrHost(i.region), "expiresAt": "2099-01-01T00:00:00Z"}, nil
}

func ecrHost(region string) string {
	return fmt.Sprintf("%s.dkr.ecr.%s.amazonaws.com", AccountID, region)
}

// exampleZone is the one hosted zone that the embedded account has, so that a domain can be tried. The name is reserved
// for examples (RFC 2606).
const (
	exampleZone   = "example.com"
	exampleZoneID = "Z0123456789EXAMPLECOM"
)

func hostedZone(i *invocation) (map[string]any, error) {
	name := strings.TrimSuffix(i.text("name"), ".")
	if name != exampleZone && i.text("zoneId") != exampleZoneID {
		return nil, fmt.Errorf("no matching Route 53 Hosted Zone found for %q; the embedded AWS has one, %s", name+i.text("zoneId"), exampleZone)
	}
	return map[string]any{"id": exampleZoneID, "zoneId": exampleZoneID, "name": exampleZone, "privateZone": false,
		"arn": "arn:aws:route53:::hostedzone/" + exampleZoneID, "resourceRecordSetCount": 2, "callerReference": "embedded", "comment": "",
		"nameServers": []any{"ns-1.awsdns-00.com", "ns-2.awsdns-00.net"}, "primaryNameServer": "ns-1.awsdns-00.com", "tags": map[string]any{}, "vpcId": ""}, nil
}

func randomPassword(i *invocation) (map[string]any, error) {
	length := 32
	if v := plain(i.args["passwordLength"]); v.IsNumber() {
		length = int(v.NumberValue())
	}
	var password strings.Builder
	for password.Len() < length {
		password.WriteString(rand.Text())
	}
	return map[string]any{"id": i.region, "randomPassword": password.String()[:length]}, nil
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
