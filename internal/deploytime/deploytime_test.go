package deploytime

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// invented is a resource of an invented state.
type invented struct {
	typ, name, id   string
	parent          string // name of a resource or component before it
	component       bool
	external        bool
	inputs, outputs map[string]any
	waits           []string // names
}

// stateOf is the state that has these resources, by way of the JSON that Pulumi writes.
func stateOf(t *testing.T, resources ...invented) *State {
	t.Helper()
	urns := map[string]string{}
	var list []map[string]any
	for _, r := range resources {
		urns[r.name] = fmt.Sprintf("urn:pulumi:test::slipway::%s::%s", r.typ, r.name)
		var waits []string
		for _, name := range r.waits {
			require.Contains(t, urns, name, "%s waits for what comes before it", r.name)
			waits = append(waits, urns[name])
		}
		list = append(list, map[string]any{
			"urn": urns[r.name], "type": r.typ, "id": r.id, "custom": !r.component, "external": r.external,
			"parent": urns[r.parent], "inputs": r.inputs, "outputs": r.outputs, "dependencies": waits,
		})
	}
	raw, err := json.Marshal(map[string]any{"version": 3, "deployment": map[string]any{"resources": list}})
	require.NoError(t, err)
	s, err := ReadState(append([]byte("slipway: embedded AWS\n"), raw...))
	require.NoError(t, err)
	return s
}

// Types of AWS that the invented states have.
const (
	vpcType      = "aws:ec2/vpc:Vpc"
	subnetType   = "aws:ec2/subnet:Subnet"
	groupType    = "aws:ec2/securityGroup:SecurityGroup"
	roleType     = "aws:iam/role:Role"
	policyType   = "aws:iam/rolePolicy:RolePolicy"
	logGroupType = "aws:cloudwatch/logGroup:LogGroup"
	flowLogType  = "aws:ec2/flowLog:FlowLog"
	alarmType    = "aws:cloudwatch/metricAlarm:MetricAlarm"
	queueType    = "aws:sqs/queue:Queue"
	clusterType  = "aws:rds/cluster:Cluster"
	instanceType = "aws:rds/clusterInstance:ClusterInstance"
	serviceType  = "aws:ecs/service:Service"
)

// flowLog is a network with a flow log, whose role has a policy. waits are those of the flow log, of the role and of the policy.
func flowLog(log, role, policy []string) []invented {
	return []invented{
		{typ: vpcType, name: "net", id: "vpc-0123456789"},
		{typ: logGroupType, name: "logs", id: "logs-1a2b3c4", inputs: map[string]any{"name": "logs-1a2b3c4", "__defaults": []string{"name"}}},
		{typ: roleType, name: "role", id: "role-1a2b3c4", waits: role,
			inputs:  map[string]any{"name": "role-1a2b3c4", "__defaults": []string{"name"}},
			outputs: map[string]any{"arn": "arn:aws:iam::123456789012:role/role-1a2b3c4"}},
		{typ: policyType, name: "policy", id: "role-1a2b3c4:policy", waits: policy,
			inputs: map[string]any{"role": "role-1a2b3c4", "policy": `{"Resource":["arn:aws:logs:us-east-1:123456789012:log-group:logs-1a2b3c4:*"]}`}},
		{typ: flowLogType, name: "flow", id: "fl-0123456789", waits: log,
			inputs: map[string]any{"vpcId": "vpc-0123456789", "iamRoleArn": "arn:aws:iam::123456789012:role/role-1a2b3c4"}},
	}
}

func names(edges []Edge) (list []string) {
	for _, edge := range edges {
		list = append(list, edge.Of.Name()+" -> "+edge.On.Name())
	}
	return list
}

