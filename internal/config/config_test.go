package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"slipway/components"
)

type noMocks struct{}

func (noMocks) NewResource(pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	return "", nil, fmt.Errorf("configuration registers nothing")
}

func (noMocks) Call(pulumi.MockCallArgs) (resource.PropertyMap, error) {
	return nil, fmt.Errorf("configuration asks AWS nothing")
}

// encrypted at a value's end makes it one that the stack keeps encrypted.
const encrypted = "(encrypted)"

// load reads a configuration whose keys are given without the project's name.
func load(t *testing.T, values map[string]string) (loaded *Config, keys []string, err error) {
	t.Helper()
	return loadAs(t, "test", values)
}

// loadAs is load for a stack of that name.
func loadAs(t *testing.T, stack string, values map[string]string) (loaded *Config, keys []string, err error) {
	t.Helper()
	qualified := map[string]string{}
	for key, value := range values {
		if !strings.Contains(key, ":") {
			key = "slipway:" + key
		}
		qualified[key] = value
	}
	secretKeys := []string{}
	for key := range qualified {
		if strings.HasSuffix(qualified[key], encrypted) {
			secretKeys = append(secretKeys, key)
		}
	}
	runErr := pulumi.RunErr(func(ctx *pulumi.Context) error {
		r := newReader(ctx)
		r.root = "../.."
		loaded, err = r.load()
		keys = r.known
		return nil
	}, pulumi.WithMocks("slipway", stack, noMocks{}), func(info *pulumi.RunInfo) { info.Config, info.ConfigSecretKeys = qualified, secretKeys })
	require.NoError(t, runErr)
	return loaded, keys, err
}

// documented is the configuration section of Pulumi.yaml.
func documented(t *testing.T) map[string]struct {
	Type, Description string
	Default           any
} {
	t.Helper()
	raw, err := os.ReadFile("../../Pulumi.yaml")
	require.NoError(t, err)
	var project struct {
		Config map[string]struct {
			Type, Description string
			Default           any
		}
	}
	require.NoError(t, yaml.Unmarshal(raw, &project))
	return project.Config
}

// TestPulumiYamlDocumentsWhatIsRead keeps the file that people read and the code the same: the keys and the defaults.
func TestPulumiYamlDocumentsWhatIsRead(t *testing.T) {
	t.Parallel()
	inFile := map[string]string{"ephemeral": "true"} // a stack without a domain has to be
	var keysInFile []string
	for key, c := range documented(t) {
		keysInFile = append(keysInFile, key)
		assert.NotEmpty(t, c.Type, "%s has a type", key)
		assert.Greater(t, len(c.Description), 20, "%s has a description", key)
		if key == "ephemeral" {
			assert.Equal(t, false, c.Default)
			continue
		}
		if text, ok := c.Default.(string); ok {
			inFile[key] = text
			continue
		}
		encoded, err := json.Marshal(c.Default)
		require.NoError(t, err)
		inFile[key] = string(encoded)
	}
	fromFile, keysRead, err := load(t, inFile)
	require.NoError(t, err)
	fromCode, _, err := load(t, map[string]string{"ephemeral": "true"})
	require.NoError(t, err)

	slices.Sort(keysInFile)
	slices.Sort(keysRead)
	assert.Equal(t, keysRead, keysInFile)
	// Pulumi.yaml has to give an empty object or list where the code has none.
	fromFile.Image.BuildArgs = nil
	fromFile.Network.EndpointServices = nil
	fromFile.Alarms.Emails = nil
	fromFile.Site.Immutable, fromFile.Site.CorsOrigins = nil, nil
	fromFile.Workers.Steps, fromFile.Workers.Schedules = nil, nil
	assert.Equal(t, fromCode, fromFile)
}

// freeText are the keys for which every text is right.
var freeText = []string{"imageRevision", "staticFolder", "webCommand", "webReleaseCommand", "pipelineTestCommand"}

// badValue is a wrong value for a key, and what the message must say besides the key.
type badValue struct{ Value, Says string }

func badValues(t *testing.T, file string) map[string]badValue {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + file)
	require.NoError(t, err)
	var values map[string]badValue
	require.NoError(t, yaml.Unmarshal(raw, &values))
	return values
}

