package backend

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/internal/limits"
)

func TestRepository(t *testing.T) {
	t.Parallel()
	for remote, want := range map[string]string{
		"https://github.com/acme/shop.git":                                 "github.com/acme/shop",
		"https://github.com/Acme/Shop":                                     "github.com/acme/shop",
		"https://token:x@github.com/acme/shop.git/":                        "github.com/acme/shop",
		"git@github.com:acme/shop.git":                                     "github.com/acme/shop",
		"github.com:acme/shop":                                             "github.com/acme/shop",
		"ssh://git@github.com/acme/shop.git":                               "github.com/acme/shop",
		"ssh://git@ssh.github.com:443/acme/shop.git":                       "github.com/acme/shop",
		"ssh://git@git.example.org:2222/group/sub/shop.git":                "git.example.org/group/sub/shop",
		"https://git.example.org/group/sub/shop.git":                       "git.example.org/group/sub/shop",
		"https://git-codecommit.us-east-1.amazonaws.com/v1/repos/shop":     "git-codecommit.us-east-1.amazonaws.com/v1/repos/shop",
		" git@github.com:/acme/shop.git\n":                                 "github.com/acme/shop",
		"https://git-codecommit.us-east-1.amazonaws.com:443/v1/repos/shop": "git-codecommit.us-east-1.amazonaws.com/v1/repos/shop",
	} {
		got, err := Repository(remote)
		require.NoError(t, err, remote)
		assert.Equal(t, want, got, remote)
	}
	for _, remote := range []string{"", "/srv/shop.git", "../shop", "file:///srv/shop.git", "https://github.com/", "https://", "./a:b", "git@github.com:"} {
		_, err := Repository(remote)
		assert.ErrorContains(t, err, "give one with --name", remote)
	}
	_, err := Repository("https://someone:hush@/")
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "hush")
}

// Each way to a repository leads to the same name, which S3 and KMS take.
func TestName(t *testing.T) {
	t.Parallel()
	segment := rapid.StringMatching(`[A-Za-z0-9_][A-Za-z0-9._-]{0,80}[A-Za-z0-9_]`).Filter(func(s string) bool { return !strings.HasSuffix(s, ".git") })
	rapid.Check(t, func(t *rapid.T) {
		host := rapid.StringMatching(`[a-z][a-z0-9-]{0,20}\.(org|com)`).Draw(t, "host")
		path := strings.Join(rapid.SliceOfN(segment, 1, 4).Draw(t, "path"), "/")
		account := rapid.StringMatching(`\d{12}`).Draw(t, "account")
		names := map[string]bool{}
		for _, remote := range []string{"https://%s/%s.git", "https://%s/%s", "https://user:token@%s/%s", "git@%s:%s.git", "ssh://git@%s/%s.git", "ssh://git@%s:2222/%s"} {
			repository, err := Repository(fmt.Sprintf(remote, host, path))
			if err != nil {
				t.Fatal(err)
			}
			names[Name(repository, account)] = true
		}
		if len(names) != 1 {
			t.Fatalf("%d names", len(names))
		}
		for name := range names {
			if err := limits.BucketName(name); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if !regexp.MustCompile(`^pulumi-state-([a-z0-9-]+-)?[0-9a-f]{12}$`).MatchString(name) || strings.Contains(name, "--") {
				t.Fatal(name)
			}
		}
		repository, _ := Repository("https://" + host + "/" + path)
		if Name(repository, account) == Name(repository, account+"0") || Name(repository, account) == Name(repository+"x", account) {
			t.Fatal("another account or repository has the same name")
		}
	})
	assert.Equal(t, "pulumi-state-acme-shop-bfa4817b1f4f", Name("github.com/acme/shop", "123456789012"), "it never changes")
}
