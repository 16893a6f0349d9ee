package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"slipway/internal/cost"
)

func costCommand() *cobra.Command {
	var flags reportFlags
	command := &cobra.Command{
		Use:   "cost [--state FILE]",
		Short: "Show what a stack costs a month while nobody uses it",
		Long: `Show what a stack costs a month while nobody uses it, component by component, with the sum of each line.
It reads the state that pulumi stack export writes, so that it needs no credentials of AWS. The prices are about those
of us-east-1. A resource without a known price is an error.`,
		Example: `  pulumi stack export -s prod | slipway cost
  slipway local pulumi stack export -s staging | slipway cost --json`,
		Args: takes(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := flags.read(cmd)
			if err != nil {
				return err
			}
			report, err := cost.Of(s)
			if err != nil {
				return fmt.Errorf("%s: %w", cmd.CommandPath(), err)
			}
			return flags.write(cmd.OutOrStdout(), report)
		},
	}
	flags.addTo(command)
	return command
}
