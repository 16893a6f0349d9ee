package backend

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// pulumiDir is where Pulumi keeps everything in a bucket.
const pulumiDir = ".pulumi/"

// findBucket looks whether the bucket is there, and refuses one that is not for this.
func (r *run) findBucket(ctx context.Context) error {
	answer, err := r.s3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &r.report.Name, ExpectedBucketOwner: &r.report.Account})
	var refused *awshttp.ResponseError
	if errors.As(err, &refused) {
		region := refused.Response.Header.Get("X-Amz-Bucket-Region")
		switch status := refused.HTTPStatusCode(); {
		case status == http.StatusNotFound:
			r.bucketMissing = true
			return nil
		case status == http.StatusForbidden:
			return fmt.Errorf("the bucket %s belongs to another account than %s, or its policy shuts these credentials out: the state is not put there. Choose another name with --name", r.report.Name, r.report.Account)
		case region != "" && region != r.report.Region: // with the status 301 or 400
			return r.elsewhere(region)
		}
	}
	if err != nil {
		return err
	}
	if region := aws.ToString(answer.BucketRegion); region != "" && region != r.report.Region {
		return r.elsewhere(region)
	}
	return r.refuseOtherContent(ctx)
}

func (r *run) elsewhere(region string) error {
	return fmt.Errorf("the bucket %s is there already, in %s and not in %s: give --region %[2]s, or another name with --name", r.report.Name, region, r.report.Region)
}

// refuseOtherContent refuses a bucket with something in it that Pulumi has not put there.
func (r *run) refuseOtherContent(ctx context.Context) error {
	list, err := r.s3.ListObjectsV2(ctx, &s3.ListObjectsV2Input{
		Bucket: &r.report.Name, ExpectedBucketOwner: &r.report.Account, Delimiter: aws.String("/"), MaxKeys: aws.Int32(10),
	})
	if err != nil {
		return err
	}
	var others []string
	for _, object := range list.Contents {
		others = append(others, aws.ToString(object.Key))
	}
	for _, folder := range list.CommonPrefixes {
		if name := aws.ToString(folder.Prefix); name != pulumiDir {
			others = append(others, name)
		}
	}
	if len(others) > 0 {
		return fmt.Errorf("the bucket %s holds something else than Pulumi's state (%s), and would get its lifecycle and policy: choose another name with --name", r.report.Name, strings.Join(others[:min(len(others), 3)], ", "))
	}
	return nil
}

// bucket makes the bucket, and has it set as a state needs it.
func (r *run) bucket(ctx context.Context) error {
	if !r.bucketMissing {
		r.report.add(AlreadyThere, "S3 bucket", "%s", r.report.Name)
	} else {
		if !r.wish.DryRun {
			if err := r.createBucket(ctx); err != nil {
				return err
			}
		}
		r.report.add(Created, "S3 bucket", "%s", r.report.Name)
	}
	for _, s := range r.settings() {
		is, right := "", false
		if !r.bucketMissing || !r.wish.DryRun {
			var err error
			if is, right, err = s.look(ctx); err != nil {
				return fmt.Errorf("%s of the bucket: %w", s.what, err)
			}
		}
		if right {
			r.report.add(AlreadyThere, s.what, "%s", s.detail)
			continue
		}
		if !r.wish.DryRun {
			if err := s.put(ctx); err != nil {
				return fmt.Errorf("%s of the bucket: %w", s.what, err)
			}
		}
		if is == "" || r.bucketMissing {
			r.report.add(Set, s.what, "%s", s.detail)
		} else {
			r.report.add(Corrected, s.what, "%s; it was %s", s.detail, is)
		}
	}
	return nil
}

func (r *run) createBucket(ctx context.Context) error {
	input := &s3.CreateBucketInput{Bucket: &r.report.Name, ObjectOwnership: types.ObjectOwnershipBucketOwnerEnforced}
	if r.report.Region != "us-east-1" { // which S3 does not take as a location
		input.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(r.report.Region)}
	}
	_, err := r.s3.CreateBucket(ctx, input)
	var taken *types.BucketAlreadyExists
	if errors.As(err, &taken) {
		return fmt.Errorf("the name %s of the bucket is another account's: choose another one with --name", r.report.Name)
	}
	if err != nil {
		return err
	}
	return s3.NewBucketExistsWaiter(r.s3).Wait(ctx, &s3.HeadBucketInput{Bucket: &r.report.Name, ExpectedBucketOwner: &r.report.Account}, time.Minute)
}
