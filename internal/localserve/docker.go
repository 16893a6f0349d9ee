package localserve

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// docker runs containers as Docker's, in a network of the stack's. PostgreSQL and moto, which are processes of this machine, listen
// on this machine's address in that network.
type docker struct {
	home    *home
	image   string // what is run
	network string
}

func (d *docker) labels() []string { return []string{"--label", label + "=" + d.home.dir} }

// label marks what a run has made, so that the next one finds what a run that was killed has left.
const label = "slipway.serve"

// dockerCommand runs docker and returns what it prints. On failure the error has what it says.
func dockerCommand(ctx context.Context, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, "docker", args...).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return "", fmt.Errorf("docker %s: %s", args[0], cmp.Or(strings.TrimSpace(string(exit.Stderr)), err.Error()))
	}
	return strings.TrimSpace(string(out)), err
}

// dockerAnswers says why Docker cannot be used; nil when it can.
func dockerAnswers(ctx context.Context) error {
	if _, err := exec.LookPath("docker"); err != nil {
		return errors.New("docker is not installed")
	}
	if _, err := dockerCommand(ctx, "version", "--format", "{{.Server.Version}}"); err != nil {
		return fmt.Errorf("no Docker daemon answers: %w", err)
	}
	return nil
}

// dockerName is a name of the stack's home for what Docker keeps: two checkouts have different ones.
func (h *home) dockerName() string { return "slipway-" + shortHash(h.dir) }

// joinNetwork makes the stack's network, or finds it, and returns this machine's address in it.
func (h *home) joinNetwork(ctx context.Context) (name, gateway string, err error) {
	name = h.dockerName()
	if _, err := dockerCommand(ctx, "network", "inspect", name); err != nil {
		if _, err := dockerCommand(ctx, "network", "create", "--label", label+"="+h.dir, name); err != nil {
			return "", "", err
		}
	}
	gateway, err = dockerCommand(ctx, "network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}", name)
	if err != nil {
		return "", "", err
	}
	// Where Docker is in a virtual machine, its networks do not reach this one.
	listener, err := net.Listen("tcp", net.JoinHostPort(gateway, "0"))
	if err != nil {
		return "", "", fmt.Errorf("this machine has no address in Docker's network: %w", err)
	}
	return name, gateway, listener.Close()
}

// findImage is what runs for an image that is registered: itself where Docker has it, or else one that is built from its source. The
// digest is the embedded AWS's own, which no build can have, and its platform is Fargate's; so it is built for this machine, and
// called after the digest of what it is built from.
func findImage(ctx context.Context, registered string, src *source, buildArguments map[string]string, output io.Writer, say func(format string, args ...any)) (string, error) {
	if _, err := dockerCommand(ctx, "image", "inspect", registered); err == nil {
		return registered, nil
	}
	if src == nil {
		return "", fmt.Errorf("the image %s is not in Docker, and was not built from a folder here; docker pull it", registered)
	}
	digest, err := src.digest()
	if err != nil {
		return "", err
	}
	arguments := maps.Clone(src.arguments)
	if arguments == nil {
		arguments = map[string]string{}
	}
	maps.Copy(arguments, buildArguments)
	build := []string{"build", "--file", src.dockerfile}
	if src.target != "" {
		build = append(build, "--target", src.target)
	}
	for _, name := range slices.Sorted(maps.Keys(arguments)) {
		build = append(build, "--build-arg", name+"="+arguments[name])
	}
	image := "slipway-local:" + shortHash(strings.Join(append(build, digest), "\n"))
	if _, err := dockerCommand(ctx, "image", "inspect", image); err == nil {
		return image, nil
	}
	say("building the image; --with processes does without")
	cmd := exec.CommandContext(ctx, "docker", append(build, "--tag", image, src.context)...)
	cmd.Env = append(os.Environ(), "DOCKER_BUILDKIT=1")
	cmd.Stdout, cmd.Stderr = output, output
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("docker build: %w", err)
	}
	return image, nil
}

func newDocker(h *home, image, network string) *docker {
	return &docker{home: h, image: image, network: network}
}

// removeLeftovers removes the containers and volumes of a run that was killed, and returns how many containers that were.
func (h *home) removeLeftovers(ctx context.Context) (int, error) {
	filter := "label=" + label + "=" + h.dir
	found, err := dockerCommand(ctx, "ps", "--all", "--quiet", "--filter", filter)
	if err != nil {
		return 0, err
	}
	containers := strings.Fields(found)
	if len(containers) > 0 {
		if _, err := dockerCommand(ctx, append([]string{"rm", "--force", "--volumes"}, containers...)...); err != nil {
			return 0, err
		}
	}
	volumes, err := dockerCommand(ctx, "volume", "ls", "--quiet", "--filter", filter)
	if err == nil && volumes != "" {
		_, err = dockerCommand(ctx, append([]string{"volume", "rm"}, strings.Fields(volumes)...)...)
	}
	return len(containers), err
}

// removeNetwork is done at the end.
func (h *home) removeNetwork(ctx context.Context) error {
	_, err := dockerCommand(ctx, "network", "rm", h.dockerName())
	return err
}

