package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// otherValues has another good value for each key of the configuration, on top of staging's.
var otherValues = map[string]map[string]any{
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
	"image":                             {"image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/none@sha256:" + strings.Repeat("a", 64)},
	"imageContext":                      {"imageContext": "docker"},
	"imageDockerfile":                   {"imageDockerfile": "docker/Dockerfile"},
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

// TestEveryKeyReachesAResource previews another value for each key: a key that main.go forgets would change nothing.
func TestEveryKeyReachesAResource(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.Join(repository, "Pulumi.yaml"))
	require.NoError(t, err)
	var documented struct{ Config map[string]any }
	require.NoError(t, yaml.Unmarshal(raw, &documented))
	delete(documented.Config, "sharedWith") // TestASharedEnvironmentMakesOnlyWhatIsItsOwn sets it: it needs a second stack
	for key := range documented.Config {
		if _, ok := otherPipelineValues[key]; ok {
			continue // TestThePipelineComesUpAndGoes tries it
		}
		values, ok := otherValues[key]
		require.True(t, ok, "there is no other value for %s", key)
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			p := staging(t)
			copyFile(t, filepath.Join(p.dir, "docker/app/Dockerfile"), filepath.Join(p.dir, "docker/Dockerfile"))
			edit := map[string]any{}
			for name, value := range values {
				edit["slipway:"+name] = value
			}
			p.set("staging", edit)
			assert.NotEmpty(t, p.preview("staging"))
		})
	}
}

// TestTheArchitectureIsTheImages keeps what is built and what runs it the same.
func TestTheArchitectureIsTheImages(t *testing.T) {
	t.Parallel()
	p := staging(t)
	p.set("staging", map[string]any{"slipway:architecture": "X86_64"})
	assert.Contains(t, p.up("staging"), "update docker:index/image:Image image-image")
	for _, o := range p.account() {
		if o.Type == "docker:index/image:Image" {
			assert.Equal(t, "linux/amd64", o.Properties["build"].(map[string]any)["platform"])
		}
	}
}

func TestAnUnknownKeyIsRefused(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.set("staging", map[string]any{"slipway:egres": "nat"})
	out, err := p.run("up", "-s", "staging", "--yes", "--skip-preview")
	require.Error(t, err)
	assert.Contains(t, out, "slipway:egres")
	assert.Contains(t, out, "did you mean slipway:egress?")
	assert.Empty(t, p.objects())
}
