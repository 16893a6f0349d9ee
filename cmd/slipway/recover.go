package main

import (
	"github.com/spf13/cobra"

	"slipway/internal/stacks"
)

const recoverLong = `Recover a stack whose update or destroy died: killed, or its machine gone.

It releases the lock that the run has left, reads what exists into the state, and brings what was made and not noted down
under Pulumi's care. It changes nothing that the state knows. Afterwards pulumi preview shows what the run that died had
not come to: pulumi up does it, pulumi destroy takes all away. A run that lives is left alone, and the command refused.
docs/recovery.md says more.`

func recoverCommand() *cobra.Command {
	var dir string
	var known stacks.Known
	command := &cobra.Command{
		Use:   "recover STACK",
		Short: "Recover a stack on AWS whose update died",
		Long: recoverLong + `

AWS finishes what it was asked for, also when nobody is left to hear of it. What it has made is found by its tags. Where
nothing is, the command names what was being made, with a command of the AWS CLI that looks for it, and exits with 1.
Give it the IDs of what is there.`,
		Example: `  slipway recover staging
  slipway recover staging --import 'aws:ec2/vpc:Vpc::network=vpc-0a1b2c3d4e5f60718' --forget-rest`,
		Args: takes(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			projectDir, _, err := project(dir)
			if err != nil {
				return err
			}
			return recoverStack(cmd, &stacks.Stacks{Place: onAWS(cmd, projectDir), Tags: &stacks.TaggingAPI{}}, args[0], known)
		},
	}
	recoverFlags(command, &dir)
	command.Flags().StringToStringVar(&known.Made, "import", nil, "TYPE::NAME=ID of what AWS has made for a creation that was cut off; can be repeated")
	command.Flags().BoolVar(&known.RestMissing, "forget-rest", false, "you have looked: AWS has made none of the other creations that were cut off")
	return command
}

func localRecoverCommand() *cobra.Command {
	var dir string
	command := &cobra.Command{
		Use:   "recover STACK",
		Short: "Recover a stack on the embedded AWS whose update died",
		Long: recoverLong + `

What was made and not noted down is imported into the state; what cannot be, because the state has another of it, is
removed. Both are named.`,
		Example: `  slipway local recover staging`,
		Args:    takes(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			projectDir, _, err := project(dir)
			if err != nil {
				return err
			}
			return recoverStack(cmd, &stacks.Stacks{Place: onEmbeddedAWS(cmd, projectDir)}, args[0], stacks.Known{})
		},
	}
	recoverFlags(command, &dir)
	return command
}

func recoverFlags(command *cobra.Command, dir *string) {
	command.Flags().StringVarP(dir, "cwd", "C", ".", "the project's directory, or one below it")
}

func recoverStack(cmd *cobra.Command, at *stacks.Stacks, name string, known stacks.Known) error {
	at.Stderr = cmd.ErrOrStderr()
	return at.Recover(cmd.Context(), name, known)
}
