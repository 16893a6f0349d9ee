package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/backend"
	"slipway/internal/ptytest"
)

// TestBootstrap makes a backend with the real pulumi, whose stacks are then in the bucket.
func TestBootstrap(t *testing.T) {
	t.Parallel()
	s := newSeat(t)
	var session strings.Builder
	step := func(args ...string) {
		t.Helper()
		seen := s.types(args)
		session.WriteString(seen.Text + "\n")
		require.Zero(t, seen.Code, seen.Text)
	}

	step("bootstrap", "--dry-run")
	assert.Empty(t, s.writes(), "a dry run changes nothing")
	assert.NotContains(t, s.read("Pulumi.staging.yaml"), "secretsprovider")

	step("bootstrap")
	assert.NotEmpty(t, s.writes())
	for _, stack := range []string{"staging", "prod", "pipeline"} {
		assert.Contains(t, s.read("Pulumi."+stack+".yaml"), "secretsprovider: awskms://alias/pulumi-state-acme-shop-")
	}
	assert.Contains(t, s.read("Pulumi.pipeline.yaml"), "# The sample's tests need", "comments stay")
	assert.Contains(t, s.read("Pulumi.pipeline.yaml"), "slipway:pipelineBackendUrl: s3://pulumi-state-acme-shop-")

	after := s.read("Pulumi.pipeline.yaml")
	step("bootstrap")
	assert.Empty(t, s.writes(), "the second time nothing is changed")
	assert.Equal(t, after, s.read("Pulumi.pipeline.yaml"))
	ptytest.Golden(t, "bootstrap", session.String())
}

// backendOf is the name that the seat's backend has.
func backendOf(s *seat) string { return backend.Name("github.com/acme/shop", s.account.ID) }

// sdk is how a test itself reaches the seat's account.
func (s *seat) sdk() aws.Config {
	return aws.Config{Region: "us-east-1", BaseEndpoint: &s.account.URL, Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
}

// A pulumi that is logged in nowhere, and has no stacks. %s are other cases.
const noStacks = `case "$1 $2" in
%s
"whoami --verbose") echo "error: PULUMI_ACCESS_TOKEN must be set for login" >&2; exit 1;;
"stack ls") echo "[]";;
esac`

func TestBootstrapCompletesWhatIsThere(t *testing.T) {
	t.Parallel()
	s := newSeat(t)
	name := backendOf(s)
	// A run that ended after the key and before its alias; a bucket with a state and settings of its own.
	keys := kms.NewFromConfig(s.sdk())
	key, err := keys.CreateKey(t.Context(), &kms.CreateKeyInput{KeyUsage: kmstypes.KeyUsageTypeEncryptDecrypt, KeySpec: kmstypes.KeySpecSymmetricDefault,
		Tags: []kmstypes.Tag{{TagKey: aws.String("slipway:backend"), TagValue: &name}}})
	require.NoError(t, err)
	buckets := s3.NewFromConfig(s.sdk())
	_, err = buckets.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name})
	require.NoError(t, err)
	const state = `{"version": 3}`
	_, err = buckets.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &name, Key: aws.String(".pulumi/stacks/slipway/prod.json"), Body: strings.NewReader(state)})
	require.NoError(t, err)
	_, err = buckets.PutBucketTagging(t.Context(), &s3.PutBucketTaggingInput{Bucket: &name, Tagging: &s3types.Tagging{TagSet: []s3types.Tag{{Key: aws.String("team"), Value: aws.String("web")}}}})
	require.NoError(t, err)
	_, err = buckets.PutBucketLifecycleConfiguration(t.Context(), &s3.PutBucketLifecycleConfigurationInput{Bucket: &name, LifecycleConfiguration: &s3types.BucketLifecycleConfiguration{
		Rules: []s3types.LifecycleRule{{ID: aws.String("theirs"), Status: s3types.ExpirationStatusDisabled, Filter: &s3types.LifecycleRuleFilter{Prefix: aws.String("x/")},
			Expiration: &s3types.LifecycleExpiration{Days: aws.Int32(1)}}}}})
	require.NoError(t, err)
	_, err = buckets.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: &name, Policy: aws.String(`{"Version":"2012-10-17","Statement":[
		{"Sid":"Theirs","Effect":"Deny","Principal":"*","Action":"s3:DeleteBucket","Resource":"*"},{"Sid":"TLSOnly","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}`)})
	require.NoError(t, err)
	_, err = buckets.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{Bucket: &name, VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusSuspended}})
	require.NoError(t, err)
	s.fake("pulumi", fmt.Sprintf(noStacks, `"stack ls") echo '[{"name": "prod", "resourceCount": 120}]';;
"stack export") echo '{"deployment": {"secrets_providers": {"type": "passphrase", "state": {"salt": "v1:x"}}}}';;`))
	s.writes()

	seen := s.types([]string{"bootstrap", "--stacks", "staging,prod"})
	assert.Zero(t, seen.Code)
	ptytest.Golden(t, "bootstrap-completes", seen.Text)

	alias, err := keys.DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: aws.String("alias/" + name)})
	require.NoError(t, err)
	assert.Equal(t, key.KeyMetadata.KeyId, alias.KeyMetadata.KeyId, "no second key")
	object, err := buckets.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &name, Key: aws.String(".pulumi/stacks/slipway/prod.json")})
	require.NoError(t, err)
	text, err := io.ReadAll(object.Body)
	require.NoError(t, err)
	assert.Equal(t, state, string(text))
	tags, err := buckets.GetBucketTagging(t.Context(), &s3.GetBucketTaggingInput{Bucket: &name})
	require.NoError(t, err)
	assert.Len(t, tags.TagSet, 2)
	rules, err := buckets.GetBucketLifecycleConfiguration(t.Context(), &s3.GetBucketLifecycleConfigurationInput{Bucket: &name})
	require.NoError(t, err)
	assert.Len(t, rules.Rules, 2)
	policy, err := buckets.GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: &name})
	require.NoError(t, err)
	assert.Contains(t, *policy.Policy, `"Sid":"Theirs"`)
	assert.NotContains(t, *policy.Policy, "Allow")
	encryption, err := buckets.GetBucketEncryption(t.Context(), &s3.GetBucketEncryptionInput{Bucket: &name})
	require.NoError(t, err)
	assert.Equal(t, *key.KeyMetadata.Arn, *encryption.ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.KMSMasterKeyID)

	s.writes()
	code, stdout, stderr := s.run("", "bootstrap", "--stacks", "prod", "--json")
	assert.Zero(t, code, stderr)
	assert.Empty(t, s.writes())
	var report struct {
		Name, Account, BackendURL, KeyArn string
		Steps                             []struct{ Did, What string }
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &report))
	assert.Equal(t, "s3://"+name+"?region=us-east-1", report.BackendURL)
	assert.Equal(t, *key.KeyMetadata.Arn, report.KeyArn)
	for _, step := range report.Steps {
		assert.Contains(t, []string{"already there", "left alone", "set"}, step.Did, step.What)
		assert.Equal(t, step.What == "login of pulumi", step.Did == "set", "the pulumi of this test does not remember where it is logged in")
	}
}

func TestBootstrapRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		prepare func(s *seat)
		args    []string
		code    int
		says    string
	}{
		{name: "no remote", prepare: func(s *seat) { s.git("remote", "remove", "origin") }, says: "No such remote 'origin'): git remote add origin ..., or give a name for the backend with --name"},
		{name: "a directory as remote", prepare: func(s *seat) { s.git("remote", "set-url", "origin", "/srv/shop.git") }, says: `the git remote "/srv/shop.git" has no host and path to derive a name from; give one with --name`},
		{name: "name", args: []string{"--name", "State"}, code: 2, says: `slipway bootstrap: --name "State": it takes a bucket's name`},
		{name: "stack", args: []string{"--stacks", "a b"}, code: 2, says: `--stacks: got "a b", takes the name of a stack`},
		{name: "two regions", prepare: func(s *seat) { s.write("Pulumi.prod.yaml", "config:\n  aws:region: eu-central-1\n") }, says: "the stacks are in us-east-1 and eu-central-1: say with --region where their state is to be"},
		{name: "another backend in the environment", prepare: func(s *seat) { s.environ = append(s.environ, "PULUMI_BACKEND_URL=file:///tmp") }, says: "PULUMI_BACKEND_URL has pulumi keep the state in file:///tmp, whatever it is logged in to"},
		{name: "another backend in the project", prepare: func(s *seat) { s.write("Pulumi.yaml", s.read("Pulumi.yaml")+"\nbackend: {url: 'file://~'}\n") }, says: "backend.url in Pulumi.yaml has pulumi keep the state in file://~"},
		{name: "stacks in another backend", prepare: func(s *seat) {
			s.fake("pulumi", `case "$1" in whoami) echo '{"url": "https://api.pulumi.com"}';; stack) echo '[{"name": "acme/prod", "resourceCount": 120}]';; esac`)
		}, says: "the stack prod is in https://api.pulumi.com already, with 120 resources; a second one would make them again. Move it: pulumi stack export -s prod"},
		{name: "another account's bucket", prepare: func(s *seat) { s.account.Answer("s3 HEAD /"+backendOf(s), 403, "") }, says: "belongs to another account than 123456789012, or its policy shuts these credentials out"},
		{name: "another region's bucket", prepare: func(s *seat) {
			_, err := s3.NewFromConfig(s.sdk()).CreateBucket(s.t.Context(), &s3.CreateBucketInput{Bucket: aws.String(backendOf(s)), CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: "eu-west-1"}})
			require.NoError(s.t, err)
		}, says: "is there already, in eu-west-1 and not in us-east-1: give --region eu-west-1"},
		{name: "a bucket with files", prepare: func(s *seat) {
			client, name := s3.NewFromConfig(s.sdk()), backendOf(s)
			_, err := client.CreateBucket(s.t.Context(), &s3.CreateBucketInput{Bucket: &name})
			require.NoError(s.t, err)
			_, err = client.PutObject(s.t.Context(), &s3.PutObjectInput{Bucket: &name, Key: aws.String("photos/cat.jpg"), Body: strings.NewReader("x")})
			require.NoError(s.t, err)
		}, says: "holds something else than Pulumi's state (photos/), and would get its lifecycle and policy"},
		{name: "a key that is to be deleted", prepare: func(s *seat) {
			client := kms.NewFromConfig(s.sdk())
			key, err := client.CreateKey(s.t.Context(), &kms.CreateKeyInput{KeyUsage: kmstypes.KeyUsageTypeEncryptDecrypt, KeySpec: kmstypes.KeySpecSymmetricDefault})
			require.NoError(s.t, err)
			_, err = client.CreateAlias(s.t.Context(), &kms.CreateAliasInput{AliasName: aws.String("alias/" + backendOf(s)), TargetKeyId: key.KeyMetadata.KeyId})
			require.NoError(s.t, err)
			_, err = client.ScheduleKeyDeletion(s.t.Context(), &kms.ScheduleKeyDeletionInput{KeyId: key.KeyMetadata.KeyId})
			require.NoError(s.t, err)
		}, says: "is to be deleted on 2026-11-21, and with it all secrets in the state are lost: aws kms cancel-key-deletion"},
		{name: "the file of another stack", prepare: func(s *seat) {
			s.write("Pulumi.prod.yaml", "encryptionsalt: v1:x\n"+s.read("Pulumi.prod.yaml"))
		}, says: "Pulumi.prod.yaml is of a stack with its secrets under a passphrase"},
		{name: "expired credentials", prepare: func(s *seat) {
			s.account.Answer("sts GetCallerIdentity", 403, `<ErrorResponse><Error><Code>ExpiredToken</Code><Message>The security token included in the request is expired</Message></Error></ErrorResponse>`)
		}, says: "the AWS credentials have expired"},
		{name: "too many requests", prepare: func(s *seat) {
			s.account.Answer("kms DescribeKey", 400, `{"__type": "ThrottlingException", "message": "Rate exceeded"}`)
		}, says: "KMS DescribeKey: AWS had too many requests"},
		{name: "no credentials", prepare: func(s *seat) {
			s.environ = append(s.environ, "AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY=")
		}, says: "there are no AWS credentials"},
		{name: "no pulumi", prepare: func(s *seat) { require.NoError(s.t, os.Remove(filepath.Join(s.bin, "pulumi"))) }, says: "there is no pulumi on PATH"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSeat(t)
			s.fake("pulumi", fmt.Sprintf(noStacks, ""))
			if test.prepare != nil {
				test.prepare(s)
			}
			s.writes()
			code, _, stderr := s.run("", append([]string{"bootstrap"}, test.args...)...)
			assert.Equal(t, cmp.Or(test.code, 1), code)
			last := stderr[strings.LastIndex(strings.TrimSpace(stderr), "\n")+1:]
			assert.Contains(t, s.stable(last), test.says, "the last line says it")
			assert.Empty(t, s.writes(), "nothing is begun")
		})
	}
}

func TestBootstrapInAnotherRegion(t *testing.T) {
	t.Parallel()
	s := newSeat(t)
	s.fake("pulumi", fmt.Sprintf(noStacks, ""))
	code, stdout, stderr := s.run("", "bootstrap", "--region", "eu-central-1", "--name", "states-of-acme", "--stacks", "staging")
	require.Zero(t, code, stderr)
	assert.Contains(t, stdout, "s3://states-of-acme?region=eu-central-1")
	assert.Contains(t, stderr, "the state backend states-of-acme, by --name, in account")
	cfg := s.sdk()
	cfg.Region = "eu-central-1"
	bucket, err := s3.NewFromConfig(cfg).HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: aws.String("states-of-acme")})
	require.NoError(t, err)
	assert.Equal(t, "eu-central-1", aws.ToString(bucket.BucketRegion))
	key, err := kms.NewFromConfig(cfg).DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: aws.String("alias/states-of-acme")})
	require.NoError(t, err)
	assert.Contains(t, *key.KeyMetadata.Arn, ":eu-central-1:")
}
