// Package registry looks images up in a container registry and names them there, without a Docker daemon. The credentials
// are those that docker login has left.
package registry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

func options(ctx context.Context) []remote.Option {
	return []remote.Option{remote.WithContext(ctx), remote.WithAuthFromKeychain(authn.DefaultKeychain)}
}

// Digest is the image that a tag names, as <repository>@sha256:...; "" when the repository has no such tag.
func Digest(ctx context.Context, tag string) (string, error) {
	reference, err := name.NewTag(tag, name.StrictValidation)
	if err != nil {
		return "", fmt.Errorf("%q is not REPOSITORY:TAG: %w", tag, err)
	}
	found, err := remote.Head(reference, options(ctx)...)
	if isMissing(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return reference.Context().Digest(found.Digest.String()).String(), nil
}

// Tag gives an image of the repository one more tag, and returns what the tag then names. A tag that is there stays: where
// two builds of the same source meet, the first one counts.
func Tag(ctx context.Context, image, tag string) (string, error) {
	reference, err := name.ParseReference(image, name.StrictValidation)
	if err != nil {
		return "", fmt.Errorf("%q is not REPOSITORY:TAG or REPOSITORY@DIGEST: %w", image, err)
	}
	wanted, err := name.NewTag(reference.Context().Name()+":"+tag, name.StrictValidation)
	if err != nil {
		return "", fmt.Errorf("the tag %q: %w", tag, err)
	}
	if there, err := Digest(ctx, wanted.String()); err != nil || there != "" {
		return there, err
	}
	// The very manifest is put again, so that the digest stays.
	manifest, err := remote.Get(reference, options(ctx)...)
	if err != nil {
		return "", err
	}
	if err := remote.Tag(wanted, manifest, options(ctx)...); err != nil {
		// Another build may have been quicker.
		if there, lookupErr := Digest(ctx, wanted.String()); lookupErr == nil && there != "" {
			return there, nil
		}
		return "", err
	}
	return reference.Context().Digest(manifest.Digest.String()).String(), nil
}

// Latest is the tag of the image that was built last, of those whose tag wanted holds for; "" when there is none.
func Latest(ctx context.Context, repository string, wanted func(tag string) bool) (string, error) {
	place, err := name.NewRepository(repository, name.StrictValidation)
	if err != nil {
		return "", err
	}
	tags, err := remote.List(place, options(ctx)...)
	if err != nil && !isMissing(err) {
		return "", err
	}
	latest, built := "", time.Time{}
	for _, tag := range slices.Sorted(slices.Values(tags)) {
		if !wanted(tag) {
			continue
		}
		image, err := remote.Image(place.Tag(tag), options(ctx)...)
		if isMissing(err) { // it has expired meanwhile
			continue
		}
		if err != nil {
			return "", err
		}
		config, err := image.ConfigFile()
		if err != nil {
			return "", err
		}
		if latest == "" || config.Created.After(built) {
			latest, built = place.Tag(tag).String(), config.Created.Time
		}
	}
	return latest, nil
}

// isMissing tells whether the registry answered that there is no such thing.
func isMissing(err error) bool {
	var answer *transport.Error
	if !errors.As(err, &answer) {
		return false
	}
	// A repository that was never pushed to is unknown, too, but in ECR a missing one is an error of its own.
	return answer.StatusCode == http.StatusNotFound && !strings.Contains(answer.Error(), "does not exist in the registry")
}
