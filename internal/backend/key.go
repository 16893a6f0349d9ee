package backend

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	tagtypes "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"

	"slipway/internal/awsaccess"
)

func (r *run) alias() string { return "alias/" + r.report.Name }

// findKey finds the key that the alias leads to, or the one of a run that ended before it had an alias, and refuses one that cannot be used.
func (r *run) findKey(ctx context.Context) (err error) {
	if r.found, err = r.describeKey(ctx, r.alias()); err != nil {
		return err
	}
	r.aliased = r.found != nil
	if !r.aliased {
		if r.found, err = r.unnamedKey(ctx); err != nil {
			return err
		}
	}
	if r.found == nil {
		return nil
	}
	r.report.KeyArn = *r.found.Arn
	return usable(r.found, r.report.Region)
}

// key has the alias lead to a key, which rotates.
func (r *run) key(ctx context.Context) error {
	switch {
	case r.found != nil:
		r.report.add(AlreadyThere, "KMS key", "%s", r.report.KeyArn)
	case r.wish.DryRun:
		r.report.add(Created, "KMS key", "symmetric, $1 a month")
		r.report.add(Created, "its alias", "%s", r.alias())
		r.report.add(Set, "its rotation", "every year")
		return nil
	default:
		made, err := r.kms.CreateKey(ctx, &kms.CreateKeyInput{
			Description: aws.String("Pulumi's state " + r.report.Name + ", and the secrets in it"),
			KeyUsage:    kmstypes.KeyUsageTypeEncryptDecrypt,
			KeySpec:     kmstypes.KeySpecSymmetricDefault,
			Tags:        []kmstypes.Tag{{TagKey: aws.String(tag), TagValue: &r.report.Name}},
		})
		if err != nil {
			return err
		}
		r.found, r.report.KeyArn = made.KeyMetadata, *made.KeyMetadata.Arn
		r.report.add(Created, "KMS key", "%s", r.report.KeyArn)
	}
	did := AlreadyThere
	if !r.aliased {
		did = Created
		if !r.wish.DryRun {
			if _, err := r.kms.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: aws.String(r.alias()), TargetKeyId: r.found.KeyId}); err != nil {
				return err
			}
			if err := r.awaitAlias(ctx); err != nil {
				return err
			}
		}
	}
	r.report.add(did, "its alias", "%s", r.alias())
	return r.rotation(ctx, r.found)
}

// awaitAlias waits until KMS knows the alias everywhere, which takes it some seconds: pulumi uses it next.
func (r *run) awaitAlias(ctx context.Context) error {
	for deadline := time.Now().Add(time.Minute); ; {
		key, err := r.describeKey(ctx, r.alias())
		if err != nil || key != nil {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("KMS does not know the alias %s yet, a minute after it was made: run this again", r.alias())
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

func (r *run) rotation(ctx context.Context, key *kmstypes.KeyMetadata) error {
	status, err := r.kms.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: key.KeyId})
	if err != nil {
		return err
	}
	did := AlreadyThere
	if !status.KeyRotationEnabled {
		did = Set
		if !r.wish.DryRun {
			if _, err := r.kms.EnableKeyRotation(ctx, &kms.EnableKeyRotationInput{KeyId: key.KeyId}); err != nil {
				return err
			}
		}
	}
	r.report.add(did, "its rotation", "every year")
	return nil
}

// describeKey returns nil when there is no such key.
func (r *run) describeKey(ctx context.Context, id string) (*kmstypes.KeyMetadata, error) {
	answer, err := r.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &id})
	if awsaccess.HasCode(err, "NotFoundException") {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return answer.KeyMetadata, nil
}

// unnamedKey finds the key of a run that ended before it had an alias; nil for none.
func (r *run) unnamedKey(ctx context.Context) (found *kmstypes.KeyMetadata, err error) {
	pages := resourcegroupstaggingapi.NewGetResourcesPaginator(r.tags, &resourcegroupstaggingapi.GetResourcesInput{
		ResourceTypeFilters: []string{"kms:key"},
		TagFilters:          []tagtypes.TagFilter{{Key: aws.String(tag), Values: []string{r.report.Name}}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, tagged := range page.ResourceTagMappingList {
			parsed, err := arn.Parse(aws.ToString(tagged.ResourceARN))
			if err != nil {
				continue
			}
			key, err := r.describeKey(ctx, strings.TrimPrefix(parsed.Resource, "key/"))
			if err != nil {
				return nil, err
			}
			if key == nil || key.KeyState == kmstypes.KeyStatePendingDeletion {
				continue
			}
			if found != nil {
				return nil, fmt.Errorf("two KMS keys have the tag %s=%s, and none has the alias %s: give it to the one that the state is encrypted with: aws kms create-alias --alias-name %[3]s --target-key-id ... (%s or %s)",
					tag, r.report.Name, r.alias(), *found.KeyId, *key.KeyId)
			}
			found = key
		}
	}
	return found, nil
}

// usable tells why Pulumi's secrets cannot be under a key.
func usable(key *kmstypes.KeyMetadata, region string) error {
	id := *key.KeyId
	switch {
	case key.KeyState == kmstypes.KeyStatePendingDeletion:
		return fmt.Errorf("the KMS key %s is to be deleted on %s, and with it all secrets in the state are lost: aws kms cancel-key-deletion --key-id %[1]s --region %[3]s && aws kms enable-key --key-id %[1]s --region %[3]s; then run this again",
			id, aws.ToTime(key.DeletionDate).UTC().Format("2006-01-02"), region)
	case key.KeyState == kmstypes.KeyStateDisabled:
		return fmt.Errorf("the KMS key %s is disabled: aws kms enable-key --key-id %[1]s --region %s; then run this again", id, region)
	case key.KeyState != kmstypes.KeyStateEnabled:
		return fmt.Errorf("the KMS key %s is in the state %s, takes Enabled", id, key.KeyState)
	case key.KeyUsage != kmstypes.KeyUsageTypeEncryptDecrypt || key.KeySpec != kmstypes.KeySpecSymmetricDefault:
		return fmt.Errorf("the KMS key %s is for %s (%s); Pulumi takes a symmetric one, which encrypts and decrypts. Choose another name with --name", id, key.KeyUsage, key.KeySpec)
	case key.KeyManager != kmstypes.KeyManagerTypeCustomer:
		return fmt.Errorf("the KMS key %s is AWS's own; choose another name with --name", id)
	}
	return nil
}
