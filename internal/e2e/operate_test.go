package e2e

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/localaws"
	"slipway/internal/operate"
)

// printed is a pulumi that prints the outputs of a stack.
type printed []byte

func (p printed) Output(context.Context, io.Writer, ...string) ([]byte, error) { return p, nil }
func (p printed) Pulumi(context.Context, io.Writer, ...string) error           { return nil }
func (p printed) Account() (*localaws.Account, error)                          { return nil, nil }

// TestOutputsSayWhatRunsAndWhere holds the outputs, as the operator's commands read them, against what exists.
func TestOutputsSayWhatRunsAndWhere(t *testing.T) {
	t.Parallel()
	p := bothStacks(t)
	for stack, alarms := range map[string]int{"staging": 2, "prod": 8} {
		var state struct {
			Deployment struct {
				Resources []struct {
					Type    string
					Outputs json.RawMessage
				}
			}
		}
		require.NoError(t, json.Unmarshal([]byte(both.exported[stack]), &state))
		require.Equal(t, "pulumi:pulumi:Stack", state.Deployment.Resources[0].Type)
		says, err := operate.Read(t.Context(), printed(state.Deployment.Resources[0].Outputs), stack)
		require.NoError(t, err)

		made := p.of(stack)
		property := func(resource, name string) any { return made[resource].Properties[name] }
		assert.Equal(t, []string{"web", "workers"}, says.ServiceNames())
		for name, service := range says.Services {
			assert.Equal(t, property("aws:ecs/service:Service "+name+"-service", "name"), service.Service)
			assert.Equal(t, property("aws:ecs/service:Service "+name+"-service", "cluster"), service.ClusterArn)
			assert.Equal(t, property("aws:cloudwatch/logGroup:LogGroup "+name+"-logs", "name"), service.LogGroup)
			assert.Contains(t, property("aws:ecs/taskDefinition:TaskDefinition "+name+"-task", "containerDefinitions"), `"name":"`+service.Container+`"`)
		}
		assert.Equal(t, property("aws:lb/targetGroup:TargetGroup web-tg", "arn"), says.Services["web"].TargetGroupArn)
		assert.Empty(t, says.Services["workers"].TargetGroupArn)
		assert.Equal(t, property("aws:sqs/queue:Queue queue-queue", "url"), says.Queues["queue"].Url)
		assert.Equal(t, property("aws:sqs/queue:Queue queue-dead-letters", "url"), says.Queues["queue"].DeadLetterUrl)
		assert.True(t, p.has("aws:rds/cluster:Cluster", says.Database.ClusterArn[strings.LastIndex(says.Database.ClusterArn, ":")+1:]))
		assert.Len(t, says.Alarms.Names, alarms, "those that tell people, and none that scales")
		for _, alarm := range says.Alarms.Names {
			assert.True(t, p.has("aws:cloudwatch/metricAlarm:MetricAlarm", alarm), alarm)
		}
	}
}

// has tells whether something of a type exists.
func (p *project) has(typ, id string) bool {
	p.t.Helper()
	for _, o := range p.account() {
		if o.Type == typ && o.ID == id {
			return true
		}
	}
	return false
}
