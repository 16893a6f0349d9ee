package components

import (
	"encoding/json"
	"fmt"
)

// dashboardSubjects are what a dashboard shows, as CloudWatch calls them. What is empty is not shown.
type dashboardSubjects struct {
	region                    string
	loadBalancer, targetGroup string // the ends of their ARNs
	cluster                   string
	insights                  bool // the cluster has Container Insights
	database                  string
	queues, deadLetters       []string
	alarms                    []string // ARNs
}

// A dashboard is 24 columns wide; three graphs stand in a row.
const (
	dashboardWidth = 24
	graphWidth     = 8
	graphHeight    = 6
	alarmsPerRow   = 4
)

// dashboardWidget is a widget of CloudWatch (Dashboard Body Structure and Syntax, CloudWatch API Reference).
type dashboardWidget struct {
	Type       string           `json:"type"`
	X          int              `json:"x"`
	Y          int              `json:"y"`
	Width      int              `json:"width"`
	Height     int              `json:"height"`
	Properties widgetProperties `json:"properties"`
}

type widgetProperties struct {
	Title   string   `json:"title"`
	Alarms  []string `json:"alarms,omitempty"`
	Region  string   `json:"region,omitempty"`
	View    string   `json:"view,omitempty"`
	Period  int      `json:"period,omitempty"`
	Metrics [][]any  `json:"metrics,omitempty"`
	YAxis   *yAxis   `json:"yAxis,omitempty"`
}

type yAxis struct {
	Left axis `json:"left"`
}

// axis begins at zero, so that a small change does not look like a large one.
type axis struct {
	Min       int    `json:"min"`
	Label     string `json:"label"`
	ShowUnits bool   `json:"showUnits"`
}

// graph is a widget with lines.
type graph struct {
	title, unit string
	lines       [][]any
}

// line is a metric as a widget takes it: namespace, name, dimensions, and how to show it.
func line(namespace, metric, statistic, label string, dimensions ...any) []any {
	shown := append([]any{namespace, metric}, dimensions...)
	return append(shown, map[string]any{"stat": statistic, "label": label})
}

// dashboardBody is the dashboard as CloudWatch takes it: the alarms, and a row of graphs for each subject.
func dashboardBody(s dashboardSubjects) (string, error) {
	widgets := []dashboardWidget{}
	y := 0
	if len(s.alarms) > 0 {
		height := 1 + (len(s.alarms)+alarmsPerRow-1)/alarmsPerRow
		widgets = append(widgets, dashboardWidget{Type: "alarm", Y: y, Width: dashboardWidth, Height: height,
			Properties: widgetProperties{Title: "Alarms", Alarms: s.alarms}})
		y += height
	}
	for _, row := range [][]graph{s.requests(), s.tasks(), s.messages(), s.databaseLoad()} {
		for i, g := range row {
			widgets = append(widgets, dashboardWidget{Type: "metric", X: i * graphWidth, Y: y, Width: graphWidth, Height: graphHeight,
				Properties: widgetProperties{Title: g.title, Region: s.region, View: "timeSeries", Period: 60, Metrics: g.lines,
					YAxis: &yAxis{Left: axis{Label: g.unit}}}})
		}
		if len(row) > 0 {
			y += graphHeight
		}
	}
	body, err := json.Marshal(map[string]any{"widgets": widgets})
	return string(body), err
}

