package stacks

// idForm is how a provider's id follows from an ARN.
type idForm int

const (
	afterPrefix idForm = iota
	wholeARN
	queueURL
)

// arns are the types that the Resource Groups Tagging API lists, by what is in their ARNs. It lists no roles. Missing are
// also types whose state a refresh does not read by their id alone, as task definitions.
var arns = []struct {
	typ, service, prefix string
	id                   idForm
}{
	{"aws:acm/certificate:Certificate", "acm", "certificate/", wholeARN},
	{"aws:cloudfront/distribution:Distribution", "cloudfront", "distribution/", afterPrefix},
	{"aws:cloudwatch/logGroup:LogGroup", "logs", "log-group:", afterPrefix},
	{"aws:cloudwatch/metricAlarm:MetricAlarm", "cloudwatch", "alarm:", afterPrefix},
	{"aws:ec2/eip:Eip", "ec2", "elastic-ip/", afterPrefix},
	{"aws:ec2/flowLog:FlowLog", "ec2", "vpc-flow-log/", afterPrefix},
	{"aws:ec2/internetGateway:InternetGateway", "ec2", "internet-gateway/", afterPrefix},
	{"aws:ec2/natGateway:NatGateway", "ec2", "natgateway/", afterPrefix},
	{"aws:ec2/routeTable:RouteTable", "ec2", "route-table/", afterPrefix},
	{"aws:ec2/securityGroup:SecurityGroup", "ec2", "security-group/", afterPrefix},
	{"aws:ec2/subnet:Subnet", "ec2", "subnet/", afterPrefix},
	{"aws:ec2/vpc:Vpc", "ec2", "vpc/", afterPrefix},
	{"aws:ec2/vpcEndpoint:VpcEndpoint", "ec2", "vpc-endpoint/", afterPrefix},
	{"aws:ecr/repository:Repository", "ecr", "repository/", afterPrefix},
	{"aws:ecs/cluster:Cluster", "ecs", "cluster/", wholeARN},
	{"aws:ecs/service:Service", "ecs", "service/", wholeARN},
	{"aws:iam/policy:Policy", "iam", "policy/", wholeARN},
	{"aws:kms/key:Key", "kms", "key/", afterPrefix},
	{"aws:lb/listener:Listener", "elasticloadbalancing", "listener/", wholeARN},
	{"aws:lb/listenerRule:ListenerRule", "elasticloadbalancing", "listener-rule/", wholeARN},
	{"aws:lb/loadBalancer:LoadBalancer", "elasticloadbalancing", "loadbalancer/", wholeARN},
	{"aws:lb/targetGroup:TargetGroup", "elasticloadbalancing", "targetgroup/", wholeARN},
	{"aws:rds/cluster:Cluster", "rds", "cluster:", afterPrefix},
	{"aws:rds/clusterInstance:ClusterInstance", "rds", "db:", afterPrefix},
	{"aws:rds/clusterParameterGroup:ClusterParameterGroup", "rds", "cluster-pg:", afterPrefix},
	{"aws:rds/subnetGroup:SubnetGroup", "rds", "subgrp:", afterPrefix},
	{"aws:s3/bucketV2:BucketV2", "s3", "", afterPrefix},
	{"aws:secretsmanager/secret:Secret", "secretsmanager", "secret:", wholeARN},
	{"aws:sns/topic:Topic", "sns", "", wholeARN},
	{"aws:sqs/queue:Queue", "sqs", "", queueURL},
	{"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "ec2", "security-group-rule/", afterPrefix},
	{"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "ec2", "security-group-rule/", afterPrefix},
}
