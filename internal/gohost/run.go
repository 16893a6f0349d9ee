package gohost

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/constant"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// Run starts the program and waits for its end. What it writes is shown by the engine, line by line.
func (h *Host) Run(ctx context.Context, req *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	path, err := h.executable(ctx)
	if err != nil {
		return &pulumirpc.RunResponse{Error: err.Error()}, nil
	}
	engineAddress := h.engineAddress(ctx)
	env, err := runEnvironment(req, engineAddress)
	if err != nil {
		return nil, err
	}
	engine, err := grpc.NewClient(engineAddress,
		grpc.WithTransportCredentials(insecure.NewCredentials()), rpcutil.GrpcChannelOptions())
	if err != nil {
		return nil, fmt.Errorf("language host: engine at %q: %w", engineAddress, err)
	}
	defer engine.Close()

	program := exec.Command(path, req.GetArgs()...)
	program.Dir = req.GetPwd()
	program.Env = append(append([]string{}, h.env...), env...)
	// A group of its own: Ctrl-C in the terminal is for the CLI alone, and a kill reaches what the program started.
	program.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	// A process that the program left behind holds its output open; without a limit it would keep the run from ending.
	program.WaitDelay = 2 * time.Second
	wait := forwardOutput(ctx, program, pulumirpc.NewEngineClient(engine))
	if err := h.start(program); err != nil {
		wait()
		return &pulumirpc.RunResponse{Error: err.Error()}, nil
	}
	err = program.Wait()
	wait()
	return runResponse(err, h.end(program)), nil
}

// start starts the program, unless the host is being closed.
func (h *Host) start(program *exec.Cmd) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return errors.New("the program did not start: the CLI has ended")
	}
	if err := program.Start(); err != nil {
		return fmt.Errorf("the program did not start: %w", err)
	}
	h.programs[program] = struct{}{}
	return nil
}

// end forgets a program that has ended and tells whether killPrograms ended it.
func (h *Host) end(program *exec.Cmd) (killed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, running := h.programs[program]
	delete(h.programs, program)
	return !running
}

func (h *Host) killPrograms() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for program := range h.programs {
		_ = syscall.Kill(-program.Process.Pid, syscall.SIGKILL) // it may have ended just now
		delete(h.programs, program)
	}
}

// runResponse translates the program's end. The SDK's ExitStatusLoggedError and a cancelled program have told the
// engine their error already: Bail keeps it from being reported a second time.
func runResponse(err error, killed bool) *pulumirpc.RunResponse {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}
	case killed:
		return &pulumirpc.RunResponse{Bail: true}
	case !errors.As(err, &exit):
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("the program: %v", err)}
	case exit.ExitCode() == constant.ExitStatusLoggedError:
		return &pulumirpc.RunResponse{Bail: true}
	case exit.ExitCode() < 0:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("the program ended by %v", exit)}
	default:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("the program exited with status %d", exit.ExitCode())}
	}
}

// runEnvironment is how a Go program learns what it runs for: the variables that pulumi.Run reads.
func runEnvironment(req *pulumirpc.RunRequest, engineAddress string) ([]string, error) {
	config, err := json.Marshal(req.GetConfig())
	if err != nil {
		return nil, fmt.Errorf("language host: configuration: %w", err)
	}
	secretKeys, err := json.Marshal(append([]string{}, req.GetConfigSecretKeys()...))
	if err != nil {
		return nil, fmt.Errorf("language host: secret configuration keys: %w", err)
	}
	return []string{
		pulumi.EnvOrganization + "=" + req.GetOrganization(),
		pulumi.EnvProject + "=" + req.GetProject(),
		pulumi.EnvPulumiRootDirectory + "=" + req.GetInfo().GetRootDirectory(),
		pulumi.EnvStack + "=" + req.GetStack(),
		pulumi.EnvConfig + "=" + string(config),
		pulumi.EnvConfigSecretKeys + "=" + string(secretKeys),
		pulumi.EnvDryRun + "=" + strconv.FormatBool(req.GetDryRun()),
		pulumi.EnvParallel + "=" + strconv.Itoa(int(req.GetParallel())),
		pulumi.EnvMonitor + "=" + req.GetMonitorAddress(),
		pulumi.EnvEngine + "=" + engineAddress,
	}, nil
}

// forwardOutput sends the program's lines to the engine. Each stream has an id, by which the engine's display keeps
// the lines of one together. The returned function waits until the last line is sent.
func forwardOutput(ctx context.Context, program *exec.Cmd, engine pulumirpc.EngineClient) (wait func()) {
	var group sync.WaitGroup
	stream := func(id int32) *io.PipeWriter {
		r, w := io.Pipe()
		group.Go(func() {
			forwardLines(r, func(line string) {
				// A line that the engine no longer takes is lost with the engine.
				_, _ = engine.Log(ctx, &pulumirpc.LogRequest{
					Severity: pulumirpc.LogSeverity_INFO, Message: line, StreamId: id,
				})
			})
		})
		return w
	}
	stdout, stderr := stream(1), stream(2)
	program.Stdout, program.Stderr = stdout, stderr
	return func() {
		stdout.Close()
		stderr.Close()
		group.Wait()
	}
}

// forwardLines sends each line with its line end, and what follows the last line end as a line.
func forwardLines(r io.Reader, send func(string)) {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			send(line)
		}
		if err != nil {
			return
		}
	}
}
