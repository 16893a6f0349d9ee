package buildcontext_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/buildcontext"
)

func TestDigestFollowsWhatReachesTheBuild(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, content string, mode os.FileMode) {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), mode))
		require.NoError(t, os.Chmod(path, mode))
	}
	digest := func(options ...string) string {
		d, err := buildcontext.Digest(dir, filepath.Join(dir, "Dockerfile"), options...)
		require.NoError(t, err)
		return d
	}
	write("Dockerfile", "FROM scratch\n", 0o644)
	write("app/main.py", "print(1)\n", 0o644)
	write(".dockerignore", "secret\nlogs\n!logs/keep\n", 0o644)
	before := digest()

	for name, change := range map[string]func(){
		"another permission for the group": func() { write("app/main.py", "print(1)\n", 0o664) },
		"an ignored file":                  func() { write("secret", "x", 0o600) },
		"a file in an ignored folder":      func() { write("logs/today", "x", 0o644) },
	} {
		change()
		assert.Equal(t, before, digest(), name)
	}
	last := before
	for _, change := range []func(){
		func() { write("app/main.py", "print(2)\n", 0o644) },
		func() { write("app/main.py", "print(2)\n", 0o755) },
		func() { write("logs/keep", "", 0o644) },
		func() { require.NoError(t, os.Symlink("app", filepath.Join(dir, "link"))) },
		func() { write("Dockerfile", "FROM scratch\nUSER 1\n", 0o644) },
	} {
		change()
		assert.NotEqual(t, last, digest())
		last = digest()
	}
	assert.NotEqual(t, digest("ab", ""), digest("a", "b"), "options do not run into each other")
}

func TestDigestSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	_, err := buildcontext.Digest(t.TempDir(), filepath.Join(t.TempDir(), "Dockerfile"))
	require.ErrorContains(t, err, "hash the Dockerfile")
}
