package localaws

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
)

const (
	instanceParametersType = "aws:rds/parameterGroup:ParameterGroup"
	// snapshotType is what the deletion of a cluster leaves; no program makes one.
	snapshotType = "aws:rds/clusterSnapshot:ClusterSnapshot"
)

// rdsKinds are Aurora's resource types. What replaces, what is computed and the identifiers are those of
// terraform-provider-aws (internal/service/rds); Pulumi names neither clusters nor their instances, Terraform does.
func rdsKinds() []*kind {
	const service = "RDS"
	return []*kind{
		of(rds.ClusterArgs{}, rds.Cluster{}, kind{service: service, noun: "DBCluster", id: terraformNamed("clusterIdentifier"),
			unique: map[string]string{"clusterIdentifier": "DBClusterAlreadyExistsFault"},
			replace: []string{"availabilityZones", "clusterIdentifier", "clusterIdentifierPrefix", "clusterScalabilityType", "databaseName", "dbSubnetGroupName",
				"dbSystemId", "engine", "engineMode", "kmsKeyId", "masterUsername", "restoreToPointInTime", "snapshotIdentifier", "sourceRegion", "storageEncrypted"},
			defaults: map[string]any{"backupRetentionPeriod": 1, "copyTagsToSnapshot": false, "databaseInsightsMode": "standard", "deleteAutomatedBackups": true, "enableHttpEndpoint": false,
				"engineLifecycleSupport": "open-source-rds-extended-support", "engineMode": "provisioned", "networkType": "IPV4", "monitoringInterval": 0,
				"skipFinalSnapshot": false, "storageEncrypted": false, "storageType": "", "preferredBackupWindow": "03:22-03:52", "preferredMaintenanceWindow": "sun:05:10-sun:05:40"},
			references: map[string]reference{"clusterIdentifier": none},
			check:      checkCluster, compute: computeCluster, admit: admitCluster, alongside: masterSecret, guard: guardCluster, afterDelete: afterCluster,
			inUse: &inUse{code: "InvalidDBClusterStateFault", by: []string{rdsInstanceType}, message: "Cluster cannot be deleted, it still contains DB instances in non-deleting state. (%s)"}}),
		of(rds.ClusterInstanceArgs{}, rds.ClusterInstance{}, kind{service: service, noun: "DBInstance", id: terraformNamed("identifier"),
			unique: map[string]string{"identifier": "DBInstanceAlreadyExistsFault"},
			replace: []string{"availabilityZone", "clusterIdentifier", "customIamInstanceProfile", "dbSubnetGroupName", "engine", "identifier",
				"identifierPrefix"},
			defaults:   map[string]any{"autoMinorVersionUpgrade": true, "copyTagsToSnapshot": false, "monitoringInterval": 0, "promotionTier": 0, "publiclyAccessible": false, "networkType": "IPV4", "caCertIdentifier": "rds-ca-rsa2048-g1"},
			references: map[string]reference{"dbParameterGroupName": {types: []string{instanceParametersType}, code: "DBParameterGroupNotFound", message: "DBParameterGroup not found: %s", foreign: awsOwned("default.")}},
			check:      checkInstance, compute: computeInstance, admit: admitInstance}),
		of(rds.SubnetGroupArgs{}, rds.SubnetGroup{}, kind{service: service, noun: "DBSubnetGroup", idFrom: "name",
			named:   &naming{property: "name", prefixProperty: "namePrefix", most: 255},
			unique:  map[string]string{"name": "DBSubnetGroupAlreadyExists"},
			replace: []string{"name", "namePrefix"}, defaults: map[string]any{"description": "Managed by Pulumi"},
			check: checkGroupName, compute: rdsARN("subgrp"), admit: admitSubnetGroup,
			inUse: &inUse{code: "InvalidDBSubnetGroupStateFault", by: []string{rdsClusterType, rdsInstanceType}, message: "Cannot delete the subnet group '%s' because at least one database is still using it."}}),
		of(rds.ClusterParameterGroupArgs{}, rds.ClusterParameterGroup{}, kind{service: service, noun: "DBClusterParameterGroup", idFrom: "name",
			named:   &naming{property: "name", prefixProperty: "namePrefix", most: 255},
			unique:  map[string]string{"name": "DBParameterGroupAlreadyExists"},
			replace: []string{"name", "namePrefix", "description", "family"}, defaults: map[string]any{"description": "Managed by Pulumi"},
			check: checkParameters, compute: computeClusterParameters,
			inUse: &inUse{code: "InvalidDBParameterGroupState", by: []string{rdsClusterType}, message: "One or more database clusters are still members of this parameter group %s, so the group cannot be deleted"}}),
		of(rds.ParameterGroupArgs{}, rds.ParameterGroup{}, kind{service: service, noun: "DBParameterGroup", idFrom: "name",
			named:   &naming{property: "name", prefixProperty: "namePrefix", most: 255},
			unique:  map[string]string{"name": "DBParameterGroupAlreadyExists"},
			replace: []string{"name", "namePrefix", "description", "family"}, defaults: map[string]any{"description": "Managed by Pulumi", "skipDestroy": false},
			check: checkParameters, compute: rdsARN("pg"),
			inUse: &inUse{code: "InvalidDBParameterGroupState", by: []string{rdsInstanceType}, message: "One or more database instances are still members of this parameter group %s, so the group cannot be deleted"}}),
	}
}

