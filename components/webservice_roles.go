package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// createRoles creates the two roles of a task, and the policy of ECS Exec if that is on. The execution role gets its
// policy when the connections have said which secrets there are.
func (w *WebService) createRoles(ctx *pulumi.Context, name string, args WebServiceArgs) (err error) {
	trust := w.account.ApplyT(func(account string) (string, error) {
		return trustPolicy("ecs-tasks.amazonaws.com", account)
	}).(pulumi.StringOutput)
	w.TaskRole, err = iam.NewRole(ctx, name+"-task-role", &iam.RoleArgs{
		Description:      pulumi.String("What the application's code may do"),
		AssumeRolePolicy: trust,
		Tags:             pulumi.ToStringMap(args.Tags),
	}, pulumi.Parent(w))
	if err != nil {
		return err
	}
	w.ExecutionRole, err = iam.NewRole(ctx, name+"-execution-role", &iam.RoleArgs{
		Description:      pulumi.String("What ECS may do to start a task: pull, log, read the listed secrets"),
		AssumeRolePolicy: trust,
		Tags:             pulumi.ToStringMap(args.Tags),
	}, pulumi.Parent(w))
	if err != nil || !args.EnableExecuteCommand {
		return err
	}
	policy, err := executeCommandPolicy()
	if err != nil {
		return err
	}
	executeCommand, err := iam.NewRolePolicy(ctx, name+"-execute-command", &iam.RolePolicyArgs{
		Role:   w.TaskRole.ID(),
		Policy: pulumi.String(policy),
	}, pulumi.Parent(w))
	w.startAfter = append(w.startAfter, executeCommand)
	return err
}

// createExecutionPolicy lets ECS do what this very task needs.
func (w *WebService) createExecutionPolicy(ctx *pulumi.Context, name string, args WebServiceArgs) (err error) {
	arns, keys := pulumi.StringArray{}, pulumi.StringArray{}
	for _, variable := range sortedKeys(w.secrets) {
		reference := w.secrets[variable]
		arns = append(arns, reference.Arn)
		if reference.KmsKeyArn != nil {
			keys = append(keys, reference.KmsKeyArn.ToStringPtrOutput().Elem())
		}
	}
	policy := pulumi.All(pulledFrom(args), w.LogGroup.Arn, arns, keys).ApplyT(func(of []any) (string, error) {
		return executionPolicy(executionGrants{
			repositoryArn: of[0].(string),
			logGroupArn:   of[1].(string),
			secretArns:    of[2].([]string),
			kmsKeyArns:    of[3].([]string),
		})
	}).(pulumi.StringOutput)
	w.ExecutionPolicy, err = iam.NewRolePolicy(ctx, name+"-execution-policy", &iam.RolePolicyArgs{
		Role:   w.ExecutionRole.ID(),
		Policy: policy,
	}, pulumi.Parent(w))
	w.startAfter = append(w.startAfter, w.ExecutionPolicy)
	return err
}

// pulledFrom is the ARN of the image's repository, or empty. It waits for the image only if it was not given.
func pulledFrom(args WebServiceArgs) pulumi.StringOutput {
	ofImage := func() pulumi.StringOutput {
		return args.Image.ToStringOutput().ApplyT(repositoryArn).(pulumi.StringOutput)
	}
	if args.RepositoryArn == nil {
		return ofImage()
	}
	return args.RepositoryArn.ToStringOutput().ApplyT(func(given string) pulumi.StringOutput {
		if given == "" {
			return ofImage()
		}
		return pulumi.String(given).ToStringOutput()
	}).(pulumi.StringOutput)
}

// lookUpAccount finds out where the service is deployed to.
func (w *WebService) lookUpAccount(ctx *pulumi.Context) {
	w.account = aws.GetCallerIdentityOutput(ctx, aws.GetCallerIdentityOutputArgs{}, pulumi.Parent(w)).AccountId()
	w.region = aws.GetRegionOutput(ctx, aws.GetRegionOutputArgs{}, pulumi.Parent(w)).Name()
}
