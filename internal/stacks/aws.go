package stacks

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"

	"slipway/internal/localaws"
	"slipway/internal/localrun"
)

// AWS is AWS itself: the user's own pulumi, backend and credentials, as they would run it in the project's directory.
type AWS struct {
	ProjectDir string
	// CLI is the pulumi executable. Default: the one on PATH.
	CLI string
	// Environ is pulumi's environment. Default: that of the process.
	Environ        []string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// Pulumi implements Place.
func (a *AWS) Pulumi(ctx context.Context, heard io.Writer, args ...string) error {
	cmd, err := a.command(args)
	if err != nil {
		return err
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = a.Stdin, a.Stdout, io.MultiWriter(a.Stderr, heard)
	return localrun.RunInForeground(ctx, cmd)
}

// Output implements Place.
func (a *AWS) Output(ctx context.Context, heard io.Writer, args ...string) ([]byte, error) {
	cmd, err := a.command(append(args, "--non-interactive", "--color=never"))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, heard
	err = localrun.RunInForeground(ctx, cmd)
	return out.Bytes(), err
}

func (a *AWS) command(args []string) (*exec.Cmd, error) {
	cli := a.CLI
	if cli == "" {
		var err error
		if cli, err = exec.LookPath("pulumi"); err != nil {
			return nil, errors.New("there is no pulumi on PATH; https://www.pulumi.com/docs/install/ says how to install it")
		}
	}
	environ := a.Environ
	if environ == nil {
		environ = os.Environ()
	}
	cmd := exec.Command(cli, args...)
	// Pulumi's own four resources at a time for each CPU have the database wait for what is slow and not urgent. What the user has set
	// comes later, and counts.
	cmd.Dir, cmd.Env = a.ProjectDir, append([]string{"PULUMI_PARALLEL=64"}, environ...)
	return cmd, nil
}

// SourceFiles implements Place.
func (a *AWS) SourceFiles(stack string) ([]string, error) {
	file, err := localrun.ConfigFile(a.ProjectDir, stack)
	return []string{file}, err
}

// EnvironmentFiles implements Place: beside the committed files, where pulumi looks for it.
func (a *AWS) EnvironmentFiles(name string) ([]string, error) { return a.SourceFiles(name) }

// Account implements Place: nobody knows everything that exists on AWS.
func (a *AWS) Account() (*localaws.Account, error) { return nil, nil }
