// Slipway takes a Dockerised web application to AWS: this program is one environment of it, for each Pulumi stack.
package main

import (
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/components"
	"slipway/internal/config"
)

func main() { pulumi.Run(environment) }

// environment is the table of contents: configuration, components, outputs.
func environment(ctx *pulumi.Context) error {
	cfg, err := config.Load(ctx)
	if err != nil {
		return err
	}

	network, err := components.NewVpc(ctx, "network", &components.VpcArgs{
		Cidr:                 cfg.Network.Cidr,
		Zones:                cfg.Network.Zones,
		Egress:               new(components.Egress(cfg.Network.Egress)),
		EndpointServices:     cfg.Network.EndpointServices,
		EndpointsInOneZone:   cfg.Network.EndpointsInOneZone,
		FlowLogs:             &cfg.Network.FlowLogs,
		FlowLogRetentionDays: cfg.LogRetentionDays,
		Ephemeral:            cfg.Ephemeral,
	})
	if err != nil {
		return err
	}

	database, err := components.NewAuroraServerless(ctx, "database", &components.AuroraServerlessArgs{
		VpcId:                     network.VpcId,
		SubnetIds:                 network.IsolatedSubnetIds,
		DatabaseName:              cfg.Database.Name,
		MinCapacity:               &cfg.Database.MinCapacity,
		MaxCapacity:               cfg.Database.MaxCapacity,
		SecondsUntilAutoPause:     cfg.Database.AutoPauseSeconds,
		BackupRetentionDays:       cfg.Database.BackupRetentionDays,
		Readers:                   &cfg.Database.Readers,
		PerformanceInsights:       cfg.Database.PerformanceInsights,
		EnhancedMonitoringSeconds: cfg.Database.MonitoringIntervalSeconds,
		LogRetentionDays:          cfg.LogRetentionDays,
		Ephemeral:                 cfg.Ephemeral,
	})
	if err != nil {
		return err
	}

	image, err := components.NewImage(ctx, "image", &components.ImageArgs{
		Prebuilt:   cfg.Image.Prebuilt,
		Context:    cfg.Image.Context,
		Dockerfile: cfg.Image.Dockerfile,
		Target:     cfg.Image.Target,
		Revision:   cfg.Image.Revision,
		BuildArgs:  cfg.Image.BuildArgs,
		Platform:   cfg.Image.Platform,
		Ephemeral:  cfg.Ephemeral,
	})
	if err != nil {
		return err
	}

	secretKey, err := components.NewGeneratedSecret(ctx, "secret-key", &components.GeneratedSecretArgs{
		Description: "Signs the web application's sessions",
		Ephemeral:   cfg.Ephemeral,
	})
	if err != nil {
		return err
	}

	webConnections := []components.Connection{database}
	if cfg.Site.Enabled {
		site, err := components.NewStaticSite(ctx, "site", &components.StaticSiteArgs{
			DomainName:            cfg.Site.Domain,
			HostedZone:            cfg.Site.HostedZone,
			Folder:                cfg.Site.Folder,
			Immutable:             cfg.Site.Immutable,
			SinglePageApplication: cfg.Site.SinglePageApplication,
			CorsOrigins:           cfg.Site.CorsOrigins,
			PriceClass:            cfg.Site.PriceClass,
			WebAclArn:             pulumi.StringPtrFromPtr(cfg.Site.WebAclArn),
			AccessLogs:            &cfg.Web.AccessLogs,
			LogRetentionDays:      cfg.LogRetentionDays,
			Ephemeral:             cfg.Ephemeral,
		})
		if err != nil {
			return err
		}
		webConnections = append(webConnections, site)
		ctx.Export("staticUrl", site.Url)
	}

	// Web requests fill the queue; the workers come with their own access to it.
	var queue *components.Queue
	if cfg.Workers.Enabled {
		queue, err = components.NewQueue(ctx, "queue", &components.QueueArgs{
			VisibilityTimeout: cfg.Queue.VisibilityTimeout,
			MaxReceiveCount:   cfg.Queue.MaxReceiveCount,
			MaxMessageAge:     cfg.Queue.MaxMessageAge,
		})
		if err != nil {
			return err
		}
		webConnections = append(webConnections, queue)
	}

	web, err := components.NewWebService(ctx, "web", &components.WebServiceArgs{
		VpcId:                  network.VpcId,
		PublicSubnetIds:        network.PublicSubnetIds,
		SubnetIds:              network.ApplicationSubnetIds,
		AssignPublicIp:         network.AssignPublicIp,
		StartAfter:             network.Reachability(),
		Connections:            webConnections,
		Image:                  image.Reference,
		RepositoryArn:          image.RepositoryArn,
		Command:                cfg.Web.Command,
		ReleaseCommand:         cfg.Web.ReleaseCommand,
		Environment:            pulumi.ToStringMap(cfg.Web.Environment),
		Secrets:                secrets(cfg.Web.Secrets, secretKey),
		DomainName:             cfg.Web.Domain,
		HostedZone:             cfg.Web.HostedZone,
		Architecture:           cfg.Web.Architecture,
		Cpu:                    cfg.Web.Cpu,
		Memory:                 cfg.Web.Memory,
		Port:                   cfg.Web.Port,
		HealthCheckPath:        cfg.Web.HealthCheckPath,
		MinCount:               &cfg.Web.MinCount,
		MaxCount:               cfg.Web.MaxCount,
		CpuTarget:              &cfg.Web.CpuTarget,
		MemoryTarget:           cfg.Web.MemoryTarget,
		RequestsTarget:         cfg.Web.RequestsTarget,
		SpotWeight:             cfg.Web.SpotWeight,
		StopTimeout:            cfg.Web.StopTimeout,
		ContainerInsights:      &cfg.Web.ContainerInsights,
		EnableExecuteCommand:   cfg.Web.EnableExecuteCommand,
		ReadonlyRootFilesystem: new(!cfg.Web.EnableExecuteCommand),
		AccessLogs:             &cfg.Web.AccessLogs,
		LogRetentionDays:       cfg.LogRetentionDays,
		Ephemeral:              cfg.Ephemeral,
	})
	if err != nil {
		return err
	}

	if cfg.Workers.Enabled {
		workers, err := components.NewQueueWorkers(ctx, "workers", &components.QueueWorkersArgs{
			Queues:                 []*components.Queue{queue},
			VpcId:                  network.VpcId,
			SubnetIds:              network.ApplicationSubnetIds,
			AssignPublicIp:         network.AssignPublicIp,
			StartAfter:             network.Reachability(),
			ClusterArn:             web.ClusterArn,
			Connections:            []components.Connection{database},
			Image:                  image.Reference,
			RepositoryArn:          image.RepositoryArn,
			Command:                cfg.Workers.Command,
			ReleaseCommand:         cfg.Web.ReleaseCommand,
			Environment:            workerEnvironment(cfg, web.Url),
			Secrets:                secrets(cfg.Web.Secrets, secretKey),
			Architecture:           cfg.Web.Architecture,
			Cpu:                    cfg.Workers.Cpu,
			Memory:                 cfg.Workers.Memory,
			SpotWeight:             cfg.Workers.SpotWeight,
			StopTimeout:            cfg.Workers.StopTimeout,
			MinCount:               cfg.Workers.MinCount,
			MaxCount:               cfg.Workers.MaxCount,
			IdleMinutes:            cfg.Workers.IdleMinutes,
			Steps:                  cfg.Workers.Steps,
			Backlog:                cfg.Workers.Backlog(),
			Schedules:              cfg.Workers.Schedules,
			EnableExecuteCommand:   cfg.Web.EnableExecuteCommand,
			ReadonlyRootFilesystem: new(!cfg.Web.EnableExecuteCommand),
			LogRetentionDays:       cfg.LogRetentionDays,
			Ephemeral:              cfg.Ephemeral,
		})
		if err != nil {
			return err
		}
		ctx.Export("queueUrl", queue.QueueUrl)
		ctx.Export("deadLetterQueueUrl", queue.DeadLetterQueueUrl)
		ctx.Export("workersServiceName", workers.ServiceName)
		ctx.Export("workersLogGroup", workers.LogGroupName)
	}

	ctx.Export("webUrl", web.Url)
	ctx.Export("databaseEndpoint", database.Endpoint)
	ctx.Export("databaseName", database.DatabaseName)
	ctx.Export("databaseSecretArn", database.SecretArn)
	ctx.Export("image", image.Reference)
	ctx.Export("clusterName", web.ClusterName)
	ctx.Export("serviceName", web.ServiceName)
	ctx.Export("logGroup", web.LogGroupName)
	return nil
}

// secrets are the application's own and the key that signs its sessions.
func secrets(configured map[string]config.Secret, key *components.GeneratedSecret) map[string]components.SecretReference {
	references := map[string]components.SecretReference{"DJANGO_SECRET_KEY": key.Reference()}
	for variable, secret := range configured {
		reference := components.SecretReference{Arn: pulumi.String(secret.Arn)}
		if secret.JsonKey != "" {
			reference.JsonKey = pulumi.String(secret.JsonKey)
		}
		references[variable] = reference
	}
	return references
}

// workerEnvironment are the workers' variables: the configured ones, and where the website is, for links and settings.
func workerEnvironment(cfg *config.Config, url pulumi.StringInput) map[string]pulumi.StringInput {
	environment := map[string]pulumi.StringInput{
		"PUBLIC_URL":         url,
		"CELERY_CONCURRENCY": pulumi.String(strconv.Itoa(cfg.Workers.Concurrency)),
	}
	for name, value := range cfg.Workers.Environment {
		environment[name] = pulumi.String(value)
	}
	return environment
}
