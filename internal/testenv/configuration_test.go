package testenv

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBecome(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		source, overrides string
		origin            origin
		want              string
		wantOverrides     string // "" for no file
	}{
		"a whole one without a domain": {
			source: "shop:ephemeral: true\n  aws:region: us-east-1\n  shop:account: 012345678901",
			origin: origin{Whole, "staging"},
			want:   "shop:ephemeral: true\n  aws:region: us-east-1\n  shop:account: 012345678901\n  pulumi:tags: {test-environment: whole, test-environment-from: staging}",
		},
		"a whole one below the domain, in the same zone": {
			source: "shop:domain: staging.example.com\n  shop:domainWildcard: true\n  shop:databaseDataApi: true\n  shop:alarmEmails: [ops@example.com]\n  shop:staticDomain: static.example.com\n  shop:staticHostedZone: example.com",
			origin: origin{Whole, "staging"},
			want:   "shop:domain: pr-1.staging.example.com\n  shop:hostedZone: example.com\n  pulumi:tags: {test-environment: whole, test-environment-from: staging}",
		},
		"a zone that is given stays": {
			source: "shop:domain: a.b.example.com\n  shop:hostedZone: example.com",
			origin: origin{Whole, "demo"},
			want:   "shop:domain: pr-1.a.b.example.com\n  shop:hostedZone: example.com\n  pulumi:tags: {test-environment: whole, test-environment-from: demo}",
		},
		"a shared one": {
			source: "shop:domain: staging.example.com\n  shop:hostedZone: example.com\n  shop:staticSite: true\n  shop:staticDomain: static.example.com\n  shop:webCpu: 512",
			origin: origin{Shared, "staging"},
			want:   "shop:webCpu: 512\n  shop:sharedWith: staging\n  shop:staticSite: false\n  pulumi:tags: {test-environment: shared, test-environment-from: staging}",
		},
		"tags of the user's own stay": {
			source: "pulumi:tags: {team: web}\n  shop:ephemeral: true",
			origin: origin{Whole, "staging"},
			want:   "shop:ephemeral: true\n  pulumi:tags: {team: web, test-environment: whole, test-environment-from: staging}",
		},
		"values of local runs count": {
			source:        "shop:domain: staging.example.com\n  shop:webCpu: 256",
			overrides:     "shop:domain: local.example.org\n  shop:webCpu: 512",
			origin:        origin{Whole, "staging"},
			want:          "shop:domain: pr-1.local.example.org\n  shop:hostedZone: example.org\n  shop:webCpu: 256\n  pulumi:tags: {test-environment: whole, test-environment-from: staging}",
			wantOverrides: "shop:webCpu: 512",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			in := []string{filepath.Join(dir, "source.yaml"), filepath.Join(dir, "overrides.yaml")}
			require.NoError(t, os.WriteFile(in[0], []byte("encryptionsalt: v1:other\nconfig:\n  "+c.source+"\n"), 0o644))
			if c.overrides != "" {
				require.NoError(t, os.WriteFile(in[1], []byte("config:\n  "+c.overrides+"\n"), 0o644))
			}
			configuration, err := readConfiguration(in, "shop")
			require.NoError(t, err)
			configuration.become("pr-1", c.origin)
			out := []string{filepath.Join(dir, "environments", "own.yaml"), filepath.Join(dir, "own-overrides.yaml")}
			require.NoError(t, configuration.write(out, nil))

			for i, want := range []string{c.want, c.wantOverrides} {
				written, err := os.ReadFile(out[i])
				if want == "" {
					assert.ErrorIs(t, err, os.ErrNotExist)
					continue
				}
				require.NoError(t, err)
				assert.YAMLEq(t, "config:\n  "+want, string(written))
			}
			made, err := readConfiguration(out, "shop")
			require.NoError(t, err)
			assert.True(t, made.isEnvironment())
			if name == "a whole one without a domain" {
				written, _ := os.ReadFile(out[0])
				assert.Contains(t, string(written), "shop:account: 012345678901\n", "as it is written")
			}
		})
	}
}

// TestGitIgnoresTheConfiguration asks git, in a repository with the project's .gitignore.
func TestGitIgnoresTheConfiguration(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rules, err := os.ReadFile("../../.gitignore")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".gitignore"), rules, 0o644))
	require.NoError(t, exec.Command("git", "init", "--quiet", dir).Run())
	for file, ignored := range map[string]bool{
		"Pulumi.pr-123.yaml": true, ".local/environments/Pulumi.pr-123.yaml": true,
		"Pulumi.yaml": false, "Pulumi.staging.yaml": false, "Pulumi.prod.yaml": false,
	} {
		err := exec.Command("git", "-C", dir, "check-ignore", "--quiet", file).Run()
		assert.Equal(t, ignored, err == nil, file)
	}
}
