package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"slipway/internal/awsaccess"
	"slipway/internal/backend"
	"slipway/internal/limits"
	"slipway/internal/localrun"
	"slipway/internal/stackfile"
)

func bootstrapCommand() *cobra.Command {
	var dir, region string
	var asJSON bool
	wish := backend.Wish{}
	command := &cobra.Command{
		Use:   "bootstrap",
		Short: "Make the state backend on AWS: a bucket, a KMS key, the stacks",
		Long: `Make what Pulumi keeps its state in: a bucket in S3, versioned, encrypted, private, reached by TLS only; a KMS key for the
secrets in the state, with an alias; the stacks, with that key. Pulumi is logged in to the bucket, and a delivery pipeline is told
where the state is.

Bucket and alias are called after the git remote origin and the account, always the same. Whatever is there already stays, and what
is missing is added, so that the command can be run again. A state is never overwritten. docs/state.md says more.`,
		Example: "  slipway bootstrap --dry-run\n  slipway bootstrap\n  slipway bootstrap --region eu-central-1 --stacks staging",
		Args:    takes(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			projectDir, project, err := project(dir)
			if err != nil {
				return err
			}
			if err := checkBackend(cmd, wish); err != nil {
				return err
			}
			if wish.Name == "" {
				if wish.Remote, err = gitRemote(cmd.Context(), projectDir); err != nil {
					return err
				}
			}
			if region == "" {
				if region, err = regionOfStacks(projectDir, wish.Stacks); err != nil {
					return err
				}
			}
			cfg, err := awsaccess.Access{Region: region}.Config(cmd.Context(), "slipway-bootstrap")
			if err != nil {
				return err
			}
			if cfg.Region == "" {
				return errors.New("no region is set: give --region, such as us-east-1")
			}
			run := &backend.Bootstrap{AWS: cfg, Pulumi: onAWS(cmd, projectDir), Project: project, Stderr: cmd.ErrOrStderr()}
			report, err := run.Run(cmd.Context(), wish)
			return errors.Join(showBackend(cmd, report, asJSON, err), err)
		},
	}
	flags := command.Flags()
	flags.StringVarP(&dir, "cwd", "C", ".", "the project's directory, or one below it")
	flags.BoolVar(&wish.DryRun, "dry-run", false, "change nothing, and say what would be")
	flags.StringVar(&region, "region", "", "where bucket and key are (default aws:region of the stacks, else the environment's)")
	flags.StringVar(&wish.Name, "name", "", "of the bucket and the alias (default made of the git remote and the account)")
	flags.StringSliceVar(&wish.Stacks, "stacks", []string{"staging", "prod", "pipeline"}, "the stacks to make")
	flags.BoolVar(&asJSON, "json", false, "as JSON")
	return command
}

// checkBackend refuses what AWS or Pulumi would, or what could not be reached by TLS.
func checkBackend(cmd *cobra.Command, wish backend.Wish) error {
	wrong := func(format string, args ...any) error {
		return &localrun.UsageError{Err: fmt.Errorf("%s: "+format, append([]any{cmd.CommandPath()}, args...)...)}
	}
	if cmd.Flags().Changed("name") {
		if err := limits.BucketName(wish.Name); err != nil {
			return wrong("--name %q: it takes %w", wish.Name, err)
		}
		if strings.Contains(wish.Name, ".") {
			return wrong("--name %q: it takes no dots, as the certificate of S3 is for one label", wish.Name)
		}
	}
	for _, stack := range wish.Stacks {
		if err := limits.StackName(stack); err != nil {
			return wrong("--stacks: got %q, takes %w, with commas between several", stack, err)
		}
	}
	return nil
}

// gitRemote is the URL of the remote origin.
func gitRemote(ctx context.Context, dir string) (string, error) {
	const next = "give a name for the backend with --name"
	var said bytes.Buffer
	git := exec.CommandContext(ctx, "git", "-C", dir, "remote", "get-url", "origin")
	git.Stderr = &said
	out, err := git.Output()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", errors.New("there is no git on PATH; install it, or " + next)
	case err != nil:
		return "", fmt.Errorf("the name of the backend is made of the git remote origin (%s): git remote add origin ..., or %s", strings.TrimSpace(said.String()), next)
	}
	return strings.TrimSpace(string(out)), nil
}

// regionOfStacks is where the stacks' configuration has them; "" where none says so.
func regionOfStacks(projectDir string, stacks []string) (string, error) {
	var regions []string
	for _, stack := range stacks {
		values, err := localrun.ConfigValues(projectDir, stack)
		if err != nil {
			return "", err
		}
		if region := stackfile.Text(values, "aws:region"); region != "" && !slices.Contains(regions, region) {
			regions = append(regions, region)
		}
	}
	if len(regions) > 1 {
		return "", fmt.Errorf("the stacks are in %s: say with --region where their state is to be", strings.Join(regions, " and "))
	}
	return cmp.Or(regions...), nil
}

func showBackend(cmd *cobra.Command, report *backend.Report, asJSON bool, failed error) error {
	switch {
	case report == nil:
		return nil
	case asJSON:
		return report.WriteJSON(cmd.OutOrStdout())
	}
	from := "by --name"
	if report.Repository != "" {
		from = "of " + report.Repository
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "slipway: the state backend %s, %s, in account %s, %s\n", report.Name, from, report.Account, report.Region)
	if err := report.Write(cmd.OutOrStdout()); err != nil || failed != nil {
		return err
	}
	switch changes := report.Changes(); {
	case changes == 0:
		fmt.Fprintln(cmd.ErrOrStderr(), "slipway: nothing had to be changed")
	case report.DryRun:
		fmt.Fprintln(cmd.ErrOrStderr(), "slipway: nothing was changed, as this is a dry run")
	default:
		fmt.Fprintln(cmd.ErrOrStderr(), "slipway: next: commit Pulumi.*.yaml, which have the stacks' encrypted keys now, then pulumi up -s "+firstStack(report))
	}
	return nil
}

// firstStack is the first one that is there now.
func firstStack(report *backend.Report) string {
	for _, step := range report.Steps {
		if name, isStack := strings.CutPrefix(step.What, "stack "); isStack {
			return name
		}
	}
	return "STACK"
}
