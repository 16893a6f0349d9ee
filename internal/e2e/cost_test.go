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
	"slipway/internal/state"
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
	assert.Contains(t, read(t, "Pulumi.yaml"), fmt.Sprintf("Metrics by task; about $%.0f a month", itemOf(t, "prod", "Container Insights")))
	assert.Contains(t, read(t, "README.md"), fmt.Sprintf("| load balancer $%.0f;", itemOf(t, "staging", "Load balancer")+itemOf(t, "staging", "Addresses of the load balancer")))
	assert.Contains(t, read(t, "README.md"), fmt.Sprintf("| database $%.0f, endpoints $%.0f |", itemOf(t, "prod", "Database instances"), itemOf(t, "prod", "Interface endpoints")))
}

// itemOf is what a stack pays a month for one thing.
func itemOf(t *testing.T, stack, item string) (monthly float64) {
	t.Helper()
	found := false
	for _, line := range costOf(t, stack).Lines {
		if line.Item == item {
			found, monthly = true, monthly+line.Monthly
		}
	}
	require.True(t, found, "%s pays for no %s", stack, item)
	return monthly
}

// TestWhatUseAddsIsComputed compares the examples in the documents with the limits of the stacks.
func TestWhatUseAddsIsComputed(t *testing.T) {
	t.Parallel()
	const clusters, instances = "aws:rds/cluster:Cluster", "aws:rds/clusterInstance:ClusterInstance"
	prod, staging := exported(t, "prod"), exported(t, "staging")
	scaling := func(r *state.State, bound string) float64 {
		return r.Of(clusters)[0].At("serverlessv2ScalingConfiguration", bound).Number()
	}
	unit := itemOf(t, "prod", "Database instances") / float64(len(prod.Of(instances))) / scaling(prod, "minCapacity")
	atMost := func(r *state.State) float64 { return unit * scaling(r, "maxCapacity") * float64(len(r.Of(instances))) }
	web := prod.Where("aws:appautoscaling/target:Target", "resourceId", "service/"+
		prod.Of("aws:ecs/cluster:Cluster")[0].At("name").String()+"/"+prod.Where("aws:ecs/service:Service", "desiredCount", "2")[0].At("name").String())[0]
	least, most := web.At("minCapacity").Number(), web.At("maxCapacity").Number()
	task := itemOf(t, "prod", "Tasks") / least

	awake := fmt.Sprintf("$%.0f", atMost(staging)/3)
	require.InDelta(t, 2, scaling(staging, "maxCapacity"), 0, "the documents say 2 units")
	for _, text := range []string{
		fmt.Sprintf("| $%.2f per unit that runs all month | staging awake at 2 units a third of the time: %s. At the most: staging $%.0f, production $%.0f |",
			unit, awake, atMost(staging), atMost(prod)),
		fmt.Sprintf("| $%.2f each | production scales to %.0f: $%.0f more |", task, most, (most-least)*task),
	} {
		assert.Contains(t, read(t, "docs/cost.md"), text)
	}
	assert.Contains(t, read(t, "README.md"), awake+" more when it is awake at 2 units a third of the time")

	x86 := costOf(t, "prod", each("aws:ecs/taskDefinition:TaskDefinition", "X86_64", "runtimePlatform", "cpuArchitecture")).Total - costOf(t, "prod").Total
	assert.Contains(t, read(t, "docs/cost.md"), fmt.Sprintf("`architecture: X86_64` costs $%.2f more for each task.", x86/least))
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
