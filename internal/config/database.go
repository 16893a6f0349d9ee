package config

import (
	"errors"

	"slipway/components"
	"slipway/internal/limits"
)

func (r *reader) database(env environment) *components.AuroraServerlessArgs {
	minCapacity := r.number("databaseMinCapacity", 0.5, limits.MinCapacity)
	return &components.AuroraServerlessArgs{
		DatabaseName: r.text("databaseName", "app", limits.DatabaseName),
		MinCapacity:  &minCapacity,
		MaxCapacity:  r.number("databaseMaxCapacity", 4, func(units float64) error { return limits.MaxCapacity(units, minCapacity) }),
		SecondsUntilAutoPause: r.integer("databaseAutoPauseSeconds", 0, orNone(func(seconds int) error {
			if minCapacity != 0 {
				return errors.New("0 with a database that does not pause; it pauses with slipway:databaseMinCapacity \"0\"")
			}
			return limits.SecondsUntilAutoPause(seconds)
		})),
		BackupRetentionDays:       r.integer("databaseBackupRetentionDays", 7, limits.BackupRetention),
		Readers:                   new(r.integer("databaseReaders", 1, limits.Readers)),
		PerformanceInsights:       r.boolean("databasePerformanceInsights", false),
		EnhancedMonitoringSeconds: r.integer("databaseMonitoringIntervalSeconds", 0, limits.MonitoringInterval),
		DataApi:                   r.boolean("databaseDataApi", false),
		Alarms:                    &env.alarms,
		LogRetentionDays:          env.logRetentionDays,
		Ephemeral:                 env.ephemeral,
	}
}
