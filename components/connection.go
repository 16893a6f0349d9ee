package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Connection is something that a service can be connected to, such as a database.
//
// A service must wait for its ingress rules and its policies, and those need the service's own security group and
// roles. So the service makes its identity first, opens each Connection with it, and only then makes its tasks:
//
//	components.NewWebService(ctx, "web", &components.WebServiceArgs{Connections: []components.Connection{database}, ...})
type Connection interface {
	// Connect lets the tasks reach it, and says what their containers are to be told. It is called once per service,
	// and names what it registers after the task and itself.
	Connect(ctx *pulumi.Context, task Task) (*Access, error)
}

// Task is what a Connection is opened for: the identity that the tasks of a service run with.
type Task struct {
	Name            string              // logical name of the service; children are named after it
	SecurityGroupId pulumi.StringOutput // of the tasks' network interfaces
	Role            *iam.Role           // task role: what the application's code may do
	ExecutionRole   *iam.Role           // what ECS may do for it: pull, log, read the listed secrets
}

// Access is what a connected service gets: what its containers are told, and what it must wait for.
type Access struct {
	Environment map[string]pulumi.StringInput // plain variables; never a secret value
	Secrets     map[string]SecretReference    // variables that ECS fills in when a task starts
	DependsOn   []pulumi.Resource             // ingress rules and policies without which the tasks could not start
}

// SecretReference names a value that ECS injects: a Secrets Manager secret, whole or one JSON key, or an SSM parameter.
//
//	components.SecretReference{Arn: database.SecretArn, JsonKey: pulumi.String("password")}
type SecretReference struct {
	// Arn of the secret or of the parameter, in the region of the service. Required. Example: database.SecretArn.
	Arn pulumi.StringInput `pulumi:"arn"`
	// JsonKey picks one value of a secret that is a JSON object. Default: the whole secret. Not for a parameter.
	// Example: pulumi.String("password").
	JsonKey pulumi.StringPtrInput `pulumi:"jsonKey,optional"`
	// VersionId pins a version of a secret, so that a changed secret is a changed task definition and the service is
	// redeployed. Default: the version that is current when a task starts, as a secret that rotates needs. Not for a
	// parameter. Example: key.VersionId.ToStringPtrOutput().
	VersionId pulumi.StringPtrInput `pulumi:"versionId,optional"`
	// KmsKeyArn is the customer key that encrypts it; the service may then decrypt with that key. Default: AWS's own key,
	// which needs no grant. Example: key.Arn.
	KmsKeyArn pulumi.StringPtrInput `pulumi:"kmsKeyArn,optional"`
}
