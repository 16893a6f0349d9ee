package components

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// WebServiceArgs says what runs, where, and how it is reached. VpcId, SubnetIds and Image are required, and either a Listener, or
// PublicSubnetIds and, unless Ephemeral, DomainName.
type WebServiceArgs struct {
	// VpcId is the network of the load balancer and the tasks. Required. Example: network.VpcId.
	VpcId pulumi.StringInput `pulumi:"vpcId"`
	// PublicSubnetIds are the load balancer's, in two zones at least. Excludes Listener. Required without Listener. Example: network.PublicSubnetIds.
	PublicSubnetIds pulumi.StringArrayInput `pulumi:"publicSubnetIds"`
	// SubnetIds are the tasks'. Required. Example: network.ApplicationSubnetIds.
	SubnetIds pulumi.StringArrayInput `pulumi:"subnetIds"`
	// AssignPublicIp gives each task a public address ($3.65 a month). Without a NAT gateway and without endpoints a task
	// reaches nothing else. Nobody reaches the task by it: only the load balancer may. Default: false.
	AssignPublicIp bool `pulumi:"assignPublicIp,optional"`

	// Image is what runs, by digest, so that what was deployed is what runs. Required. Example: image.Reference.
	Image pulumi.StringInput `pulumi:"image"`
	// RepositoryArn is the repository in ECR that Image is pulled from. Given, a new image changes no policy, in previews too.
	// Default: as Image says, or none for an image from elsewhere. Example: image.RepositoryArn.
	RepositoryArn pulumi.StringInput `pulumi:"repositoryArn,optional"`
	// Command of the container. Default: the image's. Example: {"web"}.
	Command []string `pulumi:"command,optional"`
	// ReleaseCommand runs in a container of its own before the application's, with the same image, variables and secrets,
	// in every new task: migrations. Only when it succeeds does the application start; when it fails, the task stops, and
	// after three such tasks the deployment is rolled back. Several tasks start at once, so it must be safe to run at the same
	// time and again: take an advisory lock of the database around it. Default: none. Example: {"release"}.
	ReleaseCommand []string `pulumi:"releaseCommand,optional"`
	// User that the containers run as. Default: the image's, which should not be root. Example: "1000".
	User string `pulumi:"user,optional"`
	// Environment of the containers. Readable by whoever may describe the task definition: never a secret. PUBLIC_URL, the
	// website's address as in Url, and PORT are there without being asked. Default: none.
	// Example: map[string]pulumi.StringInput{"LOG_LEVEL": pulumi.String("info")}.
	Environment map[string]pulumi.StringInput `pulumi:"environment,optional"`
	// Secrets are variables that ECS fills in when a task starts. Default: none.
	// Example: map[string]components.SecretReference{"SECRET_KEY": key.Reference()}.
	Secrets map[string]SecretReference `pulumi:"secrets,optional"`
	// Connections are what the application uses, such as a database. Each opens itself to this service and adds to its
	// variables and secrets. Default: none. Example: []components.Connection{database, queue}.
	Connections []Connection
	// StartAfter is what the tasks cannot start without, and the load balancer need not wait for, such as
	// the network's routes and endpoints. Default: nothing. Example: network.Reachability().
	StartAfter []pulumi.Resource

	// ClusterArn is the cluster to run in; its owner has it use the capacity providers FARGATE and, for SpotWeight,
	// FARGATE_SPOT. Default: a cluster of its own. Example: cluster.Arn.
	ClusterArn pulumi.StringInput `pulumi:"clusterArn,optional"`
	// ContainerInsights has the own cluster collect metrics by task; $0.30 a month for each, about $11 for one service.
	// Excludes ClusterArn. Default: true, false if Ephemeral.
	ContainerInsights *bool `pulumi:"containerInsights,optional"`
	// Cpu of a task in CPU units, 1024 to a vCPU: 256 to 16384. Default: 256.
	Cpu int `pulumi:"cpu,optional"`
	// Memory of a task in MiB, as Fargate pairs it with Cpu. Default: 512, or the least that goes with Cpu.
	Memory int `pulumi:"memory,optional"`
	// Architecture is "ARM64" or "X86_64", as the image was built. Default: "ARM64", which costs a fifth less.
	Architecture string `pulumi:"architecture,optional"`
	// SpotWeight is the share of tasks on Spot capacity, 0 to 100 percent: up to 70 % cheaper, and AWS may stop them with two
	// minutes' notice. Below 100 one task at least is not on Spot. Default: 0.
	SpotWeight int `pulumi:"spotWeight,optional"`

	// DomainName is the website's. A certificate is made and validated, records are written, and HTTP is redirected to
	// HTTPS. Default: none, which is HTTP by the load balancer's own name and only for Ephemeral. Example: "app.example.com".
	DomainName string `pulumi:"domainName,optional"`
	// HostedZone is the name of the public zone in Route 53 that DomainName is in. Default: the domain above DomainName, or
	// DomainName if it has only two labels. Example: "example.com".
	HostedZone string `pulumi:"hostedZone,optional"`
	// Wildcard has the certificate and the records cover every name one label below DomainName too, for services that share
	// this one's Listener. Requests for names that no such service has come to this one. Default: false.
	Wildcard bool `pulumi:"wildcard,optional"`
	// Listener is one that exists, of another service's load balancer. Requests for its host names come here, and this service
	// makes no load balancer, certificate, records and access logs. Excludes PublicSubnetIds, DomainName, HostedZone, Wildcard,
	// IdleTimeout and AccessLogs. Default: none, which makes a load balancer. Example: see SharedListener.
	Listener *SharedListener `pulumi:"listener,optional"`
	// IdleTimeout is after how many silent seconds the load balancer closes a connection, 1 to 4000; the server's keep-alive
	// has to be longer. Default: 60.
	IdleTimeout int `pulumi:"idleTimeout,optional"`
	// AccessLogs has the load balancer log every request to a bucket. Default: true, false if Ephemeral.
	AccessLogs *bool `pulumi:"accessLogs,optional"`

	// Port that the container listens on, above 1024 for a user other than root. Default: 8000.
	Port int `pulumi:"port,optional"`
	// HealthCheckPath answers when the task can serve. It should not ask the database: an outage there would stop all tasks, and
	// the checks would keep a paused database awake. Default: "/". Example: "/status/".
	HealthCheckPath string `pulumi:"healthCheckPath,optional"`
	// HealthCheckMatcher is which HTTP codes are healthy. Default: "200". Example: "200-299,302".
	HealthCheckMatcher string `pulumi:"healthCheckMatcher,optional"`
	// HealthCheckInterval is the seconds between two checks, 5 to 300. Default: 5; a new task serves after two.
	HealthCheckInterval int `pulumi:"healthCheckInterval,optional"`
	// HealthCheckTimeout is how many seconds a check may take, 2 to 120 and less than the interval. Default: 4, or one
	// less than the interval where that is less.
	HealthCheckTimeout int `pulumi:"healthCheckTimeout,optional"`
	// HealthyThreshold is how many checks in a row make a task healthy, 2 to 10. Default: 2.
	HealthyThreshold int `pulumi:"healthyThreshold,optional"`
	// UnhealthyThreshold is how many failures in a row make it unhealthy, 2 to 10. Default: 2.
	UnhealthyThreshold int `pulumi:"unhealthyThreshold,optional"`
	// HealthCheckGracePeriod is for how many seconds after a task's start failing checks do not count. It has to cover the
	// application's start and ReleaseCommand. Default: 60, or 300 with a ReleaseCommand.
	HealthCheckGracePeriod *int `pulumi:"healthCheckGracePeriod,optional"`
	// DeregistrationDelay is for how many seconds a task that leaves may finish its requests, 0 to 3600. Default: 15.
	DeregistrationDelay *int `pulumi:"deregistrationDelay,optional"`
	// StopTimeout is the seconds between SIGTERM and SIGKILL, 1 to 120. Default: 30.
	StopTimeout int `pulumi:"stopTimeout,optional"`

	// DesiredCount is the number of tasks of the first deployment; later ones leave the count to auto scaling.
	// Default: MinCount.
	DesiredCount *int `pulumi:"desiredCount,optional"`
	// MinCount is the least number of tasks. With 0 the service can be switched off; nothing but you switches it on.
	// Default: 2, for two zones, and 1 if Ephemeral.
	MinCount *int `pulumi:"minCount,optional"`
	// MaxCount is the largest number of tasks. Default: 10, and MinCount if Ephemeral.
	MaxCount int `pulumi:"maxCount,optional"`
	// CpuTarget is the use of CPU, in percent over all tasks, that auto scaling keeps; 0 for none. Default: 75.
	CpuTarget *int `pulumi:"cpuTarget,optional"`
	// MemoryTarget is the same for memory. Default: none, as most applications keep what they once took. Example: 80.
	MemoryTarget int `pulumi:"memoryTarget,optional"`
	// RequestsTarget is how many requests a minute each task is to get. Default: none. Example: 1000.
	RequestsTarget int `pulumi:"requestsTarget,optional"`

	// WaitForDeployment has the update last until the deployment is stable, a minute or two (see RollbackOnAlarms), and fail
	// if ECS rolled it back. If false, the update ends when ECS has taken the deployment, reports nothing of what becomes of
	// it, and leaves former task definitions registered, as ECS may return to them. Default: true.
	WaitForDeployment *bool `pulumi:"waitForDeployment,optional"`
	// DeploymentTimeout is after how many minutes a deployment that is not stable fails the update, 5 to 180. It
	// should be longer than three tasks take to fail one after the other, each with HealthCheckGracePeriod: that is when ECS
	// rolls back. Default: 15, or 30 with a ReleaseCommand.
	DeploymentTimeout int `pulumi:"deploymentTimeout,optional"`
	// RollbackOnAlarms has ECS roll a deployment back on an alarm too: too many answers with status 5xx, or unhealthy tasks.
	// For that ECS watches on when the new tasks are healthy, a few minutes by the alarms' periods (bake time). The update does
	// not wait for that, so former task definitions stay registered, which costs nothing; `pulumi refresh` shows a rollback.
	// The provider cannot take the alarms from a service that has them: switched off later, ECS keeps looking for them until
	// you remove them with `aws ecs update-service`. Default: true, false if Ephemeral.
	RollbackOnAlarms *bool `pulumi:"rollbackOnAlarms,optional"`

	// Alarms says when the website is down, when tasks are unhealthy, when answers fail (5xx) and when they are slow. $0.50 a month.
	// RollbackOnAlarms needs two of them in any case. Default: true, false if Ephemeral.
	Alarms *bool `pulumi:"alarms,optional"`
	// AlarmActions is what the alarms do when they go off and when they are over, such as telling an AlarmTopic; 5 at most.
	// Default: none, alarms are to be seen only. Example: pulumi.StringArray{alarms.TopicArn}.
	AlarmActions pulumi.StringArrayInput `pulumi:"alarmActions,optional"`
	// LatencyLimitSeconds is within how many seconds 95 % of the answers are to begin; the alarm goes off when they do not, for ten
	// minutes. It looks at 200 requests or more in five minutes, as the 95th percentile of fewer says little; 0 for none. Default: 2.
	LatencyLimitSeconds *float64 `pulumi:"latencyLimitSeconds,optional"`

	// ReadonlyRootFilesystem lets the containers write to /tmp only, which is a volume. The image's Dockerfile must say
	// VOLUME /tmp, or Fargate makes it a folder of root's. Excludes EnableExecuteCommand. Default: true.
	ReadonlyRootFilesystem *bool `pulumi:"readonlyRootFilesystem,optional"`
	// EnableExecuteCommand allows `aws ecs execute-command`, a shell in a running task. Its agent writes to the root file
	// system, so ReadonlyRootFilesystem has to be false. In isolated subnets it needs the endpoint ssmmessages.
	// Default: false.
	EnableExecuteCommand bool `pulumi:"enableExecuteCommand,optional"`
	// LogRetentionDays is for how long logs are kept. Default: 365, and 30 if Ephemeral.
	LogRetentionDays int `pulumi:"logRetentionDays,optional"`
	// Ephemeral is for environments that come and go: no deletion protection, HTTP allowed, and cheaper defaults as above.
	// Default: false.
	Ephemeral bool `pulumi:"ephemeral,optional"`
	// Tags of all that takes tags. Default: none. Example: map[string]string{"team": "shop"}.
	Tags map[string]string `pulumi:"tags,optional"`
}
