package limits_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/limits"
)

func TestEmailAddress(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"ops@example.com", "on-call+web@mail.example.co.uk", "a_b@example.org"} {
		require.NoError(t, limits.EmailAddress(good), good)
	}
	for _, bad := range []string{"", "ops", "ops@", "@example.com", "ops@localhost", "Ops <ops@example.com>", "ops@example.com ", "a@example.com, b@example.com", "ops@@example.com"} {
		assert.Error(t, limits.EmailAddress(bad), bad)
	}
}
