package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

func TestParseStacks(t *testing.T) {
	t.Parallel()
	stacks, err := parseStacks([]string{"staging", "deploy-time", "100"})
	require.NoError(t, err)
	assert.Equal(t, []stack{{name: "staging"}, {name: "deploy-time"}, {name: "services-100", services: 100}}, stacks)

	for _, test := range []struct {
		names []string
		want  string
	}{
		{[]string{"prod"}, `--only: got "prod", takes "staging", "deploy-time" or a number of web services, such as --only staging,10`},
		{[]string{"0"}, `--only: got "0", takes`},
		{[]string{"10", "10"}, `--only: "10" is there twice; remove one`},
		{nil, `--only: got nothing, takes "staging", "deploy-time"`},
	} {
		_, err := parseStacks(test.names)
		assert.ErrorContains(t, err, test.want)
	}
	_, err = parseStacks([]string{"prod", "-3"})
	assert.ErrorContains(t, err, `"prod"`)
	assert.ErrorContains(t, err, `"-3"`, "all mistakes at once")
}

func TestWrongArguments(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"--only", "prod"}, `--only: got "prod"`},
		{[]string{"--faster", "0"}, "--faster: got 0, takes a number above 0"},
		{[]string{"--runs", "-1"}, "--runs: got -1, takes 1 or more"},
		{[]string{"--rns", "3"}, "unknown flag: --rns"},
		{[]string{"staging"}, `got "staging", takes flags only; --only staging measures just that`},
	} {
		root := rootCommand()
		root.SetArgs(test.args)
		var out bytes.Buffer
		root.SetOut(&out)
		err := root.ExecuteContext(t.Context())
		require.ErrorContains(t, err, test.want)
		assert.Equal(t, 2, exitCode(&out, err))
		assert.Contains(t, out.String(), test.want)
	}
}

func TestReleaseSpeed(t *testing.T) {
	t.Parallel()
	for faster, want := range map[float64]float64{100: 20, 5: 1, 2: 1, 1: 1, 0.5: 0.5} {
		assert.InDelta(t, want, releaseSpeed(faster), 1e-9, "%v", faster)
	}
}

func TestProfileFile(t *testing.T) {
	t.Parallel()
	s := stack{name: "services-100"}
	assert.Equal(t, filepath.Join("profiles", "services-100-up-no-changes.pprof"), s.profile("profiles", command{name: "up, no changes"}))
	assert.Empty(t, s.profile("", command{name: "up"}))
}

// TestServicesConfiguration proves that the configuration is of the project and sets what that declares.
func TestServicesConfiguration(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.Join("services", "Pulumi.yaml"))
	require.NoError(t, err)
	var project struct {
		Name   string
		Config map[string]any
	}
	require.NoError(t, yaml.Unmarshal(raw, &project))
	var file struct{ Config map[string]any }
	require.NoError(t, yaml.Unmarshal([]byte(stack{name: "services-7", services: 7}.config()), &file))

	want := map[string]any{"aws:region": "us-east-1"}
	for key := range project.Config {
		want[project.Name+":"+key] = 7
	}
	assert.Equal(t, want, file.Config)
}
