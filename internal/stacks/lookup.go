package stacks

import (
	"fmt"
	"strings"
)

// nameProperties are the properties that AWS knows resources by.
var nameProperties = []string{"name", "identifier", "clusterIdentifier", "bucket", "family", "domainName", "cidrBlock", "serviceName"}

// lookups are the commands that look for a resource of a type, by the property that finds it. Where nothing of its own
// does, they list what is beside it: %s is the value of the property.
var lookups = map[string]struct{ property, command string }{
	"aws:acm/certificate:Certificate":                           {"domainName", "aws acm list-certificates --query \"CertificateSummaryList[?DomainName=='%s']\""},
	"aws:cloudfront/distribution:Distribution":                  {"", "aws cloudfront list-distributions"},
	"aws:cloudfront/originAccessControl:OriginAccessControl":    {"name", "aws cloudfront list-origin-access-controls --query \"OriginAccessControlList.Items[?Name=='%s']\""},
	"aws:cloudwatch/logGroup:LogGroup":                          {"name", "aws logs describe-log-groups --log-group-name-prefix %s"},
	"aws:cloudwatch/metricAlarm:MetricAlarm":                    {"name", "aws cloudwatch describe-alarms --alarm-names %s"},
	"aws:ec2/eip:Eip":                                           {"", "aws ec2 describe-addresses"},
	"aws:ec2/flowLog:FlowLog":                                   {"vpcId", "aws ec2 describe-flow-logs --filter Name=resource-id,Values=%s"},
	"aws:ec2/internetGateway:InternetGateway":                   {"", "aws ec2 describe-internet-gateways"},
	"aws:ec2/natGateway:NatGateway":                             {"subnetId", "aws ec2 describe-nat-gateways --filter Name=subnet-id,Values=%s"},
	"aws:ec2/routeTable:RouteTable":                             {"vpcId", "aws ec2 describe-route-tables --filters Name=vpc-id,Values=%s"},
	"aws:ec2/securityGroup:SecurityGroup":                       {"name", "aws ec2 describe-security-groups --filters Name=group-name,Values=%s"},
	"aws:ec2/subnet:Subnet":                                     {"vpcId", "aws ec2 describe-subnets --filters Name=vpc-id,Values=%s"},
	"aws:ec2/vpc:Vpc":                                           {"cidrBlock", "aws ec2 describe-vpcs --filters Name=cidr,Values=%s"},
	"aws:ec2/vpcEndpoint:VpcEndpoint":                           {"vpcId", "aws ec2 describe-vpc-endpoints --filters Name=vpc-id,Values=%s"},
	"aws:ecr/repository:Repository":                             {"name", "aws ecr describe-repositories --repository-names %s"},
	"aws:ecs/cluster:Cluster":                                   {"name", "aws ecs describe-clusters --clusters %s"},
	"aws:ecs/service:Service":                                   {"cluster", "aws ecs list-services --cluster %s"},
	"aws:ecs/taskDefinition:TaskDefinition":                     {"family", "aws ecs list-task-definitions --family-prefix %s"},
	"aws:iam/policy:Policy":                                     {"name", "aws iam list-policies --scope Local --query \"Policies[?PolicyName=='%s']\""},
	"aws:iam/role:Role":                                         {"name", "aws iam get-role --role-name %s"},
	"aws:kms/key:Key":                                           {"", "aws kms list-keys"},
	"aws:lb/listener:Listener":                                  {"loadBalancerArn", "aws elbv2 describe-listeners --load-balancer-arn %s"},
	"aws:lb/listenerRule:ListenerRule":                          {"listenerArn", "aws elbv2 describe-rules --listener-arn %s"},
	"aws:lb/loadBalancer:LoadBalancer":                          {"name", "aws elbv2 describe-load-balancers --names %s"},
	"aws:lb/targetGroup:TargetGroup":                            {"name", "aws elbv2 describe-target-groups --names %s"},
	"aws:rds/cluster:Cluster":                                   {"clusterIdentifier", "aws rds describe-db-clusters --db-cluster-identifier %s"},
	"aws:rds/clusterInstance:ClusterInstance":                   {"identifier", "aws rds describe-db-instances --db-instance-identifier %s"},
	"aws:rds/clusterParameterGroup:ClusterParameterGroup":       {"name", "aws rds describe-db-cluster-parameter-groups --db-cluster-parameter-group-name %s"},
	"aws:rds/subnetGroup:SubnetGroup":                           {"name", "aws rds describe-db-subnet-groups --db-subnet-group-name %s"},
	"aws:s3/bucketV2:BucketV2":                                  {"bucket", "aws s3api head-bucket --bucket %s"},
	"aws:scheduler/schedule:Schedule":                           {"name", "aws scheduler get-schedule --name %s"},
	"aws:secretsmanager/secret:Secret":                          {"name", "aws secretsmanager describe-secret --secret-id %s"},
	"aws:sns/topic:Topic":                                       {"name", "aws sns list-topics --query \"Topics[?ends_with(TopicArn, ':%s')]\""},
	"aws:sqs/queue:Queue":                                       {"name", "aws sqs get-queue-url --queue-name %s"},
	"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule":   {"securityGroupId", "aws ec2 describe-security-group-rules --filters Name=group-id,Values=%s"},
	"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {"securityGroupId", "aws ec2 describe-security-group-rules --filters Name=group-id,Values=%s"},
}

// lookup names a resource: its type and logical name, the name that AWS knows it by, and the command that looks for it.
func (r Resource) lookup() string {
	text := r.Type + " " + logicalName(r.URN)
	if property, name := r.awsName(); name != "" {
		text += " (" + property + " " + name + ")"
	}
	l, known := lookups[r.Type]
	if !known {
		return text
	}
	command := l.command
	if strings.Contains(command, "%s") {
		value := r.input(l.property)
		if value == "" {
			return text
		}
		command = fmt.Sprintf(command, value)
	}
	return text + ": " + command
}

func (r Resource) input(property string) string {
	text, _ := r.Inputs[property].(string)
	return text
}

// awsName is the name that AWS knows a resource by, and the property that has it; "" for none.
func (r Resource) awsName() (property, name string) {
	for _, property := range nameProperties {
		if name := r.input(property); name != "" {
			return property, name
		}
	}
	return "", ""
}
