package components

import (
	"cmp"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/internal/invalid"
	"slipway/internal/limits"
)

// AuroraServerlessArgs are the arguments of an AuroraServerless.
type AuroraServerlessArgs struct {
	// VpcId is the network. Required. Example: network.VpcId.
	VpcId pulumi.StringInput `pulumi:"vpcId"`
	// SubnetIds are isolated subnets in at least two availability zones. Required. Example: network.IsolatedSubnetIds.
	SubnetIds pulumi.StringArrayInput `pulumi:"subnetIds"`
	// DatabaseName is the database that is created in the cluster. To change it replaces the cluster. Default: "app".
	DatabaseName string `pulumi:"databaseName,optional"`
	// MasterUsername is the user that owns the database. To change it replaces the cluster. Default: "dbowner".
	MasterUsername string `pulumi:"masterUsername,optional"`
	// EngineVersion is the major version of Aurora PostgreSQL. The cluster is created with RDS's default minor version. RDS
	// installs later ones in the maintenance window, and that is no difference to Pulumi. Default: "18".
	EngineVersion string `pulumi:"engineVersion,optional"`
	// AllowMajorVersionUpgrade lets a higher EngineVersion upgrade the cluster where it stands: an outage of some
	// minutes, and no way back but a snapshot. Take it out again afterwards: with it, every update goes to RDS's default
	// minor version, and fails where RDS has installed a later one. Default: false, and RDS refuses the new parameters.
	AllowMajorVersionUpgrade bool `pulumi:"allowMajorVersionUpgrade,optional"`
	// MinCapacity is the least capacity of each instance, in Aurora capacity units of about 2 GiB: 0 to 256 in steps of
	// 0.5. With 0 an instance pauses while nobody is connected, and the first connection then takes about 15 seconds.
	// To give a database that pauses a least capacity, change it in RDS and run `pulumi refresh`: the provider keeps sending
	// the seconds until the pause, which RDS takes with 0 only. Default: 0.5, and 0 when Ephemeral.
	MinCapacity *float64 `pulumi:"minCapacity,optional"`
	// MaxCapacity is the most capacity of each instance, 1 to 256 in steps of 0.5. It bounds the bill: $88 a month for
	// each unit and instance. Default: 2, enough for a small application and its migrations; watch
	// ServerlessDatabaseCapacity.
	MaxCapacity float64 `pulumi:"maxCapacity,optional"`
	// SecondsUntilAutoPause is how long nobody has been connected when an instance pauses, 300 to 86400. Only with
	// MinCapacity 0. Default: 300.
	SecondsUntilAutoPause int `pulumi:"secondsUntilAutoPause,optional"`
	// IdleSessionTimeoutSeconds ends connections that did nothing for so long; 0 ends none. A connection that is open,
	// idle or not, keeps an instance from pausing. Default: 60 with MinCapacity 0, otherwise 0.
	IdleSessionTimeoutSeconds *int `pulumi:"idleSessionTimeoutSeconds,optional"`
	// Readers is the number of instances next to the writer, 0 to 15. The first one is always as large as the writer and
	// takes over from it when it fails. Lowering the number in production needs `pulumi state unprotect` first.
	// Default: 1, so that the database is in two zones (control RDS.15), and 0 when Ephemeral.
	Readers *int `pulumi:"readers,optional"`
	// BackupRetentionDays is for how many days the cluster can be restored to any second, 1 to 35. Default: 7, and 1 when
	// Ephemeral.
	BackupRetentionDays int `pulumi:"backupRetentionDays,optional"`
	// SnapshotIdentifier is a snapshot, by name or ARN, to create the cluster from; DatabaseName and MasterUsername must be
	// those of the snapshot. It is read when the cluster is created; later changes do nothing. Default: none, an empty
	// database. Example: "app-1a2b3c4-final".
	SnapshotIdentifier string `pulumi:"snapshotIdentifier,optional"`
	// PerformanceInsights shows what the database spends its time on, for the last 7 days, free. AWS wants a MaxCapacity
	// of at least 2 for it. Default: false.
	PerformanceInsights bool `pulumi:"performanceInsights,optional"`
	// EnhancedMonitoringSeconds is the interval of operating system metrics: 0 for none, 1, 5, 10, 15, 30 or 60. They go
	// to CloudWatch Logs, at its price. Default: 0.
	EnhancedMonitoringSeconds int `pulumi:"enhancedMonitoringSeconds,optional"`
	// DataApi lets whoever may call rds-data and read the master secret run SQL over HTTPS, by IAM and without a way into the
	// network ($0.35 per million calls): to drop a test environment's database, for example. It is switched in place. The
	// provider leaves it out of a cluster that it creates from a snapshot. Default: false.
	DataApi bool `pulumi:"dataApi,optional"`
	// Alarms says when an instance has used 90 % of MaxCapacity for 15 minutes, and 80 % of its connections for 5. $0.20 a month.
	// Default: true, and false when Ephemeral.
	Alarms *bool `pulumi:"alarms,optional"`
	// AlarmActions is what the alarms do when they go off and when they are over, such as telling an AlarmTopic; 5 at most.
	// Default: none, alarms are to be seen only. Example: pulumi.StringArray{alarms.TopicArn}.
	AlarmActions pulumi.StringArrayInput `pulumi:"alarmActions,optional"`
	// LogRetentionDays is how long the database's log is kept, one of CloudWatch Logs' own values. Default: 365, and 30
	// when Ephemeral.
	LogRetentionDays int `pulumi:"logRetentionDays,optional"`
	// SslMode is what connected services are told. Default: SslRequire. Example: new(components.SslVerifyFull).
	SslMode *SslMode `pulumi:"sslMode,optional"`
	// Ephemeral is for environments that come and go: no deletion protection, no final snapshot, backups go with the
	// cluster, and Pulumi does not protect it. It also changes the defaults of what costs money, see above. Default: false.
	Ephemeral bool `pulumi:"ephemeral,optional"`
	// Tags for everything in it that takes tags, and for its snapshots. Default: none. Example: map[string]string{"team": "shop"}.
	Tags map[string]string `pulumi:"tags,optional"`
}

