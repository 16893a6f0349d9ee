package limits_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"slipway/internal/limits"
)

func TestClusterName(t *testing.T) {
	t.Parallel()
	for name, ok := range map[string]bool{
		"app": true, "my-app2": true, "a": true, strings.Repeat("a", 45): true,
		"": false, "App": false, "2app": false, "my--app": false, "app-": false, "-app": false, "my_app": false, strings.Repeat("a", 46): false,
	} {
		assert.Equal(t, ok, limits.ClusterName(name, 18) == nil, "%q", name)
	}
	assert.ErrorContains(t, limits.ClusterName("App", 18), "at most 45 lower-case letters")
}

func TestDatabaseName(t *testing.T) {
	t.Parallel()
	for name, ok := range map[string]bool{
		"app": true, "App_1": true, strings.Repeat("a", 63): true,
		"": false, "1app": false, "my-app": false, "postgres": false, "Template1": false, strings.Repeat("a", 64): false,
	} {
		assert.Equal(t, ok, limits.DatabaseName(name) == nil, "%q", name)
	}
}

func TestMasterUsername(t *testing.T) {
	t.Parallel()
	for name, ok := range map[string]bool{
		"dbowner": true, "app_1": true,
		"": false, "admin": false, "Postgres": false, "rdsadmin": false, "pg_reader": false, "rds_iam": false, "my-user": false, "user": false,
	} {
		assert.Equal(t, ok, limits.MasterUsername(name) == nil, "%q", name)
	}
}

func TestDatabaseUser(t *testing.T) {
	t.Parallel()
	for name, ok := range map[string]bool{"reporting": true, "": false, "*": false, "a*": false, "a/b": false} {
		assert.Equal(t, ok, limits.DatabaseUser(name) == nil, "%q", name)
	}
}

func TestAuroraPostgresqlMajor(t *testing.T) {
	t.Parallel()
	for version, ok := range map[string]bool{"14": true, "17": true, "18": true, "20": true, "": false, "13": false, "9": false, "17.4": false, "latest": false, "180": false} {
		assert.Equal(t, ok, limits.AuroraPostgresqlMajor(version) == nil, "%q", version)
	}
}

func TestCapacity(t *testing.T) {
	t.Parallel()
	for units, ok := range map[float64]bool{0: true, 0.5: true, 2: true, 255.5: true, 256: true, -0.5: false, 0.3: false, 256.5: false} {
		assert.Equal(t, ok, limits.MinCapacity(units) == nil, "min %v", units)
	}
	for _, test := range []struct {
		maximum, minimum float64
		ok               bool
	}{{1, 0, true}, {1, 1, true}, {256, 0.5, true}, {0.5, 0, false}, {0, 0, false}, {2, 4, false}, {1.25, 0, false}, {257, 0, false}} {
		assert.Equal(t, test.ok, limits.MaxCapacity(test.maximum, test.minimum) == nil, "%+v", test)
	}
	assert.ErrorContains(t, limits.MaxCapacity(2, 4), "from 4 (at least 1, and minCapacity) to 256")
}

func TestRanges(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		check    func(int) error
		good     []int
		bad      []int
		sentence string
	}{
		"SecondsUntilAutoPause": {limits.SecondsUntilAutoPause, []int{300, 86400}, []int{0, 299, 86401}, "300 (5 minutes) to 86400"},
		"BackupRetention":       {limits.BackupRetention, []int{1, 35}, []int{0, 36}, "1 to 35"},
		"Readers":               {limits.Readers, []int{0, 15}, []int{-1, 16}, "0 to 15"},
		"MonitoringInterval":    {limits.MonitoringInterval, []int{0, 1, 5, 10, 15, 30, 60}, []int{-1, 2, 61}, "0 (off), 1, 5"},
		"IdleSessionTimeout":    {limits.IdleSessionTimeout, []int{0, 60, 2147483}, []int{-1, 2147484}, "0 (never) to 2147483"},
	}
	for name, test := range tests {
		for _, value := range test.good {
			assert.NoError(t, test.check(value), "%s(%d)", name, value)
		}
		for _, value := range test.bad {
			assert.ErrorContains(t, test.check(value), test.sentence, "%s(%d)", name, value)
		}
	}
}
