package permissions

var (
	tagLogs   = []string{"logs:TagResource"}
	untagLogs = []string{"logs:UntagResource"}
)

var monitoring = map[string]Row{
	"aws:cloudwatch/metricAlarm:MetricAlarm": {
		Create: []string{"cloudwatch:PutMetricAlarm"},
		Read:   []string{"cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"},
		Update: []string{"cloudwatch:PutMetricAlarm"},
		Delete: []string{"cloudwatch:DeleteAlarms"},
		Tag:    []string{"cloudwatch:TagResource"},
		Untag:  []string{"cloudwatch:UntagResource"},
	},
	"aws:cloudwatch/dashboard:Dashboard": {
		Create: []string{"cloudwatch:PutDashboard"},
		Read:   []string{"cloudwatch:GetDashboard"},
		Update: []string{"cloudwatch:PutDashboard"},
		Delete: []string{"cloudwatch:DeleteDashboards"},
	},
	"aws:cloudwatch/logGroup:LogGroup": {
		Create: []string{"logs:CreateLogGroup", "logs:PutRetentionPolicy"},
		Read:   []string{"logs:DescribeLogGroups", "logs:ListTagsForResource"},
		Update: []string{"logs:DeleteRetentionPolicy", "logs:PutRetentionPolicy"},
		Delete: []string{"logs:DeleteLogGroup"},
		Tag:    tagLogs, Untag: untagLogs,
	},
	// CloudWatch Logs asks the service whose logs they are whether the caller may have them delivered, and looks at the policy of
	// the bucket that they go to, which it completes where that does not let them in.
	"aws:cloudwatch/logDeliverySource:LogDeliverySource": {
		On:     "resourceArn",
		Create: []string{"cloudfront:AllowVendedLogDeliveryForResource", "logs:PutDeliverySource"},
		Read:   []string{"logs:GetDeliverySource", "logs:ListTagsForResource"},
		Update: []string{"cloudfront:AllowVendedLogDeliveryForResource", "logs:PutDeliverySource"},
		Delete: []string{"logs:DeleteDeliverySource"},
		Tag:    tagLogs, Untag: untagLogs,
	},
	"aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": {
		Create: []string{"logs:PutDeliveryDestination"},
		Read:   []string{"logs:GetDeliveryDestination", "logs:ListTagsForResource"},
		Update: []string{"logs:PutDeliveryDestination"},
		Delete: []string{"logs:DeleteDeliveryDestination"},
		Tag:    tagLogs, Untag: untagLogs,
	},
	"aws:cloudwatch/logDelivery:LogDelivery": {
		On:     "deliverySourceName",
		Create: []string{"logs:CreateDelivery", "s3:PutBucketPolicy"},
		Read:   []string{"logs:GetDelivery", "logs:ListTagsForResource", "s3:GetBucketPolicy"},
		Update: []string{"logs:UpdateDeliveryConfiguration"},
		Delete: []string{"logs:DeleteDelivery"},
		Tag:    tagLogs, Untag: untagLogs,
	},
}
