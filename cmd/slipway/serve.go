package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"slipway/internal/localrun"
	"slipway/internal/localserve"
	"slipway/internal/stacks"
)

func serveCommand() *cobra.Command {
	var dir string
	var scale, buildArguments []string
	var options localserve.Options
	serve := &cobra.Command{
		Use:   "serve STACK",
		Short: "Run on this machine what a stack has deployed onto the embedded AWS",
		Long: `Run on this machine what a stack has deployed onto the embedded AWS: the containers of its task definitions as they are
registered, with a PostgreSQL in the place of the database and moto_server in the place of S3, SQS and Secrets Manager. Where Docker
has the image or can build it, they run in Docker; otherwise as plain processes, with a python3 of this machine that has the
application's packages. docs/local.md says more.

Ctrl-C stops everything as ECS does: SIGTERM, the stop timeout, SIGKILL. Ctrl-C again kills at once. The database is kept.`,
		Example: `  slipway local serve staging
  slipway local serve staging --port 8080 --scale web=2
  slipway local serve staging --with docker --build-arg PYTHON_PACKAGES=debian --build-arg BASE_IMAGE=debian:12-slim`,
		Args: takes(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if options.Scale, err = scales(scale); err != nil {
				return &localrun.UsageError{Err: fmt.Errorf("%s: %w", cmd.CommandPath(), err)}
			}
			if options.BuildArguments, err = assignments("--build-arg", buildArguments); err != nil {
				return &localrun.UsageError{Err: fmt.Errorf("%s: %w", cmd.CommandPath(), err)}
			}
			switch options.With {
			case localserve.Auto, localserve.Docker, localserve.Processes:
			default:
				return &localrun.UsageError{Err: fmt.Errorf("%s: --with %q: it takes auto, docker or processes", cmd.CommandPath(), options.With)}
			}
			if options.Port < 0 || options.Port > 65534 {
				return &localrun.UsageError{Err: fmt.Errorf("%s: --port %d: it takes a port from 1 to 65534", cmd.CommandPath(), options.Port)}
			}
			if options.Project, err = localProject(cmd, dir, args[0]); err != nil {
				return err
			}
			options.Stdout, options.Stderr = cmd.OutOrStdout(), cmd.ErrOrStderr()
			options.Colour = isTerminal(options.Stdout) && isTerminal(options.Stderr) && os.Getenv("NO_COLOR") == ""
			interrupts, done := stopSignals()
			defer done()
			options.Interrupts = interrupts
			// The command's own context ends by the same signals.
			return localserve.Serve(context.WithoutCancel(cmd.Context()), options)
		},
	}
	serve.Flags().StringVarP(&dir, "cwd", "C", ".", "the project's directory, or one below it")
	serve.Flags().StringVar(&options.With, "with", localserve.Auto, "how containers run: docker, processes, or auto, which is docker where that can be")
	serve.Flags().IntVar(&options.Port, "port", 0, "the web address's port on localhost (default 8000, or a free one when that is in use)")
	serve.Flags().StringArrayVar(&scale, "scale", nil, "how many tasks of a service run, such as web=2; again for more (default as many as are registered, at least one)")
	serve.Flags().StringArrayVar(&buildArguments, "build-arg", nil, "NAME=VALUE for docker build, besides those that are registered; again for more")
	serve.Flags().BoolVar(&options.Fresh, "fresh", false, "begin with an empty database")
	return serve
}

func localRunCommand() *cobra.Command {
	var dir string
	var variables []string
	var command localserve.Command
	run := &cobra.Command{
		Use:   "run STACK [--service SERVICE] -- COMMAND...",
		Short: "Run a command beside what `local serve` serves",
		Long: `Run a command with the image, the environment and the secrets of a service, in a task of its own, against what
slipway local serve serves in another terminal. What the task depends on, such as the release command, runs before. The exit
code is the command's.`,
		Example: `  slipway local run staging -- python3 manage.py createsuperuser
  slipway local run staging --service web -- python3 manage.py check --deploy`,
		Args: takes(cobra.MinimumNArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if dash := cmd.ArgsLenAtDash(); dash != 1 {
				return &localrun.UsageError{Err: fmt.Errorf("%s: the command stands behind --; usage: %s", cmd.CommandPath(), cmd.UseLine())}
			}
			var err error
			if command.Environment, err = assignments("--env", variables); err != nil {
				return &localrun.UsageError{Err: fmt.Errorf("%s: %w", cmd.CommandPath(), err)}
			}
			if command.Project, err = localProject(cmd, dir, args[0]); err != nil {
				return err
			}
			command.Words = args[1:]
			command.Stdin, command.Stdout, command.Stderr = cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr()
			interrupts, done := stopSignals()
			defer done()
			command.Interrupts = interrupts
			code, err := localserve.Run(context.WithoutCancel(cmd.Context()), command)
			if err == nil && code != 0 {
				err = &localrun.ExitError{Code: code}
			}
			return err
		},
	}
	run.Flags().StringVarP(&dir, "cwd", "C", ".", "the project's directory, or one below it")
	run.Flags().StringVar(&command.Service, "service", "", "the service whose definition is used, such as web (default the workers)")
	run.Flags().StringArrayVar(&variables, "env", nil, "NAME=VALUE, a variable for this run; again for more")
	return run
}

