// The program of a large stack: as many web services as the configuration says, in one network and on one cluster.
package main

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	"slipway/components"
)

// image stands for one that exists, so that nothing is built.
var image = "public.ecr.aws/nginx/nginx@sha256:" + strings.Repeat("0", 64)

func main() { pulumi.Run(services) }

func services(ctx *pulumi.Context) error {
	count, err := config.New(ctx, "").TryInt("services")
	if err != nil {
		return err
	}
	network, err := components.NewVpc(ctx, "network", &components.VpcArgs{Ephemeral: true})
	if err != nil {
		return err
	}
	cluster, err := ecs.NewCluster(ctx, "cluster", nil)
	if err != nil {
		return err
	}
	capacity, err := ecs.NewClusterCapacityProviders(ctx, "capacity", &ecs.ClusterCapacityProvidersArgs{
		ClusterName:       cluster.Name,
		CapacityProviders: pulumi.ToStringArray([]string{"FARGATE", "FARGATE_SPOT"}),
	})
	if err != nil {
		return err
	}
	for number := range count {
		_, err := components.NewWebService(ctx, fmt.Sprintf("web-%03d", number+1), &components.WebServiceArgs{
			VpcId:           network.VpcId,
			PublicSubnetIds: network.PublicSubnetIds,
			SubnetIds:       network.ApplicationSubnetIds,
			AssignPublicIp:  network.AssignPublicIp,
			StartAfter:      append(network.Reachability(), capacity),
			ClusterArn:      cluster.Arn,
			Image:           pulumi.String(image),
			Ephemeral:       true,
		})
		if err != nil {
			return err
		}
	}
	return nil
}
