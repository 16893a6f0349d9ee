package limits_test

import (
	"testing"

	"slipway/internal/limits"
)

func TestSecretRanges(t *testing.T) {
	t.Parallel()
	requireRanges(t, map[string]ranged{
		"recovery window": {limits.SecretRecoveryWindow, []int{7, 30}, []int{0, 6, 31}},
		"length":          {limits.SecretLength, []int{32, 4096}, []int{31, 4097}},
	})
}
