// Package backend makes the state backend of a project on AWS, or completes it: a bucket for Pulumi's state, a KMS key for the secrets in
// it, and the stacks. It looks before each step, so that doing it again changes nothing.
package backend

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"slipway/internal/awsaccess"
	"slipway/internal/stacks"
)

// Wish is what is asked for.
type Wish struct {
	// Remote is the git remote that a name is derived from.
	Remote string
	// Name of the bucket and of the key's alias. Default: derived from Remote and the account.
	Name string
	// Stacks are made when they are missing.
	Stacks []string
	// DryRun changes nothing.
	DryRun bool
}

// Bootstrap makes a backend.
type Bootstrap struct {
	// AWS is the account and the region of the backend.
	AWS aws.Config
	// Pulumi runs the user's pulumi in the project.
	Pulumi *stacks.AWS
	// Project is the project's name.
	Project string
	// Stderr is where it is said what cannot be seen in the report.
	Stderr io.Writer
}

// tag is on the bucket and the key; its value is the name of the backend.
const tag = "slipway:backend"

// run is one run of a Bootstrap.
type run struct {
	*Bootstrap
	wish   Wish
	report *Report
	s3     *s3.Client
	kms    *kms.Client
	tags   *resourcegroupstaggingapi.Client
	// bucketMissing tells that the bucket was not there before.
	bucketMissing bool
	// found is the key that is there; nil for none. aliased tells that the alias leads to it.
	found   *kmstypes.KeyMetadata
	aliased bool
	// partition is AWS's, such as aws-cn.
	partition string
	// there are the stacks that are in the backend already.
	there []string
}

// Run makes what is missing and corrects what is not as it has to be. The report has what was done, also when that is not all.
func (b *Bootstrap) Run(ctx context.Context, wish Wish) (*Report, error) {
	who, err := awsaccess.WhoAmI(ctx, b.AWS)
	if err != nil {
		return nil, err
	}
	report := &Report{Name: wish.Name, Account: who.Account, Region: b.AWS.Region, DryRun: wish.DryRun}
	if report.Name == "" {
		if report.Repository, err = Repository(wish.Remote); err != nil {
			return nil, err
		}
		report.Name = Name(report.Repository, who.Account)
	}
	report.BackendURL = "s3://" + report.Name + "?region=" + b.AWS.Region
	report.SecretsProvider = "awskms://alias/" + report.Name + "?region=" + b.AWS.Region
	_, partition, _ := strings.Cut(who.ARN, ":")
	partition, _, _ = strings.Cut(partition, ":")
	r := &run{Bootstrap: b, wish: wish, report: report, partition: partition,
		s3: s3.NewFromConfig(b.AWS), kms: kms.NewFromConfig(b.AWS), tags: resourcegroupstaggingapi.NewFromConfig(b.AWS)}
	// All that would be refused is, before anything is made.
	if err := r.preflight(ctx); err != nil {
		return report, err
	}
	if err := r.findBucket(ctx); err != nil {
		return report, awsaccess.Explain(err)
	}
	if err := r.findKey(ctx); err != nil {
		return report, awsaccess.Explain(err)
	}
	if r.there, err = r.inBackend(ctx); err != nil {
		return report, awsaccess.Explain(err)
	}
	if err := r.refuseOtherProviders(); err != nil {
		return report, err
	}
	for _, step := range []func(context.Context) error{r.key, r.bucket, r.stacks, r.pipeline, r.login} {
		if err := step(ctx); err != nil {
			return report, awsaccess.Explain(err)
		}
	}
	return report, nil
}

func (r *run) say(format string, args ...any) {
	fmt.Fprintf(r.Stderr, "slipway: "+format+"\n", args...)
}
