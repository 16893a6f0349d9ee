package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecr"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// createArtifactStore makes the bucket that stages hand each other artifacts in, and its key. Among them are plans, which say how production is
// made: a key of one's own has a policy of one's own, and its use is recorded.
func (p *CodePipeline) createArtifactStore(ctx *pulumi.Context, args CodePipelineArgs) (err error) {
	window := 30
	if args.Ephemeral {
		window = 7 // KMS's shortest
	}
	p.ArtifactKey, err = kms.NewKey(ctx, p.name+"-artifacts", &kms.KeyArgs{
		Description:          pulumi.String("Encrypts the artifacts of the delivery pipeline"),
		EnableKeyRotation:    pulumi.Bool(true),
		DeletionWindowInDays: pulumi.Int(window),
		Tags:                 pulumi.ToStringMap(args.Tags),
	}, pulumi.Parent(p))
	if err != nil {
		return err
	}
	p.Artifacts, err = newPrivateBucket(ctx, p, privateBucket{
		name:      p.name + "-artifacts",
		lifecycle: expireAfter(args.ArtifactDays),
		kmsKeyArn: p.ArtifactKey.Arn,
		// Nothing in it is needed for longer than an execution, and what was deployed is in the repositories.
		ephemeral: true,
		tags:      args.Tags,
	})
	if err != nil {
		return err
	}
	policy, err := s3.NewBucketPolicy(ctx, p.name+"-artifacts", &s3.BucketPolicyArgs{
		Bucket: p.Artifacts.ID(),
		Policy: p.Artifacts.Arn.ApplyT(func(bucketArn string) (string, error) {
			return policyDocument(bucketTLSOnly(bucketArn))
		}).(pulumi.StringOutput),
	}, pulumi.Parent(p))
	p.startAfter = append(p.startAfter, policy)
	return err
}

// createImageRepository makes the repository that every environment pulls from. Other accounts may pull, and CodeBuild's roles push by their own policy.
func (p *CodePipeline) createImageRepository(ctx *pulumi.Context, args CodePipelineArgs) (err error) {
	p.Repository, _, err = newImageRepository(ctx, p, p.name, imageRepository{keep: args.KeepImages, ephemeral: args.Ephemeral, tags: args.Tags})
	if err != nil {
		return err
	}
	p.ImageRepositoryUrl = p.Repository.RepositoryUrl
	accounts, err := otherAccounts(args.Environments)
	if err != nil || len(accounts) == 0 {
		return err
	}
	policy, err := pullPolicy(accounts)
	if err != nil {
		return err
	}
	_, err = ecr.NewRepositoryPolicy(ctx, p.name+"-images", &ecr.RepositoryPolicyArgs{
		Repository: p.Repository.Name,
		Policy:     pulumi.String(policy),
	}, pulumi.Parent(p))
	return err
}

// otherAccounts are the roots of the accounts that environments are in, by the ARNs of their roles, each once.
func otherAccounts(environments []PipelineEnvironment) ([]string, error) {
	var roots []string
	for _, environment := range environments {
		if environment.DeployRoleArn == "" {
			continue
		}
		role, err := parseArn(environment.DeployRoleArn)
		if err != nil {
			return nil, err
		}
		roots = append(roots, fmt.Sprintf("arn:%s:iam::%s:root", role.partition, role.account))
	}
	return sortedUnique(roots), nil
}
