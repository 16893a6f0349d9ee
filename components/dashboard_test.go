package components_test

import (
	"encoding/json"
	"maps"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/components"
)

const cloudwatchDashboard = "aws:cloudwatch/dashboard:Dashboard"

// widget is a widget of the dashboard as CloudWatch reads it.
type widget struct {
	Type                string
	X, Y, Width, Height int
	Properties          struct {
		Title, Region string
		Alarms        []string
		Metrics       [][]any
	}
}

// shown is what a widget shows: "namespace metric statistic dimension=value ..." of each line, or the expression.
func (w widget) shown() (lines []string) {
	for _, metric := range w.Properties.Metrics {
		options := metric[len(metric)-1].(map[string]any)
		if expression, ok := options["expression"]; ok {
			lines = append(lines, expression.(string))
			continue
		}
		text := metric[0].(string) + " " + metric[1].(string) + " " + options["stat"].(string)
		for i := 2; i < len(metric)-1; i += 2 {
			text += " " + metric[i].(string) + "=" + metric[i+1].(string)
		}
		lines = append(lines, text)
	}
	return lines
}

// runDashboard deploys an environment with a dashboard and reads that.
func runDashboard(t testing.TB, change func(*components.WebServiceArgs), show func(*components.DashboardArgs)) (r *recorder, widgets map[string]widget, url string) {
	t.Helper()
	r = queueRecorder()
	maps.Copy(r.invokes, rdsFunctions)
	r.outputs[rdsCluster] = clusterOutputs
	require.NoError(t, r.run(func(ctx *pulumi.Context) error {
		database, err := components.NewAuroraServerless(ctx, "db", &components.AuroraServerlessArgs{VpcId: pulumi.String("vpc-1"), SubnetIds: pulumi.ToStringArray([]string{"subnet-1"})})
		if err != nil {
			return err
		}
		queue, err := components.NewQueue(ctx, "queue", nil)
		if err != nil {
			return err
		}
		foreign, err := components.NewQueue(ctx, "foreign", &components.QueueArgs{ExistingArn: pulumi.String(jobsArn), Variable: "JOBS_QUEUE_URL"})
		if err != nil {
			return err
		}
		args := webInputs()
		change(args)
		web, err := components.NewWebService(ctx, "web", args)
		if err != nil {
			return err
		}
		shown := &components.DashboardArgs{Web: web, Queues: []*components.Queue{queue, foreign}, Database: database}
		if show != nil {
			show(shown)
		}
		dashboard, err := components.NewDashboard(ctx, "dashboard", shown)
		if err == nil {
			url = awaitString(dashboard.Url)
		}
		return err
	}))
	var body struct{ Widgets []widget }
	require.NoError(t, json.Unmarshal([]byte(r.find(t, cloudwatchDashboard, "dashboard-dashboard").Inputs["dashboardBody"].StringValue()), &body))
	widgets = map[string]widget{}
	for _, w := range body.Widgets {
		require.NotContains(t, widgets, w.Properties.Title, "two widgets of one name")
		widgets[w.Properties.Title] = w
	}
	return r, widgets, url
}

