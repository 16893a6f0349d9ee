package localrun

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestEnvironment(t *testing.T) {
	t.Parallel()
	env := environment([]string{
		"HOME=/home/user", "PATH=/bin", "TERM=xterm", "NO_COLOR=1", "PWD=/elsewhere", "SLIPWAY_FAULTS=x",
		"PULUMI_STACK=prod", "PULUMI_PARALLEL=4",
		"AWS_PROFILE=admin", "AWS_ACCESS_KEY_ID=AKIA", "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://x",
		"AWS_SHARED_CREDENTIALS_FILE=/home/user/.aws/credentials",
		"GOOGLE_APPLICATION_CREDENTIALS=/x", "VAULT_TOKEN=x", "AZURE_CLIENT_SECRET=x",
		"PULUMI_ACCESS_TOKEN=pul-x", "PULUMI_BACKEND_URL=s3://state", "PULUMI_CONFIG_PASSPHRASE=mine",
		"PULUMI_CONFIG_PASSPHRASE_FILE=/x", "PULUMI_HOME=/home/user/.pulumi", "PULUMI_API=https://x", "PULUMI_OPTION_REMOTE=true",
		"DOCKER_HOST=tcp://x", "DOCKER_CONFIG=/x", "OTEL_EXPORTER_OTLP_ENDPOINT=http://x", "TRACEPARENT=x", "KUBECONFIG=/x",
	}, "/project/.local", "/project", "aws:1,docker:2", "go:3")
	assert.ElementsMatch(t, []string{
		"HOME=/home/user", "PATH=/bin", "TERM=xterm", "NO_COLOR=1", "SLIPWAY_FAULTS=x",
		"PULUMI_STACK=prod", "PULUMI_PARALLEL=4",
		"PWD=/project",
		"PULUMI_HOME=/project/.local/pulumi",
		"PULUMI_BACKEND_URL=file:///project/.local/state?metadata=skip",
		"PULUMI_CONFIG_PASSPHRASE=" + Passphrase,
		"PULUMI_DEBUG_PROVIDERS=aws:1,docker:2",
		"PULUMI_DEBUG_LANGUAGES=go:3",
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true",
		"PULUMI_IGNORE_AMBIENT_PLUGINS=true",
		"PULUMI_SKIP_UPDATE_CHECK=true",
		"GIT_OPTIONAL_LOCKS=0",
		"AWS_SHARED_CREDENTIALS_FILE=/dev/null",
		"AWS_CONFIG_FILE=/dev/null",
		"AWS_EC2_METADATA_DISABLED=true",
	}, env)
}

func TestWriteOutputs(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	writeOutputs(&text, "staging", map[string]any{
		"databaseEndpoint": "db.example.org", "webUrl": "https://www.example.org/?a=1&b=2", "password": "[secret]", "serviceName": "web-service-1",
		"subnets": []any{"subnet-1", "subnet-2"}, "shared": map[string]any{"vpcId": "vpc-1"}, // for programs
	}, "bin/slipway local destroy -s staging")
	assert.Equal(t, `
staging is up on the embedded AWS.

  Web address  https://www.example.org/?a=1&b=2
  Database     db.example.org
  Service      web-service-1
  password     [secret]
  subnets      ["subnet-1","subnet-2"]

Nothing answers at these addresses: the embedded AWS keeps what exists and runs nothing.

Next:
  bin/slipway local serve staging                          run it on this machine
  bin/slipway local pulumi preview -s staging              what a change would do
  bin/slipway local pulumi stack output -s staging --json  these values for scripts
  bin/slipway local aws ls                                 what exists
  bin/slipway local destroy -s staging                     delete it
`, text.String())
}

func TestOlder(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		version, least string
		want           bool
	}{
		{"v3.250.0", "v3.250.0", false},
		{"v3.251.0", "v3.250.0", false},
		{"v3.99.0", "v3.250.0", true},
		{"3.250.0", "v3.250.0", false},
		{"v3.250.0-alpha.1", "v3.250.0", true},
		{"unknown", "v3.250.0", true},
	} {
		assert.Equal(t, test.want, older(test.version, test.least), test.version)
	}
}
