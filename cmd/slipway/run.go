package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"slipway/internal/localrun"
	"slipway/internal/operate/oneoff"
)

func runCommand() *cobra.Command {
	var dir, service, attach, stop string
	var request oneoff.Request
	var detach bool
	command := &cobra.Command{
		Use:   "run STACK [--service SERVICE] -- COMMAND...",
		Short: "Run a command once, in a task of its own on AWS",
		Long: `Run a command once, in a task on Fargate that is like those of a service: the image that runs now by its digest, role,
subnets, security groups, variables and secrets. What it logs is shown while it comes; the exit code is the command's.
Ctrl-C stops the task and waits for its end, which gives the command the time that a service's task gets; a second Ctrl-C
does not wait. The release command runs before it, as in every task.

--detach does not wait. --attach shows a task from its beginning, and leaves it running at Ctrl-C; --stop stops it.`,
		Example: `  slipway run staging -- python3 manage.py showmigrations
  slipway run prod --service workers --cpu 1024 --memory 4096 -- python3 manage.py reindex
  slipway run prod --detach -- python3 manage.py reindex
  slipway run prod --attach 0f1e2d3c4b5a69788796a5b4c3d2e1f0`,
		Args: func(cmd *cobra.Command, args []string) error {
			before, command := afterDash(cmd, args)
			switch {
			case len(before) != 1:
				return wrongArguments(cmd, "got %d arguments before --, takes the stack", len(before))
			case attach != "" && stop != "", (attach != "" || stop != "") && (len(command) > 0 || detach):
				return wrongArguments(cmd, "--attach and --stop are about a task that is there: give one of them, and no command")
			case attach == "" && stop == "" && len(command) == 0:
				return wrongArguments(cmd, "what is to run comes after --")
			}
			request.Command = command
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			stack, err := operated(cmd, dir, args[0])
			if err != nil {
				return err
			}
			first, patience, release := interrupts(cmd.Context())
			defer release()
			runner := &oneoff.Runner{
				Stack: stack, Stdout: cmd.OutOrStdout(), Stderr: cmd.ErrOrStderr(), Terminal: isTerminal(cmd.OutOrStdout()),
				Pause: pause, Interrupted: first,
			}
			switch {
			case stop != "":
				return runner.Stop(patience, stop)
			case attach != "":
				return exitWith(runner.Attach(patience, attach, false))
			case detach:
				return startDetached(patience, cmd, runner, service, request)
			}
			task, err := runner.Start(patience, service, request)
			if err != nil {
				return exitWith(1, err)
			}
			return exitWith(runner.Attach(patience, task, true))
		},
	}
	addOperatedFlags(command, &dir)
	command.SetFlagErrorFunc(hintAtDash)
	flags := command.Flags()
	flags.StringVar(&service, "service", "web", "the service that the task is like")
	flags.StringArrayVarP(&request.Env, "env", "e", nil, "NAME=VALUE, a variable for the command; again for more, and never a secret: whoever may describe tasks sees it")
	flags.IntVar(&request.CPU, "cpu", 0, "CPU units, 1024 to a vCPU (default the service's)")
	flags.IntVar(&request.Memory, "memory", 0, "MiB, as Fargate pairs them with the CPU (default the service's)")
	flags.BoolVar(&detach, "detach", false, "print the task's id and leave it running")
	flags.StringVar(&attach, "attach", "", "the id of a task to show until its end")
	flags.StringVar(&stop, "stop", "", "the id of a task to stop")
	completeService(command, &dir)
	return command
}

// completeService has shells complete the flag.
func completeService(command *cobra.Command, dir *string) {
	err := command.RegisterFlagCompletionFunc("service", func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) == 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return serviceNames(cmd.Context(), *dir, args[0]), cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil {
		panic(err) // there is the flag
	}
}

func startDetached(ctx context.Context, cmd *cobra.Command, runner *oneoff.Runner, service string, request oneoff.Request) error {
	task, err := runner.Start(ctx, service, request)
	if err != nil {
		return exitWith(1, err)
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "slipway: it runs on; slipway run %s --attach %s shows it, --stop %[2]s stops it\n", runner.Stack.Name, task)
	_, err = fmt.Fprintln(cmd.OutOrStdout(), task)
	return err
}

// exitWith ends with the exit code of something that has said all there is to say.
func exitWith(code int, err error) error {
	switch {
	case errors.Is(err, oneoff.ErrLeft):
		return &localrun.ExitError{Code: oneoff.Interrupted}
	case err != nil:
		return err
	case code != 0:
		return &localrun.ExitError{Code: code}
	}
	return nil
}
