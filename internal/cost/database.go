package cost

import (
	"fmt"

	"slipway/internal/state"
)

func database(_ *state.State, r *state.Resource) ([]item, error) {
	if storage := r.At("storageType").String(); storage != "" && storage != "aurora" {
		return nil, fmt.Errorf("storage of the type %s", storage)
	}
	if !r.At("manageMasterUserPassword").Bool() {
		return nil, nil
	}
	return monthly("Database secret", dollars(secretMonth)), nil
}

// databaseInstance is idle at the least capacity of its cluster. At 0 it is paused.
func databaseInstance(in *state.State, r *state.Resource) ([]item, error) {
	if class := r.At("instanceClass").String(); class != "db.serverless" {
		return nil, fmt.Errorf("a database instance of the class %s", class)
	}
	for _, cluster := range in.Of("aws:rds/cluster:Cluster") {
		if cluster.ID == r.At("clusterIdentifier").String() {
			units := count(cluster.At("serverlessv2ScalingConfiguration", "minCapacity").Number(), "unit", "units")
			if units.value == 0 {
				units.text = "0 units (paused)"
			}
			return monthly("Database instances", units, dollars(auroraUnitHour), allMonth), nil
		}
	}
	return nil, fmt.Errorf("its cluster %s is not in this state", r.At("clusterIdentifier"))
}