func TestABadValueIsOneClearErrorThatNamesTheKey(t *testing.T) {
	t.Parallel()
	wrong := badValues(t, "bad-values.yaml")
	maps.Copy(wrong, badValues(t, "bad-pipeline-values.yaml"))
	for key := range documented(t) {
		bad, tested := wrong[key]
		if slices.Contains(freeText, key) {
			continue
		}
		require.True(t, tested, "there is no bad value for %s", key)
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			values := map[string]string{"domain": "app.example.com", "webMinCount": "2"}
			if strings.HasPrefix(key, "pipeline") {
				values = maps.Clone(goodPipeline)
			}
			values[key] = bad.Value
			_, _, err := load(t, values)
			require.Error(t, err)
			assert.Contains(t, err.Error(), "1 field is wrong:\n  - slipway:"+key)
			assert.Contains(t, err.Error(), "Nothing was deployed")
			assert.Contains(t, err.Error(), "takes ")
			assert.Contains(t, err.Error(), bad.Says)
		})
	}
}

// goodPipeline is a configuration of a delivery pipeline.
var goodPipeline = map[string]string{
	"pipelineEnvironments": `[{"stack": "staging", "smokeTest": true}, {"stack": "prod", "approval": true}]`,
	"pipelineSource":       `{"provider": "GitHub", "repository": "example/shop"}`,
	"pipelineBackendUrl":   "s3://my-state",
	"pipelineStateKeyArn":  "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555",
}

func TestAPipelineIsNoEnvironment(t *testing.T) {
	t.Parallel()
	values := maps.Clone(goodPipeline)
	maps.Copy(values, map[string]string{"egress": "nats", "imageContext": "web", "imageTarget": "", "architecture": "X86_64", "alarmEmails": `["ops@example.com"]`})
	cfg, _, err := load(t, values)
	require.NoError(t, err, "an environment's keys, which Pulumi.yaml gives defaults in every stack, are of no effect")
	assert.Nil(t, cfg.Web)
	assert.Equal(t, []components.PipelineEnvironment{{Stack: "staging", SmokeTest: true}, {Stack: "prod", Approval: true}}, cfg.Pipeline.Environments)
	assert.Equal(t, components.PipelineImage{Context: "web", Architecture: "X86_64"}, cfg.Pipeline.Image)
	assert.Equal(t, []string{"ops@example.com"}, cfg.Pipeline.Emails)
	assert.Equal(t, 7*24*60, cfg.Pipeline.ApprovalTimeout)

	environment, _, err := load(t, map[string]string{"ephemeral": "true", "pipelineBackendUrl": "nowhere"})
	require.NoError(t, err)
	assert.Nil(t, environment.Pipeline)
}

func TestDeployRolesAreAStackOfTheirOwn(t *testing.T) {
	t.Parallel()
	const deploy, plan = "arn:aws:iam::123456789012:role/deploy", "arn:aws:iam::123456789012:role/plan"
	values := map[string]string{"deployRoles": `{"stack": "prod", "deployTrustedArns": ["` + deploy + `"], "planTrustedArns": ["` + plan + `"], "pushImages": true}`, "egress": "nats"}
	cfg, _, err := load(t, values)
	require.NoError(t, err, "an environment's keys are of no effect")
	assert.Nil(t, cfg.Web)
	assert.Equal(t, &components.DeployRolesArgs{Stack: "prod", PushImages: true,
		DeployTrustedArns: pulumi.StringArray{pulumi.String(deploy)}, PlanTrustedArns: pulumi.StringArray{pulumi.String(plan)}}, cfg.DeployRoles)

	_, _, err = load(t, map[string]string{"deployRoles": `{"stack": "test", "buckets": ["x"]}`, "pipelineEnvironments": goodPipeline["pipelineEnvironments"]})
	for _, says := range []string{
		`slipway:deployRoles: takes no value in a pipeline`,
		`slipway:deployRoles.deployTrustedArns: got nothing, takes the ARNs of the roles that may deploy`,
		`slipway:deployRoles.buckets[0]: got "x"`,
		`slipway:deployRoles.stack: got "test", takes another stack than this one`,
	} {
		assert.ErrorContains(t, err, says)
	}
	_, _, err = load(t, map[string]string{"deployRoles": `{"stacks": "prod"}`})
	require.ErrorContains(t, err, "slipway:deployRoles: got")
	require.ErrorContains(t, err, "an object such as {stack: prod")
}

