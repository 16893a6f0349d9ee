package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/internal/invalid"
	"slipway/internal/limits"
)

var _ Connection = (*AuroraServerless)(nil)

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
