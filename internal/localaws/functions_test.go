package localaws

import (
	"context"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func (e *embedded) tryInvoke(function string, args map[string]any) (map[string]any, error) {
	resp, err := e.Invoke(context.Background(), plugin.InvokeRequest{Tok: tokens.ModuleMember(function), Args: props(args)})
	return resp.Properties.Mappable(), err
}

func (e *embedded) invoke(function string, args map[string]any) map[string]any {
	e.t.Helper()
	result, err := e.tryInvoke(function, args)
	require.NoError(e.t, err)
	return result
}

func TestAvailabilityZones(t *testing.T) {
	t.Parallel()
	const function = "aws:index/getAvailabilityZones:getAvailabilityZones"
	e := newEmbedded(t)
	filter := func(name string, values ...any) map[string]any {
		return map[string]any{"filters": []any{map[string]any{"name": name, "values": values}}}
	}
	all := []any{"us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d", "us-east-1e", "us-east-1f"}
	for name, c := range map[string]struct {
		args map[string]any
		want []any
	}{
		"all":                 {nil, all},
		"available":           {map[string]any{"state": "available"}, all},
		"in trouble":          {map[string]any{"state": "impaired"}, []any{}},
		"opted in to already": {filter("opt-in-status", "opt-in-not-required"), all},
		"local zones":         {filter("zone-type", "local-zone"), []any{}},
		"two by name":         {filter("zone-name", "us-east-1b", "us-east-1d"), []any{"us-east-1b", "us-east-1d"}},
		"without one":         {map[string]any{"excludeNames": []any{"us-east-1a"}, "excludeZoneIds": []any{"use1-az6"}}, []any{"us-east-1b", "us-east-1c", "us-east-1d", "us-east-1e"}},
	} {
		assert.Equal(t, c.want, e.invoke(function, c.args)["names"], name)
	}
	assert.Equal(t, []any{"use1-az1"}, e.invoke(function, filter("zone-name", "us-east-1a"))["zoneIds"])
	_, err := e.tryInvoke(function, filter("zone", "us-east-1a"))
	refused(t, err, "InvalidParameterValue")
}

func TestHostedZone(t *testing.T) {
	t.Parallel()
	const function = "aws:route53/getZone:getZone"
	e := newEmbedded(t)
	zone := e.invoke(function, map[string]any{"name": "example.com."})["zoneId"]
	assert.Regexp(t, "^Z[A-Z0-9]+$", zone)
	assert.Equal(t, "example.com", e.invoke(function, map[string]any{"zoneId": zone})["name"])
	_, err := e.tryInvoke(function, map[string]any{"zoneId": "Z35SXDOTRQ7X7K"})
	require.ErrorContains(t, err, `no matching Route 53 Hosted Zone found for "Z35SXDOTRQ7X7K"`)
	_, err = e.tryInvoke(function, map[string]any{"name": "example.com", "privateZone": true})
	require.ErrorContains(t, err, "no matching Route 53 Hosted Zone")
	_, err = e.tryInvoke(function, map[string]any{})
	require.ErrorContains(t, err, "either name or zoneId must be set")

	made := e.create(zoneType, "org", map[string]any{"name": "example.org"})
	assert.Equal(t, made["id"], e.invoke(function, map[string]any{"name": "example.org"})["zoneId"])
	e.create(zoneType, "second", map[string]any{"name": "example.org"})
	_, err = e.tryInvoke(function, map[string]any{"name": "example.org"})
	require.ErrorContains(t, err, "multiple Route 53 Hosted Zones matched")
}

func TestRegistryToken(t *testing.T) {
	t.Parallel()
	const function = "aws:ecr/getAuthorizationToken:getAuthorizationToken"
	e := newEmbedded(t)
	token := e.invoke(function, map[string]any{"registryId": AccountID})
	assert.Equal(t, "AWS", token["userName"])
	assert.Equal(t, "https://123456789012.dkr.ecr.us-east-1.amazonaws.com", token["proxyEndpoint"])
	decoded, err := base64.StdEncoding.DecodeString(token["authorizationToken"].(string))
	require.NoError(t, err)
	assert.Equal(t, "AWS:"+token["password"].(string), string(decoded))
	assert.NotEqual(t, token["password"], e.invoke(function, nil)["password"], "every call has a token of its own")
	_, err = e.tryInvoke(function, map[string]any{"registryId": "210987654321"})
	refused(t, err, "AccessDeniedException")
}

// TestRandomPassword draws calls and checks that the answer has the length, no excluded character, and each type.
func TestRandomPassword(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	const function = "aws:secretsmanager/getRandomPassword:getRandomPassword"
	types := map[string]string{"excludeLowercase": lowercase, "excludeUppercase": uppercase, "excludeNumbers": numbers, "excludePunctuation": punctuation}
	rapid.Check(t, func(t *rapid.T) {
		args := map[string]any{"passwordLength": rapid.IntRange(8, 200).Draw(t, "length"), "excludeCharacters": "aB3/", "excludeNumbers": false}
		for flag := range types {
			if flag != "excludeNumbers" {
				args[flag] = rapid.Bool().Draw(t, flag)
			}
		}
		password := e.invoke(function, args)["randomPassword"].(string)
		require.Len(t, password, args["passwordLength"].(int))
		require.NotContains(t, password, " ")
		require.False(t, strings.ContainsAny(password, "aB3/"))
		for flag, characters := range types {
			require.Equal(t, args[flag] == false, strings.ContainsAny(password, characters), flag)
		}
	})
	assert.Len(t, e.invoke(function, nil)["randomPassword"], 32)
	assert.NotEqual(t, e.invoke(function, nil)["randomPassword"], e.invoke(function, nil)["randomPassword"])
	for name, args := range map[string]map[string]any{
		"too long":                     {"passwordLength": 4097},
		"nothing left":                 {"excludeLowercase": true, "excludeUppercase": true, "excludeNumbers": true, "excludePunctuation": true},
		"too short for one of each":    {"passwordLength": 3},
		"nothing left after exclusion": {"excludeLowercase": true, "excludeUppercase": true, "excludePunctuation": true, "excludeCharacters": numbers},
	} {
		_, err := e.tryInvoke(function, args)
		require.ErrorContains(t, err, "api error InvalidParameterException", name)
	}
}
