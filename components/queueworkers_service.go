package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// allowProtection lets the tasks protect themselves from being stopped while they are busy.
func (w *QueueWorkers) allowProtection(ctx *pulumi.Context, name string, args QueueWorkersArgs) error {
	policy, err := iam.NewRolePolicy(ctx, name+"-protection", &iam.RolePolicyArgs{
		Role:   w.TaskRole.ID(),
		Policy: args.ClusterArn.ToStringOutput().ApplyT(protectionPolicy).(pulumi.StringOutput),
	}, pulumi.Parent(w))
	w.startAfter = append(w.startAfter, policy)
	return err
}

func protectionPolicy(clusterArn string) (string, error) {
	tasks, err := tasksArn(clusterArn)
	if err != nil {
		return "", err
	}
	return policyDocument(policyStatement{
		Sid:      "Protection",
		Effect:   "Allow",
		Action:   []string{"ecs:GetTaskProtection", "ecs:UpdateTaskProtection"},
		Resource: []string{tasks},
	})
}

// tasksArn stands for all tasks of a cluster: the ARN of a task has its id, which nobody knows before.
func tasksArn(clusterArn string) (string, error) {
	cluster, err := clusterName(clusterArn)
	if err != nil {
		return "", err
	}
	parsed, err := parseArn(clusterArn)
	return fmt.Sprintf("arn:%s:ecs:%s:%s:task/%s/*", parsed.partition, parsed.region, parsed.account, cluster), err
}

func (w *QueueWorkers) createService(ctx *pulumi.Context, name string, args QueueWorkersArgs) (err error) {
	clusterArn := args.ClusterArn.ToStringOutput().ApplyT(checkedCluster).(pulumi.StringOutput)
	w.clusterName = clusterArn.ApplyT(clusterName).(pulumi.StringOutput)
	task := args.task(w)
	where := serviceSettings{
		clusterArn:        clusterArn,
		subnetIds:         args.SubnetIds,
		assignPublicIp:    args.AssignPublicIp,
		desiredCount:      args.MinCount,
		spotWeight:        args.SpotWeight,
		waitForDeployment: *args.WaitForDeployment,
		deploymentTimeout: args.DeploymentTimeout,
	}
	service := w.serviceArgs(task, where)
	// Rebalancing stops tasks for the sake of an even spread; work that is being done is worth more.
	service.AvailabilityZoneRebalancing = pulumi.String("DISABLED")
	w.Service, err = w.newService(ctx, name, task, where, service)
	if err != nil {
		return err
	}
	w.ServiceName = w.Service.Name
	w.TaskDefinitionArn = w.deployedTaskDefinition(ctx, w.Service, clusterArn)
	return nil
}
