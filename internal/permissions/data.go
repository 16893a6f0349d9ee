package permissions

var (
	tagRDS   = []string{"rds:AddTagsToResource"}
	untagRDS = []string{"rds:RemoveTagsFromResource"}
	tagSM    = []string{"secretsmanager:TagResource"}
	untagSM  = []string{"secretsmanager:UntagResource"}
)

var databases = map[string]Row{
	// RDS makes the master password's secret in the caller's name, and takes a last snapshot with the cluster's tags.
	"aws:rds/cluster:Cluster": {
		Create: []string{"kms:DescribeKey", "rds:CreateDBCluster", "secretsmanager:CreateSecret", "secretsmanager:TagResource"},
		Read: []string{"ec2:DescribeAccountAttributes", "ec2:DescribeAvailabilityZones", "ec2:DescribeInternetGateways", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets",
			"ec2:DescribeVpcAttribute", "ec2:DescribeVpcs", "rds:DescribeDBClusters", "rds:DescribeGlobalClusters", "rds:ListTagsForResource"},
		Update: []string{"kms:DescribeKey", "rds:ModifyDBCluster", "secretsmanager:CreateSecret", "secretsmanager:RotateSecret", "secretsmanager:TagResource"},
		Delete: []string{"rds:AddTagsToResource", "rds:CreateDBClusterSnapshot", "rds:DeleteDBCluster"},
		Tag:    tagRDS, Untag: untagRDS, Links: linkToRDS,
	},
	"aws:rds/clusterInstance:ClusterInstance": {
		On:     "clusterIdentifier",
		Create: []string{"rds:CreateDBInstance"},
		Read:   []string{"rds:DescribeDBClusters", "rds:DescribeDBInstances", "rds:ListTagsForResource"},
		Update: []string{"rds:ModifyDBInstance"},
		Delete: []string{"rds:DeleteDBInstance"},
		Tag:    tagRDS, Untag: untagRDS, Links: linkToRDS,
		Passes: []Pass{{Property: "monitoringRoleArn", Service: "monitoring.rds.amazonaws.com", IfChanged: true}},
	},
	"aws:rds/clusterParameterGroup:ClusterParameterGroup": {
		Create: []string{"rds:CreateDBClusterParameterGroup", "rds:ModifyDBClusterParameterGroup"},
		Read:   []string{"rds:DescribeDBClusterParameterGroups", "rds:DescribeDBClusterParameters", "rds:ListTagsForResource"},
		Update: []string{"rds:ModifyDBClusterParameterGroup", "rds:ResetDBClusterParameterGroup"},
		Delete: []string{"rds:DeleteDBClusterParameterGroup"},
		Tag:    tagRDS, Untag: untagRDS,
	},
	"aws:rds/parameterGroup:ParameterGroup": {
		Create: []string{"rds:CreateDBParameterGroup", "rds:ModifyDBParameterGroup"},
		Read:   []string{"rds:DescribeDBParameterGroups", "rds:DescribeDBParameters", "rds:ListTagsForResource"},
		Update: []string{"rds:ModifyDBParameterGroup", "rds:ResetDBParameterGroup"},
		Delete: []string{"rds:DeleteDBParameterGroup"},
		Tag:    tagRDS, Untag: untagRDS,
	},
	"aws:rds/subnetGroup:SubnetGroup": {
		Create: []string{"rds:CreateDBSubnetGroup"},
		Read:   []string{"rds:DescribeDBSubnetGroups", "rds:ListTagsForResource"},
		Update: []string{"rds:ModifyDBSubnetGroup"},
		Delete: []string{"rds:DeleteDBSubnetGroup"},
		Tag:    tagRDS, Untag: untagRDS,
	},
	"aws:secretsmanager/secret:Secret": {
		Create: []string{"secretsmanager:CreateSecret"},
		Read:   []string{"secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy"},
		Update: []string{"secretsmanager:UpdateSecret"},
		Delete: []string{"secretsmanager:DeleteSecret"},
		Tag:    tagSM, Untag: untagSM,
	},
	// The provider reads a version by its value.
	"aws:secretsmanager/secretVersion:SecretVersion": {
		On:     "secretId",
		Create: []string{"secretsmanager:PutSecretValue"},
		Read:   []string{GetSecretValue},
		Update: []string{"secretsmanager:ListSecretVersionIds", "secretsmanager:UpdateSecretVersionStage"},
		Delete: []string{"secretsmanager:UpdateSecretVersionStage"},
	},
}

// What reads the contents and not only the settings of something.
const (
	GetSecretValue = "secretsmanager:GetSecretValue"
	GetObject      = "s3:GetObject"
)

var messages = map[string]Row{
	"aws:sqs/queue:Queue": {
		Create: []string{"sqs:CreateQueue"},
		Read:   []string{"sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags"},
		Update: []string{"sqs:SetQueueAttributes"},
		Delete: []string{"sqs:DeleteQueue"},
		Tag:    []string{"sqs:TagQueue"},
		Untag:  []string{"sqs:UntagQueue"},
	},
	"aws:sqs/queuePolicy:QueuePolicy":               queueAttribute,
	"aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": queueAttribute,

	"aws:sns/topic:Topic": {
		Create: []string{"sns:CreateTopic", "sns:SetTopicAttributes"},
		Read:   []string{"sns:GetTopicAttributes", "sns:ListTagsForResource"},
		Update: []string{"sns:SetTopicAttributes"},
		Delete: []string{"sns:DeleteTopic"},
		Tag:    []string{"sns:TagResource"},
		Untag:  []string{"sns:UntagResource"},
	},
	"aws:sns/topicPolicy:TopicPolicy": {
		On:     "arn",
		Create: []string{"sns:SetTopicAttributes"},
		Read:   []string{"sns:GetTopicAttributes"},
		Update: []string{"sns:SetTopicAttributes"},
		Delete: []string{"sns:SetTopicAttributes"},
	},
	"aws:sns/topicSubscription:TopicSubscription": {
		On:     "topic",
		Create: []string{"sns:Subscribe"},
		Read:   []string{"sns:GetSubscriptionAttributes"},
		Update: []string{"sns:SetSubscriptionAttributes"},
		Delete: []string{"sns:Unsubscribe"},
	},
}

var queueAttribute = Row{
	On:     "queueUrl",
	Create: []string{"sqs:SetQueueAttributes"},
	Read:   []string{"sqs:GetQueueAttributes"},
	Update: []string{"sqs:SetQueueAttributes"},
	Delete: []string{"sqs:SetQueueAttributes"},
}
