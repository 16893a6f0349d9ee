package localaws

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// embeddedIn is a provider on the account of a directory, as another process has it.
func embeddedIn(t *testing.T, dir string) *embedded {
	t.Helper()
	account, err := Open(dir)
	require.NoError(t, err)
	return (&embedded{&provider{account: account, behaviour: behaviour{pace: paced(t, "")}}, t}).in("us-east-1")
}

// names lists the logical names of what exists.
func (e *embedded) names() (names []string) {
	e.t.Helper()
	objects, err := e.account.List()
	require.NoError(e.t, err)
	for _, o := range objects {
		names = append(names, resource.URN(o.URN).Name())
	}
	return names
}

func journalOf(dir string) string { return filepath.Join(dir, "account.jsonl") }

func TestAccountsSeeEachOthersChanges(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	one, two := embeddedIn(t, dir), embeddedIn(t, dir)
	cluster := one.create(ecsClusterType, "main", nil)
	assert.Equal(t, []string{"main"}, two.names())
	_, err := two.tryCreate(ecsClusterType, "again", map[string]any{"name": cluster["name"]})
	refused(t, err, "EntityAlreadyExists")
	require.NoError(t, two.account.Remove(cluster["id"].(string)))
	assert.Empty(t, one.names())
	read, err := one.Read(t.Context(), plugin.ReadRequest{URN: urnOf(ecsClusterType, "main"), ID: resource.ID(cluster["id"].(string))})
	require.NoError(t, err)
	assert.Empty(t, read.ID, "a refresh finds out")
}

// TestConcurrentCreationsLoseNothing creates from two accounts on one directory at once.
func TestConcurrentCreationsLoseNothing(t *testing.T) {
	t.Parallel()
	const each = 30
	dir := t.TempDir()
	var creations sync.WaitGroup
	failures := make(chan error, 2*each)
	for i := range 2 {
		e := embeddedIn(t, dir)
		for n := range each {
			name := fmt.Sprintf("cluster-%d-%d", i, n)
			checked, wrong := e.check(ecsClusterType, name, nil)
			require.Empty(t, wrong)
			creations.Go(func() {
				_, err := e.Create(t.Context(), plugin.CreateRequest{URN: urnOf(ecsClusterType, name), Properties: checked})
				failures <- err
			})
		}
	}
	creations.Wait()
	close(failures)
	for err := range failures {
		require.NoError(t, err)
	}
	assert.Len(t, embeddedIn(t, dir).names(), 2*each)
}

func TestTornLastLineIsDropped(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	embeddedIn(t, dir).create(ecsClusterType, "first", nil)
	whole, err := os.ReadFile(journalOf(dir))
	require.NoError(t, err)
	for name, torn := range map[string]string{"half a line": `{"put":{"type":"aws:ecs/cl`, "longer than the next line": `{"put":{"type":"` + string(whole[:len(whole)-1]) + string(whole[:len(whole)-1])} {
		require.NoError(t, os.WriteFile(journalOf(dir), append(append([]byte{}, whole...), torn...), 0o600))
		e := embeddedIn(t, dir)
		assert.Equal(t, []string{"first"}, e.names(), name)
		e.create(ecsClusterType, "second", nil)
		assert.ElementsMatch(t, []string{"first", "second"}, embeddedIn(t, dir).names(), "%s is overwritten", name)
		written, err := os.ReadFile(journalOf(dir))
		require.NoError(t, err)
		assert.Equal(t, 2, bytes.Count(written, []byte("\n")), name)
		assert.True(t, bytes.HasSuffix(written, []byte("}\n")), "%s is gone", name)
	}
}

func TestDamagedJournalIsAnError(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(journalOf(dir), []byte("{\"put\":\n{}\n"), 0o600))
	_, err := Open(dir)
	require.ErrorContains(t, err, "account.jsonl is damaged at byte 0")
	assert.ErrorContains(t, err, "remove the file to start with an empty account")
}

func TestRemovedDirectoryIsAnEmptyAccount(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "aws")
	e := embeddedIn(t, dir)
	e.create(ecsClusterType, "first", nil)
	require.NoError(t, os.RemoveAll(dir))
	assert.Empty(t, e.names())
	e.create(ecsClusterType, "second", nil)
	assert.Equal(t, []string{"second"}, e.names())

	// Meanwhile somebody else has begun anew, with a longer journal than the one that is gone.
	require.NoError(t, os.RemoveAll(dir))
	other := embeddedIn(t, dir)
	for n := range 5 {
		other.create(ecsClusterType, fmt.Sprintf("new-%d", n), nil)
	}
	assert.Len(t, e.names(), 5)
	e.create(ecsClusterType, "third", nil)
	assert.Len(t, other.names(), 6)
}

// TestSecretsAreNeverOnDisk deploys, updates and refreshes a task definition with a secret among its variables.
func TestSecretsAreNeverOnDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := embeddedIn(t, dir)
	definitions := func(password string) resource.PropertyValue {
		return resource.MakeSecret(resource.NewProperty(containersJSON(with(webContainer, map[string]any{"environment": []any{map[string]any{"name": "PASSWORD", "value": password}}}))))
	}
	inputs := func(password string) map[string]any {
		return with(web(nil), map[string]any{"executionRoleArn": nil, "containerDefinitions": definitions(password), "tags": map[string]any{"key": resource.MakeSecret(resource.NewProperty(hiddenText))}})
	}
	task := e.deploy(taskType, "web", inputs(hiddenText))
	assert.Equal(t, []string{"containerDefinitions"}, task.replaces(inputs("another")))
	require.NoError(t, task.update(with(inputs(hiddenText), map[string]any{"skipDestroy": true})))

	read, err := e.Read(t.Context(), plugin.ReadRequest{URN: urnOf(taskType, "web"), ID: resource.ID(task.id), Inputs: task.inputs, State: task.outputs})
	require.NoError(t, err)
	assert.True(t, read.Outputs["containerDefinitions"].DeepEquals(definitions(hiddenText)), "a refresh keeps what the state knows")

	service := e.fargateService()
	e.create(serviceType, "web", with(service, map[string]any{"taskDefinition": task.text("arn")}))

	written, err := os.ReadFile(journalOf(dir))
	require.NoError(t, err)
	assert.NotContains(t, string(written), hiddenText)
	assert.Contains(t, string(written), digestKey, "a digest shows that it changed")
	info, err := os.Stat(journalOf(dir))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}
