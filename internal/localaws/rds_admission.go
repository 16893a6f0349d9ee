package localaws

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// admitCluster refuses a parameter group of another version, security groups of another VPC, and upgrades that RDS does
// not make.
func admitCluster(a *admission) error {
	if snapshot := a.text("snapshotIdentifier"); snapshot != "" && a.previous == nil && a.account.lookup(snapshot, snapshotType) == nil {
		return refuse("DBClusterSnapshotNotFoundFault", "DBClusterSnapshot %s not found.", snapshot)
	}
	if group := a.account.lookup(a.text("dbClusterParameterGroupName"), parametersType); group != nil {
		want := parameterFamily(a.text("engine"), a.text("engineVersionActual"))
		if family := group.text("family"); family != want {
			return refuse("InvalidParameterCombination", "The Parameter Group %s with DBParameterGroupFamily %s can't be used for this cluster. Use a Parameter Group with DBParameterGroupFamily %s", group.ID, family, want)
		}
	}
	if group := a.account.lookup(a.text("dbSubnetGroupName"), subnetGroupType); group != nil {
		for _, id := range texts(a.value("vpcSecurityGroupIds"), "") {
			if sg := a.account.lookup(id, securityGroupType); sg != nil && sg.text("vpcId") != group.text("vpcId") {
				return refuse("InvalidParameterCombination", "The DB instance and EC2 security group are in different VPCs. The DB instance is in %s and the EC2 security group is in %s", group.text("vpcId"), sg.text("vpcId"))
			}
		}
	}
	return a.admitUpgrade()
}

func (a *admission) admitUpgrade() error {
	if a.previous == nil || a.text("engine") != auroraPostgres {
		return nil
	}
	from, to := a.previous.text("engineVersionActual"), a.text("engineVersionActual")
	oldMajor, oldMinor, _ := postgresVersion(from)
	major, minor, _ := postgresVersion(to)
	switch {
	case major < oldMajor || major == oldMajor && minor < oldMinor:
		return refuse("InvalidParameterCombination", "Cannot upgrade %s from %s to %s", auroraPostgres, from, to)
	case major > oldMajor && !a.isTrue("allowMajorVersionUpgrade"):
		return refuse("InvalidParameterCombination", "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.")
	}
	return nil
}

// admitInstance refuses what does not fit the cluster, and takes from the cluster what an instance has of it. The first
// instance is the writer.
func admitInstance(a *admission) error {
	cluster := a.account.lookup(a.text("clusterIdentifier"), rdsClusterType)
	if engine := cluster.text("engine"); engine != a.text("engine") {
		return refuse("InvalidParameterCombination", "The engine name requested for your DB instance (%s) doesn't match the engine name of your DB cluster (%s).", a.text("engine"), engine)
	}
	if a.text("instanceClass") == "db.serverless" && cluster.Properties["serverlessv2ScalingConfiguration"] == nil {
		return refuse("InvalidDBClusterStateFault", "Set the Serverless v2 scaling configuration on the parent DB cluster before creating a Serverless v2 DB instance.")
	}
	if group := a.text("dbSubnetGroupName"); group != "" && group != cluster.text("dbSubnetGroupName") {
		return refuse("InvalidParameterCombination", "The DB subnet group %s does not match that of the DB cluster, %s.", group, cluster.text("dbSubnetGroupName"))
	}
	others := 0
	_ = a.others(rdsInstanceType, func(o *Object) error {
		if o.text("clusterIdentifier") == cluster.ID {
			others++
		}
		return nil
	})
	writer := others == 0
	if a.previous != nil {
		writer = a.previous.Properties["writer"] == true
	}
	a.set("writer", writer)
	for _, property := range []string{"port", "engineVersionActual", "storageEncrypted", "dbSubnetGroupName", "kmsKeyId"} {
		if v := cluster.Properties[property]; v != nil {
			a.set(property, v)
		}
	}
	if !given(a.inputs, "engineVersion") {
		a.set("engineVersion", cluster.text("engineVersion"))
	}
	if !given(a.inputs, "availabilityZone") {
		a.set("availabilityZone", a.instanceZone(cluster, others))
	}
	return nil
}

