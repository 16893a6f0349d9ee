package controls

import (
	"fmt"
	"slices"
	"strconv"

	"slipway/internal/state"
)

const (
	rdsCluster  = "aws:rds/cluster:Cluster"
	rdsInstance = "aws:rds/clusterInstance:ClusterInstance"
	rdsSubnets  = "aws:rds/subnetGroup:SubnetGroup"
)

// atLeastBackupDays is RDS.50's own value for a cluster's retention of backups.
const atLeastBackupDays = 7

var rdsControls = []control{
	{id: "RDS.2", title: "Database instances are not publicly accessible", of: []string{rdsInstance}, check: func(_ *state.State, r *state.Resource) []Finding {
		return must(!r.At("publiclyAccessible").Bool(), "publiclyAccessible", "true", "false")
	}},
	{id: "RDS.3, RDS.27", title: "Databases are encrypted", of: []string{rdsCluster}, check: isTrue("storageEncrypted")},
	{id: "RDS.6", title: "Enhanced monitoring", of: []string{rdsInstance}, option: "`databaseMonitoringIntervalSeconds`", check: func(_ *state.State, r *state.Resource) []Finding {
		return must(r.At("monitoringInterval").Number() > 0, "monitoringInterval", r.At("monitoringInterval").String(), "1 to 60")
	}},
	{id: "RDS.7", title: "Databases are protected from deletion, their instances by Pulumi", of: []string{rdsCluster, rdsInstance}, check: func(_ *state.State, r *state.Resource) (findings []Finding) {
		if r.Type == rdsCluster {
			findings = must(r.At("deletionProtection").Bool(), "deletionProtection", r.At("deletionProtection").String(), "true")
		}
		return append(findings, must(r.Protect, "protect (Pulumi)", "false", "true")...)
	}},
	{id: "RDS.9, RDS.37", title: "Databases write their logs to CloudWatch", of: []string{rdsCluster}, check: func(_ *state.State, r *state.Resource) []Finding {
		logs := r.At("enabledCloudwatchLogsExports").Strings()
		return must(slices.Contains(logs, "postgresql"), "enabledCloudwatchLogsExports", fmt.Sprint(logs), "postgresql among them")
	}},
	{id: "RDS.12", title: "Databases know IAM authentication", of: []string{rdsCluster}, check: isTrue("iamDatabaseAuthenticationEnabled")},
	{id: "RDS.13, RDS.35", title: "Minor versions are installed by AWS", of: []string{rdsInstance}, check: isTrue("autoMinorVersionUpgrade")},
	{id: "RDS.15", title: "Databases have instances in two zones", of: []string{rdsCluster}, check: func(in *state.State, r *state.Resource) []Finding {
		zones := map[string]bool{}
		for _, instance := range in.Where(rdsInstance, "clusterIdentifier", r.ID) {
			zones[instance.At("availabilityZone").String()] = true
		}
		return must(len(zones) > 1, "instances", fmt.Sprintf("%d zone(s)", len(zones)), "2 zones or more")
	}},
	{id: "RDS.16", title: "Snapshots get the tags of their database", of: []string{rdsCluster}, check: isTrue("copyTagsToSnapshot")},
	{id: "RDS.19, RDS.20, RDS.21, RDS.22", title: "Events of the databases are announced", of: []string{"aws:rds/eventSubscription:EventSubscription"},
		option: "alarms say what the application notices; no component subscribes to the events"},
	{id: "RDS.23", title: "Databases listen on another port than the default", of: []string{rdsCluster}, option: "`Port` of the component; the port is open to named security groups only",
		check: func(_ *state.State, r *state.Resource) []Finding {
			return must(r.At("port").Number() != 5432, "port", "5432", "another one")
		}},
	{id: "RDS.24", title: "The master user has a name of its own", of: []string{rdsCluster}, check: func(_ *state.State, r *state.Resource) []Finding {
		name := r.At("masterUsername").String()
		return must(!slices.Contains([]string{"", "admin", "postgres"}, name), "masterUsername", name, "another name than admin or postgres")
	}},
	{id: "RDS.46", title: "No database is in a public subnet", of: []string{rdsSubnets}, where: func(in *state.State, r *state.Resource) bool {
		return slices.ContainsFunc(r.At("subnetIds").Strings(), func(id string) bool { return knowsSubnet(in, id) })
	}, none: "the subnets are another stack's", check: func(in *state.State, r *state.Resource) (findings []Finding) {
		for _, id := range r.At("subnetIds").Strings() {
			findings = append(findings, must(!isPublic(in, id), "subnetIds", id+", which routes to an internet gateway", "isolated subnets")...)
		}
		return findings
	}},
	{id: "RDS.50", title: "Backups are kept for 7 days or more", of: []string{rdsCluster}, check: func(_ *state.State, r *state.Resource) []Finding {
		days := r.At("backupRetentionPeriod")
		return must(days.Number() >= atLeastBackupDays, "backupRetentionPeriod", days.String(), strconv.Itoa(atLeastBackupDays)+" or more")
	}},
}
