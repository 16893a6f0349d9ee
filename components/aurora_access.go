package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/internal/invalid"
	"slipway/internal/limits"
)

var _ Connection = (*AuroraServerless)(nil)

// AllowFrom opens the database's port to one security group. name says whose it is, and becomes part of the rule's name
// and description.
//
//	_, err := database.AllowFrom(ctx, "bastion", bastion.ID())
func (db *AuroraServerless) AllowFrom(ctx *pulumi.Context, name string, securityGroupId pulumi.StringInput, opts ...pulumi.ResourceOption) (*vpc.SecurityGroupIngressRule, error) {
	description := "PostgreSQL from " + name
	wrong := invalid.In(fmt.Sprintf("AuroraServerless %q, AllowFrom", db.name))
	wrong.Check("name", name, limits.SecurityGroupText(description))
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	return vpc.NewSecurityGroupIngressRule(ctx, db.name+"-from-"+name, &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId:           db.SecurityGroup.ID(),
		ReferencedSecurityGroupId: securityGroupId,
		Description:               pulumi.String(description),
		IpProtocol:                pulumi.String("tcp"),
		FromPort:                  pulumi.Int(postgresPort),
		ToPort:                    pulumi.Int(postgresPort),
		Tags:                      db.tags,
	}, append([]pulumi.ResourceOption{pulumi.Parent(db)}, opts...)...)
}

// GrantReadSecret lets a role read the master user's name and password, and no other secret. The secret is encrypted with
// AWS's own key, which needs no grant. name says whose role it is.
func (db *AuroraServerless) GrantReadSecret(ctx *pulumi.Context, name string, role *iam.Role, opts ...pulumi.ResourceOption) (*iam.RolePolicy, error) {
	return iam.NewRolePolicy(ctx, db.name+"-secret-"+name, &iam.RolePolicyArgs{
		Role:   role.Name,
		Policy: db.SecretArn.ApplyT(readSecretPolicy).(pulumi.StringOutput),
	}, append([]pulumi.ResourceOption{pulumi.Parent(db)}, opts...)...)
}

func readSecretPolicy(secretArn string) (string, error) {
	return policyDocument(policyStatement{
		Effect:   "Allow",
		Action:   []string{"secretsmanager:GetSecretValue"},
		Resource: []string{secretArn},
	})
}

// GrantConnect lets a role connect as one database user with IAM authentication, without a password. The user must exist
// and have the role rds_iam in PostgreSQL:
//
//	CREATE USER reporting; GRANT rds_iam TO reporting;
//
// The master user is no candidate: with rds_iam its password stops to work.
func (db *AuroraServerless) GrantConnect(ctx *pulumi.Context, name string, role *iam.Role, databaseUser string, opts ...pulumi.ResourceOption) (*iam.RolePolicy, error) {
	wrong := invalid.In(fmt.Sprintf("AuroraServerless %q, GrantConnect %q", db.name, name))
	wrong.Check("databaseUser", databaseUser, limits.DatabaseUser(databaseUser))
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	policy := pulumi.All(db.Cluster.Arn, db.Cluster.ClusterResourceId).ApplyT(func(cluster []any) (string, error) {
		return connectPolicy(cluster[0].(string), cluster[1].(string), databaseUser)
	}).(pulumi.StringOutput)
	return iam.NewRolePolicy(ctx, db.name+"-connect-"+name, &iam.RolePolicyArgs{
		Role:   role.Name,
		Policy: policy,
	}, append([]pulumi.ResourceOption{pulumi.Parent(db)}, opts...)...)
}

func connectPolicy(clusterArn, clusterResourceId, databaseUser string) (string, error) {
	cluster, err := parseArn(clusterArn)
	if err != nil {
		return "", err
	}
	return policyDocument(policyStatement{
		Effect:   "Allow",
		Action:   []string{"rds-db:connect"},
		Resource: []string{fmt.Sprintf("arn:%s:rds-db:%s:%s:dbuser:%s/%s", cluster.partition, cluster.region, cluster.account, clusterResourceId, databaseUser)},
	})
}

// Connect lets a service use the database as its master user: its tasks reach the port, know where it is, get user and
// password when they start, and may read them again after a rotation.
//
//	DATABASE_HOST, DATABASE_PORT, DATABASE_NAME, DATABASE_SSLMODE, DATABASE_SECRET_ARN   variables
//	DATABASE_USER, DATABASE_PASSWORD                                                     from the secret
//
// The service waits for the rule, the policy and the writer: the first thing it runs may be a migration.
func (db *AuroraServerless) Connect(ctx *pulumi.Context, task Task) (*Access, error) {
	rule, err := db.AllowFrom(ctx, task.Name, task.SecurityGroupId)
	if err != nil {
		return nil, err
	}
	policy, err := db.GrantReadSecret(ctx, task.Name, task.Role)
	if err != nil {
		return nil, err
	}
	return &Access{
		Environment: map[string]pulumi.StringInput{
			"DATABASE_HOST":       db.Endpoint,
			"DATABASE_PORT":       pulumi.Sprintf("%d", db.Port),
			"DATABASE_NAME":       db.DatabaseName,
			"DATABASE_SSLMODE":    pulumi.String(db.sslMode),
			"DATABASE_SECRET_ARN": db.SecretArn,
		},
		Secrets: map[string]SecretReference{
			"DATABASE_USER":     {Arn: db.SecretArn, JsonKey: pulumi.String("username")},
			"DATABASE_PASSWORD": {Arn: db.SecretArn, JsonKey: pulumi.String("password")},
		},
		DependsOn: []pulumi.Resource{rule, policy, db.Writer},
	}, nil
}
