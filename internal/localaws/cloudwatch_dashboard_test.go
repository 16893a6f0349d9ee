package localaws

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

const dashboardType = "aws:cloudwatch/dashboard:Dashboard"

func dashboard(widgets ...string) map[string]any {
	return map[string]any{"dashboardName": "main", "dashboardBody": `{"widgets":[` + strings.Join(widgets, ",") + `]}`}
}

const metricWidget = `{"type":"metric","x":0,"y":0,"width":12,"height":6,"properties":{"region":"us-east-1","metrics":[["AWS/SQS","NumberOfMessagesSent"]]}}`

func TestDashboardCheck(t *testing.T) {
	t.Parallel()
	const metrics = `"region":"us-east-1","metrics":[]`
	checkAll(t, map[string]checkCase{
		"a name with a dot":           {dashboardType, with(dashboard(), map[string]any{"dashboardName": "a.b"}), "dashboardName: The value a.b for field DashboardName contains invalid characters"},
		"a body that is no JSON":      {dashboardType, with(dashboard(), map[string]any{"dashboardBody": "{"}), "dashboardBody: The field DashboardBody must be a valid JSON object"},
		"a body without widgets":      {dashboardType, with(dashboard(), map[string]any{"dashboardBody": "{}"}), "should have required property 'widgets'"},
		"too many widgets":            {dashboardType, dashboard(strings.Split(strings.Repeat(metricWidget+"\n", 501), "\n")[:501]...), "/widgets: should NOT have more than 500 items, got 501"},
		"a type that is none":         {dashboardType, dashboard(metricWidget, `{"type":"chart","properties":{}}`), `there are 1 validation errors (InvalidParameterInput): /widgets/1/type: should be one of`},
		"no properties":               {dashboardType, dashboard(`{"type":"text"}`), "/widgets/0: should have required property 'properties'"},
		"metrics of no region":        {dashboardType, dashboard(`{"type":"metric","properties":{"metrics":[]}}`), "/widgets/0/properties: should have required property 'region'"},
		"metrics that are none":       {dashboardType, dashboard(`{"type":"metric","properties":{"region":"us-east-1"}}`), "should have required property 'metrics'"},
		"wider than the grid":         {dashboardType, dashboard(`{"type":"metric","width":25,"properties":{` + metrics + `}}`), "/widgets/0/width: should be from 1 to 24, got 25"},
		"beside the grid":             {dashboardType, dashboard(`{"type":"metric","x":24,"properties":{` + metrics + `}}`), "/widgets/0/x: should be from 0 to 23, got 24"},
		"no alarm":                    {dashboardType, dashboard(`{"type":"alarm","properties":{"alarms":[]}}`), "/properties/alarms: should have 1 to 100 items, got 0"},
		"an alarm by its name":        {dashboardType, dashboard(`{"type":"alarm","properties":{"alarms":["web-errors"]}}`), `/properties/alarms: should hold ARNs, got "web-errors"`},
		"a text without one":          {dashboardType, dashboard(`{"type":"text","properties":{}}`), "should have required property 'markdown'"},
		"a query of logs without one": {dashboardType, dashboard(`{"type":"log","properties":{"region":"us-east-1"}}`), "should have required property 'query'"},
	})
}

func TestDashboardValues(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	made := e.create(dashboardType, "dashboard", dashboard(metricWidget))
	assert.Equal(t, "main", made["id"])
	assert.Equal(t, "arn:aws:cloudwatch::123456789012:dashboard/main", made["dashboardArn"])
}
