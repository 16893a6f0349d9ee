package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"slipway/internal/enginetest"
)

// otherValues has another good value for each key of the configuration, on top of staging's.
var otherValues = map[string]map[string]any{
	"deployRoles":                       {"deployRoles": map[string]any{"stack": "prod", "deployTrustedArns": []string{"arn:aws:iam::210987654321:role/deploy"}}},
	"ephemeral":                         {"ephemeral": false, "domain": "app.example.com"},
	"logRetentionDays":                  {"logRetentionDays": 60},
	"alarmEmails":                       {"alarmEmails": []string{"ops@example.com"}},
	"dashboard":                         {"dashboard": false},
	"vpcCidr":                           {"vpcCidr": "10.1.0.0/16"},
	"zones":                             {"zones": 3},
	"egress":                            {"egress": "endpoints"},
	"endpointServices":                  {"endpointServices": []string{"xray"}},
	"endpointZones":                     {"egress": "endpoints", "endpointZones": "running"},
	"flowLogs":                          {"flowLogs": true},
	"databaseName":                      {"databaseName": "shop"},
	"databaseMinCapacity":               {"databaseMinCapacity": "1"},
	"databaseMaxCapacity":               {"databaseMaxCapacity": "3"},
	"databaseAutoPauseSeconds":          {"databaseAutoPauseSeconds": 600},
	"databaseBackupRetentionDays":       {"databaseBackupRetentionDays": 3},
	"databaseReaders":                   {"databaseReaders": 1},
	"databasePerformanceInsights":       {"databasePerformanceInsights": true},
	"databaseMonitoringIntervalSeconds": {"databaseMonitoringIntervalSeconds": 30},
	"databaseDataApi":                   {"databaseDataApi": false},
	"image":                             {"image": "public.ecr.aws/docker/library/nginx@sha256:" + strings.Repeat("a", 64)},
	"imageContext":                      {"imageContext": "docker", "imageDockerfile": "docker/app/Dockerfile"},
	"imageDockerfile":                   {"imageDockerfile": "docker/../docker/app/Dockerfile"},
	"imageTarget":                       {"imageTarget": "base"},
	"imageRevision":                     {"imageRevision": "2"},
	"imageBuildArgs":                    {"imageBuildArgs": map[string]any{"PYTHON_PACKAGES": "debian"}},
	"domain":                            {"domain": "app.example.com"},
	"hostedZone":                        {"domain": "a.b.example.com", "hostedZone": "example.com"},
	"domainWildcard":                    {"domain": "app.example.com", "domainWildcard": true},
	"architecture":                      {"architecture": "X86_64"},
	"webCpu":                            {"webCpu": 512, "webMemory": 1024},
	"webMemory":                         {"webMemory": 1024},
	"webPort":                           {"webPort": 9000},
	"webHealthCheckPath":                {"webHealthCheckPath": "/healthz"},
	"webCommand":                        {"webCommand": []string{"web", "--reload"}},
	"webReleaseCommand":                 {"webReleaseCommand": []string{"release", "--wait", "60"}},
	"webEnvironment":                    {"webEnvironment": map[string]any{"UPLOAD": 5242880}},
	"webSecrets":                        {"webSecrets": map[string]any{"PAY": "arn:aws:ssm:us-east-1:123456789012:parameter/pay"}},
	"webMinCount":                       {"webMinCount": 2},
	"webMaxCount":                       {"webMaxCount": 3},
	"webCpuTarget":                      {"webCpuTarget": 50},
	"webMemoryTarget":                   {"webMemoryTarget": 60},
	"webRequestsTarget":                 {"webRequestsTarget": 500},
	"webLatencyLimit":                   {"alarmEmails": []string{"ops@example.com"}, "webLatencyLimit": "0.5"},
	"webSpotWeight":                     {"webSpotWeight": 50},
	"webStopTimeout":                    {"webStopTimeout": 60},
	"containerUser":                     {"containerUser": "1000"},
	"webEnableExecuteCommand":           {"webEnableExecuteCommand": true},
	"containerInsights":                 {"containerInsights": true},
	"accessLogs":                        {"accessLogs": true},
	"staticSite":                        {"staticSite": false},
	"staticDomain":                      {"staticDomain": "static.example.com"},
	"staticHostedZone":                  {"staticDomain": "a.b.example.com", "staticHostedZone": "example.com"},
	"staticFolder":                      {"staticFolder": "docker/app/todo/static"},
	"staticImmutable":                   {"staticFolder": "docker/app/todo/static", "staticImmutable": []string{"todo/"}},
	"staticSinglePage":                  {"staticSinglePage": true},
	"staticCorsOrigins":                 {"staticCorsOrigins": []string{"https://app.example.com"}},
	"staticPriceClass":                  {"staticPriceClass": "PriceClass_All"},
	"staticWebAclArn":                   {"staticWebAclArn": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/site/11111111-2222-3333-4444-555555555555"},
	"queueWorkers":                      {"queueWorkers": false},
	"queueVisibilityTimeout":            {"queueVisibilityTimeout": 600},
	"queueMaxReceiveCount":              {"queueMaxReceiveCount": 5},
	"queueMaxMessageAge":                {"queueMaxMessageAge": 3600},
	"workerCommand":                     {"workerCommand": []string{"worker", "--verbose"}},
	"workerEnvironment":                 {"workerEnvironment": map[string]any{"LEVEL": "debug"}},
	"workerCpu":                         {"workerCpu": 512, "workerMemory": 1024},
	"workerMemory":                      {"workerMemory": 1024},
	"workerConcurrency":                 {"workerConcurrency": 4},
	"workerMinCount":                    {"workerMinCount": 1},
	"workerMaxCount":                    {"workerMaxCount": 3},
	"workerIdleMinutes":                 {"workerIdleMinutes": 10},
	"workerSteps":                       {"workerMaxCount": 5, "workerSteps": []any{map[string]any{"upper": 0, "change": -1}, map[string]any{"lower": 1, "upper": 10, "change": 1}, map[string]any{"lower": 10, "change": 2}}},
	"workerLatencySeconds":              {"workerLatencySeconds": 60},
	"workerSecondsPerMessage":           {"workerLatencySeconds": 60, "workerSecondsPerMessage": "2"},
	"workerSpotWeight":                  {"workerSpotWeight": 50},
	"workerStopTimeout":                 {"workerStopTimeout": 90},
	"schedules":                         {"schedules": map[string]any{"nightly": map[string]any{"expression": "cron(0 3 * * ? *)", "command": []string{"python3", "manage.py", "clearsessions"}}}},
}

// otherPipelineValues has another good value for each key of a delivery pipeline, on top of Pulumi.pipeline.yaml.
var otherPipelineValues = map[string]any{
	"pipelineEnvironments":       []any{map[string]any{"stack": "prod", "approval": true}},
	"pipelineSource":             map[string]any{"provider": "GitLab", "repository": "example/group/shop"},
	"pipelineDeploymentSource":   map[string]any{"provider": "Bitbucket", "repository": "example/infrastructure"},
	"pipelineTestCommand":        "npm test",
	"pipelineBackendUrl":         "s3://another-state/shop",
	"pipelineStateKeyArn":        "arn:aws:kms:us-east-1:123456789012:key/99999999-2222-3333-4444-555555555555",
	"pipelineBuildImage":         "own@sha256:" + strings.Repeat("0", 64),
	"pipelineComputeType":        "BUILD_GENERAL1_LARGE",
	"pipelineApprovalHours":      24,
	"pipelineDockerHubSecretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:docker-hub-AbCdEf",
}

// TestEveryKeyReachesAResource deploys another value for each key: a key that main.go forgets would change nothing.
func TestEveryKeyReachesAResource(t *testing.T) {
	t.Parallel()
	other := map[string]map[string]map[string]any{"staging": maps.Clone(otherValues), "pipeline": {}}
	for key, value := range otherPipelineValues {
		other["pipeline"][key] = map[string]any{key: value}
	}
	var tried []string
	for name, keys := range other {
		before := deployed(t, name, nil)
		require.True(t, reflect.DeepEqual(before, deployed(t, name, nil)), "the same configuration is the same deployment")
		for key, values := range keys {
			tried = append(tried, key)
			t.Run(key, func(t *testing.T) {
				t.Parallel()
				assert.False(t, reflect.DeepEqual(before, deployed(t, name, values)))
			})
		}
	}
	documented := defaults(t)
	delete(documented, enginetest.Project+":sharedWith") // it needs a second stack: internal/e2e sets it
	for _, key := range tried {
		delete(documented, enginetest.Project+":"+key)
	}
	assert.Empty(t, documented, "keys without another value")
}

// deployed is what the resources of a stack are, with some values of its configuration others.
func deployed(t *testing.T, name string, values map[string]any) map[string]any {
	t.Helper()
	all := defaults(t)
	var file struct{ Config map[string]any }
	readYAML(t, "Pulumi."+name+".yaml", &file)
	maps.Copy(all, file.Config)
	for key, value := range values {
		all[enginetest.Project+":"+key] = value
	}
	configuration := map[string]string{}
	for key, value := range all {
		if _, isText := value.(string); isText {
			configuration[key] = value.(string)
			continue
		}
		text, err := json.Marshal(value)
		require.NoError(t, err)
		configuration[key] = string(text)
	}
	e := enginetest.New(t, ".")
	require.NoError(t, e.Run(name, configuration, stack))
	return e.Inputs()
}

// defaults are those of Pulumi.yaml, which Pulumi gives to every stack.
func defaults(t *testing.T) map[string]any {
	t.Helper()
	var project struct {
		Config map[string]struct{ Default any }
	}
	readYAML(t, "Pulumi.yaml", &project)
	values := map[string]any{}
	for key, documented := range project.Config {
		values[fmt.Sprintf("%s:%s", enginetest.Project, key)] = documented.Default
	}
	return values
}

func readYAML(t *testing.T, path string, into any) {
	t.Helper()
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(raw, into))
}
