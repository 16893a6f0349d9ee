package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

// usEast1 is the region that CloudFront takes certificates from, and has its logs delivered in.
const usEast1 = "us-east-1"

// createProvider makes a provider for us-east-1 where something needs it and everything else is in another region. In
// us-east-1 itself there is none: a second provider is a second process, which takes seconds and memory.
func (s *StaticSite) createProvider(ctx *pulumi.Context, name string, args staticSiteSettings) error {
	if args.DomainName == "" && !*args.AccessLogs {
		return nil
	}
	if args.UsEast1 != nil {
		s.UsEast1 = args.UsEast1
		return nil
	}
	region, err := aws.GetRegion(ctx, nil, pulumi.Parent(s))
	if err != nil || region.Name == usEast1 {
		return err
	}
	inherited, err := providerLike(ctx)
	if err != nil {
		return fmt.Errorf("StaticSite %q, provider for %s: %w", name, usEast1, err)
	}
	inherited.Region = pulumi.String(usEast1)
	s.UsEast1, err = aws.NewProvider(ctx, name+"-"+usEast1, inherited, pulumi.Parent(s))
	return err
}

// inUsEast1 are the options of a resource that has to be there.
func (s *StaticSite) inUsEast1() []pulumi.ResourceOption {
	if s.UsEast1 == nil {
		return nil
	}
	return []pulumi.ResourceOption{pulumi.Provider(s.UsEast1)}
}

// providerLike is who the stack's default provider is, and for which accounts. Pulumi gives the stack's aws: configuration to the default
// provider only; without it, this one would use whichever credentials it finds, and make things in another account.
func providerLike(ctx *pulumi.Context) (*aws.ProviderArgs, error) {
	stack := config.New(ctx, "aws")
	like := &aws.ProviderArgs{}
	if profile := stack.Get("profile"); profile != "" {
		like.Profile = pulumi.String(profile)
	}
	for key, set := range map[string]*pulumi.StringPtrInput{"accessKey": &like.AccessKey, "secretKey": &like.SecretKey, "token": &like.Token} {
		if secret, err := stack.TrySecret(key); err == nil {
			*set = secret.ToStringPtrOutput()
		}
	}
	var role *aws.ProviderAssumeRole
	var tags *aws.ProviderDefaultTags
	var allowed, forbidden []string
	for key, into := range map[string]any{"assumeRole": &role, "defaultTags": &tags, "allowedAccountIds": &allowed, "forbiddenAccountIds": &forbidden} {
		if stack.Get(key) == "" {
			continue
		}
		if err := stack.GetObject(key, into); err != nil {
			return nil, fmt.Errorf("aws:%s: %w", key, err)
		}
	}
	if role != nil {
		like.AssumeRole = &aws.ProviderAssumeRoleArgs{
			RoleArn:           pulumi.StringPtrFromPtr(role.RoleArn),
			SessionName:       pulumi.StringPtrFromPtr(role.SessionName),
			ExternalId:        pulumi.StringPtrFromPtr(role.ExternalId),
			Duration:          pulumi.StringPtrFromPtr(role.Duration),
			Policy:            pulumi.StringPtrFromPtr(role.Policy),
			PolicyArns:        unlessEmpty(role.PolicyArns),
			SourceIdentity:    pulumi.StringPtrFromPtr(role.SourceIdentity),
			Tags:              pulumi.ToStringMap(role.Tags),
			TransitiveTagKeys: unlessEmpty(role.TransitiveTagKeys),
		}
	}
	if tags != nil {
		like.DefaultTags = &aws.ProviderDefaultTagsArgs{Tags: pulumi.ToStringMap(tags.Tags)}
	}
	like.AllowedAccountIds = unlessEmpty(allowed)
	like.ForbiddenAccountIds = unlessEmpty(forbidden)
	return like, nil
}

// unlessEmpty leaves a list out that has nothing in it: an empty one would be another setting than none.
func unlessEmpty(list []string) pulumi.StringArrayInput {
	if len(list) == 0 {
		return nil
	}
	return pulumi.ToStringArray(list)
}
