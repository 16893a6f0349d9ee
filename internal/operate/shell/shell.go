// Package shell opens a shell in a running task, through ECS Exec.
package shell

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"slipway/internal/awsaccess"
	"slipway/internal/operate"
)

// Shell is a command in a running task of a service.
type Shell struct {
	Stack   *operate.Deployed
	Service string
	// Task is the beginning of a task's id. Default: the one that was started last.
	Task string
	// Command with its arguments. Default: /bin/sh.
	Command []string
}

// Open asks ECS for the session, and returns the plugin's command that shows it in the terminal.
func (s *Shell) Open(ctx context.Context) (plugin *exec.Cmd, task string, err error) {
	program, err := findPlugin(ctx)
	if err != nil {
		return nil, "", err
	}
	return s.open(ctx, program)
}

func (s *Shell) open(ctx context.Context, program string) (plugin *exec.Cmd, task string, err error) {
	service, err := s.Stack.Running(ctx, s.Service)
	if err != nil {
		return nil, "", err
	}
	if err := s.allowed(service); err != nil {
		return nil, "", err
	}
	chosen, err := s.choose(ctx, service)
	if err != nil {
		return nil, "", err
	}
	runtimeID, err := ready(chosen, service.Container)
	if err != nil {
		return nil, "", err
	}
	answer, err := service.ECS.ExecuteCommand(ctx, &ecs.ExecuteCommandInput{
		Cluster: &service.ClusterArn, Task: chosen.TaskArn, Container: &service.Container, Interactive: true,
		Command: aws.String(quoted(s.Command)),
	})
	if err != nil {
		return nil, "", explain(err)
	}
	plugin, err = pluginCommand(program, s.Stack.AWS.Region, answer.Session, fmt.Sprintf("ecs:%s_%s_%s", path.Base(service.ClusterArn), path.Base(*chosen.TaskArn), runtimeID))
	return plugin, path.Base(aws.ToString(chosen.TaskArn)), err
}

// allowed tells whether the service is made for this.
func (s *Shell) allowed(service *operate.Running) error {
	application, err := service.Application()
	if err != nil {
		return err
	}
	enable := fmt.Sprintf("pulumi config set webEnableExecuteCommand true -s %s, then pulumi up -s %[1]s; it has the containers' root file system writable and the tasks replaced", s.Stack.Name)
	switch {
	case !service.Is.EnableExecuteCommand:
		return fmt.Errorf("%s of %s does not allow shells in its tasks (ECS Exec); %s. `slipway run %[2]s -- COMMAND` needs none of that: it runs a command in a task of its own", service.Name, s.Stack.Name, enable)
	case aws.ToBool(application.ReadonlyRootFilesystem):
		return fmt.Errorf("the root file system of the container %s is read-only, and the agent of ECS Exec has to write to it; %s", service.Container, enable)
	}
	return nil
}

// choose finds the task.
func (s *Shell) choose(ctx context.Context, service *operate.Running) (types.Task, error) {
	var arns []string
	pages := ecs.NewListTasksPaginator(service.ECS, &ecs.ListTasksInput{Cluster: &service.ClusterArn, ServiceName: &service.Service.Service, DesiredStatus: types.DesiredStatusRunning})
	for pages.HasMorePages() && len(arns) < 100 { // DescribeTasks takes no more
		page, err := pages.NextPage(ctx)
		if err != nil {
			return types.Task{}, awsaccess.Explain(err)
		}
		arns = append(arns, page.TaskArns...)
	}
	if len(arns) == 0 {
		return types.Task{}, fmt.Errorf("%s of %s has no running task now; slipway status %[2]s says more", service.Name, s.Stack.Name)
	}
	answer, err := service.ECS.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &service.ClusterArn, Tasks: arns[:min(len(arns), 100)]})
	if err != nil {
		return types.Task{}, awsaccess.Explain(err)
	}
	return pick(answer.Tasks, s.Task, fmt.Sprintf("%s of %s", service.Name, s.Stack.Name))
}

// pick is the running task whose id begins so, the one that was started last where several do.
func pick(tasks []types.Task, prefix, of string) (types.Task, error) {
	var ids []string
	running := slices.DeleteFunc(slices.Clone(tasks), func(t types.Task) bool { return aws.ToString(t.LastStatus) != "RUNNING" })
	for _, task := range running {
		ids = append(ids, operate.ShortID(aws.ToString(task.TaskArn)))
	}
	if len(running) == 0 {
		return types.Task{}, fmt.Errorf("the tasks of %s are being started; try again in a moment", of)
	}
	running = slices.DeleteFunc(running, func(t types.Task) bool { return !strings.HasPrefix(path.Base(aws.ToString(t.TaskArn)), prefix) })
	if len(running) == 0 {
		return types.Task{}, fmt.Errorf("%s has no running task %s; those that run are %s", of, prefix, strings.Join(ids, ", "))
	}
	return slices.MaxFunc(running, func(a, b types.Task) int {
		return cmp.Or(aws.ToTime(a.StartedAt).Compare(aws.ToTime(b.StartedAt)), cmp.Compare(aws.ToString(a.TaskArn), aws.ToString(b.TaskArn)))
	}), nil
}

// ready is the runtime id of the container, in which the agent of ECS Exec has to run.
func ready(task types.Task, container string) (runtimeID string, err error) {
	for _, c := range task.Containers {
		if aws.ToString(c.Name) != container {
			continue
		}
		agent := "not there: the task was started before the service allowed shells; have the tasks replaced"
		for _, managed := range c.ManagedAgents {
			if managed.Name != types.ManagedAgentNameExecuteCommandAgent {
				continue
			}
			if agent = aws.ToString(managed.LastStatus); agent == "RUNNING" {
				return aws.ToString(c.RuntimeId), nil
			}
			if reason := aws.ToString(managed.Reason); reason != "" {
				agent += ": " + reason
			}
		}
		return "", fmt.Errorf("the agent of ECS Exec in the container %s of task %s is %s; it needs a writable root file system, the task role's ssmmessages permissions and a route to ssmmessages (in isolated subnets the endpoint: endpointServices)", container, operate.ShortID(aws.ToString(task.TaskArn)), agent)
	}
	return "", fmt.Errorf("task %s has no container %s", operate.ShortID(aws.ToString(task.TaskArn)), container)
}

func explain(err error) error {
	var wrong *types.TargetNotConnectedException
	if errors.As(err, &wrong) {
		return errors.New("the agent of ECS Exec in the task has no connection to Systems Manager: the task role lacks ssmmessages permissions, or there is no route (in isolated subnets the endpoint ssmmessages: endpointServices)")
	}
	return awsaccess.Explain(err)
}

// quoted is a command line of a shell with these words.
func quoted(words []string) string {
	if len(words) == 0 {
		return "/bin/sh"
	}
	line := make([]string, 0, len(words))
	for _, word := range words {
		if word == "" || strings.ContainsFunc(word, func(r rune) bool { return !strings.ContainsRune(plain, r) }) {
			word = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
		line = append(line, word)
	}
	return strings.Join(line, " ")
}

const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%"
