package status

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/awsexchange"
	"slipway/internal/operate"
)

var update = flag.Bool("update", false, "write golden files anew")

func gather(t *testing.T, file string) (*Report, error) {
	t.Helper()
	server := awsexchange.Serve(t, "", "testdata/"+file+".json")
	stack := operate.Stack{
		Name: "prod", WebUrl: "https://app.example.com",
		Services: map[string]operate.Service{"web": {
			ClusterArn: "arn:aws:ecs:eu-central-1:123456789012:cluster/web-cluster-8e3930a", Service: "web-service-a5387bc", Container: "web", LogGroup: "web-logs-7b76fa9",
			TargetGroupArn: "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/web-tg-0ead958/5cc6027861ae9461",
		}},
		Queues: map[string]operate.Queue{"queue": {Url: "https://sqs.eu-central-1.amazonaws.com/123456789012/queue-queue-d06a806", DeadLetterUrl: "https://sqs.eu-central-1.amazonaws.com/123456789012/queue-dead-letters-542b56b"}},
	}
	stack.Alarms.Names = []string{"web-errors", "web-down"}
	stack.Database.ClusterArn = "arn:aws:rds:eu-central-1:123456789012:cluster:database-ab4d199"
	return Gather(t.Context(), &operate.Deployed{Stack: stack, AWS: server.Config()}, time.Unix(1700007200, 0))
}

// TestReports has what a person and a program see in testdata/*.golden, which -update writes.
func TestReports(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"well", "not-well", "partly", "not-allowed"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report, err := gather(t, name)
			require.NoError(t, err)
			var got bytes.Buffer
			require.NoError(t, report.Write(&got, false))
			require.NoError(t, report.WriteJSON(&got, false))
			golden := filepath.Join("testdata", name+".golden")
			if *update {
				require.NoError(t, os.WriteFile(golden, got.Bytes(), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), got.String())
		})
	}
}

func TestWithoutTheServicesThereIsNoReport(t *testing.T) {
	t.Parallel()
	_, err := gather(t, "expired")
	require.ErrorContains(t, err, "web of prod: ECS DescribeServices: the AWS credentials have expired")
}

func TestJudge(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		report Report
		want   []string
	}{
		"switched off":              {Report{Services: []Service{{Name: "web", Targets: []Target{}}}}, nil},
		"workers without work":      {Report{Services: []Service{{Name: "workers"}}}, nil},
		"tasks come":                {Report{Services: []Service{{Name: "workers", Running: 1, Pending: 1, Desired: 2}}}, nil},
		"tasks do not come":         {Report{Services: []Service{{Name: "workers", Running: 1, Desired: 2}}}, []string{"workers: 1 of 2 tasks run"}},
		"a deployment that fails":   {Report{Services: []Service{{Name: "web", Desired: 1, Deployment: Deployment{State: Failed, Reason: "why"}}}}, []string{"web: the last deployment failed: why"}},
		"a deployment that goes on": {Report{Services: []Service{{Name: "web", Desired: 1, Deployment: Deployment{State: InProgress}}}}, nil},
		"with tasks that failed":    {Report{Services: []Service{{Name: "web", Desired: 1, Deployment: Deployment{State: InProgress, FailedTasks: 2}}}}, []string{"web: tasks of the deployment that is on its way have failed, 2 so far"}},
		"a rollback":                {Report{Services: []Service{{Name: "web", Deployment: Deployment{State: RollingBack, Reason: "why"}}}}, []string{"web: the last deployment is being rolled back: why"}},
		"no target":                 {Report{Services: []Service{{Name: "web", Desired: 1, Running: 1, Targets: []Target{}}}}, []string{"web: no task is healthy; the website is down"}},
		"the password is rotated":   {Report{Database: &Database{State: "resetting-master-credentials"}}, nil},
		"the database fails over":   {Report{Database: &Database{Cluster: "db", State: "failing-over"}}, []string{"database: db is failing-over"}},
		"an alarm is gone":          {Report{Stack: "prod", Alarms: []Alarm{{"a", "MISSING", ""}}}, []string{"alarm a: it does not exist any more; pulumi refresh -s prod, then pulumi up"}},
		"an alarm without data":     {Report{Alarms: []Alarm{{"a", "INSUFFICIENT_DATA", "x"}}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.report.judge()
			assert.Equal(t, test.want, test.report.Problems)
		})
	}
}
