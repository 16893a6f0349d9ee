package cost

import (
	"fmt"

	"slipway/internal/state"
)

// kind is what a type of resource costs.
type kind struct {
	// price computes it. Nil is for what never costs anything.
	price func(*state.State, *state.Resource) ([]item, error)
	// free says why a resource for which price finds nothing costs nothing.
	free string
}

// Why things cost nothing while nobody uses them.
const (
	freeNetwork   = "a part of the network that AWS charges nothing for"
	freeAccess    = "IAM and policies are free"
	freeSetting   = "a setting of something else in this list"
	freeByRequest = "paid by request or by message"
	freeByGB      = "paid by the GB that is stored or moved"
	freeByTask    = "what it starts is paid for as a task"
	freeByMinute  = "paid by the minute that it runs"
	freeByPerson  = "paid by the people who use it, of whom the first five are free"
	freeTLS       = "public certificates are free"
)

// kinds is every type, by token.
var kinds = map[string]kind{
	"aws:ec2/vpc:Vpc":                                           {free: freeNetwork},
	"aws:ec2/subnet:Subnet":                                     {free: freeNetwork},
	"aws:ec2/internetGateway:InternetGateway":                   {free: freeNetwork},
	"aws:ec2/routeTable:RouteTable":                             {free: freeNetwork},
	"aws:ec2/routeTableAssociation:RouteTableAssociation":       {free: freeNetwork},
	"aws:ec2/route:Route":                                       {free: freeNetwork},
	"aws:ec2/securityGroup:SecurityGroup":                       {free: freeNetwork},
	"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup":         {free: freeNetwork},
	"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {free: freeNetwork},
	"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule":   {free: freeNetwork},
	"aws:ec2/vpcEndpoint:VpcEndpoint":                           {price: endpoint, free: "gateway endpoints are free"},
	"aws:ec2/natGateway:NatGateway":                             {price: each("NAT gateways", dollars(natGatewayHour), allMonth)},
	"aws:ec2/eip:Eip":                                           {price: each("Addresses of NAT gateways", dollars(publicIPv4Hour), allMonth)},
	"aws:ec2/flowLog:FlowLog":                                   {free: freeByGB},

	"aws:lb/loadBalancer:LoadBalancer":               {price: loadBalancer},
	"aws:lb/targetGroup:TargetGroup":                 {free: freeSetting},
	"aws:lb/listener:Listener":                       {free: freeSetting},
	"aws:lb/listenerRule:ListenerRule":               {free: freeSetting},
	"aws:lb/listenerCertificate:ListenerCertificate": {free: freeSetting},

	"aws:ecs/service:Service":                                   {price: tasks},
	"aws:ecs/cluster:Cluster":                                   {price: insights, free: "clusters without Container Insights are free"},
	"aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": {free: freeSetting},
	"aws:ecs/taskDefinition:TaskDefinition":                     {free: freeByTask},
	"aws:scheduler/schedule:Schedule":                           {free: freeByTask},
	"aws:appautoscaling/target:Target":                          {free: freeSetting},
	"aws:appautoscaling/policy:Policy":                          {price: trackingAlarms, free: "its alarms are in this list"},
	"aws:appautoscaling/scheduledAction:ScheduledAction":        {free: freeSetting},

	"aws:rds/cluster:Cluster":                             {price: database, free: freeByGB},
	"aws:rds/clusterInstance:ClusterInstance":             {price: databaseInstance},
	"aws:rds/clusterParameterGroup:ClusterParameterGroup": {free: freeSetting},
	"aws:rds/parameterGroup:ParameterGroup":               {free: freeSetting},
	"aws:rds/subnetGroup:SubnetGroup":                     {free: freeSetting},

	"aws:ecr/repository:Repository":             {price: each("Image repository", count(registryGB, "GB", "GB"), dollars(registryGBMonth))},
	"aws:ecr/repositoryPolicy:RepositoryPolicy": {free: freeAccess},
	"aws:ecr/lifecyclePolicy:LifecyclePolicy":   {free: freeSetting},
	"docker:index/image:Image":                  {free: "what is pushed is paid for in the repository"},

	"aws:secretsmanager/secret:Secret":               {price: each("Secrets", dollars(secretMonth))},
	"aws:secretsmanager/secretVersion:SecretVersion": {free: freeSetting},
	"aws:kms/key:Key":                                {price: each("Keys", dollars(keyMonth))},
	"aws:kms/alias:Alias":                            {free: freeSetting},

	"aws:cloudwatch/metricAlarm:MetricAlarm":                       {price: alarm},
	"aws:cloudwatch/dashboard:Dashboard":                           {price: each("Dashboards", dollars(dashboardMonth))},
	"aws:cloudwatch/logGroup:LogGroup":                             {free: freeByGB},
	"aws:cloudwatch/logDelivery:LogDelivery":                       {free: freeByGB},
	"aws:cloudwatch/logDeliverySource:LogDeliverySource":           {free: freeSetting},
	"aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": {free: freeSetting},

	"aws:cloudwatch/eventRule:EventRule":     {free: "events of AWS's services are free"},
	"aws:cloudwatch/eventTarget:EventTarget": {free: freeSetting},

	"aws:sqs/queue:Queue":                           {free: freeByRequest},
	"aws:sqs/queuePolicy:QueuePolicy":               {free: freeAccess},
	"aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": {free: freeSetting},
	"aws:sns/topic:Topic":                           {free: freeByRequest},
	"aws:sns/topicPolicy:TopicPolicy":               {free: freeAccess},
	"aws:sns/topicSubscription:TopicSubscription":   {free: freeByRequest},

	"aws:s3/bucketV2:BucketV2":                                                                   {free: freeByGB},
	"aws:s3/bucketObjectv2:BucketObjectv2":                                                       {free: freeByGB},
	"aws:s3/bucketPolicy:BucketPolicy":                                                           {free: freeAccess},
	"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock":                                     {free: freeSetting},
	"aws:s3/bucketOwnershipControls:BucketOwnershipControls":                                     {free: freeSetting},
	"aws:s3/bucketCorsConfigurationV2:BucketCorsConfigurationV2":                                 {free: freeSetting},
	"aws:s3/bucketLoggingV2:BucketLoggingV2":                                                     {free: freeSetting},
	"aws:s3/bucketVersioningV2:BucketVersioningV2":                                               {free: freeSetting},
	"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2":                       {free: freeSetting},
	"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": {free: freeSetting},

	"aws:cloudfront/distribution:Distribution":                   {free: freeByGB},
	"aws:cloudfront/originAccessControl:OriginAccessControl":     {free: freeSetting},
	"aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": {free: freeSetting},
	"aws:wafv2/webAcl:WebAcl":                                    {price: webAcl},

	"aws:acm/certificate:Certificate":                     {free: freeTLS},
	"aws:acm/certificateValidation:CertificateValidation": {free: freeTLS},
	"aws:route53/zone:Zone":                               {price: each("Hosted zones", dollars(hostedZoneMonth))},
	"aws:route53/record:Record":                           {free: freeByRequest},

	"aws:codepipeline/pipeline:Pipeline":        {price: pipeline, free: freeByMinute},
	"aws:codebuild/project:Project":             {free: freeByMinute},
	"aws:codecommit/repository:Repository":      {free: freeByPerson},
	"aws:codeconnections/connection:Connection": {free: "connections are free"},

	"aws:iam/role:Role":                                 {free: freeAccess},
	"aws:iam/policy:Policy":                             {free: freeAccess},
	"aws:iam/rolePolicy:RolePolicy":                     {free: freeAccess},
	"aws:iam/rolePolicyAttachment:RolePolicyAttachment": {free: freeAccess},
}