func TestEdges(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		resources            []invented
		missing, superfluous []string
		explained            []string
	}{
		"as AWS needs it": {
			resources: flowLog([]string{"net", "role", "policy"}, nil, []string{"role", "logs"}),
		},
		"through others": {
			resources: flowLog([]string{"net", "policy"}, nil, []string{"role", "logs"}),
		},
		"no edge for data within a text": {
			resources: flowLog([]string{"net", "policy"}, nil, []string{"role"}),
			missing:   []string{"policy -> logs"},
		},
		"no edge to the policy of the role": {
			resources: flowLog([]string{"net", "role"}, nil, []string{"role", "logs"}),
			missing:   []string{"flow -> policy"},
		},
		"an edge without need": {
			resources:   flowLog([]string{"net", "role", "policy"}, []string{"logs"}, []string{"role", "logs"}),
			superfluous: []string{"role -> logs"},
		},
		"a redundant edge is none": {
			resources: flowLog([]string{"net", "role", "policy", "logs"}, nil, []string{"role", "logs"}),
		},
		"another stack's outputs are there at once": {
			resources: []invented{
				{typ: "pulumi:pulumi:StackReference", name: "staging", id: "staging", outputs: map[string]any{"outputs": map[string]any{"vpcId": "vpc-0123456789"}}},
				{typ: groupType, name: "group", id: "sg-0123456789", inputs: map[string]any{"vpcId": "vpc-0123456789"}},
				{typ: roleType, name: "role", id: "role-1a2b3c4", waits: []string{"staging"}},
			},
		},
		"an output of a remote component": {
			resources: []invented{
				{typ: "awsx:ec2:Vpc", name: "net", component: true},
				{typ: vpcType, name: "vpc", id: "vpc-0123456789", parent: "net"},
				{typ: subnetType, name: "subnet", id: "subnet-0123456789", parent: "vpc", inputs: map[string]any{"vpcId": "vpc-0123456789"}},
				{typ: groupType, name: "group", id: "sg-0123456789", waits: []string{"net"}, inputs: map[string]any{"vpcId": "vpc-0123456789"}},
			},
			explained: []string{"group -> subnet"},
		},
		"what needs the service comes after it": {
			resources: []invented{
				{typ: roleType, name: "role", id: "role-1a2b3c4", outputs: map[string]any{"arn": "arn:aws:iam::123456789012:role/role-1a2b3c4"}},
				{typ: "aws:ecs/taskDefinition:TaskDefinition", name: "task", id: "arn:aws:ecs:us-east-1:123456789012:task-definition/web:1", waits: []string{"role"},
					inputs: map[string]any{"taskRoleArn": "arn:aws:iam::123456789012:role/role-1a2b3c4"}},
				{typ: serviceType, name: "service", id: "arn:aws:ecs:us-east-1:123456789012:service/main/web-1a2b3c4", waits: []string{"task"},
					inputs: map[string]any{"taskDefinition": "arn:aws:ecs:us-east-1:123456789012:task-definition/web:1"}},
				{typ: policyType, name: "stops-itself", id: "role-1a2b3c4:stop", waits: []string{"role", "service"},
					inputs: map[string]any{"role": "role-1a2b3c4", "policy": `{"Resource":["arn:aws:ecs:us-east-1:123456789012:service/main/web-1a2b3c4"]}`}},
			},
		},
		"the reader may come later, the writer not": {
			resources: []invented{
				{typ: clusterType, name: "cluster", id: "db-1a2b3c4", inputs: map[string]any{"clusterIdentifier": "db-1a2b3c4"},
					outputs: map[string]any{"endpoint": "db-1a2b3c4.cluster-abc.us-east-1.rds.amazonaws.com"}},
				{typ: instanceType, name: "reader", id: "db-1a2b3c4-reader", waits: []string{"cluster"}, inputs: map[string]any{"clusterIdentifier": "db-1a2b3c4", "promotionTier": 1}},
				{typ: instanceType, name: "writer", id: "db-1a2b3c4-writer", waits: []string{"cluster"}, inputs: map[string]any{"clusterIdentifier": "db-1a2b3c4", "promotionTier": 0}},
				{typ: "aws:ecs/taskDefinition:TaskDefinition", name: "task", id: "arn:aws:ecs:us-east-1:123456789012:task-definition/web:1", waits: []string{"cluster"},
					inputs: map[string]any{"containerDefinitions": `[{"environment":[{"name":"DATABASE_HOST","value":"db-1a2b3c4.cluster-abc.us-east-1.rds.amazonaws.com"}]}]`}},
				{typ: serviceType, name: "service", id: "arn:aws:ecs:us-east-1:123456789012:service/main/web", waits: []string{"task", "reader"},
					inputs: map[string]any{"taskDefinition": "arn:aws:ecs:us-east-1:123456789012:task-definition/web:1"}},
			},
			missing:     []string{"service -> writer"},
			superfluous: []string{"service -> reader"},
		},
		"an alarm may name what does not exist yet, and waits for a name that is made": {
			resources: []invented{
				{typ: "aws:rds/subnetGroup:SubnetGroup", name: "subnets", id: "subnets-1a2b3c4"},
				{typ: clusterType, name: "cluster", id: "db-1a2b3c4", inputs: map[string]any{"clusterIdentifier": "db-1a2b3c4"}},
				{typ: queueType, name: "queue", id: "https://sqs.us-east-1.amazonaws.com/123456789012/queue-1a2b3c4",
					outputs: map[string]any{"name": "queue-1a2b3c4"}},
				{typ: alarmType, name: "capacity", id: "capacity-1a2b3c4", waits: []string{"subnets"},
					inputs: map[string]any{"dimensions": map[string]any{"DBClusterIdentifier": "db-1a2b3c4"}}},
				{typ: alarmType, name: "age", id: "age-1a2b3c4", inputs: map[string]any{"dimensions": map[string]any{"QueueName": "queue-1a2b3c4"}}},
			},
			missing:   []string{"age -> queue"},
			explained: []string{"capacity -> subnets"},
		},
		"a value that two have by chance, and one that another has from the first": {
			resources: []invented{
				{typ: vpcType, name: "net", id: "vpc-0123456789"},
				{typ: subnetType, name: "subnet", id: "subnet-0123456789", waits: []string{"net"}, inputs: map[string]any{"vpcId": "vpc-0123456789"}},
				{typ: "aws:lb/loadBalancer:LoadBalancer", name: "one", id: "one-1a2b3c4", waits: []string{"subnet"}, inputs: map[string]any{"internal": true, "subnets": []string{"subnet-0123456789"}},
					outputs: map[string]any{"zoneId": "Z35SXDOTRQ7X7K", "vpcId": "vpc-0123456789"}},
				{typ: "aws:lb/loadBalancer:LoadBalancer", name: "two", id: "two-1a2b3c4", waits: []string{"subnet"}, inputs: map[string]any{"internal": true, "subnets": []string{"subnet-0123456789"}},
					outputs: map[string]any{"zoneId": "Z35SXDOTRQ7X7K", "dnsName": "two-1a2b3c4.elb.amazonaws.com"}},
				{typ: "aws:route53/record:Record", name: "record", id: "Z1_app.example.com_A", waits: []string{"two"},
					inputs: map[string]any{"aliases": []any{map[string]any{"name": "two-1a2b3c4.elb.amazonaws.com", "zoneId": "Z35SXDOTRQ7X7K"}}}},
				{typ: groupType, name: "group", id: "sg-0123456789", inputs: map[string]any{"vpcId": "vpc-0123456789"}},
			},
			missing: []string{"group -> net"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report := FirstDeployment(stateOf(t, test.resources...))
			assert.Equal(t, test.missing, names(report.Missing), "missing")
			assert.Equal(t, test.superfluous, names(report.Superfluous), "superfluous")
			assert.Equal(t, test.explained, names(report.Explained), "explained")
			for _, edge := range report.Missing {
				assert.NotEmpty(t, edge.Reason)
			}
		})
	}
}

