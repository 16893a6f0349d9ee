package localaws

import (
	"fmt"
	"os"
	"path/filepath"

	"slipway/internal/buildcontext"
)

// contextDigest is a hash of what reaches the build.
func contextDigest(context, dockerfile string) (string, error) {
	if info, err := os.Stat(context); err != nil || !info.IsDir() {
		return "", fmt.Errorf("%q is no directory", context)
	}
	return buildcontext.Digest(context, dockerfile)
}

// relativeDockerfile is the Dockerfile's path as the build sees it, from the context.
func relativeDockerfile(context, dockerfile string) string {
	if relative, err := filepath.Rel(context, dockerfile); err == nil {
		return filepath.ToSlash(relative)
	}
	return dockerfile
}