// each is for what costs the same, whatever its properties are.
func each(what string, factors ...factor) func(*state.State, *state.Resource) ([]item, error) {
	return func(*state.State, *state.Resource) ([]item, error) { return monthly(what, factors...), nil }
}

func endpoint(_ *state.State, r *state.Resource) ([]item, error) {
	switch kind := r.At("vpcEndpointType").String(); kind {
	case "Gateway", "":
		return nil, nil
	case "Interface":
		zones := float64(len(r.At("subnetIds").List()))
		return monthly("Interface endpoints", count(zones, "zone", "zones"), dollars(endpointHour), allMonth), nil
	default:
		return nil, fmt.Errorf("an endpoint of the type %s", kind)
	}
}

func loadBalancer(_ *state.State, r *state.Resource) ([]item, error) {
	if kind := r.At("loadBalancerType").String(); kind != "application" {
		return nil, fmt.Errorf("a load balancer of the type %s", kind)
	}
	items := monthly("Load balancer", dollars(loadBalancerHour), allMonth)
	if !r.At("internal").Bool() {
		addresses := float64(len(r.At("subnets").List()))
		items = append(items, item{"Addresses of the load balancer", []factor{count(addresses, "address", "addresses"), dollars(publicIPv4Hour), allMonth}})
	}
	return items, nil
}

// pipeline is a pipeline of type V1; one of V2 is paid by the minute that its actions run.
func pipeline(_ *state.State, r *state.Resource) ([]item, error) {
	switch kind := r.At("pipelineType").String(); kind {
	case "V1":
		return monthly("Pipelines", dollars(pipelineV1Month)), nil
	case "V2":
		return nil, nil
	default:
		return nil, fmt.Errorf("a pipeline of the type %s", kind)
	}
}

func webAcl(_ *state.State, r *state.Resource) ([]item, error) {
	rules := float64(len(r.At("rules").List()))
	return []item{
		{"Web ACL", []factor{dollars(webAclMonth)}},
		{"Rules of the web ACL", []factor{count(rules, "rule", "rules"), dollars(webAclRuleMonth)}},
	}, nil
}
