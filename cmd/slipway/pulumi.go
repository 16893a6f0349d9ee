package main

import (
	"github.com/spf13/cobra"

	"slipway/internal/localrun"
)

func pulumiCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "pulumi COMMAND [ARGUMENTS]",
		Short: "Run a Pulumi command against the embedded AWS",
		Long: `Run any Pulumi command against the embedded AWS. All arguments are Pulumi's own: see slipway local pulumi --help.
A stack that has a configuration file is created when it is named for the first time.

--fail and --latency of slipway local have their place before the word pulumi.`,
		Example: `  slipway local pulumi up -s staging
  slipway local pulumi preview -s prod --diff
  slipway local pulumi stack output -s staging --json
  slipway local pulumi stack graph -s staging graph.dot
  slipway local --fail "aws:rds/cluster:Cluster create 1 ThrottlingException" pulumi up -s staging`,
		DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			args, err := takeEmbeddedFlags(cmd, args)
			if err != nil {
				return err
			}
			return newSession(cmd).Run(cmd.Context(), args...)
		},
	}
}

func newSession(cmd *cobra.Command) *localrun.Session {
	return &localrun.Session{
		Attach: attach(cmd),
		Stdin:  cmd.InOrStdin(),
		Stdout: cmd.OutOrStdout(),
		Stderr: cmd.ErrOrStderr(),
	}
}
