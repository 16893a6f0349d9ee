package limits

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
)

// ClusterName checks the name that the identifiers of an Aurora cluster and of its instances begin with; room is what the
// longest of them appends. RDS takes 63 characters: a letter first, no two hyphens in a row, none at the end. It stores
// them in lower case, and upper case would be a change for ever.
func ClusterName(name string, room int) error {
	longest := 63 - room
	if len(name) > longest || !clusterName.MatchString(name) {
		return fmt.Errorf(`a name of at most %d lower-case letters, digits and single hyphens that begins with a letter, such as "app"`, longest)
	}
	return nil
}

var clusterName = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

var postgresIdentifier = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,62}$`)

// reservedDatabases exist in every Aurora PostgreSQL cluster.
var reservedDatabases = []string{"postgres", "rdsadmin", "template0", "template1"}

// DatabaseName checks the name of the database that is created with a cluster.
func DatabaseName(name string) error {
	if !postgresIdentifier.MatchString(name) || slices.Contains(reservedDatabases, strings.ToLower(name)) {
		return errors.New(`a name of at most 63 letters, digits and underscores that begins with a letter and is none of postgres, rdsadmin, template0, template1; such as "app"`)
	}
	return nil
}

// reservedUsers are the names that RDS keeps for itself or that PostgreSQL takes for keywords, and the two that the
// security control RDS.24 wants to see nowhere: admin and postgres.
var reservedUsers = []string{"admin", "administrator", "postgres", "rdsadmin", "rdsrepladmin", "rds_superuser", "root", "user", "public", "none", "all", "current_user", "session_user"}

// MasterUsername checks the name of a cluster's first user.
func MasterUsername(name string) error {
	lower := strings.ToLower(name)
	if !postgresIdentifier.MatchString(name) || slices.Contains(reservedUsers, lower) || strings.HasPrefix(lower, "pg_") || strings.HasPrefix(lower, "rds_") {
		return errors.New(`a name of at most 63 letters, digits and underscores that begins with a letter and is not reserved, as admin, postgres, rdsadmin, pg_... and rds_... are; such as "dbowner"`)
	}
	return nil
}

// DatabaseUser checks the name of a database user that an IAM role connects as.
func DatabaseUser(name string) error {
	if !postgresIdentifier.MatchString(name) {
		return errors.New("the name of one database user: letters, digits and underscores, no wildcard")
	}
	return nil
}

// AuroraPostgresqlMajor checks the engine version of an Aurora PostgreSQL cluster: a major version, because RDS installs
// the minor ones by itself. PostgreSQL 14 brought idle_session_timeout, which the parameters use.
func AuroraPostgresqlMajor(version string) error {
	if !auroraPostgresqlMajor.MatchString(version) {
		return errors.New(`a major version of Aurora PostgreSQL from 14 on without a minor one, which RDS chooses and upgrades, such as "18"`)
	}
	return nil
}

var auroraPostgresqlMajor = regexp.MustCompile(`^(1[4-9]|[2-9][0-9])$`)

// MinCapacity checks the capacity that a Serverless v2 instance does not go below, in Aurora capacity units: 0 (pauses)
// to 256, in steps of 0.5.
func MinCapacity(units float64) error {
	if units < 0 || !isCapacity(units) {
		return errors.New("capacity units (ACU) from 0 (pauses) to 256 in steps of 0.5")
	}
	return nil
}

// MaxCapacity checks the capacity that a Serverless v2 instance does not exceed. Below 1 there is nothing to scale to.
func MaxCapacity(units, minimum float64) error {
	if units < 1 || units < minimum || !isCapacity(units) {
		return fmt.Errorf("capacity units (ACU) from %v (at least 1, and minCapacity) to 256 in steps of 0.5", max(1, minimum))
	}
	return nil
}

func isCapacity(units float64) bool { return units <= 256 && units*2 == math.Trunc(units*2) }

// SecondsUntilAutoPause checks how long a cluster is idle before it pauses.
func SecondsUntilAutoPause(seconds int) error {
	if seconds < 300 || seconds > 86400 {
		return errors.New("seconds from 300 (5 minutes) to 86400 (1 day)")
	}
	return nil
}

// BackupRetention checks for how many days a cluster can be restored to a point in time.
func BackupRetention(days int) error {
	if days < 1 || days > 35 {
		return errors.New("days from 1 to 35")
	}
	return nil
}

var snapshotIdentifier = regexp.MustCompile(`^(arn:aws[a-z-]*:rds:[a-z0-9-]+:\d{12}:(cluster-)?snapshot:)?((rds|awsbackup):)?([A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*)$`)

// SnapshotIdentifier checks the name of a snapshot, or its ARN (CreateDBClusterSnapshot). Those that RDS and AWS Backup make begin with
// rds: and awsbackup:.
func SnapshotIdentifier(name string) error {
	if match := snapshotIdentifier.FindStringSubmatch(name); match == nil || len(match[5]) > 255 {
		return errors.New(`the name of a snapshot, of at most 255 letters, digits and single hyphens that begin with a letter, or its ARN; such as "app-1a2b3c4-final"`)
	}
	return nil
}

// Readers checks the number of an Aurora cluster's readers.
func Readers(readers int) error {
	if readers < 0 || readers > 15 {
		return errors.New("0 to 15 readers")
	}
	return nil
}

var monitoringIntervals = []int{0, 1, 5, 10, 15, 30, 60}

// MonitoringInterval checks the interval of RDS Enhanced Monitoring.
func MonitoringInterval(seconds int) error {
	if !slices.Contains(monitoringIntervals, seconds) {
		return errors.New("0 (off), 1, 5, 10, 15, 30 or 60 seconds")
	}
	return nil
}

// IdleSessionTimeout checks PostgreSQL's idle_session_timeout, which is stored in milliseconds in 31 bits.
func IdleSessionTimeout(seconds int) error {
	if seconds < 0 || seconds > math.MaxInt32/1000 {
		return fmt.Errorf("seconds from 0 (never) to %d", math.MaxInt32/1000)
	}
	return nil
}
