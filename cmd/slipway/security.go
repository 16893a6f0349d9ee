package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"slipway/internal/controls"
)

func securityCommand() *cobra.Command {
	var flags reportFlags
	var ephemeral bool
	security := &cobra.Command{
		Use:   "security [--state FILE]",
		Short: "Check what a stack has made against security controls",
		Long: `Check what a stack has made against the controls of AWS Foundational Security Best Practices, and some of cdk-nag.
It reads the state that pulumi stack export writes, so that it needs no credentials of AWS.

Exceptions, which are right in every environment, are printed with their reasons. With --ephemeral the deviations of
environments that come and go are accepted too. The exit code is 1 when something else is not met.`,
		Example: `  pulumi stack export -s prod | slipway security
  slipway local pulumi stack export -s staging | slipway security --ephemeral
  slipway security --state prod.json --json`,
		Args: takes(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := flags.read(cmd)
			if err != nil {
				return err
			}
			report := controls.Check(s, ephemeral)
			if err := flags.write(cmd.OutOrStdout(), report); err != nil {
				return err
			}
			if unmet := report.Unmet(); len(unmet) > 0 {
				next := "for what is right as it is, add a reason to internal/controls/exceptions.go"
				if !ephemeral {
					next += "; for an environment that comes and goes, give --ephemeral"
				}
				return fmt.Errorf("%s does not meet %d of %d controls; %s", s.Stack, len(unmet), len(report.Results), next)
			}
			return nil
		},
	}
	flags.addTo(security)
	security.Flags().BoolVar(&ephemeral, "ephemeral", false, "accept the deviations of environments that come and go")
	return security
}
