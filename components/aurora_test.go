package components_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/components"
)

const (
	rdsCluster        = "aws:rds/cluster:Cluster"
	rdsInstance       = "aws:rds/clusterInstance:ClusterInstance"
	rdsParameterGroup = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
	rdsSubnetGroup    = "aws:rds/subnetGroup:SubnetGroup"

	clusterArn      = "arn:aws:rds:eu-central-1:123456789012:cluster:db-1234567"
	masterSecretArn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!cluster-0a1b2c-AbCdEf"
)

// rdsFunctions answers that the third minor version is RDS's default, and who deploys where.
var rdsFunctions = map[string]func(resource.PropertyMap) resource.PropertyMap{
	"aws:rds/getEngineVersion:getEngineVersion": func(args resource.PropertyMap) resource.PropertyMap {
		if args["engine"].StringValue() != "aurora-postgresql" || !args["defaultOnly"].BoolValue() {
			return resource.PropertyMap{}
		}
		return resource.PropertyMap{"versionActual": resource.NewProperty(args["version"].StringValue() + ".3")}
	},
	"aws:index/getCallerIdentity:getCallerIdentity": func(resource.PropertyMap) resource.PropertyMap {
		return resource.PropertyMap{"arn": resource.NewProperty("arn:aws:iam::123456789012:user/deployer")}
	},
	"aws:index/getRegion:getRegion": func(resource.PropertyMap) resource.PropertyMap {
		return resource.PropertyMap{"name": resource.NewProperty("eu-central-1")}
	},
}

// clusterOutputs are what RDS says of a cluster.
func clusterOutputs(pulumi.MockResourceArgs) resource.PropertyMap {
	return resource.PropertyMap{
		"arn":               resource.NewProperty(clusterArn),
		"clusterResourceId": resource.NewProperty("cluster-ABCDEFGHIJKL"),
		"endpoint":          resource.NewProperty("db-1234567.cluster-abc.eu-central-1.rds.amazonaws.com"),
		"readerEndpoint":    resource.NewProperty("db-1234567.cluster-ro-abc.eu-central-1.rds.amazonaws.com"),
		"masterUserSecrets": resource.NewProperty([]resource.PropertyValue{
			resource.NewProperty(resource.PropertyMap{"secretArn": resource.NewProperty(masterSecretArn)}),
		}),
	}
}

// runAurora creates a database called "db" in a network that exists, then does what use says.
func runAurora(args components.AuroraServerlessArgs, use func(*pulumi.Context, *components.AuroraServerless) error) (*recorder, error) {
	r := &recorder{invokes: rdsFunctions, outputs: map[string]func(pulumi.MockResourceArgs) resource.PropertyMap{rdsCluster: clusterOutputs}}
	args.VpcId = pulumi.String("vpc-0123")
	args.SubnetIds = pulumi.ToStringArray([]string{"subnet-a", "subnet-b"})
	return r, r.run(func(ctx *pulumi.Context) error {
		db, err := components.NewAuroraServerless(ctx, "db", &args)
		if err != nil || use == nil {
			return err
		}
		return use(ctx, db)
	})
}

func parameters(t testing.TB, r *recorder) map[string]string {
	t.Helper()
	values := map[string]string{}
	for _, parameter := range r.find(t, rdsParameterGroup, "db-parameters").Inputs["parameters"].ArrayValue() {
		values[parameter.ObjectValue()["name"].StringValue()] = parameter.ObjectValue()["value"].StringValue()
	}
	return values
}

