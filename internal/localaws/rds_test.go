package localaws

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var aurora = map[string]any{"engine": "aurora-postgresql", "engineVersion": "16.4", "clusterIdentifier": "app", "masterUsername": "dbowner", "manageMasterUserPassword": true,
	"skipFinalSnapshot": true, "serverlessv2ScalingConfiguration": map[string]any{"minCapacity": 0.5, "maxCapacity": 2}}

func scaling(least, most float64) map[string]any {
	return map[string]any{"minCapacity": least, "maxCapacity": most}
}

func TestRDSCheck(t *testing.T) {
	t.Parallel()
	cluster := func(changes map[string]any) map[string]any { return with(aurora, changes) }
	checkAll(t, map[string]checkCase{
		"no user":                                 {rdsClusterType, cluster(map[string]any{"masterUsername": nil}), "masterUsername: The parameter MasterUsername must be provided"},
		"a short password":                        {rdsClusterType, cluster(map[string]any{"manageMasterUserPassword": nil, "masterPassword": "short"}), "masterPassword: The parameter MasterUserPassword is not a valid password"},
		"the Data API of an old version":          {rdsClusterType, cluster(map[string]any{"engineVersion": "17.3", "enableHttpEndpoint": true}), "enableHttpEndpoint: the Data API needs Aurora PostgreSQL 13.11"},
		"an unknown engine":                       {rdsClusterType, cluster(map[string]any{"engine": "aurora", "engineVersion": nil}), "engine: expected engine to be one of"},
		"a version that was never made":           {rdsClusterType, cluster(map[string]any{"engineVersion": "9.6"}), "engineVersion: Cannot find version 9.6 for aurora-postgresql"},
		"a key without encryption":                {rdsClusterType, cluster(map[string]any{"kmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/x", "storageEncrypted": false}), "kmsKeyId: storageEncrypted must be true"},
		"a bad snapshot name":                     {rdsClusterType, cluster(map[string]any{"finalSnapshotIdentifier": "app--final"}), "finalSnapshotIdentifier: only alphanumeric characters"},
		"a database that begins with a digit":     {rdsClusterType, cluster(map[string]any{"databaseName": "1app"}), "databaseName: DatabaseName must begin with a letter"},
		"a promotion tier of 16":                  {rdsInstanceType, map[string]any{"clusterIdentifier": "app", "engine": "aurora-postgresql", "instanceClass": "db.serverless", "promotionTier": 16}, "promotionTier: expected promotionTier to be in the range (0 - 15), got 16"},
		"a subnet group in upper case":            {subnetGroupType, map[string]any{"name": "App", "subnetIds": []any{"subnet-1"}}, "name: only lowercase alphanumeric characters"},
		"an unknown family":                       {parametersType, map[string]any{"family": "postgresql16"}, "family: ParameterGroupFamily postgresql16 is not a valid parameter group family"},
		"a static parameter at once":              {parametersType, map[string]any{"family": "aurora-postgresql16", "parameters": []any{map[string]any{"name": "max_connections", "value": "100"}}}, "parameters[0].applyMethod: cannot use immediate apply method for static parameter max_connections"},
		"a parameter twice":                       {parametersType, map[string]any{"family": "aurora-postgresql16", "parameters": []any{map[string]any{"name": "a", "value": "1"}, map[string]any{"name": "a", "value": "2"}}}, "parameters[1].name: parameter a is given twice"},
		"a parameter group that ends in a hyphen": {instanceParametersType, map[string]any{"family": "aurora-postgresql16", "name": "app-"}, "name: The parameter DBParameterGroupName is not a valid identifier"},
	})
}

func TestRDSCheckTakesWhatAuroraTakes(t *testing.T) {
	t.Parallel()
	for name, changes := range map[string]map[string]any{
		"as it is":                   {},
		"a major version":            {"engineVersion": "17", "serverlessv2ScalingConfiguration": scaling(0, 256)},
		"no version":                 {"engineVersion": nil},
		"restored, without password": {"snapshotIdentifier": "app-final", "manageMasterUserPassword": nil, "masterUsername": nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, failures := newEmbedded(t).check(rdsClusterType, "x", with(aurora, changes))
			assert.Empty(t, failures)
		})
	}
}

