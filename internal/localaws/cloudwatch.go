package localaws

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
)

// cloudwatchKinds are the resource types of CloudWatch and CloudWatch Logs.
func cloudwatchKinds() []*kind {
	return []*kind{
		of(cloudwatch.LogGroupArgs{}, cloudwatch.LogGroup{}, kind{service: "CloudWatch Logs", noun: "LogGroup", idFrom: "name",
			named:    &naming{property: "name", prefixProperty: "namePrefix", most: 512},
			unique:   map[string]string{"name": "ResourceAlreadyExistsException"},
			replace:  []string{"name", "namePrefix", "logGroupClass"},
			defaults: map[string]any{"retentionInDays": 0, "skipDestroy": false, "logGroupClass": "STANDARD"},
			check:    checkLogGroup, compute: func(d *draft) { d.set("arn", d.arn("logs", "log-group:"+d.id)) }}),
		of(cloudwatch.MetricAlarmArgs{}, cloudwatch.MetricAlarm{}, kind{service: "CloudWatch", noun: "MetricAlarm", idFrom: "name",
			named: &naming{property: "name", most: 255}, replace: []string{"name"}, overwrites: always,
			defaults: map[string]any{"actionsEnabled": true, "treatMissingData": "missing"},
			check:    checkMetricAlarm, compute: func(d *draft) { d.set("arn", d.arn("cloudwatch", "alarm:"+d.id)) }}),
		of(cloudwatch.DashboardArgs{}, cloudwatch.Dashboard{}, kind{service: "CloudWatch", noun: "Dashboard", idFrom: "dashboardName",
			replace: []string{"dashboardName"}, overwrites: always, check: checkDashboard,
			compute: func(d *draft) { d.set("dashboardArn", d.globalARN("cloudwatch", "dashboard/"+d.id)) }}),
	}
}
