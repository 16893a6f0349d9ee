package localaws

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"slipway/internal/limits"
)

var (
	databaseIdentifier = regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`)
	snapshotIdentifier = regexp.MustCompile(`^[A-Za-z][0-9A-Za-z-]{0,254}$`)
	databaseName       = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,62}$`)
	masterUser         = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,62}$`)
	groupName          = regexp.MustCompile(`^[0-9a-z][ .0-9a-z_-]{0,254}$`)
)

// reservedUsers are the names that Aurora PostgreSQL refuses for the master user; those that begin with pg_ are too.
var reservedUsers = []string{"admin", "rdsadmin", "rdsrepladmin", "rdstopmgr", "rdsproxyadmin", "rds_superuser", "rds_replication", "rds_password", "rds_iam", "rds_ad",
	"public", "none", "user", "all", "current_user", "session_user", "current_role", "table", "select"}

var (
	postgresLogs = []string{"postgresql", "instance", "iam-db-auth-error"}
	mysqlLogs    = []string{"audit", "error", "general", "slowquery", "instance", "iam-db-auth-error"}
)

func checkCluster(c *checking) {
	c.oneOf("engine", auroraPostgres, "aurora-mysql", "mysql", "postgres")
	c.oneOf("engineMode", "", "provisioned", "serverless", "parallelquery", "global")
	c.oneOf("networkType", "IPV4", "DUAL")
	c.oneOf("databaseInsightsMode", "standard", "advanced")
	c.oneOf("engineLifecycleSupport", "open-source-rds-extended-support", "open-source-rds-extended-support-disabled")
	c.checkIdentifier("clusterIdentifier")
	c.checkEngineVersion()
	c.checkMaster()
	c.checkCapacity()
	c.checkWindows()
	c.checkMonitoring()
	c.between("backupRetentionPeriod", 1, 35)
	c.between("port", 1150, 65535)
	if name := c.text("databaseName"); name != "" && !databaseName.MatchString(name) {
		c.fail("databaseName", "DatabaseName must begin with a letter and contain only alphanumeric characters and underscores, got %q (InvalidParameterValue)", name)
	}
	if name := c.text("finalSnapshotIdentifier"); name != "" && badHyphens(name, snapshotIdentifier) {
		c.invalid("finalSnapshotIdentifier", "only alphanumeric characters and single hyphens allowed, a letter first and no hyphen at the end, got %q", name)
	}
	if c.text("engineMode") == "serverless" {
		c.fail("engineMode", "Aurora Serverless v1 clusters can no longer be created; use engineMode provisioned with serverlessv2ScalingConfiguration (InvalidParameterCombination)")
	}
	if c.has("kmsKeyId") && c.has("storageEncrypted") && !c.value("storageEncrypted").IsComputed() && !c.isTrue("storageEncrypted") {
		c.fail("kmsKeyId", "storageEncrypted must be true when kmsKeyId is given (InvalidParameterCombination)")
	}
	logs := mysqlLogs
	if strings.Contains(c.text("engine"), "postgres") {
		logs = postgresLogs
	}
	c.checkDataAPI()
	for _, log := range texts(c.value("enabledCloudwatchLogsExports"), "") {
		if !slices.Contains(logs, log) {
			c.fail("enabledCloudwatchLogsExports", "You cannot use the log types '%s' with engine %s; it has %s (InvalidParameterCombination)", log, c.text("engine"), strings.Join(logs, ", "))
		}
	}
	c.seal("masterPassword")
}

func badHyphens(name string, shape *regexp.Regexp) bool {
	return !shape.MatchString(name) || strings.Contains(name, "--") || strings.HasSuffix(name, "-")
}

func (c *checking) checkIdentifier(property string) {
	if id := c.text(property); id != "" && badHyphens(id, databaseIdentifier) {
		c.fail(property, "The parameter %s is not a valid identifier: %q. Identifiers must begin with a letter; must contain only lowercase letters, digits, and hyphens, 63 at most; and must not end with a hyphen or contain two consecutive hyphens. (InvalidParameterValue)", property, id)
	}
}

func (c *checking) checkEngineVersion() {
	version := c.text("engineVersion")
	if c.text("engine") != auroraPostgres || version == "" {
		return
	}
	if _, _, ok := postgresVersion(version); !ok {
		c.fail("engineVersion", "Cannot find version %s for %s (InvalidParameterCombination)", version, auroraPostgres)
	}
}

// checkMaster checks who the first user is, and that exactly one way to give the password is taken.
func (c *checking) checkMaster() {
	if user := c.text("masterUsername"); user != "" {
		lower := strings.ToLower(user)
		switch {
		case slices.Contains(reservedUsers, lower) || strings.HasPrefix(lower, "pg_"):
			c.fail("masterUsername", "MasterUsername %s cannot be used as it is a reserved word used by the engine (InvalidParameterValue)", user)
		case !masterUser.MatchString(user):
			c.fail("masterUsername", "The parameter MasterUsername is not valid: %q; it takes letters, digits and underscores, a letter first (InvalidParameterValue)", user)
		}
	}
	restored := c.has("snapshotIdentifier") || c.has("restoreToPointInTime") || c.has("replicationSourceIdentifier") || c.has("globalClusterIdentifier") || c.has("s3Import")
	switch managed, given := c.isTrue("manageMasterUserPassword"), c.has("masterPassword"); {
	case managed && given:
		c.fail("masterPassword", `"masterPassword": conflicts with manageMasterUserPassword (InvalidParameterCombination)`)
	case !managed && !given && !restored && !c.value("manageMasterUserPassword").IsComputed():
		c.fail("masterPassword", "The parameter MasterUserPassword must be provided and must not be blank; or let RDS manage it with manageMasterUserPassword (InvalidParameterValue)")
	}
	if !c.has("masterUsername") && !restored {
		c.fail("masterUsername", "The parameter MasterUsername must be provided and must not be blank. (InvalidParameterValue)")
	}
	if c.has("masterUserSecretKmsKeyId") && !c.isTrue("manageMasterUserPassword") {
		c.fail("masterUserSecretKmsKeyId", "takes effect with manageMasterUserPassword only (InvalidParameterCombination)")
	}
	if password := c.text("masterPassword"); c.value("masterPassword").IsString() && (len(password) < 8 || len(password) > 128 || strings.ContainsAny(password, `/'"@ `)) {
		c.fail("masterPassword", `The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides '/', '@', '"', ' ' may be used, 8 to 128 of them. (InvalidParameterValue)`)
	}
}

