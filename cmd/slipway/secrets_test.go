package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	smtypes "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/ptytest"
)

// withState has the seat's pulumi keep states in a folder, and deploys nothing.
func (s *seat) withState(stacks ...string) {
	s.t.Helper()
	s.environ = append(s.environ, "PULUMI_BACKEND_URL=file://"+s.t.TempDir(), "PULUMI_CONFIG_PASSPHRASE=")
	for _, stack := range stacks {
		s.pulumi("", "stack", "init", stack, "--no-select")
	}
}

func (s *seat) pulumi(stdin string, args ...string) {
	s.t.Helper()
	cmd := s.command()
	cmd.Path, cmd.Args = filepath.Join(s.bin, "pulumi"), append([]string{"pulumi"}, append(args, "--non-interactive")...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	require.NoError(s.t, err, string(out))
}

// outputs gives a stack these outputs, as an update does.
func (s *seat) outputs(stack string, outputs map[string]any) {
	s.t.Helper()
	state, err := json.Marshal(map[string]any{"version": 3, "deployment": map[string]any{
		"manifest": map[string]any{"time": "2026-11-21T10:00:00Z", "version": "v3.250.0"},
		"resources": []any{map[string]any{
			"urn": "urn:pulumi:" + stack + "::slipway::pulumi:pulumi:Stack::slipway-" + stack, "type": "pulumi:pulumi:Stack", "outputs": outputs,
		}},
	}})
	require.NoError(s.t, err)
	s.pulumi(string(state), "stack", "import", "-s", stack, "--force")
}

// runService has ECS run a service of a stack, with these secrets by variable.
func (s *seat) runService(cluster, service, stack string, secrets map[string]string) map[string]any {
	s.t.Helper()
	client := ecs.NewFromConfig(s.sdk())
	made, err := client.CreateCluster(s.t.Context(), &ecs.CreateClusterInput{ClusterName: &cluster})
	require.NoError(s.t, err)
	var containers []ecstypes.ContainerDefinition
	for _, name := range []string{"release", service} {
		container := ecstypes.ContainerDefinition{Name: aws.String(name), Image: aws.String("app"), Cpu: 256, Memory: aws.Int32(512)}
		for variable, from := range secrets {
			container.Secrets = append(container.Secrets, ecstypes.Secret{Name: aws.String(variable), ValueFrom: aws.String(from)})
		}
		containers = append(containers, container)
	}
	definition, err := client.RegisterTaskDefinition(s.t.Context(), &ecs.RegisterTaskDefinitionInput{Family: aws.String(stack + "-" + service), ContainerDefinitions: containers})
	require.NoError(s.t, err)
	_, err = client.CreateService(s.t.Context(), &ecs.CreateServiceInput{Cluster: &cluster, ServiceName: aws.String(service + "-1a2b3c4"), DesiredCount: aws.Int32(1),
		TaskDefinition: definition.TaskDefinition.TaskDefinitionArn, Tags: []ecstypes.Tag{{Key: aws.String("slipway:stack"), Value: aws.String("slipway/" + stack)}}})
	require.NoError(s.t, err)
	return map[string]any{"clusterArn": *made.Cluster.ClusterArn, "service": service + "-1a2b3c4", "container": service, "logGroup": service}
}

func (s *seat) secret(name, value string, tags map[string]string) (arn string) {
	s.t.Helper()
	input := &secretsmanager.CreateSecretInput{Name: &name, SecretString: &value}
	for key, value := range tags {
		input.Tags = append(input.Tags, smtypes.Tag{Key: aws.String(key), Value: aws.String(value)})
	}
	made, err := secretsmanager.NewFromConfig(s.sdk()).CreateSecret(s.t.Context(), input)
	require.NoError(s.t, err)
	return *made.ARN
}

func (s *seat) valueOf(id string) string {
	s.t.Helper()
	answer, err := secretsmanager.NewFromConfig(s.sdk()).GetSecretValue(s.t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &id})
	require.NoError(s.t, err)
	return aws.ToString(answer.SecretString)
}

