package localrun

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"slipway/internal/stackfile"
)

// Commands that are for Pulumi Cloud, or fetch something from the network.
var remoteCommands = []string{
	"api", "console", "deployment", "do", "env", "insights", "install", "neo", "new", "org", "plugin install", "policy",
	"template",
}

// refuse names what would leave the machine, or would write local secrets into files that are for AWS.
func refuse(inv invocation) error {
	const plain = "run plain `pulumi` for it"
	if provider := inv.value("secrets-provider"); provider != "" && provider != "default" && provider != "passphrase" {
		return fmt.Errorf("--secrets-provider %s: local stacks have the local passphrase; %s", provider, plain)
	}
	if inv.has("remote") {
		return fmt.Errorf("--remote: local runs do not leave this machine; %s", plain)
	}
	switch {
	case inv.is(remoteCommands...):
		return fmt.Errorf("pulumi %s: local runs do not leave this machine; %s", inv.command, plain)
	case inv.is("login", "logout"):
		return fmt.Errorf("pulumi %s: the backend of local runs is the directory .local; %s", inv.command, plain)
	case inv.is("stack change-secrets-provider"):
		return fmt.Errorf("pulumi %s: local stacks have the local passphrase; %s", inv.command, plain)
	case inv.is("config cp", "config refresh", "config env"):
		return fmt.Errorf("pulumi %s: it would read or write secrets of the committed configuration; %s", inv.command, plain)
	case inv.is("stack history") && inv.has("show-secrets"):
		return fmt.Errorf("pulumi %s --show-secrets: it would ask the secrets provider of AWS deployments; %s",
			inv.command, plain)
	case inv.is("config set", "config set-all") && inv.has("secret"):
		return fmt.Errorf("pulumi %s --secret: it would encrypt with the local passphrase what AWS deployments are to "+
			"decrypt; %s, or put a value for local runs, as plain text, into .local/Pulumi.STACK.yaml", inv.command, plain)
	}
	return nil
}

// prepare does what a command needs to be done before, and returns the arguments to run pulumi with, and what is to be
// done when it has succeeded.
func (r *run) prepare(ctx context.Context) (args []string, after func() error, err error) {
	inv := r.inv
	nothing := func() error { return nil }
	switch {
	case inv.is("up", "preview", "refresh", "destroy", "import", "watch", "logs"):
		return r.prepareOperation(ctx)
	case inv.is("config", "config get"):
		// What is shown is what local runs use, and what they can decrypt.
		configFile, err := r.prepareStack(ctx)
		return inv.with("--config-file", configFile), nothing, err
	case inv.is("config set", "config set-all", "config rm", "config rm-all"):
		// These work on the file that is kept, and want the stack to exist.
		if _, err := r.prepareStack(ctx); err != nil {
			return nil, nil, err
		}
		stack, err := r.stack()
		if file := r.configFile(stack); file != r.project.configFile(stack) && inv.configFile == "" {
			return inv.with("--config-file", file), nothing, err
		}
		return inv.args, nothing, err
	case inv.is("stack init"):
		return inv.with("-C", r.shadow().dir), r.selectNewStack(ctx), r.writeShadow()
	case inv.is("stack rename"):
		stack, err := r.stack()
		if err != nil {
			return nil, nil, err
		}
		return inv.with("-C", r.shadow().dir, "--stack", stack), r.selectNewStack(ctx), r.writeShadow()
	case inv.is("stack rm"):
		// The stack's configuration file is for AWS too.
		return inv.with("--preserve-config"), nothing, nil
	case inv.is("stack select") && inv.has("create"):
		stack := inv.stack
		if stack == "" {
			stack = stackName(inv.operand)
		}
		if stack == "" {
			return inv.args, nothing, nil // pulumi says what is missing
		}
		return inv.args, nothing, r.createStack(ctx, stack)
	}
	return inv.args, nothing, nil
}

// prepareOperation is prepare for the commands that take --config-file.
func (r *run) prepareOperation(ctx context.Context) (args []string, after func() error, err error) {
	configFile, err := r.prepareStack(ctx)
	if err != nil {
		return nil, nil, err
	}
	stack, err := r.stack()
	if err != nil {
		return nil, nil, err
	}
	args = r.inv.with("--config-file", configFile)
	switch {
	case r.inv.is("import"):
		// The code is generated from the packages' schemas, which the embedded AWS does not have.
		fmt.Fprintln(r.stderr, "slipway: import brings what exists into the state; it generates no code")
		return r.inv.with("--config-file", configFile, "--generate-code=false"), func() error { return nil }, nil
	case r.inv.is("up") && !r.inv.has("json") && !r.inv.has("suppress-outputs"):
		return args, func() error { return r.printOutputs(ctx, stack) }, nil
	case r.inv.is("destroy") && r.inv.has("remove"):
		// With --remove, Pulumi would delete the stack's configuration file, which is for AWS too.
		args = slices.DeleteFunc(slices.Clone(args), func(arg string) bool {
			return arg == "--remove" || strings.HasPrefix(arg, "--remove=")
		})
		return args, func() error {
			return r.pulumi(ctx, "stack", "rm", stack, "--preserve-config", "--yes")
		}, nil
	}
	return args, func() error { return nil }, nil
}