// TestTimes models a database with two instances, one after the other, though AWS makes them at the same time.
func TestTimes(t *testing.T) {
	t.Parallel()
	report := FirstDeployment(stateOf(t,
		invented{typ: "slipway:index:Database", name: "db", component: true},
		invented{typ: vpcType, name: "shared", id: "vpc-0123456789", external: true},
		invented{typ: clusterType, name: "cluster", id: "db-1a2b3c4", parent: "db", waits: []string{"shared"}, inputs: map[string]any{"clusterIdentifier": "db-1a2b3c4"}},
		invented{typ: instanceType, name: "writer", id: "db-1a2b3c4-writer", parent: "db", waits: []string{"cluster"}, inputs: map[string]any{"clusterIdentifier": "db-1a2b3c4"}},
		invented{typ: instanceType, name: "reader", id: "db-1a2b3c4-reader", parent: "db", waits: []string{"cluster", "writer"}, inputs: map[string]any{"clusterIdentifier": "db-1a2b3c4"}},
	))
	assert.Equal(t, (43+381+381)*time.Second, report.Modelled)
	assert.Equal(t, (43+381)*time.Second, report.Bound)
	assert.Equal(t, "reader", report.BoundPath[1].Resource.Name(), "the first by name of two that take as long")
	var path []string
	for _, step := range report.Path {
		path = append(path, fmt.Sprintf("%s %v+%v=%v", step.Resource.Name(), step.Start, step.Duration, step.End))
	}
	assert.Equal(t, []string{"cluster 0s+43s=43s", "writer 43s+6m21s=7m4s", "reader 7m4s+6m21s=13m25s"}, path, "what exists already takes no time")
	assert.Equal(t, []string{"cluster -> shared", "reader -> writer"}, names(report.Superfluous))
}

