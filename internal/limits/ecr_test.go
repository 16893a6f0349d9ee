package limits_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"slipway/internal/limits"
)

func TestEcrNames(t *testing.T) {
	t.Parallel()
	requireNames(t, map[string]named{
		"digest":     {limits.Digest, []string{"sha256:" + strings.Repeat("0a", 32)}, []string{"", "latest", strings.Repeat("0", 64), "sha256:" + strings.Repeat("0", 63), "sha256:" + strings.Repeat("A", 64), "sha256:" + strings.Repeat("0", 65)}},
		"platform":   {limits.ImagePlatform, []string{"linux/arm64", "linux/amd64"}, []string{"", "arm64", "windows/amd64"}},
		"repository": {limits.RepositoryPrefix, []string{"app", "my-app", "a.b_c"}, []string{"", "App", "-a", "a-", "1a", "a..b", strings.Repeat("a", 101)}},
	})
	requireRanges(t, map[string]ranged{"images": {limits.KeepImages, []int{1, 1000}, []int{0, 1001}}})
}

func TestImageByEndpoints(t *testing.T) {
	t.Parallel()
	for image, want := range map[string]bool{
		"123456789012.dkr.ecr.eu-central-1.amazonaws.com/app@sha256:0":      true,
		"123456789012.dkr.ecr-fips.eu-central-1.amazonaws.com/app@sha256:0": true,
		"123456789012.dkr.ecr.us-east-1.amazonaws.com/app@sha256:0":         false,
		"public.ecr.aws/nginx/nginx@sha256:0":                               false,
		"nginx@sha256:0":                                                    false,
	} {
		assert.Equal(t, want, limits.ImageByEndpoints(image, "eu-central-1") == nil, image)
	}
	assert.NoError(t, limits.ImageByEndpoints("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/app@sha256:0", "cn-north-1"))
}

func TestImageByDigest(t *testing.T) {
	t.Parallel()
	digest := "@sha256:" + strings.Repeat("0", 64)
	for _, image := range []string{"nginx" + digest, "docker.io/library/nginx" + digest, "localhost:5000/app:v1" + digest} {
		assert.NoError(t, limits.ImageByDigest(image), image)
	}
	for _, image := range []string{"", "nginx", "nginx:latest", digest, "nginx@sha256:00", "nginx@sha512:" + strings.Repeat("0", 64)} {
		assert.Error(t, limits.ImageByDigest(image), image)
	}
}