// pauseVersions and largeVersions are the first versions that can scale to 0 and to more than 128 units; dataAPIVersions those
// that have the Data API ("Supported Regions and Aurora DB engines for RDS Data API").
var (
	pauseVersions   = map[int]int{13: 15, 14: 12, 15: 7, 16: 3}
	largeVersions   = map[int]int{13: 13, 14: 10, 15: 5, 16: 1}
	dataAPIVersions = map[int]int{13: 11, 14: 8, 15: 3, 16: 1, 17: 4, 18: 3}
)

// checkDataAPI checks the version of a cluster that is to have an HTTP endpoint for SQL.
func (c *checking) checkDataAPI() {
	if !c.isTrue("enableHttpEndpoint") || c.text("engine") != auroraPostgres {
		return
	}
	major, minor, ok := postgresVersion(actualVersion(auroraPostgres, c.text("engineVersion")))
	if ok && !notBefore(major, minor, dataAPIVersions) {
		c.fail("enableHttpEndpoint", "the Data API needs Aurora PostgreSQL 13.11, 14.8, 15.3, 16.1, 17.4, 18.3 or newer, got %d.%d (InvalidParameterCombination)", major, minor)
	}
}

func (c *checking) checkCapacity() {
	const at = "serverlessv2ScalingConfiguration"
	if !c.has(at) {
		return
	}
	least, most := c.value(at+".minCapacity"), c.value(at+".maxCapacity")
	for name, v := range map[string]float64{"minCapacity": c.number(at + ".minCapacity"), "maxCapacity": c.number(at + ".maxCapacity")} {
		if v < 0 || v > 256 || v*2 != math.Trunc(v*2) {
			c.fail(at+"."+name, "Serverless v2 capacity %v isn't valid: it takes 0 to 256 in steps of 0.5 (InvalidParameterValue)", v)
		}
	}
	if most.IsNumber() && most.NumberValue() < 1 {
		c.fail(at+".maxCapacity", "Serverless v2 maximum capacity %v isn't valid. The maximum capacity must be at least 1. (InvalidParameterValue)", most.NumberValue())
	}
	if least.IsNumber() && most.IsNumber() && least.NumberValue() > most.NumberValue() {
		c.fail(at+".minCapacity", "Serverless v2 maximum capacity %v isn't valid. The maximum capacity must be greater than or equal to the minimum capacity %v. (InvalidParameterCombination)", most.NumberValue(), least.NumberValue())
	}
	pauses := least.IsNumber() && least.NumberValue() == 0
	if c.has(at + ".secondsUntilAutoPause") {
		c.between(at+".secondsUntilAutoPause", 300, 86400)
		if least.IsNumber() && !pauses {
			c.fail(at+".secondsUntilAutoPause", "SecondsUntilAutoPause is only valid when MinCapacity is 0 (InvalidParameterCombination)")
		}
	}
	if c.text("engine") != auroraPostgres {
		return
	}
	major, minor, ok := postgresVersion(actualVersion(auroraPostgres, c.text("engineVersion")))
	if ok && pauses && !notBefore(major, minor, pauseVersions) {
		c.fail(at+".minCapacity", "a capacity of 0 needs Aurora PostgreSQL 13.15, 14.12, 15.7, 16.3 or newer, got %d.%d (InvalidParameterCombination)", major, minor)
	}
	if ok && most.IsNumber() && most.NumberValue() > 128 && !notBefore(major, minor, largeVersions) {
		c.fail(at+".maxCapacity", "a capacity above 128 needs Aurora PostgreSQL 13.13, 14.10, 15.5, 16.1 or newer, got %d.%d (InvalidParameterCombination)", major, minor)
	}
}

