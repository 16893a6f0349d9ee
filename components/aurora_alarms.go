package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// What a database is near its end with: its capacity for so many minutes on end, and its connections.
const (
	capacityAlarmPercent    = 90
	capacityAlarmMinutes    = 15
	connectionsAlarmPercent = 80
)

// createAlarms says when an instance has no capacity left to grow into, and when connections run out. They name the cluster, so they
// wait for nothing; the largest value is that of its busiest instance.
func (db *AuroraServerless) createAlarms(ctx *pulumi.Context, args AuroraServerlessArgs) error {
	if !*args.Alarms {
		return nil
	}
	owner := alarmOwner{component: db, actions: args.AlarmActions, tags: args.Tags}
	connections := maxConnections(*args.MinCapacity, args.MaxCapacity)
	for _, alarm := range []struct {
		role, description, metric string
		threshold, minutes        int
	}{
		{"capacity", fmt.Sprintf("An instance of %s has used %d %% of its largest capacity, %v units, for %d minutes.", db.name, capacityAlarmPercent, args.MaxCapacity, capacityAlarmMinutes),
			"ACUUtilization", capacityAlarmPercent, capacityAlarmMinutes},
		{"connections", fmt.Sprintf("An instance of %s has %d %% of the %d connections that it takes.", db.name, connectionsAlarmPercent, connections),
			"DatabaseConnections", connections * connectionsAlarmPercent / 100, 5},
	} {
		created, err := owner.newAlarm(ctx, db.name+"-"+alarm.role, &cloudwatch.MetricAlarmArgs{
			AlarmDescription:   pulumi.String(alarm.description),
			Namespace:          pulumi.String("AWS/RDS"),
			MetricName:         pulumi.String(alarm.metric),
			Dimensions:         pulumi.StringMap{"DBClusterIdentifier": db.ClusterIdentifier},
			Statistic:          pulumi.String("Maximum"),
			Period:             pulumi.Int(60),
			ComparisonOperator: pulumi.String("GreaterThanOrEqualToThreshold"),
			Threshold:          pulumi.Float64(alarm.threshold),
			EvaluationPeriods:  pulumi.Int(alarm.minutes),
		})
		if err != nil {
			return err
		}
		db.Alarms = append(db.Alarms, created)
	}
	return nil
}

// maxConnections is how many connections an instance takes by default (max_connections, LEAST(DBInstanceClassMemory/9531392, 5000)). AWS
// counts the memory of the largest capacity, less what it needs itself, and with a least capacity of 0 or 0.5 stops at 2000. The factors
// fit AWS's table: 189 for 1 unit, 823 for 4, 1669 for 8, 3360 for 16 (Amazon Aurora User Guide, "Performance and scaling for Aurora
// Serverless v2", maximum connections). A changed capacity counts when the instance has been restarted.
func maxConnections(minCapacity, maxCapacity float64) int {
	most := 5000
	if minCapacity <= 0.5 {
		most = 2000
	}
	return min(most, int(211.4*maxCapacity-22.3+0.5))
}
