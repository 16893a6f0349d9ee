package localserve

import (
	"context"
	"fmt"
	"path/filepath"
)

// chooseRunner decides between Docker and processes, and where PostgreSQL and moto are to listen.
func (r *run) chooseRunner(ctx context.Context) error {
	r.mode, r.endpoints.Host = Processes, loopback
	if r.home.former == Docker {
		if err := r.removeLeftovers(ctx); err != nil {
			return err
		}
	}
	if r.With == Processes {
		return nil
	}
	err := r.useDocker(ctx)
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	if r.With == Docker {
		return err
	}
	r.console.say("not with Docker: %v", err)
	return nil
}

func (r *run) useDocker(ctx context.Context) error {
	if err := dockerAnswers(ctx); err != nil {
		return err
	}
	src, err := r.source()
	if err != nil {
		return err
	}
	output := r.console.stream("build")
	image, err := findImage(ctx, r.services[0].main().Image, src, r.BuildArguments, output, r.console.say)
	output.Close()
	if err != nil {
		return err
	}
	network, gateway, err := r.home.joinNetwork(ctx)
	if err != nil {
		return err
	}
	r.mode, r.image, r.network, r.endpoints.Host = Docker, image, network, gateway
	r.runner = newDocker(r.home, image, network)
	return nil
}

// removeLeftovers removes what a run that was killed has left in Docker.
func (r *run) removeLeftovers(ctx context.Context) error {
	n, err := r.home.removeLeftovers(ctx)
	if err != nil {
		return fmt.Errorf("a former run, which was killed, has left containers: %w", err)
	}
	if n > 0 {
		r.console.say("removed %s that a former run, which was killed, had left", plural(n, "container"))
	}
	return nil
}

// source is what the services' image is built from. All of them run the same one.
func (r *run) source() (*source, error) {
	return r.sourceOf(r.services[0].main().Image, r.Dir)
}

// prepareRunner gets the files of the image ready for plain processes.
func (r *run) prepareRunner(ctx context.Context) error {
	src, err := r.source()
	if err != nil {
		return err
	}
	if src != nil {
		if digest, err := src.digest(); err == nil && src.deployed != "" && digest != src.deployed {
			r.console.say("%s has changed since it was deployed, and is served as it is now; make up STACK=%s deploys it", relativeTo(r.Dir, src.context), r.Stack)
		}
	}
	if r.mode == Docker {
		return nil
	}
	user := r.services[0].main().User
	if _, left, err := credentialOf(user); err != nil {
		return err
	} else if left {
		r.console.say("the containers' user %s and their read-only root are root's to enforce: the processes run as you", user)
	}
	r.runner, err = newProcesses(ctx, r.home, src, user, false)
	return err
}

func relativeTo(dir, path string) string {
	if relative, err := filepath.Rel(dir, path); err == nil && filepath.IsLocal(relative) {
		return relative
	}
	return path
}

// openRun finds the run of a stack that somebody else has started.
func openRun(local, stack string) (*home, Running, error) {
	dir, err := homeDir(local, stack)
	if err != nil {
		return nil, Running{}, err
	}
	h := &home{dir: dir}
	running, err := readRunning(dir)
	if err != nil || !h.isTaken() {
		return nil, Running{}, fmt.Errorf("nothing serves the stack %s; in another terminal: slipway local serve %[1]s", stack)
	}
	if running.Endpoints.AWS == 0 {
		return nil, Running{}, fmt.Errorf("the stack %s is just being started", stack)
	}
	return h, running, nil
}
