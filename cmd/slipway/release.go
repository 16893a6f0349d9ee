package main

import (
	"io"

	"github.com/spf13/cobra"

	"slipway/internal/release"
)

// releasesIn opens the releases of the project that dir is in, at one place.
type releasesIn func(cmd *cobra.Command, dir string) (*release.Releases, error)

// releaseCommand is the same for both places.
func releaseCommand(place string, open releasesIn) *cobra.Command {
	var dir string
	command := &cobra.Command{
		Use:   "release",
		Short: "List the images that a stack can run on " + place + ", go back to one",
		Long: `List the images that are in the repository of a stack on ` + place + `, and go back to one of them without building.
docs/releases.md says more.`,
		Args: groupArgs,
		RunE: showHelp,
	}
	command.PersistentFlags().StringVarP(&dir, "cwd", "C", ".", "the project's directory, or one below it")
	releases := func(cmd *cobra.Command) (*release.Releases, error) { return open(cmd, dir) }
	command.AddCommand(releaseListCommand(releases), releaseRollbackCommand(releases))
	return command
}

func releaseListCommand(open func(*cobra.Command) (*release.Releases, error)) *cobra.Command {
	var asJSON bool
	list := &cobra.Command{
		Use:   "list STACK",
		Short: "List the images that a stack can run, and which one runs",
		Long: `List the images that are in the repository of what the stack runs, the last one first, with their tags and digests. The
one that runs, by the stack's output image, has a *.`,
		Example: "  slipway release list prod\n  slipway release list prod --json",
		Args:    takes(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			releases, err := open(cmd)
			if err != nil {
				return err
			}
			images, err := releases.List(cmd.Context(), args[0])
			switch {
			case err != nil:
				return err
			case asJSON:
				return release.WriteJSON(cmd.OutOrStdout(), images)
			case len(images) == 0:
				_, err := io.WriteString(cmd.ErrOrStderr(), "slipway: the repository has no image\n")
				return err
			}
			return release.Write(cmd.OutOrStdout(), images)
		},
	}
	list.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return list
}

func releaseRollbackCommand(open func(*cobra.Command) (*release.Releases, error)) *cobra.Command {
	var to string
	var yes bool
	rollback := &cobra.Command{
		Use:   "rollback STACK [--to TAG|DIGEST]",
		Short: "Deploy an earlier image that is still in the repository",
		Long: `Deploy an image that is in the repository, the one before the one that runs unless --to names another, without building:
the configuration gets it as image, and pulumi up deploys the stack. When that fails or is declined, the configuration is
as it was. Migrations are not undone.`,
		Example: "  slipway release rollback prod\n  slipway release rollback prod --to 0a1b2c3d4e5f6071 --yes",
		Args:    takes(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			releases, err := open(cmd)
			if err != nil {
				return err
			}
			if releases.Yes, err = approved(cmd, yes); err != nil {
				return err
			}
			return releases.Rollback(cmd.Context(), args[0], to)
		},
	}
	rollback.Flags().StringVar(&to, "to", "", "a tag, or a digest such as sha256:0a1b... (default the image before the one that runs)")
	rollback.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return rollback
}

func releasesOnAWS(cmd *cobra.Command, dir string) (*release.Releases, error) {
	projectDir, name, err := project(dir)
	if err != nil {
		return nil, err
	}
	return &release.Releases{
		Place:   onAWS(cmd, projectDir),
		Images:  &release.ECR{},
		Project: name,
		Stderr:  cmd.ErrOrStderr(),
	}, nil
}

func releasesOnEmbeddedAWS(cmd *cobra.Command, dir string) (*release.Releases, error) {
	projectDir, name, err := project(dir)
	if err != nil {
		return nil, err
	}
	place := onEmbeddedAWS(cmd, projectDir)
	return &release.Releases{Place: place, Images: &release.Embedded{Account: place.Account}, Project: name, Stderr: cmd.ErrOrStderr()}, nil
}
