// Slipway takes a Dockerised web application to AWS: this program is one environment of it, for each Pulumi stack.
package main

import (
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

	web, err := components.NewWebService(ctx, "web", &components.WebServiceArgs{
		VpcId:                  network.VpcId,
		PublicSubnetIds:        network.PublicSubnetIds,
		SubnetIds:              network.ApplicationSubnetIds,
		AssignPublicIp:         network.AssignPublicIp,
		StartAfter:             network.Reachability(),
		Connections:            []components.Connection{database},
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
