package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"slipway/internal/localrun"
	"slipway/internal/plan"
)

func planCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "plan",
		Short: "Show a plan to the person who approves it, and check that it still fits",
		Long: `Work with a plan that pulumi preview --save-plan has written: show it to the person who approves it, and check later
that it still fits. delivery/plan and delivery/apply do both.`,
		Args: groupArgs,
		RunE: showHelp,
	}
	command.AddCommand(planSummaryCommand(), planCheckCommand())
	return command
}

func planSummaryCommand() *cobra.Command {
	var preview, out string
	var written plan.Summary
	command := &cobra.Command{
		Use:   "summary STACK --preview FILE [--out DIRECTORY]",
		Short: "Summarise a plan for people and scripts",
		Long: `Summarise what pulumi preview --json has printed: what is replaced or deleted comes first, and what holds data is marked.
Secrets are hidden. With --out, summary.md, summary.html (one page that stands alone) and summary.json are written.`,
		Example: `  pulumi preview -s prod --refresh --save-plan plan/plan.json --json > preview.json
  slipway plan summary prod --preview preview.json --out plan`,
		Args: takes(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			summary, err := readPreview(cmd, args[0], preview)
			if err != nil {
				return err
			}
			summary.Commit, summary.Image, summary.Role = written.Commit, written.Image, written.Role
			if out != "" {
				if err := writeSummary(out, summary); err != nil {
					return err
				}
			}
			return summary.WriteText(cmd.OutOrStdout())
		},
	}
	flags := command.Flags()
	flags.StringVar(&preview, "preview", "-", "the file with the output of pulumi preview --json; - is standard input")
	flags.StringVar(&out, "out", "", "the directory that the summaries are written to; it is made when it is missing")
	flags.StringVar(&written.Commit, "commit", "", "the commit that is deployed")
	flags.StringVar(&written.Image, "image", "", "the image that is deployed")
	flags.StringVar(&written.Role, "role", "", "the role that the plan was made with")
	return command
}

func writeSummary(dir string, summary plan.Summary) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, write := range map[string]func(io.Writer) error{
		"summary.md": summary.WriteMarkdown, "summary.html": summary.WriteHTML, "summary.json": summary.WriteJSON,
	} {
		file, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		if err := errors.Join(write(file), file.Close()); err != nil {
			return fmt.Errorf("%s: %w", file.Name(), err)
		}
	}
	return nil
}

func planCheckCommand() *cobra.Command {
	var preview, image, role string
	command := &cobra.Command{
		Use:   "check STACK DIRECTORY --preview FILE",
		Short: "Check that a preview of now would do what the plan does",
		Long: `Check that a preview of now would do what the plan in DIRECTORY does, before anything is changed: the same resources, the
same values before and after. It fails, and says what differs, when the stack drifted, was deployed meanwhile, or the plan
is for another image.

When it fits, DIRECTORY/apply.json is the plan for pulumi up --plan: the saved one, with the role that the providers take
on to change things (--role) in the place of the one that planned, and without the values that are made up anew in each run.`,
		Example: `  pulumi preview -s prod --refresh --json > preview.json
  slipway plan check prod plan --preview preview.json
  pulumi up -s prod --refresh --plan plan/apply.json --yes --skip-preview`,
		Args: takes(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := args[1]
			file, err := os.Open(filepath.Join(dir, "summary.json"))
			if err != nil {
				return fmt.Errorf("%s: there is no plan in it: %w", cmd.CommandPath(), err)
			}
			defer file.Close()
			approved, err := plan.ReadSummary(file)
			if err != nil {
				return fmt.Errorf("%s: %w", file.Name(), err)
			}
			now, err := readPreview(cmd, args[0], preview)
			if err != nil {
				return err
			}
			now.Image = image
			if err := approved.Check(now); err != nil {
				return err
			}
			saved, err := os.ReadFile(filepath.Join(dir, "plan.json"))
			if err != nil {
				return err
			}
			if saved, err = plan.ToApply(saved, approved.Role, role); err != nil {
				return fmt.Errorf("%s: %w", filepath.Join(dir, "plan.json"), err)
			}
			if err := os.WriteFile(filepath.Join(dir, "apply.json"), saved, 0o600); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.ErrOrStderr(), "slipway: the plan of %s fits: %s\n", approved.Name, approved.Counts)
			return err
		},
	}
	command.Flags().StringVar(&preview, "preview", "-", "the file with the output of pulumi preview --json; - is standard input")
	command.Flags().StringVar(&image, "image", "", "the image that is deployed")
	command.Flags().StringVar(&role, "role", "", "the role that changes things")
	return command
}

func readPreview(cmd *cobra.Command, stack, name string) (plan.Summary, error) {
	in := cmd.InOrStdin()
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return plan.Summary{}, fmt.Errorf("%s: %w", cmd.CommandPath(), err)
		}
		defer file.Close()
		in = file
	} else if isTerminal(in) {
		return plan.Summary{}, &localrun.UsageError{Err: errors.New(cmd.CommandPath() + ": give a preview, as in pulumi preview -s prod --json | " + cmd.CommandPath() + " prod")}
	}
	data, err := io.ReadAll(in)
	if err != nil {
		return plan.Summary{}, err
	}
	summary, err := plan.Read(stack, data)
	if err != nil {
		return plan.Summary{}, fmt.Errorf("%s: %s: %w", cmd.CommandPath(), nameOf(name), err)
	}
	return summary, nil
}
