package main

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/spf13/cobra"

	"slipway/internal/operate/tasklog"
)

func logsCommand() *cobra.Command {
	var dir, since, filter string
	var follow, asJSON bool
	command := &cobra.Command{
		Use:   "logs STACK [SERVICE]",
		Short: "Show what the services of a stack log on AWS",
		Long: `Show what the services of a stack log, or one of them: all tasks in the order of time, one line for each event with its
time (UTC), service and task. --follow goes on, with the tasks that come; what AWS delivers late is shown late then.

--filter takes a filter pattern of CloudWatch Logs: a word, '"some words"', '?ERROR ?WARN' for either of two, or
'{ $.level = "error" }' for logs in JSON.`,
		Example: `  slipway logs staging -f
  slipway logs prod web --since 2h --filter '{ $.level = "error" }'
  slipway logs prod --since 2026-01-31T08:00:00Z --json`,
		Args: takes(cobra.RangeArgs(1, 2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			from, err := moment(since, time.Now())
			if err != nil {
				return wrongArguments(cmd, "--since: got %q, takes %s", since, err)
			}
			stack, err := operated(cmd, dir, args[0])
			if err != nil {
				return err
			}
			names := stack.ServiceNames()
			if len(args) == 2 {
				name, _, err := stack.Find(args[1])
				if err != nil {
					return err
				}
				names = []string{name}
			}
			groups := &tasklog.Groups{Client: cloudwatchlogs.NewFromConfig(stack.AWS), Since: from, Filter: filter}
			printer := &tasklog.Printer{
				Out: cmd.OutOrStdout(), JSON: asJSON, Colour: coloured(cmd.OutOrStdout()), Terminal: isTerminal(cmd.OutOrStdout()),
				Applications: map[string]string{},
			}
			for _, name := range names {
				groups.Groups = append(groups.Groups, tasklog.Group{Service: name, Name: stack.Services[name].LogGroup})
				printer.Applications[name] = stack.Services[name].Container
			}
			if follow {
				return groups.Follow(cmd.Context(), pause, printer.Print)
			}
			lines := 0
			err = groups.Read(cmd.Context(), func(e tasklog.Event) error { lines++; return printer.Print(e) })
			if err == nil && lines == 0 {
				_, err = cmd.ErrOrStderr().Write([]byte("slipway: nothing was logged since " + from.UTC().Format(time.RFC3339) + matching(filter) + "\n"))
			}
			return err
		},
	}
	addOperatedFlags(command, &dir)
	flags := command.Flags()
	flags.BoolVarP(&follow, "follow", "f", false, "go on with what comes, until Ctrl-C")
	flags.StringVar(&since, "since", "1h", "how far back: 30m, 2h, 2d, or a time such as 2006-01-02T15:04:05Z")
	flags.StringVar(&filter, "filter", "", "a filter pattern of CloudWatch Logs")
	flags.BoolVar(&asJSON, "json", false, "an object for each event")
	return command
}

func matching(filter string) string {
	if filter == "" {
		return ""
	}
	return " that matches " + filter
}
