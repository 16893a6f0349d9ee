package limits_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"slipway/internal/limits"
)

func TestScheduleExpression(t *testing.T) {
	t.Parallel()
	for _, good := range []string{
		"rate(1 minute)", "rate(5 minutes)", "rate(12 hours)", "rate(1 days)",
		"cron(0 3 * * ? *)", "cron(0/15 8-17 ? * MON-FRI *)", "cron(30 6 1,15 JAN-jun ? 2026-2030)", "cron(0 0 L * ? *)",
		"cron(0 0 3W * ? *)", "cron(0 0 ? * 6L *)", "cron(0 0 ? * FRI#2 *)", "cron(*/5 * * * ? *)",
	} {
		assert.NoError(t, limits.ScheduleExpression(good), good)
	}
	for _, bad := range []string{
		"", "0 3 * * *", "rate(0 minutes)", "rate(5 seconds)", "rate(five minutes)", "at(2026-01-01T00:00:00)", "cron(0 3 * * *)", "cron(0 3 * * * *)",
		"cron(0 3 ? * ? *)", "cron(60 3 * * ? *)", "cron(0 24 * * ? *)", "cron(0 3 32 * ? *)", "cron(0 3 * 13 ? *)", "cron(0 3 ? * 8 *)",
		"cron(0 3 ? * FRI#6 *)", "cron(0/0 3 * * ? *)", "cron(17-8 3 * * ? *)", "cron(? 3 * * ? *)", "cron(0 3 * * ? 1969)", "cron(0 3 * * ? *",
	} {
		assert.ErrorContains(t, limits.ScheduleExpression(bad), `"cron(0 3 * * ? *)" for 3:00 every day`, bad)
	}
}

func TestScheduleTimeZone(t *testing.T) {
	t.Parallel()
	assert.NoError(t, limits.ScheduleTimeZone("UTC"))
	assert.NoError(t, limits.ScheduleTimeZone("Europe/Berlin"))
	for _, bad := range []string{"", "Local", "CEST", "Berlin"} {
		assert.EqualError(t, limits.ScheduleTimeZone(bad), `a time zone of the IANA database, such as "UTC" or "Europe/Berlin"`, bad)
	}
}
