package components_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codecommit"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codeconnections"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/structpb"

	"slipway/components"
	"slipway/internal/enginetest"
)

// surroundings are what the components stand in, as a stack made it that exports it.
type surroundings struct {
	exported map[string]*structpb.Value
}

func newSurroundings(t *testing.T, e *enginetest.Engine) surroundings {
	t.Helper()
	require.NoError(t, e.Run("surroundings", nil, func(ctx *pulumi.Context) error {
		network, err := components.NewVpc(ctx, "net", nil)
		if err != nil {
			return err
		}
		web, err := components.NewWebService(ctx, "base", &components.WebServiceArgs{VpcId: network.VpcId, PublicSubnetIds: network.PublicSubnetIds,
			SubnetIds: network.ApplicationSubnetIds, Image: pulumi.String(anImage), DomainName: "base.example.com", Wildcard: true})
		if err != nil {
			return err
		}
		queue, err := components.NewQueue(ctx, "queue", nil)
		if err != nil {
			return err
		}
		topic, err := components.NewAlarmTopic(ctx, "alarms", nil)
		if err != nil {
			return err
		}
		secret, err := components.NewGeneratedSecret(ctx, "secret", nil)
		if err != nil {
			return err
		}
		key, err := kms.NewKey(ctx, "key", &kms.KeyArgs{})
		if err != nil {
			return err
		}
		group, err := ec2.NewSecurityGroup(ctx, "database", &ec2.SecurityGroupArgs{VpcId: network.VpcId, Description: pulumi.String("A database elsewhere")})
		if err != nil {
			return err
		}
		build, err := iam.NewRole(ctx, "build", &iam.RoleArgs{AssumeRolePolicy: pulumi.String(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
			"Principal": {"Service": "codebuild.amazonaws.com"}, "Action": "sts:AssumeRole"}]}`)})
		if err != nil {
			return err
		}
		boundary, err := iam.NewPolicy(ctx, "boundary", &iam.PolicyArgs{Policy: pulumi.String(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
			"Action": "*", "Resource": "*"}]}`)})
		if err != nil {
			return err
		}
		connection, err := codeconnections.NewConnection(ctx, "connection", &codeconnections.ConnectionArgs{ProviderType: pulumi.String("GitHub")})
		if err != nil {
			return err
		}
		for _, name := range []string{"a", "shop", strings.Repeat("r", 100)} {
			if _, err := codecommit.NewRepository(ctx, "commits-"+name, &codecommit.RepositoryArgs{RepositoryName: pulumi.String(name)}); err != nil {
				return err
			}
		}
		for name, output := range map[string]pulumi.Input{
			"vpc": network.VpcId, "public": network.PublicSubnetIds, "application": network.ApplicationSubnetIds, "isolated": network.IsolatedSubnetIds,
			"cluster": web.ClusterArn, "listener": web.ListenerArn, "balancer": web.LoadBalancerDnsName, "balancerGroup": web.LoadBalancerSecurityGroupId,
			"queue": queue.QueueArn, "topic": topic.TopicArn, "secret": secret.SecretArn, "key": key.Arn, "databaseGroup": group.ID(), "role": build.Arn,
			"boundary": boundary.Arn, "connection": connection.Arn,
		} {
			ctx.Export(name, output)
		}
		return nil
	}))
	return surroundings{e.Exported("surroundings")}
}

func (w surroundings) text(name string) pulumi.String {
	return pulumi.String(w.exported[name].GetStringValue())
}

func (w surroundings) list(name string) pulumi.StringArray {
	var list pulumi.StringArray
	for _, value := range w.exported[name].GetListValue().GetValues() {
		list = append(list, pulumi.String(value.GetStringValue()))
	}
	return list
}
