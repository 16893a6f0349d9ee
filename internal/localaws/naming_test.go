package localaws

import (
	"context"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestNames covers the name of each type that pulumi-aws names: <logical name>-<7 hexadecimal digits>.
func TestNames(t *testing.T) {
	t.Parallel()
	role := map[string]any{"assumeRolePolicy": document(trustTasks)}
	for name, c := range map[string]struct {
		typ, property string
		inputs        map[string]any
		logical, want string
	}{
		"a role":             {roleType, "name", role, "app", `^app-[0-9a-f]{7}$`},
		"a bucket":           {bucketType, "bucket", nil, "App", `^app-[0-9a-f]{7}$`},
		"an alias":           {aliasType, "name", map[string]any{"targetKeyId": "x"}, "app", `^alias/app-[0-9a-f]{7}$`},
		"an alias by name":   {aliasType, "name", map[string]any{"targetKeyId": "x"}, "alias/app", `^alias/app-[0-9a-f]{7}$`},
		"a repository":       {repositoryType, "name", nil, "app", `^app-[0-9a-f]{7}$`},
		"a role's longest":   {roleType, "name", role, strings.Repeat("a", 56), `^a{56}-[0-9a-f]{7}$`},
		"a bucket's longest": {bucketType, "bucket", nil, strings.Repeat("a", 55), `^a{55}-[0-9a-f]{7}$`},
		"a fixed name":       {roleType, "name", with(role, map[string]any{"name": "fixed"}), "app", `^fixed$`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checked, failures := newEmbedded(t).check(c.typ, c.logical, c.inputs)
			require.Empty(t, failures)
			assert.Regexp(t, c.want, checked[resource.PropertyKey(c.property)].StringValue())
			assert.Equal(t, c.want != `^fixed$`, wasDefaulted(checked, c.property), "the engine creates before it deletes where a name was made")
		})
	}
}

func TestNamesThatAreTooLong(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	for typ, most := range map[string]int{roleType: 64, bucketType: 63} {
		_, failures := e.check(typ, strings.Repeat("a", most-7), map[string]any{})
		assert.Contains(t, strings.Join(failures, "\n"), "give the resource a shorter logical name", typ)
	}
	_, failures := e.check(repositoryType, "App", map[string]any{})
	require.Len(t, failures, 1, "pulumi-aws leaves a repository's upper case, and ECR refuses it")
	assert.Contains(t, failures[0], "name: Invalid parameter at 'repositoryName'")
}

func TestPulumiNamesNoDatabase(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	checked, failures := e.check(rdsClusterType, "app", with(aurora, map[string]any{"clusterIdentifier": nil}))
	require.Empty(t, failures)
	assert.NotContains(t, checked, resource.PropertyKey("clusterIdentifier"), "Terraform makes it when it creates the cluster")
}

func TestANameStaysAndAPrefixTakesOver(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	role := e.deploy(roleType, "app", aRole)
	assert.Equal(t, role.inputs["name"], role.checked(with(aRole, map[string]any{"description": "other"}))["name"], "with another seed")

	prefixed, failures := e.check(roleType, "app", with(aRole, map[string]any{"namePrefix": "team-"}))
	require.Empty(t, failures)
	assert.NotContains(t, prefixed, resource.PropertyKey("name"))
	team := e.deploy(roleType, "team", with(aRole, map[string]any{"namePrefix": "team-"}))
	assert.Regexp(t, `^team-\d{26}$`, team.id, "Terraform completes it")
	require.NoError(t, team.update(with(aRole, map[string]any{"namePrefix": "team-", "description": "other"})))
	assert.Equal(t, team.id, team.text("name"))
}

func TestAReplacementHasANameOfItsOwn(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	bucket := e.deploy(bucketType, "site", nil)
	require.NotEmpty(t, bucket.replaces(map[string]any{"objectLockEnabled": true}))
	// For the replacement the engine checks again, without the old inputs.
	resp, err := e.Check(context.Background(), plugin.CheckRequest{URN: urnOf(bucketType, "site"), News: props(map[string]any{"objectLockEnabled": true}), RandomSeed: []byte("another-seed-for-the-replacement")})
	require.NoError(t, err)
	assert.NotEqual(t, bucket.inputs["bucket"], resp.Properties["bucket"])
	created, err := e.Create(context.Background(), plugin.CreateRequest{URN: urnOf(bucketType, "site"), Properties: resp.Properties})
	require.NoError(t, err)
	assert.NotEqual(t, bucket.id, string(created.ID), "both exist until the engine deletes the old one")
}
