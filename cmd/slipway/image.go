package main

import (
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"slipway/internal/buildcontext"
	"slipway/internal/localrun"
	"slipway/internal/registry"
)

func imageCommand() *cobra.Command {
	image := &cobra.Command{
		Use:   "image",
		Short: "Look images up in their registry, for builds that need not be repeated",
		Long: `Look images up in their registry and name them there, without a Docker daemon, with the credentials that docker login
has left. delivery/build uses it, so that the same source is built once.`,
		Args: groupArgs,
		RunE: showHelp,
	}
	image.AddCommand(imageSourceCommand(), imageDigestCommand(), imageTagCommand(), imageLatestCommand())
	return image
}

func imageSourceCommand() *cobra.Command {
	var source buildcontext.Source
	var buildArgs []string
	command := &cobra.Command{
		Use:   "source CONTEXT",
		Short: "Print the tag that follows from an image's source",
		Long: `Print the tag that follows from all that reaches a build: the files of the context without what .dockerignore names, the
Dockerfile, and these options. The same source has the same tag on any machine, the one that pulumi up gives it, too.`,
		Example: `  slipway image source docker/app --target prod --platform linux/arm64`,
		Args:    takes(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			source.Context, source.BuildArgs = args[0], map[string]string{}
			for _, arg := range buildArgs {
				name, value, ok := strings.Cut(arg, "=")
				if !ok {
					return &localrun.UsageError{Err: fmt.Errorf("%s: --build-arg %s: it takes NAME=VALUE", cmd.CommandPath(), arg)}
				}
				source.BuildArgs[name] = value
			}
			if source.Dockerfile == "" {
				source.Dockerfile = filepath.Join(source.Context, "Dockerfile")
			}
			tag, err := source.Tag()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), tag)
			return err
		},
	}
	flags := command.Flags()
	flags.StringVar(&source.Dockerfile, "dockerfile", "", "its path (default Dockerfile in the context)")
	flags.StringVar(&source.Target, "target", "", "the stage (default the last one)")
	flags.StringVar(&source.Platform, "platform", "linux/arm64", "linux/arm64 or linux/amd64")
	flags.StringVar(&source.Revision, "revision", "", "any text; another one is another build of the same source")
	flags.StringArrayVar(&buildArgs, "build-arg", nil, "NAME=VALUE of an ARG of the Dockerfile; can be given several times")
	return command
}

func imageDigestCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "digest REPOSITORY:TAG",
		Short:   "Print an image by its digest, or nothing when there is no such tag",
		Example: `  slipway image digest 123456789012.dkr.ecr.us-east-1.amazonaws.com/app:0a1b2c3d4e5f6071`,
		Args:    takes(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return writeFound(cmd.OutOrStdout())(registry.Digest(cmd.Context(), args[0]))
		},
	}
}

func imageTagCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "tag IMAGE TAG",
		Short: "Give an image one more tag, and print by its digest what the tag names",
		Long: `Give an image, REPOSITORY:TAG or REPOSITORY@DIGEST, one more tag in its repository, and print by its digest what the tag
names then. A tag that is there already is not moved.`,
		Example: `  slipway image tag localhost:5000/app:0a1b2c3d4e5f6071 1.0`,
		Args:    takes(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return writeFound(cmd.OutOrStdout())(registry.Tag(cmd.Context(), args[0], args[1]))
		},
	}
}

func imageLatestCommand() *cobra.Command {
	var pattern string
	command := &cobra.Command{
		Use:   "latest REPOSITORY",
		Short: "Print the tag of the image that was built last, or nothing when there is none",
		Args:  takes(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			tags, err := regexp.Compile(pattern)
			if err != nil {
				return &localrun.UsageError{Err: fmt.Errorf("%s: --tags: %w", cmd.CommandPath(), err)}
			}
			return writeFound(cmd.OutOrStdout())(registry.Latest(cmd.Context(), args[0], tags.MatchString))
		},
	}
	command.Flags().StringVar(&pattern, "tags", "", "only tags that this regular expression matches")
	return command
}

// writeFound writes what a lookup has found.
func writeFound(w io.Writer) func(found string, err error) error {
	return func(found string, err error) error {
		if err != nil || found == "" {
			return err
		}
		_, err = fmt.Fprintln(w, found)
		return err
	}
}
