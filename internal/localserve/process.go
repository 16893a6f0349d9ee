package localserve

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
)

// process is a program of this machine with everything that it starts, which is a process group of its own.
type process struct {
	cmd *exec.Cmd
	// shared tells that it is in the group of this process.
	shared bool
	done   chan struct{} // closed when it has ended and all that it wrote has been read
	code   int
}

// startProcess starts a program. What it writes goes to output; nil for the cmd's own. Its end takes all that it has started with
// it, as that of a container does. When this process is killed, so is the program.
func (h *home) startProcess(cmd *exec.Cmd, output io.Writer) (*process, error) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	var reader, writer *os.File
	if output != nil {
		var err error
		// Not by cmd.Stdout alone: that would wait for whoever holds the pipe before it tells that the program has ended.
		if reader, writer, err = os.Pipe(); err != nil {
			return nil, err
		}
		defer writer.Close()
		cmd.Stdout, cmd.Stderr = writer, writer
	}
	if err := cmd.Start(); err != nil {
		if reader != nil {
			reader.Close()
		}
		return nil, err
	}
	p := &process{cmd: cmd, done: make(chan struct{})}
	if err := h.remember(cmd.Process.Pid); err != nil {
		p.kill()
		return nil, errors.Join(err, cmd.Wait())
	}
	var copied sync.WaitGroup
	if reader != nil {
		copied.Go(func() {
			defer reader.Close()
			_, _ = io.Copy(output, reader)
		})
	}
	go func() {
		defer close(p.done)
		_ = cmd.Wait()
		p.kill()
		copied.Wait()
		p.code = exitCode(cmd.ProcessState)
	}()
	return p, nil
}

// startInteractive starts a program that has this process's terminal, and so stays in its group.
func startInteractive(cmd *exec.Cmd) (*process, error) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, shared: true, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		_ = cmd.Wait()
		p.code = exitCode(cmd.ProcessState)
	}()
	return p, nil
}

// exitCode is 128 and the signal for what a signal has ended, as shells and ECS have it.
func exitCode(state *os.ProcessState) int {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return state.ExitCode()
}

// signal sends a signal to the program alone, as a container's runtime does.
func (p *process) signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) }

// kill ends it and all that it has started.
func (p *process) kill() {
	switch {
	case p.shared:
		_ = p.cmd.Process.Kill()
	case !p.hasEnded(): // later the number may be another one's
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	}
}

// hasEnded tells whether it has.
func (p *process) hasEnded() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// account is a user of this machine that a program runs as.
type account struct {
	uid, gid uint32
	name     string
}

// credential is for exec; nil for nobody else than the one who runs this.
func (a *account) credential() *syscall.Credential {
	if a == nil {
		return nil
	}
	return &syscall.Credential{Uid: a.uid, Gid: a.gid}
}

// own gives files to the account.
func (a *account) own(paths ...string) error {
	if a == nil {
		return nil
	}
	for _, path := range paths {
		if err := os.Chown(path, int(a.uid), int(a.gid)); err != nil {
			return fmt.Errorf("to be of the user %s: %w", a.name, err)
		}
	}
	return nil
}
