// Package gobuild builds Go executables once: the program when its sources change, the tools when their versions do.
package gobuild

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// build is one `go build`.
type build struct {
	dir     string // where the module is
	pkg     string // the package to build
	ldflags string
	output  string // the executable's path
	what    string // what is being built and about how long it takes, for people
	log     io.Writer

	// ready tells whether output is what would be built. It is asked again when another process has just built it.
	ready func() bool
	// built records that output is ready.
	built func() error
}

// run builds unless the executable is ready. One process builds at a time: the others wait for it and use what it
// built. The executable appears by a rename, so that a build that was killed leaves nothing that looks like one.
func (b build) run(ctx context.Context) error {
	if b.ready() {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(b.output), 0o755); err != nil {
		return err
	}
	unlock, err := b.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if b.ready() {
		return nil
	}
	temp := filepath.Join(filepath.Dir(b.output), ".building-"+filepath.Base(b.output))
	// The lock is held, so what is there is of a build that was killed.
	if err := os.RemoveAll(temp); err != nil {
		return err
	}
	if err := os.Mkdir(temp, 0o755); err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	executable := filepath.Join(temp, filepath.Base(b.output))
	if err := b.goBuild(ctx, executable); err != nil {
		return err
	}
	if err := os.Rename(executable, b.output); err != nil {
		return err
	}
	return b.built()
}

func (b build) goBuild(ctx context.Context, executable string) error {
	goCommand, err := goCommand()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, goCommand,
		"build", "-v", "-ldflags", b.ldflags, "-o", executable, b.pkg)
	cmd.Dir = b.dir
	// An interrupted `go build` removes its own temporary files.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second

	progress := startProgress(b.log, b.what)
	cmd.Stdout, cmd.Stderr = progress, progress
	err = cmd.Run()
	messages := progress.end(err == nil)
	if err != nil {
		return fmt.Errorf("go build %s in %s: %w\n%s", b.pkg, b.dir, errors.Join(err, ctx.Err()), messages)
	}
	return nil
}

// lock waits for the file lock beside the executable. The kernel gives it back when its holder dies.
func (b build) lock(ctx context.Context) (unlock func(), err error) {
	file, err := os.OpenFile(b.output+".lock", os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	for waiting := false; ; waiting = true {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { file.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			file.Close()
			return nil, fmt.Errorf("lock %s: %w", file.Name(), err)
		}
		if !waiting {
			fmt.Fprintf(b.log, "slipway: another run is building %s; waiting for it\n", b.output)
		}
		select {
		case <-ctx.Done():
			file.Close()
			return nil, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// goCommand finds the go command.
func goCommand() (string, error) {
	path, err := exec.LookPath("go")
	if err != nil {
		return "", fmt.Errorf("the go command is needed to build: %w; install Go from https://go.dev/dl and put it on PATH", err)
	}
	return path, nil
}
