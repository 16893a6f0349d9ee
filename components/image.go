package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecr"
	"github.com/pulumi/pulumi-docker/sdk/v4/go/docker"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Image is one container image: built from a Dockerfile and pushed to a repository of its own, or built elsewhere.
//
//	image, err := components.NewImage(ctx, "app", &components.ImageArgs{Context: "docker/app", Target: "prod"})
//
// It creates a repository in ECR (immutable tags, scan on push, encrypted), a lifecycle policy that keeps the last images,
// and the image; with Prebuilt the repository alone, so that an image that was pushed before can be named there.
//
// It costs about $0.10 a month for each GB that ECR keeps: 20 images that share their base layers are well under $0.50.
//
// The tag is a hash of all that goes into the build, and what Reference names is the digest. So an unchanged source is an
// unchanged image, on any machine and with any registry token, and it is not even built. What the hash cannot see is a base
// image whose tag has moved; see Revision. A platform other than the building machine's needs emulation there
// (QEMU, as Docker Desktop has and `docker run --privileged tonistiigi/binfmt --install all` sets up on Linux), and is slow.
//
// The image is not built in previews.
type Image struct {
	pulumi.ResourceState

	// Reference is the image by digest, <repository>@sha256:<digest>: what a task definition takes.
	Reference pulumi.StringOutput `pulumi:"reference"`
	// RepositoryUrl is the repository's in ECR.
	RepositoryUrl pulumi.StringOutput `pulumi:"repositoryUrl"`
	// RepositoryArn is of the repository that Reference was pushed to; empty for a prebuilt image, which may be in any.
	RepositoryArn pulumi.StringOutput `pulumi:"repositoryArn"`

	Repository      *ecr.Repository
	LifecyclePolicy *ecr.LifecyclePolicy
	Image           *docker.Image // nil for a prebuilt image
}

// NewImage builds and pushes an image, or takes a prebuilt one. An error names every argument that is wrong, or the file of
// the build context that cannot be read.
func NewImage(ctx *pulumi.Context, name string, args *ImageArgs, opts ...pulumi.ResourceOption) (*Image, error) {
	settings, err := args.withDefaults(name)
	if err != nil {
		return nil, err
	}
	tag := ""
	if settings.Prebuilt == "" {
		if tag, err = settings.source().Tag(); err != nil {
			return nil, err
		}
	}
	i := &Image{}
	if err := ctx.RegisterComponentResource("slipway:index:Image", name, i, opts...); err != nil {
		return nil, err
	}
	i.Repository, i.LifecyclePolicy, err = newImageRepository(ctx, i, name, imageRepository{keep: settings.KeepImages, ephemeral: settings.Ephemeral, tags: settings.Tags})
	if err != nil {
		return nil, err
	}
	i.RepositoryUrl = i.Repository.RepositoryUrl
	if settings.Prebuilt == "" {
		if err := i.createImage(ctx, name, tag, settings); err != nil {
			return nil, err
		}
		i.Reference = i.Image.RepoDigest
		i.RepositoryArn = i.Repository.Arn
	} else {
		i.Reference = pulumi.String(settings.Prebuilt).ToStringOutput()
		i.RepositoryArn = pulumi.String("").ToStringOutput()
	}
	return i, ctx.RegisterResourceOutputs(i, pulumi.Map{
		"reference":     i.Reference,
		"repositoryUrl": i.RepositoryUrl,
		"repositoryArn": i.RepositoryArn,
	})
}

func (i *Image) createImage(ctx *pulumi.Context, name, tag string, args ImageArgs) (err error) {
	// The token lives 12 hours, so every run has a new one. The docker provider takes no difference in the user name and the
	// password for a change (diffUpdates in its provider.go), and keeps them encrypted in the state.
	token := ecr.GetAuthorizationTokenOutput(ctx, ecr.GetAuthorizationTokenOutputArgs{
		RegistryId: i.Repository.RegistryId,
	}, pulumi.Parent(i))
	build := &docker.DockerBuildArgs{
		Context:    pulumi.String(args.Context),
		Dockerfile: pulumi.String(args.Dockerfile),
		Platform:   pulumi.String(args.Platform),
		Args:       pulumi.ToStringMap(args.BuildArgs),
	}
	if args.Target != "" {
		build.Target = pulumi.String(args.Target)
	}
	i.Image, err = docker.NewImage(ctx, name+"-image", &docker.ImageArgs{
		ImageName:      pulumi.Sprintf("%s:%s", i.Repository.RepositoryUrl, tag),
		Build:          build,
		BuildOnPreview: pulumi.Bool(false),
		Registry: &docker.RegistryArgs{
			Server:   i.Repository.RepositoryUrl,
			Username: token.UserName(),
			Password: pulumi.ToSecret(token.Password()).(pulumi.StringOutput),
		},
	}, pulumi.Parent(i))
	return err
}
