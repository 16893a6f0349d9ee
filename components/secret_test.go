package components_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/components"
)

const (
	managedSecret = "aws:secretsmanager/secret:Secret"
	secretVersion = "aws:secretsmanager/secretVersion:SecretVersion"
)

func runSecret(args *components.GeneratedSecretArgs) (*recorder, components.SecretReference, error) {
	var reference components.SecretReference
	r := &recorder{
		outputs: map[string]func(pulumi.MockResourceArgs) resource.PropertyMap{
			secretVersion: func(res pulumi.MockResourceArgs) resource.PropertyMap {
				return resource.PropertyMap{"versionId": resource.NewProperty("version of " + res.Name)}
			},
		},
		invokes: map[string]func(resource.PropertyMap) resource.PropertyMap{
			"aws:secretsmanager/getRandomPassword:getRandomPassword": func(args resource.PropertyMap) resource.PropertyMap {
				if !args["excludePunctuation"].BoolValue() {
					return resource.PropertyMap{"randomPassword": resource.NewProperty("$")}
				}
				return resource.PropertyMap{"randomPassword": resource.NewProperty(randomText[:int(args["passwordLength"].NumberValue())])}
			},
		},
	}
	err := r.run(func(ctx *pulumi.Context) error {
		secret, err := components.NewGeneratedSecret(ctx, "app-key", args)
		if err != nil {
			return err
		}
		reference = secret.Reference()
		return nil
	})
	return r, reference, err
}

const randomText = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

func TestGeneratedSecret(t *testing.T) {
	t.Parallel()
	r, reference, err := runSecret(nil)
	require.NoError(t, err)
	r.requireDescends(t, "slipway:index:GeneratedSecret", "app-key")
	secret := r.find(t, managedSecret, "app-key-secret").Inputs
	assert.Equal(t, 30.0, secret["recoveryWindowInDays"].NumberValue())

	version := r.find(t, secretVersion, "app-key-value")
	value := version.Inputs["secretString"]
	require.True(t, value.IsSecret(), "encrypted in the state")
	assert.Equal(t, randomText[:64], value.SecretValue().Element.StringValue())
	assert.Equal(t, []string{"secretString"}, version.RegisterRPC.GetIgnoreChanges(), "the first value stays")

	assert.Equal(t, "arn:aws:test:us-east-1:123456789012:app-key-secret-id", awaitString(reference.Arn.ToStringOutput()))
	assert.Equal(t, "version of app-key-value", awaitString(reference.VersionId.ToStringPtrOutput().Elem()), "a replaced value redeploys")
}

func TestGeneratedSecretOptions(t *testing.T) {
	t.Parallel()
	r, _, err := runSecret(&components.GeneratedSecretArgs{Ephemeral: true, Length: 40, Revision: "2026-11", Description: "Django", Tags: map[string]string{"team": "shop"}})
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"recoveryWindowInDays": 0.0, "description": "Django", "tags": map[string]any{"team": "shop"}},
		plain(r.find(t, managedSecret, "app-key-secret").Inputs, "recoveryWindowInDays", "description", "tags"))
	value := r.find(t, secretVersion, "app-key-value-2026-11").Inputs["secretString"]
	assert.Len(t, value.SecretValue().Element.StringValue(), 40)

	r, _, err = runSecret(&components.GeneratedSecretArgs{Ephemeral: true, RecoveryWindowInDays: 7})
	require.NoError(t, err)
	assert.Equal(t, 7.0, r.find(t, managedSecret, "app-key-secret").Inputs["recoveryWindowInDays"].NumberValue(), "what was written holds")
}

func TestGeneratedSecretNamesEveryWrongArgument(t *testing.T) {
	t.Parallel()
	r, _, err := runSecret(&components.GeneratedSecretArgs{RecoveryWindowInDays: 5, Length: 8})
	assert.ErrorContains(t, err, `GeneratedSecret "app-key": 2 fields are wrong:
  - recoveryWindowInDays: got 5, takes days from 7 to 30, or none with Ephemeral
  - length: got 8, takes characters from 32 to 4096`)
	assert.Empty(t, r.all(managedSecret))
}