// defaultParameters are what programs set though it is the default already, by the first major version of Aurora PostgreSQL
// that has it.
var defaultParameters = map[string]struct {
	value string
	since int
}{"rds.force_ssl": {"1", 17}}

// computeClusterParameters gives a parameter that has its default value the default's apply method: RDS takes it for
// unchanged, and a change of the method alone for none. A program that asks for another method is shown a change for ever.
func computeClusterParameters(d *draft) {
	rdsARN("cluster-pg")(d)
	version, ok := strings.CutPrefix(d.text("family"), auroraPostgres)
	major, _, known := postgresVersion(version)
	if !ok || !known || !d.value("parameters").IsArray() {
		return
	}
	var parameters []any
	for _, parameter := range d.objects("parameters") {
		stored := parameter.Mappable()
		if byDefault, ok := defaultParameters[fmt.Sprint(stored["name"])]; ok && major >= byDefault.since && stored["value"] == byDefault.value {
			stored["applyMethod"] = "pending-reboot"
		}
		parameters = append(parameters, stored)
	}
	d.set("parameters", parameters)
}

// terraformNamed is the id of a type that Pulumi does not name: the program's, or a prefix with Terraform's unique id.
func terraformNamed(property string) func(*draft) string {
	return func(d *draft) string {
		if name := d.text(property); name != "" {
			return name
		}
		prefix := d.text(property + "Prefix")
		if prefix == "" {
			prefix = "tf-"
		}
		return prefix + d.digits(prefixedDigits)
	}
}

func rdsARN(path string) func(*draft) {
	return func(d *draft) { d.set("arn", d.arn("rds", path+":"+d.id)) }
}

// databaseHost is an endpoint's name after the first part. The part that follows is the same for all databases of an account in a region.
func (s scope) databaseHost(name string) string {
	return fmt.Sprintf("%sc%s.%s.rds.%s", name, digest(s.accountID + s.region)[:11], s.region, dnsSuffix(s.region))
}

// clusterHost puts cluster- or cluster-ro- before the middle part.
func (s scope) clusterHost(id, prefix string) string { return s.databaseHost(id + "." + prefix) }

func computeCluster(d *draft) {
	rdsARN("cluster")(d)
	d.set("clusterIdentifier", d.id)
	d.set("clusterResourceId", "cluster-"+strings.ToUpper(d.hex(26)))
	d.set("endpoint", d.clusterHost(d.id, "cluster-"))
	d.set("readerEndpoint", d.clusterHost(d.id, "cluster-ro-"))
	d.set("hostedZoneId", "Z"+strings.ToUpper(d.hex(13)))
	engine, version := d.text("engine"), d.text("engineVersion")
	actual := actualVersion(engine, version)
	if version == "" {
		d.set("engineVersion", actual)
	}
	d.set("engineVersionActual", actual)
	if !d.has("port") {
		d.set("port", defaultPort(engine))
	}
	if !d.has("dbSubnetGroupName") {
		d.set("dbSubnetGroupName", "default")
	}
	if !d.has("dbClusterParameterGroupName") {
		d.set("dbClusterParameterGroupName", "default."+parameterFamily(engine, actual))
	}
	if !d.has("availabilityZones") {
		var zones []any
		for z := range 3 { // an Aurora volume is in three zones, wherever its instances are
			zones = append(zones, fmt.Sprintf("%s%c", d.region, 'a'+z))
		}
		d.set("availabilityZones", zones)
	}
	if d.isTrue("storageEncrypted") && !d.has("kmsKeyId") {
		d.set("kmsKeyId", d.awsKey("rds"))
	}
	if d.isTrue("performanceInsightsEnabled") && !d.has("performanceInsightsRetentionPeriod") {
		d.set("performanceInsightsRetentionPeriod", 7)
	}
	d.set("masterUserSecrets", []any{})
	if d.isTrue("manageMasterUserPassword") {
		key := d.text("masterUserSecretKmsKeyId")
		if key == "" {
			key = d.awsKey("secretsmanager")
		}
		d.set("masterUserSecretKmsKeyId", key)
		d.set("masterUserSecrets", []any{map[string]any{"kmsKeyId": key, "secretArn": masterSecretARN(d), "secretStatus": "active"}})
	}
}

// masterSecretARN is the ARN of the secret that RDS makes: its name is rds!cluster- and a UUID.
func masterSecretARN(d *draft) string {
	return d.arn("secretsmanager", "secret:rds!cluster-"+d.uuid()+"-"+d.hex(38)[32:])
}

// awsKey is the ARN of the key that AWS manages for a service.
func (s scope) awsKey(service string) string {
	d := &draft{id: s.seed("alias/aws/" + service + "/" + s.region)}
	return s.arn("kms", "key/"+d.uuid())
}

func computeInstance(d *draft) {
	rdsARN("db")(d)
	d.set("identifier", d.id)
	d.set("dbiResourceId", "db-"+strings.ToUpper(d.hex(26)))
	d.set("endpoint", d.databaseHost(d.id+"."))
	d.set("port", defaultPort(d.text("engine")))
	d.set("engineVersionActual", actualVersion(d.text("engine"), d.text("engineVersion")))
}

func defaultPort(engine string) int {
	if strings.Contains(engine, "postgres") {
		return 5432
	}
	return 3306
}
