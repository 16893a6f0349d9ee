package state

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const exported = `{"version": 3, "deployment": {"pending_operations": [{"type": "creating"}], "resources": [
	{"urn": "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod", "type": "pulumi:pulumi:Stack"},
	{"urn": "urn:pulumi:prod::shop::pulumi:providers:aws::us-east-1", "type": "pulumi:providers:aws", "inputs": {"region": "us-east-1"}},
	{"urn": "urn:pulumi:prod::shop::pulumi:providers:aws::default_6", "type": "pulumi:providers:aws", "inputs": {"region": "eu-central-1"}},
	{"urn": "urn:pulumi:prod::shop::slipway:index:Vpc::network", "type": "slipway:index:Vpc", "parent": "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod"},
	{"urn": "urn:pulumi:prod::shop::slipway:index:Vpc$awsx:ec2:Vpc::network-vpc", "type": "awsx:ec2:Vpc", "parent": "urn:pulumi:prod::shop::slipway:index:Vpc::network"},
	{"urn": "urn:pulumi:prod::shop::slipway:index:Vpc$awsx:ec2:Vpc$aws:ec2/subnet:Subnet::network-a", "type": "aws:ec2/subnet:Subnet", "id": "subnet-1",
	 "parent": "urn:pulumi:prod::shop::slipway:index:Vpc$awsx:ec2:Vpc::network-vpc", "protect": true, "outputs": {
		"vpcId": "vpc-1", "public": true, "size": 3.5, "blocks": [{"cidr": "10.0.0.0/16"}], "empty": null,
		"hidden": {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:x"},
		"shown": {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": "[\"a\",\"b\"]"}}},
	{"urn": "urn:pulumi:prod::shop::aws:route53/zone:Zone::zone", "type": "aws:route53/zone:Zone", "external": true}
]}}`

func TestRead(t *testing.T) {
	t.Parallel()
	s, err := Read(strings.NewReader(exported))
	require.NoError(t, err)
	assert.Equal(t, []string{"shop", "prod", "eu-central-1"}, []string{s.Project, s.Stack, s.Region})
	assert.Equal(t, 1, s.Interrupted)
	assert.Len(t, s.Resources, 5, "neither the stack nor what was only looked up")

	require.Len(t, s.Of("aws:ec2/subnet:Subnet"), 1)
	subnet := s.Of("aws:ec2/subnet:Subnet")[0]
	assert.Equal(t, "aws:ec2/subnet:Subnet network-a", subnet.String())
	assert.Equal(t, []string{"subnet-1", "network"}, []string{subnet.ID, subnet.Component})
	assert.True(t, subnet.Protect)
	assert.Equal(t, []*Resource{subnet}, s.Where("aws:ec2/subnet:Subnet", "vpcId", "vpc-1"))
	assert.Empty(t, s.Where("aws:ec2/subnet:Subnet", "nothing", ""), "what is not there is not equal to nothing")

	assert.Equal(t, "10.0.0.0/16", subnet.At("blocks", 0, "cidr").String())
	assert.True(t, subnet.At("public").Bool())
	assert.InDelta(t, 3.5, subnet.At("size").Number(), 0)
	assert.Equal(t, "3.5", subnet.At("size").String())
	assert.Len(t, subnet.At("blocks").List(), 1)
	for _, absent := range []Value{subnet.At("none"), subnet.At("empty"), subnet.At("blocks", 7), subnet.At("vpcId", "x")} {
		assert.False(t, absent.Readable())
		assert.Equal(t, "", absent.String())
		assert.Empty(t, absent.List())
		assert.Zero(t, absent.Number())
	}
	assert.True(t, subnet.At("hidden").IsSecret())
	assert.False(t, subnet.At("hidden").Readable(), "its text is encrypted")
	assert.True(t, subnet.At("shown").IsSecret())
	assert.Equal(t, []string{"a", "b"}, subnet.At("shown").Strings())
	assert.False(t, subnet.At("vpcId").IsSecret())
}

func TestWhatIsNoState(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                 "the state is empty; give what `pulumi stack export -s STACK` writes",
		" \n":                              "the state is empty",
		"name: slipway":                    "not JSON that Pulumi writes",
		`{"version": 3, "deployment": `:    "not JSON that Pulumi writes",
		"[1]":                              "not JSON that Pulumi writes",
		`{"steps": []}`:                    "has no deployment",
		`{"version": 1, "deployment": {}}`: "format 1, takes 3 or 4",
		`{"version": 3, "deployment": {}}`: "no resources: the stack has not been deployed, or was destroyed",
		`{"version": 3, "deployment": {"resources": [{"urn": "x", "type": "aws:x:X"}]}}`: `the URN "x"`,
		exported + exported: "one state at a time",
	} {
		_, err := Read(strings.NewReader(text))
		assert.ErrorContains(t, err, want, text)
	}
}