// TestAuroraProductionControls asserts, at the defaults, the security controls that apply.
func TestAuroraProductionControls(t *testing.T) {
	t.Parallel()
	r, err := runAurora(components.AuroraServerlessArgs{Tags: map[string]string{"team": "web"}}, nil)
	require.NoError(t, err)
	r.requireDescends(t, "slipway:index:AuroraServerless", "db")

	cluster := r.find(t, rdsCluster, "db-cluster")
	for property, want := range map[resource.PropertyKey]any{
		"storageEncrypted":                 true, // RDS.27
		"deletionProtection":               true, // RDS.7
		"skipFinalSnapshot":                false,
		"deleteAutomatedBackups":           false,
		"iamDatabaseAuthenticationEnabled": true, // RDS.12
		"enableHttpEndpoint":               false,
		"copyTagsToSnapshot":               true, // RDS.16
		"manageMasterUserPassword":         true, // SecretsManager.1, .4
		"backupRetentionPeriod":            7.0,  // RDS.50
		"masterUsername":                   "dbowner",
		"finalSnapshotIdentifier":          "db-1234567-final",
		"engine":                           "aurora-postgresql",
		"engineMode":                       "provisioned",
		"engineVersion":                    "18.3",
		"databaseName":                     "app",
		"port":                             5432.0,
		"dbSubnetGroupName":                "db-subnets-1234567",
		"dbClusterParameterGroupName":      "db-parameters-1234567",
		"applyImmediately":                 true,
		"allowMajorVersionUpgrade":         false,
	} {
		assert.Equal(t, want, cluster.Inputs[property].V, property)
	}
	assert.Equal(t, []string{"postgresql"}, stringList(t, cluster.Inputs["enabledCloudwatchLogsExports"]), "RDS.37")
	assert.Equal(t, []string{"db-database-id"}, stringList(t, cluster.Inputs["vpcSecurityGroupIds"]))
	assert.Equal(t, "web", cluster.Inputs["tags"].ObjectValue()["team"].StringValue())
	assert.NotContains(t, cluster.Inputs, resource.PropertyKey("masterPassword"), "no password in the state")
	assert.True(t, cluster.RegisterRPC.GetProtect())
	assert.True(t, cluster.RegisterRPC.GetDeleteBeforeReplace(), "the identifier is taken until the old one is gone")

	scaling := cluster.Inputs["serverlessv2ScalingConfiguration"].ObjectValue()
	assert.Equal(t, []any{0.5, 2.0}, []any{scaling["minCapacity"].V, scaling["maxCapacity"].V})
	assert.NotContains(t, scaling, resource.PropertyKey("secondsUntilAutoPause"), "only with 0")

	require.Len(t, r.all(rdsInstance), 2, "RDS.15: two zones")
	for _, instance := range r.all(rdsInstance) {
		for property, want := range map[resource.PropertyKey]any{
			"publiclyAccessible":      false, // RDS.2
			"autoMinorVersionUpgrade": true,  // RDS.13, .35
			"instanceClass":           "db.serverless",
			"engine":                  "aurora-postgresql",
			"clusterIdentifier":       "db-cluster-id",
			"identifier":              strings.Replace(instance.Name, "db-", "db-1234567-", 1),
			"monitoringInterval":      0.0,
			"applyImmediately":        true,
		} {
			assert.Equal(t, want, instance.Inputs[property].V, "%s of %s", property, instance.Name)
		}
		assert.NotContains(t, instance.Inputs, resource.PropertyKey("engineVersion"), "the cluster decides")
		assert.True(t, instance.RegisterRPC.GetProtect(), "RDS.7 does not cover instances")
		assert.True(t, instance.RegisterRPC.GetDeleteBeforeReplace())
	}
	assert.Equal(t, 0.0, r.find(t, rdsInstance, "db-writer").Inputs["promotionTier"].V)
	assert.Equal(t, 1.0, r.find(t, rdsInstance, "db-reader-1").Inputs["promotionTier"].V)

	assert.Equal(t, []string{"subnet-a", "subnet-b"}, stringList(t, r.find(t, rdsSubnetGroup, "db-subnets").Inputs["subnetIds"]), "RDS.46")
	assert.Equal(t, "aurora-postgresql18", r.find(t, rdsParameterGroup, "db-parameters").Inputs["family"].StringValue())
	assert.Equal(t, map[string]string{"rds.force_ssl": "1", "log_min_duration_statement": "1000"}, parameters(t, r))

	group := r.find(t, securityGroup, "db-database").Inputs
	assert.Equal(t, "vpc-0123", group["vpcId"].StringValue())
	assert.NotContains(t, group, resource.PropertyKey("ingress"))
	assert.NotContains(t, group, resource.PropertyKey("egress"))
	assert.Empty(t, r.all(ingressRule), "nobody is let in by default")
	assert.Empty(t, r.all(iamRole))
}

