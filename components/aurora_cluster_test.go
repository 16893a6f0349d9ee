package components_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/components"
)

// applyMethods are the apply methods of the parameters, by name.
func applyMethods(t testing.TB, r *recorder) map[string]string {
	t.Helper()
	methods := map[string]string{}
	for _, parameter := range r.find(t, rdsParameterGroup, "db-parameters").Inputs["parameters"].ArrayValue() {
		methods[parameter.ObjectValue()["name"].StringValue()] = parameter.ObjectValue()["applyMethod"].StringValue()
	}
	return methods
}

// TestAuroraLeavesMinorVersionsToRds: the provider sends the version along with any other change of the cluster as soon as
// it is not the one that runs. With a major version alone a new capacity would be an upgrade to RDS's default, too.
func TestAuroraLeavesMinorVersionsToRds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		upgrade bool
		want    []string
	}{
		{"RDS upgrades by itself", false, []string{"snapshotIdentifier", "engineVersion"}},
		{"a major upgrade is asked for", true, []string{"snapshotIdentifier"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := runAurora(components.AuroraServerlessArgs{EngineVersion: "17", AllowMajorVersionUpgrade: c.upgrade}, nil)
			require.NoError(t, err)
			cluster := r.find(t, rdsCluster, "db-cluster")
			assert.Equal(t, "17.3", cluster.Inputs["engineVersion"].StringValue(), "a whole version")
			assert.Equal(t, c.want, cluster.RegisterRPC.GetIgnoreChanges())
			assert.Equal(t, "aurora-postgresql17", r.find(t, rdsParameterGroup, "db-parameters").Inputs["family"].StringValue())
		})
	}
}

// TestAuroraParametersAreNotChangedForEver: from PostgreSQL 17 on TLS is required by default. RDS takes a parameter with
// its default value for unchanged and answers with the default's apply method, pending-reboot, whatever was asked for.
func TestAuroraParametersAreNotChangedForEver(t *testing.T) {
	t.Parallel()
	r, err := runAurora(components.AuroraServerlessArgs{Ephemeral: true}, nil)
	require.NoError(t, err)
	assert.Equal(t, map[string]string{
		"rds.force_ssl": "pending-reboot", "log_min_duration_statement": "immediate", "idle_session_timeout": "immediate",
	}, applyMethods(t, r))
}
