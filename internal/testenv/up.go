package testenv

import (
	"context"
	"fmt"
	"slices"

	"slipway/internal/localrun"
	"slipway/internal/stacks"
)

// Wish is what the user wants a test environment to be. Nil leaves it as it is, or at the default.
type Wish struct {
	// Shared asks for the kind Shared. Default: Whole.
	Shared *bool
	// From is the stack whose configuration is taken. Default: staging.
	From *string
}

// Up makes a test environment, or brings the one that is there up to date. A run that died half-way is carried on.
func (e *Environments) Up(ctx context.Context, name string, wish Wish) error {
	if err := checkName(name); err != nil {
		return err
	}
	found, err := e.find(ctx, name)
	if err != nil {
		return err
	}
	own, err := e.ownConfiguration(name, found)
	if err != nil {
		return err
	}
	origin, err := wish.of(name, found, e.Command)
	if err != nil {
		return err
	}
	source, err := e.source(origin.from)
	if err != nil {
		return err
	}
	if err := e.create(ctx, name, origin, found, source); err != nil {
		return err
	}
	if err := e.configure(ctx, name, origin, source, own); err != nil {
		return err
	}
	if found != nil {
		if err := e.settle(ctx, name, found.state); err != nil {
			return err
		}
	}
	if err := e.pulumi().Locked(ctx, name, append([]string{"up", "-s", name}, e.approval()...)...); err != nil {
		return err
	}
	e.say("%s is a %s test environment of %s; take it down with %s down %[1]s", name, origin.kind, origin.from, e.Command)
	return nil
}

// existing is a stack that is there.
type existing struct {
	origin
	state  stacks.State
	others []stack // of the project
}

// find finds a stack by its name; nil for none. One that is no test environment is refused.
func (e *Environments) find(ctx context.Context, name string) (*existing, error) {
	all, err := e.stacks(ctx)
	if err != nil || !has(all, name) {
		return nil, err
	}
	found := &existing{others: slices.DeleteFunc(all, func(s stack) bool { return s.Name == name })}
	if found.origin, err = e.origin(ctx, name); err != nil {
		return nil, err
	}
	if found.state, err = e.pulumi().State(ctx, name); err != nil {
		return nil, err
	}
	// A run that was cut off before it could mark the stack has made nothing else.
	if found.kind == "" && !found.state.IsEmpty() {
		err = fmt.Errorf("%s is no test environment: the stack has resources and was not made by `%s up`. Nothing was changed", name, e.Command)
	}
	return found, err
}

// of is what the environment is, or is to be.
func (w Wish) of(name string, found *existing, command string) (origin, error) {
	if found != nil && found.kind != "" {
		if w.Shared != nil && *w.Shared != (found.kind == Shared) || w.From != nil && *w.From != found.from {
			return origin{}, &localrun.UsageError{Err: fmt.Errorf("%s is a %s test environment of %s, and stays one: take it down first with `%s down %[1]s`, or give no --shared and --from",
				name, found.kind, found.from, command)}
		}
		return found.origin, nil
	}
	o := origin{Whole, "staging"}
	if w.Shared != nil && *w.Shared {
		o.kind = Shared
	}
	if w.From != nil {
		o.from = *w.From
	}
	return o, nil
}

// ownConfiguration reads the environment's configuration. What is not known to be a test environment and has another
// configuration is refused.
func (e *Environments) ownConfiguration(name string, found *existing) (*configuration, error) {
	if found == nil || found.kind == "" {
		if err := e.refuseConfigured(name); err != nil {
			return nil, err
		}
	}
	paths, err := e.Place.EnvironmentFiles(name)
	if err != nil {
		return nil, err
	}
	return readConfiguration(paths, e.Project)
}