func TestDashboardShowsTheEnvironment(t *testing.T) {
	t.Parallel()
	r, widgets, url := runDashboard(t, func(*components.WebServiceArgs) {}, nil)
	assert.Equal(t, "slipway-test-dashboard", r.find(t, cloudwatchDashboard, "dashboard-dashboard").Inputs["dashboardName"].StringValue())
	assert.Equal(t, "https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#dashboards/dashboard/slipway-test-dashboard", url)

	const (
		balancer = " LoadBalancer=app/web-alb/0123456789abcdef"
		targets  = balancer + " TargetGroup=targetgroup/web-tg/0123456789abcdef"
		database = " DBClusterIdentifier=db-1234567"
	)
	search := func(namespace, metric, statistic string) string {
		return `SEARCH('{` + namespace + `,ClusterName,ServiceName} ClusterName="web-cluster-1234567" MetricName="` + metric + `"', '` + statistic + `', 60)`
	}
	for title, want := range map[string][]string{
		"Requests": {"AWS/ApplicationELB RequestCount Sum" + targets},
		"Errors": {"AWS/ApplicationELB HTTPCode_Target_5XX_Count Sum" + targets, "AWS/ApplicationELB HTTPCode_Target_4XX_Count Sum" + targets,
			"AWS/ApplicationELB HTTPCode_ELB_5XX_Count Sum" + balancer, "AWS/ApplicationELB HTTPCode_ELB_4XX_Count Sum" + balancer},
		"Latency":       {"AWS/ApplicationELB TargetResponseTime p50" + targets, "AWS/ApplicationELB TargetResponseTime p95" + targets, "AWS/ApplicationELB TargetResponseTime p99" + targets},
		"Running tasks": {search("ECS/ContainerInsights", "RunningTaskCount", "Average"), "AWS/ApplicationELB HealthyHostCount Minimum" + targets},
		"CPU":           {search("AWS/ECS", "CPUUtilization", "Average"), search("AWS/ECS", "CPUUtilization", "Maximum")},
		"Memory":        {search("AWS/ECS", "MemoryUtilization", "Average"), search("AWS/ECS", "MemoryUtilization", "Maximum")},
		"Messages": {"AWS/SQS ApproximateNumberOfMessagesVisible Maximum QueueName=queue-queue-1234567", "AWS/SQS ApproximateNumberOfMessagesNotVisible Maximum QueueName=queue-queue-1234567",
			"AWS/SQS ApproximateNumberOfMessagesVisible Maximum QueueName=jobs", "AWS/SQS ApproximateNumberOfMessagesNotVisible Maximum QueueName=jobs"},
		"Age of the oldest message": {"AWS/SQS ApproximateAgeOfOldestMessage Maximum QueueName=queue-queue-1234567", "AWS/SQS ApproximateAgeOfOldestMessage Maximum QueueName=jobs"},
		"Dead letters":              {"AWS/SQS ApproximateNumberOfMessagesVisible Maximum QueueName=queue-dead-letters-1234567"},
		"Database capacity":         {"AWS/RDS ServerlessDatabaseCapacity Maximum" + database, "AWS/RDS ServerlessDatabaseCapacity Average" + database},
		"Database capacity used":    {"AWS/RDS ACUUtilization Maximum" + database, "AWS/RDS ACUUtilization Average" + database},
		"Database connections":      {"AWS/RDS DatabaseConnections Maximum" + database, "AWS/RDS DatabaseConnections Average" + database},
	} {
		require.Contains(t, widgets, title)
		assert.Equal(t, want, widgets[title].shown(), title)
		assert.Equal(t, "eu-central-1", widgets[title].Properties.Region, title)
		delete(widgets, title)
	}
	var alarms []string
	for _, alarm := range r.all(metricAlarm) {
		alarms = append(alarms, arnOf(alarm.Name))
	}
	assert.ElementsMatch(t, alarms, widgets["Alarms"].Properties.Alarms)
	assert.Len(t, widgets, 1, "nothing else")
}

func TestDashboardWidgetsStandBesideEachOther(t *testing.T) {
	t.Parallel()
	_, widgets, _ := runDashboard(t, func(*components.WebServiceArgs) {}, nil)
	taken := map[[2]int]string{}
	for title, w := range widgets {
		for x := w.X; x < w.X+w.Width; x++ {
			require.Less(t, x, 24, "%s is within the grid", title)
			for y := w.Y; y < w.Y+w.Height; y++ {
				require.Empty(t, taken[[2]int{x, y}], "%s covers another", title)
				taken[[2]int{x, y}] = title
			}
		}
	}
}

// TestDashboardWithoutInsights counts the tasks by how many report their CPU.
func TestDashboardWithoutInsights(t *testing.T) {
	t.Parallel()
	_, widgets, _ := runDashboard(t, func(args *components.WebServiceArgs) { args.ContainerInsights = new(false) }, nil)
	assert.Equal(t, `SEARCH('{AWS/ECS,ClusterName,ServiceName} ClusterName="web-cluster-1234567" MetricName="CPUUtilization"', 'SampleCount', 60)`, widgets["Running tasks"].shown()[0])
}

// TestDashboardWaitsForNothingSlow holds that the dashboard is made while the database and the services are.
func TestDashboardWaitsForNothingSlow(t *testing.T) {
	t.Parallel()
	r, _, _ := runDashboard(t, func(*components.WebServiceArgs) {}, nil)
	for _, slow := range []string{"db-cluster", "db-writer", "web-service"} {
		assert.False(t, dependsOn(r.find(t, cloudwatchDashboard, "dashboard-dashboard"), slow), slow)
	}
}

func TestDashboardShowsWhatIsGiven(t *testing.T) {
	t.Parallel()
	_, widgets, _ := runDashboard(t, func(*components.WebServiceArgs) {}, func(args *components.DashboardArgs) { args.Web, args.Queues = nil, nil })
	var titles []string
	for title := range widgets {
		titles = append(titles, title)
	}
	assert.ElementsMatch(t, []string{"Alarms", "Database capacity", "Database capacity used", "Database connections"}, titles)

	const nothing = `web, queues, database: got nothing, takes one of them at least`
	for _, test := range []struct {
		args    *components.DashboardArgs
		message string
	}{
		{nil, nothing},
		{&components.DashboardArgs{}, nothing},
		{&components.DashboardArgs{Queues: []*components.Queue{nil}}, "queues[0]: got nothing, takes a queue"},
	} {
		r := &recorder{}
		err := r.run(func(ctx *pulumi.Context) error {
			_, err := components.NewDashboard(ctx, "dashboard", test.args)
			return err
		})
		require.ErrorContains(t, err, test.message)
		assert.Empty(t, r.resources)
	}
}
