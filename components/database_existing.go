package components

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/internal/invalid"
	"slipway/internal/limits"
)

// ExistingDatabase is a PostgreSQL database in an Aurora cluster or RDS instance that this program does not make, such as one of
// another stack. Services are connected to it as to an AuroraServerless:
//
//	database, err := components.NewExistingDatabase(ctx, "app", &components.ExistingDatabaseArgs{
//		Endpoint: pulumi.String("app-1a2b3c4.cluster-abc.us-east-1.rds.amazonaws.com"), DatabaseName: pulumi.String("app_pr_1"),
//		SecretArn: secretArn, SecurityGroupId: securityGroupId,
//	})
//	components.NewWebService(ctx, "web", &components.WebServiceArgs{Connections: []components.Connection{database}, ...})
//
// It creates nothing until a service is connected: then a rule in the database's security group and a policy of the service's
// role. A security group takes 60 rules by default.
//
// It costs nothing.
//
// The database itself, DatabaseName, is not made either: the application's ReleaseCommand can do that, as the user in the secret.
type ExistingDatabase struct {
	pulumi.ResourceState
	databaseAccess
}

// ExistingDatabaseArgs say where the database is. All but Port, SslMode and Tags are required.
type ExistingDatabaseArgs struct {
	// Endpoint is the host that leads to the writer. Required. Example: database.Endpoint of another stack.
	Endpoint pulumi.StringInput `pulumi:"endpoint"`
	// Port of the host. Default: 5432.
	Port pulumi.IntInput `pulumi:"port,optional"`
	// DatabaseName is the database to connect to. Required. Example: "app_pr_1".
	DatabaseName pulumi.StringInput `pulumi:"databaseName"`
	// SecretArn is a secret in Secrets Manager: a JSON object with the keys username and password, as RDS makes it for the master
	// user. It is encrypted with AWS's own key. Required. Example: database.SecretArn of another stack.
	SecretArn pulumi.StringInput `pulumi:"secretArn"`
	// SecurityGroupId is of the database; each connected service adds a rule to it. Required. Example: database.SecurityGroupId.
	SecurityGroupId pulumi.StringInput `pulumi:"securityGroupId"`
	// SslMode is what connected services are told. Default: SslRequire.
	SslMode *SslMode `pulumi:"sslMode,optional"`
	// Tags of the rules. Default: none. Example: map[string]string{"team": "shop"}.
	Tags map[string]string `pulumi:"tags,optional"`
}

var _ Connection = (*ExistingDatabase)(nil)

// NewExistingDatabase refers to a database. An error names every argument that is wrong.
func NewExistingDatabase(ctx *pulumi.Context, name string, args *ExistingDatabaseArgs, opts ...pulumi.ResourceOption) (*ExistingDatabase, error) {
	settings, err := args.withDefaults(name)
	if err != nil {
		return nil, err
	}
	db := &ExistingDatabase{}
	if err := ctx.RegisterComponentResource("slipway:index:ExistingDatabase", name, db, opts...); err != nil {
		return nil, err
	}
	db.databaseAccess = databaseAccess{
		kind:            "ExistingDatabase",
		name:            name,
		component:       db,
		host:            settings.Endpoint,
		port:            settings.Port,
		database:        settings.DatabaseName,
		secretArn:       settings.SecretArn,
		securityGroupId: settings.SecurityGroupId,
		sslMode:         *settings.SslMode,
		tags:            pulumi.ToStringMap(settings.Tags),
	}
	return db, ctx.RegisterResourceOutputs(db, pulumi.Map{})
}

func (a *ExistingDatabaseArgs) withDefaults(name string) (ExistingDatabaseArgs, error) {
	var args ExistingDatabaseArgs
	if a != nil {
		args = *a
	}
	if args.Port == nil {
		args.Port = pulumi.Int(postgresPort)
	}
	args.SslMode = cmp.Or(args.SslMode, new(SslRequire))
	wrong := invalid.In(fmt.Sprintf("ExistingDatabase %q", name))
	for _, field := range []struct {
		name  string
		value pulumi.StringInput
		takes string
	}{
		{"endpoint", args.Endpoint, "the host of the database's writer"},
		{"databaseName", args.DatabaseName, "the name of the database to connect to"},
		{"secretArn", args.SecretArn, "the ARN of the secret with the database user's name and password"},
		{"securityGroupId", args.SecurityGroupId, "the id of the database's security group"},
	} {
		if field.value == nil {
			wrong.Add(field.name, nil, field.takes)
		}
	}
	args.SslMode.check(wrong)
	// What a service of the longest name is granted is called after both.
	wrong.Check("name", name, limits.NamePrefix(name, "-secret-"+strings.Repeat("x", longestService), limits.PolicyNameLength))
	if port, known := args.Port.(pulumi.Int); known {
		wrong.Check("port", int(port), limits.ContainerPort(int(port)))
	}
	checkTags(args.Tags, limits.MaxTags, wrong)
	return args, wrong.Err()
}
