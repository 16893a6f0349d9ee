package config

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

const referencePath = "../../docs/configuration.md"

var update = flag.Bool("update", false, "write docs/configuration.md anew")

// referenceSections are the headings of the reference, each with the key that it begins at in Pulumi.yaml.
var referenceSections = []struct{ firstKey, heading string }{
	{"ephemeral", "Environment"},
	{"vpcCidr", "Network"},
	{"databaseName", "Database"},
	{"image", "Image"},
	{"domain", "Web service"},
	{"queueWorkers", "Queue and workers"},
	{"staticSite", "Static site"},
	{"pipelineEnvironments", "Delivery pipeline"},
}

const referenceIntroduction = `<!-- Generated from Pulumi.yaml by: go test ./internal/config -update -->

# Configuration

Every key, its type and its default, as [Pulumi.yaml](../Pulumi.yaml) has them. A stack sets what it wants different in its own file,
[Pulumi.staging.yaml](../Pulumi.staging.yaml) or [Pulumi.prod.yaml](../Pulumi.prod.yaml):

    pulumi config set webCpu 512 -s staging
    pulumi config set --path 'endpointServices[0]' xray -s staging

There the keys have the project's name before them: ` + "`slipway:webCpu`" + `. ` + "`aws:region`" + ` is the region of everything. A wrong value or an
unknown key ends the update before anything is deployed, and the message names all of them.
`

// TestReferenceIsUpToDate keeps docs/configuration.md what Pulumi.yaml says.
func TestReferenceIsUpToDate(t *testing.T) {
	t.Parallel()
	rendered := renderReference(t)
	if *update {
		require.NoError(t, os.WriteFile(referencePath, []byte(rendered), 0o644))
	}
	committed, err := os.ReadFile(referencePath)
	require.NoError(t, err)
	assert.Equal(t, rendered, string(committed), "run go test ./internal/config -update")
}

func renderReference(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile("../../Pulumi.yaml")
	require.NoError(t, err)
	var project struct{ Config yaml.Node } // a node keeps the order
	require.NoError(t, yaml.Unmarshal(raw, &project))

	var page strings.Builder
	page.WriteString(referenceIntroduction)
	headings, keys := 0, project.Config.Content
	for i := 0; i+1 < len(keys); i += 2 {
		key := keys[i].Value
		var described struct {
			Type, Description string
			Default           yaml.Node
		}
		require.NoError(t, keys[i+1].Decode(&described))
		for _, section := range referenceSections {
			if section.firstKey == key {
				headings++
				fmt.Fprintf(&page, "\n## %s\n\n| Key | Type | Default | Meaning |\n|---|---|---|---|\n", section.heading)
			}
		}
		fmt.Fprintf(&page, "| `%s` | %s | %s | %s |\n", key, described.Type, shownDefault(t, described.Default),
			strings.ReplaceAll(described.Description, "|", `\|`))
	}
	require.Len(t, referenceSections, headings, "each heading has its first key in Pulumi.yaml")
	return page.String()
}

// shownDefault is a default as it is written in a stack's file, on one line; what is empty is "none".
func shownDefault(t *testing.T, value yaml.Node) string {
	t.Helper()
	if value.Value == "" && len(value.Content) == 0 {
		return "none"
	}
	value.Style |= yaml.FlowStyle
	text, err := yaml.Marshal(&value)
	require.NoError(t, err)
	return "`" + strings.TrimSpace(string(text)) + "`"
}
