package testenv

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/rdsdata"
)

// DataAPI drops databases by the RDS Data API, which needs no way into the network: AWS's credentials of the environment
// are enough, when they allow rds-data:ExecuteStatement on the cluster and secretsmanager:GetSecretValue on its secret.
type DataAPI struct {
	// Endpoint is where the API is. Default: AWS's own in the region of the cluster.
	Endpoint string
	// MostBackoff is the longest wait between two attempts. Default: 10 seconds.
	MostBackoff time.Duration
}

// A paused cluster takes 15 seconds or so to resume, and 30 and more after a day's pause. Twelve attempts, ever longer
// apart up to ten seconds, are about a minute.
const attempts = 12

// Drop implements Databases.
func (a *DataAPI) Drop(ctx context.Context, db Database) error {
	cluster, err := arn.Parse(db.ClusterArn)
	if err != nil {
		return err
	}
	backoff := a.MostBackoff
	if backoff == 0 {
		backoff = 10 * time.Second
	}
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(cluster.Region), config.WithSharedConfigProfile(db.Profile),
		config.WithRetryer(func() aws.Retryer {
			standard := retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = attempts, backoff })
			return retry.AddWithErrorCodes(standard, "DatabaseResumingException")
		}))
	if err != nil {
		return err
	}
	client := rdsdata.NewFromConfig(cfg, func(o *rdsdata.Options) {
		if a.Endpoint != "" {
			o.BaseEndpoint = &a.Endpoint
		}
	})
	// Without a transaction: PostgreSQL drops no database within one. The API gives up waiting after 45 seconds; half of a
	// drop is no use to anybody.
	_, err = client.ExecuteStatement(ctx, &rdsdata.ExecuteStatementInput{
		ResourceArn:          &db.ClusterArn,
		SecretArn:            &db.SecretArn,
		Database:             &db.Base,
		Sql:                  aws.String(db.statement()),
		ContinueAfterTimeout: true,
	})
	return err
}
