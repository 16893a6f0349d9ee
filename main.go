// Slipway takes a Dockerised web application to AWS: this program is one environment of it, for each Pulumi stack, or the pipeline
// that delivers to them, or the roles by which that deploys in another account.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/components"
	"slipway/internal/config"
	"slipway/internal/owned"
	"slipway/internal/sharing"
)

func main() { pulumi.Run(stack) }

func stack(ctx *pulumi.Context) error {
	cfg, err := config.Load(ctx)
	if err != nil {
		return err
	}
	if err := ctx.RegisterStackTransformation(owned.Tag(ctx.Project(), ctx.Stack())); err != nil {
		return err
	}
	switch {
	case cfg.Pipeline != nil:
		return delivery(ctx, cfg.Pipeline)
	case cfg.DeployRoles != nil:
		return deployRoles(ctx, cfg.DeployRoles)
	}
	return environment(ctx, cfg)
}

// environment is the table of contents: configuration, components, outputs. The configuration says how each component
// is to be; here they are given to each other.
func environment(ctx *pulumi.Context, cfg *config.Config) error {
	var told pulumi.StringArray
	if cfg.Alarms != nil {
		alarms, err := components.NewAlarmTopic(ctx, "alarms", cfg.Alarms)
		if err != nil {
			return err
		}
		told = pulumi.StringArray{alarms.TopicArn}
		ctx.Export("alarmTopicArn", alarms.TopicArn)
	}

	base, err := newFoundation(ctx, cfg, told)
	if err != nil {
		return err
	}

	image, err := components.NewImage(ctx, "image", cfg.Image)
	if err != nil {
		return err
	}

	sessionKey, err := components.NewGeneratedSecret(ctx, "secret-key", cfg.SessionKey)
	if err != nil {
		return err
	}

	cfg.Web.Connections = []components.Connection{base.database}
	if cfg.Site != nil {
		site, err := components.NewStaticSite(ctx, "site", cfg.Site)
		if err != nil {
			return err
		}
		cfg.Web.Connections = append(cfg.Web.Connections, site)
		ctx.Export("staticUrl", site.Url)
	}

	// Web requests fill the queue; the workers come with their own access to it.
	var queue *components.Queue
	if cfg.Workers != nil {
		cfg.Queue.AlarmActions = told
		queue, err = components.NewQueue(ctx, "queue", cfg.Queue)
		if err != nil {
			return err
		}
		cfg.Web.Connections = append(cfg.Web.Connections, queue)
	}

	cfg.Web.VpcId = base.vpcId
	cfg.Web.PublicSubnetIds = base.publicSubnetIds
	cfg.Web.Listener = base.listener
	cfg.Web.ClusterArn = base.clusterArn
	cfg.Web.SubnetIds = base.subnetIds
	cfg.Web.AssignPublicIp = base.assignPublicIp
	cfg.Web.StartAfter = base.startAfter
	cfg.Web.Image = image.Reference
	cfg.Web.RepositoryArn = image.RepositoryArn
	cfg.Web.AlarmActions = told
	cfg.Web.Secrets["DJANGO_SECRET_KEY"] = sessionKey.Reference()
	web, err := components.NewWebService(ctx, "web", cfg.Web)
	if err != nil {
		return err
	}

	runs := operated{web: web, queue: queue, database: base.aurora}
	shown := &components.DashboardArgs{Web: web, Database: base.aurora}
	if cfg.Workers != nil {
		cfg.Workers.Queues = []*components.Queue{queue}
		cfg.Workers.VpcId = base.vpcId
		cfg.Workers.SubnetIds = base.subnetIds
		cfg.Workers.AssignPublicIp = base.assignPublicIp
		cfg.Workers.StartAfter = base.startAfter
		cfg.Workers.ClusterArn = web.ClusterArn
		cfg.Workers.Connections = []components.Connection{base.database}
		cfg.Workers.Image = image.Reference
		cfg.Workers.RepositoryArn = image.RepositoryArn
		cfg.Workers.Secrets["DJANGO_SECRET_KEY"] = sessionKey.Reference()
		if _, given := cfg.Workers.Environment["PUBLIC_URL"]; !given { // where links of theirs lead
			cfg.Workers.Environment["PUBLIC_URL"] = web.Url
		}
		cfg.Workers.AlarmActions = told
		workers, err := components.NewQueueWorkers(ctx, "workers", cfg.Workers)
		if err != nil {
			return err
		}
		runs.workers = workers
		shown.Queues, shown.Workers = []*components.Queue{queue}, workers
		ctx.Export("queueUrl", queue.QueueUrl)
		ctx.Export("deadLetterQueueUrl", queue.DeadLetterQueueUrl)
		ctx.Export("workersServiceName", workers.ServiceName)
		ctx.Export("workersLogGroup", workers.LogGroupName)
	}

	if cfg.Dashboard {
		dashboard, err := components.NewDashboard(ctx, "dashboard", shown)
		if err != nil {
			return err
		}
		ctx.Export("dashboardUrl", dashboard.Url)
	}

	if cfg.Shared == nil && cfg.Web.Ephemeral { // no test reaches production's database
		ctx.Export(sharing.Output, base.share(web, cfg.Web))
	}
	runs.export(ctx)
	ctx.Export("webUrl", web.Url)
	ctx.Export("loadBalancer", web.LoadBalancerDnsName)
	ctx.Export("image", image.Reference)
	ctx.Export("clusterName", web.ClusterName)
	ctx.Export("serviceName", web.ServiceName)
	ctx.Export("logGroup", web.LogGroupName)
	return nil
}
