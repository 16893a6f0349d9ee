package localaws

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/pulumi/pulumi-docker/sdk/v4/go/docker"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// dockerKinds are the types of pulumi-docker v4 (provider/provider.go and provider/image.go say what it does). Nothing is
// built: an image's digest is a hash of all that goes into the build.
func dockerKinds() []*kind {
	return []*kind{
		of(docker.ImageArgs{}, docker.Image{}, kind{service: "Docker", noun: "Image", idFrom: "imageName",
			volatile: []string{"repoDigest", "imageName", "baseImageName"},
			// A new registry token is no reason to build again (diffUpdates in provider.go).
			quiet: []string{"registry.username", "registry.password"},
			check: checkImage, compute: computeImage, admit: admitPush, alongside: pushedImage}),
	}
}

// computeImage sets what a build and a push report.
func computeImage(d *draft) {
	name := d.text("imageName")
	repository, _ := splitTag(name)
	d.set("baseImageName", name)
	d.set("registryServer", d.text("registry.server"))
	d.set("platform", d.text("build.platform"))
	d.set("context", d.text("build.context"))
	d.set("dockerfile", relativeDockerfile(d.text("build.context"), d.text("build.dockerfile")))
	if d.isTrue("skipPush") {
		d.set("repoDigest", imageDigest(d))
		return
	}
	d.set("repoDigest", repository+"@"+imageDigest(d))
}

// imageDigest stands for the digest of the manifest: it changes with the context, the Dockerfile and the options.
func imageDigest(d *draft) string {
	build := plainDeep(d.value("build"))
	return "sha256:" + digest(fmt.Sprint(build.MapRepl(nil, nil)))
}

// splitTag splits repository:tag; the colon of a port is not one. Without a tag it is latest.
func splitTag(name string) (repository, tag string) {
	if colon := strings.LastIndexByte(name, ':'); colon > strings.LastIndexByte(name, '/') {
		return name[:colon], name[colon+1:]
	}
	return name, "latest"
}

// admitPush refuses as the registry does: a repository that is not there, and another image under a tag that may not move.
func admitPush(a *admission) error {
	registry, name, known := a.account.repositoryOf(a.text("imageName"))
	if !known || a.isTrue("skipPush") {
		return nil
	}
	repository := registry.lookup(name, repositoryType)
	if repository == nil {
		return refuse("RepositoryNotFoundException", "%s", registry.noRepository(name))
	}
	url, tag := splitTag(a.text("imageName"))
	before := registry.existing(pushedImageType, url+":"+tag)
	if before == nil || before.text("imageDigest") == imageDigest(a.draft) {
		return nil
	}
	if strings.HasPrefix(repository.text("imageTagMutability"), "IMMUTABLE") {
		return refuse("ImageTagAlreadyExistsException", "tag invalid: The image tag '%s' already exists in the '%s' repository and cannot be overwritten because the tag is immutable.", tag, name)
	}
	return nil
}

// pushedImage is what the registry has after the push. It stays when Pulumi deletes the docker.Image.
func pushedImage(a *admission) []change {
	registry, name, known := a.account.repositoryOf(a.text("imageName"))
	if !known || a.isTrue("skipPush") {
		return nil
	}
	url, tag := splitTag(a.text("imageName"))
	return []change{{Put: &Object{Type: pushedImageType, ID: url + ":" + tag, Account: registry.accountID, Region: registry.region,
		Properties: map[string]any{"repositoryName": name, "imageTag": tag, "imageDigest": imageDigest(a.draft)},
		References: []Reference{{Property: "repositoryName", Type: repositoryType, ID: name}}}}}
}

// withBuildDefaults completes the build as the provider's Check does: the digest of the context makes a changed source a
// difference, and the password is a secret wherever it came from.
func withBuildDefaults(c *checking, context, dockerfile, digest string) {
	build := resource.PropertyMap{}
	if v := plain(c.inputs["build"]); v.IsObject() {
		build = v.ObjectValue().Copy()
	}
	build["context"], build["dockerfile"] = resource.NewProperty(context), resource.NewProperty(dockerfile)
	build["contextDigest"] = resource.NewProperty(digest)
	if !given(build, "platform") {
		build["platform"] = resource.NewProperty("linux/" + runtime.GOARCH)
	}
	c.outputs["build"] = resource.NewProperty(build)
	if !given(c.inputs, "buildOnPreview") {
		c.set("buildOnPreview", false)
	}
	if registry := plain(c.inputs["registry"]); registry.IsObject() && given(registry.ObjectValue(), "password") {
		sealed := registry.ObjectValue().Copy()
		sealed["password"] = seal(sealed["password"])
		c.outputs["registry"] = resource.NewProperty(sealed)
	}
}
