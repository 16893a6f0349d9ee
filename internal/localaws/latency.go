package localaws

import (
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Operation is what AWS is asked to do with a resource.
type Operation string

const (
	Create Operation = "create"
	Update Operation = "update"
	Delete Operation = "delete"
)

// apiCall is what an operation takes that AWS has done when it answers, with the provider's look at the result. Creations in public
// logs of Terraform take 0 to 3 s where nothing is waited for (github.com/DevopsArtFactory/terraform-provisioning, pull requests 4, 5 and 7:
// addresses 0 s, route tables and gateways 1 s).
const apiCall = time.Second

// latency is how long AWS takes with a type, in seconds, until its provider goes on; 0 is an API call. Most types have no figure that
// somebody has published; they are not in the table, and take an API call.
type latency struct {
	create, update, delete float64
	// slow tells whether creations and updates with these inputs take that long; nil is always. Otherwise they take quick.
	slow  func(inputs resource.PropertyMap) bool
	quick float64
}

// latencies are the middle of what public logs show: 6 to 7 s are 6.5 s. Deletions and updates are there only where a figure was found, so
// a deletion in the embedded AWS is no measure of one in AWS: NAT gateways and the endpoints' network interfaces are slow there too.
//
// Sources, besides apiCall's: logs of Terraform and CloudFormation in the issues of their providers (creation of endpoints, NAT gateways,
// load balancers, Aurora, CloudFront, validations, services), and those that are named.
var latencies = map[string]latency{
	// 21 to 22 s with DNS host names, which the provider sets in a second step (terraform-provisioning, as above).
	"aws:ec2/vpc:Vpc": {create: 21.5},
	// Interface endpoints 2 to 3 minutes; gateways, which have no network interfaces, 6 to 7 s.
	"aws:ec2/vpcEndpoint:VpcEndpoint": {create: 150, quick: 6.5, slow: func(inputs resource.PropertyMap) bool {
		kind := inputs["vpcEndpointType"]
		return kind.IsString() && kind.StringValue() == "Interface" // the provider's default is a gateway
	}},
	// 1m24 to 2m01.
	"aws:ec2/natGateway:NatGateway": {create: 102.5},
	// 2m15 to 3m07. It is deleted within a second (github.com/knowledgefutures/pubplatform, pull request 1193).
	"aws:lb/loadBalancer:LoadBalancer": {create: 161},
	// 43 s; deleted in 1m03, after an instance's 11m47 (github.com/tungbq/aws-lab-with-terraform, issue 100).
	"aws:rds/cluster:Cluster": {create: 43, delete: 63},
	// A serverless instance 6m21.
	"aws:rds/clusterInstance:ClusterInstance": {create: 381, delete: 707},
	// 3m00 to 12m34 until it is everywhere. A deletion has to disable it everywhere first, whether creations are waited for or not.
	"aws:cloudfront/distribution:Distribution": {create: 467, update: 467, delete: 467, slow: func(inputs resource.PropertyMap) bool {
		wait := inputs["waitForDeployment"]
		return !wait.IsBool() || wait.BoolValue() // the provider's default is to wait
	}},
	// 1m01 to 8m52.
	"aws:acm/certificateValidation:CertificateValidation": {create: 296.5},
	// 37 to 39 s until all name servers of Route 53 have it (github.com/hashicorp/terraform-provider-aws, pull request 11300).
	"aws:route53/record:Record": {create: 38, update: 38},
	// 1m15 to stability. A deployment also waits until the former tasks have got no requests for the target group's delay; the components' is
	// 15 s. Without tasks a service is stable at once.
	"aws:ecs/service:Service": {create: 75, update: 90, slow: func(inputs resource.PropertyMap) bool {
		wait, count := inputs["waitForSteadyState"], inputs["desiredCount"]
		return wait.IsBool() && wait.BoolValue() && !(count.IsNumber() && count.NumberValue() == 0)
	}},
	// 3 s and 2 s (github.com/jina-ai/examples, pull request 277).
	"aws:ecr/repository:Repository":         {create: 3},
	"aws:ecs/taskDefinition:TaskDefinition": {create: 2},
	// No time of AWS's: building and pushing the sample application's image has taken 18 s on two CPUs, and for a change in its source, where
	// all layers but the last are there, is assumed to take 5 s.
	"docker:index/image:Image": {create: 18, update: 5},
}

// TypicalDuration is how long AWS takes for an operation on a resource of this type with these inputs, until its provider goes on.
//
//	localaws.TypicalDuration(localaws.Create, "aws:rds/cluster:Cluster", nil) // 43 s
func TypicalDuration(operation Operation, typ string, inputs resource.PropertyMap) time.Duration {
	known := latencies[typ]
	seconds := map[Operation]float64{Create: known.create, Update: known.update, Delete: known.delete}[operation]
	if operation != Delete && known.slow != nil && !known.slow(inputs) {
		seconds = known.quick
	}
	if seconds == 0 {
		return apiCall
	}
	return time.Duration(seconds * float64(time.Second))
}

// IsAwaited tells whether the provider waits for more than seconds until what it has asked for is there, so that the wait can end too early
// and leave something unfinished. A deletion leaves nothing such, and an image is built by Docker.
func IsAwaited(operation Operation, typ string) bool {
	known := latencies[typ]
	seconds := map[Operation]float64{Create: known.create, Update: known.update}[operation]
	return typ != "docker:index/image:Image" && seconds > 5
}
