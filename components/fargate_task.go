package components

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/internal/invalid"
	"slipway/internal/limits"
)

// fargateTask is what a web service and queue workers have in common: the task definition, and what its tasks need to start.
type fargateTask struct {
	LogGroup        *cloudwatch.LogGroup
	TaskRole        *iam.Role // what the application's code may do: attach policies to it
	ExecutionRole   *iam.Role
	ExecutionPolicy *iam.RolePolicy
	SecurityGroup   *ec2.SecurityGroup // of the tasks; made by the component, before the task
	TaskDefinition  *ecs.TaskDefinition

	account, region pulumi.StringOutput
	environment     map[string]pulumi.StringInput
	secrets         map[string]SecretReference
	// startAfter is what the service waits for and no output carries.
	startAfter []pulumi.Resource
}

// taskSettings is all that a fargateTask is made of. The arguments of the components say what each means.
type taskSettings struct {
	kind      string // the component's type, for messages
	component pulumi.Resource
	container string // name of the application's container

	image                   pulumi.StringInput
	repositoryArn           pulumi.StringInput
	command, releaseCommand []string
	user                    string
	port                    int // 0 for none
	environment             map[string]pulumi.StringInput
	secrets                 map[string]SecretReference
	connections             []Connection

	cpu, memory              int
	architecture             string
	stopTimeout              int
	readonly, executeCommand bool
	keepRevisions            bool // former task definitions stay registered
	logRetentionDays         int
	tags                     map[string]string
}

// create makes the task definition, and before it the log group, the roles and what the connections open.
func (t *fargateTask) create(ctx *pulumi.Context, name string, s taskSettings) error {
	for _, step := range []func(*pulumi.Context, string, taskSettings) error{
		t.createLogGroup,
		t.createRoles,
		t.connect,
		t.createExecutionPolicy,
		t.createTaskDefinition,
	} {
		if err := step(ctx, name, s); err != nil {
			return err
		}
	}
	return nil
}

// check records what is wrong with the settings.
func (s taskSettings) check(wrong *invalid.Fields) {
	if s.image == nil {
		wrong.Add("image", nil, "an image by digest, such as image.Reference")
	}
	if slices.Contains(s.connections, nil) {
		wrong.Add("connections", nil, "what a service can be connected to, such as a database")
	}
	wrong.Check("cpu", s.cpu, limits.FargateCPU(s.cpu))
	wrong.Check("memory", s.memory, limits.FargateSize(s.cpu, s.memory))
	wrong.Check("architecture", s.architecture, limits.CPUArchitecture(s.architecture))
	wrong.Check("stopTimeout", s.stopTimeout, limits.StopTimeout(s.stopTimeout))
	wrong.Check("logRetentionDays", s.logRetentionDays, limits.LogRetention(s.logRetentionDays))
	s.checkVariables(wrong)
	if s.user != "" {
		wrong.Check("user", s.user, limits.TaskUser(s.user))
	}
	checkTags(s.tags, limits.MaxTags, wrong)
	if s.executeCommand && s.readonly {
		wrong.Conflict("readonlyRootFilesystem, enableExecuteCommand", "exclude each other, as the agent of ECS Exec writes to the root file system; set one of them to false")
	}
}

func (s taskSettings) checkVariables(wrong *invalid.Fields) {
	for _, name := range sortedKeys(s.environment) {
		wrong.Check("environment", name, limits.EnvironmentName(name))
		if s.environment[name] == nil {
			wrong.Add("environment."+name, nil, "a value")
		}
		if _, twice := s.secrets[name]; twice {
			wrong.Conflict("environment."+name+", secrets."+name, "the same variable twice; remove one")
		}
	}
	for _, name := range sortedKeys(s.secrets) {
		wrong.Check("secrets", name, limits.EnvironmentName(name))
		if s.secrets[name].Arn == nil {
			wrong.Add("secrets."+name+".arn", nil, "the ARN of a secret or a parameter")
		}
	}
}

func (t *fargateTask) createLogGroup(ctx *pulumi.Context, name string, s taskSettings) (err error) {
	t.LogGroup, err = cloudwatch.NewLogGroup(ctx, name+"-logs", &cloudwatch.LogGroupArgs{
		RetentionInDays: pulumi.Int(s.logRetentionDays),
		Tags:            pulumi.ToStringMap(s.tags),
	}, pulumi.Parent(s.component))
	return err
}

func (t *fargateTask) createTaskDefinition(ctx *pulumi.Context, name string, s taskSettings) (err error) {
	containers := pulumi.All(s.image, t.LogGroup.Name, t.region, pulumi.StringMap(t.environment), valuesFrom(t.secrets)).
		ApplyT(func(of []any) (string, error) {
			return containerDefinitions(containerSettings{
				name:           s.container,
				image:          of[0].(string),
				command:        s.command,
				releaseCommand: s.releaseCommand,
				user:           s.user,
				port:           s.port,
				stopTimeout:    s.stopTimeout,
				environment:    of[3].(map[string]string),
				secrets:        of[4].(map[string]string),
				readonly:       s.readonly,
				init:           s.executeCommand,
				logGroup:       of[1].(string),
				region:         of[2].(string),
			})
		}).(pulumi.StringOutput)

	definition := &ecs.TaskDefinitionArgs{
		// AWS numbers the revisions of a family, and Pulumi has no auto-naming for it.
		Family:                  pulumi.String(taskFamily(ctx.Project(), ctx.Stack(), name)),
		RequiresCompatibilities: pulumi.ToStringArray([]string{"FARGATE"}),
		NetworkMode:             pulumi.String("awsvpc"),
		Cpu:                     pulumi.String(strconv.Itoa(s.cpu)),
		Memory:                  pulumi.String(strconv.Itoa(s.memory)),
		RuntimePlatform: &ecs.TaskDefinitionRuntimePlatformArgs{
			CpuArchitecture:       pulumi.String(s.architecture),
			OperatingSystemFamily: pulumi.String("LINUX"),
		},
		ExecutionRoleArn:     t.ExecutionRole.Arn,
		TaskRoleArn:          t.TaskRole.Arn,
		ContainerDefinitions: containers,
		SkipDestroy:          pulumi.Bool(s.keepRevisions),
		Tags:                 pulumi.ToStringMap(s.tags),
	}
	if s.readonly {
		definition.Volumes = ecs.TaskDefinitionVolumeArray{&ecs.TaskDefinitionVolumeArgs{Name: pulumi.String(scratchVolume)}}
	}
	t.TaskDefinition, err = ecs.NewTaskDefinition(ctx, name+"-task", definition, pulumi.Parent(s.component))
	return err
}

// taskFamily keeps apart what many stacks in one account call the same. ECS takes letters, digits, hyphens and underscores,
// 255 of them; project names have dots too.
func taskFamily(project, stack, name string) string {
	family := strings.ReplaceAll(fmt.Sprintf("%s-%s-%s", project, stack, name), ".", "-")
	return family[max(0, len(family)-255):]
}

// checkedCluster is an ARN that was given, once it is known to be one of a cluster.
func checkedCluster(clusterArn string) (string, error) {
	_, err := clusterName(clusterArn)
	return clusterArn, err
}

// clusterName is the last part of arn:aws:ecs:<region>:<account>:cluster/<name>.
func clusterName(clusterArn string) (string, error) {
	parsed, err := parseArn(clusterArn)
	name, found := strings.CutPrefix(parsed.resource, "cluster/")
	if err != nil || !found || name == "" {
		return "", fmt.Errorf("clusterArn: got %q, takes the ARN of an ECS cluster, such as cluster.Arn", clusterArn)
	}
	return name, nil
}
