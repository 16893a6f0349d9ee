package release

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"slipway/internal/localaws"
)

// ECR is the registry of AWS. It takes ecr:DescribeImages.
type ECR struct {
	// Endpoint is where the API is. Default: AWS's own in the region of the repository.
	Endpoint string
}

// List implements Images.
func (e *ECR) List(ctx context.Context, repository Repository, profile string) ([]Image, error) {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(repository.Region), config.WithSharedConfigProfile(profile))
	if err != nil {
		return nil, err
	}
	client := ecr.NewFromConfig(cfg, func(o *ecr.Options) {
		if e.Endpoint != "" {
			o.BaseEndpoint = &e.Endpoint
		}
	})
	pages := ecr.NewDescribeImagesPaginator(client, &ecr.DescribeImagesInput{
		RegistryId: &repository.Account, RepositoryName: &repository.Name,
		Filter: &types.DescribeImagesFilter{TagStatus: types.TagStatusTagged}, // what has no tag expires, and was never a release
	})
	images := []Image{}
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, detail := range page.ImageDetails {
			images = append(images, Image{Digest: aws.ToString(detail.ImageDigest), Tags: detail.ImageTags, Pushed: aws.ToTime(detail.ImagePushedAt)})
		}
	}
	return images, nil
}

// Embedded are the repositories of the embedded AWS.
type Embedded struct {
	// Account is what exists.
	Account func() (*localaws.Account, error)
}

// List implements Images.
func (e *Embedded) List(_ context.Context, repository Repository, _ string) ([]Image, error) {
	account, err := e.Account()
	if err != nil {
		return nil, err
	}
	objects, err := account.List()
	if err != nil {
		return nil, err
	}
	images := map[string]Image{}
	for _, o := range objects {
		if o.Type != "aws:ecr/image:Image" || o.Account != repository.Account || o.Region != repository.Region || o.Properties["repositoryName"] != repository.Name {
			continue
		}
		digest, _ := o.Properties["imageDigest"].(string)
		tag, _ := o.Properties["imageTag"].(string)
		image, known := images[digest]
		if !known || o.Created.Before(image.Pushed) {
			image.Pushed = o.Created
		}
		image.Digest, image.Tags = digest, append(image.Tags, tag)
		images[digest] = image
	}
	return slices.AppendSeq([]Image{}, maps.Values(images)), nil
}
