package e2e

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/release"
	"slipway/internal/stacks"
)

// TestRollback releases a second image, and goes back to the first.
func TestRollback(t *testing.T) {
	t.Parallel()
	p := staging(t)
	first := p.outputs("staging")["image"]
	p.edit("docker/app/Dockerfile", "EXPOSE 8000", "EXPOSE 8001")
	p.up("staging")
	require.NotEqual(t, first, p.outputs("staging")["image"])

	var out bytes.Buffer
	session := p.session(&out, &out)
	session.Dir = p.dir + "/.local"
	place := &stacks.Embedded{ProjectDir: p.dir, Session: *session}
	releases := release.Releases{Place: place, Images: &release.Embedded{Account: place.Account}, Project: "slipway", Yes: true, Stderr: &out}
	list, err := releases.List(t.Context(), "staging")
	require.NoError(t, err)
	require.Len(t, list, 2)
	assert.True(t, list[0].Runs)
	assert.Contains(t, first, list[1].Digest)

	require.NoError(t, releases.Rollback(t.Context(), "staging", ""), &out)
	assert.Equal(t, first, p.outputs("staging")["image"])
	list, err = releases.List(t.Context(), "staging")
	require.NoError(t, err)
	require.Len(t, list, 2, "the repository keeps both")
	assert.True(t, list[1].Runs)
}
