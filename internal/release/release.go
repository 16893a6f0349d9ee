// Package release lists the images that a stack can run, and goes back to one of them.
package release

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"slipway/internal/stackfile"
	"slipway/internal/testenv"
)

// Image is an image in the repository of a stack.
type Image struct {
	Digest string   `json:"digest"`
	Tags   []string `json:"tags"`
	// Pushed is when it came into the repository.
	Pushed time.Time `json:"pushed"`
	// Runs tells that the stack runs it.
	Runs bool `json:"runs"`
}

// Repository is a repository in ECR.
type Repository struct{ Account, Region, Name string }

// Images knows what is in repositories.
type Images interface {
	// List returns the images of a repository. The profile is the AWS profile of the stack's configuration; "" for the
	// environment's credentials.
	List(ctx context.Context, repository Repository, profile string) ([]Image, error)
}

// Releases are those of the project's stacks.
type Releases struct {
	Place  testenv.Place
	Images Images
	// Project is the project's name, the prefix of its configuration keys.
	Project string
	// Yes says that pulumi does not ask before it changes something.
	Yes    bool
	Stderr io.Writer
}

// List returns the images that are in the repository of the stack, the last one first.
func (r *Releases) List(ctx context.Context, stack string) ([]Image, error) {
	_, images, err := r.list(ctx, stack)
	return images, err
}

// imageInECR is an image by digest: account, region, repository, digest.
var imageInECR = regexp.MustCompile(`^((\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/([^@]+))@(sha256:[0-9a-f]{64})$`)

// list also returns the URL of the repository.
func (r *Releases) list(ctx context.Context, stack string) (url string, images []Image, err error) {
	var outputs struct{ Image string }
	if err := r.query(ctx, &outputs, "stack", "output", "--json", "-s", stack); err != nil {
		return "", nil, err
	}
	if outputs.Image == "" {
		return "", nil, fmt.Errorf("the stack %s runs no image: it has no output image; deploy it first with pulumi up -s %[1]s", stack)
	}
	parts := imageInECR.FindStringSubmatch(outputs.Image)
	if parts == nil {
		return "", nil, fmt.Errorf("the stack %s runs %s, which is not in ECR: its registry knows what else is there", stack, outputs.Image)
	}
	profile, err := r.configured(stack, "aws:profile")
	if err != nil {
		return "", nil, err
	}
	images, err = r.Images.List(ctx, Repository{Account: parts[2], Region: parts[3], Name: parts[4]}, profile)
	if err != nil {
		return "", nil, fmt.Errorf("the images in %s: %w", parts[1], err)
	}
	for i := range images {
		images[i].Runs = images[i].Digest == parts[5]
		slices.Sort(images[i].Tags)
	}
	slices.SortStableFunc(images, func(a, b Image) int {
		if order := b.Pushed.Compare(a.Pushed); order != 0 {
			return order
		}
		return strings.Compare(a.Digest, b.Digest)
	})
	return parts[1], images, nil
}

// Rollback deploys another image of the repository: the one that to names by tag or digest, or the one before the one that
// runs. When pulumi fails, the configuration is as it was.
func (r *Releases) Rollback(ctx context.Context, stack, to string) error {
	url, images, err := r.list(ctx, stack)
	if err != nil {
		return err
	}
	image, err := choose(images, to)
	if err != nil {
		return fmt.Errorf("%s was not changed: %w", stack, err)
	}
	if image.Runs {
		r.say("%s runs %s already; nothing was changed", stack, image)
		return nil
	}
	before, err := r.configured(stack, r.Project+":image")
	if err != nil {
		return err
	}
	if err := r.output(ctx, "config", "set", "image", url+"@"+image.Digest, "-s", stack); err != nil {
		return err
	}
	r.say("%s goes to %s", stack, image)
	up := []string{"up", "-s", stack}
	if r.Yes {
		up = append(up, "--yes")
	}
	if err := r.Place.Pulumi(ctx, io.Discard, up...); err != nil {
		undo := []string{"config", "rm", "image", "-s", stack}
		if before != "" {
			undo = []string{"config", "set", "image", before, "-s", stack}
		}
		// Also when the user has interrupted it.
		return errors.Join(err, r.output(context.WithoutCancel(ctx), undo...))
	}
	r.say("%s runs %s. The configuration of %[1]s has it as image; to build from the source again: pulumi config rm image -s %[1]s", stack, image)
	return nil
}

// choose finds the image to go to.
func choose(images []Image, to string) (Image, error) {
	const list = "`release list` shows those that are"
	if to != "" {
		_, digest, byReference := strings.Cut(to, "@")
		for _, image := range images {
			if image.Digest == to || byReference && image.Digest == digest || slices.Contains(image.Tags, to) {
				return image, nil
			}
		}
		return Image{}, fmt.Errorf("the repository has no image %s (any more); %s", to, list)
	}
	running := slices.IndexFunc(images, func(i Image) bool { return i.Runs })
	switch {
	case running < 0:
		return Image{}, fmt.Errorf("the repository no longer has the image that runs, so which one was before it is not known; name one with --to, %s", list)
	case running == len(images)-1:
		return Image{}, fmt.Errorf("the repository has no image from before the one that runs, %s", images[running])
	}
	return images[running+1], nil
}

// String is the image in a sentence.
func (i Image) String() string {
	name := i.Digest
	if len(i.Tags) > 0 {
		name = i.Tags[0] + " (" + i.Digest[:min(len(i.Digest), len("sha256:")+12)] + ")"
	}
	return name
}

// configured is a plain value of a stack's configuration; "" for none.
func (r *Releases) configured(stack, key string) (value string, err error) {
	paths, err := r.Place.SourceFiles(stack)
	if err != nil {
		return "", err
	}
	for _, path := range paths {
		file, err := stackfile.Read(path)
		if err != nil {
			return "", err
		}
		values, err := stackfile.Values(path, file)
		if err != nil {
			return "", err
		}
		if node := stackfile.Get(values, key); node != nil {
			value = node.Value
		}
	}
	return value, nil
}

func (r *Releases) query(ctx context.Context, answer any, args ...string) error {
	var heard bytes.Buffer
	out, err := r.Place.Output(ctx, &heard, args...)
	if err != nil {
		return fmt.Errorf("pulumi %s: %w\n%s", strings.Join(args, " "), err, heard.String())
	}
	return json.Unmarshal(out, answer)
}

func (r *Releases) output(ctx context.Context, args ...string) error {
	var heard bytes.Buffer
	if _, err := r.Place.Output(ctx, &heard, args...); err != nil {
		return fmt.Errorf("pulumi %s: %w\n%s", strings.Join(args, " "), err, heard.String())
	}
	return nil
}

func (r *Releases) say(format string, args ...any) {
	fmt.Fprintf(r.Stderr, "slipway: "+format+"\n", args...)
}
