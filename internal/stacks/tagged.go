package stacks

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"

	"slipway/internal/localaws"
	"slipway/internal/owned"
)

// Tagged is what AWS has with the tags of a stack.
type Tagged struct {
	ARN  string
	Tags map[string]string
}

// Tags finds what stacks have made by its tags.
type Tags interface {
	// Find returns what has a tag of that value in a region, with the credentials of a profile; "" for those of the
	// environment. It takes AWS some seconds to know of new tags, and to forget those of what is gone.
	Find(ctx context.Context, profile, region, tag, value string) ([]Tagged, error)
}

// TaggingAPI finds by AWS's Resource Groups Tagging API. The credentials have to allow tag:GetResources.
type TaggingAPI struct {
	// Endpoint is where the API is. Default: AWS's own in the region.
	Endpoint string
}

// Find implements Tags.
func (a *TaggingAPI) Find(ctx context.Context, profile, region, tag, value string) (found []Tagged, err error) {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(region), config.WithSharedConfigProfile(profile))
	if err != nil {
		return nil, err
	}
	client := resourcegroupstaggingapi.NewFromConfig(cfg, func(o *resourcegroupstaggingapi.Options) {
		if a.Endpoint != "" {
			o.BaseEndpoint = &a.Endpoint
		}
	})
	pages := resourcegroupstaggingapi.NewGetResourcesPaginator(client, &resourcegroupstaggingapi.GetResourcesInput{
		TagFilters: []types.TagFilter{{Key: &tag, Values: []string{value}}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, r := range page.ResourceTagMappingList {
			tags := map[string]string{}
			for _, t := range r.Tags {
				tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
			}
			found = append(found, Tagged{aws.ToString(r.ResourceARN), tags})
		}
	}
	return found, nil
}

// identify tells which resource of the program something is, as owned.Resource does, its type, and its id; "" for what
// cannot be told.
func (t Tagged) identify() (resource, typ, id string) {
	parsed, err := arn.Parse(t.ARN)
	if err != nil || t.Tags[owned.SecretTag] != "" { // which no program has made
		return "", "", ""
	}
	resource = t.Tags[owned.ResourceTag]
	typ, _, _ = strings.Cut(resource, "::")
	for _, f := range arns {
		rest, matches := strings.CutPrefix(parsed.Resource, f.prefix)
		if f.service != parsed.Service || !matches || resource != "" && f.typ != typ {
			continue
		}
		if resource == "" { // a child of awsx, whose names are in the tag Name
			resource = owned.Resource(f.typ, t.Tags["Name"])
		}
		switch f.id {
		case wholeARN:
			return resource, f.typ, t.ARN
		case queueURL:
			return resource, f.typ, "https://sqs." + parsed.Region + ".amazonaws.com/" + parsed.AccountID + "/" + rest
		}
		return resource, f.typ, strings.TrimSuffix(rest, ":*")
	}
	return "", "", ""
}

// tagOf is the ResourceTag of a resource.
func tagOf(urn string) string { return owned.Resource(typeAndName(urn)) }

// tagged is what AWS has with the tags of a stack and its state does not have: ids by ResourceTag. When AWS cannot be
// asked, it is said why, and the user has to look.
func (s *Stacks) tagged(ctx context.Context, state State) map[string][]string {
	if s.Tags == nil {
		return nil
	}
	found, err := s.find(ctx, state)
	if err != nil {
		s.say("%v. Nothing is found by its tags", err)
	}
	return found
}

func (s *Stacks) find(ctx context.Context, state State) (map[string][]string, error) {
	project, stack, profile := "", "", ""
	regions := []string{"us-east-1"} // where AWS has what is of no region
	for _, r := range append(state.cutOff(), state.Resources...) {
		if parsed, err := urn.Parse(r.URN); err == nil {
			project, stack = string(parsed.Project()), parsed.Stack().String()
		}
		if r.Type != "pulumi:providers:aws" {
			continue
		}
		profile = cmp.Or(profile, r.input("profile"))
		if region := r.input("region"); region != "" && !slices.Contains(regions, region) {
			regions = append(regions, region)
		}
	}
	if project == "" {
		return nil, nil // nothing was ever made
	}
	recorded, found := state.objects(), map[string][]string{}
	for _, region := range regions {
		list, err := s.Tags.Find(ctx, profile, region, owned.StackTag, owned.Stack(project, stack))
		if err != nil {
			return nil, fmt.Errorf("looking for what has the stack's tags in %s: %w", region, err)
		}
		for _, t := range list {
			resource, typ, id := t.identify()
			if id != "" && !recorded[localaws.Identity{Type: typ, ID: id}] && !slices.Contains(found[resource], id) {
				found[resource] = append(found[resource], id)
			}
		}
	}
	return found, nil
}

// reportTagged names what no state has and no creation that was cut off explains, such as what AWS has made although it
// said that it had not. It may be gone: AWS lists what is deleted for a while.
func (s *Stacks) reportTagged(name string, tagged map[string][]string, made map[string]string) {
	var lines strings.Builder
	imported := slices.Collect(maps.Values(made))
	for _, resource := range slices.Sorted(maps.Keys(tagged)) {
		for _, id := range tagged[resource] {
			if !slices.Contains(imported, id) {
				fmt.Fprintf(&lines, "\n  %s (%s)", strings.Replace(resource, "::", " ", 1), id)
			}
		}
	}
	if lines.Len() > 0 {
		s.say("AWS lists, with the tags of %s, what its state does not have. It lists what is deleted for a while. Look whether they are there, and delete them:%s", name, lines.String())
	}
}
