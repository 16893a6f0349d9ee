// Package awsaccess reaches AWS as a stack's configuration says, for what pulumi does not do itself, and says in words why
// AWS did not answer.
package awsaccess

import (
	"context"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"gopkg.in/yaml.v3"

	"slipway/internal/stackfile"
)

// Access is how AWS is reached, besides the credentials of the environment. What is empty is as the environment says.
type Access struct{ Region, Profile, RoleArn string }

// OfConfiguration is what the values of a stack's configuration say: aws:region, aws:profile and aws:assumeRole. The role in
// STACK_ROLE_ARN counts before the configuration's.
func OfConfiguration(values *yaml.Node) Access {
	access := Access{Region: stackfile.Text(values, "aws:region"), Profile: stackfile.Text(values, "aws:profile"), RoleArn: os.Getenv("STACK_ROLE_ARN")}
	if role := stackfile.Get(values, "aws:assumeRole"); role != nil && access.RoleArn == "" {
		access.RoleArn = stackfile.Text(role, "roleArn")
	}
	return access
}

// attempts is how often a call is made before AWS's "slow down" is an error; AWS_MAX_ATTEMPTS says otherwise.
const attempts = 6

// Config is what clients of the AWS SDK are made from. session names the work in CloudTrail where a role is taken on.
func (a Access) Config(ctx context.Context, session string) (aws.Config, error) {
	options := []func(*config.LoadOptions) error{
		config.WithRegion(a.Region), config.WithSharedConfigProfile(a.Profile), config.WithRetryMode(aws.RetryModeAdaptive),
	}
	if os.Getenv("AWS_MAX_ATTEMPTS") == "" {
		options = append(options, config.WithRetryMaxAttempts(attempts))
	}
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return aws.Config{}, err
	}
	if a.RoleArn != "" {
		cfg.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), a.RoleArn,
			func(o *stscreds.AssumeRoleOptions) { o.RoleSessionName = session }))
	}
	return cfg, nil
}
