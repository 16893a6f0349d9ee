package main

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumiconfig "github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	"slipway/components"
	"slipway/internal/config"
	"slipway/internal/sharing"
)

// foundation is what the services of an environment stand on: network, database, and where requests come in. An environment has
// its own, or uses another stack's.
type foundation struct {
	vpcId          pulumi.StringInput
	subnetIds      pulumi.StringArrayInput // of tasks
	assignPublicIp bool
	startAfter     []pulumi.Resource // what tasks cannot start without

	database components.Connection
	aurora   *components.AuroraServerless // the database where it is own

	publicSubnetIds pulumi.StringArrayInput    // for a load balancer; nil where shared
	listener        *components.SharedListener // instead of a load balancer; nil where own
	clusterArn      pulumi.StringInput         // nil where own
}

// newFoundation has the alarms of what it makes do alarmActions.
func newFoundation(ctx *pulumi.Context, cfg *config.Config, alarmActions pulumi.StringArray) (*foundation, error) {
	if cfg.Shared != nil {
		return sharedFoundation(ctx, cfg.Shared)
	}
	return ownFoundation(ctx, cfg, alarmActions)
}

func ownFoundation(ctx *pulumi.Context, cfg *config.Config, alarmActions pulumi.StringArray) (*foundation, error) {
	network, err := components.NewVpc(ctx, "network", cfg.Network)
	if err != nil {
		return nil, err
	}

	cfg.Database.VpcId = network.VpcId
	cfg.Database.SubnetIds = network.IsolatedSubnetIds
	cfg.Database.AlarmActions = alarmActions
	database, err := components.NewAuroraServerless(ctx, "database", cfg.Database)
	if err != nil {
		return nil, err
	}

	ctx.Export("database", pulumi.Map{"clusterArn": database.ClusterArn})
	ctx.Export("databaseEndpoint", database.Endpoint)
	ctx.Export("databaseName", database.DatabaseName)
	ctx.Export("databaseSecretArn", database.SecretArn)
	return &foundation{
		vpcId:           network.VpcId,
		subnetIds:       network.ApplicationSubnetIds,
		assignPublicIp:  network.AssignPublicIp,
		startAfter:      network.Reachability(),
		database:        database,
		aurora:          database,
		publicSubnetIds: network.PublicSubnetIds,
	}, nil
}

// share is the output by which test environments use this one. sharing.Base reads it.
func (f *foundation) share(web *components.WebService, args *components.WebServiceArgs) pulumi.Map {
	return pulumi.Map{
		"vpcId":          f.vpcId,
		"subnetIds":      f.subnetIds,
		"assignPublicIp": pulumi.Bool(f.assignPublicIp),
		"clusterArn":     web.ClusterArn,
		"loadBalancer": pulumi.Map{
			"listenerArn":     web.ListenerArn,
			"dnsName":         web.LoadBalancerDnsName,
			"securityGroupId": web.LoadBalancerSecurityGroupId,
			"domain":          pulumi.String(args.DomainName),
			"wildcard":        pulumi.Bool(args.Wildcard),
		},
		"database": pulumi.Map{
			"endpoint":        f.aurora.Endpoint,
			"port":            f.aurora.Port,
			"name":            f.aurora.DatabaseName,
			"secretArn":       f.aurora.SecretArn,
			"clusterArn":      f.aurora.ClusterArn,
			"securityGroupId": f.aurora.SecurityGroupId,
			"sslMode":         f.aurora.SslMode,
		},
	}
}

// sharedFoundation uses what another stack shares: nothing but the services and what is theirs is made.
func sharedFoundation(ctx *pulumi.Context, shared *config.Shared) (*foundation, error) {
	theirs, err := readShared(ctx, shared.Stack)
	if err != nil {
		return nil, fmt.Errorf("%s:sharedWith: %w", ctx.Project(), err)
	}
	host, https, err := theirs.Host(ctx.Stack(), shared.Domain)
	if err != nil {
		return nil, fmt.Errorf("%s:sharedWith: the stack %s has a domain: %w", ctx.Project(), shared.Stack, err)
	}
	databaseName, err := theirs.DatabaseName(ctx.Stack())
	if err != nil {
		return nil, fmt.Errorf("%s:sharedWith: %w", ctx.Project(), err)
	}

	database, err := components.NewExistingDatabase(ctx, "database", &components.ExistingDatabaseArgs{
		Endpoint:        pulumi.String(theirs.Database.Endpoint),
		Port:            pulumi.Int(theirs.Database.Port),
		DatabaseName:    pulumi.String(databaseName),
		SecretArn:       pulumi.String(theirs.Database.SecretArn),
		SecurityGroupId: pulumi.String(theirs.Database.SecurityGroupId),
		SslMode:         new(components.SslMode(theirs.Database.SslMode)),
	})
	if err != nil {
		return nil, err
	}

	ctx.Export("database", pulumi.Map{"clusterArn": pulumi.String(theirs.Database.ClusterArn)})
	ctx.Export("databaseEndpoint", pulumi.String(theirs.Database.Endpoint))
	ctx.Export("databaseName", pulumi.String(databaseName))
	ctx.Export("databaseSecretArn", pulumi.String(theirs.Database.SecretArn))
	return &foundation{
		vpcId:          pulumi.String(theirs.VpcId),
		subnetIds:      pulumi.ToStringArray(theirs.SubnetIds),
		assignPublicIp: theirs.AssignPublicIp,
		database:       database,
		listener: &components.SharedListener{
			Arn:                         pulumi.String(theirs.LoadBalancer.ListenerArn),
			LoadBalancerDnsName:         pulumi.String(theirs.LoadBalancer.DnsName),
			LoadBalancerSecurityGroupId: pulumi.String(theirs.LoadBalancer.SecurityGroupId),
			HostNames:                   []string{host},
			Https:                       https,
		},
		clusterArn: pulumi.String(theirs.ClusterArn),
	}, nil
}

// readShared reads what a stack of this project shares. The organization is "organization" where the state is not in Pulumi Cloud.
func readShared(ctx *pulumi.Context, stack string) (sharing.Base, error) {
	// Where there is no such stack, the engine says so and ends the program: no word of it comes later than this one.
	err := ctx.Log.Info(fmt.Sprintf("uses the network, load balancer, cluster and database of the stack %s, which has to be deployed first: pulumi up -s %s", stack, stack), nil)
	if err != nil {
		return sharing.Base{}, err
	}
	reference, err := pulumi.NewStackReference(ctx, stack, &pulumi.StackReferenceArgs{
		Name: pulumi.Sprintf("%s/%s/%s", ctx.Organization(), ctx.Project(), stack),
	})
	if err != nil {
		return sharing.Base{}, err
	}
	// By its details, as a secret among the stack's other outputs leaves this one plain.
	output, err := reference.GetOutputDetails(sharing.Output)
	if err != nil {
		return sharing.Base{}, err
	}
	base, err := sharing.Parse(output.Value, stack)
	if err != nil {
		return sharing.Base{}, err
	}
	if region := pulumiconfig.Get(ctx, "aws:region"); region != "" {
		if err := base.InRegion(region); err != nil {
			return sharing.Base{}, fmt.Errorf("the stack %s cannot be used: %w", stack, err)
		}
	}
	return base, nil
}
