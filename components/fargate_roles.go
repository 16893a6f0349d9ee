package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// executionRole is what the name of the execution role ends with, the longest of a task's.
const executionRole = "-execution-role"

// longestService is how long the name of a component with tasks can be, by that role.
const longestService = 41

// createRoles creates the two roles of a task, and the policy of ECS Exec if that is on. The execution role gets its
// policy when the connections have said which secrets there are.
func (t *fargateTask) createRoles(ctx *pulumi.Context, name string, s taskSettings) (err error) {
	trust := t.account.ApplyT(func(account string) (string, error) {
		return trustPolicy("ecs-tasks.amazonaws.com", account)
	}).(pulumi.StringOutput)
	t.TaskRole, err = iam.NewRole(ctx, name+"-task-role", &iam.RoleArgs{
		Description:      pulumi.String("What the application's code may do"),
		AssumeRolePolicy: trust,
		Tags:             pulumi.ToStringMap(s.tags),
	}, pulumi.Parent(s.component))
	if err != nil {
		return err
	}
	t.ExecutionRole, err = iam.NewRole(ctx, name+executionRole, &iam.RoleArgs{
		Description:      pulumi.String("What ECS may do to start a task: pull, log, read the listed secrets"),
		AssumeRolePolicy: trust,
		Tags:             pulumi.ToStringMap(s.tags),
	}, pulumi.Parent(s.component))
	if err != nil || !s.executeCommand {
		return err
	}
	policy, err := executeCommandPolicy()
	if err != nil {
		return err
	}
	executeCommand, err := iam.NewRolePolicy(ctx, name+"-execute-command", &iam.RolePolicyArgs{
		Role:   t.TaskRole.ID(),
		Policy: pulumi.String(policy),
	}, pulumi.Parent(s.component))
	t.startAfter = append(t.startAfter, executeCommand)
	return err
}

// createExecutionPolicy lets ECS do what this very task needs.
func (t *fargateTask) createExecutionPolicy(ctx *pulumi.Context, name string, s taskSettings) (err error) {
	arns, keys := pulumi.StringArray{}, pulumi.StringArray{}
	for _, variable := range sortedKeys(t.secrets) {
		reference := t.secrets[variable]
		arns = append(arns, reference.Arn)
		if reference.KmsKeyArn != nil {
			keys = append(keys, reference.KmsKeyArn.ToStringPtrOutput().Elem())
		}
	}
	policy := pulumi.All(pulledFrom(s), t.LogGroup.Arn, arns, keys).ApplyT(func(of []any) (string, error) {
		return executionPolicy(executionGrants{
			repositoryArn: of[0].(string),
			logGroupArn:   of[1].(string),
			secretArns:    of[2].([]string),
			kmsKeyArns:    of[3].([]string),
		})
	}).(pulumi.StringOutput)
	t.ExecutionPolicy, err = iam.NewRolePolicy(ctx, name+"-execution-policy", &iam.RolePolicyArgs{
		Role:   t.ExecutionRole.ID(),
		Policy: policy,
	}, pulumi.Parent(s.component))
	t.startAfter = append(t.startAfter, t.ExecutionPolicy)
	return err
}

// pulledFrom is the ARN of the image's repository, or empty. It waits for the image only if it was not given.
func pulledFrom(s taskSettings) pulumi.StringOutput {
	ofImage := func() pulumi.StringOutput {
		return s.image.ToStringOutput().ApplyT(repositoryArn).(pulumi.StringOutput)
	}
	if s.repositoryArn == nil {
		return ofImage()
	}
	return s.repositoryArn.ToStringOutput().ApplyT(func(given string) pulumi.StringOutput {
		if given == "" {
			return ofImage()
		}
		return pulumi.String(given).ToStringOutput()
	}).(pulumi.StringOutput)
}

// lookUpAccount finds out where the task is deployed to.
func (t *fargateTask) lookUpAccount(ctx *pulumi.Context, component pulumi.Resource) {
	t.account = aws.GetCallerIdentityOutput(ctx, aws.GetCallerIdentityOutputArgs{}, pulumi.Parent(component)).AccountId()
	t.region = aws.GetRegionOutput(ctx, aws.GetRegionOutputArgs{}, pulumi.Parent(component)).Name()
}
