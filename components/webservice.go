package components

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/acm"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/appautoscaling"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// WebService is a container that answers HTTP, behind a load balancer, on Fargate.
//
//	web, err := components.NewWebService(ctx, "web", &components.WebServiceArgs{
//		VpcId: network.VpcId, PublicSubnetIds: network.PublicSubnetIds, SubnetIds: network.ApplicationSubnetIds,
//		StartAfter: network.Reachability(), Image: image.Reference, RepositoryArn: image.RepositoryArn,
//		ReleaseCommand: []string{"release"}, Connections: []components.Connection{database}, DomainName: "app.example.com",
//	})
//
// It creates a target group; an application load balancer with its listeners and security group, or a rule of the Listener
// that is given; with a domain, a certificate, its validation and the address records; a bucket for access logs unless
// Ephemeral; a cluster unless one is given; a log group, two roles, a task definition and the service with its security
// group; auto scaling; and alarms, of which two roll a deployment back.
//
// About what it costs a month (us-east-1, ARM64, 256 CPU units and 512 MiB):
//
//	load balancer         $16.43  and $5.84 per unit of capacity used; its 2 public addresses $7.30; nothing for a listener rule
//	task                   $7.21  each; up to 70 % less on Spot; $3.65 more with a public address
//	auto scaling           $0.20  for each target, as it makes two alarms
//	alarms                 $0.50  unless Ephemeral; four, and the one on errors looks at two metrics
//	Container Insights    $11.40  unless Ephemeral; $0.30 for each of 38 metrics; workers beside it have 5 more, 25 while they run
//	logs                   $0.50  per GB
//
// A deployment starts new tasks beside the old ones and stops these when the new ones are healthy. When tasks keep failing,
// ECS returns to the former task definition, and the update fails and says so; of a return on an alarm, which comes later, see
// RollbackOnAlarms. The very first deployment has nothing to return to: when its tasks do not start, it fails after DeploymentTimeout; when they start and are unhealthy, the
// update does not see it, as with a single deployment the provider counts running tasks only. Look at the website after it.
type WebService struct {
	pulumi.ResourceState

	// Url is where the website is: https://<domain>, http://<the load balancer's name>, or the first host name of a shared Listener.
	Url pulumi.StringOutput `pulumi:"url"`
	// LoadBalancerDnsName is the name of the load balancer that requests come by, its own or the shared one. This and the next two are
	// what another service's SharedListener takes.
	LoadBalancerDnsName pulumi.StringOutput `pulumi:"loadBalancerDnsName"`
	// LoadBalancerSecurityGroupId is the security group of that load balancer.
	LoadBalancerSecurityGroupId pulumi.StringOutput `pulumi:"loadBalancerSecurityGroupId"`
	// ListenerArn is the listener that forwards to the tasks.
	ListenerArn pulumi.StringOutput `pulumi:"listenerArn"`
	// ServiceName is the service's in ECS.
	ServiceName pulumi.StringOutput `pulumi:"serviceName"`
	// ClusterName is the cluster that the tasks run in, its own or the one of ClusterArn.
	ClusterName pulumi.StringOutput `pulumi:"clusterName"`
	// ClusterArn is that cluster, for QueueWorkers and other services to run in.
	ClusterArn pulumi.StringOutput `pulumi:"clusterArn"`
	// TaskDefinitionArn is what runs. Whoever waits for it waits for a deployment that was not rolled back.
	TaskDefinitionArn pulumi.StringOutput `pulumi:"taskDefinitionArn"`
	// LogGroupName is where the containers' output is in CloudWatch Logs.
	LogGroupName pulumi.StringOutput `pulumi:"logGroupName"`
	// ContainerName is of the application's container in the tasks: what a command that runs once is given to.
	ContainerName pulumi.StringOutput `pulumi:"containerName"`
	// TargetGroupArn is the target group that the tasks are registered in.
	TargetGroupArn pulumi.StringOutput `pulumi:"targetGroupArn"`
	// SecurityGroupId is of the tasks, to be let in where they have to go.
	SecurityGroupId pulumi.StringOutput `pulumi:"securityGroupId"`
	// TaskRoleArn is what the application's code acts as.
	TaskRoleArn pulumi.StringOutput `pulumi:"taskRoleArn"`

	// With a shared listener, the load balancer, its security group and both listeners are nil.
	LoadBalancer              *lb.LoadBalancer
	LoadBalancerSecurityGroup *ec2.SecurityGroup
	HttpListener              *lb.Listener
	HttpsListener             *lb.Listener     // nil without a domain
	ListenerRule              *lb.ListenerRule // nil without a shared listener
	TargetGroup               *lb.TargetGroup
	Certificate               *acm.Certificate  // nil without a domain
	Records                   []*route53.Record // A and AAAA; none without a domain
	AccessLogs                *s3.BucketV2      // nil without access logs
	Cluster                   *ecs.Cluster      // nil if one was given
	Service                   *ecs.Service
	ScalingTarget             *appautoscaling.Target
	ScalingPolicies           []*appautoscaling.Policy
	Alarms                    []*cloudwatch.MetricAlarm

	// Its LogGroup, TaskRole, ExecutionRole, ExecutionPolicy, SecurityGroup and TaskDefinition are fields of the WebService too.
	fargateTask

	loadBalancerArnSuffix pulumi.StringOutput
	domain                domain              // empty without one
	certificateArn        pulumi.StringOutput // known when the certificate is issued
	accessLogsPolicy      *s3.BucketPolicy
	rollbackAlarms        []*cloudwatch.MetricAlarm // those of Alarms that ECS judges a deployment by
	containerInsights     bool                      // of the own cluster; of another it is not known
}

