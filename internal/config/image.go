package config

import (
	"path/filepath"

	"slipway/components"
	"slipway/internal/buildcontext"
	"slipway/internal/limits"
)

// image reads what is built, for the architecture that runs it, or the image that exists.
func (r *reader) image(env environment, architecture string) *components.ImageArgs {
	i := &components.ImageArgs{
		Prebuilt:   r.text("image", "", optional(limits.ImageByDigest)),
		Context:    r.text("imageContext", "docker/app", nil),
		Dockerfile: r.text("imageDockerfile", "", nil),
		Target:     r.text("imageTarget", "prod", nil),
		Revision:   r.text("imageRevision", "", nil),
		BuildArgs:  r.pairs("imageBuildArgs", limits.EnvironmentName),
		Platform:   limits.ImagePlatformOf(architecture),
		Ephemeral:  env.ephemeral,
	}
	if i.Prebuilt != "" { // the rest says how to build, and nothing is built
		return &components.ImageArgs{Prebuilt: i.Prebuilt, Ephemeral: env.ephemeral}
	}
	if i.Dockerfile == "" {
		i.Dockerfile = filepath.Join(i.Context, "Dockerfile")
	}
	source := buildcontext.Check(filepath.Join(r.root, i.Context), filepath.Join(r.root, i.Dockerfile), i.Target)
	r.wrong.Check(r.prefix+"imageContext", i.Context, source.Context)
	r.wrong.Check(r.prefix+"imageDockerfile", i.Dockerfile, source.Dockerfile)
	r.wrong.Check(r.prefix+"imageTarget", i.Target, source.Target)
	return i
}