// TestComponents: what is in a component waits for what the component's inputs waited for, and what depends on it for all in it.
func TestComponents(t *testing.T) {
	t.Parallel()
	s := stateOf(t,
		invented{typ: vpcType, name: "before", id: "vpc-0123456789"},
		invented{typ: "awsx:ec2:Thing", name: "thing", component: true, waits: []string{"before"}},
		invented{typ: subnetType, name: "child", id: "subnet-1", parent: "thing"},
		invented{typ: groupType, name: "grandchild", id: "sg-1", parent: "child"},
		invented{typ: roleType, name: "after", id: "role-1", waits: []string{"thing"}},
	)
	waits := map[string][]string{}
	for r, on := range s.programmed() {
		for _, other := range on {
			waits[r.Name()] = append(waits[r.Name()], other.Name())
		}
	}
	assert.Equal(t, map[string][]string{"child": {"before"}, "grandchild": {"child"}, "after": {"child", "grandchild"}}, waits)
}

func TestRelease(t *testing.T) {
	t.Parallel()
	task := func(name, image string) invented {
		return invented{typ: "aws:ecs/taskDefinition:TaskDefinition", name: name, id: "arn:aws:ecs:us-east-1:123456789012:task-definition/" + name + ":1", waits: []string{"image"},
			inputs: map[string]any{"containerDefinitions": `[{"image":"` + image + `"}]`}}
	}
	service := func(name, definition string, steady bool) invented {
		return invented{typ: serviceType, name: name, id: "arn:aws:ecs:us-east-1:123456789012:service/main/" + name, waits: []string{definition, "database"},
			inputs: map[string]any{"taskDefinition": "arn:aws:ecs:us-east-1:123456789012:task-definition/" + definition + ":1", "waitForSteadyState": steady, "desiredCount": 1}}
	}
	const digest = "123456789012.dkr.ecr.us-east-1.amazonaws.com/app@sha256:84745255cdbc50ef"
	report := Release(stateOf(t,
		invented{typ: instanceType, name: "database", id: "db-1a2b3c4-writer"},
		invented{typ: "docker:index/image:Image", name: "image", id: "app:1", outputs: map[string]any{"repoDigest": digest}},
		task("web-task", digest), task("other-task", "public.ecr.aws/nginx@sha256:0123456789abcdef"),
		service("web", "web-task", true), service("other", "other-task", true),
	))
	var path []string
	for _, step := range report.Path {
		path = append(path, step.Resource.Name())
	}
	assert.Equal(t, []string{"image", "web-task", "web"}, path)
	assert.Equal(t, (5+2+90)*time.Second, report.Modelled)
	assert.Equal(t, report.Modelled, report.Bound)
}

func TestReadStateSaysWhatItTakes(t *testing.T) {
	t.Parallel()
	for _, wrong := range []string{"", "no JSON", "{}", `{"deployment": 3}`} {
		_, err := ReadState([]byte(wrong))
		require.ErrorContains(t, err, "pulumi stack export -s STACK", wrong)
	}
}