// TestSecrets is the life of a secret: made before anything is deployed, in use, changed, no longer in use, deleted, and brought back.
func TestSecrets(t *testing.T) {
	t.Parallel()
	s := newSeat(t)
	s.withState("staging")
	var session strings.Builder
	step := func(code int, args []string, answers ...ptytest.Answer) string {
		t.Helper()
		seen := s.types(append([]string{"secrets", "staging"}, args...), answers...)
		session.WriteString(seen.Text + "\n")
		require.Equal(t, code, seen.Code, seen.Text)
		return seen.Text
	}
	step(0, []string{"list"})
	step(0, []string{"set", "STRIPE_KEY"}, ptytest.Answer{When: "STRIPE_KEY of staging: ", Type: "hush-1\n"})
	assert.Equal(t, "hush-1", s.valueOf("slipway/staging/STRIPE_KEY"))
	step(0, []string{"list"})

	// What pulumi up does: the configuration's ARN is in the task definitions.
	arn := s.configured("STRIPE_KEY")
	mail := s.secret("mail", `{"user": "shop", "password": "hush-2", "port": 25}`, nil)
	generated := s.secret("secret-key-secret-1a2b3c4", "hush-3", map[string]string{"slipway:stack": "slipway/staging", "slipway:resource": "aws:secretsmanager/secret:Secret::secret-key-secret"})
	theirs := s.secret("slipway/prod/SHARED", "hush-4", map[string]string{"slipway:stack": "slipway/prod", "slipway:secret": "SHARED"})
	s.pulumi("", "config", "set-all", "--path", "-s", "staging", "--plaintext", "webSecrets.MAIL_PASSWORD="+mail+"#password", "--plaintext", "webSecrets.SHARED="+theirs,
		"--plaintext", "webSecrets.OLD=arn:aws:ssm:us-east-1:123456789012:parameter/old")
	wired := map[string]string{"STRIPE_KEY": arn, "MAIL_PASSWORD": mail + ":password::", "DJANGO_SECRET_KEY": generated + ":::v1"}
	s.outputs("staging", map[string]any{"services": map[string]any{
		"web": s.runService("cluster-1a2b3c4", "web", "staging", wired), "workers": s.runService("cluster-1a2b3c4", "workers", "staging", wired),
	}})
	s.runService("cluster-5d6e7f8", "web", "pr-1", map[string]string{"STRIPE_KEY": arn})
	s.account.Answer("ecs ListTasks", 200, `{"taskArns": ["arn:aws:ecs:us-east-1:123456789012:task/c/1", "arn:aws:ecs:us-east-1:123456789012:task/c/2"]}`)
	s.account.Answer("ecs DescribeTasks", 200, `{"tasks": [{"startedAt": 1000000000}, {"startedAt": 4000000000}]}`)
	step(0, []string{"list"})

	step(0, []string{"set", "STRIPE_KEY"}, ptytest.Answer{When: "STRIPE_KEY of staging: ", Type: "hush-5\n"})
	assert.Equal(t, "hush-5", s.valueOf(arn))
	step(0, []string{"set", "MAIL_PASSWORD"}, ptytest.Answer{When: ": ", Type: "hush-6\n"})
	assert.JSONEq(t, `{"user": "shop", "password": "hush-6", "port": 25}`, s.valueOf(mail), "the other keys stay")

	before := s.read("Pulumi.staging.yaml")
	s.writes()
	step(1, []string{"unset", "STRIPE_KEY"})
	step(1, []string{"unset", "MAIL_PASSWORD"})
	step(1, []string{"unset", "NOTHING"})
	step(1, []string{"set", "SHARED"})
	step(1, []string{"set", "OLD"})
	step(1, []string{"set", "NEW_KEY", "--redeploy"})
	step(2, []string{"set", "DATABASE_HOST"})
	step(2, []string{"set", "A-B"})
	step(1, []string{"set", "STRIPE_KEY"}, ptytest.Answer{When: ": ", Type: "\x03"})
	step(1, []string{"set", "STRIPE_KEY"}, ptytest.Answer{When: ": ", Type: "\n"})
	assert.Empty(t, s.writes(), "what is refused changes nothing")
	assert.Equal(t, before, s.read("Pulumi.staging.yaml"))

	// Nobody has it any more.
	client := ecs.NewFromConfig(s.sdk())
	for cluster, services := range map[string][]string{"cluster-1a2b3c4": {"web-1a2b3c4", "workers-1a2b3c4"}, "cluster-5d6e7f8": {"web-1a2b3c4"}} {
		for _, service := range services {
			_, err := client.DeleteService(t.Context(), &ecs.DeleteServiceInput{Cluster: aws.String(cluster), Service: aws.String(service), Force: aws.Bool(true)})
			require.NoError(t, err)
		}
	}
	s.write("Pulumi.pr-1.yaml", fmt.Sprintf("config:\n  slipway:webSecrets:\n    STRIPE_KEY: %s\n", arn))
	step(1, []string{"unset", "STRIPE_KEY"})
	require.NoError(t, os.Remove(filepath.Join(s.dir, "Pulumi.pr-1.yaml")))
	step(0, []string{"unset", "STRIPE_KEY", "--recovery-days", "7"})
	assert.NotContains(t, s.read("Pulumi.staging.yaml"), "STRIPE_KEY")
	step(0, []string{"unset", "STRIPE_KEY", "--recovery-days", "7"})
	step(0, []string{"set", "STRIPE_KEY"}, ptytest.Answer{When: ": ", Type: "hush-7\n"})
	assert.Equal(t, "hush-7", s.valueOf(arn))
	assert.Equal(t, arn, s.configured("STRIPE_KEY"))

	assert.NotContains(t, session.String(), "hush")
	ptytest.Golden(t, "secrets", session.String())
	for _, file := range []string{"Pulumi.staging.yaml", "Pulumi.yaml"} {
		assert.NotContains(t, s.read(file), "hush")
	}
}

