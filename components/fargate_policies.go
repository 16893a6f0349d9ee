package components

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// executionGrants is what ECS needs to start a task.
type executionGrants struct {
	repositoryArn string // empty for an image from elsewhere
	logGroupArn   string
	secretArns    []string // of Secrets Manager and of SSM parameters, in any order
	kmsKeyArns    []string
}

// registryToken lets an identity log in to ECR. The token is the registry's, so the action knows no resource; what may be done with it,
// other statements say.
var registryToken = allow("RegistryToken", []string{"ecr:GetAuthorizationToken"}, "*")

// pullActions are what pulling an image takes.
var pullActions = []string{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}

// executionPolicy lets ECS pull this image, write to this log group and read these secrets.
func executionPolicy(grants executionGrants) (string, error) {
	statements := []policyStatement{{
		Sid:      "Logs",
		Effect:   "Allow",
		Action:   []string{"logs:CreateLogStream", "logs:PutLogEvents"},
		Resource: []string{grants.logGroupArn + ":*"},
	}}
	if grants.repositoryArn != "" {
		statements = append(statements, registryToken, allow("Pull", pullActions, grants.repositoryArn))
	}
	secrets, parameters, err := secretsByService(grants.secretArns)
	if err != nil {
		return "", err
	}
	for _, grant := range []policyStatement{
		{Sid: "Secrets", Action: []string{"secretsmanager:GetSecretValue"}, Resource: secrets},
		{Sid: "Parameters", Action: []string{"ssm:GetParameters"}, Resource: parameters},
		{Sid: "Keys", Action: []string{"kms:Decrypt"}, Resource: sortedUnique(grants.kmsKeyArns)},
	} {
		if len(grant.Resource) > 0 {
			grant.Effect = "Allow"
			statements = append(statements, grant)
		}
	}
	return policyDocument(statements...)
}

// executeCommandPolicy is what the agent of ECS Exec needs in a task. The channels are made by Systems Manager, and none of these
// actions knows a resource.
func executeCommandPolicy() (string, error) {
	return policyDocument(policyStatement{
		Sid:    "ExecuteCommand",
		Effect: "Allow",
		Action: []string{
			"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
			"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
		},
		Resource: []string{"*"},
	})
}

// registryHost is <account>.dkr.ecr.<region>.amazonaws.com, which ends in .cn in China.
var registryHost = regexp.MustCompile(`^(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?/([^@:]+)`)

// repositoryArn is the repository in ECR that an image is pulled from, or empty for an image from elsewhere.
func repositoryArn(image string) string {
	match := registryHost.FindStringSubmatch(image)
	if match == nil {
		return ""
	}
	account, region, china, repository := match[1], match[2], match[3], match[4]
	partition := "aws"
	switch {
	case china != "":
		partition = "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		partition = "aws-us-gov"
	}
	return fmt.Sprintf("arn:%s:ecr:%s:%s:repository/%s", partition, region, account, repository)
}

// secretsByService tells secrets of Secrets Manager from parameters of Systems Manager, each ARN once.
func secretsByService(arns []string) (secrets, parameters []string, err error) {
	for _, secret := range sortedUnique(arns) {
		switch secretService(secret) {
		case "secretsmanager":
			secrets = append(secrets, secret)
		case "ssm":
			parameters = append(parameters, secret)
		default:
			return nil, nil, notASecret(secret)
		}
	}
	return secrets, parameters, nil
}

// secretService is the service in the ARN of a secret, or empty.
func secretService(secretArn string) string {
	parsed, err := parseArn(secretArn)
	if err != nil {
		return ""
	}
	return parsed.service
}

func notASecret(secretArn string) error {
	return fmt.Errorf("secrets, arn: got %q, takes the ARN of a secret in Secrets Manager or of an SSM parameter", secretArn)
}

func sortedUnique(values []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(values)))
}
