package permissions

// functions is what data sources call, by token. None of them changes anything.
var functions = map[string][]string{
	"aws:index/getAvailabilityZones:getAvailabilityZones":    {"ec2:DescribeAvailabilityZones"},
	"aws:index/getCallerIdentity:getCallerIdentity":          {"sts:GetCallerIdentity"}, // AWS answers it whatever the policies say
	"aws:index/getRegion:getRegion":                          {},                        // the provider knows its own region
	AuthorizationToken:                                       {"ecr:GetAuthorizationToken"},
	"aws:rds/getEngineVersion:getEngineVersion":              {"rds:DescribeDBEngineVersions"},
	"aws:route53/getZone:getZone":                            {"route53:GetHostedZone", "route53:ListHostedZones", "route53:ListResourceRecordSets", "route53:ListTagsForResource"},
	"aws:secretsmanager/getRandomPassword:getRandomPassword": {"secretsmanager:GetRandomPassword"},
}

// AuthorizationToken is the function that logs in to the image registry, to push.
const AuthorizationToken = "aws:ecr/getAuthorizationToken:getAuthorizationToken"
