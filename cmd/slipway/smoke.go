package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"slipway/internal/awsaccess"
	"slipway/internal/localrun"
	"slipway/internal/smoke"
	"slipway/internal/stackfile"
	"slipway/internal/stacks"
)

func smokeCommand() *cobra.Command {
	var dir string
	test := smoke.Test{Pause: 2 * time.Second}
	command := &cobra.Command{
		Use:   "smoke STACK",
		Short: "Test that a deployed stack works: its web address answers, a worker takes a message",
		Long: `Test that a deployed stack works. Its web address has to answer on the path of the health check with 200, through the
proxies of the environment. Then a Celery message is sent to its queue, for a task that does nothing, and has to be gone
from it: workers delete a message when its task has succeeded. A stack without workers is tested for the former alone.

The queue is reached with the AWS credentials of the environment, and the role in STACK_ROLE_ARN or else the one that the
stack's configuration names (aws:assumeRole); it takes sqs:SendMessage and sqs:GetQueueAttributes. Messages of others in the
queue have to be done, too.`,
		Example: "  slipway smoke staging\n  slipway smoke staging --task my_application.tasks.nothing --worker-timeout 10m",
		Args:    takes(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			projectDir, name, err := project(dir)
			if err != nil {
				return err
			}
			stack, access, err := deployed(cmd, projectDir, name, args[0])
			if err != nil {
				return err
			}
			if stack.QueueUrl != "" {
				if test.Queue, err = smoke.NewSQS(cmd.Context(), stack.QueueUrl, access); err != nil {
					return err
				}
			}
			test.Log = cmd.ErrOrStderr()
			if err := test.Run(cmd.Context(), stack); err != nil {
				return fmt.Errorf("%s does not work\n%w", args[0], err)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s works\n", args[0])
			return err
		},
	}
	flags := command.Flags()
	flags.StringVarP(&dir, "cwd", "C", ".", "the project's directory, or one below it")
	flags.StringVar(&test.Task, "task", "smoke_test", "the Celery task, without arguments, that is sent")
	flags.DurationVar(&test.WebTimeout, "web-timeout", 2*time.Minute, "how long the web address may take")
	flags.DurationVar(&test.WorkerTimeout, "worker-timeout", 15*time.Minute, "how long the message may take; workers that scale from none take some minutes")
	flags.DurationVar(&test.Settle, "settle", time.Minute, "how long a queue that was never seen with the message is distrusted, as SQS counts late")
	return command
}

// deployed reads what a stack has, and how it is reached, from its outputs and its configuration.
func deployed(cmd *cobra.Command, projectDir, project, name string) (stack smoke.Stack, access awsaccess.Access, err error) {
	place := &stacks.AWS{ProjectDir: projectDir}
	out, err := place.Output(cmd.Context(), cmd.ErrOrStderr(), "stack", "output", "--json", "-s", name)
	if err != nil {
		return stack, access, fmt.Errorf("the outputs of %s: %w", name, err)
	}
	var outputs struct{ WebUrl, LoadBalancer, QueueUrl string }
	if err := json.NewDecoder(bytes.NewReader(out)).Decode(&outputs); err != nil {
		return stack, access, fmt.Errorf("the outputs of %s: %w", name, err)
	}
	if outputs.WebUrl == "" {
		return stack, access, fmt.Errorf("the stack %s has no output webUrl: deploy it first with pulumi up -s %[1]s", name)
	}
	values, err := localrun.ConfigValues(projectDir, name)
	if err != nil {
		return stack, access, err
	}
	return smoke.Stack{
		WebUrl: outputs.WebUrl, LoadBalancer: outputs.LoadBalancer, QueueUrl: outputs.QueueUrl,
		HealthPath: cmp.Or(stackfile.Text(values, project+":webHealthCheckPath"), "/status/"),
	}, awsaccess.OfConfiguration(values), nil
}
