package components

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/internal/invalid"
	"slipway/internal/limits"
)

// Dashboard shows in CloudWatch how an environment is: one page with the state of its alarms, and below, as far as the parts are given,
// requests, errors and latency of the web service; the tasks of the cluster, web and workers alike, with their CPU and memory;
// what waits in the queues, for how long, and what failed for good; capacity and connections of the database.
//
//	dashboard, err := components.NewDashboard(ctx, "dashboard", &components.DashboardArgs{
//		Web: web, Queues: []*components.Queue{queue}, Database: database,
//	})
//
// It creates the dashboard and nothing else. It makes no metrics; where the
// cluster has Container Insights it shows the number of tasks by them, and otherwise by how many report their CPU.
//
// It costs $3.00 a month; the first three of an account are free.
type Dashboard struct {
	pulumi.ResourceState

	// Url is where CloudWatch shows it, to whoever has signed in to AWS and may see metrics.
	Url pulumi.StringOutput `pulumi:"url"`
	// Name of the dashboard in CloudWatch: project, stack and component.
	Name pulumi.StringOutput `pulumi:"name"`

	Dashboard *cloudwatch.Dashboard
}

// DashboardArgs says what to show: Web, Queues or Database, one of them at least.
type DashboardArgs struct {
	// Web is shown with all services of its cluster. Default: none. Example: web.
	Web *WebService
	// Queues are shown one line each. Default: none. Example: []*components.Queue{queue}.
	Queues []*Queue
	// Workers adds the alarms on their schedules; their tasks are shown with Web's cluster. Default: none. Example: workers.
	Workers *QueueWorkers
	// Database is shown with all its instances. Default: none. Example: database.
	Database *AuroraServerless
}

// NewDashboard creates a dashboard. It is called after project, stack and component, as Pulumi has no auto-naming for it. An error names
// every argument that is wrong.
func NewDashboard(ctx *pulumi.Context, name string, args *DashboardArgs, opts ...pulumi.ResourceOption) (*Dashboard, error) {
	if args == nil {
		args = &DashboardArgs{}
	}
	if err := args.check(name); err != nil {
		return nil, err
	}
	d := &Dashboard{}
	if err := ctx.RegisterComponentResource("slipway:index:Dashboard", name, d, opts...); err != nil {
		return nil, err
	}
	region, err := aws.GetRegion(ctx, nil, pulumi.Parent(d))
	if err != nil {
		return nil, err
	}
	d.Dashboard, err = cloudwatch.NewDashboard(ctx, name+"-dashboard", &cloudwatch.DashboardArgs{
		DashboardName: pulumi.String(dashboardName(ctx.Project(), ctx.Stack(), name)),
		DashboardBody: args.body(region.Name),
	}, pulumi.Parent(d))
	if err != nil {
		return nil, err
	}
	d.Name = d.Dashboard.DashboardName
	d.Url = d.Name.ApplyT(func(name string) string { return dashboardUrl(region.Name, name) }).(pulumi.StringOutput)
	return d, ctx.RegisterResourceOutputs(d, pulumi.Map{"url": d.Url, "name": d.Name})
}

func (a *DashboardArgs) check(name string) error {
	wrong := invalid.In(fmt.Sprintf("Dashboard %q", name))
	wrong.Check("name", name, limits.DashboardName(name))
	if a.Web == nil && len(a.Queues) == 0 && a.Database == nil {
		wrong.Add("web, queues, database", nil, "one of them at least, such as Web: web")
	}
	for i, queue := range a.Queues {
		if queue == nil {
			wrong.Add(fmt.Sprintf("queues[%d]", i), nil, "a queue, of components.NewQueue")
		}
	}
	return wrong.Err()
}

// body is the dashboard's content. It waits for none of the services and for no database: it finds the services by their cluster, and the
// database's instances by its identifier.
func (a *DashboardArgs) body(region string) pulumi.StringOutput {
	none := pulumi.String("").ToStringOutput()
	balancer, targets, cluster, database := none, none, none, none
	insights := false
	var alarms []*cloudwatch.MetricAlarm
	if a.Web != nil {
		balancer, targets, cluster = a.Web.loadBalancerArnSuffix, a.Web.TargetGroup.ArnSuffix, a.Web.ClusterName
		insights = a.Web.containerInsights
		alarms = append(alarms, a.Web.Alarms...)
	}
	var queues, deadLetters pulumi.StringArray
	for _, queue := range a.Queues {
		queues = append(queues, queue.QueueName)
		if queue.DeadLetterQueue != nil {
			deadLetters = append(deadLetters, queue.DeadLetterQueue.Name)
		}
		alarms = append(alarms, queue.Alarms...)
	}
	if a.Workers != nil {
		alarms = append(alarms, a.Workers.Alarms...)
	}
	if a.Database != nil {
		database = a.Database.ClusterIdentifier
		alarms = append(alarms, a.Database.Alarms...)
	}
	var alarmArns pulumi.StringArray
	for _, alarm := range alarms {
		alarmArns = append(alarmArns, alarm.Arn)
	}
	return pulumi.All(balancer, targets, cluster, database, queues, deadLetters, alarmArns).ApplyT(func(of []any) (string, error) {
		return dashboardBody(dashboardSubjects{
			region:       region,
			loadBalancer: of[0].(string),
			targetGroup:  of[1].(string),
			cluster:      of[2].(string),
			insights:     insights,
			database:     of[3].(string),
			queues:       of[4].([]string),
			deadLetters:  of[5].([]string),
			alarms:       of[6].([]string),
		})
	}).(pulumi.StringOutput)
}

// dashboardName is project, stack and component, in the letters that CloudWatch takes; stacks may have dots in their names.
func dashboardName(project, stack, name string) string {
	return strings.ReplaceAll(fmt.Sprintf("%s-%s-%s", project, stack, name), ".", "-")
}

// dashboardUrl is the dashboard's page in the console.
func dashboardUrl(region, name string) string {
	return fmt.Sprintf("%s/cloudwatch/home?region=%s#dashboards/dashboard/%s", console(region), region, name)
}
