package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"slipway/internal/localrun"
	"slipway/internal/operate"
	"slipway/internal/stacks"
)

// pause is between two questions to AWS about what goes on. Tests have a shorter one.
var pause = 2 * time.Second

// operated opens a stack on AWS.
func operated(cmd *cobra.Command, dir, stack string) (*operate.Deployed, error) {
	projectDir, _, err := project(dir)
	if err != nil {
		return nil, err
	}
	return operate.Open(cmd.Context(), projectDir, stack, "slipway-"+cmd.Name())
}

// addOperatedFlags adds what all commands on a running stack take.
func addOperatedFlags(cmd *cobra.Command, dir *string) {
	cmd.Flags().StringVarP(dir, "cwd", "C", ".", "the project's directory, or one below it")
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		switch {
		case len(args) == 0:
			return stackNames(*dir), cobra.ShellCompDirectiveNoFileComp
		case len(args) == 1 && strings.Contains(cmd.Use, "[SERVICE]"):
			return serviceNames(cmd.Context(), *dir, args[0]), cobra.ShellCompDirectiveNoFileComp
		}
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
}

// stackNames are those that have a configuration; shells complete them.
func stackNames(dir string) []string {
	projectDir, _, err := project(dir)
	if err != nil {
		return nil
	}
	files, err := localrun.ConfiguredStacks(projectDir)
	if err != nil {
		return nil
	}
	return slices.Sorted(maps.Keys(files))
}

// serviceNames are those of a stack; shells complete them.
func serviceNames(ctx context.Context, dir, stack string) []string {
	projectDir, _, err := project(dir)
	if err != nil {
		return nil
	}
	found, err := operate.Read(ctx, &stacks.AWS{ProjectDir: projectDir}, stack)
	if err != nil {
		return nil
	}
	return found.ServiceNames()
}

// afterDash splits what comes before -- from the command after it.
func afterDash(cmd *cobra.Command, args []string) (before, command []string) {
	if at := cmd.ArgsLenAtDash(); at >= 0 {
		return args[:at], args[at:]
	}
	return args, nil
}

// hintAtDash says where the flags of the command go that a command of ours runs.
func hintAtDash(cmd *cobra.Command, err error) error {
	return &localrun.UsageError{Err: fmt.Errorf("%s: %w; a command that is to run comes with its flags after --; see %[1]s --help", cmd.CommandPath(), err)}
}

// wrongArguments is about arguments that a command does not take.
func wrongArguments(cmd *cobra.Command, format string, args ...any) error {
	return &localrun.UsageError{Err: fmt.Errorf("%s: %s; usage: %s", cmd.CommandPath(), fmt.Sprintf(format, args...), cmd.UseLine())}
}

// coloured tells whether colours are wanted there. https://no-color.org
func coloured(out io.Writer) bool {
	return isTerminal(out) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// interrupts turns Ctrl-C into two steps: first is closed at the first one, and by what ends ctx; patience ends at the second.
func interrupts(ctx context.Context) (first <-chan struct{}, patience context.Context, stop func()) {
	signals, once := make(chan os.Signal, 2), make(chan struct{})
	signal.Notify(signals, os.Interrupt)
	patience, impatient := context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		select {
		case <-signals:
		case <-ctx.Done():
		case <-patience.Done():
			return
		}
		close(once)
		select {
		case <-signals:
			impatient()
		case <-patience.Done():
		}
	}()
	return once, patience, func() { signal.Stop(signals); impatient() }
}

// moment reads how far back something is to go: 90s, 1h, 2d, or a time.
func moment(text string, now time.Time) (time.Time, error) {
	const takes = "how long ago, such as 30m, 1h or 2d, or a time such as 2006-01-02T15:04:05Z"
	if days, found := strings.CutSuffix(text, "d"); found {
		text = days + "h"
		if d, err := time.ParseDuration(text); err == nil && d >= 0 {
			return now.Add(-24 * d), nil
		}
		return time.Time{}, errors.New(takes)
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return now.Add(-d), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errors.New(takes)
}