func TestClusterOutputs(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	cluster := e.create(rdsClusterType, "app", with(aurora, map[string]any{"engineVersion": "17", "storageEncrypted": true}))
	assert.Equal(t, "app", cluster["id"])
	assert.Equal(t, "arn:aws:rds:us-east-1:123456789012:cluster:app", cluster["arn"])
	assert.Regexp(t, `^app\.cluster-c[0-9a-f]{11}\.us-east-1\.rds\.amazonaws\.com$`, cluster["endpoint"])
	assert.Regexp(t, `^app\.cluster-ro-c[0-9a-f]{11}\.us-east-1\.rds\.amazonaws\.com$`, cluster["readerEndpoint"])
	assert.Regexp(t, `^cluster-[0-9A-Z]{26}$`, cluster["clusterResourceId"])
	assert.Equal(t, "17", cluster["engineVersion"], "a major version stays, so that a minor upgrade is no difference")
	assert.Regexp(t, `^17\.\d+$`, cluster["engineVersionActual"])
	assert.EqualValues(t, 5432, cluster["port"])
	assert.Equal(t, "default.aurora-postgresql17", cluster["dbClusterParameterGroupName"])
	const key = `^arn:aws:kms:us-east-1:123456789012:key/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`
	assert.Regexp(t, key, cluster["kmsKeyId"])

	secrets := cluster["masterUserSecrets"].([]any)
	require.Len(t, secrets, 1)
	secret := secrets[0].(map[string]any)
	assert.Regexp(t, `^arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!cluster-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-[0-9a-zA-Z]{6}$`, secret["secretArn"])
	assert.Regexp(t, key, secret["kmsKeyId"])
	found, err := e.account.Find(secret["secretArn"].(string))
	require.NoError(t, err)
	require.Len(t, found, 1, "RDS makes the secret")
	require.NoError(t, e.remove(rdsClusterType, "app", "app"))
	found, err = e.account.Find(secret["secretArn"].(string))
	require.NoError(t, err)
	assert.Empty(t, found, "the secret goes with the cluster")

	managed := e.deploy(rdsClusterType, "managed", with(aurora, map[string]any{"clusterIdentifier": "managed"}))
	require.NoError(t, managed.update(with(aurora, map[string]any{"clusterIdentifier": "managed", "manageMasterUserPassword": nil, "masterPassword": "correct-horse"})))
	list, err := e.account.List()
	require.NoError(t, err)
	require.Len(t, list, 1, "the secret goes when RDS no longer manages the password")
	assert.True(t, managed.outputs["masterPassword"].IsSecret())

	unnamed := e.create(rdsClusterType, "other", with(aurora, map[string]any{"clusterIdentifier": nil}))
	assert.Regexp(t, `^tf-\d{26}$`, unnamed["id"], "Terraform names what Pulumi does not")
	assert.Equal(t, unnamed["id"], unnamed["clusterIdentifier"])
}

func TestInstancesTakeTheirClustersProperties(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	_, subnets := e.network()
	group := e.create(subnetGroupType, "app", map[string]any{"subnetIds": subnets})
	e.create(rdsClusterType, "app", with(aurora, map[string]any{"storageEncrypted": true, "port": 6432, "dbSubnetGroupName": group["name"]}))
	instance := map[string]any{"clusterIdentifier": "app", "engine": "aurora-postgresql", "instanceClass": "db.serverless"}
	first := e.create(rdsInstanceType, "writer", with(instance, map[string]any{"identifier": "app-1"}))
	second := e.create(rdsInstanceType, "reader", with(instance, map[string]any{"identifier": "app-2"}))
	assert.Equal(t, true, first["writer"])
	assert.Equal(t, false, second["writer"])
	assert.Equal(t, "us-east-1a", first["availabilityZone"])
	assert.Equal(t, "us-east-1b", second["availabilityZone"])
	assert.EqualValues(t, 6432, first["port"])
	assert.Equal(t, true, first["storageEncrypted"])
	assert.Equal(t, "16.4", first["engineVersionActual"])
	assert.Equal(t, group["name"], first["dbSubnetGroupName"])
	assert.Regexp(t, `^app-1\.c[0-9a-f]{11}\.us-east-1\.rds\.amazonaws\.com$`, first["endpoint"])
}