// TestAuroraLogGroupComesFirst: a log group that RDS creates keeps its logs for ever, and bars Pulumi from creating it.
func TestAuroraLogGroupComesFirst(t *testing.T) {
	t.Parallel()
	r, err := runAurora(components.AuroraServerlessArgs{}, nil)
	require.NoError(t, err)
	group := r.find(t, logGroup, "db-log")
	assert.Equal(t, "/aws/rds/cluster/db-1234567/postgresql", group.Inputs["name"].StringValue())
	assert.Equal(t, 365.0, group.Inputs["retentionInDays"].NumberValue())
	cluster := r.find(t, rdsCluster, "db-cluster")
	assert.Equal(t, "db-1234567", cluster.Inputs["clusterIdentifier"].StringValue())
	assert.Contains(t, strings.Join(cluster.RegisterRPC.GetDependencies(), " "), logGroup+"::db-log")
}

func TestAuroraEphemeral(t *testing.T) {
	t.Parallel()
	r, err := runAurora(components.AuroraServerlessArgs{Ephemeral: true}, nil)
	require.NoError(t, err)
	cluster := r.find(t, rdsCluster, "db-cluster")
	for property, want := range map[resource.PropertyKey]any{
		"deletionProtection": false, "skipFinalSnapshot": true, "deleteAutomatedBackups": true,
		"backupRetentionPeriod": 1.0, "storageEncrypted": true, "manageMasterUserPassword": true,
	} {
		assert.Equal(t, want, cluster.Inputs[property].V, property)
	}
	assert.NotContains(t, cluster.Inputs, resource.PropertyKey("finalSnapshotIdentifier"))
	assert.False(t, cluster.RegisterRPC.GetProtect())
	require.Len(t, r.all(rdsInstance), 1)
	assert.False(t, r.find(t, rdsInstance, "db-writer").RegisterRPC.GetProtect())
	assert.Equal(t, 30.0, r.find(t, logGroup, "db-log").Inputs["retentionInDays"].NumberValue())

	scaling := cluster.Inputs["serverlessv2ScalingConfiguration"].ObjectValue()
	assert.Equal(t, []any{0.0, 2.0, 300.0}, []any{scaling["minCapacity"].V, scaling["maxCapacity"].V, scaling["secondsUntilAutoPause"].V})
	assert.Equal(t, "60000", parameters(t, r)["idle_session_timeout"], "an idle connection keeps the database awake")
	assert.Equal(t, "1", parameters(t, r)["rds.force_ssl"])
	assert.Empty(t, r.all(metricAlarm))
}

func TestAuroraAlarms(t *testing.T) {
	t.Parallel()
	r, err := runAurora(components.AuroraServerlessArgs{AlarmActions: toldOf}, nil)
	require.NoError(t, err)
	r.requireTold(t, "db-capacity", "db-connections")
	for name, want := range map[string]map[string]any{
		"db-capacity":    {"metricName": "ACUUtilization", "threshold": 90.0, "evaluationPeriods": 15.0},
		"db-connections": {"metricName": "DatabaseConnections", "threshold": 320.0, "evaluationPeriods": 5.0},
	} {
		alarm := r.find(t, metricAlarm, name)
		want["namespace"], want["statistic"], want["period"] = "AWS/RDS", "Maximum", 60.0
		assert.Equal(t, want, plain(alarm.Inputs, "metricName", "threshold", "evaluationPeriods", "namespace", "statistic", "period"))
		assert.Equal(t, map[string]any{"DBClusterIdentifier": "db-1234567"}, object(t, alarm.Inputs, "dimensions").Mappable())
		assert.False(t, dependsOn(alarm, "db-cluster"), "the cluster takes minutes, and an alarm needs its name only")
	}
}

