package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"slipway/internal/localrun"
	"slipway/internal/stacks"
	"slipway/internal/testenv"
)

// environmentsIn opens the test environments of the project that dir is in, at one place.
type environmentsIn func(cmd *cobra.Command, dir string) (*testenv.Environments, error)

// envCommand is the same for both places.
func envCommand(place string, open environmentsIn) *cobra.Command {
	var dir string
	env := &cobra.Command{
		Use:   "env",
		Short: "Make test environments on " + place + ", list them, take them down",
		Long: `Make test environments on ` + place + `, list them and take them down.

A test environment is a stack that is made from the configuration of another one, staging unless --from names one. It
comes and goes with a pull request, say; any number live side by side. There are two kinds: a whole one has everything of
its own, a shared one uses the network, load balancer, cluster and database cluster of the stack that it is made from.
docs/test-environments.md says more.`,
		Args: groupArgs,
		RunE: showHelp,
	}
	env.PersistentFlags().StringVarP(&dir, "cwd", "C", ".", "the project's directory, or one below it")
	environments := func(cmd *cobra.Command) (*testenv.Environments, error) { return open(cmd, dir) }
	env.AddCommand(envUpCommand(environments), envDownCommand(environments), envListCommand(environments))
	return env
}

func envUpCommand(open func(*cobra.Command) (*testenv.Environments, error)) *cobra.Command {
	var shared, yes bool
	var from string
	up := &cobra.Command{
		Use:   "up NAME",
		Short: "Make a test environment, or bring it up to date",
		Long: `Make a test environment, or bring the one that is there up to date, also after a run that died half-way.

The configuration is taken from another stack when the environment is made. From then on it is the environment's own:
Pulumi.NAME.yaml, which git ignores.`,
		Args: takes(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			environments, err := open(cmd)
			if err != nil {
				return err
			}
			if environments.Yes, err = approved(cmd, yes); err != nil {
				return err
			}
			var wish testenv.Wish
			if cmd.Flags().Changed("shared") {
				wish.Shared = &shared
			}
			if cmd.Flags().Changed("from") {
				wish.From = &from
			}
			return environments.Up(cmd.Context(), args[0], wish)
		},
	}
	up.Flags().BoolVar(&shared, "shared", false, "use the network, load balancer, cluster and database cluster of the stack it is made from")
	up.Flags().StringVar(&from, "from", "staging", "the stack whose configuration is taken")
	up.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return up
}

func envDownCommand(open func(*cobra.Command) (*testenv.Environments, error)) *cobra.Command {
	var yes bool
	down := &cobra.Command{
		Use:   "down NAME",
		Short: "Take a test environment down, and remove its stack",
		Long: `Destroy what a test environment has, drop its database, and remove its stack and its configuration. It works after a
run that died half-way, and does nothing when there is no such environment. Other stacks are refused.`,
		Args: takes(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			environments, err := open(cmd)
			if err != nil {
				return err
			}
			if environments.Yes, err = approved(cmd, yes); err != nil {
				return err
			}
			return environments.Down(cmd.Context(), args[0])
		},
	}
	down.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return down
}

func envListCommand(open func(*cobra.Command) (*testenv.Environments, error)) *cobra.Command {
	var asJSON bool
	list := &cobra.Command{
		Use:   "ls",
		Short: "List the test environments",
		Args:  takes(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			environments, err := open(cmd)
			if err != nil {
				return err
			}
			listed, err := environments.List(cmd.Context())
			switch {
			case err != nil:
				return err
			case asJSON:
				return testenv.WriteListJSON(cmd.OutOrStdout(), listed)
			case len(listed) == 0:
				_, err := io.WriteString(cmd.ErrOrStderr(), "slipway: there is no test environment\n")
				return err
			}
			return testenv.WriteList(cmd.OutOrStdout(), listed)
		},
	}
	list.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return list
}

// approved tells whether pulumi need not ask. Where it cannot, nothing is begun.
func approved(cmd *cobra.Command, yes bool) (bool, error) {
	if !yes && !(isTerminal(cmd.InOrStdin()) && isTerminal(cmd.OutOrStdout())) {
		return false, &localrun.UsageError{Err: errors.New(cmd.CommandPath() + ": without a terminal nobody can be asked; give --yes to go on all the same")}
	}
	return yes, nil
}

func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

func environmentsOnAWS(cmd *cobra.Command, dir string) (*testenv.Environments, error) {
	projectDir, name, err := project(dir)
	if err != nil {
		return nil, err
	}
	return &testenv.Environments{
		Place:     onAWS(cmd, projectDir),
		Project:   name,
		Command:   "slipway env",
		Stderr:    cmd.ErrOrStderr(),
		Databases: &testenv.DataAPI{},
	}, nil
}

func environmentsOnEmbeddedAWS(cmd *cobra.Command, dir string) (*testenv.Environments, error) {
	projectDir, name, err := project(dir)
	if err != nil {
		return nil, err
	}
	return &testenv.Environments{
		Place:   onEmbeddedAWS(cmd, projectDir),
		Project: name,
		Command: "slipway local env",
		Stderr:  cmd.ErrOrStderr(),
	}, nil
}

func onAWS(cmd *cobra.Command, projectDir string) *stacks.AWS {
	return &stacks.AWS{ProjectDir: projectDir, Stdin: cmd.InOrStdin(), Stdout: cmd.OutOrStdout(), Stderr: cmd.ErrOrStderr()}
}

func onEmbeddedAWS(cmd *cobra.Command, projectDir string) *stacks.Embedded {
	session := newSession(cmd)
	session.WorkDir, session.Dir = projectDir, filepath.Join(projectDir, ".local")
	return &stacks.Embedded{ProjectDir: projectDir, Session: *session}
}

// project finds the project that dir is in.
func project(dir string) (path, name string, err error) {
	if path, err = localrun.FindProject(dir); err != nil {
		return "", "", err
	}
	name, err = localrun.ProjectName(path)
	return path, name, err
}
