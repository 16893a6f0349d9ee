package main

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/components"
)

// operated is what people look after once it runs. Its outputs say what that is and where: package operate reads them.
type operated struct {
	web      *components.WebService
	workers  *components.QueueWorkers     // nil without
	queue    *components.Queue            // nil without
	database *components.AuroraServerless // nil where it is another stack's
}

// export has the services and queues by the names that people use for them.
func (o operated) export(ctx *pulumi.Context) {
	services := pulumi.Map{"web": pulumi.Map{
		"clusterArn":     o.web.ClusterArn,
		"service":        o.web.ServiceName,
		"container":      o.web.ContainerName,
		"logGroup":       o.web.LogGroupName,
		"targetGroupArn": o.web.TargetGroupArn,
	}}
	if o.workers != nil {
		services["workers"] = pulumi.Map{
			"clusterArn": o.web.ClusterArn,
			"service":    o.workers.ServiceName,
			"container":  o.workers.ContainerName,
			"logGroup":   o.workers.LogGroupName,
		}
	}
	ctx.Export("services", services)
	if o.queue != nil {
		ctx.Export("queues", pulumi.Map{"queue": pulumi.Map{
			"url":           o.queue.QueueUrl,
			"deadLetterUrl": o.queue.DeadLetterQueueUrl,
		}})
	}
	if names := o.alarms(); len(names) > 0 {
		ctx.Export("alarms", pulumi.Map{"names": names})
	}
}

// alarms are those that tell people. The ones that scale go off in the course of things.
func (o operated) alarms() (names pulumi.StringArray) {
	lists := [][]*cloudwatch.MetricAlarm{o.web.Alarms}
	if o.workers != nil {
		lists = append(lists, o.workers.Alarms)
	}
	if o.queue != nil {
		lists = append(lists, o.queue.Alarms)
	}
	if o.database != nil {
		lists = append(lists, o.database.Alarms)
	}
	for _, list := range lists {
		for _, alarm := range list {
			names = append(names, alarm.Name)
		}
	}
	return names
}
