package deploytime

import (
	"slices"
	"strings"
)

// need is what AWS needs beyond data: an order that no value carries.
type need struct {
	of      []string // types
	on      func(g graph, r *Resource) []*Resource
	because string
}

// needs is the table of those of the types that the components use. Where the order is wrong AWS refuses, or what is made does not work at
// first, as the reasons say.
var needs = []need{
	{services, graph.forwardingListeners, "ECS refuses a target group that no listener forwards to"},
	{services, graph.policiesOfTaskRoles, "a task that starts pulls, logs and reads secrets with its roles, and IAM refuses what no policy allows yet"},
	{services, graph.waysOut, "a task reaches the registry only when its subnets have their routes, and those of the NAT gateways before them"},
	{services, graph.endpoints, "while an endpoint is made, the names of its service lead nowhere, and a gateway endpoint's route breaks open connections"},
	{services, graph.securityGroupRules, "a task that reaches nothing, or that health checks do not reach, is stopped"},
	{services, graph.writers, "what a task runs first may be a migration"},
	{services, graph.secretVersions, "ECS cannot fill in a secret that has no value yet"},
	{services, graph.capacityProviders, "ECS refuses a capacity provider that the cluster does not have yet"},
	{balancers, graph.internetGateways, "a public load balancer is refused in a network without internet gateway"},
	{balancers, graph.policiesOfBuckets, "Elastic Load Balancing writes a file into the bucket of its logs at once, and is refused if it may not"},
	{[]string{"aws:ec2/natGateway:NatGateway"}, graph.internetGateways, "a public NAT gateway fails in a network without internet gateway"},
	{[]string{"aws:rds/cluster:Cluster"}, graph.databaseLogGroups, "RDS makes a log group that is missing, without an end of retention"},
	{assumers, graph.policiesOfRoles, "the service tries the role when it is given"},
	{logReceivers, graph.policiesOfBuckets, "AWS tries the bucket of the logs, or writes a policy of its own"},
	{certified, graph.validations, "a certificate that is not issued yet is refused"},
}

var (
	services  = []string{"aws:ecs/service:Service"}
	balancers = []string{"aws:lb/loadBalancer:LoadBalancer"}
	// assumers are given a role to take on at once.
	assumers     = []string{"aws:ec2/flowLog:FlowLog", "aws:rds/clusterInstance:ClusterInstance", "aws:scheduler/schedule:Schedule"}
	logReceivers = []string{"aws:s3/bucketLoggingV2:BucketLoggingV2", "aws:cloudwatch/logDelivery:LogDelivery"}
	certified    = []string{"aws:lb/listener:Listener", "aws:cloudfront/distribution:Distribution"}
)

// habit is an edge that AWS does not need, and that stays for a reason.
type habit struct {
	// of is the type that waits; empty is every type.
	of string
	// on tells what it waits for.
	on      func(of, on *Resource, inside string) bool
	because string
}

// habits is the table of those that are accepted. inside is the type of the remote component that the other one is in, or empty.
var habits = []habit{
	{"", func(_, _ *Resource, inside string) bool { return inside != "" },
		"an output of a remote component is known when all in it exists"},
	{"aws:cloudwatch/logGroup:LogGroup", onType("aws:rds/subnetGroup:SubnetGroup"), identifier},
	{"aws:cloudwatch/metricAlarm:MetricAlarm", onType("aws:rds/subnetGroup:SubnetGroup"), identifier},
	{"aws:cloudwatch/dashboard:Dashboard", onType("aws:rds/subnetGroup:SubnetGroup"), identifier},
	{"aws:iam/rolePolicy:RolePolicy", onType("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"),
		"the cluster's ARN is handed out with its capacity providers, so that no service comes before them"},
	{"aws:scheduler/schedule:Schedule", onType("aws:ecs/service:Service", "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders", "aws:cloudwatch/logGroup:LogGroup"),
		"a job runs the revision that was deployed, so it waits until that was not rolled back"},
	{"aws:s3/bucketObjectv2:BucketObjectv2", onType("aws:s3/bucketObjectv2:BucketObjectv2"),
		"a page must not be there before the files that it loads"},
}

const identifier = "it has the database's identifier in it, and that is taken from the subnet group's name"

func onType(types ...string) func(of, on *Resource, inside string) bool {
	return func(_, on *Resource, _ string) bool { return slices.Contains(types, on.Type) }
}

// graph are the resources with their edges by data.
type graph struct {
	resources []*Resource
	data      edges
}

// uses are the resources of some types that these refer to.
func (g graph) uses(of []*Resource, types ...string) (used []*Resource) {
	for _, r := range of {
		for _, on := range g.data[r] {
			if slices.Contains(types, on.Type) && !slices.Contains(used, on) {
				used = append(used, on)
			}
		}
	}
	return used
}

// users are the resources of some types that refer to one of these.
func (g graph) users(of []*Resource, types ...string) (users []*Resource) {
	for _, r := range g.resources {
		if slices.Contains(types, r.Type) && slices.ContainsFunc(g.data[r], func(on *Resource) bool { return slices.Contains(of, on) }) {
			users = append(users, r)
		}
	}
	return users
}

func one(r *Resource) []*Resource { return []*Resource{r} }

// text is an input that is a string.
func (r *Resource) text(input string) string {
	s, _ := r.Inputs[input].(string)
	return s
}

func (g graph) forwardingListeners(service *Resource) []*Resource {
	targets := g.uses(one(service), "aws:lb/targetGroup:TargetGroup")
	return g.users(targets, "aws:lb/listener:Listener", "aws:lb/listenerRule:ListenerRule")
}

