package e2e

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/localaws"
)

// deployed is what one stack made, by type and logical name, in the account of all.
type deployed struct {
	t       *testing.T
	account *localaws.Account
	objects map[string]localaws.Object
}

func (p *project) deployed(stack string) deployed {
	p.t.Helper()
	account, err := localaws.Open(filepath.Join(p.dir, ".local", "aws"))
	require.NoError(p.t, err)
	list, err := account.List()
	require.NoError(p.t, err)
	d := deployed{p.t, account, map[string]localaws.Object{}}
	for _, o := range list {
		if strings.HasPrefix(o.URN, "urn:pulumi:"+stack+"::") {
			_, name, _ := strings.Cut(short(o.URN), " ") // the type there is that of what made it: RDS makes a secret with its cluster
			d.objects[o.Type+" "+name] = o
		}
	}
	require.NotEmpty(p.t, d.objects)
	return d
}

// arn is that of something in the stack, by its type without the package and its logical name.
func (d deployed) arn(resource string) string {
	d.t.Helper()
	o, ok := d.objects["aws:"+resource]
	require.True(d.t, ok, "there is no %s", resource)
	require.NotEmpty(d.t, arnOf(o), resource)
	return arnOf(o)
}

// arnOf is an object's ARN, which for some types is its id, or empty.
func arnOf(o localaws.Object) string {
	if arn, ok := o.Properties["arn"].(string); ok || !strings.HasPrefix(o.ID, "arn:") {
		return arn
	}
	return o.ID
}

func (d deployed) role(name string) string   { return d.arn("iam/role:Role " + name) }
func (d deployed) queue(name string) string  { return d.arn("sqs/queue:Queue " + name) }
func (d deployed) secret(name string) string { return d.arn("secretsmanager/secret:Secret " + name) }
func (d deployed) bucket(name string) string { return d.arn("s3/bucketV2:BucketV2 " + name) }
func (d deployed) repository() string        { return d.arn("ecr/repository:Repository image-repository") }
func (d deployed) cluster() string           { return d.arn("ecs/cluster:Cluster web-cluster") }
func (d deployed) topic() string             { return d.arn("sns/topic:Topic alarms-topic") }
func (d deployed) distribution() string {
	return d.arn("cloudfront/distribution:Distribution site-distribution")
}

// logs is a stream in a log group, and task one in the cluster.
func (d deployed) logs(name string) string {
	return d.arn("cloudwatch/logGroup:LogGroup "+name) + ":log-stream:app/1"
}

func (d deployed) task() string {
	return strings.Replace(d.cluster(), ":cluster/", ":task/", 1) + "/0a1b2c3d"
}

// keys are condition keys, with one value each.
type keys map[string]string

// ask says how IAM answers.
func (d deployed) ask(principal, action, resource string, given keys) (answer string, allowed bool) {
	d.t.Helper()
	values := map[string][]string{}
	for key, value := range given {
		values[key] = []string{value}
	}
	decision, err := d.account.Authorize(localaws.Call{Principal: principal, Action: action, Resource: resource, Context: values})
	require.NoError(d.t, err, "%s: %s on %s", principal, action, resource)
	return decision.String(), decision.Allowed
}

// may and mayNot ask for several actions, separated by spaces.
func (d deployed) may(principal, actions, resource string, given keys) {
	d.t.Helper()
	for _, action := range strings.Fields(actions) {
		answer, allowed := d.ask(principal, action, resource, given)
		assert.True(d.t, allowed, "%s: %s on %s with %v: %s", principal, action, resource, given, answer)
	}
}

func (d deployed) mayNot(principal, actions, resource string, given keys) {
	d.t.Helper()
	for _, action := range strings.Fields(actions) {
		answer, allowed := d.ask(principal, action, resource, given)
		assert.False(d.t, allowed, "%s: %s on %s with %v: %s", principal, action, resource, given, answer)
	}
}

// eachStack runs a test for staging and for prod, with the other one at hand.
func eachStack(t *testing.T, run func(t *testing.T, d, other deployed)) {
	p := bothStacks(t)
	for stack, other := range map[string]string{"staging": "prod", "prod": "staging"} {
		t.Run(stack, func(t *testing.T) {
			t.Parallel()
			d, o := p.deployed(stack), p.deployed(other)
			d.t, o.t = t, t
			run(t, d, o)
		})
	}
}
