package localserve

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// TestComposeFile holds docker/compose.yaml to the application and to the task definitions that it stands for.
func TestComposeFile(t *testing.T) {
	t.Parallel()
	var file struct {
		Services map[string]struct {
			Build struct {
				Context, Target string
				Args            map[string]string
			}
			Image       string
			Command     []string
			Environment map[string]string
			DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
			Healthcheck *struct{ Test []string }
			ReadOnly    bool   `yaml:"read_only"`
			StopGrace   string `yaml:"stop_grace_period"`
			Ports       []string
			Volumes     []string
			Tmpfs       string
		}
		Volumes map[string]any
	}
	data, err := os.ReadFile(filepath.Join(repository, "docker/compose.yaml"))
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(data, &file))

	read := readByApplication(t)
	conditions := map[string]bool{"service_healthy": true, "service_completed_successfully": true}
	for name, service := range file.Services {
		for on, how := range service.DependsOn {
			require.Contains(t, file.Services, on, "%s depends on it", name)
			assert.True(t, conditions[how.Condition], how.Condition)
			assert.Equal(t, how.Condition == "service_healthy", file.Services[on].Healthcheck != nil, "%s waits for %s to be healthy", name, on)
		}
		if service.Build.Context == "" {
			assert.NotEmpty(t, service.Image, name)
			continue
		}
		assert.FileExists(t, filepath.Join(repository, "docker", service.Build.Context, "Dockerfile"))
		assert.True(t, service.ReadOnly, "%s has a read-only root, as on ECS", name)
		assert.Equal(t, "/tmp", service.Tmpfs)
		for variable := range service.Environment {
			// What the SDK reads by itself.
			if variable != "AWS_ACCESS_KEY_ID" && variable != "AWS_SECRET_ACCESS_KEY" {
				assert.True(t, read[variable], "%s of %s is none that the application reads", variable, name)
			}
		}
	}
	assert.Equal(t, []string{"release"}, file.Services["release"].Command)
	assert.Equal(t, []string{"web"}, file.Services["web"].Command)
	assert.Equal(t, []string{"worker"}, file.Services["worker"].Command)
	assert.Equal(t, []string{"127.0.0.1:8000:8000"}, file.Services["web"].Ports, "nobody but this machine reaches it")
	for service, time := range map[string]string{"web": "30s", "worker": "120s"} {
		assert.Equal(t, time, file.Services[service].StopGrace, "%s: as its task definition has it", service)
	}
}