func TestAllMistakesAreReportedAtOnce(t *testing.T) {
	t.Parallel()
	values := map[string]string{}
	// Whether these are wrong depends on other keys being right.
	dependent := []string{"webMemory", "webMaxCount", "endpointServices", "image", "imageDockerfile", "imageTarget", "workerMemory", "workerMaxCount"}
	for key, bad := range badValues(t, "bad-values.yaml") {
		if !slices.Contains(dependent, key) {
			values[key] = bad.Value
		}
	}
	_, _, err := load(t, values)
	require.Error(t, err)
	for key := range values {
		assert.Contains(t, err.Error(), "\n  - slipway:"+key)
	}
	assert.Equal(t, len(values), strings.Count(err.Error(), "\n  - "), "%v", err)
}

func TestADomainIsRequiredUnlessEphemeral(t *testing.T) {
	t.Parallel()
	_, _, err := load(t, nil)
	require.ErrorContains(t, err, "slipway:domain: got \"\", takes a domain name")
	_, _, err = load(t, map[string]string{"ephemeral": "true"})
	require.NoError(t, err)
}

func TestTasksReachTheirImage(t *testing.T) {
	t.Parallel()
	image := func(registry string) string { return registry + "/app@sha256:" + strings.Repeat("a", 64) }
	here, elsewhere := image("210987654321.dkr.ecr.eu-central-1.amazonaws.com"), image("123456789012.dkr.ecr.us-east-1.amazonaws.com")
	for name, c := range map[string]struct {
		values  map[string]string
		reached bool
	}{
		"the region's":                  {map[string]string{"image": here}, true},
		"another region's":              {map[string]string{"image": elsewhere}, false},
		"Docker Hub's":                  {map[string]string{"image": image("library")}, false},
		"another region's, through NAT": {map[string]string{"image": elsewhere, "egress": "nat"}, true},
		"by another stack's network":    {map[string]string{"image": elsewhere, "sharedWith": "staging"}, true},
		"a region that is not known":    {map[string]string{"image": elsewhere, "aws:region": ""}, true},
	} {
		values := map[string]string{"ephemeral": "true", "aws:region": "eu-central-1"}
		maps.Copy(values, c.values)
		_, _, err := load(t, values)
		if c.reached {
			assert.NoError(t, err, name)
			continue
		}
		assert.ErrorContains(t, err, "slipway:image: got", name)
		assert.ErrorContains(t, err, "takes an image in ECR in eu-central-1, which is all that tasks reach through endpoints; set slipway:egress to nat", name)
	}
}

func TestTheStaticSiteHasANameOfItsOwn(t *testing.T) {
	t.Parallel()
	_, _, err := load(t, map[string]string{"domain": "app.example.com", "staticDomain": "app.example.com"})
	require.ErrorContains(t, err, "slipway:staticDomain: got \"app.example.com\", takes another name than slipway:domain")
	_, _, err = load(t, map[string]string{"domain": "app.example.com", "staticDomain": "static.example.com", "staticHostedZone": "example.net"})
	require.ErrorContains(t, err, "slipway:staticHostedZone: got \"example.net\", takes a zone that static.example.com is in")
}

// TestAlarmsAreForThoseWhoAreTold holds that an ephemeral stack pays for the alarms that are for people when there are any.
func TestAlarmsAreForThoseWhoAreTold(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		values map[string]string
		alarms bool
	}{
		"production":               {map[string]string{"domain": "app.example.com"}, true},
		"ephemeral":                {map[string]string{"ephemeral": "true"}, false},
		"ephemeral, with receiver": {map[string]string{"ephemeral": "true", "alarmEmails": `["ops@example.com"]`}, true},
	} {
		c, _, err := load(t, test.values)
		require.NoError(t, err)
		assert.Equal(t, test.alarms, *c.Web.Alarms, name)
		assert.Equal(t, test.alarms, *c.Database.Alarms, name)
	}
}

func TestEachAddressIsToldOnce(t *testing.T) {
	t.Parallel()
	_, _, err := load(t, map[string]string{"domain": "app.example.com", "alarmEmails": `["ops@example.com", "ops@example.com"]`})
	require.ErrorContains(t, err, `slipway:alarmEmails[1]: got "ops@example.com", takes each address once`)
}

