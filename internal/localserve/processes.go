package localserve

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// processes runs containers as plain processes of this machine. The files of the image are a copy of the build's context; where its
// Dockerfile says WORKDIR /app, /app stands for that copy. Programs such as python3 are this machine's.
type processes struct {
	home   *home
	source *source
	image  imageConfig
	path   string // PATH
}

// findInterpreter is what an application has beside its Dockerfile to say which python3 has its packages.
const findInterpreter = "tests/find-python"

// newProcesses prepares the files, or uses those of the run that is there. A user is one of the containers'.
func newProcesses(ctx context.Context, h *home, src *source, user string, isThere bool) (*processes, error) {
	if src == nil {
		return nil, errors.New("the image was not built from a folder here, so there is nothing that could run as a process; deploy with imageContext, or run with Docker where the image is")
	}
	p := &processes{home: h, source: src}
	var err error
	if p.image, err = readDockerfile(src.dockerfile, src.target); err != nil {
		return nil, err
	}
	if !isThere {
		if err := src.copyTo(h.path("app")); err != nil {
			return nil, err
		}
	}
	p.path, err = p.findPath(ctx, user)
	return p, err
}

// findPath is PATH with the directory of the interpreter in front that has the packages, as the user finds it.
func (p *processes) findPath(ctx context.Context, user string) (string, error) {
	path := cmp.Or(os.Getenv("PATH"), "/usr/local/bin:/usr/bin:/bin")
	script := filepath.Join(p.source.context, filepath.FromSlash(findInterpreter))
	if _, err := os.Stat(script); err != nil {
		return path, nil
	}
	cmd := exec.CommandContext(ctx, script)
	cmd.Env = []string{"PATH=" + path, "HOME=" + os.Getenv("HOME"), "PYTHONDONTWRITEBYTECODE=1", "PYTHON=" + os.Getenv("PYTHON")}
	credential, _, err := credentialOf(user)
	if err != nil {
		return "", err
	}
	if credential != nil && reachableByAll(filepath.Dir(script)) {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: credential}
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("no python3 has the application's packages: %s", cmp.Or(strings.TrimSpace(said.String()), err.Error()))
	}
	return filepath.Dir(strings.TrimSpace(string(out))) + string(os.PathListSeparator) + path, nil
}

// credentialOf is the user that containers run as, by number. Who is not root cannot be anybody else.
func credentialOf(user string) (credential *syscall.Credential, left bool, err error) {
	if user == "" {
		return nil, false, nil
	}
	uidText, gidText, _ := strings.Cut(user, ":")
	uid, err := strconv.ParseUint(uidText, 10, 32)
	if err != nil {
		return nil, false, fmt.Errorf("the container's user is %q: a plain process takes a number, such as 10001:10001", user)
	}
	gid, err := strconv.ParseUint(cmp.Or(gidText, uidText), 10, 32)
	if err != nil {
		return nil, false, fmt.Errorf("the container's group is %q: a plain process takes a number, such as 10001:10001", user)
	}
	if os.Getuid() != 0 {
		return nil, true, nil
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, false, nil
}

// newTask implements runner: the containers of a task have a directory in the place of their volumes.
func (p *processes) newTask(name string) (shared any, remove func(), err error) {
	parent := p.home.path("tasks")
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return nil, nil, err
	}
	dir, err := os.MkdirTemp(parent, strings.ReplaceAll(name, "/", "-")+"-")
	if err != nil {
		return nil, nil, err
	}
	// As /tmp: whoever the containers run as.
	return dir, func() { os.RemoveAll(dir) }, os.Chmod(dir, 0o777|os.ModeSticky)
}

// runningProcess is a container that is a process.
type runningProcess struct {
	*process
	spec  *exec.Cmd
	ports map[int]int
}

