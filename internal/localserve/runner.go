package localserve

import (
	"context"
	"io"
	"syscall"
)

// runner runs containers: as Docker's, or as plain processes.
type runner interface {
	// start starts a container. What it writes goes to its output.
	start(ctx context.Context, c containerStart) (container, error)
	// newTask makes what the containers of a task share, and says how to get rid of it.
	newTask(name string) (shared any, remove func(), err error)
}

// containerStart is a container with all that it needs.
type containerStart struct {
	name        string // of the run, such as web-1/release
	definition  containerDefinition
	memory      int // MiB of the task
	environment map[string]string
	secrets     map[string]string // more variables
	shared      any               // of its task
	output      io.Writer

	// For a command that somebody runs: with their terminal.
	interactive    bool
	stdin          io.Reader
	stdout, stderr io.Writer
}

// container is one that has been started.
type container interface {
	// signal sends a signal to its first process, kill ends all of them at once.
	signal(s syscall.Signal)
	kill()
	// ended is closed when it has ended; then exit is its code.
	ended() <-chan struct{}
	exit() int
	// address is where this machine reaches one of its ports, as host:port.
	address(port int) (string, error)
	// check runs the command of a health check in it; nil when it says that it is healthy.
	check(ctx context.Context, command []string) error
}
