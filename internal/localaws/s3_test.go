package localaws

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// readObjects lets everybody read a bucket's objects.
func readObjects(bucket string) map[string]any {
	return map[string]any{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::" + bucket + "/*"}
}

func TestS3Check(t *testing.T) {
	t.Parallel()
	const encryptionType, lifecycleType = "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2", "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"
	rule := map[string]any{"id": "old", "status": "Enabled", "expiration": map[string]any{"days": 30}}
	lifecycle := func(rules ...any) map[string]any { return map[string]any{"bucket": "logs", "rules": rules} }
	policy := func(statement map[string]any) map[string]any {
		return map[string]any{"bucket": "logs", "policy": document(statement)}
	}
	checkAll(t, map[string]checkCase{
		"an unknown encryption":          {encryptionType, map[string]any{"bucket": "logs", "rules": []any{map[string]any{"applyServerSideEncryptionByDefault": map[string]any{"sseAlgorithm": "AES"}}}}, "sseAlgorithm: expected"},
		"S3's own encryption with a key": {encryptionType, map[string]any{"bucket": "logs", "rules": []any{map[string]any{"applyServerSideEncryptionByDefault": map[string]any{"sseAlgorithm": "AES256", "kmsMasterKeyId": "key"}}}}, "kmsMasterKeyId: InvalidArgument"},
		"a lifecycle without action":     {lifecycleType, lifecycle(with(rule, map[string]any{"expiration": nil})), "rules[0]: InvalidRequest: At least one action needs to be specified in a rule"},
		"a lifecycle rule twice":         {lifecycleType, lifecycle(rule, rule), "rules[1].id: InvalidArgument: Rule ID must be unique."},
		"a lifecycle of no days":         {lifecycleType, lifecycle(with(rule, map[string]any{"expiration": map[string]any{"days": 0}})), "rules[0].expiration.days: InvalidArgument"},
		"a lifecycle that is on":         {lifecycleType, lifecycle(with(rule, map[string]any{"status": "on"})), "rules[0].status: expected"},
		"a policy for another bucket":    {bucketPolicyType, policy(readObjects("other")), "policy: MalformedPolicy: Policy has invalid resource arn:aws:s3:::other/*"},
		"a policy without principal":     {bucketPolicyType, policy(with(readObjects("logs"), map[string]any{"Principal": nil})), "policy: MalformedPolicy: Missing required field Principal"},
	})
}

func TestBucketOutputs(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	bucket := e.create(bucketType, "Logs", map[string]any{})
	assert.Regexp(t, `^logs-[0-9a-f]{7}$`, bucket["bucket"], "S3 takes lower case only, so pulumi-aws makes it of the name")
	assert.Equal(t, bucket["bucket"], bucket["id"])
	name := bucket["bucket"].(string)
	assert.Equal(t, "arn:aws:s3:::"+name, bucket["arn"])
	assert.Equal(t, name+".s3.amazonaws.com", bucket["bucketDomainName"])
	assert.Equal(t, name+".s3.us-east-1.amazonaws.com", bucket["bucketRegionalDomainName"])
}

func TestWhichPoliciesArePublic(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	e.create(bucketType, "site", map[string]any{"bucket": "site"})
	_, err := e.tryCreate(bucketPolicyType, "nowhere", map[string]any{"bucket": "nowhere", "policy": document(readObjects("nowhere"))})
	refused(t, err, "NoSuchBucket")

	e.create(bucketPolicyType, "tls", map[string]any{"bucket": "site", "policy": document(with(readObjects("site"), map[string]any{"Effect": "Deny", "Action": "s3:*"}))})
}

func TestObjectsGoWithTheirBucket(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	bucket := e.deploy(bucketType, "site", map[string]any{"forceDestroy": true})
	e.deploy(objectType, "index", map[string]any{"bucket": bucket.id, "key": "index.html", "content": "hello"})
	require.NoError(t, bucket.delete())
	list, err := e.account.List()
	require.NoError(t, err)
	assert.Empty(t, list, "the object went with the bucket")
}
