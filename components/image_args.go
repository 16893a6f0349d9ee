package components

import (
	"fmt"
	"path/filepath"

	"slipway/internal/buildcontext"
	"slipway/internal/invalid"
	"slipway/internal/limits"
)

// ImageArgs says where an image comes from: Context, to build it, or Prebuilt.
type ImageArgs struct {
	// Context is the folder that is sent to the build, without what its .dockerignore names. Relative to the program's
	// folder. Required unless Prebuilt is given. Example: "docker/app".
	Context string `pulumi:"context,optional"`
	// Dockerfile is its path, relative to the program's folder as well. Default: Dockerfile in Context. Example: "docker/app/Dockerfile".
	Dockerfile string `pulumi:"dockerfile,optional"`
	// Target is the stage to build. Default: the last one. Example: "prod".
	Target string `pulumi:"target,optional"`
	// BuildArgs are values for the Dockerfile's ARG lines. They stay readable in the image: never a secret. Default: none.
	// Example: {"BASE_IMAGE": "python:3.13-slim"}.
	BuildArgs map[string]string `pulumi:"buildArgs,optional"`
	// Platform is "linux/arm64" or "linux/amd64", as the Architecture of the services that run it. Default: "linux/arm64",
	// the cheaper one.
	Platform string `pulumi:"platform,optional"`
	// Revision is any text; another one builds the same source again under a new tag. Needed to take a base image whose tag
	// has moved, and to go back to a source that was pushed before when the build is not reproducible: its tag exists
	// and ECR refuses to move it. (Prebuilt, with the digest of then, goes back without building.) Default: none. Example: "2".
	Revision string `pulumi:"revision,optional"`
	// Prebuilt is an image that exists, by digest, instead of a build: one that was built elsewhere, or a former one of the
	// component's own repository, which stays. Default: none.
	// Example: "123456789012.dkr.ecr.us-east-1.amazonaws.com/app@sha256:...".
	Prebuilt string `pulumi:"prebuilt,optional"`
	// KeepImages is how many images the repository keeps, 1 to 1000. As many deployments can be undone. Default: 20.
	KeepImages int `pulumi:"keepImages,optional"`
	// Ephemeral lets the repository be deleted with the images in it. Default: false.
	Ephemeral bool `pulumi:"ephemeral,optional"`
	// Tags of the repository. Default: none. Example: map[string]string{"team": "shop"}.
	Tags map[string]string `pulumi:"tags,optional"`
}

func (a *ImageArgs) withDefaults(name string) (ImageArgs, error) {
	var args ImageArgs
	if a != nil {
		args = *a
	}
	if args.KeepImages == 0 {
		args.KeepImages = 20
	}
	wrong := invalid.In(fmt.Sprintf("Image %q", name))
	wrong.Check("name", name, limits.RepositoryPrefix(name))
	wrong.Check("keepImages", args.KeepImages, limits.KeepImages(args.KeepImages))
	checkTags(args.Tags, limits.MaxTags, wrong)
	if args.Prebuilt != "" {
		args.checkPrebuilt(wrong)
		return args, wrong.Err()
	}
	if args.Dockerfile == "" {
		args.Dockerfile = filepath.Join(args.Context, "Dockerfile")
	}
	if args.Platform == "" {
		args.Platform = "linux/arm64"
	}
	wrong.Check("platform", args.Platform, limits.ImagePlatform(args.Platform))
	for _, arg := range sortedKeys(args.BuildArgs) {
		wrong.Check("buildArgs", arg, limits.EnvironmentName(arg))
	}
	source := buildcontext.Check(args.Context, args.Dockerfile, args.Target)
	wrong.Check("context", args.Context, source.Context)
	wrong.Check("dockerfile", args.Dockerfile, source.Dockerfile)
	wrong.Check("target", args.Target, source.Target)
	return args, wrong.Err()
}

func (a ImageArgs) checkPrebuilt(wrong *invalid.Fields) {
	wrong.Check("prebuilt", a.Prebuilt, limits.ImageByDigest(a.Prebuilt))
	if a.Context != "" || a.Dockerfile != "" || a.Target != "" || len(a.BuildArgs) > 0 || a.Revision != "" {
		wrong.Conflict("prebuilt", "excludes context, dockerfile, target, buildArgs and revision, which are for building; remove one or the other")
	}
}

func (a ImageArgs) source() buildcontext.Source {
	return buildcontext.Source{
		Context:    a.Context,
		Dockerfile: a.Dockerfile,
		Target:     a.Target,
		Platform:   a.Platform,
		Revision:   a.Revision,
		BuildArgs:  a.BuildArgs,
	}
}