// instanceZone puts the instances of a cluster into the zones of its subnet group, one after the other.
func (a *admission) instanceZone(cluster *Object, others int) string {
	if a.previous != nil {
		return a.previous.text("availabilityZone")
	}
	zones := []string{a.region + "a", a.region + "b"}
	if group := a.account.lookup(cluster.text("dbSubnetGroupName"), subnetGroupType); group != nil {
		if known := a.account.subnetZones(group); len(known) > 0 {
			zones = known
		}
	}
	return zones[others%len(zones)]
}

// subnetZones lists the availability zones of an object's subnets, sorted.
func (a *Account) subnetZones(o *Object) (zones []string) {
	for _, r := range o.References {
		if subnet := a.lookup(r.ID, r.Type); subnet != nil && r.Type == subnetType {
			zones = append(zones, subnet.text("availabilityZone"))
		}
	}
	slices.Sort(zones)
	return slices.Compact(zones)
}

func admitSubnetGroup(a *admission) error {
	zones := a.zones("subnetIds")
	slices.Sort(zones)
	if zones = slices.Compact(zones); len(zones) < 2 {
		return refuse("DBSubnetGroupDoesNotCoverEnoughAZs", "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: %s. Add subnets to cover at least 2 AZs.", strings.Join(zones, ", "))
	}
	vpc := ""
	for _, id := range texts(a.value("subnetIds"), "") {
		subnet := a.account.lookup(id, subnetType)
		if vpc != "" && subnet.text("vpcId") != vpc {
			return refuse("InvalidParameterValue", "The DB subnet group's subnets must be in one VPC: %s, %s", vpc, subnet.text("vpcId"))
		}
		vpc = subnet.text("vpcId")
	}
	a.set("vpcId", vpc)
	a.set("supportedNetworkTypes", []any{"IPV4"})
	return nil
}

// guardCluster refuses the deletion of a protected cluster, and one that says nothing of a final snapshot.
func guardCluster(o *Object) error {
	switch {
	case o.Properties["deletionProtection"] == true:
		return refuse("InvalidParameterCombination", "Cannot delete protected Cluster, please disable deletion protection and try again. (%s)", o.ID)
	case o.Properties["skipFinalSnapshot"] != true && o.text("finalSnapshotIdentifier") == "":
		return refuse("InvalidParameterCombination", "RDS Cluster final_snapshot_identifier is required when skip_final_snapshot is false; give %s a finalSnapshotIdentifier, or skipFinalSnapshot, and update it first", o.ID)
	}
	return nil
}

// masterSecret is the secret that RDS makes and owns for the master user, as long as it manages the password.
func masterSecret(a *admission) []change {
	if !a.isTrue("manageMasterUserPassword") {
		return removeMasterSecrets(a.account, a.previous)
	}
	arn := masterSecretARN(a.draft)
	name := arn[strings.Index(arn, "rds!"):strings.LastIndex(arn, "-")]
	return []change{{Put: &Object{Type: secretType, ID: arn, Properties: map[string]any{"arn": arn, "name": name, "owningService": "rds"}}}}
}

func removeMasterSecrets(a *Account, cluster *Object) (changes []change) {
	if cluster == nil {
		return nil
	}
	secrets, _ := cluster.Properties["masterUserSecrets"].([]any)
	for _, s := range secrets {
		secret, _ := s.(map[string]any)
		if o := a.lookup(fmt.Sprint(secret["secretArn"]), secretType); o != nil {
			changes = append(changes, o.removed())
		}
	}
	return changes
}

// afterCluster leaves the final snapshot, and takes the master user's secret away with the cluster.
func afterCluster(a *Account, o *Object) ([]change, error) {
	changes := removeMasterSecrets(a, o)
	if o.Properties["skipFinalSnapshot"] == true {
		return changes, nil
	}
	name := o.text("finalSnapshotIdentifier")
	if a.lookup(name, snapshotType) != nil {
		return nil, refuse("DBClusterSnapshotAlreadyExistsFault", "Cannot create the cluster snapshot because one with the identifier %s already exists.", name)
	}
	snapshot := &Object{Type: snapshotType, ID: name, Account: o.Account, Region: o.Region, URN: o.URN, Created: time.Now().UTC(),
		Properties: map[string]any{"dbClusterIdentifier": o.ID, "engine": o.text("engine"), "engineVersion": o.text("engineVersionActual"), "snapshotType": "manual"}}
	return append(changes, change{Put: snapshot}), nil
}