func TestRDSAdmission(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	vpc, subnets := e.network()
	group := e.create(subnetGroupType, "app", map[string]any{"subnetIds": subnets})
	assert.Equal(t, vpc, group["vpcId"])

	parameters := e.create(parametersType, "app", map[string]any{"family": "aurora-postgresql15"})
	_, err := e.tryCreate(rdsClusterType, "app", with(aurora, map[string]any{"dbClusterParameterGroupName": parameters["name"]}))
	refused(t, err, "InvalidParameterCombination")
	elsewhere := e.create(vpcType, "elsewhere", map[string]any{"cidrBlock": "10.9.0.0/16"})
	sg := e.create(securityGroupType, "elsewhere", map[string]any{"vpcId": elsewhere["id"]})
	_, err = e.tryCreate(rdsClusterType, "app", with(aurora, map[string]any{"dbSubnetGroupName": group["name"], "vpcSecurityGroupIds": []any{sg["id"]}}))
	refused(t, err, "InvalidParameterCombination")
	_, err = e.tryCreate(rdsClusterType, "app", with(aurora, map[string]any{"dbSubnetGroupName": "missing"}))
	refused(t, err, "DBSubnetGroupNotFoundFault")
	_, err = e.tryCreate(rdsClusterType, "app", with(aurora, map[string]any{"snapshotIdentifier": "missing"}))
	refused(t, err, "DBClusterSnapshotNotFoundFault")

	cluster := e.deploy(rdsClusterType, "app", with(aurora, map[string]any{"dbSubnetGroupName": group["name"], "serverlessv2ScalingConfiguration": nil}))
	_, err = e.tryCreate(rdsClusterType, "again", aurora)
	refused(t, err, "DBClusterAlreadyExistsFault")
	instance := map[string]any{"clusterIdentifier": "app", "engine": "aurora-postgresql", "instanceClass": "db.serverless"}
	_, err = e.tryCreate(rdsInstanceType, "writer", with(instance, map[string]any{"engine": "aurora-mysql"}))
	refused(t, err, "InvalidParameterCombination")
	_, err = e.tryCreate(rdsInstanceType, "writer", with(instance, map[string]any{"clusterIdentifier": "missing"}))
	refused(t, err, "DBClusterNotFoundFault")

	writer := e.deploy(rdsInstanceType, "writer", with(instance, map[string]any{"instanceClass": "db.r6g.large"}))
	refused(t, cluster.delete(), "InvalidDBClusterStateFault")
	refused(t, e.remove(subnetGroupType, "app", group["name"].(string)), "InvalidDBSubnetGroupStateFault")
	require.NoError(t, writer.delete())
	require.NoError(t, cluster.delete())
	require.NoError(t, e.remove(subnetGroupType, "app", group["name"].(string)))
}

func TestDeletingAClusterKeepsData(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	named := with(aurora, map[string]any{"skipFinalSnapshot": nil, "finalSnapshotIdentifier": "app-final"})
	cluster := e.deploy(rdsClusterType, "app", named)
	require.NoError(t, cluster.delete())
	found, err := e.account.Find("app-final")
	require.NoError(t, err)
	require.Len(t, found, 1, "the final snapshot stays")

	second := e.deploy(rdsClusterType, "app", with(named, map[string]any{"snapshotIdentifier": "app-final"}))
	refused(t, second.delete(), "DBClusterSnapshotAlreadyExistsFault")
	require.NoError(t, e.account.Remove("app-final"))
	require.NoError(t, second.delete())
}