// requests are the web service's. Errors of the load balancer itself, such as 503 when no task is there, have no target group.
func (s dashboardSubjects) requests() []graph {
	if s.targetGroup == "" {
		return nil
	}
	const balancer = "AWS/ApplicationELB"
	targets := func(metric, statistic, label string) []any {
		return line(balancer, metric, statistic, label, "LoadBalancer", s.loadBalancer, "TargetGroup", s.targetGroup)
	}
	ownErrors := func(metric, label string) []any {
		return line(balancer, metric, "Sum", label, "LoadBalancer", s.loadBalancer)
	}
	return []graph{
		{"Requests", "a minute", [][]any{targets("RequestCount", "Sum", "requests")}},
		{"Errors", "a minute", [][]any{
			targets("HTTPCode_Target_5XX_Count", "Sum", "5xx of the application"),
			targets("HTTPCode_Target_4XX_Count", "Sum", "4xx of the application"),
			ownErrors("HTTPCode_ELB_5XX_Count", "5xx of the load balancer"),
			ownErrors("HTTPCode_ELB_4XX_Count", "4xx of the load balancer"),
		}},
		{"Latency", "seconds", [][]any{
			targets("TargetResponseTime", "p50", "half of the answers"),
			targets("TargetResponseTime", "p95", "95 %"),
			targets("TargetResponseTime", "p99", "99 %"),
		}},
	}
}

// tasks are those of every service of the cluster, found by a search: a service that is new is there without a change.
func (s dashboardSubjects) tasks() []graph {
	if s.cluster == "" {
		return nil
	}
	services := func(namespace, metric, statistic, suffix string) []any {
		expression := fmt.Sprintf(`SEARCH('{%s,ClusterName,ServiceName} ClusterName="%s" MetricName="%s"', '%s', 60)`, namespace, s.cluster, metric, statistic)
		return []any{map[string]any{"expression": expression, "label": "${PROP('Dim.ServiceName')}" + suffix}}
	}
	// Each task reports its CPU once a minute: the number of reports is that of the running tasks.
	running := services("AWS/ECS", "CPUUtilization", "SampleCount", "")
	if s.insights {
		running = services("ECS/ContainerInsights", "RunningTaskCount", "Average", "")
	}
	counts := [][]any{running}
	if s.targetGroup != "" {
		counts = append(counts, line("AWS/ApplicationELB", "HealthyHostCount", "Minimum", "healthy in the load balancer", "LoadBalancer", s.loadBalancer, "TargetGroup", s.targetGroup))
	}
	return []graph{
		{"Running tasks", "tasks", counts},
		{"CPU", "percent", [][]any{services("AWS/ECS", "CPUUtilization", "Average", ""), services("AWS/ECS", "CPUUtilization", "Maximum", ", busiest")}},
		{"Memory", "percent", [][]any{services("AWS/ECS", "MemoryUtilization", "Average", ""), services("AWS/ECS", "MemoryUtilization", "Maximum", ", fullest")}},
	}
}

// messages are what the queues hold.
func (s dashboardSubjects) messages() []graph {
	if len(s.queues) == 0 {
		return nil
	}
	var depth, age, dead [][]any
	for _, queue := range s.queues {
		depth = append(depth,
			line("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", queue+", waiting", "QueueName", queue),
			line("AWS/SQS", "ApproximateNumberOfMessagesNotVisible", "Maximum", queue+", in work", "QueueName", queue))
		age = append(age, line("AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum", queue, "QueueName", queue))
	}
	for _, queue := range s.deadLetters {
		dead = append(dead, line("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", queue, "QueueName", queue))
	}
	graphs := []graph{{"Messages", "messages", depth}, {"Age of the oldest message", "seconds", age}}
	if len(dead) > 0 {
		graphs = append(graphs, graph{"Dead letters", "messages", dead})
	}
	return graphs
}

// databaseLoad is that of the busiest instance, and of all together on average.
func (s dashboardSubjects) databaseLoad() []graph {
	if s.database == "" {
		return nil
	}
	instances := func(metric string) [][]any {
		return [][]any{
			line("AWS/RDS", metric, "Maximum", "busiest instance", "DBClusterIdentifier", s.database),
			line("AWS/RDS", metric, "Average", "average", "DBClusterIdentifier", s.database),
		}
	}
	return []graph{
		{"Database capacity", "units (ACU)", instances("ServerlessDatabaseCapacity")},
		{"Database capacity used", "percent of the largest", instances("ACUUtilization")},
		{"Database connections", "connections", instances("DatabaseConnections")},
	}
}
