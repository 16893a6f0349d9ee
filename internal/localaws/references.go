package localaws

import (
	"sort"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// reference says what a property names, and what AWS answers when that does not exist.
type reference struct {
	types         []string
	code, message string // message has one %s, the name
	// foreign tells which names belong to AWS itself, such as AWS-managed policies.
	foreign func(string) bool
	// abroad says that what is in another account can be named too, by its ARN.
	abroad bool
}

// find is what a handle names, seen from where it is named. There is nothing to look for, which is found, where the handle names what is AWS's, or in an
// account of which nothing is known here.
func (r reference) find(a *Account, handle string) (o *Object, found bool) {
	if r.foreign != nil && r.foreign(handle) {
		return nil, true
	}
	if r.abroad && a.elsewhere(handle) {
		o := a.anywhere(handle, r.types...)
		return o, o != nil || !a.of(handle).known()
	}
	o = a.lookup(handle, r.types...)
	return o, o != nil
}

// none is for properties whose name is in the table but that refer to nothing here.
var none = reference{}

func awsOwned(prefixes ...string) func(string) bool {
	return func(handle string) bool {
		for _, p := range prefixes {
			if strings.HasPrefix(handle, p) {
				return true
			}
		}
		return false
	}
}

const (
	vpcType           = "aws:ec2/vpc:Vpc"
	subnetType        = "aws:ec2/subnet:Subnet"
	securityGroupType = "aws:ec2/securityGroup:SecurityGroup"
	routeTableType    = "aws:ec2/routeTable:RouteTable"
	gatewayType       = "aws:ec2/internetGateway:InternetGateway"
	natGatewayType    = "aws:ec2/natGateway:NatGateway"
	eipType           = "aws:ec2/eip:Eip"
	loadBalancerType  = "aws:lb/loadBalancer:LoadBalancer"
	targetGroupType   = "aws:lb/targetGroup:TargetGroup"
	listenerType      = "aws:lb/listener:Listener"
	certificateType   = "aws:acm/certificate:Certificate"
	roleType          = "aws:iam/role:Role"
	policyType        = "aws:iam/policy:Policy"
	ecsClusterType    = "aws:ecs/cluster:Cluster"
	taskType          = "aws:ecs/taskDefinition:TaskDefinition"
	serviceType       = "aws:ecs/service:Service"
	rdsClusterType    = "aws:rds/cluster:Cluster"
	rdsInstanceType   = "aws:rds/clusterInstance:ClusterInstance"
	subnetGroupType   = "aws:rds/subnetGroup:SubnetGroup"
	parametersType    = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
	repositoryType    = "aws:ecr/repository:Repository"
	secretType        = "aws:secretsmanager/secret:Secret"
	logGroupType      = "aws:cloudwatch/logGroup:LogGroup"
	bucketType        = "aws:s3/bucketV2:BucketV2"
	keyType           = "aws:kms/key:Key"
	aliasType         = "aws:kms/alias:Alias"
	zoneType          = "aws:route53/zone:Zone"
)

var (
	toVpc           = reference{types: []string{vpcType}, code: "InvalidVpcID.NotFound", message: "The vpc ID '%s' does not exist"}
	toSubnet        = reference{types: []string{subnetType}, code: "InvalidSubnetID.NotFound", message: "The subnet ID '%s' does not exist"}
	toSecurityGroup = reference{types: []string{securityGroupType}, code: "InvalidGroup.NotFound", message: "The security group '%s' does not exist"}
	toRouteTable    = reference{types: []string{routeTableType}, code: "InvalidRouteTableID.NotFound", message: "The routeTable ID '%s' does not exist"}
	toLoadBalancer  = reference{types: []string{loadBalancerType}, code: "LoadBalancerNotFound", message: "Load balancer '%s' not found"}
	toTargetGroup   = reference{types: []string{targetGroupType}, code: "TargetGroupNotFound", message: "One or more target groups not found: '%s'"}
	toRole          = reference{types: []string{roleType}, code: "NoSuchEntity", message: "The role with name %s cannot be found."}
	toKey           = reference{types: []string{keyType, aliasType}, code: "NotFoundException", message: "Key '%s' does not exist", foreign: awsOwned("alias/aws/"), abroad: true}
	toBucket        = reference{types: []string{bucketType}, code: "NoSuchBucket", message: "The specified bucket does not exist: %s"}
)

// references is the table of what properties refer to, by the property's own name, wherever it stands in a type.
var references = map[string]reference{
	"vpcId":                       toVpc,
	"subnetId":                    toSubnet,
	"subnetIds":                   toSubnet,
	"subnets":                     toSubnet,
	"securityGroupId":             toSecurityGroup,
	"securityGroupIds":            toSecurityGroup,
	"securityGroups":              toSecurityGroup,
	"vpcSecurityGroupIds":         toSecurityGroup,
	"referencedSecurityGroupId":   toSecurityGroup,
	"sourceSecurityGroupId":       toSecurityGroup,
	"routeTableId":                toRouteTable,
	"routeTableIds":               toRouteTable,
	"gatewayId":                   {types: []string{gatewayType}, code: "InvalidGatewayID.NotFound", message: "The gateway ID '%s' does not exist"},
	"natGatewayId":                {types: []string{natGatewayType}, code: "NatGatewayNotFound", message: "The Nat Gateway %s was not found"},
	"allocationId":                {types: []string{eipType}, code: "InvalidAllocationID.NotFound", message: "The allocation ID '%s' does not exist"},
	"loadBalancerArn":             toLoadBalancer,
	"targetGroupArn":              toTargetGroup,
	"listenerArn":                 {types: []string{listenerType}, code: "ListenerNotFound", message: "One or more listeners not found: '%s'"},
	"certificateArn":              {types: []string{certificateType}, code: "CertificateNotFound", message: "Certificate '%s' not found"},
	"role":                        toRole,
	"roleArn":                     toRole,
	"iamRoleArn":                  toRole,
	"executionRoleArn":            toRole,
	"taskRoleArn":                 toRole,
	"monitoringRoleArn":           toRole,
	"policyArn":                   {types: []string{policyType}, code: "NoSuchEntity", message: "Policy %s does not exist or is not attachable.", foreign: awsOwned("arn:aws:iam::aws:policy/", "arn:aws-cn:iam::aws:policy/", "arn:aws-us-gov:iam::aws:policy/")},
	"cluster":                     {types: []string{ecsClusterType}, code: "ClusterNotFoundException", message: "Cluster not found: %s"},
	"clusterName":                 {types: []string{ecsClusterType}, code: "ClusterNotFoundException", message: "Cluster not found: %s"},
	"taskDefinition":              {types: []string{taskType}, code: "ClientException", message: "Unable to describe task definition %s"},
	"dbSubnetGroupName":           {types: []string{subnetGroupType}, code: "DBSubnetGroupNotFoundFault", message: "DB subnet group '%s' does not exist."},
	"dbClusterParameterGroupName": {types: []string{parametersType}, code: "DBClusterParameterGroupNotFound", message: "DBClusterParameterGroup not found: %s", foreign: awsOwned("default.")},
	"clusterIdentifier":           {types: []string{rdsClusterType}, code: "DBClusterNotFoundFault", message: "DBCluster %s not found."},
	"repository":                  {types: []string{repositoryType}, code: "RepositoryNotFoundException", message: "The repository with name '%s' does not exist in the registry"},
	"secretId":                    {types: []string{secretType}, code: "ResourceNotFoundException", message: "Secrets Manager can't find the specified secret: %s"},
	"kmsKeyId":                    toKey,
	"kmsKeyArn":                   toKey,
	"kmsMasterKeyId":              toKey,
	"kmsKey":                      toKey,
	"targetKeyId":                 toKey,
	"masterUserSecretKmsKeyId":    toKey,
	"performanceInsightsKmsKeyId": toKey,
	"bucket":                      toBucket,
	"zoneId":                      {types: []string{zoneType}, code: "NoSuchHostedZone", message: "No hosted zone found with ID: %s", foreign: func(h string) bool { return registeredZone(h) != "" }},
}

// resolve finds every object that the draft refers to; the first that does not exist is refused with AWS's code.
func (k *kind) resolve(a *Account, d *draft) (found []Reference, err error) {
	walkTexts(resource.NewProperty(d.inputs), "", "", func(at, name, handle string) {
		if err != nil {
			return
		}
		r, overridden := k.references[at]
		if !overridden {
			r = references[name]
		}
		if len(r.types) == 0 || at == k.ownName() {
			return
		}
		switch o, ok := r.find(a, handle); {
		case !ok:
			err = refuse(r.code, r.message, handle)
		case o != nil && o.Account != a.accountID && k.service == s3Service && k.token != objectType:
			err = refuse("AccessDenied", "Access Denied: the bucket %s is in the account %s, which alone configures it", handle, o.Account)
		case o != nil && o.Account == a.accountID: // nobody elsewhere keeps it from being deleted
			found = append(found, Reference{Property: at, Type: o.Type, ID: o.ID, Region: a.otherRegion(o)})
		}
	})
	sort.Slice(found, func(i, j int) bool { return found[i].Property < found[j].Property })
	return found, err
}

// ownName is the property that names the object itself, such as a bucket's "bucket".
func (k *kind) ownName() string {
	if k.named == nil {
		return ""
	}
	return k.named.property
}

// walkTexts visits every known string with its path (without list indexes) and the name of its property. Tags are left out:
// their keys are the user's, and name no property.
func walkTexts(v resource.PropertyValue, at, name string, visit func(at, name, text string)) {
	v = plain(v)
	switch {
	case v.IsString() && v.StringValue() != "":
		visit(at, name, v.StringValue())
	case v.IsArray():
		for _, e := range v.ArrayValue() {
			walkTexts(e, at, name, visit)
		}
	case v.IsObject():
		for _, key := range v.ObjectValue().StableKeys() {
			if !hidden(key) && key != "tags" {
				walkTexts(v.ObjectValue()[key], join(at, string(key)), string(key), visit)
			}
		}
	}
}