// TestParametersWithTheirDefault: TLS is the default from version 17 on, and RDS keeps the default's apply method.
func TestParametersWithTheirDefault(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	for name, c := range map[string]struct {
		family, method string
		want           plugin.DiffChanges
	}{
		"default, at once":          {"aurora-postgresql17", "immediate", plugin.DiffSome},
		"default, with a restart":   {"aurora-postgresql18", "pending-reboot", plugin.DiffNone},
		"not the default, at once":  {"aurora-postgresql16", "immediate", plugin.DiffNone},
		"not the default, a reboot": {"aurora-postgresql16", "pending-reboot", plugin.DiffNone},
	} {
		inputs := map[string]any{"family": c.family, "parameters": []any{
			map[string]any{"name": "rds.force_ssl", "value": "1", "applyMethod": c.method},
			map[string]any{"name": "log_min_duration_statement", "value": "1000", "applyMethod": "immediate"},
		}}
		group := e.deploy(parametersType, strings.ReplaceAll(strings.ReplaceAll(name, " ", "-"), ",", ""), inputs)
		assert.Equal(t, c.want, group.diff(inputs).Changes, name)
	}
}

func TestEngineVersion(t *testing.T) {
	t.Parallel()
	const function = "aws:rds/getEngineVersion:getEngineVersion"
	e := newEmbedded(t)
	found := e.invoke(function, map[string]any{"engine": "aurora-postgresql", "version": "18", "defaultOnly": true})
	assert.Equal(t, "18.6", found["versionActual"])
	assert.Equal(t, "aurora-postgresql18", found["parameterGroupFamily"])
	_, err := e.tryInvoke(function, map[string]any{"engine": "aurora-postgresql", "version": "9"})
	assert.ErrorContains(t, err, `no RDS engine versions match the criteria: engine aurora-postgresql, version "9"`)
}

func TestClusterUpgrades(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	cluster := e.deploy(rdsClusterType, "app", aurora)
	to := func(version string) map[string]any { return with(aurora, map[string]any{"engineVersion": version}) }
	refused(t, cluster.update(to("17")), "InvalidParameterCombination")
	refused(t, cluster.update(to("16.1")), "InvalidParameterCombination")
	require.NoError(t, cluster.update(to("16.6")))
	require.NoError(t, cluster.update(with(to("17"), map[string]any{"allowMajorVersionUpgrade": true})))
	assert.Equal(t, plugin.DiffNone, cluster.diff(with(to("17"), map[string]any{"allowMajorVersionUpgrade": true})).Changes)
}

func TestWhatReplacesADatabase(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	cluster := e.deploy(rdsClusterType, "app", aurora)
	for property, value := range map[string]any{"clusterIdentifier": "other", "masterUsername": "other", "databaseName": "other", "storageEncrypted": true, "engineMode": "parallelquery"} {
		assert.Equal(t, []string{property}, cluster.replaces(with(aurora, map[string]any{property: value})))
	}
	for property, value := range map[string]any{"backupRetentionPeriod": 14, "serverlessv2ScalingConfiguration": scaling(1, 8), "deletionProtection": true, "engineVersion": "17"} {
		update := with(aurora, map[string]any{property: value})
		assert.Empty(t, cluster.replaces(update), property)
		assert.Equal(t, plugin.DiffSome, cluster.diff(update).Changes, property)
	}
}

// TestWindowsOverlap compares with counting the minutes.
func TestWindowsOverlap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) window {
			return window{rapid.IntRange(0, minutesAWeek-1).Draw(t, name+" start"), rapid.IntRange(1, 3*minutesADay).Draw(t, name+" length")}
		}
		a, b := draw("a"), draw("b")
		minutes := map[int]bool{}
		for m := range a.length {
			minutes[(a.start+m)%minutesAWeek] = true
		}
		common := false
		for m := range b.length {
			common = common || minutes[(b.start+m)%minutesAWeek]
		}
		require.Equal(t, common, a.overlaps(b))
	})
}