// dockerTask is what the containers of a task share: the names of its volumes.
type dockerTask struct {
	prefix  string
	volumes map[string]bool
}

func (t *dockerTask) volume(name string) string { return t.prefix + "-" + name }

func (t *dockerTask) container(c containerStart) string { return t.prefix + "-" + c.definition.Name }

// newTask implements runner.
func (d *docker) newTask(name string) (shared any, remove func(), err error) {
	t := &dockerTask{prefix: d.home.dockerName() + "-" + strings.ReplaceAll(name, "/", "-") + "-" + randomText(6), volumes: map[string]bool{}}
	return t, func() {
		for volume := range t.volumes {
			_, _ = dockerCommand(context.Background(), "volume", "rm", volume)
		}
	}, nil
}

// dockerContainer is a container of Docker's, with the `docker run` that is attached to it.
type dockerContainer struct {
	*process
	name string
}

// start implements runner.
func (d *docker) start(ctx context.Context, c containerStart) (container, error) {
	task := c.shared.(*dockerTask)
	for _, mount := range c.definition.MountPoints {
		volume := task.volume(mount.SourceVolume)
		if task.volumes[volume] {
			continue
		}
		if _, err := dockerCommand(ctx, slices.Concat([]string{"volume", "create"}, d.labels(), []string{volume})...); err != nil {
			return nil, err
		}
		task.volumes[volume] = true
	}
	cmd := exec.Command("docker", d.runArguments(c)...)
	cmd.Env = os.Environ()
	for variable, value := range c.secrets {
		cmd.Env = append(cmd.Env, variable+"="+value)
	}
	var err error
	r := &dockerContainer{name: task.container(c)}
	if c.interactive {
		cmd.Stdin, cmd.Stdout, cmd.Stderr = c.stdin, c.stdout, c.stderr
		r.process, err = startInteractive(cmd)
	} else {
		r.process, err = d.home.startProcess(cmd, c.output)
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// runArguments are those of docker run. Secrets are named only: their values are in the environment of docker, as everybody sees
// arguments.
func (d *docker) runArguments(c containerStart) []string {
	task := c.shared.(*dockerTask)
	args := slices.Concat([]string{"run", "--rm", "--sig-proxy=false", "--name", task.container(c), "--network", d.network}, d.labels())
	if c.interactive {
		args = append(args, "--interactive")
		if file, ok := c.stdin.(*os.File); ok && isTerminal(file) {
			args = append(args, "--tty")
		}
	}
	if c.definition.ReadonlyRootFilesystem {
		args = append(args, "--read-only")
	}
	if c.definition.User != "" {
		args = append(args, "--user", c.definition.User)
	}
	if c.definition.WorkingDirectory != "" {
		args = append(args, "--workdir", c.definition.WorkingDirectory)
	}
	if c.memory > 0 {
		args = append(args, "--memory", fmt.Sprintf("%dm", c.memory))
	}
	for _, mount := range c.definition.MountPoints {
		option := "type=volume,source=" + task.volume(mount.SourceVolume) + ",target=" + mount.ContainerPath
		if mount.ReadOnly {
			option += ",readonly"
		}
		args = append(args, "--mount", option)
	}
	for _, variable := range slices.Sorted(maps.Keys(c.environment)) {
		args = append(args, "--env", variable+"="+c.environment[variable])
	}
	for _, variable := range slices.Sorted(maps.Keys(c.secrets)) {
		args = append(args, "--env", variable)
	}
	command := c.definition.Command
	if len(c.definition.EntryPoint) > 0 {
		args = append(args, "--entrypoint", c.definition.EntryPoint[0])
		command = slices.Concat(c.definition.EntryPoint[1:], command)
	}
	return slices.Concat(args, []string{d.image}, command)
}

func (c *dockerContainer) signal(s syscall.Signal) {
	for range 20 { // between `docker run` and its container there is a moment
		_, err := dockerCommand(context.Background(), "kill", "--signal", fmt.Sprint(int(s)), c.name)
		if err == nil || c.process.hasEnded() {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// kill removes the container: its end is the end of `docker run`.
func (c *dockerContainer) kill() {
	_, _ = dockerCommand(context.Background(), "rm", "--force", "--volumes", c.name)
	c.process.kill()
}

func (c *dockerContainer) ended() <-chan struct{} { return c.done }
func (c *dockerContainer) exit() int              { return c.code }

// address implements container: this machine is in the container's network.
func (c *dockerContainer) address(port int) (string, error) {
	out, err := dockerCommand(context.Background(), "inspect", "--format", "{{json .NetworkSettings.Networks}}", c.name)
	if err != nil {
		return "", err
	}
	var networks map[string]struct{ IPAddress string }
	if err := json.NewDecoder(bytes.NewReader([]byte(out))).Decode(&networks); err != nil {
		return "", err
	}
	for _, n := range networks {
		if n.IPAddress != "" {
			return fmt.Sprintf("%s:%d", n.IPAddress, port), nil
		}
	}
	return "", fmt.Errorf("the container %s has no address yet", c.name)
}

// check implements container.
func (c *dockerContainer) check(ctx context.Context, command []string) error {
	_, err := dockerCommand(ctx, append([]string{"exec", c.name}, command...)...)
	return err
}
