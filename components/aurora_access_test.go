package components_test

import (
	"fmt"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/components"
)

func TestAuroraConnect(t *testing.T) {
	t.Parallel()
	var environment, secrets map[string]string
	var dependsOn []string
	r, err := runAurora(components.AuroraServerlessArgs{SslMode: new(components.SslVerifyFull)}, func(ctx *pulumi.Context, db *components.AuroraServerless) error {
		role, err := iam.NewRole(ctx, "db-task-of-a-service", &iam.RoleArgs{AssumeRolePolicy: pulumi.String("{}")})
		if err != nil {
			return err
		}
		access, err := db.Connect(ctx, components.Task{
			Name: "web", SecurityGroupId: pulumi.String("sg-web").ToStringOutput(), Role: role, ExecutionRole: role,
		})
		if err != nil {
			return err
		}
		environment, secrets = map[string]string{}, map[string]string{}
		for name, value := range access.Environment {
			environment[name] = awaitString(value.ToStringOutput())
		}
		for name, reference := range access.Secrets {
			assert.Nil(t, reference.VersionId, "the current version: the password rotates")
			assert.Nil(t, reference.KmsKeyArn)
			secrets[name] = awaitString(reference.Arn.ToStringOutput()) + " " + awaitString(reference.JsonKey.ToStringPtrOutput().Elem())
		}
		for _, needed := range access.DependsOn {
			dependsOn = append(dependsOn, awaitString(needed.URN().ToStringOutput()))
		}
		return nil
	})
	require.NoError(t, err)

	assert.Equal(t, map[string]string{
		"DATABASE_HOST":       "db-1234567.cluster-abc.eu-central-1.rds.amazonaws.com",
		"DATABASE_PORT":       "5432",
		"DATABASE_NAME":       "app",
		"DATABASE_SSLMODE":    "verify-full",
		"DATABASE_SECRET_ARN": masterSecretArn,
	}, environment)
	assert.Equal(t, map[string]string{
		"DATABASE_USER":     masterSecretArn + " username",
		"DATABASE_PASSWORD": masterSecretArn + " password",
	}, secrets)

	component := "urn:pulumi:test::slipway::slipway:index:AuroraServerless$"
	assert.ElementsMatch(t, []string{
		component + ingressRule + "::db-from-web",
		component + rolePolicy + "::db-secret-web",
		component + rdsInstance + "::db-writer",
	}, dependsOn)

	rule := r.find(t, ingressRule, "db-from-web").Inputs
	assert.Equal(t, "db-database-id", rule["securityGroupId"].StringValue())
	assert.Equal(t, "sg-web", rule["referencedSecurityGroupId"].StringValue())
	assert.Equal(t, []any{"tcp", 5432.0, 5432.0}, []any{rule["ipProtocol"].V, rule["fromPort"].V, rule["toPort"].V})
	assert.Equal(t, "PostgreSQL from web", rule["description"].StringValue())
	assert.NotContains(t, rule, resource.PropertyKey("cidrIpv4"))
	require.Len(t, r.all(ingressRule), 1)

	policy := r.find(t, rolePolicy, "db-secret-web").Inputs
	assert.Equal(t, "db-task-of-a-service-1234567", policy["role"].StringValue())
	assert.JSONEq(t, fmt.Sprintf(`{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": [%q]}]}`, masterSecretArn), policy["policy"].StringValue())
}

func TestAuroraGrantConnect(t *testing.T) {
	t.Parallel()
	grant := func(user string) (*recorder, error) {
		return runAurora(components.AuroraServerlessArgs{}, func(ctx *pulumi.Context, db *components.AuroraServerless) error {
			role, err := iam.NewRole(ctx, "db-task-of-a-service", &iam.RoleArgs{AssumeRolePolicy: pulumi.String("{}")})
			if err != nil {
				return err
			}
			_, err = db.GrantConnect(ctx, "reports", role, user)
			return err
		})
	}
	r, err := grant("reporting")
	require.NoError(t, err)
	assert.JSONEq(t, `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["rds-db:connect"],
		"Resource": ["arn:aws:rds-db:eu-central-1:123456789012:dbuser:cluster-ABCDEFGHIJKL/reporting"]}]}`,
		r.find(t, rolePolicy, "db-connect-reports").Inputs["policy"].StringValue())

	_, err = grant("*")
	assert.ErrorContains(t, err, `AuroraServerless "db", GrantConnect "reports": 1 field is wrong`)
	assert.ErrorContains(t, err, `databaseUser: got "*", takes the name of one database user`)
}

func TestAuroraAllowFromChecksItsName(t *testing.T) {
	t.Parallel()
	r, err := runAurora(components.AuroraServerlessArgs{}, func(ctx *pulumi.Context, db *components.AuroraServerless) error {
		_, err := db.AllowFrom(ctx, "the shop's", pulumi.String("sg-shop"))
		return err
	})
	assert.ErrorContains(t, err, `AuroraServerless "db", AllowFrom: 1 field is wrong`)
	assert.ErrorContains(t, err, `name: got "the shop's", takes 1 to 255 letters, digits, spaces and`)
	assert.Empty(t, r.all(ingressRule))
}
