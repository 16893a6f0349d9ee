package limits

import (
	"errors"
	"fmt"
	"regexp"
)

var repositoryName = regexp.MustCompile(`^[a-z][a-z0-9]*((\.|_|__|-+)[a-z0-9]+)*$`)

// RepositoryPrefix checks a logical name that a repository is named after: <name>-repository-1234567. ECR allows 256.
func RepositoryPrefix(name string) error {
	if repositoryName.MatchString(name) && len(name) <= 100 {
		return nil
	}
	return errors.New("lower-case letters, digits and single dots, underscores or hyphens, a letter first, at most 100 characters")
}

var imageDigest = regexp.MustCompile(`^[a-z0-9][a-zA-Z0-9._/:-]*@sha256:[0-9a-f]{64}$`)

// ImageByDigest checks a reference to an image. A tag can be moved, so that what runs would not be what was deployed. ECS
// takes 255 characters (ContainerDefinition, image).
func ImageByDigest(reference string) error {
	if imageDigest.MatchString(reference) && len(reference) <= 255 {
		return nil
	}
	return errors.New("a reference by digest of at most 255 characters, <repository>@sha256:<64 hexadecimal digits>; `docker buildx imagetools inspect <image>` prints the digest")
}

var registryRegion = regexp.MustCompile(`^\d{12}\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/`)

// ImageByEndpoints checks an image that tasks without a way to the internet pull: a VPC's endpoints reach ECR in their own region alone, whatever the account (Amazon ECR
// User Guide, "Considerations for Amazon ECR VPC endpoints").
func ImageByEndpoints(reference, region string) error {
	if from := registryRegion.FindStringSubmatch(reference); from != nil && from[1] == region {
		return nil
	}
	return fmt.Errorf("an image in ECR in %s, which is all that tasks reach through endpoints", region)
}

var digest = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// Digest checks the digest of an image.
func Digest(text string) error {
	if digest.MatchString(text) {
		return nil
	}
	return errors.New("sha256: and 64 hexadecimal digits; `bin/slipway image digest <repository>:<tag>` prints it")
}

// ImagePlatform checks the platform that an image is built for: those that Fargate runs.
func ImagePlatform(platform string) error {
	if platform == "linux/arm64" || platform == "linux/amd64" {
		return nil
	}
	return errors.New(`"linux/arm64" (for ARM64 services) or "linux/amd64" (for X86_64)`)
}

// KeepImages checks how many images a repository's lifecycle policy keeps (countNumber).
func KeepImages(count int) error { return between(count, 1, 1000, "a number of images") }

// ImagePlatformOf is the platform that an image needs for tasks of a CPU architecture.
func ImagePlatformOf(architecture string) string {
	if architecture == "X86_64" {
		return "linux/amd64"
	}
	return "linux/arm64"
}
