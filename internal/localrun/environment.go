package localrun

import (
	"path/filepath"
	"slices"
	"strings"
)

// Passphrase is the passphrase of every local stack. It protects nothing: the state beside it is of things that do not
// exist, and whoever can read that can read this. Pulumi's file backend has no mode without one.
const Passphrase = "slipway-local"

// Variables of Pulumi that say how a command behaves and cannot lead out of the machine. All others are taken out of the
// environment: they hold tokens, name other backends, or switch on the services of Pulumi Cloud.
var keptPulumiVariables = []string{
	"PULUMI_CONTINUE_ON_ERROR",
	"PULUMI_DEBUG_COMMANDS",
	"PULUMI_DEBUG_GRPC",
	"PULUMI_EXPERIMENTAL",
	"PULUMI_OPTIMIZED_CHECKPOINT_PATCH",
	"PULUMI_PARALLEL",
	"PULUMI_PARALLEL_DIFF",
	"PULUMI_RUN_PROGRAM",
	"PULUMI_SKIP_CHECKPOINTS",
	"PULUMI_SKIP_CONFIRMATIONS",
	"PULUMI_STACK",
}

// Variables by which something else than the embedded AWS could be reached.
var removedPrefixes = []string{
	"AWS_", "ARM_", "AZURE_", "GOOGLE_", "CLOUDSDK_", "VAULT_", "DOCKER_", "BUILDKIT_", "BUILDX_", "OTEL_", "KUBE", "PULUMI_",
}

var removedVariables = []string{"TRACEPARENT", "TRACESTATE"}

// environment is the environment of a local run: environ without what could lead out of the machine, and with what
// makes Pulumi keep everything it writes in dir. providers and languages are the ports of what is attached.
func environment(environ []string, dir, workDir, providers, languages string) []string {
	env := slices.DeleteFunc(slices.Clone(environ), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return name == "PWD" || leadsOut(name)
	})
	return append(env,
		// The directory as Pulumi is to see it: with the symbolic links of the path by which the user came.
		"PWD="+workDir,
		"PULUMI_HOME="+pulumiHome(dir),
		// metadata=skip: without it a killed run can leave an empty .attrs file beside the state, which makes the state unreadable.
		"PULUMI_BACKEND_URL=file://"+filepath.ToSlash(stateDir(dir))+"?metadata=skip",
		"PULUMI_CONFIG_PASSPHRASE="+Passphrase,
		"PULUMI_DEBUG_PROVIDERS="+providers,
		"PULUMI_DEBUG_LANGUAGES="+languages,
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true",
		"PULUMI_IGNORE_AMBIENT_PLUGINS=true",
		"PULUMI_SKIP_UPDATE_CHECK=true",
		// Pulumi asks git about the project; without this, git would write its index anew.
		"GIT_OPTIONAL_LOCKS=0",
		// What asks for credentials in spite of that finds none, neither in the home directory nor from the machine's role.
		"AWS_SHARED_CREDENTIALS_FILE=/dev/null",
		"AWS_CONFIG_FILE=/dev/null",
		"AWS_EC2_METADATA_DISABLED=true",
	)
}

func leadsOut(name string) bool {
	if slices.Contains(keptPulumiVariables, name) {
		return false
	}
	return slices.Contains(removedVariables, name) ||
		slices.ContainsFunc(removedPrefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

func pulumiHome(dir string) string { return filepath.Join(dir, "pulumi") }

func stateDir(dir string) string { return filepath.Join(dir, "state") }
