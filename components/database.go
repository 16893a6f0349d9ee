package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/internal/invalid"
	"slipway/internal/limits"
)

const postgresPort = 5432

// SslMode is how a client checks that it talks to the database (libpq's sslmode). The server refuses connections without
// TLS in any case.
type SslMode string

const (
	// SslRequire encrypts and does not check the server's certificate.
	SslRequire SslMode = "require"
	// SslVerifyFull also checks the certificate and the host name. The image must hold the certificates of RDS
	// (https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem) where the application looks for them.
	SslVerifyFull SslMode = "verify-full"
)

func (m SslMode) check(wrong *invalid.Fields) {
	if m != SslRequire && m != SslVerifyFull {
		wrong.Add("sslMode", string(m), `"require" or "verify-full"`)
	}
}

// databaseAccess lets services use a PostgreSQL database, whether the component made it or found it.
type databaseAccess struct {
	kind, name string // the component's type and name
	component  pulumi.Resource

	host            pulumi.StringInput
	port            pulumi.IntInput
	database        pulumi.StringInput
	secretArn       pulumi.StringInput // a JSON object with the keys username and password
	securityGroupId pulumi.StringInput
	sslMode         SslMode
	// ready is what a first connection needs, and none of the above carries.
	ready []pulumi.Resource
	tags  pulumi.StringMap
}

// AllowFrom opens the database's port to one security group. name says whose it is, and becomes part of the rule's name
// and description.
//
//	_, err := database.AllowFrom(ctx, "bastion", bastion.ID())
func (a *databaseAccess) AllowFrom(ctx *pulumi.Context, name string, securityGroupId pulumi.StringInput, opts ...pulumi.ResourceOption) (*vpc.SecurityGroupIngressRule, error) {
	description := "PostgreSQL from " + name
	wrong := invalid.In(fmt.Sprintf("%s %q, AllowFrom", a.kind, a.name))
	wrong.Check("name", name, limits.SecurityGroupText(description))
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	port := a.port.ToIntOutput().ToIntPtrOutput()
	return vpc.NewSecurityGroupIngressRule(ctx, a.name+"-from-"+name, &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId:           a.securityGroupId,
		ReferencedSecurityGroupId: securityGroupId,
		Description:               pulumi.String(description),
		IpProtocol:                pulumi.String("tcp"),
		FromPort:                  port,
		ToPort:                    port,
		Tags:                      a.tags,
	}, append([]pulumi.ResourceOption{pulumi.Parent(a.component)}, opts...)...)
}

// GrantReadSecret lets a role read the database user's name and password, and no other secret. The secret has to be encrypted
// with AWS's own key, which needs no grant; RDS's is. name says whose role it is.
func (a *databaseAccess) GrantReadSecret(ctx *pulumi.Context, name string, role *iam.Role, opts ...pulumi.ResourceOption) (*iam.RolePolicy, error) {
	return iam.NewRolePolicy(ctx, a.name+"-secret-"+name, &iam.RolePolicyArgs{
		Role:   role.Name,
		Policy: a.secretArn.ToStringOutput().ApplyT(readSecretPolicy).(pulumi.StringOutput),
	}, append([]pulumi.ResourceOption{pulumi.Parent(a.component)}, opts...)...)
}

func readSecretPolicy(secretArn string) (string, error) {
	return policyDocument(policyStatement{
		Effect:   "Allow",
		Action:   []string{"secretsmanager:GetSecretValue"},
		Resource: []string{secretArn},
	})
}

// Connect lets a service use the database as the user in the secret: its tasks reach the port, know where it is, get user and
// password when they start, and may read them again after a rotation.
//
//	DATABASE_HOST, DATABASE_PORT, DATABASE_NAME, DATABASE_SSLMODE, DATABASE_SECRET_ARN   variables
//	DATABASE_USER, DATABASE_PASSWORD                                                     from the secret
//
// The service waits for the rule, the policy and, where the component makes the database, its writer: the first thing it runs
// may be a migration.
func (a *databaseAccess) Connect(ctx *pulumi.Context, task Task) (*Access, error) {
	rule, err := a.AllowFrom(ctx, task.Name, task.SecurityGroupId)
	if err != nil {
		return nil, err
	}
	policy, err := a.GrantReadSecret(ctx, task.Name, task.Role)
	if err != nil {
		return nil, err
	}
	return &Access{
		Environment: map[string]pulumi.StringInput{
			"DATABASE_HOST":       a.host,
			"DATABASE_PORT":       pulumi.Sprintf("%d", a.port),
			"DATABASE_NAME":       a.database,
			"DATABASE_SSLMODE":    pulumi.String(a.sslMode),
			"DATABASE_SECRET_ARN": a.secretArn,
		},
		Secrets: map[string]SecretReference{
			"DATABASE_USER":     {Arn: a.secretArn, JsonKey: pulumi.String("username")},
			"DATABASE_PASSWORD": {Arn: a.secretArn, JsonKey: pulumi.String("password")},
		},
		DependsOn: append([]pulumi.Resource{rule, policy}, a.ready...),
	}, nil
}
