package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

var _ Connection = (*Queue)(nil)

// What SQS asks for to send, and to work on a queue and give a message back.
var (
	sendActions    = []string{"sqs:GetQueueAttributes", "sqs:SendMessage"}
	consumeActions = []string{"sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"}
)

// GrantSend lets a role send messages to this queue. name says whose role it is, and becomes part of the policy's name.
//
//	_, err := queue.GrantSend(ctx, "importer", importer.TaskRole)
func (q *Queue) GrantSend(ctx *pulumi.Context, name string, role *iam.Role, opts ...pulumi.ResourceOption) (*iam.RolePolicy, error) {
	return q.grant(ctx, "send-"+name, role, sendActions, []string{"kms:Decrypt", "kms:GenerateDataKey"}, opts)
}

// GrantConsume lets a role receive, delete and give back this queue's messages. name says whose role it is.
func (q *Queue) GrantConsume(ctx *pulumi.Context, name string, role *iam.Role, opts ...pulumi.ResourceOption) (*iam.RolePolicy, error) {
	return q.grant(ctx, "consume-"+name, role, consumeActions, []string{"kms:Decrypt"}, opts)
}

func (q *Queue) grant(ctx *pulumi.Context, name string, role *iam.Role, actions, keyActions []string, opts []pulumi.ResourceOption) (*iam.RolePolicy, error) {
	key := pulumi.String("").ToStringOutput()
	if q.kmsKeyArn != nil {
		key = q.kmsKeyArn.ToStringOutput()
	}
	return iam.NewRolePolicy(ctx, q.name+"-"+name, &iam.RolePolicyArgs{
		Role: role.Name,
		Policy: pulumi.All(q.QueueArn, key).ApplyT(func(of []any) (string, error) {
			return queueAccessPolicy(of[0].(string), of[1].(string), actions, keyActions)
		}).(pulumi.StringOutput),
	}, append([]pulumi.ResourceOption{pulumi.Parent(q)}, opts...)...)
}

func queueAccessPolicy(queueArn, keyArn string, actions, keyActions []string) (string, error) {
	statements := []policyStatement{{Sid: "Queue", Effect: "Allow", Action: actions, Resource: []string{queueArn}}}
	if keyArn != "" {
		statements = append(statements, policyStatement{Sid: "Key", Effect: "Allow", Action: keyActions, Resource: []string{keyArn}})
	}
	return policyDocument(statements...)
}

// Connect lets a service send tasks to the queue, and tells it the queue's URL in the variable CELERY_QUEUE_URL, or as QueueArgs.Variable
// says. Workers get more: see QueueWorkers.
func (q *Queue) Connect(ctx *pulumi.Context, task Task) (*Access, error) {
	send, err := q.GrantSend(ctx, task.Name, task.Role)
	if err != nil {
		return nil, err
	}
	return &Access{
		Environment: map[string]pulumi.StringInput{q.variable: q.QueueUrl},
		DependsOn:   []pulumi.Resource{send},
	}, nil
}

// consumer is the queue as a connection of workers: they receive, and send what follows from a task.
type consumer struct{ *Queue }

func (c consumer) Connect(ctx *pulumi.Context, task Task) (*Access, error) {
	access, err := c.Queue.Connect(ctx, task)
	if err != nil {
		return nil, err
	}
	consume, err := c.GrantConsume(ctx, task.Name, task.Role)
	access.DependsOn = append(access.DependsOn, consume)
	return access, err
}
