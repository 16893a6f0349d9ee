package oneoff

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"slipway/internal/awsaccess"
	"slipway/internal/operate"
	"slipway/internal/operate/tasklog"
)

// watch is a task that is looked at again and again.
type watch struct {
	runner      *Runner
	client      *ecs.Client
	cluster, id string
	application string // name of the container that the command runs in
	stopTimeout int32
	logs        []containerLog
	status      string // the last one that was said
}

type containerLog struct {
	stream *tasklog.Stream
	prefix string
	out    io.Writer
}

// patience is how often a task that was just started is asked for: ECS tells of it a moment later.
const patience = 10

// watch finds a task, and the logs of its containers by its definition.
func (r *Runner) watch(ctx context.Context, id string, tries int) (*watch, error) {
	cluster, err := r.Stack.Cluster()
	if err != nil {
		return nil, err
	}
	w := &watch{runner: r, client: ecs.NewFromConfig(r.Stack.AWS), cluster: cluster, id: id}
	task, err := w.describe(ctx, tries)
	if err != nil {
		return nil, err
	}
	answer, err := w.client.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: task.TaskDefinitionArn})
	if err != nil {
		return nil, awsaccess.Explain(err)
	}
	return w, w.find(task, answer.TaskDefinition)
}

// find tells the application's container, which the command was given to, from the others. By its log it is this stack's: others may
// have their tasks in the same cluster.
func (w *watch) find(task types.Task, definition *types.TaskDefinition) error {
	for _, container := range definition.ContainerDefinitions {
		name := aws.ToString(container.Name)
		log := containerLog{prefix: name + ": ", out: w.runner.Stderr}
		var options map[string]string
		if container.LogConfiguration != nil {
			options = container.LogConfiguration.Options
		}
		for _, service := range w.runner.Stack.Services {
			if service.Container == name && service.LogGroup == options[logGroup] {
				log = containerLog{out: w.runner.Stdout}
				w.application, w.stopTimeout = name, 30 // what ECS takes where the definition does not say
				if container.StopTimeout != nil {
					w.stopTimeout = *container.StopTimeout
				}
			}
		}
		if options[logGroup] == "" {
			continue
		}
		log.stream = &tasklog.Stream{Client: w.runner.logs(), Group: options[logGroup], Name: options["awslogs-stream-prefix"] + "/" + name + "/" + w.id}
		w.logs = append(w.logs, log)
	}
	if w.application == "" {
		return fmt.Errorf("the task %s runs %s, which is none of the services of %s", w.id, operate.Revision(aws.ToString(task.TaskDefinitionArn)), w.runner.Stack.Name)
	}
	return nil
}

// logGroup is the option of the log driver that names the group.
const logGroup = "awslogs-group"

// describe asks for the task, as often as it may take until ECS knows it.
func (w *watch) describe(ctx context.Context, tries int) (types.Task, error) {
	for {
		answer, err := w.client.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &w.cluster, Tasks: []string{w.id}})
		if err != nil {
			return types.Task{}, awsaccess.Explain(err)
		}
		if len(answer.Tasks) > 0 {
			return answer.Tasks[0], nil
		}
		if tries--; tries == 0 {
			return types.Task{}, fmt.Errorf("there is no task %s in the cluster of %s (any more): it takes the whole id, and ECS forgets a task an hour after its end; slipway logs %[2]s shows what it has logged", w.id, w.runner.Stack.Name)
		}
		select {
		case <-ctx.Done():
			return types.Task{}, ctx.Err()
		case <-time.After(w.runner.Pause):
		}
	}
}

// stop has ECS stop the task.
func (w *watch) stop(ctx context.Context) error {
	_, err := w.client.StopTask(ctx, &ecs.StopTaskInput{Cluster: &w.cluster, Task: &w.id, Reason: aws.String("stopped by the user of " + startedBy)})
	return awsaccess.Explain(err)
}

// look shows what is new: the status, and what was logged.
func (w *watch) look(ctx context.Context) (types.Task, error) {
	task, err := w.describe(ctx, 1)
	if err != nil {
		return task, err
	}
	w.tell(aws.ToString(task.LastStatus))
	_, err = w.copyLogs(ctx)
	return task, err
}

// tell says how far the task is. What comes after its end is ECS's own business.
func (w *watch) tell(status string) {
	words := map[string]string{
		"PROVISIONING": "waits for a place on Fargate",
		"PENDING":      "is being started: image, secrets, and what runs before the command",
		"RUNNING":      "runs",
	}[status]
	if status == w.status || words == "" {
		return
	}
	w.status = status
	w.runner.say("the task %s", words)
}

func (w *watch) copyLogs(ctx context.Context) (lines int, err error) {
	for _, log := range w.logs {
		messages, err := log.stream.Next(ctx)
		for _, message := range messages {
			message = strings.TrimRight(message, "\r\n")
			if w.runner.Terminal || log.prefix != "" { // what is said about the command is for people anyway
				message = tasklog.Printable(message)
			}
			if _, err := fmt.Fprintln(log.out, log.prefix+message); err != nil {
				return lines, err
			}
		}
		if lines += len(messages); err != nil {
			return lines, err
		}
	}
	return lines, nil
}

// ended tells whether the command has. ECS takes some more seconds to clear the task away.
func (w *watch) ended(task types.Task) bool {
	container, _ := find(task, w.application)
	return aws.ToString(task.LastStatus) == "STOPPED" || aws.ToString(container.LastStatus) == "STOPPED" && container.ExitCode != nil
}

// drain shows the rest of the log, until twice in a row there was nothing: the last lines come a moment after the end.
func (w *watch) drain(ctx context.Context, pause time.Duration) error {
	for empty := 0; empty < 2; {
		lines, err := w.copyLogs(ctx)
		if err != nil {
			return err
		}
		if empty++; lines > 0 {
			empty = 0
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
	return nil
}
