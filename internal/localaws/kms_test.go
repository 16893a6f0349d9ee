package localaws

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestKMSCheck(t *testing.T) {
	t.Parallel()
	checkAll(t, map[string]checkCase{
		"rotation every month": {keyType, map[string]any{"enableKeyRotation": true, "rotationPeriodInDays": 30}, "rotationPeriodInDays: expected"},
		"rotation of a pair":   {keyType, map[string]any{"customerMasterKeySpec": "RSA_2048", "enableKeyRotation": true}, "enableKeyRotation: UnsupportedOperationException"},
	})
	_, failures := newEmbedded(t).check(keyType, "x", map[string]any{"enableKeyRotation": true, "rotationPeriodInDays": 90})
	assert.Empty(t, failures)
}

func TestKeysAndAliases(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	key := e.create(keyType, "app", map[string]any{})
	assert.Regexp(t, `^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`, key["keyId"])
	assert.Equal(t, "arn:aws:kms:us-east-1:123456789012:key/"+key["keyId"].(string), key["arn"])
	_, problems := parsePolicy(key["policy"].(string), keyPolicy)
	assert.Empty(t, problems, "the default policy is one")

	alias := e.create(aliasType, "app", map[string]any{"targetKeyId": key["keyId"]})
	assert.Regexp(t, `^alias/app-[0-9a-f]{7}$`, alias["name"])
	assert.Equal(t, key["arn"], alias["targetKeyArn"])
	_, err := e.tryCreate(aliasType, "again", map[string]any{"name": alias["name"], "targetKeyId": key["keyId"]})
	refused(t, err, "AlreadyExistsException")
	_, err = e.tryCreate(aliasType, "lost", map[string]any{"targetKeyId": "missing"})
	refused(t, err, "NotFoundException")
	e.create(secretType, "app", map[string]any{"kmsKeyId": alias["name"]})
	_, err = e.tryCreate(secretType, "lost", map[string]any{"kmsKeyId": "alias/missing"})
	refused(t, err, "NotFoundException")
	_, err = e.tryCreate(keyType, "lost", map[string]any{"policy": document(
		aKeyOwner,
		map[string]any{"Effect": "Allow", "Principal": map[string]any{"AWS": "arn:aws:iam::123456789012:role/missing"}, "Action": "kms:Decrypt", "Resource": "*"})})
	refused(t, err, "MalformedPolicyDocumentException")
}
