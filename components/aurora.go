package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// AuroraServerless is a PostgreSQL database on Aurora Serverless v2.
//
//	database, err := components.NewAuroraServerless(ctx, "app", &components.AuroraServerlessArgs{
//		VpcId:     network.VpcId,
//		SubnetIds: network.IsolatedSubnetIds,
//	})
//
// It creates a cluster with a writer and its readers, a subnet group, a parameter group (TLS required, slow statements
// logged), a log group for the database's log, alarms on its capacity and its connections unless Ephemeral, and a security
// group that admits nobody. AllowFrom admits one security
// group; a service is given everything it needs with WebServiceArgs.Connections. With EnhancedMonitoringSeconds it also
// creates the role that the monitoring writes with. The storage is encrypted, and deletion takes a final snapshot named
// <cluster identifier>-final.
//
// About what it costs a month (us-east-1), by default with a writer and a reader at 0.5 units each $88 when idle and $350 at the most; with
// Ephemeral one instance that pauses, $58 when awake at 2 units a third of the time:
//
//	capacity       $87.60  per unit of an instance that runs all month; nothing while it is paused
//	secret          $0.40
//	alarms          $0.20  unless Ephemeral
//	storage         $0.10  per GB
//	I/O requests    $0.20  per million
//	logs            $0.50  per GB
//
// # Passwords and rotation
//
// RDS makes the master password, keeps it in Secrets Manager and changes it every 7 days. It is never in Pulumi's state.
// ECS gives a task the password when the task starts, and never again: after a rotation every new connection of a running
// task would be refused. So a connected task may also read exactly this secret, and finds its ARN in
// DATABASE_SECRET_ARN. An application must read the secret again when a connection is refused for its password
// (SQLSTATE 28P01) and try once more; the sample application's database backend does that. Connections that are open
// stay open. The other way is a database user of the application's own with IAM authentication, which has no password to
// rotate: see GrantConnect.
type AuroraServerless struct {
	pulumi.ResourceState

	// Endpoint is the host that always leads to the writer.
	Endpoint pulumi.StringOutput `pulumi:"endpoint"`
	// ReaderEndpoint is the host that leads to one of the readers, or to the writer when there is none.
	ReaderEndpoint pulumi.StringOutput `pulumi:"readerEndpoint"`
	// Port of both endpoints: 5432.
	Port pulumi.IntOutput `pulumi:"port"`
	// DatabaseName is the database in the cluster.
	DatabaseName pulumi.StringOutput `pulumi:"databaseName"`
	// ClusterIdentifier is the cluster's name in RDS, which metrics and snapshots go by.
	ClusterIdentifier pulumi.StringOutput `pulumi:"clusterIdentifier"`
	// ClusterArn is what policies, backups and the Data API name the cluster by.
	ClusterArn pulumi.StringOutput `pulumi:"clusterArn"`
	// SecretArn is the secret that RDS keeps the master user in: a JSON object with the keys username and password.
	SecretArn pulumi.StringOutput `pulumi:"secretArn"`
	// SecurityGroupId is the security group of the cluster, which admits whom AllowFrom and connections add.
	SecurityGroupId pulumi.StringOutput `pulumi:"securityGroupId"`
	// SslMode is what connected services are told.
	SslMode pulumi.StringOutput `pulumi:"sslMode"`
	// LogGroupName is where PostgreSQL's log is in CloudWatch Logs.
	LogGroupName pulumi.StringOutput `pulumi:"logGroupName"`

	Cluster *rds.Cluster
	// Writer and Readers are named for what they are meant to be. RDS makes the first one that is ready the writer, and a
	// failover changes it; Endpoint follows, the names do not.
	Writer         *rds.ClusterInstance
	Readers        []*rds.ClusterInstance
	ParameterGroup *rds.ClusterParameterGroup
	SubnetGroup    *rds.SubnetGroup
	SecurityGroup  *ec2.SecurityGroup
	LogGroup       *cloudwatch.LogGroup
	Alarms         []*cloudwatch.MetricAlarm // none when Ephemeral, unless asked for

	databaseAccess
}

// NewAuroraServerless creates a database. VpcId and SubnetIds are required. An error names every argument that is wrong.
func NewAuroraServerless(ctx *pulumi.Context, name string, args *AuroraServerlessArgs, opts ...pulumi.ResourceOption) (*AuroraServerless, error) {
	settings, err := args.withDefaults(name)
	if err != nil {
		return nil, err
	}
	db := &AuroraServerless{databaseAccess: databaseAccess{
		kind: "AuroraServerless", name: name, sslMode: *settings.SslMode, tags: pulumi.ToStringMap(settings.Tags),
	}}
	if err := ctx.RegisterComponentResource("slipway:index:AuroraServerless", name, db, opts...); err != nil {
		return nil, err
	}
	if err := db.createSecurityGroup(ctx, settings); err != nil {
		return nil, err
	}
	if err := db.createSubnetGroup(ctx, settings); err != nil {
		return nil, err
	}
	if err := db.createLogGroup(ctx, settings); err != nil {
		return nil, err
	}
	if err := db.createParameterGroup(ctx, settings); err != nil {
		return nil, err
	}
	if err := db.createCluster(ctx, settings); err != nil {
		return nil, err
	}
	if err := db.createInstances(ctx, settings); err != nil {
		return nil, err
	}
	if err := db.createAlarms(ctx, settings); err != nil {
		return nil, err
	}
	db.assignOutputs(settings)
	return db, ctx.RegisterResourceOutputs(db, pulumi.Map{
		"endpoint":          db.Endpoint,
		"readerEndpoint":    db.ReaderEndpoint,
		"port":              db.Port,
		"databaseName":      db.DatabaseName,
		"clusterIdentifier": db.ClusterIdentifier,
		"clusterArn":        db.ClusterArn,
		"secretArn":         db.SecretArn,
		"securityGroupId":   db.SecurityGroupId,
		"sslMode":           db.SslMode,
		"logGroupName":      db.LogGroupName,
	})
}

func (db *AuroraServerless) assignOutputs(args AuroraServerlessArgs) {
	db.Endpoint = db.Cluster.Endpoint
	db.ReaderEndpoint = db.Cluster.ReaderEndpoint
	db.Port = db.Cluster.Port
	db.DatabaseName = pulumi.String(args.DatabaseName).ToStringOutput()
	db.ClusterArn = db.Cluster.Arn
	db.SecretArn = db.Cluster.MasterUserSecrets.ApplyT(masterSecretArn).(pulumi.StringOutput)
	db.SecurityGroupId = db.SecurityGroup.ID().ToStringOutput()
	db.SslMode = pulumi.String(db.sslMode).ToStringOutput()
	db.LogGroupName = db.LogGroup.Name

	db.component = db
	db.host, db.port, db.database = db.Endpoint, pulumi.Int(postgresPort), db.DatabaseName
	db.secretArn, db.securityGroupId = db.SecretArn, db.SecurityGroupId
	db.ready = []pulumi.Resource{db.Writer}
}

// masterSecretArn is the secret that RDS made for the master user.
func masterSecretArn(secrets []rds.ClusterMasterUserSecret) (string, error) {
	if len(secrets) == 0 || secrets[0].SecretArn == nil {
		return "", fmt.Errorf("the cluster has no secret for its master user; switch manageMasterUserPassword on again in RDS, then run pulumi refresh")
	}
	return *secrets[0].SecretArn, nil
}