// start implements runner.
func (p *processes) start(_ context.Context, c containerStart) (container, error) {
	command := slices.Concat(firstGiven(c.definition.EntryPoint, p.image.entryPoint), c.definition.Command)
	if len(c.definition.Command) == 0 && len(c.definition.EntryPoint) == 0 {
		command = append(command, p.image.command...)
	}
	if len(command) == 0 {
		return nil, errors.New("neither the task definition nor the Dockerfile says what to run")
	}
	temporary := c.shared.(string)
	environment := maps.Clone(p.image.environment)
	maps.Copy(environment, c.environment)
	maps.Copy(environment, c.secrets)
	ports, err := p.choosePorts(c.definition, environment)
	if err != nil {
		return nil, err
	}
	environment["PATH"] = p.path
	environment["HOME"], environment["TMPDIR"] = temporary, temporary
	credential, _, err := credentialOf(c.definition.User)
	if err != nil {
		return nil, err
	}
	program := p.inImage(command[0])
	if !strings.Contains(program, "/") {
		if program, err = lookPath(program, p.path); err != nil {
			return nil, err
		}
	}
	cmd := exec.Command(program, command[1:]...)
	cmd.Args[0] = command[0]
	cmd.Dir = p.inImage(cmp.Or(c.definition.WorkingDirectory, p.image.workDir))
	for _, name := range slices.Sorted(maps.Keys(environment)) {
		cmd.Env = append(cmd.Env, name+"="+environment[name])
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: credential}
	if credential != nil && environment["PYTHONWARNINGS"] == "" {
		// Celery takes a user that has no name, as the image's has none on this machine, for root.
		cmd.Env = append(cmd.Env, "PYTHONWARNINGS=ignore:::celery.platforms")
	}
	r := &runningProcess{spec: cmd, ports: ports}
	if c.interactive {
		cmd.Stdin, cmd.Stdout, cmd.Stderr = c.stdin, c.stdout, c.stderr
		r.process, err = startInteractive(cmd)
	} else {
		r.process, err = p.home.startProcess(cmd, c.output)
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// choosePorts gives each port of the container one on loopback. Containers have addresses of their own, processes share this
// machine's: PORT says which one to take, and gunicorn is told to listen to nobody else.
func (p *processes) choosePorts(definition containerDefinition, environment map[string]string) (map[int]int, error) {
	ports := map[int]int{}
	for _, mapping := range definition.PortMappings {
		port, err := freePort(loopback)
		if err != nil {
			return nil, err
		}
		ports[mapping.ContainerPort] = port
		if value, given := environment["PORT"]; len(ports) == 1 && (!given || value == strconv.Itoa(mapping.ContainerPort)) {
			environment["PORT"] = strconv.Itoa(port)
			environment["GUNICORN_CMD_ARGS"] = strings.TrimSpace(environment["GUNICORN_CMD_ARGS"] + fmt.Sprintf(" --bind=%s:%d", loopback, port))
		}
	}
	return ports, nil
}

// inImage is where a path of the image is on this machine.
func (p *processes) inImage(path string) string {
	if relative, err := filepath.Rel(p.image.workDir, path); filepath.IsAbs(path) && err == nil && filepath.IsLocal(relative) {
		return filepath.Join(p.home.path("app"), relative)
	}
	return path
}

func firstGiven(lists ...[]string) []string {
	for _, list := range lists {
		if len(list) > 0 {
			return list
		}
	}
	return nil
}

// lookPath looks for a program in another PATH than this process's.
func lookPath(program, path string) (string, error) {
	for _, dir := range filepath.SplitList(path) {
		candidate := filepath.Join(dir, program)
		if info, err := os.Stat(candidate); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0 {
			return candidate, nil
		}
	}
	return "", fmt.Errorf("there is no program %q on PATH", program)
}

func (r *runningProcess) ended() <-chan struct{} { return r.done }
func (r *runningProcess) exit() int              { return r.code }

func (r *runningProcess) address(port int) (string, error) {
	chosen, ok := r.ports[port]
	if !ok {
		return "", fmt.Errorf("the container has no port %d", port)
	}
	return fmt.Sprintf("%s:%d", loopback, chosen), nil
}

// check implements container.
func (r *runningProcess) check(ctx context.Context, command []string) error {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir, cmd.Env = r.spec.Dir, r.spec.Env
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: r.spec.SysProcAttr.Credential, Pdeathsig: syscall.SIGKILL}
	return cmd.Run()
}
