package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"slipway/internal/localrun"
	"slipway/internal/operate"
	"slipway/internal/operate/shell"
)

func execCommand() *cobra.Command {
	var dir string
	var session shell.Shell
	command := &cobra.Command{
		Use:   "exec STACK [SERVICE] [-- COMMAND...]",
		Short: "Open a shell in a running task on AWS",
		Long: `Open a shell, or run another command, in a running task of a service, web unless one is named: the task that was started
last, unless --task names one. It goes through ECS Exec, which has to be allowed (webEnableExecuteCommand) and needs the
session-manager-plugin of AWS on this machine. The exit code is the plugin's, as ECS does not tell the command's.

slipway run gives a command a task of its own and needs neither.`,
		Example: `  slipway exec staging
  slipway exec staging workers -- python3 manage.py shell`,
		Args: func(cmd *cobra.Command, args []string) error {
			before, command := afterDash(cmd, args)
			if len(before) < 1 || len(before) > 2 {
				return wrongArguments(cmd, "got %d arguments before --, takes the stack and perhaps a service", len(before))
			}
			if session.Service = "web"; len(before) == 2 {
				session.Service = before[1]
			}
			session.Command = command
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if session.Stack, err = operated(cmd, dir, args[0]); err != nil {
				return err
			}
			plugin, task, err := session.Open(cmd.Context())
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintf(cmd.ErrOrStderr(), "slipway: in %s of %s, task %s\n", session.Service, args[0], operate.ShortID(task)); err != nil {
				return err
			}
			plugin.Stdin, plugin.Stdout, plugin.Stderr = cmd.InOrStdin(), cmd.OutOrStdout(), io.Writer(cmd.ErrOrStderr())
			return localrun.RunInForeground(cmd.Context(), plugin)
		},
	}
	addOperatedFlags(command, &dir)
	command.SetFlagErrorFunc(hintAtDash)
	command.Flags().StringVar(&session.Task, "task", "", "the beginning of a task's id (default the task that was started last)")
	return command
}
