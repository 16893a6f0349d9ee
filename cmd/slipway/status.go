package main

import (
	"bytes"
	"context"
	"io"
	"time"

	"github.com/spf13/cobra"

	"slipway/internal/localrun"
	"slipway/internal/operate"
	"slipway/internal/operate/status"
)

// between is how long --watch waits.
const between = 5 * time.Second

func statusCommand() *cobra.Command {
	var dir string
	var watch, asJSON bool
	command := &cobra.Command{
		Use:   "status STACK",
		Short: "Show whether a stack on AWS works, on one screen",
		Long: `Show how a stack is: its services with their tasks, the last deployment, and which image runs since when; which tasks the
load balancer finds healthy; what waits in the queues, since when, and what failed for good; the database with the
capacity in use; the alarms. What is wrong is said at the end, and the exit code is 1 then.

--watch shows it anew every five seconds until Ctrl-C. docs/operating.md says what counts as wrong.`,
		Example: "  slipway status staging\n  slipway status prod --watch\n  slipway status prod --json",
		Args:    takes(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			stack, err := operated(cmd, dir, args[0])
			if err != nil {
				return err
			}
			out := screen{Writer: cmd.OutOrStdout(), json: asJSON, watch: watch}
			for {
				report, err := out.show(cmd.Context(), stack)
				switch {
				case err != nil:
					return err
				case !watch && len(report.Problems) > 0:
					return &localrun.ExitError{Code: 1}
				case !watch:
					return nil
				}
				select {
				case <-cmd.Context().Done():
					return nil
				case <-time.After(between):
				}
			}
		},
	}
	addOperatedFlags(command, &dir)
	command.Flags().BoolVar(&watch, "watch", false, "show it anew every five seconds, until Ctrl-C")
	command.Flags().BoolVar(&asJSON, "json", false, "as JSON; with --watch one object a line")
	return command
}

// screen is where reports are shown.
type screen struct {
	io.Writer
	json, watch bool
}

// show shows how the stack is now. On a terminal that is watched, a report takes the place of the one before.
func (s screen) show(ctx context.Context, stack *operate.Deployed) (*status.Report, error) {
	report, err := status.Gather(ctx, stack, time.Now())
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	switch {
	case s.json:
		err = report.WriteJSON(&text, s.watch)
	case s.watch && isTerminal(s.Writer):
		text.WriteString("\x1b[H\x1b[2J")
		err = report.Write(&text, coloured(s.Writer))
	default:
		err = report.Write(&text, coloured(s.Writer))
	}
	if err != nil {
		return nil, err
	}
	_, err = text.WriteTo(s.Writer)
	return report, err
}
