package buildcontext_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/buildcontext"
)

func TestCheckFindsFolderDockerfileAndStage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	dockerfile := filepath.Join(dir, "Dockerfile")
	require.NoError(t, os.WriteFile(dockerfile, []byte("ARG BASE=a\nFROM ${BASE} AS base\nRUN echo FROM x AS y\nfrom --platform=$BUILDPLATFORM base as Prod\nFROM scratch\n"), 0o644))
	for target, ok := range map[string]bool{"": true, "base": true, "prod": true, "2": true, "3": false, "y": false, "nosuch": false} {
		assert.Equal(t, ok, buildcontext.Check(dir, dockerfile, target).Target == nil, "%q", target)
	}
	assert.ErrorContains(t, buildcontext.Check(dir, dockerfile, "nosuch").Target, "base, Prod; or nothing")
	assert.Error(t, buildcontext.Check(filepath.Join(dir, "none"), dockerfile, "").Context)
	assert.Error(t, buildcontext.Check(dir, dockerfile+"2", "").Dockerfile)
}
