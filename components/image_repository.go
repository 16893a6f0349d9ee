package components

import (
	"encoding/json"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecr"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// imageRepository is what differs between repositories.
type imageRepository struct {
	keep      int // images
	ephemeral bool
	tags      map[string]string
}

// newImageRepository makes a repository in which a tag stays what it is, and a policy that keeps the last images.
func newImageRepository(ctx *pulumi.Context, parent pulumi.Resource, name string, r imageRepository) (*ecr.Repository, *ecr.LifecyclePolicy, error) {
	repository, err := ecr.NewRepository(ctx, name+"-repository", &ecr.RepositoryArgs{
		ImageTagMutability:         pulumi.String("IMMUTABLE"),
		ImageScanningConfiguration: &ecr.RepositoryImageScanningConfigurationArgs{ScanOnPush: pulumi.Bool(true)},
		EncryptionConfigurations: ecr.RepositoryEncryptionConfigurationArray{
			&ecr.RepositoryEncryptionConfigurationArgs{EncryptionType: pulumi.String("AES256")},
		},
		ForceDelete: pulumi.Bool(r.ephemeral),
		Tags:        pulumi.ToStringMap(r.tags),
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, nil, err
	}
	policy, err := repositoryLifecycle(r.keep)
	if err != nil {
		return nil, nil, err
	}
	lifecycle, err := ecr.NewLifecyclePolicy(ctx, name+"-lifecycle", &ecr.LifecyclePolicyArgs{
		Repository: repository.Name,
		Policy:     pulumi.String(policy),
	}, pulumi.Parent(parent))
	return repository, lifecycle, err
}

// repositoryLifecycle keeps the last images. ECR wants the rule for "any" to have the highest number.
func repositoryLifecycle(keep int) (string, error) {
	type selection struct {
		TagStatus   string `json:"tagStatus"`
		CountType   string `json:"countType"`
		CountUnit   string `json:"countUnit,omitempty"`
		CountNumber int    `json:"countNumber"`
	}
	type rule struct {
		RulePriority int               `json:"rulePriority"`
		Description  string            `json:"description"`
		Selection    selection         `json:"selection"`
		Action       map[string]string `json:"action"`
	}
	expire := map[string]string{"type": "expire"}
	policy, err := json.Marshal(map[string][]rule{"rules": {
		{1, "Expire untagged images after a week", selection{"untagged", "sinceImagePushed", "days", 7}, expire},
		{2, "Keep the last images only", selection{"any", "imageCountMoreThan", "", keep}, expire},
	}})
	return string(policy), err
}
