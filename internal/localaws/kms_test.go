package localaws

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestKMSCheck(t *testing.T) {
	t.Parallel()
	owner := map[string]any{"Effect": "Allow", "Principal": map[string]any{"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"}
	locked := "policy: MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the future."
	checkAll(t, map[string]checkCase{
		"gone in a day":                {keyType, map[string]any{"deletionWindowInDays": 1}, "deletionWindowInDays: expected deletionWindowInDays to be in the range (7 - 30), got 1"},
		"rotation every month":         {keyType, map[string]any{"enableKeyRotation": true, "rotationPeriodInDays": 30}, "rotationPeriodInDays: expected"},
		"rotation of a pair":           {keyType, map[string]any{"customerMasterKeySpec": "RSA_2048", "enableKeyRotation": true}, "enableKeyRotation: UnsupportedOperationException"},
		"a policy that locks out":      {keyType, map[string]any{"policy": document(with(owner, map[string]any{"Action": "kms:Decrypt"}))}, locked},
		"a policy that denies":         {keyType, map[string]any{"policy": document(with(owner, map[string]any{"Effect": "Deny"}))}, locked},
		"a policy of somebody else":    {keyType, map[string]any{"policy": document(with(owner, map[string]any{"Principal": map[string]any{"AWS": "210987654321"}}))}, locked},
		"an alias without its prefix":  {aliasType, map[string]any{"name": "app", "targetKeyId": "x"}, "name: name must begin with 'alias/'"},
		"an alias in AWS's own prefix": {aliasType, map[string]any{"name": "alias/aws/app", "targetKeyId": "x"}, "name: name must begin with 'alias/'"},
	})
	_, failures := newEmbedded(t).check(keyType, "x", map[string]any{"policy": document(owner), "deletionWindowInDays": 7, "enableKeyRotation": true, "rotationPeriodInDays": 90})
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
		map[string]any{"Effect": "Allow", "Principal": map[string]any{"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"},
		map[string]any{"Effect": "Allow", "Principal": map[string]any{"AWS": "arn:aws:iam::123456789012:role/missing"}, "Action": "kms:Decrypt", "Resource": "*"})})
	refused(t, err, "MalformedPolicyDocumentException")
}