// checkMonitoring checks what clusters and instances have in common.
func (c *checking) checkMonitoring() {
	if v := c.value("monitoringInterval"); v.IsNumber() {
		interval := int(v.NumberValue())
		if err := limits.MonitoringInterval(interval); err != nil {
			c.invalid("monitoringInterval", "expected monitoringInterval to be %v, got %d", err, interval)
		}
		if interval > 0 && !c.has("monitoringRoleArn") {
			c.fail("monitoringRoleArn", "A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0. (InvalidParameterCombination)")
		}
		if interval == 0 && c.has("monitoringRoleArn") {
			c.fail("monitoringInterval", "You must specify a MonitoringInterval value other than 0 when you specify a MonitoringRoleARN value. (InvalidParameterCombination)")
		}
	}
	v := c.value("performanceInsightsRetentionPeriod")
	if !v.IsNumber() {
		return
	}
	days := int(v.NumberValue())
	if days != 7 && days != 731 && (days%31 != 0 || days < 31 || days > 23*31) {
		c.fail("performanceInsightsRetentionPeriod", "Invalid Performance Insights retention period: %d. It takes 7, a multiple of 31 up to 713, or 731 (InvalidParameterValue)", days)
	}
	if enabled := c.value("performanceInsightsEnabled"); !enabled.IsComputed() && !c.isTrue("performanceInsightsEnabled") {
		c.fail("performanceInsightsRetentionPeriod", "takes effect with performanceInsightsEnabled only (InvalidParameterCombination)")
	}
}

func checkInstance(c *checking) {
	c.oneOf("engine", auroraPostgres, "aurora-mysql", "mysql", "postgres")
	c.checkIdentifier("identifier")
	c.checkMonitoring()
	c.between("promotionTier", 0, 15)
	if class := c.text("instanceClass"); class != "" && !strings.HasPrefix(class, "db.") {
		c.fail("instanceClass", "Invalid DB Instance class: %s (InvalidParameterValue)", class)
	}
	c.checkWindows()
}

func checkGroupName(c *checking) {
	name := c.text("name")
	if name == "default" || name != "" && !groupName.MatchString(name) {
		c.invalid("name", "only lowercase alphanumeric characters, hyphens, underscores, periods, and spaces allowed in \"name\", at most 255 and not \"default\", got %q", name)
	}
}

// parameterFamilies are those of the engines in the catalogue.
var parameterFamilies = regexp.MustCompile(`^(aurora-postgresql\d{2}|aurora-mysql(5\.7|8\.0)|postgres\d{2}|mysql\d\.\d)$`)

// staticParameters of PostgreSQL take effect when the database restarts.
var staticParameters = []string{"shared_preload_libraries", "max_connections", "shared_buffers", "rds.logical_replication", "max_replication_slots", "max_wal_senders",
	"max_worker_processes", "autovacuum_max_workers", "track_activity_query_size", "huge_pages", "wal_buffers"}

func checkParameters(c *checking) {
	if name := c.text("name"); name != "" && badHyphens(name, snapshotIdentifier) || name != strings.ToLower(name) {
		c.fail("name", "The parameter DBParameterGroupName is not a valid identifier: %q. It takes lowercase letters, digits and single hyphens, a letter first and no hyphen at the end (InvalidParameterValue)", name)
	}
	if family := c.text("family"); family != "" && !parameterFamilies.MatchString(family) {
		c.fail("family", "ParameterGroupFamily %s is not a valid parameter group family (InvalidParameterValue)", family)
	}
	list := c.value("parameters")
	if !list.IsArray() {
		return
	}
	seen := map[string]bool{}
	for n := range list.ArrayValue() {
		at := fmt.Sprintf("parameters[%d]", n)
		name := c.text(at + ".name")
		if name != "" && seen[name] {
			c.invalid(at+".name", "parameter %s is given twice", name)
		}
		seen[name] = true
		c.oneOf(at+".applyMethod", "immediate", "pending-reboot")
		if slices.Contains(staticParameters, name) && c.text(at+".applyMethod") != "pending-reboot" {
			c.fail(at+".applyMethod", "cannot use immediate apply method for static parameter %s; give pending-reboot (InvalidParameterCombination)", name)
		}
	}
}
