// Command bench measures Pulumi commands on the embedded AWS, as users run them: previews, deployments and deletions
// of staging, and of many web services in one stack. docs/performance.md says what the figures mean.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"slipway/internal/localrun"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := rootCommand().ExecuteContext(ctx)
	stop()
	os.Exit(exitCode(os.Stderr, err))
}

// exitCode says on stderr what went wrong and returns the exit code: pulumi's for the process that runs pulumi, 2 for wrong arguments, and 1 for every other error.
func exitCode(stderr io.Writer, err error) int {
	var exit *localrun.ExitError
	var usage *localrun.UsageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.Code // pulumi has said why
	}
	fmt.Fprintln(stderr, "bench: "+err.Error())
	if errors.As(err, &usage) {
		return 2
	}
	return 1
}

func rootCommand() *cobra.Command {
	var asJSON bool
	var only []string
	options := options{}
	root := &cobra.Command{
		Use:   "bench",
		Short: "Measure preview, up and destroy of several stacks on the embedded AWS",
		Long: `Measure preview, up, preview and up without changes, and destroy of staging and of stacks with many web services, on the
embedded AWS; and with deploy-time, on one that takes its time as AWS does, the first deployments of staging and of production and a
release, against the least that AWS needs. All of it takes about 18 minutes on two cores, most of that for 100 web services. What is
deployed is kept in a temporary directory and is gone at the end. The tables go to stdout, progress to stderr.`,
		Example: `  go run ./internal/bench
  go run ./internal/bench --only staging --runs 9
  go run ./internal/bench --only deploy-time
  go run ./internal/bench --only 100 --profile /tmp/profiles
  go run ./internal/bench --json > bench.json`,
		Args:          takesNone,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			stacks, err := parseStacks(only)
			if err != nil {
				return &localrun.UsageError{Err: err}
			}
			if options.runs < 0 {
				return &localrun.UsageError{Err: fmt.Errorf("--runs: got %d, takes 1 or more, or 0 for the default", options.runs)}
			}
			if options.faster <= 0 {
				return &localrun.UsageError{Err: fmt.Errorf("--faster: got %v, takes a number above 0: how many times faster than AWS the embedded one is", options.faster)}
			}
			options.log = cmd.ErrOrStderr()
			report, err := run(cmd.Context(), stacks, options)
			if err != nil {
				return err
			}
			if asJSON {
				return report.writeJSON(cmd.OutOrStdout())
			}
			return report.writeTable(cmd.OutOrStdout())
		},
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &localrun.UsageError{Err: err} })
	flags := root.Flags()
	flags.StringSliceVar(&only, "only", []string{"staging", deployTime, "10", "30", "100"}, `what to measure: "staging", "deploy-time", or a number of web services`)
	flags.IntVar(&options.runs, "runs", 0, "how often each command is measured; the median counts (default 5 for staging, 1 for web services)")
	flags.Float64Var(&options.faster, "faster", 4, "for deploy-time: how many times faster than AWS the embedded one is, a fifth of it for releases; what Pulumi takes itself counts as many times")
	flags.StringVar(&options.profileDir, "profile", "", "write CPU profiles of the embedded AWS into this directory, for go tool pprof")
	flags.BoolVar(&asJSON, "json", false, "print JSON, in seconds and bytes, instead of the table")
	root.AddCommand(pulumiCommand())
	root.CompletionOptions.DisableDefaultCmd = true
	return root
}

func takesNone(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return &localrun.UsageError{Err: fmt.Errorf("got %q, takes flags only; --only %s measures just that", strings.Join(args, " "), args[0])}
}
