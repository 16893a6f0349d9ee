package components

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const auroraPostgresql = "aurora-postgresql"

// identifierRoom is what the longest identifier appends to the component's name: "-1a2b3c4" and "-reader-15".
const identifierRoom = 8 + 10

// createSecurityGroup creates the group that decides who reaches the database: nobody, until AllowFrom. A database asks
// nobody anything: no egress rule.
func (db *AuroraServerless) createSecurityGroup(ctx *pulumi.Context, args AuroraServerlessArgs) (err error) {
	db.SecurityGroup, err = ec2.NewSecurityGroup(ctx, db.name+"-database", &ec2.SecurityGroupArgs{
		VpcId:       args.VpcId,
		Description: pulumi.String("The database: reached by the groups that were let in, one rule each"),
		Tags:        db.tags,
	}, pulumi.Parent(db))
	return err
}

// createSubnetGroup creates the group of subnets, and takes the identifier of the cluster from its name.
//
// RDS has no auto-naming for clusters in Pulumi, but three things hang on a name that is known beforehand and that no
// earlier cluster had: the log group, which must exist before RDS creates one that keeps logs for ever; the final
// snapshot, whose name must be free; the names of the instances. The subnet group is auto-named, known in the preview,
// and stays the same for as long as the component exists.
func (db *AuroraServerless) createSubnetGroup(ctx *pulumi.Context, args AuroraServerlessArgs) (err error) {
	db.SubnetGroup, err = rds.NewSubnetGroup(ctx, db.name+"-subnets", &rds.SubnetGroupArgs{
		SubnetIds:   args.SubnetIds,
		Description: pulumi.String("Isolated subnets of the database"),
		Tags:        db.tags,
	}, pulumi.Parent(db))
	if err != nil {
		return err
	}
	db.ClusterIdentifier = db.SubnetGroup.Name.ApplyT(func(subnetGroup string) string {
		return clusterIdentifier(db.name, subnetGroup)
	}).(pulumi.StringOutput)
	return nil
}

// clusterIdentifier is the component's name with the random end of an auto-named resource's name.
func clusterIdentifier(name, autoNamed string) string {
	return name + "-" + autoNamed[strings.LastIndex(autoNamed, "-")+1:]
}

// createLogGroup creates the log group that RDS exports the database's log to. RDS uses a group that it finds under this
// name. If it finds none it creates one, without a retention, and Pulumi could not create its own any more.
func (db *AuroraServerless) createLogGroup(ctx *pulumi.Context, args AuroraServerlessArgs) (err error) {
	db.LogGroup, err = cloudwatch.NewLogGroup(ctx, db.name+"-log", &cloudwatch.LogGroupArgs{
		Name:            pulumi.Sprintf("/aws/rds/cluster/%s/postgresql", db.ClusterIdentifier),
		RetentionInDays: pulumi.Int(args.LogRetentionDays),
		Tags:            db.tags,
	}, pulumi.Parent(db))
	return err
}

// createParameterGroup creates the parameters.
func (db *AuroraServerless) createParameterGroup(ctx *pulumi.Context, args AuroraServerlessArgs) (err error) {
	var parameters rds.ClusterParameterGroupParameterArray
	for _, parameter := range databaseParameters(*args.IdleSessionTimeoutSeconds) {
		parameters = append(parameters, rds.ClusterParameterGroupParameterArgs{
			Name:        pulumi.String(parameter.name),
			Value:       pulumi.String(parameter.value),
			ApplyMethod: pulumi.String(parameter.applyMethod),
		})
	}
	// Another major version is another family and so another group: created first, with a name of its own, then the
	// cluster moves over.
	db.ParameterGroup, err = rds.NewClusterParameterGroup(ctx, db.name+"-parameters", &rds.ClusterParameterGroupArgs{
		Family:      pulumi.String(auroraPostgresql + args.EngineVersion),
		Description: pulumi.String("TLS required, slow statements logged"),
		Parameters:  parameters,
		Tags:        db.tags,
	}, pulumi.Parent(db))
	return err
}

type databaseParameter struct{ name, value, applyMethod string }

func databaseParameters(idleSessionTimeoutSeconds int) []databaseParameter {
	// All of these are dynamic and would take effect at once.
	parameters := []databaseParameter{
		// The cluster starts with it. From version 17 on it is also the default, and RDS then keeps the default's apply
		// method: with "immediate", every preview would show a change.
		{"rds.force_ssl", "1", "pending-reboot"},
		// Milliseconds. Slower statements are logged; log_statement is left alone, because it would write passwords
		// from CREATE USER and ALTER USER into the log.
		{"log_min_duration_statement", "1000", "immediate"},
	}
	if idleSessionTimeoutSeconds > 0 {
		parameters = append(parameters, databaseParameter{"idle_session_timeout", fmt.Sprint(idleSessionTimeoutSeconds * 1000), "immediate"})
	}
	return parameters
}

