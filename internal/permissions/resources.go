package permissions

import (
	"slices"
	"strings"
)

// onNothing is how the actions begin that AWS checks on no resource: policies name * for them, and no tag of anything counts. They are from the
// Service Authorization Reference; what is not in a row is not here.
var onNothing = []string{
	"application-autoscaling:Describe",
	"ec2:Describe",
	"ecr:GetAuthorizationToken",
	"ecs:DeregisterTaskDefinition", "ecs:DescribeTaskDefinition",
	"elasticloadbalancing:Describe",
	"kms:CreateKey", "kms:ListAliases",
	"rds:DescribeDBEngineVersions",
	"route53:ListHostedZones",
	"secretsmanager:GetRandomPassword",
	"sns:GetSubscriptionAttributes", "sns:SetSubscriptionAttributes", "sns:Unsubscribe",
	"sts:GetCallerIdentity",
}

// OnNothing tells whether AWS checks an action on no resource.
func OnNothing(action string) bool {
	return slices.ContainsFunc(onNothing, func(start string) bool { return strings.HasPrefix(action, start) })
}

// IgnoresTags tells whether an action's service does not look at the tags of resources. S3 does so for buckets where that is switched on, which it
// is not by default.
func IgnoresTags(action string) bool {
	service, _, _ := strings.Cut(action, ":")
	return slices.Contains([]string{"route53", "s3", "scheduler"}, service)
}

// OnObjects tells whether an action is about what is in a bucket, and not about the bucket.
func OnObjects(action string) bool {
	service, operation, _ := strings.Cut(action, ":")
	return service == "s3" && slices.Contains([]string{"DeleteObject", "DeleteObjectTagging", "DeleteObjectVersion", "GetObject", "GetObjectTagging",
		"PutObject", "PutObjectTagging"}, operation)
}