// stack is the stack that the command is for: the one that is named, or else the one that Pulumi has selected.
func (r *run) stack() (string, error) {
	if r.inv.stack != "" {
		return r.inv.stack, nil
	}
	for _, variable := range r.environ {
		if stack, ok := strings.CutPrefix(variable, "PULUMI_STACK="); ok && stack != "" {
			return stackName(stack), nil
		}
	}
	if stack := r.project.selectedStack(r.dir); stack != "" {
		return stack, nil
	}
	return "", &UsageError{fmt.Errorf("no stack is named and none is selected; name one with -s: %s", r.choice())}
}

// choice are the stacks that have a configuration, for messages.
func (r *run) choice() string {
	if stacks := r.project.configuredStacks(); len(stacks) > 0 {
		return strings.Join(stacks, ", ")
	}
	return "no Pulumi.STACK.yaml is in " + r.project.configDir
}

// prepareStack writes the configuration of the local stack, and creates the stack when it does not exist. It returns
// the path of the configuration.
func (r *run) prepareStack(ctx context.Context) (configFile string, err error) {
	stack, err := r.stack()
	if err != nil {
		return "", err
	}
	config := stackConfig{
		source:    r.configFile(stack),
		overrides: OverridesFile(r.overrides, stack),
		output:    r.shadow().configFile(stack),
	}
	exists := r.project.stackExists(r.dir, stack)
	if r.inv.configFile != "" {
		config.source = r.inv.configFile
		if !filepath.IsAbs(config.source) {
			config.source = filepath.Join(r.workDir, r.inv.dir, config.source)
		}
		if _, err := os.Stat(config.source); err != nil {
			return "", &UsageError{fmt.Errorf("--config-file: %w", err)}
		}
	} else if _, err := os.Stat(config.source); errors.Is(err, os.ErrNotExist) && !exists {
		return "", &UsageError{fmt.Errorf("there is no stack %q, neither its configuration %s nor a local state; "+
			"configured: %s; `slipway local pulumi stack init %s` makes one without configuration", stack, config.source, r.choice(), stack)}
	}
	notes, err := config.write()
	if err != nil {
		return "", err
	}
	for _, note := range notes {
		fmt.Fprintln(r.stderr, "slipway: "+note)
	}
	if exists {
		return config.output, nil
	}
	return config.output, r.createStack(ctx, stack)
}

// configFile is the file that the stack's configuration is kept in: that of a test environment, or else the committed one.
func (r *run) configFile(stack string) string {
	environment := EnvironmentFile(r.dir, stack)
	if _, err := os.Stat(environment); err == nil {
		return environment
	}
	return r.project.configFile(stack)
}

// createStack creates a local stack, unless it exists, and selects it when none is selected, as Pulumi does.
func (r *run) createStack(ctx context.Context, stack string) error {
	if r.project.stackExists(r.dir, stack) {
		return nil
	}
	if err := r.writeShadow(); err != nil {
		return err
	}
	if _, err := r.quietly(ctx, "stack", "init", stack, "--no-select", "-C", r.shadow().dir); err != nil {
		return err
	}
	fmt.Fprintf(r.stderr, "slipway: created the local stack %s\n", stack)
	if r.project.selectedStack(r.dir) != "" {
		return nil
	}
	_, err := r.quietly(ctx, "stack", "select", stack, "-C", r.project.dir)
	return err
}

// shadow is a project of the same name beside the state, in which Pulumi creates and renames stacks. In the real one it
// would write the salt of the local passphrase into the committed configuration, or move that.
func (r *run) shadow() project {
	dir := filepath.Join(r.dir, "project")
	return project{dir: dir, name: r.project.name, configDir: dir}
}

func (r *run) writeShadow() error {
	return stackfile.Write(filepath.Join(r.shadow().dir, "Pulumi.yaml"), map[string]string{"name": r.project.name, "runtime": "go"})
}

// selectNewStack selects in the real project what Pulumi has selected in the shadow.
func (r *run) selectNewStack(ctx context.Context) func() error {
	before := r.shadow().selectedStack(r.dir)
	return func() error {
		stack := r.shadow().selectedStack(r.dir)
		if stack == "" || stack == before {
			return nil
		}
		_, err := r.quietly(ctx, "stack", "select", stack, "-C", r.project.dir)
		return err
	}
}
