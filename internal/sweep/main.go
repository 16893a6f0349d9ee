// Command sweep fails each create, update and delete of the deployments of staging, production and a shared test environment
// in every way, and looks whether they recover. docs/embedded-aws.md says what the figures mean.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"slipway/internal/localrun"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := rootCommand().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "sweep: "+err.Error())
	}
	os.Exit(exitCode(err))
}

func exitCode(err error) int {
	var usage *localrun.UsageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage):
		return 2
	}
	return 1
}

func rootCommand() *cobra.Command {
	var asJSON bool
	var only []string
	var run string
	options := options{}
	root := &cobra.Command{
		Use:   "sweep",
		Short: "Fail every call of a deployment once, and look whether it recovers",
		Long: `Fail every create, update and delete of the deployments of staging, production and a shared test environment, each in runs of its own:
refused (throttled, access denied and internal error, one after the other), timed out after it took effect, and not ready within the provider's
wait. Each time the command has to fail and to name the resource. Then the same command again has to converge, with an empty preview and
nothing unowned, and destroy has to leave nothing.

All of it takes about an hour on two cores; --sample takes that many of the runs, always the same ones. What is deployed
is kept in a temporary directory and is gone at the end. The report goes to stdout, progress to stderr.

Exit codes: 0 when all converged, 1 when a run did not or the sweep failed, 2 for wrong arguments.`,
		Example: `  go run ./internal/sweep
  go run ./internal/sweep --only shared --sample 50
  go run ./internal/sweep --only prod --run 'create: create aws:rds/.*: timed out'
  go run ./internal/sweep --json > sweep.json`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return &localrun.UsageError{Err: fmt.Errorf("got %q, takes flags only; --only %s sweeps just that", strings.Join(args, " "), args[0])}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if options.environments, err = parseEnvironments(only); err != nil {
				return &localrun.UsageError{Err: err}
			}
			if options.sample < 0 || options.jobs < 1 {
				return &localrun.UsageError{Err: fmt.Errorf("--sample: got %d, takes 1 or more, or 0 for all; --jobs: got %d, takes 1 or more", options.sample, options.jobs)}
			}
			if options.run, err = regexp.Compile(run); err != nil {
				return &localrun.UsageError{Err: fmt.Errorf("--run: %w", err)}
			}
			options.log = cmd.ErrOrStderr()
			found, err := sweep(cmd.Context(), options)
			write := found.writeTable
			if asJSON {
				write = found.writeJSON
			}
			// Also when it was interrupted: what was found until then is true.
			return errors.Join(err, write(cmd.OutOrStdout()), found.verdict())
		},
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &localrun.UsageError{Err: err} })
	root.Flags().StringSliceVar(&only, "only", []string{"staging", "prod", "shared"}, "which environments")
	root.Flags().StringVar(&run, "run", "", "only the runs that this regular expression matches, by the names that the report gives them")
	root.Flags().IntVar(&options.sample, "sample", 0, "how many runs; 0 is all")
	root.Flags().IntVar(&options.jobs, "jobs", runtime.NumCPU()+1, "how many runs at a time")
	root.Flags().BoolVar(&asJSON, "json", false, "print JSON instead of the table")
	root.CompletionOptions.DisableDefaultCmd = true
	return root
}