// NewWebService deploys a web service. An error names every argument that is wrong. Without a domain it warns that the website
// is not encrypted.
func NewWebService(ctx *pulumi.Context, name string, args *WebServiceArgs, opts ...pulumi.ResourceOption) (*WebService, error) {
	settings, err := args.withDefaults(name)
	if err != nil {
		return nil, err
	}
	w := &WebService{fargateTask: fargateTask{startAfter: slices.Clone(settings.StartAfter)}}
	if err := ctx.RegisterComponentResource("slipway:index:WebService", name, w, opts...); err != nil {
		return nil, err
	}
	w.lookUpAccount(ctx, w)
	type steps []func(*pulumi.Context, string, WebServiceArgs) error
	front := steps{
		w.createBalancerSecurityGroup,
		w.createAccessLogs,
		w.createLoadBalancer,
		w.createTargetGroup,
		w.createCertificate,
		w.createListeners,
		w.createRecords,
	}
	if settings.Listener != nil {
		front = steps{
			w.useListener,
			w.createTargetGroup,
			w.createListenerRule,
		}
	}
	for _, step := range append(front,
		w.createTasksSecurityGroup,
		w.createTask,
		w.createCluster,
		w.createAlarms,
		w.createService,
		w.createScaling,
	) {
		if err := step(ctx, name, settings); err != nil {
			return nil, err
		}
	}
	w.Url = w.url(settings)
	w.ServiceName = w.Service.Name
	w.TaskDefinitionArn = w.deployedTaskDefinition(ctx, w.Service, w.ClusterArn)
	w.LogGroupName = w.LogGroup.Name
	w.ContainerName = pulumi.String(webContainer).ToStringOutput()
	w.TargetGroupArn = w.TargetGroup.Arn
	w.TaskRoleArn = w.TaskRole.Arn
	return w, ctx.RegisterResourceOutputs(w, pulumi.Map{
		"url":                         w.Url,
		"loadBalancerDnsName":         w.LoadBalancerDnsName,
		"loadBalancerSecurityGroupId": w.LoadBalancerSecurityGroupId,
		"listenerArn":                 w.ListenerArn,
		"serviceName":                 w.ServiceName,
		"clusterName":                 w.ClusterName,
		"clusterArn":                  w.ClusterArn,
		"taskDefinitionArn":           w.TaskDefinitionArn,
		"logGroupName":                w.LogGroupName,
		"containerName":               w.ContainerName,
		"targetGroupArn":              w.TargetGroupArn,
		"securityGroupId":             w.SecurityGroupId,
		"taskRoleArn":                 w.TaskRoleArn,
	})
}
