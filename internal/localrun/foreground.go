package localrun

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
)

// RunInForeground runs a command that the terminal belongs to, such as pulumi. Ctrl-C reaches it from the terminal, which sends SIGINT
// to the whole foreground group: pulumi cancels at the first one and terminates at the second. This process must do
// neither, nor pass it on, because pulumi would count it twice. When ctx ends, pulumi gets SIGTERM, at which it cancels
// too. The error of a command that fails is an *ExitError.
func RunInForeground(ctx context.Context, cmd *exec.Cmd) error {
	// Caught, not ignored: an ignored signal would be ignored by the child as well.
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)

	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%s did not start: %w", filepath.Base(cmd.Path), err)
	}
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		select {
		case <-ctx.Done():
			_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended just now
		case <-ended:
		}
	}()
	err := cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return &ExitError{Code: exitCode(exit.ProcessState)}
	}
	return err
}

// exitCode is the status by which a shell reports the end of a process: 128 and the signal's number for a killed one.
func exitCode(state *os.ProcessState) int {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return state.ExitCode()
}
