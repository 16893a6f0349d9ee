package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"slipway/internal/doctor"
)

func doctorCommand() *cobra.Command {
	var dir string
	var asJSON bool
	command := &cobra.Command{
		Use:   "doctor [STACK]",
		Short: "Look whether everything is there that deploying takes",
		Long: `Look whether everything is there that deploying takes: what is installed, the AWS account and region, the state backend and its lock,
quotas; of a stack also what its configuration names and does not make: the hosted zones of its domains, its image, the connection of
a pipeline to its repository. It changes nothing.

Each line says ok, missing, wrong, or unknown where it could not look, and what to do. The exit code is 1 when something that is
needed is missing or wrong. docs/doctor.md says more.`,
		Example: "  slipway doctor\n  slipway doctor prod\n  slipway doctor prod --json",
		Args:    takes(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			projectDir, name, err := project(dir)
			if err != nil {
				return err
			}
			look := &doctor.Doctor{ProjectDir: projectDir, Project: name}
			if len(args) > 0 {
				look.Stack = args[0]
			}
			report, err := look.Run(cmd.Context())
			if err != nil {
				return err
			}
			if asJSON {
				err = report.WriteJSON(cmd.OutOrStdout())
			} else {
				err = report.Write(cmd.OutOrStdout(), coloured(cmd.OutOrStdout()))
			}
			if n := report.Failing(); n == 1 {
				err = errors.Join(err, errors.New("one thing that is needed is missing or wrong"))
			} else if n > 1 {
				err = errors.Join(err, fmt.Errorf("%d things that are needed are missing or wrong", n))
			}
			return err
		},
	}
	addOperatedFlags(command, &dir)
	command.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return command
}
