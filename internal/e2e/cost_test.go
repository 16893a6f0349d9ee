package e2e

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/cost"
)

// costOf is what a stack as it is committed costs idle, with some edits.
func costOf(t *testing.T, stack string, edits ...edit) cost.Report {
	t.Helper()
	report, err := cost.Of(exported(t, stack, edits...))
	require.NoError(t, err)
	return report
}

// TestTheEnvironmentsCostWhatTheyMay has the limits that the committed configurations are made for.
func TestTheEnvironmentsCostWhatTheyMay(t *testing.T) {
	t.Parallel()
	assert.Less(t, costOf(t, "staging").Total, 40.0)
	assert.Less(t, costOf(t, "prod").Total, 200.0)
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository, path))
	require.NoError(t, err)
	return string(text)
}

// TestTheReadmeHasTheTotals compares what the README says with what is computed.
func TestTheReadmeHasTheTotals(t *testing.T) {
	t.Parallel()
	for _, stack := range []string{"staging", "prod"} {
		total := regexp.MustCompile(`\| ` + stack + ` \| \$(\d+) \|`).FindStringSubmatch(read(t, "README.md"))
		require.NotNil(t, total, stack)
		assert.Equal(t, fmt.Sprintf("%.0f", costOf(t, stack).Total), total[1], stack)
	}
	insights := 0.0
	for _, line := range costOf(t, "prod").Lines {
		if line.Item == "Container Insights" {
			insights = line.Monthly
		}
	}
	assert.Contains(t, read(t, "Pulumi.yaml"), fmt.Sprintf("Metrics by task; about $%.0f a month", insights))
}

// cheaper has what each change in docs/cost.md comes to in production's state.
var cheaper = map[string][]edit{
	"`egress: public`": {removeAll("aws:ec2/vpcEndpoint:VpcEndpoint", "endpoint"), each("aws:ecs/service:Service", true, "networkConfiguration", "assignPublicIp")},
	"`egress: nat`": {removeAll("aws:ec2/vpcEndpoint:VpcEndpoint", "endpoint"),
		add("aws:ec2/vpc:Vpc network-vpc", "aws:ec2/natGateway:NatGateway", "nat", nil), add("aws:ec2/vpc:Vpc network-vpc", "aws:ec2/eip:Eip", "nat", nil)},
	"`endpointZones: one`":       {inOneZone},
	"`databaseReaders: 0`":       {remove("aws:rds/clusterInstance:ClusterInstance database-reader-1")},
	"`containerInsights: false`": {set("aws:ecs/cluster:Cluster web-cluster", "disabled", "settings", 0, "value")},
	"`webSpotWeight: 100`": {set("aws:ecs/service:Service web-service",
		[]any{map[string]any{"capacityProvider": "FARGATE_SPOT", "weight": 100}}, "capacityProviderStrategies")},
	"`webMinCount: 1`": {set("aws:appautoscaling/target:Target web-scaling", 1, "minCapacity")},
}

// TestWhatIsCheaperSavesWhatTheDocumentSays computes the table of docs/cost.md.
func TestWhatIsCheaperSavesWhatTheDocumentSays(t *testing.T) {
	t.Parallel()
	page := read(t, "docs/cost.md")
	_, section, found := strings.Cut(page, "\n## Cheaper, and what that costs otherwise\n")
	require.True(t, found)
	rows := regexp.MustCompile("(?m)^\\| (`[^|]+`) \\| \\$([0-9.]+) \\|").FindAllStringSubmatch(section, -1)
	documented := map[string]float64{}
	for _, row := range rows {
		saved, err := strconv.ParseFloat(row[2], 64)
		require.NoError(t, err)
		documented[row[1]] = saved
	}
	for change := range documented {
		require.Contains(t, cheaper, change, "nothing computes what it saves")
	}
	total := costOf(t, "prod").Total
	for change, edits := range cheaper {
		saved := total - costOf(t, "prod", edits...).Total
		assert.InDelta(t, math.Round(saved*100)/100, documented[change], 0.001, change)
	}
}
