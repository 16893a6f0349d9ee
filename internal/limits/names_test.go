package limits_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"slipway/internal/limits"
)

func TestNamePrefix(t *testing.T) {
	t.Parallel()
	check := func(name string) error { return limits.NamePrefix(name, "-role", limits.RoleNameLength) }
	for _, name := range []string{"a", "Web", "my_web-2", strings.Repeat("a", 64-8-5)} {
		assert.NoError(t, check(name), name)
	}
	for _, name := range []string{"", "1a", "-a", "a b", "a.b", "a/b", "ä", strings.Repeat("a", 64-8-5+1)} {
		assert.ErrorContains(t, check(name), "a letter first, at most 51 characters", name)
	}
	assert.NoError(t, limits.DashboardName(strings.Repeat("a", 53)))
	assert.ErrorContains(t, limits.DashboardName(strings.Repeat("a", 54)), "at most 53 characters")
}

func TestSnapshotIdentifier(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a", "app-1a2b3c4-final", "rds:app-2026-01-01-06-10", "awsbackup:job-0a1b", "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:rds:app-1", "arn:aws-cn:rds:cn-north-1:123456789012:snapshot:app",
		strings.Repeat("a", 255)} {
		assert.NoError(t, limits.SnapshotIdentifier(name), name)
	}
	for _, name := range []string{"", "1a", "a--b", "a-", "a b", "arn:aws:s3:::bucket", strings.Repeat("a", 256)} {
		assert.ErrorContains(t, limits.SnapshotIdentifier(name), "the name of a snapshot", name)
	}
}

func TestTaskUser(t *testing.T) {
	t.Parallel()
	for _, user := range []string{"app", "1000", "10001:10001", "app:www-data", "0"} {
		assert.NoError(t, limits.TaskUser(user), user)
	}
	for _, user := range []string{"", ":1", "1:", "a b", "1:2:3", "-a"} {
		assert.ErrorContains(t, limits.TaskUser(user), "a user and perhaps a group", user)
	}
}