// refuseConfigured refuses a name for which somebody has written a configuration, such as staging and prod.
func (e *Environments) refuseConfigured(name string) error {
	for _, files := range []func(string) ([]string, error){e.Place.SourceFiles, e.Place.EnvironmentFiles} {
		paths, err := files(name)
		if err != nil {
			return err
		}
		c, err := readConfiguration(paths[:1], e.Project)
		if err != nil {
			return err
		}
		if !c.isEmpty() && !c.isEnvironment() {
			return fmt.Errorf("%s is no test environment: %s has the configuration of a stack of that name. Nothing was changed; take another name, such as pr-123", name, c.fileNames())
		}
	}
	return nil
}

// source reads the configuration that environments are made from.
func (e *Environments) source(from string) (*configuration, error) {
	paths, err := e.Place.SourceFiles(from)
	if err != nil {
		return nil, err
	}
	c, err := readConfiguration(paths, e.Project)
	if err != nil {
		return nil, err
	}
	if c.isEmpty() {
		return nil, &localrun.UsageError{Err: fmt.Errorf("--from %s: there is no configuration %s", from, paths[0])}
	}
	if c.isEnvironment() {
		return nil, &localrun.UsageError{Err: fmt.Errorf("--from %s: it is a test environment itself; take the stack that it was made from", from)}
	}
	if c.text("ephemeral") != "true" {
		return nil, fmt.Errorf("--from %s: %s is not ephemeral, so an environment like it could not be taken down: what holds data is protected. "+
			"Take a stack whose configuration has %sephemeral true, such as staging", from, c.fileNames(), c.prefix)
	}
	return c, nil
}

// create creates the stack, unless it is there, and marks it.
func (e *Environments) create(ctx context.Context, name string, o origin, found *existing, source *configuration) error {
	if found == nil {
		args := []string{"stack", "init", name, "--no-select"}
		account, err := e.Place.Account()
		if err != nil {
			return err
		}
		if provider := secretsProvider(source.encryption()); provider != "" && account == nil {
			args = append(args, "--secrets-provider", provider)
		}
		if _, err := e.pulumi().Output(ctx, args...); err != nil {
			return err
		}
		e.say("created the stack %s", name)
	}
	if found != nil && found.kind != "" {
		return nil
	}
	return e.mark(ctx, name, o)
}

// secretsProvider is the one that a new stack is to have; "" for the backend's default.
func secretsProvider(source map[string]string) string {
	switch {
	case source["secretsprovider"] != "":
		return source["secretsprovider"]
	case source["encryptionsalt"] != "":
		return "passphrase"
	}
	return ""
}

// configure gives the environment a configuration, unless it has one here.
func (e *Environments) configure(ctx context.Context, name string, o origin, source, own *configuration) error {
	account, err := e.Place.Account()
	if err != nil {
		return err
	}
	source.become(name, o)
	if account != nil {
		// Local runs encrypt anew, and need no key for that.
		if !own.isEmpty() {
			return nil
		}
		return source.write(own.paths, nil)
	}
	encrypted := source.takeEncrypted()
	if own.isEmpty() {
		// The stack may have been made elsewhere, by another job for example.
		state, err := e.pulumi().State(ctx, name)
		if err != nil {
			return err
		}
		if err := source.write(own.paths, encryption(state)); err != nil {
			return err
		}
	}
	for _, key := range encrypted {
		if own.get(key) != nil {
			continue
		}
		if _, err := e.pulumi().Output(ctx, "config", "cp", key, "-s", o.from, "-d", name); err != nil {
			return err
		}
	}
	return nil
}

// encryption is what a configuration file has to have so that Pulumi finds the keys of the stack.
func encryption(s stacks.State) map[string]string {
	provider := s.SecretsProviders
	switch provider.Type {
	case "passphrase":
		return map[string]string{"encryptionsalt": provider.State.Salt}
	case "cloud":
		return map[string]string{"secretsprovider": provider.State.URL, "encryptedkey": provider.State.EncryptedKey}
	}
	return nil // Pulumi Cloud keeps them
}
