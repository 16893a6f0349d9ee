package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"

	"github.com/spf13/cobra"

	"slipway/internal/compare"
	"slipway/internal/compare/report"
	"slipway/internal/localrun"
)

func compareCommand() *cobra.Command {
	var dir, from string
	var asJSON, asMarkdown, failOnDataLoss bool
	options := compare.Options{}
	command := &cobra.Command{
		Use:   "compare",
		Short: "Show what the work tree would change in stacks that are deployed from another commit",
		Long: `Show what a change does to environments that are deployed, without an account and without credentials.

The base is the last commit that HEAD has in common with --base. It is checked out beside the work tree, built, and each
stack is deployed from it onto an embedded AWS of its own. Then the work tree, as it is now, with what is not committed,
is built and previewed on that. What is replaced and deleted comes first; what holds data is marked.

A stack that only the work tree configures is new: all of it is created. One that only the base configures is removed:
taking it down is left to you. Everything is kept in a temporary directory and is gone at the end; .local stays as it is,
and its Pulumi.<stack>.yaml count as in other local runs. Progress goes to stderr, the result to stdout.

The exit code is 0 whether something changes or not, and 1 when the base does not build or deploy, or the work tree is
refused: the result says which.`,
		Example: `  slipway local compare
  slipway local compare --base main -s prod
  slipway local compare --fail-on-data-loss --json > comparison.json
  slipway local compare --from comparison.json --markdown`,
		Args: takes(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON && asMarkdown {
				return &localrun.UsageError{Err: errors.New("slipway local compare: got --json and --markdown, takes one of them")}
			}
			options.Attach, options.Log = attach(cmd), cmd.ErrOrStderr()
			var found report.Report
			var err error
			if from != "" {
				found, err = readReport(from)
			} else {
				found, err = compareHere(cmd.Context(), dir, options)
			}
			if err != nil {
				return err
			}
			switch out := cmd.OutOrStdout(); {
			case asJSON:
				err = found.WriteJSON(out)
			case asMarkdown:
				err = found.WriteMarkdown(out, report.MarkdownLimit)
			default:
				err = found.WriteText(out)
			}
			if failOnDataLoss {
				err = errors.Join(err, found.DataLoss())
			}
			return errors.Join(err, found.Failures())
		},
	}
	flags := command.Flags()
	flags.StringVarP(&dir, "cwd", "C", ".", "the project's directory, or one below it")
	flags.StringVar(&options.Revision, "base", "origin/main", "the branch, tag or commit that the change is for")
	flags.StringArrayVarP(&options.Stacks, "stack", "s", nil, "a stack to compare; can be given several times (default all that have a configuration which git does not ignore)")
	flags.StringVar(&from, "from", "", "show what --json has written into this file, instead of comparing")
	flags.BoolVar(&asJSON, "json", false, "print JSON")
	flags.BoolVar(&asMarkdown, "markdown", false, "print Markdown for a comment on GitHub, 65,536 characters at the most")
	flags.BoolVar(&failOnDataLoss, "fail-on-data-loss", false, "fail when something that holds data would be replaced or deleted")
	return command
}

func compareHere(ctx context.Context, dir string, options compare.Options) (_ report.Report, err error) {
	// Ctrl-C has to leave time to take the base's work tree away.
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	if options.ProjectDir, err = localrun.FindProject(dir); err != nil {
		return report.Report{}, err
	}
	found, err := compare.Run(ctx, options)
	if errors.Is(err, context.Canceled) {
		return report.Report{}, errors.New("interrupted; what was begun is removed")
	}
	return found, err
}

func readReport(path string) (report.Report, error) {
	file, err := os.Open(path)
	if err != nil {
		return report.Report{}, fmt.Errorf("--from: %w", err)
	}
	defer file.Close()
	found, err := report.Read(file)
	if err != nil {
		return report.Report{}, fmt.Errorf("--from %s: %w", path, err)
	}
	return found, nil
}
