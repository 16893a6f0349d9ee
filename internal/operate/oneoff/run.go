package oneoff

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"slipway/internal/awsaccess"
	"slipway/internal/operate"
)

// Runner runs one-off tasks of a stack.
type Runner struct {
	Stack *operate.Deployed
	// Stdout gets what the command logs, Stderr what is said about it and what other containers of the task log.
	Stdout, Stderr io.Writer
	// Terminal says that Stdout is one: no message may move its cursor.
	Terminal bool
	// Pause is between two looks at the task.
	Pause time.Duration
	// Interrupted is closed when the user wants the task to stop. The context ends when they do not want to wait for that.
	Interrupted <-chan struct{}
}

// ErrLeft is the end of a Runner that the user has left before the task's.
var ErrLeft = errors.New("left")

// Interrupted is the exit code of a command that the user has stopped, as shells have it for Ctrl-C.
const Interrupted = 130

// Start starts a task of a service and returns its id.
func (r *Runner) Start(ctx context.Context, named string, request Request) (id string, err error) {
	service, err := r.Stack.Running(ctx, named)
	if err != nil {
		return "", err
	}
	input, err := request.input(service)
	if err != nil {
		return "", err
	}
	select {
	case <-r.Interrupted:
		return "", ErrLeft
	default:
	}
	// Who asks ECS to start something has to hear what it has started.
	answer, err := service.ECS.RunTask(context.WithoutCancel(ctx), input)
	if err != nil {
		return "", refused(err)
	}
	if len(answer.Tasks) == 0 {
		return "", errors.New("the task was not started: " + notPlaced(answer.Failures))
	}
	id = path.Base(aws.ToString(answer.Tasks[0].TaskArn))
	application, err := service.Application()
	if err != nil {
		return "", err
	}
	cpu, memory := aws.ToString(service.Definition.Cpu), aws.ToString(service.Definition.Memory)
	if input.Overrides.Cpu != nil {
		cpu, memory = *input.Overrides.Cpu, *input.Overrides.Memory
	}
	r.say("task %s: %s of %s as %s, %s, %s CPU units, %s MiB", id, service.Name, r.Stack.Name,
		operate.Revision(aws.ToString(service.Definition.TaskDefinitionArn)), image(application), cpu, memory)
	if aws.ToString(service.Deployment.Status) != "PRIMARY" {
		r.say("a deployment is on its way; the task is like those that serve until it is done")
	}
	return id, nil
}

// refused is about a call that ECS did not take. Its text about missing capacity is an error here, and no failure.
func refused(err error) error {
	explained := awsaccess.Explain(err)
	if text := explained.Error(); inWords(text) != text {
		return errors.New("the task was not started: " + inWords(text))
	}
	return explained
}

// Attach shows what a task logs, from its beginning, until it has ended, and returns the exit code of its command. Whether an
// interrupted user wants the task to stop, stops says.
func (r *Runner) Attach(ctx context.Context, id string, stops bool) (code int, err error) {
	tries := 1
	if stops { // it was just started
		tries = patience
	}
	watch, err := r.watch(ctx, id, tries)
	if err != nil {
		return 1, err
	}
	interrupted, stopping := r.Interrupted, false
	for {
		task, err := watch.look(ctx)
		if ctx.Err() != nil {
			return r.leave(id, stopping)
		}
		if err != nil {
			return 1, fmt.Errorf("%w; the task runs on: slipway run %s --attach %s", err, r.Stack.Name, id)
		}
		if watch.ended(task) {
			if err := watch.drain(ctx, r.Pause); err != nil && ctx.Err() == nil {
				return 1, err
			}
			return r.result(task, watch.application, stopping)
		}
		select {
		case <-interrupted:
			interrupted = nil // once
			if !stops {
				return r.leave(id, false)
			}
			stopping = true
			r.say("the task is told to stop (SIGTERM, and SIGKILL %d s later); Ctrl-C again leaves it to that", watch.stopTimeout)
			// What ended the context of the process must not end this call.
			if err := watch.stop(context.WithoutCancel(ctx)); err != nil {
				return 1, fmt.Errorf("%w; the task runs on: slipway run %s --stop %s", err, r.Stack.Name, id)
			}
		case <-ctx.Done():
		case <-time.After(r.Pause):
		}
	}
}

// leave ends without the task.
func (r *Runner) leave(id string, stopping bool) (int, error) {
	if stopping {
		r.say("not waiting for task %s, which is being stopped", id)
	} else {
		r.say("task %s runs on; slipway run %s --attach %[1]s, or --stop %[1]s", id, r.Stack.Name)
	}
	return Interrupted, ErrLeft
}

// result is the exit code of the application's container, and what is to be said about it.
func (r *Runner) result(task types.Task, application string, stopped bool) (int, error) {
	container, _ := find(task, application)
	took := ""
	if task.StartedAt != nil {
		end := time.Now()
		if task.StoppedAt != nil {
			end = *task.StoppedAt
		}
		took = fmt.Sprintf(" after %s", end.Sub(*task.StartedAt).Round(time.Second))
	}
	switch {
	case stopped:
		r.say("the task has stopped%s", took)
		return Interrupted, ErrLeft
	case container.ExitCode == nil:
		return 1, errors.New("the command did not run: " + neverRan(task, application))
	}
	code := int(*container.ExitCode)
	cut := cutShort(task, application)
	if cut != "" && code == 0 {
		code = 1 // it ended in good order, and not by itself
	}
	switch {
	case cut != "":
		r.say("the command was cut short%s, exit code %d: %s", took, *container.ExitCode, cut)
	case code != 0:
		r.say("the command failed with exit code %d%s", code, took)
	default:
		r.say("done%s", took)
	}
	return code, nil
}

// Stop has ECS stop a task of the stack.
func (r *Runner) Stop(ctx context.Context, id string) error {
	watch, err := r.watch(ctx, id, 1)
	if err != nil {
		return err
	}
	if err := watch.stop(ctx); err != nil {
		return err
	}
	r.say("task %s is told to stop; slipway run %s --attach %[1]s waits for its end", id, r.Stack.Name)
	return nil
}

func (r *Runner) say(format string, args ...any) {
	fmt.Fprintf(r.Stderr, "slipway: "+format+"\n", args...)
}

// logs is the client of the log.
func (r *Runner) logs() *cloudwatchlogs.Client { return cloudwatchlogs.NewFromConfig(r.Stack.AWS) }
