package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// measurement is what one Pulumi command took.
type measurement struct {
	wall time.Duration
	// cpu is user and system time of all processes: the embedded AWS, the Pulumi CLI and the program.
	cpu time.Duration
	// memory is the peak of what all processes had in memory together, in bytes.
	memory int64

	stdout []byte
}

// pulumi runs one Pulumi command in a process of its own and measures it. The error has what Pulumi printed.
func (p project) pulumi(ctx context.Context, profile string, args ...string) (measurement, error) {
	self, err := os.Executable()
	if err != nil {
		return measurement{}, err
	}
	cmd := exec.CommandContext(ctx, self, slices.Concat(
		[]string{"pulumi", "--dir", p.dir, "--program", p.program, "--latency", p.latency, "--profile", profile, "--"},
		args, []string{"--non-interactive", "--color=never"},
	)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	// Ctrl-C in the terminal reaches this process alone, which then has Pulumi cancel.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }

	started := time.Now()
	if err := cmd.Start(); err != nil {
		return measurement{}, err
	}
	peak := watchMemory(cmd.Process.Pid)
	err = cmd.Wait()
	wall := time.Since(started)
	memory, memoryErr := peak()
	if err != nil {
		return measurement{}, fmt.Errorf("pulumi %s: %w\n%s%s", strings.Join(args, " "), errors.Join(ctx.Err(), err), stdout.String(), stderr.String())
	}
	// The kernel adds the children that a process has waited for to the process's own time.
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return measurement{wall: wall, cpu: cpu, memory: memory, stdout: stdout.Bytes()}, memoryErr
}
