package components

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// QueueWorkersArgs says what works on which queues, and where. Queues, VpcId, SubnetIds, ClusterArn and Image are required.
type QueueWorkersArgs struct {
	// Queues are what the tasks work on: the default one first, then any number of named ones, each with a Variable of its own. How many
	// tasks run follows from all of them together; for one that is to have its own tasks, make other QueueWorkers. At most four. Required.
	// Example: []*components.Queue{queue}.
	Queues []*Queue
	// VpcId is the network of the tasks. Required. Example: network.VpcId.
	VpcId pulumi.StringInput `pulumi:"vpcId"`
	// SubnetIds are the tasks'. Required. Example: network.ApplicationSubnetIds.
	SubnetIds pulumi.StringArrayInput `pulumi:"subnetIds"`
	// AssignPublicIp gives each task a public address, as WebServiceArgs has it. Default: false.
	AssignPublicIp bool `pulumi:"assignPublicIp,optional"`
	// ClusterArn is the cluster to run in. Required. Example: web.ClusterArn.
	ClusterArn pulumi.StringInput `pulumi:"clusterArn"`

	// Image is what runs, by digest: the web service's. Required. Example: image.Reference.
	Image pulumi.StringInput `pulumi:"image"`
	// RepositoryArn is the repository in ECR that Image is pulled from. Default: as Image says. Example: image.RepositoryArn.
	RepositoryArn pulumi.StringInput `pulumi:"repositoryArn,optional"`
	// Command of the container. Default: {"worker"}.
	Command []string `pulumi:"command,optional"`
	// ReleaseCommand runs before the worker in every new task, as WebServiceArgs has it. Workers do not wait for the web service's
	// deployment, so theirs may be the first to find the database as it was. Default: none. Example: {"release"}.
	ReleaseCommand []string `pulumi:"releaseCommand,optional"`
	// User that the container runs as. Default: the image's, which should not be root. Example: "1000".
	User string `pulumi:"user,optional"`
	// Environment of the container: never a secret. CELERY_QUEUE_URL, CELERY_VISIBILITY_TIMEOUT and CELERY_STOP_GRACE, ten seconds less
	// than StopTimeout, are there without being asked. Default: none.
	// Example: map[string]pulumi.StringInput{"LOG_LEVEL": pulumi.String("info")}.
	Environment map[string]pulumi.StringInput `pulumi:"environment,optional"`
	// Secrets are variables that ECS fills in when a task starts. Default: none.
	// Example: map[string]components.SecretReference{"SECRET_KEY": key.Reference()}.
	Secrets map[string]SecretReference `pulumi:"secrets,optional"`
	// Connections are what the application uses besides the queues, such as a database. Default: none. Example: []components.Connection{database}.
	Connections []Connection
	// StartAfter is what the tasks cannot start without, such as the network's routes and endpoints. Default: nothing.
	// Example: network.Reachability().
	StartAfter []pulumi.Resource

	// Cpu of a task in CPU units, 1024 to a vCPU: 256 to 16384. Default: 256.
	Cpu int `pulumi:"cpu,optional"`
	// Memory of a task in MiB, as Fargate pairs it with Cpu. Default: 512, or the least that goes with Cpu.
	Memory int `pulumi:"memory,optional"`
	// Architecture is "ARM64" or "X86_64", as the image was built. Default: "ARM64".
	Architecture string `pulumi:"architecture,optional"`
	// SpotWeight is the share of tasks on Spot capacity, 0 to 100 percent. AWS stops those with two minutes' notice, and the message
	// goes back to the queue. Below 100 the first task is not on Spot. Default: 0.
	SpotWeight int `pulumi:"spotWeight,optional"`
	// StopTimeout is the seconds that a task has, once told to stop, to finish its messages or give them back: 11 to 120. Default: 120.
	StopTimeout int `pulumi:"stopTimeout,optional"`

	// MinCount is the least number of tasks. With 0 nothing runs and nothing is paid while there is no work; the first message then
	// waits for two to four minutes, and after six idle hours up to 15 more, as SQS is slow to report on a queue that was not used.
	// Default: 0.
	MinCount int `pulumi:"minCount,optional"`
	// MaxCount is the largest number of tasks. Default: 10, and 1 if Ephemeral, but no less than MinCount.
	MaxCount int `pulumi:"maxCount,optional"`
	// Steps add and remove tasks by the depth of the queues. Excludes Backlog.
	// Default: {{Upper: 0, Change: -1}, {Lower: 1, Change: 1}, {Lower: 100, Change: 2}, {Lower: 500, Change: 5}}.
	Steps []ScalingStep `pulumi:"steps,optional"`
	// Backlog adds tasks so that no message waits for longer than it says. Excludes Steps. Default: none.
	// Example: &components.BacklogPerTask{LatencySeconds: 60, SecondsPerMessage: 0.5}.
	Backlog *BacklogPerTask `pulumi:"backlog,optional"`
	// IdleMinutes is after how many minutes without a message, waiting or in work, tasks are removed: 2 to 60. Default: 5.
	IdleMinutes int `pulumi:"idleMinutes,optional"`

	// Schedules are jobs by name: each runs a command in a task of its own, with the same image, variables and secrets. Default: none.
	// Example: map[string]components.Schedule{"cleanup": {Expression: "rate(1 day)", Command: []string{"cleanup"}}}.
	Schedules map[string]Schedule `pulumi:"schedules,optional"`
	// AlarmActions is what the alarms on the schedules' dead-letter queues do when they go off and when they are over, such as telling
	// an AlarmTopic; 5 at most. Default: none. Example: pulumi.StringArray{alarms.TopicArn}.
	AlarmActions pulumi.StringArrayInput `pulumi:"alarmActions,optional"`

	// WaitForDeployment has the update last until the deployment is stable, and fail if ECS rolled it back. Default: true.
	WaitForDeployment *bool `pulumi:"waitForDeployment,optional"`
	// DeploymentTimeout is after how many minutes a deployment that is not stable fails the update, 5 to 180. Default: 15.
	DeploymentTimeout int `pulumi:"deploymentTimeout,optional"`
	// ReadonlyRootFilesystem lets the container write to /tmp only, as WebServiceArgs has it. Default: true.
	ReadonlyRootFilesystem *bool `pulumi:"readonlyRootFilesystem,optional"`
	// EnableExecuteCommand allows `aws ecs execute-command`; ReadonlyRootFilesystem has to be false. Default: false.
	EnableExecuteCommand bool `pulumi:"enableExecuteCommand,optional"`
	// LogRetentionDays is for how long logs are kept. Default: 365, and 30 if Ephemeral.
	LogRetentionDays int `pulumi:"logRetentionDays,optional"`
	// Ephemeral is for environments that come and go: cheaper defaults as above. Default: false.
	Ephemeral bool `pulumi:"ephemeral,optional"`
	// Tags of all that takes tags. Default: none. Example: map[string]string{"team": "shop"}.
	Tags map[string]string `pulumi:"tags,optional"`
}

// Schedule is a job that runs again and again.
//
//	components.Schedule{Expression: "cron(0 3 * * ? *)", TimeZone: "Europe/Berlin", Command: []string{"python3", "manage.py", "clearsessions"}}
type Schedule struct {
	// Expression is "rate(5 minutes)" or "cron(<minutes> <hours> <day of month> <month> <day of week> <year>)". Required.
	// Example: "cron(0 3 * * ? *)".
	Expression string `pulumi:"expression"`
	// TimeZone that a cron expression is in, with its summer time. Default: "UTC". Example: "Europe/Berlin".
	TimeZone string `pulumi:"timeZone,optional"`
	// Command of the container. Required. Example: {"python3", "manage.py", "clearsessions"}.
	Command []string `pulumi:"command"`
}