// TestAuroraConnectionsFollowCapacity compares with AWS's table of max_connections: the alarm is at 80 % of it.
func TestAuroraConnectionsFollowCapacity(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ minimum, maximum, connections float64 }{
		{0.5, 1, 189}, {0.5, 4, 823}, {1, 8, 1669}, {1, 16, 3360}, {1, 32, 5000}, {8, 256, 5000}, {0.5, 16, 2000}, {0, 32, 2000},
	} {
		r, err := runAurora(components.AuroraServerlessArgs{MinCapacity: &row.minimum, MaxCapacity: row.maximum}, nil)
		require.NoError(t, err)
		assert.InDelta(t, row.connections*0.8, r.find(t, metricAlarm, "db-connections").Inputs["threshold"].NumberValue(), 1, "%v to %v units", row.minimum, row.maximum)
	}
}

func TestAuroraOptions(t *testing.T) {
	t.Parallel()
	r, err := runAurora(components.AuroraServerlessArgs{
		DatabaseName: "orders", MasterUsername: "orders_owner", EngineVersion: "17", AllowMajorVersionUpgrade: true,
		MinCapacity: new(1.5), MaxCapacity: 16, IdleSessionTimeoutSeconds: new(3600), Readers: new(3), BackupRetentionDays: 35,
		SnapshotIdentifier: "orders-final", PerformanceInsights: true, EnhancedMonitoringSeconds: 15, LogRetentionDays: 90, DataApi: true,
	}, nil)
	require.NoError(t, err)
	r.requireDescends(t, "slipway:index:AuroraServerless", "db")

	cluster := r.find(t, rdsCluster, "db-cluster").Inputs
	for property, want := range map[resource.PropertyKey]any{
		"databaseName": "orders", "masterUsername": "orders_owner", "engineVersion": "17.3", "allowMajorVersionUpgrade": true,
		"backupRetentionPeriod": 35.0, "snapshotIdentifier": "orders-final", "enableHttpEndpoint": true,
	} {
		assert.Equal(t, want, cluster[property].V, property)
	}
	scaling := cluster["serverlessv2ScalingConfiguration"].ObjectValue()
	assert.Equal(t, []any{1.5, 16.0}, []any{scaling["minCapacity"].V, scaling["maxCapacity"].V})
	assert.Equal(t, "3600000", parameters(t, r)["idle_session_timeout"])
	assert.Equal(t, "aurora-postgresql17", r.find(t, rdsParameterGroup, "db-parameters").Inputs["family"].StringValue())
	assert.Equal(t, 90.0, r.find(t, logGroup, "db-log").Inputs["retentionInDays"].NumberValue())

	tiers := map[string]any{}
	for _, instance := range r.all(rdsInstance) {
		tiers[instance.Name] = instance.Inputs["promotionTier"].V
		assert.True(t, instance.Inputs["performanceInsightsEnabled"].BoolValue())
		assert.Equal(t, 15.0, instance.Inputs["monitoringInterval"].NumberValue())
		assert.Equal(t, arnOf("db-monitoring"), instance.Inputs["monitoringRoleArn"].StringValue())
		assert.Contains(t, strings.Join(instance.RegisterRPC.GetDependencies(), " "), rolePolicy+"::db-monitoring", "RDS tries the role at once")
	}
	assert.Equal(t, map[string]any{"db-writer": 0.0, "db-reader-1": 1.0, "db-reader-2": 2.0, "db-reader-3": 2.0}, tiers)

	assert.JSONEq(t, `{"Version": "2012-10-17", "Statement": [{
		"Effect": "Allow", "Principal": {"Service": "monitoring.rds.amazonaws.com"}, "Action": ["sts:AssumeRole"],
		"Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}}]}`,
		r.find(t, iamRole, "db-monitoring").Inputs["assumeRolePolicy"].StringValue())
	policy := r.find(t, rolePolicy, "db-monitoring").Inputs["policy"].StringValue()
	assert.Contains(t, policy, `"arn:aws:logs:eu-central-1:123456789012:log-group:RDSOSMetrics:*"`)
	assert.NotContains(t, policy, `"*"`)
	for _, role := range []pulumi.MockResourceArgs{r.find(t, iamRole, "db-monitoring"), r.find(t, rolePolicy, "db-monitoring")} {
		assert.NotContains(t, strings.Join(role.RegisterRPC.GetDependencies(), " "), rdsCluster, "the instances wait for %s as well as for the cluster", role.TypeToken)
	}
}

