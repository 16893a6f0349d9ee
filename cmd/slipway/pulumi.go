package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"slipway/internal/localaws"
	"slipway/internal/localrun"
)

func pulumiCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "pulumi COMMAND [ARGUMENTS]",
		Short: "Run a Pulumi command against the embedded AWS",
		Long: `Run any Pulumi command against the embedded AWS. All arguments are Pulumi's own: see slipway local pulumi --help.
A stack that has a configuration file is created when it is named for the first time.`,
		Example: `  slipway local pulumi up -s staging
  slipway local pulumi preview -s prod --diff
  slipway local pulumi stack output -s staging --json
  slipway local pulumi stack graph -s staging graph.dot`,
		DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			return newSession(cmd).Run(cmd.Context(), args...)
		},
	}
}

func newSession(cmd *cobra.Command) *localrun.Session {
	return &localrun.Session{
		Attach: attach,
		Stdin:  cmd.InOrStdin(),
		Stdout: cmd.OutOrStdout(),
		Stderr: cmd.ErrOrStderr(),
	}
}

func attach(ctx context.Context, dir, projectDir string) (localrun.Providers, error) {
	server, err := localaws.Serve(ctx, localaws.Options{
		Dir:        dir,
		ProjectDir: projectDir,
		Faults:     os.Getenv(localaws.FaultsVariable),
		Latency:    os.Getenv(localaws.LatencyVariable),
	})
	if err != nil {
		return nil, err
	}
	return server, nil
}
