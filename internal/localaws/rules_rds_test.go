package localaws

import (
	"fmt"
	"slices"
	"strings"
)

const capacityAt = "serverlessv2ScalingConfiguration"

var anInstance = map[string]any{"clusterIdentifier": "app", "engine": "aurora-postgresql", "instanceClass": "db.serverless"}

// clusters are changes of a cluster that are refused and that are taken.
func clusters(name, code, about string, refused, accepted map[string]any) ruleCase {
	return ruleCase{name, code, about, inPreview(rdsClusterType, with(aurora, refused), with(aurora, accepted))}
}

// clusterValues are values of one property.
func clusterValues(name, code, about, property string, refused, accepted any) ruleCase {
	return clusters(name, code, about, map[string]any{property: refused}, map[string]any{property: accepted})
}

// instances are changes of an instance.
func instances(name, code, about string, refused, accepted map[string]any) ruleCase {
	return ruleCase{name, code, about, inPreview(rdsInstanceType, with(anInstance, refused), with(anInstance, accepted))}
}

// fromVersion is what the first version that can do it takes and the one before it does not.
func fromVersion(first string, about string, least, most float64) ruleCase {
	major, minor, _ := strings.Cut(first, ".")
	var number int
	if _, err := fmt.Sscan(minor, &number); err != nil {
		panic(err) // a version in the table below
	}
	before := fmt.Sprintf("%s.%d", major, number-1)
	capacity := func(version string) map[string]any {
		return map[string]any{"engineVersion": version, capacityAt: scaling(least, most)}
	}
	return clusters(about+" with "+before, "InvalidParameterCombination", "or newer, got "+before, capacity(before), capacity(first))
}

func pausingAfter(least float64, seconds int) map[string]any {
	return map[string]any{capacityAt: with(scaling(least, 2), map[string]any{"secondsUntilAutoPause": seconds})}
}

// windows are those of backups and of maintenance.
func windows(backup, maintenance string) map[string]any {
	return map[string]any{"preferredBackupWindow": backup, "preferredMaintenanceWindow": maintenance}
}

func exporting(logs ...any) map[string]any {
	return map[string]any{"enabledCloudwatchLogsExports": logs}
}

func monitored(interval int) map[string]any {
	return map[string]any{"monitoringInterval": interval, "monitoringRoleArn": "arn:aws:iam::123456789012:role/monitoring"}
}

func insights(days int) map[string]any {
	return map[string]any{"performanceInsightsEnabled": true, "performanceInsightsRetentionPeriod": days}
}