// defaultVersion is the version that RDS would choose for a major version, such as 18.3 for 18.
//
// RDS takes a major version alone for a creation. But the provider sends the version along with any other change of the
// cluster when it is not exactly the one that runs (resourceClusterUpdate in terraform-provider-aws). To change a capacity
// would then upgrade and restart the database, or be refused, as RDS does not go back to a lower version.
func (db *AuroraServerless) defaultVersion(ctx *pulumi.Context, major string) (string, error) {
	found, err := rds.GetEngineVersion(ctx, &rds.GetEngineVersionArgs{
		Engine:      auroraPostgresql,
		Version:     &major,
		DefaultOnly: new(true),
	}, pulumi.Parent(db))
	if err != nil {
		return "", fmt.Errorf("AuroraServerless %q: look up engineVersion %s: %w", db.name, major, err)
	}
	return found.VersionActual, nil
}

// createCluster creates the cluster: storage, backups, endpoints and the master user, without anything that computes.
func (db *AuroraServerless) createCluster(ctx *pulumi.Context, args AuroraServerlessArgs) (err error) {
	version, err := db.defaultVersion(ctx, args.EngineVersion)
	if err != nil {
		return err
	}
	scaling := &rds.ClusterServerlessv2ScalingConfigurationArgs{
		MinCapacity: pulumi.Float64(*args.MinCapacity),
		MaxCapacity: pulumi.Float64(args.MaxCapacity),
	}
	if args.pauses() {
		scaling.SecondsUntilAutoPause = pulumi.Int(args.SecondsUntilAutoPause)
	}
	cluster := &rds.ClusterArgs{
		ClusterIdentifier:                db.ClusterIdentifier,
		Engine:                           pulumi.String(auroraPostgresql),
		EngineMode:                       pulumi.String("provisioned"), // Serverless v2; "serverless" is v1, which is gone
		EngineVersion:                    pulumi.String(version),
		AllowMajorVersionUpgrade:         pulumi.Bool(args.AllowMajorVersionUpgrade),
		Serverlessv2ScalingConfiguration: scaling,
		DatabaseName:                     pulumi.String(args.DatabaseName),
		MasterUsername:                   pulumi.String(args.MasterUsername),
		ManageMasterUserPassword:         pulumi.Bool(true),
		IamDatabaseAuthenticationEnabled: pulumi.Bool(true),
		EnableHttpEndpoint:               pulumi.Bool(args.DataApi),
		Port:                             pulumi.Int(postgresPort),
		DbSubnetGroupName:                db.SubnetGroup.Name,
		VpcSecurityGroupIds:              pulumi.StringArray{db.SecurityGroup.ID()},
		DbClusterParameterGroupName:      db.ParameterGroup.Name,
		StorageEncrypted:                 pulumi.Bool(true),
		BackupRetentionPeriod:            pulumi.Int(args.BackupRetentionDays),
		CopyTagsToSnapshot:               pulumi.Bool(true),
		DeleteAutomatedBackups:           pulumi.Bool(args.Ephemeral),
		DeletionProtection:               pulumi.Bool(!args.Ephemeral),
		SkipFinalSnapshot:                pulumi.Bool(args.Ephemeral),
		EnabledCloudwatchLogsExports:     pulumi.StringArray{pulumi.String("postgresql")},
		// What a preview showed is done when the update ends, not in some later maintenance window.
		ApplyImmediately: pulumi.Bool(true),
		Tags:             db.tags,
	}
	if !args.Ephemeral {
		cluster.FinalSnapshotIdentifier = pulumi.Sprintf("%s-final", db.ClusterIdentifier)
	}
	if args.SnapshotIdentifier != "" {
		cluster.SnapshotIdentifier = pulumi.String(args.SnapshotIdentifier)
	}
	// To drop the line with the snapshot must not replace the database with an empty one.
	ignored := []string{"snapshotIdentifier"}
	if !args.AllowMajorVersionUpgrade {
		// RDS upgrades to minor versions by itself, and its default moves on too.
		ignored = append(ignored, "engineVersion")
	}
	db.Cluster, err = rds.NewCluster(ctx, db.name+"-cluster", cluster, append(db.dataOptions(args),
		pulumi.DependsOn([]pulumi.Resource{db.LogGroup}),
		pulumi.IgnoreChanges(ignored))...)
	return err
}

// dataOptions are the resource options of the cluster and its instances. Their identifiers are fixed, so a
// replacement has to delete first. AWS's own deletion protection is on the cluster only; Pulumi's covers the instances
// too.
func (db *AuroraServerless) dataOptions(args AuroraServerlessArgs) []pulumi.ResourceOption {
	options := []pulumi.ResourceOption{pulumi.Parent(db), pulumi.DeleteBeforeReplace(true)}
	if !args.Ephemeral {
		options = append(options, pulumi.Protect(true))
	}
	return options
}
