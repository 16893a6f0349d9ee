package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/ptytest"
)

// newClinic is a seat with tools that say their versions, and the project's own versions.
func newClinic(t *testing.T) *seat {
	t.Helper()
	s := newSeat(t)
	s.write("go.mod", "module slipway\n\ngo 1.26.0\n")
	require.NoError(t, os.Mkdir(filepath.Join(s.dir, "tools"), 0o755))
	s.write("tools/go.mod", "require github.com/pulumi/pulumi/pkg/v3 v3.250.0 // indirect\n")
	for tool, says := range map[string]string{"go": "echo go1.26.1", "git": "echo git version 2.39.5", "docker": "echo 28.2.2", "aws": "echo aws-cli/2.31.0 Python/3.13",
		"session-manager-plugin": "echo 1.2.707.0", "postgres": "echo 'postgres (PostgreSQL) 15.18 (Debian)'"} {
		s.fake(tool, says)
	}
	s.environ = append(s.environ, "PATH="+s.bin+":/bin", "AWS_REGION=us-east-1") // nothing else of this machine's
	for code, file := range map[string]string{"L-3032A538": "fargate-quota", "L-36FBB829": "fargate-spot-quota"} {
		s.account.Answer("servicequotas GetServiceQuota with "+code, 200, recorded(t, file))
	}
	return s
}

func recorded(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "doctor", name+".json"))
	require.NoError(t, err)
	return string(text)
}

// says has pulumi answer for a backend with these stacks, and a state.
func (s *seat) pulumiSays(backend, stacks, state string) {
	s.t.Helper()
	s.fake("pulumi", fmt.Sprintf(`case "$1 $2" in
"version "*) echo v3.250.0 ;;
"whoami --verbose") echo '{"url": "%s"}' ;;
"stack ls") echo '%s' ;;
"stack export") echo '{"deployment": %s}' ;;
esac`, backend, stacks, state))
}

// TestDoctorOfAHealthyStack is a stack that can be deployed, and a pipeline.
func TestDoctorOfAHealthyStack(t *testing.T) {
	t.Parallel()
	s := newClinic(t)
	key, err := kms.NewFromConfig(s.sdk()).CreateKey(t.Context(), &kms.CreateKeyInput{KeyUsage: kmstypes.KeyUsageTypeEncryptDecrypt})
	require.NoError(t, err)
	_, err = s3.NewFromConfig(s.sdk()).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("state-of-healthy-shop")})
	require.NoError(t, err)
	for _, zone := range []string{"acme.org", "shop.acme.org"} {
		_, err = route53.NewFromConfig(s.sdk()).CreateHostedZone(t.Context(), &route53.CreateHostedZoneInput{Name: &zone, CallerReference: &zone})
		require.NoError(t, err)
	}
	s.write("Pulumi.prod.yaml", strings.NewReplacer("app.example.com", "app.shop.acme.org", "static.example.com", "static.acme.org").Replace(s.read("Pulumi.prod.yaml"))+"  slipway:webMaxCount: 6\n  slipway:workerMaxCount: 4\n")
	s.write("Pulumi.pipeline.yaml", strings.NewReplacer("example/shop", "acme/shop", "example-pulumi-state", "state-of-healthy-shop").Replace(s.read("Pulumi.pipeline.yaml")))
	s.pulumiSays("s3://state-of-healthy-shop?region=us-east-1", `[{"name": "staging"}, {"name": "prod"}, {"name": "pipeline"}]`, fmt.Sprintf(`{
		"secrets_providers": {"type": "cloud", "state": {"url": "awskms://%s?region=us-east-1"}},
		"resources": [{"type": "aws:codeconnections/connection:Connection", "custom": true, "id": "arn:aws:codeconnections:us-east-1:123456789012:connection/0a1b2c3d"}]}`, *key.KeyMetadata.KeyId))
	s.account.AnswerOnce("codeconnections GetConnection", 200, recorded(t, "connection-available"))
	s.writes()
	var session strings.Builder
	for _, args := range [][]string{{"doctor"}, {"doctor", "prod"}, {"doctor", "pipeline"}} {
		seen := s.types(args)
		session.WriteString(seen.Text + "\n")
		assert.Zero(t, seen.Code, seen.Text)
	}
	ptytest.Golden(t, "doctor-healthy", session.String())
	assert.Empty(t, s.writes(), "it only looks")
}