// configured is the ARN that the configuration has for a variable.
func (s *seat) configured(name string) string {
	s.t.Helper()
	_, after, found := strings.Cut(s.read("Pulumi.staging.yaml"), name+": ")
	require.True(s.t, found, name)
	arn, _, _ := strings.Cut(after, "\n")
	return arn
}

func TestSecretsWithoutATerminal(t *testing.T) {
	t.Parallel()
	s := newSeat(t)
	s.fake("pulumi", `case "$*" in *"-s staging"*) echo "{}" ;; *) echo "error: no stack named 'load' found" >&2; exit 255 ;; esac`)
	for _, test := range []struct {
		name, stdin string
		args        []string
		code        int
		says        string
		value       string
	}{
		{name: "several lines", stdin: "-----BEGIN KEY-----\nhush\n-----END KEY-----\n", args: []string{"staging", "set", "TLS_KEY"}, says: "TLS_KEY of staging is set: slipway/staging/TLS_KEY", value: "-----BEGIN KEY-----\nhush\n-----END KEY-----"},
		{name: "nothing", args: []string{"staging", "set", "EMPTY"}, code: 1, says: "the value is empty; nothing was changed"},
		{name: "no text", stdin: "hush\xff", args: []string{"staging", "set", "BINARY"}, code: 1, says: "the value is not text (UTF-8)"},
		{name: "too long", stdin: strings.Repeat("hush", 20000), args: []string{"staging", "set", "LONG"}, code: 1, says: "takes 65536 at most; nothing was changed"},
		{name: "as an argument", args: []string{"staging", "set", "KEY", "hush"}, code: 2, says: "accepts 2 arg(s), received 3; usage: slipway secrets STACK set NAME"},
		{name: "no stack", args: []string{"load", "list"}, code: 1, says: "pulumi stack output: no stack named 'load' found"},
		{name: "no command", args: []string{"staging"}, code: 2, says: "slipway secrets takes a stack and then list, set NAME, unset NAME"},
		{name: "JSON", args: []string{"staging", "list", "--json"}, says: ""},
	} {
		code, stdout, stderr := s.run(test.stdin, append([]string{"secrets"}, test.args...)...)
		assert.Equal(t, test.code, code, "%s: %s", test.name, stderr)
		assert.Contains(t, stderr, test.says, test.name)
		assert.NotContains(t, stdout+stderr, "hush", test.name)
		if test.value != "" {
			assert.Equal(t, test.value, s.valueOf("slipway/staging/"+test.args[2]), test.name)
		}
		if test.name == "JSON" {
			var list []struct{ Name, KeptBy string }
			require.NoError(t, json.Unmarshal([]byte(stdout), &list), stdout)
			assert.Equal(t, "TLS_KEY", list[0].Name)
			assert.Len(t, list, 1)
		}
	}
	list, err := secretsmanager.NewFromConfig(s.sdk()).ListSecrets(t.Context(), &secretsmanager.ListSecretsInput{})
	require.NoError(t, err)
	assert.Len(t, list.SecretList, 1)

	// Who may not look at all stacks can set a secret all the same.
	s.account.Answer("ecs ListClusters", 400, `{"__type": "AccessDeniedException", "message": "not allowed"}`)
	code, _, stderr := s.run("hush", "secrets", "staging", "set", "TLS_KEY")
	assert.Zero(t, code)
	assert.Contains(t, stderr, "slipway: other stacks that share TLS_KEY are not known: ECS ListClusters: the AWS credentials may not do this")
	s.account.AnswerOnce("secretsmanager DescribeSecret", 400, `{"__type": "AccessDeniedException", "message": "not allowed"}`)
	code, stdout, _ := s.run("", "secrets", "staging", "list")
	assert.Zero(t, code)
	assert.Contains(t, stdout, "TLS_KEY  -        not allowed to look")
	code, _, stderr = s.run("", "secrets", "staging", "unset", "TLS_KEY")
	assert.Equal(t, 1, code, "what is not known may be in use")
	assert.Contains(t, stderr, "ECS ListClusters")

	s.account.Answer("secretsmanager ListSecrets", 400, `{"__type": "AccessDeniedException", "message": "not allowed\nat all"}`)
	code, _, stderr = s.run("", "secrets", "staging", "list")
	assert.Equal(t, 1, code)
	assert.Equal(t, "slipway: Secrets Manager ListSecrets: the AWS credentials may not do this; take others, or have the action allowed (AccessDeniedException: not allowed at all)\n", stderr)
}
