package buildcontext

import (
	"maps"
	"slices"
)

// Source is all that decides what a build makes.
type Source struct {
	// Context and Dockerfile are paths, relative to the working directory.
	Context, Dockerfile string
	// Target is the stage, Platform such as linux/arm64, Revision any text that tells builds of the same source apart.
	Target, Platform, Revision string
	BuildArgs                  map[string]string
}

// tagLength is how many hexadecimal digits of the hash the tag has: 64 bits, which do not meet by chance.
const tagLength = 16

// Tag follows the source: another file that reaches the build, or another option, is another tag.
func (s Source) Tag() (string, error) {
	options := []string{s.Target, s.Platform, s.Revision}
	for _, name := range slices.Sorted(maps.Keys(s.BuildArgs)) {
		options = append(options, name, s.BuildArgs[name])
	}
	digest, err := Digest(s.Context, s.Dockerfile, options...)
	if err != nil {
		return "", err
	}
	return digest[:tagLength], nil
}
