package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"text/tabwriter"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/spf13/cobra"

	"slipway/internal/localaws"
	"slipway/internal/localrun"
)

func awsCommand() *cobra.Command {
	var dir string
	aws := &cobra.Command{
		Use:   "aws",
		Short: "See and change what exists in the embedded AWS",
		Long: `See what exists in the embedded AWS, whichever stack made it, and remove it behind Pulumi's back, so that drift can be
tried: after an rm, a refresh finds the difference. And ask whether IAM allows a call, and whether the
network lets a connection through.`,
		Args: groupArgs,
		RunE: showHelp,
	}
	aws.PersistentFlags().StringVarP(&dir, "cwd", "C", ".", "the project's directory, or one below it")
	aws.AddCommand(awsListCommand(&dir), awsShowCommand(&dir), awsRemoveCommand(&dir), awsCanCommand(&dir), awsReachCommand(&dir))
	return aws
}

func awsListCommand(dir *string) *cobra.Command {
	var asJSON bool
	list := &cobra.Command{
		Use:   "ls [TYPE]",
		Short: "List what exists",
		Example: `  slipway local aws ls
  slipway local aws ls aws:ec2/subnet:Subnet --json`,
		Args: takes(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			account, err := openAccount(*dir)
			if err != nil {
				return err
			}
			objects, err := account.List()
			if err != nil {
				return err
			}
			if len(args) == 1 {
				objects = slices.DeleteFunc(objects, func(o localaws.Object) bool { return o.Type != args[0] })
			}
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), objects)
			}
			if len(objects) == 0 {
				fmt.Fprintln(cmd.ErrOrStderr(), "slipway: nothing exists")
				return nil
			}
			return writeTable(cmd.OutOrStdout(), objects)
		},
	}
	list.Flags().BoolVar(&asJSON, "json", false, "list everything that is known of each, as JSON")
	return list
}

func awsShowCommand(dir *string) *cobra.Command {
	return &cobra.Command{
		Use:     "show ID",
		Short:   "Show everything that is known of an id or ARN, as JSON",
		Example: `  slipway local aws show vpc-0a1b2c3d4e5f60718`,
		Args:    takes(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			account, err := openAccount(*dir)
			if err != nil {
				return err
			}
			objects, err := account.Find(args[0])
			if err != nil {
				return err
			}
			if len(objects) == 0 {
				return fmt.Errorf("nothing with the id or ARN %q exists; `slipway local aws ls` lists what does", args[0])
			}
			return writeJSON(cmd.OutOrStdout(), objects)
		},
	}
}

func awsRemoveCommand(dir *string) *cobra.Command {
	return &cobra.Command{
		Use:   "rm ID",
		Short: "Remove something, unless it is in use",
		Long: `Remove something from the embedded AWS. Pulumi's state keeps it: refresh finds that it is gone. What something
else needs is refused with AWS's error code.`,
		Example: `  slipway local aws rm sg-0a1b2c3d4e5f60718`,
		Args:    takes(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			account, err := openAccount(*dir)
			if err != nil {
				return err
			}
			if err := account.Remove(args[0]); err != nil {
				return err
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "slipway: removed %s\n", args[0])
			return nil
		},
	}
}

// openAccount opens the embedded AWS of the project that dir is in.
func openAccount(dir string) (*localaws.Account, error) {
	project, err := localrun.FindProject(dir)
	if err != nil {
		return nil, err
	}
	return localaws.Open(filepath.Join(project, ".local", "aws"))
}

func writeJSON(w io.Writer, objects []localaws.Object) error {
	if objects == nil {
		objects = []localaws.Object{}
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(objects)
}

// writeTable writes a line for each object. The ids come last, because some are very long. Accounts are told when there are several.
func writeTable(w io.Writer, objects []localaws.Object) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	account := func(string) string { return "" }
	if slices.ContainsFunc(objects, func(o localaws.Object) bool { return o.Account != localaws.AccountID }) {
		account = func(id string) string { return id + "\t" }
	}
	_, err := fmt.Fprintln(table, account("ACCOUNT")+"TYPE\tSTACK\tNAME\tID")
	for _, o := range objects {
		stack, name := madeBy(o)
		_, lineErr := fmt.Fprintf(table, "%s%s\t%s\t%s\t%s\n", account(o.Account), o.Type, stack, name, o.ID)
		err = errors.Join(err, lineErr)
	}
	return errors.Join(err, table.Flush())
}

// madeBy is the stack and the logical name of the Pulumi resource that made the object.
func madeBy(o localaws.Object) (stack, name string) {
	made, err := urn.Parse(o.URN)
	if err != nil {
		return "-", "-"
	}
	return made.Stack().String(), made.Name()
}