// sameInterrupt is how long after an interrupt another one is taken for the same.
const sameInterrupt = 300 * time.Millisecond

// stopSignals gives each Ctrl-C, and each request from elsewhere to end.
func stopSignals() (given <-chan struct{}, done func()) {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	interrupts := make(chan struct{}, 2)
	go func() {
		var heard time.Time
		for s := range signals {
			// Who forwards signals, as timeout and make do, may send one to this process and to its group. And where nobody reads
			// any more, each line that is written says so again.
			if !heard.IsZero() && (time.Since(heard) < sameInterrupt || s == syscall.SIGPIPE) {
				continue
			}
			heard = time.Now()
			select {
			case interrupts <- struct{}{}:
			default:
			}
		}
	}()
	return interrupts, func() {
		signal.Stop(signals)
		close(signals)
	}
}

// localProject is a stack of the project that dir is in, on the embedded AWS.
func localProject(cmd *cobra.Command, dir, stack string) (localserve.Project, error) {
	projectDir, err := localrun.FindProject(dir)
	if err != nil {
		return localserve.Project{}, err
	}
	place := onEmbeddedAWS(cmd, projectDir)
	account, err := place.Account()
	if err != nil {
		return localserve.Project{}, err
	}
	objects, err := account.List()
	if err != nil {
		return localserve.Project{}, err
	}
	return localserve.Project{
		Dir: projectDir, Local: filepath.Join(projectDir, ".local"), Stack: stack, Objects: objects,
		State: func(ctx context.Context, stack string) (localserve.State, error) {
			return stateOf(ctx, &stacks.Stacks{Place: place, Stderr: cmd.ErrOrStderr()}, stack)
		},
	}, nil
}

// stateOf reads from a stack's state what the embedded AWS has digests of.
func stateOf(ctx context.Context, s *stacks.Stacks, stack string) (state localserve.State, err error) {
	var exported struct {
		Deployment struct {
			Resources []struct {
				Type, ID string
				Inputs   struct {
					SecretString json.RawMessage
					Source       struct{ Path string } // an asset
				}
			}
		}
	}
	if err := s.Query(ctx, &exported, "stack", "export", "-s", stack, "--show-secrets"); err != nil {
		return state, err
	}
	state = localserve.State{Secrets: map[string]string{}, Files: map[string]string{}}
	for _, resource := range exported.Deployment.Resources {
		switch resource.Type {
		case "aws:s3/bucketObjectv2:BucketObjectv2":
			state.Files[resource.ID] = resource.Inputs.Source.Path
		case "aws:secretsmanager/secretVersion:SecretVersion":
			if state.Secrets[resource.ID], err = plainText(resource.Inputs.SecretString); err != nil {
				return state, fmt.Errorf("the state has %s in another form than expected", resource.ID)
			}
		}
	}
	return state, nil
}

// plainText reads a property of a state that was exported with its secrets. The error does not show what it has read.
func plainText(property json.RawMessage) (string, error) {
	var value string
	if json.Unmarshal(property, &value) == nil {
		return value, nil
	}
	var secret struct{ Plaintext string }
	if json.Unmarshal(property, &secret) != nil || json.Unmarshal([]byte(secret.Plaintext), &value) != nil {
		return "", errors.New("not a text")
	}
	return value, nil
}

// scales reads SERVICE=NUMBER.
func scales(given []string) (map[string]int, error) {
	pairs, err := assignments("--scale", given)
	if err != nil {
		return nil, err
	}
	scale := map[string]int{}
	for service, text := range pairs {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > 100 {
			return nil, fmt.Errorf("--scale %s=%s: it takes SERVICE=NUMBER with a number from 0 to 100, such as web=2", service, text)
		}
		scale[service] = n
	}
	return scale, nil
}

// assignments reads NAME=VALUE.
func assignments(flag string, given []string) (map[string]string, error) {
	values := map[string]string{}
	for _, text := range given {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("%s %s: it takes NAME=VALUE", flag, text)
		}
		values[name] = value
	}
	return values, nil
}
