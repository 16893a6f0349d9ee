package permissions

var (
	tagELB     = []string{"elasticloadbalancing:AddTags"}
	untagELB   = []string{"elasticloadbalancing:RemoveTags"}
	tagECS     = []string{"ecs:TagResource"}
	untagECS   = []string{"ecs:UntagResource"}
	tagECR     = []string{"ecr:TagResource"}
	untagECR   = []string{"ecr:UntagResource"}
	linkToELB  = []string{"elasticloadbalancing.amazonaws.com"}
	linkToECS  = []string{"ecs.amazonaws.com"}
	linkToRDS  = []string{"rds.amazonaws.com"}
	linkToAuto = []string{"ecs.application-autoscaling.amazonaws.com"}
)

// Image is the type of an image that the deployment itself builds and pushes. It is the only row of another provider.
const Image = "docker:index/image:Image"

var compute = map[string]Row{
	// A deleted load balancer's network interfaces are waited for.
	"aws:lb/loadBalancer:LoadBalancer": {
		Create: []string{"elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:ModifyLoadBalancerAttributes"},
		Read: []string{"ec2:DescribeAccountAttributes", "ec2:DescribeInternetGateways", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs",
			"elasticloadbalancing:DescribeCapacityReservation", "elasticloadbalancing:DescribeLoadBalancerAttributes", "elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTags"},
		Update: []string{"elasticloadbalancing:ModifyLoadBalancerAttributes", "elasticloadbalancing:SetIpAddressType", "elasticloadbalancing:SetSecurityGroups", "elasticloadbalancing:SetSubnets"},
		Delete: []string{"ec2:DescribeNetworkInterfaces", "elasticloadbalancing:DeleteLoadBalancer"},
		Tag:    tagELB, Untag: untagELB, Links: linkToELB,
	},
	"aws:lb/targetGroup:TargetGroup": {
		Create: []string{"elasticloadbalancing:CreateTargetGroup", "elasticloadbalancing:ModifyTargetGroupAttributes"},
		Read:   []string{"elasticloadbalancing:DescribeTags", "elasticloadbalancing:DescribeTargetGroupAttributes", "elasticloadbalancing:DescribeTargetGroups"},
		Update: []string{"elasticloadbalancing:ModifyTargetGroup", "elasticloadbalancing:ModifyTargetGroupAttributes"},
		Delete: []string{"elasticloadbalancing:DeleteTargetGroup"},
		Tag:    tagELB, Untag: untagELB,
	},
	"aws:lb/listener:Listener": {
		On:     "loadBalancerArn",
		Create: []string{"elasticloadbalancing:CreateListener", "elasticloadbalancing:ModifyListenerAttributes"},
		Read:   []string{"elasticloadbalancing:DescribeListenerAttributes", "elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeTags"},
		Update: []string{"elasticloadbalancing:ModifyListener", "elasticloadbalancing:ModifyListenerAttributes"},
		Delete: []string{"elasticloadbalancing:DeleteListener"},
		Tag:    tagELB, Untag: untagELB,
	},
	"aws:lb/listenerRule:ListenerRule": {
		On:     "listenerArn",
		Create: []string{"elasticloadbalancing:CreateRule"},
		Read:   []string{"elasticloadbalancing:DescribeRules", "elasticloadbalancing:DescribeTags"},
		Update: []string{"elasticloadbalancing:ModifyRule", "elasticloadbalancing:SetRulePriorities"},
		Delete: []string{"elasticloadbalancing:DeleteRule"},
		Tag:    tagELB, Untag: untagELB,
	},
	"aws:lb/listenerCertificate:ListenerCertificate": {
		On:     "listenerArn",
		Create: []string{"elasticloadbalancing:AddListenerCertificates"},
		Read:   []string{"elasticloadbalancing:DescribeListenerCertificates"},
		Delete: []string{"elasticloadbalancing:RemoveListenerCertificates"},
	},

	"aws:ecs/cluster:Cluster": {
		Create: []string{"ecs:CreateCluster"},
		Read:   []string{"ecs:DescribeClusters", "ecs:ListTagsForResource"},
		Update: []string{"ecs:UpdateCluster"},
		Delete: []string{"ecs:DeleteCluster"},
		Tag:    tagECS, Untag: untagECS, Links: linkToECS,
	},
	"aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": {
		On:     "clusterName",
		Create: []string{"ecs:PutClusterCapacityProviders"},
		Read:   []string{"ecs:DescribeClusters"},
		Update: []string{"ecs:PutClusterCapacityProviders"},
		Delete: []string{"ecs:PutClusterCapacityProviders"},
	},
	// The provider scales a service to nothing before it deletes it.
	"aws:ecs/service:Service": {
		On:     "cluster",
		Create: []string{"ecs:CreateService"},
		Read:   []string{"ecs:DescribeServiceDeployments", "ecs:DescribeServices", "ecs:ListServiceDeployments", "ecs:ListTagsForResource"},
		Update: []string{"ecs:UpdateService"},
		Delete: []string{"ecs:DeleteService", "ecs:UpdateService"},
		Tag:    tagECS, Untag: untagECS, Links: linkToECS,
	},
	"aws:ecs/taskDefinition:TaskDefinition": {
		Create: []string{"ecs:RegisterTaskDefinition"},
		Read:   []string{"ecs:DescribeTaskDefinition", "ecs:ListTagsForResource"},
		Delete: []string{"ecs:DeregisterTaskDefinition"},
		Tag:    tagECS, Untag: untagECS,
		Passes: []Pass{{Property: "executionRoleArn", Service: "ecs-tasks.amazonaws.com"}, {Property: "taskRoleArn", Service: "ecs-tasks.amazonaws.com"}},
	},
	"aws:scheduler/schedule:Schedule": {
		Create: []string{"scheduler:CreateSchedule"},
		Read:   []string{"scheduler:GetSchedule"},
		Update: []string{"scheduler:UpdateSchedule"},
		Delete: []string{"scheduler:DeleteSchedule"},
		Passes: []Pass{{Property: "target.roleArn", Service: "scheduler.amazonaws.com"}},
	},

	// Application Auto Scaling looks at the service, changes it, and makes the alarms of a tracking policy in the caller's name.
	"aws:appautoscaling/target:Target": {
		Create: []string{"application-autoscaling:RegisterScalableTarget", "ecs:UpdateService"},
		Read:   []string{"application-autoscaling:DescribeScalableTargets", "application-autoscaling:ListTagsForResource", "ecs:DescribeServices"},
		Update: []string{"application-autoscaling:RegisterScalableTarget", "ecs:UpdateService"},
		Delete: []string{"application-autoscaling:DeregisterScalableTarget"},
		Tag:    []string{"application-autoscaling:TagResource"},
		Untag:  []string{"application-autoscaling:UntagResource"},
		Links:  linkToAuto,
	},
	"aws:appautoscaling/policy:Policy": {
		Create: []string{"application-autoscaling:PutScalingPolicy", "cloudwatch:PutMetricAlarm"},
		Read:   []string{"application-autoscaling:DescribeScalingPolicies", "cloudwatch:DescribeAlarms"},
		Update: []string{"application-autoscaling:PutScalingPolicy", "cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm"},
		Delete: []string{"application-autoscaling:DeleteScalingPolicy", "cloudwatch:DeleteAlarms"},
	},
	"aws:appautoscaling/scheduledAction:ScheduledAction": {
		Create: []string{"application-autoscaling:PutScheduledAction"},
		Read:   []string{"application-autoscaling:DescribeScheduledActions"},
		Update: []string{"application-autoscaling:PutScheduledAction"},
		Delete: []string{"application-autoscaling:DeleteScheduledAction"},
	},

	"aws:ecr/repository:Repository": {
		Create: []string{"ecr:CreateRepository"},
		Read:   []string{"ecr:DescribeRepositories", "ecr:ListTagsForResource"},
		Update: []string{"ecr:PutImageScanningConfiguration", "ecr:PutImageTagMutability"},
		Delete: []string{"ecr:DeleteRepository"},
		Tag:    tagECR, Untag: untagECR,
	},
	"aws:ecr/repositoryPolicy:RepositoryPolicy": {
		On:     "repository",
		Create: []string{"ecr:SetRepositoryPolicy"},
		Read:   []string{"ecr:GetRepositoryPolicy"},
		Update: []string{"ecr:SetRepositoryPolicy"},
		Delete: []string{"ecr:DeleteRepositoryPolicy"},
	},
	"aws:ecr/lifecyclePolicy:LifecyclePolicy": {
		On:     "repository",
		Create: []string{"ecr:PutLifecyclePolicy"},
		Read:   []string{"ecr:GetLifecyclePolicy"},
		Update: []string{"ecr:PutLifecyclePolicy"},
		Delete: []string{"ecr:DeleteLifecyclePolicy"},
	},
	Image: {
		Create: []string{"ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"},
		Read:   []string{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetAuthorizationToken", "ecr:GetDownloadUrlForLayer"},
		Update: []string{"ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"},
		Stays:  "images stay in the repository",
	},
}
