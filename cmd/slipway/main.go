// Command slipway runs Pulumi commands against the embedded AWS, shows what exists in it, and reports on what a stack has
// made.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"slipway/internal/localrun"
)

func main() {
	// Ctrl-C keeps its default meaning: it ends this process, except while pulumi runs, which has the terminal then.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	os.Exit(execute(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// execute runs one command and returns the exit code.
func execute(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := rootCommand()
	root.SetArgs(inOrder(root, args))
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)

	var exit *localrun.ExitError
	var usage *localrun.UsageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.Code // pulumi has said why
	}
	fmt.Fprintln(stderr, "slipway: "+strings.TrimPrefix(err.Error(), "slipway: "))
	if errors.As(err, &usage) {
		return 2
	}
	return 1
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "slipway",
		Short: "Take a Dockerised web application to AWS, and try it on this machine first",
		Long: `slipway runs Pulumi commands against an AWS that is embedded in it, so that a stack can be deployed, changed and
destroyed on this machine. Against AWS itself, use plain pulumi: the program and its configuration are the same. Test
environments come and go by one command each, at both places. Its reports read what pulumi stack export writes, wherever
the stack is. What runs on AWS is looked after with run, exec, logs and status.

Exit codes: 0 for success, 2 for arguments that it does not take, 1 for every other error of its own; a pulumi or a
command that fails gives its own.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          groupArgs,
		RunE:          showHelp,
	}
	root.SetFlagErrorFunc(usageErrorOfFlags)
	root.AddCommand(envCommand("AWS", environmentsOnAWS), runCommand(), execCommand(), logsCommand(), statusCommand(), recoverCommand(), secretsCommand(), bootstrapCommand(), doctorCommand(), localCommand(),
		securityCommand(), costCommand(), planCommand(), imageCommand(), releaseCommand("AWS", releasesOnAWS), smokeCommand(), versionCommand())
	return root
}

func localCommand() *cobra.Command {
	local := &cobra.Command{
		Use:   "local",
		Short: "Work with the embedded AWS",
		Args:  groupArgs,
		RunE:  showHelp,
	}
	addEmbeddedFlags(local)
	local.AddCommand(pulumiCommand(), compareCommand(), envCommand("the embedded AWS", environmentsOnEmbeddedAWS), localRecoverCommand(),
		destroyCommand(), releaseCommand("the embedded AWS", releasesOnEmbeddedAWS), serveCommand(), localRunCommand(), awsCommand())
	return local
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  takes(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), version())
			return err
		},
	}
}

// version is the module's version, or the commit that it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	version := info.Main.Version
	if version == "" || version == "(devel)" {
		version = "development"
	}
	return strings.Join([]string{version, info.GoVersion}, " ")
}

func showHelp(cmd *cobra.Command, _ []string) error { return cmd.Help() }

// groupArgs refuses what is not one of a group's commands.
func groupArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return &localrun.UsageError{Err: fmt.Errorf("%s has no command %q; see %[1]s --help", cmd.CommandPath(), args[0])}
}

// takes makes a wrong number of arguments a usage error.
func takes(args cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, given []string) error {
		if err := args(cmd, given); err != nil {
			return &localrun.UsageError{Err: fmt.Errorf("%s: %w; usage: %s", cmd.CommandPath(), err, cmd.UseLine())}
		}
		return nil
	}
}

func usageErrorOfFlags(cmd *cobra.Command, err error) error {
	return &localrun.UsageError{Err: fmt.Errorf("%s: %w; see %[1]s --help", cmd.CommandPath(), err)}
}
