package localaws

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const secretVersionType = "aws:secretsmanager/secretVersion:SecretVersion"

func TestSecretsManagerCheck(t *testing.T) {
	t.Parallel()
	checkAll(t, map[string]checkCase{
		"a name with a space":      {secretType, map[string]any{"name": "a key"}, "name: must contain only alphanumeric characters and /_+=.@-"},
		"a policy without subject": {secretType, map[string]any{"policy": document(map[string]any{"Effect": "Deny", "Action": "secretsmanager:*", "Resource": "*"})}, "policy: MalformedPolicyDocumentException: Missing required field Principal"},
		"no value":                 {secretVersionType, map[string]any{"secretId": "x"}, "secretString: exactly one of secretString and secretBinary must be given"},
		"two values":               {secretVersionType, map[string]any{"secretId": "x", "secretString": "a", "secretBinary": "YQ=="}, "secretString: exactly one of"},
		"a value of 65537":         {secretVersionType, map[string]any{"secretId": "x", "secretString": strings.Repeat("a", 65537)}, "secretString: expected length of secretString to be at most 65536 bytes, got 65537"},
	})
}

func TestSecretsAndVersions(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	_, err := e.tryCreate(secretVersionType, "key", map[string]any{"secretId": "arn:aws:secretsmanager:us-east-1:123456789012:secret:missing-abcdef", "secretString": "s3cret-value"})
	refused(t, err, "ResourceNotFoundException")
	secret := e.create(secretType, "key", map[string]any{"name": "app/key"})
	assert.Regexp(t, `^arn:aws:secretsmanager:us-east-1:123456789012:secret:app/key-[0-9A-Za-z]{6}$`, secret["arn"])
	assert.Equal(t, secret["arn"], secret["id"])

	inputs := map[string]any{"secretId": secret["arn"], "secretString": "s3cret-value"}
	version := e.deploy(secretVersionType, "key", inputs)
	assert.Regexp(t, `^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`, version.text("versionId"))
	assert.Equal(t, secret["arn"].(string)+"|"+version.text("versionId"), version.id)
	assert.True(t, version.outputs["secretString"].IsSecret(), "a value is a secret even if the program does not say so")
	assert.Equal(t, []string{"secretString"}, version.replaces(with(inputs, map[string]any{"secretString": "another"})))
	again := e.deploy(secretVersionType, "key", with(inputs, map[string]any{"secretString": resource.MakeSecret(resource.NewProperty("another"))}))
	assert.NotEqual(t, version.text("versionId"), again.text("versionId"), "a replacement is a version of its own")

	journal, err := os.ReadFile(e.account.path)
	require.NoError(t, err)
	assert.NotContains(t, string(journal), "s3cret-value")
	assert.NotContains(t, string(journal), "another")
}

func TestADeletedSecretKeepsItsName(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	inputs := map[string]any{"name": "app/key"}
	secret := e.deploy(secretType, "key", inputs)
	_, err := e.tryCreate(secretType, "again", inputs)
	refused(t, err, "ResourceExistsException")
	require.NoError(t, secret.delete())
	_, err = e.tryCreate(secretType, "key", inputs)
	refused(t, err, "InvalidRequestException")
	require.NoError(t, e.account.Remove(secret.id), "deleting it without recovery frees the name")
	second := e.deploy(secretType, "key", inputs)
	assert.NotEqual(t, secret.id, second.id, "a secret made again has another ARN")

	require.NoError(t, second.delete())
	e.account.existing(deletedSecretType, second.id).Created = time.Now().AddDate(0, 0, -31)
	third := e.deploy(secretType, "key", with(inputs, map[string]any{"recoveryWindowInDays": 0}))
	require.NoError(t, third.delete())
	e.deploy(secretType, "key", inputs)
}