func TestValuesArriveTyped(t *testing.T) {
	t.Parallel()
	c, _, err := load(t, map[string]string{"domain": "app.example.com", "databaseMinCapacity": "0", "webCommand": `["web", "--threads", "4"]`,
		"webEnvironment": `{"LEVEL": "debug", "UPLOAD": 5242880, "TRACE": true}`,
		"webSecrets":     `{"PAY": "arn:aws:secretsmanager:us-east-1:123456789012:secret:pay-AbCdEf#token"}`, "architecture": "X86_64"})
	require.NoError(t, err)
	assert.Zero(t, *c.Database.MinCapacity)
	assert.Equal(t, []string{"web", "--threads", "4"}, c.Web.Command)
	assert.Equal(t, map[string]pulumi.StringInput{"LEVEL": pulumi.String("debug"), "UPLOAD": pulumi.String("5242880"), "TRACE": pulumi.String("true")}, c.Web.Environment)
	pay := components.SecretReference{Arn: pulumi.String("arn:aws:secretsmanager:us-east-1:123456789012:secret:pay-AbCdEf"), JsonKey: pulumi.String("token")}
	assert.Equal(t, map[string]components.SecretReference{"PAY": pay}, c.Web.Secrets)
	assert.Equal(t, c.Web.Secrets, c.Workers.Secrets)
	assert.Equal(t, "linux/amd64", c.Image.Platform, "the image is built for what runs it")

	c, _, err = load(t, map[string]string{"domain": "app.example.com", "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/app@sha256:" + strings.Repeat("a", 64)})
	require.NoError(t, err)
	assert.Empty(t, c.Image.Context, "a prebuilt image is not built")
}

func TestNearestFindsTheMistypedKey(t *testing.T) {
	t.Parallel()
	known := []string{"egress", "zones", "webCpu", "webCpuTarget"}
	assert.Equal(t, "egress", nearest("egres", known))
	assert.Equal(t, "webCpu", nearest("webcpu", known))
	assert.Empty(t, nearest("somethingElse", known))
}

func TestASecretIsNotTakenWhereItWouldBeReadable(t *testing.T) {
	t.Parallel()
	_, _, err := load(t, map[string]string{"domain": "app.example.com", "webEnvironment": `{"TOKEN": "hunter2"}` + encrypted})
	require.ErrorContains(t, err, "slipway:webEnvironment: takes no encrypted value")
	assert.ErrorContains(t, err, "slipway:webSecrets")
	assert.NotContains(t, err.Error(), "hunter2")
}

func TestStepsAndSchedulesArriveTyped(t *testing.T) {
	t.Parallel()
	c, _, err := load(t, map[string]string{"ephemeral": "true", "workerSteps": `[{"upper": 0, "change": -2}, {"lower": 1, "change": 1}]`,
		"schedules":            `{"clear-sessions": {"expression": "cron(0 3 * * ? *)", "timeZone": "Europe/Berlin", "command": ["python3", "manage.py", "clearsessions"]}}`,
		"workerLatencySeconds": "60", "workerSecondsPerMessage": "0.5"})
	require.NoError(t, err)
	assert.Equal(t, []components.ScalingStep{{Upper: new(0), Change: -2}, {Lower: new(1), Change: 1}}, c.Workers.Steps)
	assert.Equal(t, map[string]components.Schedule{"clear-sessions": {Expression: "cron(0 3 * * ? *)", TimeZone: "Europe/Berlin", Command: []string{"python3", "manage.py", "clearsessions"}}}, c.Workers.Schedules)
	assert.Equal(t, &components.BacklogPerTask{LatencySeconds: 60, SecondsPerMessage: 0.5, Concurrency: 2}, c.Workers.Backlog)

	_, _, err = load(t, map[string]string{"ephemeral": "true", "schedules": `{"a": {"expression": "rate(1 day)", "timeZone": "CEST", "command": ["x"]}, "b": {"expression": "rate(1 day)"}}`})
	require.ErrorContains(t, err, `slipway:schedules.a.timeZone: got "CEST", takes a time zone`)
	require.ErrorContains(t, err, "slipway:schedules.b.command: got nothing, takes a list of texts")
}
