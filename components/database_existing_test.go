package components_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/components"
)

func existingDatabase() *components.ExistingDatabaseArgs {
	return &components.ExistingDatabaseArgs{
		Endpoint:        pulumi.String("db-1234567.cluster-abc.eu-central-1.rds.amazonaws.com"),
		Port:            pulumi.Int(5433),
		DatabaseName:    pulumi.String("app_pr_1"),
		SecretArn:       pulumi.String(masterSecretArn),
		SecurityGroupId: pulumi.String("sg-database"),
		SslMode:         new(components.SslVerifyFull),
	}
}

// TestExistingDatabaseIsConnectedAsAnOwnOne connects a real service: what it is told, and what it waits for.
func TestExistingDatabaseIsConnectedAsAnOwnOne(t *testing.T) {
	t.Parallel()
	r := webRecorder()
	require.NoError(t, r.run(func(ctx *pulumi.Context) error {
		database, err := components.NewExistingDatabase(ctx, "database", existingDatabase())
		if err != nil {
			return err
		}
		args := webInputs()
		args.Connections = []components.Connection{database}
		_, err = components.NewWebService(ctx, "web", args)
		return err
	}))
	container := r.containers(t)["web"]
	for name, value := range map[string]string{
		"DATABASE_HOST":       "db-1234567.cluster-abc.eu-central-1.rds.amazonaws.com",
		"DATABASE_PORT":       "5433",
		"DATABASE_NAME":       "app_pr_1",
		"DATABASE_SSLMODE":    "verify-full",
		"DATABASE_SECRET_ARN": masterSecretArn,
	} {
		assert.Contains(t, container["environment"], map[string]any{"name": name, "value": value})
	}
	for name, key := range map[string]string{"DATABASE_USER": "username", "DATABASE_PASSWORD": "password"} {
		assert.Contains(t, container["secrets"], map[string]any{"name": name, "valueFrom": masterSecretArn + ":" + key + "::"})
	}

	rule := r.find(t, ingressRule, "database-from-web").Inputs
	assert.Equal(t, []any{"sg-database", "web-tasks-id", 5433.0, 5433.0},
		[]any{rule["securityGroupId"].V, rule["referencedSecurityGroupId"].V, rule["fromPort"].V, rule["toPort"].V})
	policy := r.find(t, rolePolicy, "database-secret-web").Inputs
	assert.Contains(t, policy["policy"].StringValue(), masterSecretArn)
	assert.Subset(t, r.waitsFor(t, ecsService, "web-service"), []string{ingressRule + " database-from-web", rolePolicy + " database-secret-web"})
}

func TestExistingDatabaseNamesEveryWrongArgument(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	err := r.run(func(ctx *pulumi.Context) error {
		_, err := components.NewExistingDatabase(ctx, "database", &components.ExistingDatabaseArgs{SslMode: new(components.SslMode("prefer"))})
		return err
	})
	require.ErrorContains(t, err, `ExistingDatabase "database": 5 fields are wrong`)
	for _, message := range []string{"endpoint: got nothing", "databaseName: got nothing", "secretArn: got nothing", "securityGroupId: got nothing", `sslMode: got "prefer", takes "require" or "verify-full"`} {
		assert.ErrorContains(t, err, "\n  - "+message)
	}
	assert.Empty(t, r.resources)
}

func TestExistingDatabaseTakesPostgresqlsPort(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	require.NoError(t, r.run(func(ctx *pulumi.Context) error {
		args := existingDatabase()
		args.Port, args.SslMode = nil, nil
		database, err := components.NewExistingDatabase(ctx, "database", args)
		if err != nil {
			return err
		}
		_, err = database.AllowFrom(ctx, "bastion", pulumi.String("sg-bastion"))
		return err
	}))
	r.requireDescends(t, "slipway:index:ExistingDatabase", "database")
	assert.Equal(t, 5432.0, r.find(t, ingressRule, "database-from-bastion").Inputs["fromPort"].V)
}
