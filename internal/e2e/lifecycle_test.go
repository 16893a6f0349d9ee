package e2e

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/localaws"
)

func TestUpPreviewRefreshDestroy(t *testing.T) {
	t.Parallel()
	p := staging(t)
	outputs := p.outputs("staging")
	assert.Regexp(t, `^http://web-alb-[0-9a-f]{7}-\d+\.us-east-1\.elb\.amazonaws\.com$`, outputs["webUrl"])
	assert.Regexp(t, `\.cluster-[a-z0-9]+\.us-east-1\.rds\.amazonaws\.com$`, outputs["databaseEndpoint"])
	assert.Regexp(t, `^123456789012\.dkr\.ecr\.us-east-1\.amazonaws\.com/image-repository-[0-9a-f]{7}@sha256:[0-9a-f]{64}$`, outputs["image"])
	assert.Regexp(t, `^https://sqs\.us-east-1\.amazonaws\.com/123456789012/queue-queue-[0-9a-f]{7}$`, outputs["queueUrl"])

	p.must("preview", "-s", "staging", "--expect-no-changes")
	p.must("up", "-s", "staging", "--yes", "--expect-no-changes")
	p.must("refresh", "-s", "staging", "--yes", "--expect-no-changes")
	p.must("preview", "-s", "staging", "--expect-no-changes", "--refresh")

	p.must("destroy", "-s", "staging", "--yes")
	assert.Empty(t, p.objects(), "destroy leaves nothing behind")
}

// TestNoSecretInPlainText takes the secrets out of the decrypted state and looks for each in every file that the run
// has left behind.
func TestNoSecretInPlainText(t *testing.T) {
	t.Parallel()
	p := staging(t)
	out := p.must("stack", "export", "-s", "staging", "--show-secrets")
	var state any
	require.NoError(t, json.Unmarshal([]byte(out[strings.Index(out, "{"):]), &state))
	secrets := plaintexts(state)
	require.GreaterOrEqual(t, len(secrets), 1, "the application's secret key is one")
	for _, secret := range secrets {
		require.GreaterOrEqual(t, len(secret), 16, "%q is too short to be looked for", secret)
	}
	require.NoError(t, filepath.WalkDir(filepath.Join(p.dir, ".local"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		for _, secret := range secrets {
			assert.NotContains(t, string(content), secret, path)
		}
		return err
	}))
	shown := p.must("stack", "output", "-s", "staging", "--json")
	for _, secret := range secrets {
		assert.NotContains(t, shown, secret)
	}
}

// plaintexts finds the secrets in an exported state: {"<signature key>": "<secret>", "plaintext": "<JSON>"}.
func plaintexts(v any) (found []string) {
	switch v := v.(type) {
	case map[string]any:
		if text, ok := v["plaintext"].(string); ok {
			var value string
			if json.Unmarshal([]byte(text), &value) == nil && value != "" {
				return []string{value}
			}
			return nil
		}
		for _, e := range v {
			found = append(found, plaintexts(e)...)
		}
	case []any:
		for _, e := range v {
			found = append(found, plaintexts(e)...)
		}
	}
	return found
}

func TestTwoStacksSideBySide(t *testing.T) {
	t.Parallel()
	p := bothStacks(t)
	before := staging(t).objects()
	assert.Greater(t, len(p.objects()), 2*len(before)-10, "prod has a set of its own")
	p.must("preview", "-s", "staging", "--expect-no-changes")
	p.must("preview", "-s", "prod", "--expect-no-changes")
	assert.NotContains(t, p.outputs("prod"), "shared", "no test environment comes near what production holds")

	out, err := p.run("destroy", "-s", "prod", "--yes")
	require.Error(t, err, "production is protected")
	assert.Contains(t, out, "protected")

	p.must("destroy", "-s", "staging", "--yes")
	p.must("preview", "-s", "prod", "--expect-no-changes")
	for _, o := range p.account() {
		assert.Contains(t, o.URN, "urn:pulumi:prod::", "only prod's objects are left")
	}
	p.up("prod", "--config", "slipway:ephemeral=true")
	p.must("destroy", "-s", "prod", "--yes")
	assert.Empty(t, p.objects())
}

func TestDriftIsFound(t *testing.T) {
	t.Parallel()
	p := staging(t)
	account, err := localaws.Open(filepath.Join(p.dir, ".local", "aws"))
	require.NoError(t, err)
	const policy = "aws:appautoscaling/policy:Policy"
	for _, o := range p.account() {
		if o.Type == policy && strings.HasSuffix(o.URN, "::web-scale-cpu") {
			require.NoError(t, account.Remove(o.ID))
		}
	}

	out, err := p.run("refresh", "-s", "staging", "--yes", "--expect-no-changes")
	require.Error(t, err, "the missing policy is drift")
	assert.Contains(t, out, "web-scale-cpu")
	p.must("refresh", "-s", "staging", "--yes")
	assert.Equal(t, []string{"create " + policy + " web-scale-cpu"}, p.up("staging"))
	p.must("preview", "-s", "staging", "--expect-no-changes")
}

// TestSomethingInUseIsNotRemoved tries what a person with a console would try.
func TestSomethingInUseIsNotRemoved(t *testing.T) {
	t.Parallel()
	p := staging(t)
	account, err := localaws.Open(filepath.Join(p.dir, ".local", "aws"))
	require.NoError(t, err)
	for _, o := range p.account() {
		if o.Type == "aws:ec2/vpc:Vpc" {
			require.ErrorContains(t, account.Remove(o.ID), "api error DependencyViolation")
		}
	}
}
