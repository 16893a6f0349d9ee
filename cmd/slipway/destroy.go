package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"slipway/internal/localrun"
)

func destroyCommand() *cobra.Command {
	var stack string
	destroy := &cobra.Command{
		Use:   "destroy -s STACK",
		Short: "Destroy a stack on the embedded AWS, a protected one too",
		Long: `Destroy everything that a stack has made on the embedded AWS, without asking.

What protects production (Pulumi's protect, deletion protection, final snapshots) is lifted first, by the update that
would do so on AWS: pulumi up --config slipway:ephemeral=true. There, that is a decision to take on its own, so
"slipway local pulumi destroy" refuses a protected stack as plain "pulumi destroy" does.`,
		Example: "  slipway local destroy -s prod",
		Args:    takes(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if stack == "" {
				return &localrun.UsageError{Err: errors.New("slipway local destroy: name the stack with -s, as in slipway local destroy -s staging")}
			}
			session := newSession(cmd)
			protected, err := session.Protected(cmd.Context(), stack)
			if err != nil {
				return err
			}
			if protected {
				fmt.Fprintf(cmd.ErrOrStderr(), "slipway: %s is protected; an update with slipway:ephemeral true lifts that first\n", stack)
				if err := session.Run(cmd.Context(), "up", "-s", stack, "--yes", "--skip-preview", "--suppress-outputs", "--config", "slipway:ephemeral=true"); err != nil {
					return err
				}
			}
			return session.Run(cmd.Context(), "destroy", "-s", stack, "--yes")
		},
	}
	destroy.Flags().StringVarP(&stack, "stack", "s", "", "the stack to destroy")
	return destroy
}
