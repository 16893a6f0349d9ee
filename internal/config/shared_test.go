package config

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// copyOfStaging is what `pulumi stack init --copy-config-from staging` gives a new stack.
func copyOfStaging(t *testing.T, more map[string]string) map[string]string {
	t.Helper()
	raw, err := os.ReadFile("../../Pulumi.staging.yaml")
	require.NoError(t, err)
	var file struct{ Config map[string]string }
	require.NoError(t, yaml.Unmarshal(raw, &file))
	values := map[string]string{}
	for key, value := range file.Config {
		if name, ours := strings.CutPrefix(key, "slipway:"); ours {
			values[name] = value
		}
	}
	for key, value := range more {
		values[key] = value
	}
	return values
}

// TestASharedEnvironmentTakesACopyOfTheOthersConfiguration leaves out what the other stack has made.
func TestASharedEnvironmentTakesACopyOfTheOthersConfiguration(t *testing.T) {
	t.Parallel()
	whole, _, err := loadAs(t, "staging", copyOfStaging(t, nil))
	require.NoError(t, err)
	assert.Nil(t, whole.Shared)
	assert.True(t, whole.Database.DataApi, "for dropping the databases of shared environments")

	c, _, err := loadAs(t, "pr-2", copyOfStaging(t, map[string]string{"sharedWith": "staging",
		"domain": "staging.example.com", "domainWildcard": "true", "hostedZone": "example.com", "staticDomain": "static.example.com"}))
	require.NoError(t, err)
	assert.Equal(t, &Shared{Stack: "staging", Domain: "staging.example.com"}, c.Shared)
	assert.Nil(t, c.Network)
	assert.Nil(t, c.Database)
	assert.Nil(t, c.Site)
	assert.Equal(t, []any{"", "", false}, []any{c.Web.DomainName, c.Web.HostedZone, c.Web.Wildcard})
	assert.Nil(t, c.Web.AccessLogs, "the load balancer is not its own")
	assert.Nil(t, c.Web.ContainerInsights, "nor is the cluster")
	assert.Nil(t, c.Alarms, "nobody is called for a test")
	assert.Equal(t, []any{false, false}, []any{*c.Web.Alarms, c.Dashboard})
	assert.Equal(t, whole.Web.Cpu, c.Web.Cpu)
	assert.Equal(t, whole.Workers, c.Workers)
}

// TestASharedEnvironmentsDomainIsItsOwners: the zone that came with the copy has nothing to do with it.
func TestASharedEnvironmentsDomainIsItsOwners(t *testing.T) {
	t.Parallel()
	c, _, err := loadAs(t, "pr-2", copyOfStaging(t, map[string]string{"sharedWith": "staging", "domain": "pr-2.example.org", "hostedZone": "example.com"}))
	require.NoError(t, err)
	assert.Equal(t, "pr-2.example.org", c.Shared.Domain)
}

func TestWhoMayShare(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		stack  string
		values map[string]string
		says   string
	}{
		"not ephemeral":                 {"pr-2", map[string]string{"ephemeral": "false", "domain": "app.example.com"}, "slipway:sharedWith, slipway:ephemeral: an environment that keeps nothing of its own is for tests only; set slipway:ephemeral true"},
		"a name for no host":            {"pr_2", nil, "slipway:sharedWith: takes a stack whose own name is at most 28 lower-case letters, digits and hyphens, a letter first and no hyphen last, as it becomes part of a host's and a database's name; this one's is pr_2"},
		"a name that begins with digit": {"2-pr", nil, "this one's is 2-pr"},
		"a name that ends in a hyphen":  {"pr-", nil, "this one's is pr-"},
		"a name that is too long":       {"a" + strings.Repeat("b", 28), nil, "at most 28"},
		"itself":                        {"pr-2", map[string]string{"sharedWith": "pr-2"}, `slipway:sharedWith: got "pr-2", takes another stack than this one`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			values := copyOfStaging(t, map[string]string{"sharedWith": "staging"})
			for key, value := range c.values {
				values[key] = value
			}
			_, _, err := loadAs(t, c.stack, values)
			require.ErrorContains(t, err, "1 field is wrong")
			assert.ErrorContains(t, err, c.says)
		})
	}
	_, _, err := loadAs(t, "a"+strings.Repeat("b", 27), copyOfStaging(t, map[string]string{"sharedWith": "staging"}))
	assert.NoError(t, err, "28 characters")
}

func TestAWildcardIsOfADomain(t *testing.T) {
	t.Parallel()
	_, _, err := load(t, map[string]string{"ephemeral": "true", "domainWildcard": "true"})
	require.ErrorContains(t, err, "slipway:domainWildcard: got true, takes no value without slipway:domain")
}
