package localaws

import (
	"context"
	"fmt"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// as is the same account through a provider that acts as a role, and takes on another one if that is given.
func (e *embedded) as(role, then string) (*embedded, error) {
	e.t.Helper()
	common := e.behaviour
	common.role = role
	p := newProvider("aws", awsVersion, e.account, common)
	inputs := map[string]any{"region": "us-east-1"}
	if then != "" {
		inputs["assumeRole"] = fmt.Sprintf(`{"roleArn": %q}`, then)
	}
	_, err := p.Configure(context.Background(), plugin.ConfigureRequest{Inputs: props(inputs)})
	return &embedded{p, e.t}, err
}

// acting is a provider that acts as a new role with these statements.
func (e *embedded) acting(statements ...map[string]any) *embedded {
	e.t.Helper()
	acting, err := e.as(e.role("acting", document(statements...)).text("arn"), "")
	require.NoError(e.t, err)
	return acting
}

func statementOf(effect string, condition map[string]any, resource any, actions ...any) map[string]any {
	s := map[string]any{"Effect": effect, "Action": actions, "Resource": resource}
	if condition != nil {
		s["Condition"] = condition
	}
	return s
}

const makesQueues = "arn:aws:sqs:us-east-1:123456789012:mine-*"

var queueActions = []any{"sqs:CreateQueue", "sqs:GetQueue*", "sqs:ListQueueTags", "sqs:TagQueue"}

func TestARoleMayDoWhatItsPoliciesAllow(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	role := e.acting(statementOf("Allow", nil, makesQueues, queueActions...))
	mine := role.deploy(queueType, "mine", map[string]any{"name": "mine-1"})

	_, err := role.tryCreate(queueType, "other", map[string]any{"name": "other-1"})
	assert.EqualError(t, err, "creating SQS Queue: operation error SQS: CreateQueue, api error AccessDenied: "+
		"User: arn:aws:sts::123456789012:assumed-role/acting/embedded is not authorized to perform: sqs:CreateQueue on resource: arn:aws:sqs:us-east-1:123456789012:other-1 "+
		"because no identity-based policy allows the sqs:CreateQueue action")
	found, err := e.account.Find("other-1")
	require.NoError(t, err)
	assert.Empty(t, found, "nothing was made")

	_, err = role.Read(context.Background(), plugin.ReadRequest{URN: urnOf(queueType, "mine"), ID: resource.ID(mine.id)})
	require.NoError(t, err)
	refused(t, mine.update(map[string]any{"name": "mine-1", "delaySeconds": 3}), "AccessDenied")
	refused(t, mine.delete(), "AccessDenied")

	everybody := &deployed{e, queueType, "mine", mine.id, mine.inputs, mine.outputs}
	require.NoError(t, everybody.delete(), "without a role everything is allowed")
}

func TestTagsAndRegionsCount(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	ofAnother := map[string]any{"StringNotEquals": map[string]any{"aws:ResourceTag/slipway:stack": "mine"}, "Null": map[string]any{"aws:ResourceTag/slipway:stack": "false"}}
	asAnother := map[string]any{"StringNotEquals": map[string]any{"aws:RequestTag/slipway:stack": "mine"}, "Null": map[string]any{"aws:RequestTag/slipway:stack": "false"}}
	elsewhere := map[string]any{"StringNotEquals": map[string]any{"aws:RequestedRegion": "us-east-1"}}
	theirs := e.deploy(queueType, "theirs", map[string]any{"name": "theirs", "tags": map[string]any{"slipway:stack": "theirs"}})
	theirVpc := e.deploy(vpcType, "theirs", map[string]any{"cidrBlock": "10.0.0.0/16", "tags": map[string]any{"slipway:stack": "theirs"}})
	nobodys := e.deploy(queueType, "nobodys", map[string]any{"name": "nobodys"})
	role := e.acting(statementOf("Allow", nil, "*", "*"), statementOf("Deny", ofAnother, "*", "*"), statementOf("Deny", asAnother, "*", "*"),
		statementOf("Deny", elsewhere, "*", "*"))

	role.create(queueType, "mine", map[string]any{"name": "mine", "tags": map[string]any{"slipway:stack": "mine"}})
	_, err := role.tryCreate(queueType, "x", map[string]any{"name": "x", "tags": map[string]any{"slipway:stack": "theirs"}})
	refused(t, err, "AccessDenied")
	assert.ErrorContains(t, err, "with an explicit deny: statement 3 of inline of role acting")
	refused(t, (&deployed{role, queueType, "theirs", theirs.id, theirs.inputs, theirs.outputs}).delete(), "AccessDenied")
	require.NoError(t, (&deployed{role, queueType, "nobodys", nobodys.id, nobodys.inputs, nobodys.outputs}).delete())
	_, err = role.tryCreate(subnetType, "x", map[string]any{"vpcId": theirVpc.id, "cidrBlock": "10.0.0.0/24", "availabilityZone": "us-east-1a"})
	assert.ErrorContains(t, err, "ec2:CreateSubnet on resource: "+theirVpc.text("arn"), "what it is made in counts too")
	_, err = role.in("eu-central-1").tryCreate(queueType, "x", map[string]any{"name": "x"})
	assert.ErrorContains(t, err, "statement 4")
}

func TestARoleIsHandedOverToTheServiceItIsFor(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	tasks := e.role("tasks", "")
	inputs := func(family string) map[string]any {
		return map[string]any{"family": family, "cpu": "256", "memory": "512", "networkMode": "awsvpc", "requiresCompatibilities": []any{"FARGATE"}, "executionRoleArn": tasks.text("arn"),
			"containerDefinitions": `[{"name": "app", "image": "nginx", "essential": true}]`}
	}
	passing := func(service string) map[string]any {
		return statementOf("Allow", map[string]any{"StringEquals": map[string]any{"iam:PassedToService": service}}, tasks.text("arn"), "iam:PassRole")
	}
	e.acting(statementOf("Allow", nil, "*", "ecs:*"), passing("ecs-tasks.amazonaws.com")).create(taskType, "task", inputs("task"))

	other := newEmbedded(t)
	tasks = other.role("tasks", "")
	_, err := other.acting(statementOf("Allow", nil, "*", "ecs:*"), passing("lambda.amazonaws.com")).tryCreate(taskType, "task", inputs("task"))
	assert.ErrorContains(t, err, "is not authorized to perform: iam:PassRole on resource: "+tasks.text("arn"))
}

func TestTheFirstOfAServiceMakesItsRole(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	role := e.acting(statementOf("Allow", nil, "*", "ecs:*"))
	_, err := role.tryCreate(ecsClusterType, "first", map[string]any{"name": "first"})
	assert.ErrorContains(t, err, "iam:CreateServiceLinkedRole on resource: arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/")
	e.create(ecsClusterType, "first", map[string]any{"name": "first"})
	role.create(ecsClusterType, "second", map[string]any{"name": "second"})
}

func TestTakingOnARole(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	starts := e.role("starts", document(statementOf("Allow", nil, "*", "sts:AssumeRole"))).text("arn")
	trusted := func(name, principal string) string {
		return e.deploy(roleType, name, map[string]any{"name": name, "assumeRolePolicy": document(map[string]any{
			"Effect": "Allow", "Principal": map[string]any{"AWS": principal}, "Action": "sts:AssumeRole"})}).text("arn")
	}
	opened := trusted("open", starts)
	e.create(rolePolicyType, "open", map[string]any{"role": "open", "name": "inline", "policy": document(statementOf("Allow", nil, makesQueues, queueActions...))})

	open, err := e.as(starts, opened)
	require.NoError(t, err)
	open.create(queueType, "mine", map[string]any{"name": "mine-1"})
	answer, err := open.Invoke(context.Background(), plugin.InvokeRequest{Tok: "aws:index/getCallerIdentity:getCallerIdentity"})
	require.NoError(t, err)
	assert.Equal(t, "arn:aws:sts::123456789012:assumed-role/open/embedded", answer.Properties["arn"].StringValue())
	_, err = open.Invoke(context.Background(), plugin.InvokeRequest{Tok: "aws:index/getAvailabilityZones:getAvailabilityZones"})
	assert.ErrorContains(t, err, "ec2:DescribeAvailabilityZones on resource: *")

	assert.Equal(t, opened, assumedRole(props(map[string]any{"assumeRole": map[string]any{"roleArn": opened}})), "as a program writes it")

	_, err = e.as(starts, trusted("closed", opened))
	assert.ErrorContains(t, err, "cannot assume IAM Role (arn:aws:iam::123456789012:role/closed): operation error STS: AssumeRole, api error AccessDenied: "+
		"User: arn:aws:sts::123456789012:assumed-role/starts/embedded is not authorized to perform: sts:AssumeRole")
	_, err = e.as(starts, "arn:aws:iam::123456789012:role/none")
	assert.ErrorContains(t, err, "there is no such role")
	_, err = e.as("arn:aws:iam::123456789012:role/none", "")
	assert.ErrorContains(t, err, "SLIPWAY_ROLE: no role with the ARN")
	assert.ErrorContains(t, CheckRole("deploy"), `got "deploy", takes the ARN of a role`)
}