// TestDoctorOfAnIllStack is one of which nearly everything is missing or wrong.
func TestDoctorOfAnIllStack(t *testing.T) {
	t.Parallel()
	s := newClinic(t)
	for _, tool := range []string{"session-manager-plugin", "aws"} {
		require.NoError(t, os.Remove(filepath.Join(s.bin, tool)))
	}
	s.fake("go", "echo go1.24.2")
	s.fake("docker", "echo 'Cannot connect to the Docker daemon. Is it running?' >&2; exit 1")
	buckets := s3.NewFromConfig(s.sdk())
	_, err := buckets.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("state-of-shop")})
	require.NoError(t, err)
	_, err = buckets.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("state-of-shop"), Key: aws.String(".pulumi/locks/organization/slipway/prod/1.json"),
		Body: strings.NewReader(`{"pid": 4711, "username": "ada", "hostname": "builder", "timestamp": "2026-01-01T10:00:00Z"}`)})
	require.NoError(t, err)
	keys := kms.NewFromConfig(s.sdk())
	key, err := keys.CreateKey(t.Context(), &kms.CreateKeyInput{KeyUsage: kmstypes.KeyUsageTypeEncryptDecrypt})
	require.NoError(t, err)
	_, err = keys.ScheduleKeyDeletion(t.Context(), &kms.ScheduleKeyDeletionInput{KeyId: key.KeyMetadata.KeyId})
	require.NoError(t, err)
	s.write("Pulumi.prod.yaml", strings.Replace(s.read("Pulumi.prod.yaml"), "app.example.com", "app.acme.org", 1)+fmt.Sprintf(
		"  slipway:egress: nat-per-az\n  slipway:webMaxCount: 40\n  slipway:image: 123456789012.dkr.ecr.us-east-1.amazonaws.com/app@sha256:%s\n", strings.Repeat("0a", 32)))
	s.pulumiSays("s3://state-of-shop?region=us-east-1", `[{"name": "acme/prod"}, {"name": "pipeline"}]`, fmt.Sprintf(`{
		"secrets_providers": {"type": "cloud", "state": {"url": "awskms:///%s?region=us-east-1"}},
		"pending_operations": [{"type": "creating", "resource": {"urn": "urn:pulumi:prod::slipway::aws:ec2/vpc:Vpc::network"}}],
		"resources": [{"type": "aws:codeconnections/connection:Connection", "custom": true, "id": "arn:aws:codeconnections:us-east-1:123456789012:connection/0a1b2c3d"}]}`, *key.KeyMetadata.Arn))
	s.account.Answer("servicequotas GetServiceQuota with L-F678F1CE", 200, `{"Quota": {"Value": 1}}`)
	s.account.Answer("servicequotas GetServiceQuota with L-0263D0A3", 403, `{"__type": "AccessDeniedException", "message": "not allowed"}`)
	s.account.Answer("codeconnections GetConnection", 200, recorded(t, "connection-pending"))
	var session strings.Builder
	for _, args := range [][]string{{"doctor", "prod"}, {"doctor", "pipeline"}, {"doctor", "staging"}} {
		seen := s.types(args)
		session.WriteString(seen.Text + "\n")
		assert.Equal(t, 1, seen.Code, seen.Text)
	}
	ptytest.Golden(t, "doctor-ill", session.String())

	// What counts is in the JSON too.
	code, stdout, _ := s.run("", "doctor", "prod", "--json")
	assert.Equal(t, 1, code)
	var checks []struct{ Status, What, Next string }
	require.NoError(t, json.Unmarshal([]byte(stdout), &checks))
	for _, c := range checks {
		assert.Contains(t, []string{"ok", "missing", "wrong", "unknown"}, c.Status)
		assert.True(t, c.Next != "" || c.Status == "ok" || c.Status == "unknown", "%s says what to do", c.What)
	}
}

func TestDoctorOfWhatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		prepare func(s *seat)
		args    []string
		says    string
	}{
		{name: "expired credentials", prepare: func(s *seat) {
			s.account.Answer("sts GetCallerIdentity", 403, `<ErrorResponse><Error><Code>ExpiredToken</Code><Message>it is expired</Message></Error></ErrorResponse>`)
		}, says: "AWS account             STS GetCallerIdentity: the AWS credentials have expired"},
		{name: "no region", prepare: func(s *seat) { s.write("Pulumi.staging.yaml", "config: {}\n") }, args: []string{"staging"}, says: "neither the environment nor the stack's configuration has one"},
		{name: "not logged in", prepare: func(s *seat) {
			s.fake("pulumi", `case $1 in version) echo v3.250.0;; *) echo "error: PULUMI_ACCESS_TOKEN must be set for login" >&2; exit 1;; esac`)
		}, says: "state backend           pulumi is not logged in\n"},
		{name: "no bucket", prepare: func(s *seat) {
			s.fake("pulumi", `case $1 in version) echo v3.249.9;; whoami) echo '{"url": "s3://gone"}';; *) echo "error: NoSuchBucket" >&2; exit 1;; esac`)
		}, says: "s3://gone does not answer: pulumi stack: NoSuchBucket"},
		{name: "an old pulumi", prepare: func(s *seat) { s.fake("pulumi", "echo v3.249.9") }, says: "3.249.9, takes 3.250.0 or newer"},
		{name: "a run that goes on", prepare: func(s *seat) {
			dir := s.t.TempDir()
			locks := filepath.Join(dir, ".pulumi/locks/organization/slipway/staging")
			require.NoError(s.t, os.MkdirAll(locks, 0o755))
			require.NoError(s.t, os.WriteFile(filepath.Join(locks, "1.json"), fmt.Appendf(nil, `{"pid": 1, "username": "ada", "hostname": "builder", "timestamp": %q}`, time.Now().Format(time.RFC3339)), 0o644))
			s.pulumiSays("file://"+dir, `[{"name": "staging"}]`, `{"secrets_providers": {"type": "service"}}`)
		}, args: []string{"staging"}, says: "ada on builder (process 1) changes the stack since"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newClinic(t)
			if test.name == "no region" {
				s.environ = append(s.environ, "AWS_REGION=")
			}
			s.pulumiSays("file:///none", "[]", "{}")
			test.prepare(s)
			_, stdout, _ := s.run("", append([]string{"doctor"}, test.args...)...)
			assert.Contains(t, stdout, test.says)
		})
	}
	s := newClinic(t)
	code, _, stderr := s.run("", "doctor", "nope")
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr, "there is no Pulumi.nope.yaml")
}
