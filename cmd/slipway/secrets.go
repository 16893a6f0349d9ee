package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"slipway/internal/limits"
	"slipway/internal/localrun"
	"slipway/internal/secrets"
)

func secretsCommand() *cobra.Command {
	var dir string
	command := &cobra.Command{
		Use:   "secrets",
		Short: "List the secrets of a stack on AWS, set their values, remove them",
		Long: `List the secrets of a stack on AWS, set their values, remove them.

A secret is in Secrets Manager as PROJECT/STACK/NAME, and the stack's configuration names it in webSecrets: the application finds it
in the variable NAME, in web and workers. Pulumi never knows a value, and no command prints one. docs/secrets.md says more.`,
		Example: `  slipway secrets staging list
  slipway secrets staging set STRIPE_KEY
  slipway secrets staging set TLS_KEY < key.pem
  slipway secrets staging set STRIPE_KEY --redeploy
  slipway secrets staging unset STRIPE_KEY`,
	}
	command.PersistentFlags().StringVarP(&dir, "cwd", "C", ".", "the project's directory, or one below it")
	stackFirst(command, secretsListCommand(&dir), secretsSetCommand(&dir), secretsUnsetCommand(&dir))
	return command
}

// openSecrets opens the stack that the command line has named before the command.
func openSecrets(cmd *cobra.Command, dir, stack string) (*secrets.Secrets, error) {
	projectDir, project, err := project(dir)
	if err != nil {
		return nil, err
	}
	return secrets.Open(cmd.Context(), projectDir, project, stack, cmd.ErrOrStderr())
}

func secretsListCommand(dir *string) *cobra.Command {
	var asJSON bool
	list := &cobra.Command{
		Use:   "list",
		Short: "List secrets: when they were changed, who changes them, who uses them; never their values",
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := openSecrets(cmd, *dir, args[0])
			if err != nil {
				return err
			}
			list, err := s.List(cmd.Context())
			switch {
			case err != nil:
				return err
			case asJSON:
				return secrets.WriteJSON(cmd.OutOrStdout(), list)
			case len(list) == 0:
				_, err := fmt.Fprintf(cmd.ErrOrStderr(), "slipway: the stack %s has no secrets\n", args[0])
				return err
			}
			return s.Write(cmd.OutOrStdout(), list)
		},
	}
	list.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return list
}

func secretsSetCommand(dir *string) *cobra.Command {
	var redeploy bool
	set := &cobra.Command{
		Use:   "set NAME",
		Short: "Set a secret's value, which is asked for or comes by standard input",
		Long: `Set a secret's value. On a terminal it is asked for, and not shown; otherwise it is all of standard input, without a newline at its
end. It is never an argument, which others could see and shells remember.

A secret that is not there is made, and named in webSecrets of the stack's configuration. One that the configuration names with a
#key has that key of its JSON object changed.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := openSecrets(cmd, *dir, args[0])
			if err != nil {
				return err
			}
			change, err := s.Prepare(cmd.Context(), args[1], redeploy)
			if err != nil {
				return err
			}
			value, err := readValue(cmd, args[1]+" of "+args[0]+": ")
			if err != nil {
				return err
			}
			if err := change.Apply(cmd.Context(), value); err != nil || !redeploy {
				return err
			}
			return change.Redeploy(cmd.Context())
		},
	}
	set.Flags().BoolVar(&redeploy, "redeploy", false, "replace the tasks that have the old value, and wait until that is done")
	return set
}

func secretsUnsetCommand(dir *string) *cobra.Command {
	var days int
	unset := &cobra.Command{
		Use:   "unset NAME",
		Short: "Delete a secret that nobody uses; it can be restored for some days",
		RunE: func(cmd *cobra.Command, args []string) error {
			if limits.SecretRecoveryWindow(days) != nil {
				return &localrun.UsageError{Err: fmt.Errorf("%s: --recovery-days: got %d, takes 7 to 30", cmd.CommandPath(), days)}
			}
			s, err := openSecrets(cmd, *dir, args[0])
			if err != nil {
				return err
			}
			return s.Unset(cmd.Context(), args[1], days)
		},
	}
	unset.Flags().IntVar(&days, "recovery-days", 30, "for how many days it can be restored, 7 to 30")
	return unset
}

// longestLine is how much of a line a terminal hands on. What is longer it drops without a word.
const longestLine = 4095

// readValue asks for a value on a terminal, without showing it, or else reads standard input.
func readValue(cmd *cobra.Command, question string) (string, error) {
	in := cmd.InOrStdin()
	if !isTerminal(in) {
		text, err := io.ReadAll(io.LimitReader(in, secrets.MaxSize+2))
		value := strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r")
		if err != nil {
			return "", err
		}
		return value, secrets.CheckValue(value)
	}
	value, err := readHidden(cmd, in.(*os.File), question)
	if err == nil && len(value) >= longestLine {
		err = fmt.Errorf("a terminal takes %d bytes in a line; give a longer value by standard input, such as ... < file; nothing was changed", longestLine)
	}
	if err != nil {
		return "", err
	}
	return value, secrets.CheckValue(value)
}

// readHidden reads a line that is not shown. However it ends, the terminal is as it was.
func readHidden(cmd *cobra.Command, terminal *os.File, question string) (string, error) {
	fd := int(terminal.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTSTP) // a stopped one would leave the terminal without an echo
	defer signal.Stop(interrupted)
	// Before the question, as whoever is quick, or pastes, would see the beginning otherwise.
	if err := hide(fd); err != nil {
		return "", err
	}
	fmt.Fprint(cmd.ErrOrStderr(), question)
	type line struct {
		text []byte
		err  error
	}
	lines := make(chan line, 1)
	go func() {
		text, err := term.ReadPassword(fd)
		lines <- line{text, err}
	}()
	var value string
	select {
	case l := <-lines:
		value, err = string(l.text), l.err
	case <-interrupted:
		err = errors.New("interrupted; nothing was changed")
	case <-cmd.Context().Done():
		err = errors.New("interrupted; nothing was changed")
	}
	fmt.Fprintln(cmd.ErrOrStderr())
	return value, errors.Join(err, term.Restore(fd, before))
}

// hide has a terminal show nothing of what is typed.
func hide(fd int) error {
	state, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return err
	}
	state.Lflag &^= unix.ECHO
	return unix.IoctlSetTermios(fd, setTermios, state)
}
