package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// createSecurityGroup creates the tasks' security group, which lets them reach everything outside and nobody reach them. The rule is a
// resource of its own, so that connections and a load balancer can add theirs.
func (t *fargateTask) createSecurityGroup(ctx *pulumi.Context, name string, component pulumi.Resource, vpcId pulumi.StringInput, tags map[string]string) (err error) {
	t.SecurityGroup, err = ec2.NewSecurityGroup(ctx, name+"-tasks", &ec2.SecurityGroupArgs{
		Description: pulumi.String("Tasks of " + name),
		VpcId:       vpcId,
		Tags:        pulumi.ToStringMap(tags),
	}, pulumi.Parent(component))
	if err != nil {
		return err
	}
	toWorld, err := vpc.NewSecurityGroupEgressRule(ctx, name+"-tasks-to-world", &vpc.SecurityGroupEgressRuleArgs{
		SecurityGroupId: t.SecurityGroup.ID(),
		Description:     pulumi.String("Whatever the application calls, as far as the routes of the subnets lead"),
		CidrIpv4:        pulumi.String("0.0.0.0/0"),
		IpProtocol:      pulumi.String("-1"),
		Tags:            pulumi.ToStringMap(tags),
	}, pulumi.Parent(component))
	// Without this rule a task cannot start, and the service refers to the group only.
	t.startAfter = append(t.startAfter, toWorld)
	return err
}
