package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"slipway/internal/localaws"
	"slipway/internal/localrun"
)

// The flags that all commands on the embedded AWS take.
const (
	failFlag    = "fail"
	latencyFlag = "latency"
	roleFlag    = "role"
)

func addEmbeddedFlags(local *cobra.Command) {
	local.PersistentFlags().Var(&embeddedFlag{check: localaws.CheckFaults, separator: ","}, failFlag,
		`have a call of the embedded AWS fail, such as "aws:ecs/service:Service create 1 ThrottlingException"; again for more`)
	local.PersistentFlags().Var(&embeddedFlag{check: localaws.CheckLatency}, latencyFlag, "how many times faster than AWS the embedded one is, such as 100 (default: it does everything at once)")
	local.PersistentFlags().Var(&embeddedFlag{check: localaws.CheckRole}, roleFlag, "the ARN of a role in the account that everything is done as; what it may not do is refused (default: everything is allowed)")
}

// embeddedFlag is a flag in the form of one of the embedded AWS's environment variables.
type embeddedFlag struct {
	value string
	check func(string) error
	// separator joins the values of a flag that is there several times. Empty: the last one counts.
	separator string
}

func (f *embeddedFlag) String() string { return f.value }
func (f *embeddedFlag) Type() string   { return "string" }

func (f *embeddedFlag) Set(value string) error {
	if err := f.check(value); err != nil {
		return err
	}
	if f.separator != "" && f.value != "" {
		value = f.value + f.separator + value
	}
	f.value = value
	return nil
}

// takeEmbeddedFlags sets those flags where they are in front of pulumi's arguments, which cobra leaves alone.
func takeEmbeddedFlags(cmd *cobra.Command, args []string) ([]string, error) {
	for len(args) > 0 {
		name, value, given := strings.Cut(strings.TrimPrefix(args[0], "--"), "=")
		flag := cmd.InheritedFlags().Lookup(name)
		if flag == nil || !strings.HasPrefix(args[0], "--") {
			break
		}
		args = args[1:]
		if !given {
			if len(args) == 0 {
				return nil, &localrun.UsageError{Err: fmt.Errorf("flag needs an argument: --%s; see slipway local --help", name)}
			}
			value, args = args[0], args[1:]
		}
		if err := flag.Value.Set(value); err != nil {
			return nil, &localrun.UsageError{Err: fmt.Errorf("--%s: %w", name, err)}
		}
	}
	return args, nil
}

// attach serves the embedded AWS as flags and environment say. Faults of both add up; a latency and a role by flag count.
func attach(cmd *cobra.Command) func(ctx context.Context, dir, projectDir string) (localrun.Providers, error) {
	value := func(name string) string { return cmd.InheritedFlags().Lookup(name).Value.String() }
	return func(ctx context.Context, dir, projectDir string) (localrun.Providers, error) {
		server, err := localaws.Serve(ctx, localaws.Options{
			Dir:        dir,
			ProjectDir: projectDir,
			Faults:     value(failFlag) + "," + os.Getenv(localaws.FaultsVariable),
			Latency:    cmp.Or(value(latencyFlag), os.Getenv(localaws.LatencyVariable)),
			Role:       cmp.Or(value(roleFlag), os.Getenv(localaws.RoleVariable)),
		})
		if err != nil {
			return nil, err
		}
		return server, nil
	}
}
