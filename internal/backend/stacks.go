package backend

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"slipway/internal/stackfile"
	"slipway/internal/stacks"
)

// inBackend are the stacks that the bucket has. Pulumi is not asked about an empty bucket: it would write into it.
func (r *run) inBackend(ctx context.Context) (names []string, err error) {
	if r.bucketMissing {
		return nil, nil
	}
	list, err := r.s3.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &r.report.Name, ExpectedBucketOwner: &r.report.Account, Prefix: aws.String(pulumiDir), MaxKeys: aws.Int32(1)})
	if err != nil || len(list.Contents) == 0 {
		return nil, err
	}
	stacks, err := r.listStacks(ctx, r.report.BackendURL)
	for _, s := range stacks {
		names = append(names, s.Name)
	}
	return names, err
}

// refuseOtherProviders refuses to make a stack whose file says that its secrets are under something else: it is a stack of another
// backend, and what is encrypted in the file could not be read any more.
func (r *run) refuseOtherProviders() error {
	var wrong []error
	for _, name := range r.wish.Stacks {
		if slices.Contains(r.there, name) {
			continue
		}
		path, file, err := r.configuration(name)
		if err != nil {
			return err
		}
		under := ""
		if stackfile.Get(file, "encryptionsalt") != nil {
			under = "a passphrase"
		}
		if provider := stackfile.Get(file, "secretsprovider"); provider != nil && !r.isOurs(provider.Value) {
			under = provider.Value
		}
		if under != "" {
			wrong = append(wrong, fmt.Errorf("%s is of a stack with its secrets under %s: log in to the backend that it is in and move it, or remove encryptionsalt, secretsprovider and encryptedkey from the file if that stack is gone; or leave it out of --stacks", filepath.Base(path), under))
		}
	}
	return errors.Join(wrong...)
}

// isOurs tells whether a secrets provider is the key of this backend, by whatever name.
func (r *run) isOurs(provider string) bool {
	parsed, err := url.Parse(provider)
	if err != nil || parsed.Scheme != "awskms" {
		return false
	}
	id := strings.Trim(parsed.Host+parsed.Path, "/")
	if key, err := arn.Parse(id); err == nil {
		return id == r.report.KeyArn || key.Resource == r.alias()
	}
	return id == r.alias() || r.report.KeyArn != "" && strings.HasSuffix(r.report.KeyArn, ":key/"+id)
}

// stacks makes the stacks that are missing.
func (r *run) stacks(ctx context.Context) error {
	for _, name := range r.wish.Stacks {
		if slices.Contains(r.there, name) {
			if err := r.reportStack(ctx, name); err != nil {
				return err
			}
			continue
		}
		if !r.wish.DryRun {
			if _, err := r.pulumi(ctx, r.report.BackendURL, "stack", "init", name, "--secrets-provider", r.report.SecretsProvider, "--no-select"); err != nil {
				return err
			}
		}
		r.report.add(Created, "stack "+name, "its secrets under that key")
	}
	return nil
}

func (r *run) reportStack(ctx context.Context, name string) error {
	out, err := r.pulumi(ctx, r.report.BackendURL, "stack", "export", "-s", name)
	if err != nil {
		return err
	}
	var exported struct{ Deployment stacks.State }
	if err := json.Unmarshal(out, &exported); err != nil {
		return fmt.Errorf("the state of %s: %w", name, err)
	}
	provider := exported.Deployment.SecretsProviders
	switch {
	case provider.Type == "cloud" && r.isOurs(provider.State.URL):
		r.report.add(AlreadyThere, "stack "+name, "its secrets under that key")
	default:
		under := provider.State.URL
		if provider.Type != "cloud" {
			under = "a " + provider.Type
		}
		r.report.add(LeftAlone, "stack "+name, "its secrets are under %s; to change that: pulumi stack change-secrets-provider '%s' -s %s", under, r.report.SecretsProvider, name)
	}
	return nil
}

// login has pulumi use the backend from now on.
func (r *run) login(ctx context.Context) error {
	url, err := r.current(ctx)
	if err != nil {
		return err
	}
	did := AlreadyThere
	if url != r.report.BackendURL {
		did = Set
		if !r.wish.DryRun {
			if _, err := r.pulumi(ctx, "", "login", r.report.BackendURL); err != nil {
				return err
			}
		}
	}
	r.report.add(did, "login of pulumi", "%s", r.report.BackendURL)
	return nil
}
