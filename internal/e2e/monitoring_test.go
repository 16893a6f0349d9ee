package e2e

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/localaws"
)

const (
	metricAlarm  = "aws:cloudwatch/metricAlarm:MetricAlarm"
	subscription = "aws:sns/topicSubscription:TopicSubscription"
)

// named is what exists of a type, by logical name.
func (p *project) named(typ string) map[string]localaws.Object {
	objects := map[string]localaws.Object{}
	for _, o := range p.account() {
		if o.Type == typ {
			_, name, _ := strings.Cut(short(o.URN), " ")
			objects[name] = o
		}
	}
	return objects
}

// TestProductionTellsOfItsAlarms holds that every alarm but those that scale tells the topic, and the topic somebody, and that the
// dashboard shows them all.
func TestProductionTellsOfItsAlarms(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.up("prod")
	outputs := p.outputs("prod")
	topic := outputs["alarmTopicArn"]
	receivers := p.named(subscription)
	require.Contains(t, receivers, "alarms-to-alarms@example.com")
	assert.Equal(t, topic, receivers["alarms-to-alarms@example.com"].Properties["topic"])

	var told []string
	var arns []any
	for name, alarm := range p.named(metricAlarm) {
		if strings.HasPrefix(name, "workers-scale-") {
			assert.NotContains(t, alarm.Properties["alarmActions"], topic, "%s scales, and is no news", name)
			continue
		}
		told, arns = append(told, name), append(arns, alarm.Properties["arn"])
		for _, actions := range []string{"alarmActions", "okActions"} {
			assert.Equal(t, []any{topic}, alarm.Properties[actions], "%s of %s", actions, name)
		}
	}
	assert.ElementsMatch(t, []string{"web-errors", "web-unhealthy", "web-down", "web-latency", "database-capacity", "database-connections",
		"queue-age", "queue-dead-letters"}, told)

	dashboard := p.named("aws:cloudwatch/dashboard:Dashboard")["dashboard-dashboard"]
	assert.Equal(t, "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#dashboards/dashboard/slipway-prod-dashboard", outputs["dashboardUrl"])
	var body struct {
		Widgets []struct{ Properties struct{ Alarms []any } }
	}
	require.NoError(t, json.Unmarshal([]byte(dashboard.Properties["dashboardBody"].(string)), &body))
	assert.ElementsMatch(t, arns, body.Widgets[0].Properties.Alarms)
}

// TestProductionIsProtected holds that Pulumi refuses to delete what holds data.
func TestProductionIsProtected(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.up("prod")
	out := p.must("stack", "export", "-s", "prod")
	var state struct {
		Deployment struct {
			Resources []struct {
				URN     string
				Protect bool
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(out[strings.Index(out, "{"):]), &state))
	var protected []string
	for _, r := range state.Deployment.Resources {
		if r.Protect {
			protected = append(protected, short(r.URN))
		}
	}
	assert.ElementsMatch(t, []string{
		"aws:rds/cluster:Cluster database-cluster", "aws:rds/clusterInstance:ClusterInstance database-writer", "aws:rds/clusterInstance:ClusterInstance database-reader-1",
		"aws:sqs/queue:Queue queue-queue", "aws:sqs/queue:Queue queue-dead-letters", "aws:s3/bucketV2:BucketV2 site-bucket",
	}, protected)

	p.set("prod", map[string]any{"slipway:queueWorkers": false})
	refused, err := p.run("up", "-s", "prod", "--yes", "--skip-preview")
	require.Error(t, err, "the queue has messages, perhaps")
	assert.Contains(t, refused, "queue-queue")
	assert.Contains(t, refused, "protected")
	require.Contains(t, p.named("aws:sqs/queue:Queue"), "queue-queue")
}

// TestStagingTellsThoseWhoAsk adds a receiver: the alarms that are for people come with them, and go with them.
func TestStagingTellsThoseWhoAsk(t *testing.T) {
	t.Parallel()
	p := staging(t)
	before := p.named(metricAlarm)
	assert.NotContains(t, before, "web-down")
	assert.Contains(t, before, "queue-dead-letters")
	p.set("staging", map[string]any{"slipway:alarmEmails": []string{"ops@example.com"}})
	want := []string{"create " + subscription + " alarms-to-ops@example.com", "update aws:cloudwatch/dashboard:Dashboard dashboard-dashboard"}
	for _, name := range []string{"web-errors", "web-unhealthy", "web-down", "web-latency", "database-capacity", "database-connections"} {
		want = append(want, "create "+metricAlarm+" "+name)
	}
	assert.ElementsMatch(t, want, p.preview("staging"), "in preview")
	assert.ElementsMatch(t, want, p.up("staging"), "no deployment waits for them or changes")
	p.must("preview", "-s", "staging", "--expect-no-changes")

	p.set("staging", map[string]any{"slipway:alarmEmails": []string{}})
	p.up("staging")
	assert.Len(t, p.named(metricAlarm), len(before))
}