func (g graph) taskDefinitions(service *Resource) []*Resource {
	return g.uses(one(service), "aws:ecs/taskDefinition:TaskDefinition")
}

func (g graph) policiesOfTaskRoles(service *Resource) (policies []*Resource) {
	for _, definition := range g.taskDefinitions(service) {
		policies = append(policies, g.policiesOfRoles(definition)...)
	}
	return policies
}

// policiesOfRoles are the policies of the roles that a resource is given.
func (g graph) policiesOfRoles(r *Resource) (policies []*Resource) {
	for _, role := range g.uses(one(r), "aws:iam/role:Role") {
		for _, policy := range g.users(one(role), "aws:iam/rolePolicy:RolePolicy", "aws:iam/rolePolicyAttachment:RolePolicyAttachment") {
			if policy.text("role") == role.ID { // a policy may also name the role of somebody else
				policies = append(policies, policy)
			}
		}
	}
	return policies
}

// waysOut are the routes of the service's subnets, and of those that their NAT gateways are in.
func (g graph) waysOut(service *Resource) (ways []*Resource) {
	for subnets := g.uses(one(service), "aws:ec2/subnet:Subnet"); len(subnets) > 0; {
		associations := g.users(subnets, "aws:ec2/routeTableAssociation:RouteTableAssociation")
		routes := g.users(g.uses(associations, "aws:ec2/routeTable:RouteTable"), "aws:ec2/route:Route")
		ways = append(append(ways, associations...), routes...)
		subnets = slices.DeleteFunc(g.uses(g.uses(routes, "aws:ec2/natGateway:NatGateway"), "aws:ec2/subnet:Subnet"),
			func(s *Resource) bool { return slices.Contains(subnets, s) })
	}
	return ways
}

// networks are the VPCs that a resource's subnets are in.
func (g graph) networks(r *Resource) []*Resource {
	return g.uses(g.uses(one(r), "aws:ec2/subnet:Subnet"), "aws:ec2/vpc:Vpc")
}

// endpoints are those of the service's network, with the rules that let it in.
func (g graph) endpoints(service *Resource) []*Resource {
	endpoints := g.users(g.networks(service), "aws:ec2/vpcEndpoint:VpcEndpoint")
	return append(endpoints, g.rulesOf(endpoints)...)
}

// securityGroupRules are the rules of the service's groups, and those of others, such as a database's, that name them.
func (g graph) securityGroupRules(service *Resource) []*Resource { return g.rulesOf(one(service)) }

func (g graph) rulesOf(members []*Resource) []*Resource {
	groups := g.uses(members, "aws:ec2/securityGroup:SecurityGroup")
	return g.users(groups, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
}

// writers are the instances that are to be the first to write, of the databases that the tasks are told of.
func (g graph) writers(service *Resource) (writers []*Resource) {
	for _, cluster := range g.uses(g.taskDefinitions(service), "aws:rds/cluster:Cluster") {
		instances := g.users(one(cluster), "aws:rds/clusterInstance:ClusterInstance")
		slices.SortStableFunc(instances, func(x, y *Resource) int { return int(promotionTier(x) - promotionTier(y)) })
		writers = append(writers, instances[:min(1, len(instances))]...)
	}
	return writers
}

// promotionTier is an instance's rank among those that become the writer; 0, which is also the default, is the first.
func promotionTier(instance *Resource) float64 {
	tier, _ := instance.Inputs["promotionTier"].(float64)
	return tier
}

func (g graph) secretVersions(service *Resource) []*Resource {
	secrets := g.uses(g.taskDefinitions(service), "aws:secretsmanager/secret:Secret")
	return g.users(secrets, "aws:secretsmanager/secretVersion:SecretVersion")
}

func (g graph) capacityProviders(service *Resource) []*Resource {
	if service.Inputs["capacityProviderStrategies"] == nil {
		return nil
	}
	return g.users(g.uses(one(service), "aws:ecs/cluster:Cluster"), "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders")
}

func (g graph) internetGateways(r *Resource) []*Resource {
	if r.Inputs["internal"] == true || r.text("connectivityType") == "private" {
		return nil
	}
	return g.users(g.networks(r), "aws:ec2/internetGateway:InternetGateway")
}

// policiesOfBuckets are those of the buckets that a resource writes to, or has a destination in. The bucket that is logged is not one of them.
func (g graph) policiesOfBuckets(r *Resource) (policies []*Resource) {
	buckets := g.uses(append(one(r), g.uses(one(r), "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination")...), "aws:s3/bucketV2:BucketV2")
	for _, bucket := range buckets {
		if r.text("bucket") == bucket.ID {
			continue
		}
		for _, policy := range g.users(one(bucket), "aws:s3/bucketPolicy:BucketPolicy") {
			if policy.text("bucket") == bucket.ID {
				policies = append(policies, policy)
			}
		}
	}
	return policies
}

// databaseLogGroups have the name that RDS writes to.
func (g graph) databaseLogGroups(cluster *Resource) (groups []*Resource) {
	for _, r := range g.resources {
		if r.Type == "aws:cloudwatch/logGroup:LogGroup" && strings.HasPrefix(r.text("name"), "/aws/rds/cluster/"+cluster.ID+"/") {
			groups = append(groups, r)
		}
	}
	return groups
}

func (g graph) validations(r *Resource) []*Resource {
	return g.users(g.uses(one(r), "aws:acm/certificate:Certificate"), "aws:acm/certificateValidation:CertificateValidation")
}
