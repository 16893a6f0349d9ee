package awsaccess

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// Identity is who AWS takes the caller for.
type Identity struct{ Account, ARN string }

// WhoAmI asks AWS. It takes no permission.
func WhoAmI(ctx context.Context, cfg aws.Config) (Identity, error) {
	answer, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return Identity{}, Explain(err)
	}
	return Identity{aws.ToString(answer.Account), aws.ToString(answer.Arn)}, nil
}

// HasCode tells whether an error is AWS's with one of these codes.
func HasCode(err error, codes ...string) bool {
	var answer smithy.APIError
	return errors.As(err, &answer) && slices.Contains(codes, answer.ErrorCode())
}