// TestAuroraInstancesDoNotWaitForEachOther: each takes six minutes.
func TestAuroraInstancesDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	r, err := runAurora(components.AuroraServerlessArgs{Readers: new(2)}, nil)
	require.NoError(t, err)
	for _, instance := range r.all(rdsInstance) {
		assert.NotContains(t, strings.Join(instance.RegisterRPC.GetDependencies(), " "), rdsInstance, instance.Name)
	}
}

func TestAuroraNamesEveryWrongArgument(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	err := r.run(func(ctx *pulumi.Context) error {
		_, err := components.NewAuroraServerless(ctx, "My_DB", &components.AuroraServerlessArgs{
			DatabaseName: "my-app", MasterUsername: "postgres", EngineVersion: "17.4", MinCapacity: new(0.3), MaxCapacity: 0.5,
			SecondsUntilAutoPause: 300, IdleSessionTimeoutSeconds: new(-1), Readers: new(16), BackupRetentionDays: 36,
			EnhancedMonitoringSeconds: 7, LogRetentionDays: 31, SslMode: new(components.SslMode("disable")),
		})
		return err
	})
	require.Error(t, err)
	for _, message := range []string{
		`AuroraServerless "My_DB": 15 fields are wrong`,
		`name: got "My_DB", takes a name of at most 45 lower-case letters`,
		`vpcId: got nothing, takes the id of the network`,
		`subnetIds: got nothing, takes isolated subnets`,
		`databaseName: got "my-app", takes a name of at most 63`,
		`masterUsername: got "postgres", takes a name`,
		`engineVersion: got "17.4", takes a major version`,
		`minCapacity: got 0.3, takes capacity units (ACU) from 0 (pauses) to 256 in steps of 0.5`,
		`maxCapacity: got 0.5, takes capacity units (ACU) from 1`,
		`secondsUntilAutoPause, minCapacity: an instance pauses only with minCapacity 0, and that is 0.3`,
		`idleSessionTimeoutSeconds: got -1, takes seconds from 0 (never)`,
		`readers: got 16, takes 0 to 15 readers`,
		`backupRetentionDays: got 36, takes days from 1 to 35`,
		`enhancedMonitoringSeconds: got 7, takes 0 (off), 1, 5, 10, 15, 30 or 60 seconds`,
		`logRetentionDays: got 31, takes days from the list of CloudWatch Logs`,
		`sslMode: got "disable", takes "require" or "verify-full"`,
	} {
		assert.ErrorContains(t, err, message)
	}
	assert.Empty(t, r.resources, "nothing is registered")

	_, err = runAurora(components.AuroraServerlessArgs{MinCapacity: new(0.0), SecondsUntilAutoPause: 60}, nil)
	assert.ErrorContains(t, err, `secondsUntilAutoPause: got 60, takes seconds from 300 (5 minutes) to 86400 (1 day)`)
}

func TestAuroraArgumentsAreRequired(t *testing.T) {
	t.Parallel()
	err := (&recorder{}).run(func(ctx *pulumi.Context) error {
		_, err := components.NewAuroraServerless(ctx, "db", nil)
		return err
	})
	assert.ErrorContains(t, err, "2 fields are wrong")
	assert.ErrorContains(t, err, "pass network.VpcId")
	assert.ErrorContains(t, err, "pass network.IsolatedSubnetIds")
}

// TestAuroraWithoutMasterSecret: somebody switched the managed password off behind Pulumi's back.
func TestAuroraWithoutMasterSecret(t *testing.T) {
	t.Parallel()
	r := &recorder{invokes: rdsFunctions}
	err := r.run(func(ctx *pulumi.Context) error {
		_, err := components.NewAuroraServerless(ctx, "db", &components.AuroraServerlessArgs{
			VpcId: pulumi.String("vpc-0123"), SubnetIds: pulumi.ToStringArray([]string{"subnet-a", "subnet-b"}),
		})
		return err
	})
	assert.ErrorContains(t, err, "the cluster has no secret for its master user")
}
