package main

import (
	"context"
	"errors"
	"os"
	"runtime/pprof"
	"strings"

	"github.com/spf13/cobra"

	"slipway/internal/localaws"
	"slipway/internal/localrun"
)

// pulumiCommand runs one Pulumi command in a process of its own, as `slipway local pulumi` does, with a program that is
// built already. The kernel adds up what that process and those that it starts have used.
func pulumiCommand() *cobra.Command {
	var dir, program, profile, latency string
	pulumi := &cobra.Command{
		Use:    "pulumi --dir DIR --program PROGRAM -- ARGS...",
		Short:  "Run one Pulumi command of a project",
		Hidden: true,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if profile != "" {
				stop, err := startProfile(profile)
				if err != nil {
					return err
				}
				defer func() { err = errors.Join(err, stop()) }()
			}
			return session(dir, program, latency).Run(cmd.Context(), args...)
		},
	}
	pulumi.Flags().StringVar(&dir, "dir", "", "the project's directory")
	pulumi.Flags().StringVar(&program, "program", "", "the program's executable")
	pulumi.Flags().StringVar(&latency, "latency", "", "how slow the embedded AWS is; see localaws.LatencyVariable")
	pulumi.Flags().StringVar(&profile, "profile", "", "write a CPU profile into this file")
	return pulumi
}

func session(dir, program, latency string) *localrun.Session {
	return &localrun.Session{
		Attach: func(ctx context.Context, dir, projectDir string) (localrun.Providers, error) {
			return localaws.Serve(ctx, localaws.Options{Dir: dir, ProjectDir: projectDir, Latency: latency})
		},
		WorkDir: dir,
		Program: program,
		Stdin:   strings.NewReader(""),
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
	}
}

// startProfile profiles this process, in which the embedded AWS runs.
func startProfile(path string) (stop func() error, err error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		return file.Close()
	}, nil
}