var databaseRules = []rule{
	{number: 58, says: "An identifier of more than 63 characters, of others than lower-case letters, digits and hyphens, without a letter first, with two hyphens in a row or one at its end.",
		why: "It is a part of the endpoint's host name.", cases: []ruleCase{
			clusterValues("64 characters", "InvalidParameterValue", "63 at most", "clusterIdentifier", strings.Repeat("a", 64), strings.Repeat("a", 63)),
			clusterValues("a digit first", "InvalidParameterValue", "must begin with a letter", "clusterIdentifier", "1app", "app1"),
			clusterValues("upper case", "InvalidParameterValue", "only lowercase letters", "clusterIdentifier", "App", "app"),
			clusterValues("two hyphens", "InvalidParameterValue", "two consecutive hyphens", "clusterIdentifier", "my--app", "my-app"),
			clusterValues("a hyphen last", "InvalidParameterValue", "must not end with a hyphen", "clusterIdentifier", "app-", "app"),
			instances("an instance with a hyphen last", "InvalidParameterValue", "must not end with a hyphen", map[string]any{"identifier": "app-1-"}, map[string]any{"identifier": "app-1"}),
		}},
	{number: 59, says: "A master user of a reserved name; a password of one's own together with one that RDS manages, and neither.",
		why: "The engine's own roles have these names.", cases: []ruleCase{
			clusterValues("admin", "InvalidParameterValue", "admin cannot be used as it is a reserved word", "masterUsername", "admin", "administrator"),
			clusterValues("a role of PostgreSQL", "InvalidParameterValue", "pg_owner cannot be used", "masterUsername", "pg_owner", "pgowner"),
			clusters("two passwords", "InvalidParameterCombination", "conflicts with manageMasterUserPassword", map[string]any{"masterPassword": "correct-horse"}, map[string]any{"manageMasterUserPassword": nil, "masterPassword": "correct-horse"}),
			clusterValues("no password", "InvalidParameterValue", "MasterUserPassword must be provided", "manageMasterUserPassword", false, true),
		}},
	{number: 60, says: "Backups that are not kept from 1 to 35 days; a backup or maintenance window of less than 30 minutes, or both at once; a port that is not from 1150 to 65535.",
		why: "A backup is taken in its window, when nothing else is done.", cases: slices.Concat(
			limited("InvalidParameterValue", rdsClusterType, aurora, "backupRetentionPeriod", 1, 35),
			limited("InvalidParameterValue", rdsClusterType, aurora, "port", 1150, 65535),
			[]ruleCase{
				clusterValues("29 minutes for the backup", "InvalidParameterValue", "at least 30 minutes, got 29", "preferredBackupWindow", "03:00-03:29", "03:00-03:30"),
				clusterValues("29 minutes for the maintenance", "InvalidParameterValue", "at least 30 minutes, got 29", "preferredMaintenanceWindow", "sun:23:45-mon:00:14", "sun:23:45-mon:00:15"),
				clusters("both at once", "InvalidParameterValue", "must not overlap", windows("23:45-00:16", "mon:00:15-mon:00:45"), windows("23:45-00:15", "mon:00:15-mon:00:45")),
			})},
	{number: 61, says: "A subnet group in one zone.",
		why: "A cluster's storage is in several.", cases: []ruleCase{
			{"one zone", "DBSubnetGroupDoesNotCoverEnoughAZs", "at least 2 AZs", onCreate(subnetGroupType, func(e *embedded) (map[string]any, map[string]any) {
				vpc, subnets := e.network()
				zone := e.account.lookup(subnets[0].(string), subnetType).text("availabilityZone")
				third := e.create(subnetType, "third", map[string]any{"vpcId": vpc, "cidrBlock": "10.0.2.0/24", "availabilityZone": zone})["id"]
				return map[string]any{"subnetIds": []any{subnets[0], third}}, map[string]any{"subnetIds": subnets}
			})},
		}},
	{number: 62, says: "A capacity that is not from 0 to 256 in steps of 0.5; a minimum above the maximum.",
		why: "Capacity is counted in half units of 2 GiB.", cases: []ruleCase{
			clusterValues("a quarter", "InvalidParameterValue", "steps of 0.5", capacityAt, scaling(0.25, 2), scaling(0.5, 2)),
			clusterValues("256.5", "InvalidParameterValue", "it takes 0 to 256", capacityAt, scaling(1, 256.5), scaling(1, 256)),
			clusterValues("half a unit at most", "InvalidParameterValue", "must be at least 1", capacityAt, scaling(0.5, 0.5), scaling(0.5, 1)),
			clusterValues("a minimum above the maximum", "InvalidParameterCombination", "greater than or equal to the minimum", capacityAt, scaling(2.5, 2), scaling(2, 2)),
		}},
	{number: 63, says: "A minimum of 0 before Aurora PostgreSQL 13.15, 14.12, 15.7 and 16.3; more than 128 units before 13.13, 14.10, 15.5 and 16.1.",
		why: "These versions brought it.", cases: []ruleCase{
			fromVersion("13.15", "pausing", 0, 2), fromVersion("14.12", "pausing", 0, 2), fromVersion("15.7", "pausing", 0, 2), fromVersion("16.3", "pausing", 0, 2),
			fromVersion("13.13", "128.5 units", 1, 128.5), fromVersion("14.10", "128.5 units", 1, 128.5), fromVersion("15.5", "128.5 units", 1, 128.5), fromVersion("16.1", "128.5 units", 1, 128.5),
			clusters("128.5 units of 15.4", "InvalidParameterCombination", "above 128", map[string]any{"engineVersion": "15.4", capacityAt: scaling(1, 128.5)}, map[string]any{"engineVersion": "15.4", capacityAt: scaling(1, 128)}),
		}},
	{number: 64, says: "A pause that does not begin after 300 to 86400 seconds, and one of a cluster that does not go down to 0.",
		why: "Only a cluster of 0 units pauses.", cases: []ruleCase{
			clusters("after 299 seconds", "InvalidParameterValue", "secondsUntilAutoPause", pausingAfter(0, 299), pausingAfter(0, 300)),
			clusters("after 86401 seconds", "InvalidParameterValue", "secondsUntilAutoPause", pausingAfter(0, 86401), pausingAfter(0, 86400)),
			clusters("at half a unit", "InvalidParameterCombination", "only valid when MinCapacity is 0", pausingAfter(0.5, 300), pausingAfter(0, 300)),
		}},
	{number: 65, says: "An instance of the class `db.serverless` in a cluster without capacity limits.",
		why: "The limits are the cluster's.", cases: []ruleCase{
			{"no limits", "InvalidDBClusterStateFault", "scaling configuration on the parent DB cluster", onCreate(rdsInstanceType, func(e *embedded) (map[string]any, map[string]any) {
				e.create(rdsClusterType, "fixed", with(aurora, map[string]any{"clusterIdentifier": "fixed", capacityAt: nil}))
				e.create(rdsClusterType, "app", aurora)
				return setting(anInstance, "clusterIdentifier", "fixed"), anInstance
			})},
		}},
	{number: 66, says: "A cluster of Aurora Serverless v1.",
		why: "AWS has ended it.", cases: []ruleCase{
			clusterValues("Serverless v1", "InvalidParameterCombination", "can no longer be created", "engineMode", "serverless", "provisioned"),
		}},
	{number: 67, says: "Logs to export that are not `postgresql`, `instance` or `iam-db-auth-error`.",
		why: "These are the logs that Aurora PostgreSQL has.", cases: []ruleCase{
			clusters("MySQL's", "InvalidParameterCombination", "log types 'slowquery' with engine aurora-postgresql", exporting("postgresql", "slowquery"), exporting("postgresql", "instance", "iam-db-auth-error")),
		}},
	{number: 68, says: "Monitoring at other intervals than 0, 1, 5, 10, 15, 30 and 60 seconds, or without a role if not 0; insights kept for other than 7, 731 or a multiple of 31 days.",
		why: "The role writes the measurements into CloudWatch Logs.", cases: []ruleCase{
			instances("every 2 seconds", "InvalidParameterValue", "monitoringInterval", monitored(2), monitored(1)),
			instances("every 61 seconds", "InvalidParameterValue", "monitoringInterval", monitored(61), monitored(60)),
			instances("no role", "InvalidParameterCombination", "MonitoringRoleARN value is required", map[string]any{"monitoringInterval": 60}, map[string]any{"monitoringInterval": 0}),
			instances("a role for nothing", "InvalidParameterCombination", "other than 0 when you specify a MonitoringRoleARN", monitored(0), monitored(60)),
			instances("insights for 8 days", "InvalidParameterValue", "retention period: 8", insights(8), insights(7)),
			instances("insights for 30 days", "InvalidParameterValue", "retention period: 30", insights(30), insights(31)),
			instances("insights for 24 months", "InvalidParameterValue", "retention period: 744", insights(744), insights(713)),
			instances("insights for 730 days", "InvalidParameterValue", "retention period: 730", insights(730), insights(731)),
			clusters("every 2 seconds, a cluster", "InvalidParameterValue", "monitoringInterval", monitored(2), monitored(5)),
		}},
	{number: 69, says: "The deletion of a cluster with deletion protection, and of one without the name of a final snapshot that does not skip it.",
		why: "The data would be lost.", cases: []ruleCase{
			{"protected", "InvalidParameterCombination", "Cannot delete protected Cluster", letGo(map[string]any{"deletionProtection": true}, map[string]any{"deletionProtection": false})},
			{"no final snapshot", "InvalidParameterCombination", "final_snapshot_identifier is required", letGo(map[string]any{"skipFinalSnapshot": false}, map[string]any{"skipFinalSnapshot": false, "finalSnapshotIdentifier": "app-final"})},
		}},
}

// letGo is the deletion of a cluster that is kept by some inputs until it is updated to others.
func letGo(kept, free map[string]any) enforcement {
	return onDelete(rdsClusterType, func(e *embedded) (*deployed, func() error) {
		cluster := e.deploy(rdsClusterType, "app", with(aurora, kept))
		return cluster, func() error { return cluster.update(with(aurora, free)) }
	})
}