// withDefaults fills in what was left out and checks the rest.
func (a *AuroraServerlessArgs) withDefaults(name string) (AuroraServerlessArgs, error) {
	filled := AuroraServerlessArgs{}
	if a != nil {
		filled = *a
	}
	minCapacity, readers, backups, logs := 0.5, 1, 7, 365
	if filled.Ephemeral {
		minCapacity, readers, backups, logs = 0, 0, 1, 30
	}
	filled.DatabaseName = cmp.Or(filled.DatabaseName, "app")
	filled.MasterUsername = cmp.Or(filled.MasterUsername, "dbowner")
	filled.EngineVersion = cmp.Or(filled.EngineVersion, "18")
	filled.MinCapacity = cmp.Or(filled.MinCapacity, &minCapacity)
	filled.MaxCapacity = cmp.Or(filled.MaxCapacity, 2)
	filled.Readers = cmp.Or(filled.Readers, &readers)
	filled.BackupRetentionDays = cmp.Or(filled.BackupRetentionDays, backups)
	filled.LogRetentionDays = cmp.Or(filled.LogRetentionDays, logs)
	filled.Alarms = cmp.Or(filled.Alarms, new(!filled.Ephemeral))
	filled.SslMode = cmp.Or(filled.SslMode, new(SslRequire))
	if filled.pauses() {
		filled.SecondsUntilAutoPause = cmp.Or(filled.SecondsUntilAutoPause, 300)
		filled.IdleSessionTimeoutSeconds = cmp.Or(filled.IdleSessionTimeoutSeconds, new(60))
	} else {
		filled.IdleSessionTimeoutSeconds = cmp.Or(filled.IdleSessionTimeoutSeconds, new(0))
	}
	return filled, filled.check(name)
}

func (a AuroraServerlessArgs) pauses() bool { return *a.MinCapacity == 0 }

func (a AuroraServerlessArgs) check(name string) error {
	wrong := invalid.In(fmt.Sprintf("AuroraServerless %q", name))
	wrong.Check("name", name, limits.ClusterName(name, identifierRoom))
	if a.VpcId == nil {
		wrong.Add("vpcId", nil, "the id of the network; pass network.VpcId")
	}
	if a.SubnetIds == nil {
		wrong.Add("subnetIds", nil, "isolated subnets in two availability zones or more; pass network.IsolatedSubnetIds")
	}
	wrong.Check("databaseName", a.DatabaseName, limits.DatabaseName(a.DatabaseName))
	wrong.Check("masterUsername", a.MasterUsername, limits.MasterUsername(a.MasterUsername))
	wrong.Check("engineVersion", a.EngineVersion, limits.AuroraPostgresqlMajor(a.EngineVersion))
	wrong.Check("minCapacity", *a.MinCapacity, limits.MinCapacity(*a.MinCapacity))
	wrong.Check("maxCapacity", a.MaxCapacity, limits.MaxCapacity(a.MaxCapacity, *a.MinCapacity))
	switch {
	case a.pauses():
		wrong.Check("secondsUntilAutoPause", a.SecondsUntilAutoPause, limits.SecondsUntilAutoPause(a.SecondsUntilAutoPause))
	case a.SecondsUntilAutoPause != 0:
		wrong.Conflict("secondsUntilAutoPause, minCapacity", fmt.Sprintf("an instance pauses only with minCapacity 0, and that is %v; set it to 0 or leave secondsUntilAutoPause out", *a.MinCapacity))
	}
	wrong.Check("idleSessionTimeoutSeconds", *a.IdleSessionTimeoutSeconds, limits.IdleSessionTimeout(*a.IdleSessionTimeoutSeconds))
	wrong.Check("readers", *a.Readers, limits.Readers(*a.Readers))
	wrong.Check("backupRetentionDays", a.BackupRetentionDays, limits.BackupRetention(a.BackupRetentionDays))
	wrong.Check("enhancedMonitoringSeconds", a.EnhancedMonitoringSeconds, limits.MonitoringInterval(a.EnhancedMonitoringSeconds))
	wrong.Check("logRetentionDays", a.LogRetentionDays, limits.LogRetention(a.LogRetentionDays))
	a.SslMode.check(wrong)
	if a.SnapshotIdentifier != "" {
		wrong.Check("snapshotIdentifier", a.SnapshotIdentifier, limits.SnapshotIdentifier(a.SnapshotIdentifier))
	}
	checkTags(a.Tags, limits.MaxTags, wrong)
	return wrong.Err()
}
