package localaws

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	imageType  = "docker:index/image:Image"
	repository = "123456789012.dkr.ecr.us-east-1.amazonaws.com/app"
)

// write puts a file into the program's directory.
func (e *embedded) write(name, content string) {
	e.t.Helper()
	path := filepath.Join(e.projectDir, name)
	require.NoError(e.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(e.t, os.WriteFile(path, []byte(content), 0o644))
}

// source is what an image is built of.
func (e *embedded) source() {
	e.t.Helper()
	e.write("src/Dockerfile", "FROM scratch AS base\nFROM base AS prod\nCOPY . /\n")
	e.write("src/main.py", "print('one')\n")
}

// withSource is an embedded AWS and a program that has an image to build, with its repository.
func withSource(t *testing.T, repositoryInputs map[string]any) *embedded {
	e := newEmbedded(t)
	e.source()
	e.create(repositoryType, "app", with(map[string]any{"name": "app"}, repositoryInputs))
	return e
}

func image(changes, build map[string]any) map[string]any {
	inputs := map[string]any{"imageName": repository + ":v1", "build": with(map[string]any{"context": "src", "platform": "linux/arm64"}, build),
		"registry": map[string]any{"server": repository, "username": "AWS", "password": "token-of-today"}}
	return with(inputs, changes)
}

func TestImageCheck(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		inputs map[string]any
		want   string
	}{
		"a context that is missing":    {image(nil, map[string]any{"context": "missing"}), `build.dockerfile: could not open dockerfile at relative path "missing/Dockerfile"`},
		"a Dockerfile of the context":  {image(nil, map[string]any{"dockerfile": "Dockerfile"}), "Try setting `dockerfile` to \"src/Dockerfile\""},
		"a file for a context":         {image(nil, map[string]any{"context": "src/main.py", "dockerfile": "src/Dockerfile"}), "build.context: unable to hash build context"},
		"a stage that is missing":      {image(nil, map[string]any{"target": "production"}), `build.target: target stage "production" could not be found`},
		"a name without a registry":    {image(map[string]any{"imageName": "app:v1", "registry": nil}, nil), `imageName: "app:v1": repository name must be canonical`},
		"a name in upper case":         {image(map[string]any{"imageName": repository + "/App:v1"}, nil), "imageName: invalid reference format"},
		"a tag that begins with a dot": {image(map[string]any{"imageName": repository + ":.v1"}, nil), "imageName: invalid reference format"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, failures := withSource(t, nil).check(imageType, "app", c.inputs)
			require.Len(t, failures, 1)
			assert.Contains(t, failures[0], c.want)
		})
	}
	for name, build := range map[string]map[string]any{"a stage": {"target": "PROD"}, "a stage by number": {"target": "1"}} {
		_, failures := withSource(t, nil).check(imageType, "app", image(nil, build))
		assert.Empty(t, failures, name)
	}
}

func TestImageOutputs(t *testing.T) {
	t.Parallel()
	e := withSource(t, nil)
	built := e.deploy(imageType, "app", image(nil, nil))
	assert.Equal(t, repository+":v1", built.id)
	assert.Regexp(t, `^123456789012\.dkr\.ecr\.us-east-1\.amazonaws\.com/app@sha256:[0-9a-f]{64}$`, built.text("repoDigest"))
	assert.Equal(t, repository+":v1", built.text("baseImageName"))
	assert.Equal(t, repository, built.text("registryServer"))
	assert.Equal(t, "Dockerfile", built.text("dockerfile"), "relative to the context")
	local := e.deploy(imageType, "local", image(map[string]any{"skipPush": true, "imageName": "app"}, nil))
	assert.Regexp(t, `^sha256:[0-9a-f]{64}$`, local.text("repoDigest"), "an image that is not pushed has an id only")
	assert.True(t, built.outputs["registry"].ObjectValue()["password"].IsSecret(), "the password is a secret even if the program does not say so")
	journal, err := os.ReadFile(e.account.path)
	require.NoError(t, err)
	assert.NotContains(t, string(journal), "token-of-today")
}

// TestImageDiff covers what builds an image again, as diffUpdates in pulumi-docker does.
func TestImageDiff(t *testing.T) {
	t.Parallel()
	e := withSource(t, nil)
	e.write("src/.dockerignore", "*.log\n")
	built := e.deploy(imageType, "app", image(nil, nil))
	none := func(inputs map[string]any, why string) {
		t.Helper()
		assert.Equal(t, plugin.DiffNone, built.diff(inputs).Changes, why)
	}
	none(image(nil, nil), "the same source")
	token := map[string]any{"server": repository, "username": "AWS", "password": resource.MakeSecret(resource.NewProperty("token-of-tomorrow"))}
	none(image(map[string]any{"registry": resource.NewProperty(props(token))}, nil), "a new token")
	e.write("src/debug.log", "not sent to the build")
	none(image(nil, nil), "a file that is ignored")

	some := func(inputs map[string]any, key string) {
		t.Helper()
		diff := built.diff(inputs)
		assert.Equal(t, []resource.PropertyKey{resource.PropertyKey(key)}, diff.ChangedKeys)
		assert.Empty(t, diff.ReplaceKeys, "an image is built again in place")
	}
	some(image(map[string]any{"imageName": repository + ":v2"}, nil), "imageName")
	some(image(nil, map[string]any{"args": map[string]any{"BASE": "debian"}}), "build")
	some(image(map[string]any{"registry": map[string]any{"server": "other", "username": "AWS", "password": "token-of-today"}}, nil), "registry")
	e.write("src/main.py", "print('two')\n")
	some(image(nil, nil), "build")
	before := built.text("repoDigest")
	require.NoError(t, built.update(image(nil, nil)))
	assert.NotEqual(t, before, built.text("repoDigest"), "another source is another digest")
	e.write("src/main.py", "print('one')\n")
	require.NoError(t, built.update(image(nil, nil)))
	assert.Equal(t, before, built.text("repoDigest"), "the same source is the same digest")
}

func TestImagePreviewsKnowNoDigest(t *testing.T) {
	t.Parallel()
	e := withSource(t, nil)
	built := e.deploy(imageType, "app", image(nil, nil))
	e.write("src/main.py", "print('two')\n")
	resp, err := e.Update(context.Background(), plugin.UpdateRequest{URN: urnOf(imageType, "app"), ID: resource.ID(built.id), OldInputs: built.inputs, OldOutputs: built.outputs, NewInputs: built.checked(image(nil, nil)), Preview: true})
	require.NoError(t, err)
	assert.True(t, resp.Properties["repoDigest"].IsComputed(), "nothing is built in a preview")
}

func TestPushes(t *testing.T) {
	t.Parallel()
	e := withSource(t, map[string]any{"imageTagMutability": "IMMUTABLE"})
	_, err := e.tryCreate(imageType, "lost", image(map[string]any{"imageName": "123456789012.dkr.ecr.us-east-1.amazonaws.com/missing:v1"}, nil))
	refused(t, err, "RepositoryNotFoundException")
	assert.Contains(t, err.Error(), "name unknown: The repository with name 'missing' does not exist in the registry with id '123456789012'")

	built := e.deploy(imageType, "app", image(nil, nil))
	require.NoError(t, built.update(image(map[string]any{"buildOnPreview": true}, nil)), "the same image may be pushed again")
	e.write("src/main.py", "print('two')\n")
	err = built.update(image(nil, nil))
	refused(t, err, "ImageTagAlreadyExistsException")
	assert.Contains(t, err.Error(), "tag invalid: The image tag 'v1' already exists in the 'app' repository and cannot be overwritten because the tag is immutable.")
	require.NoError(t, built.update(image(map[string]any{"imageName": repository + ":v2"}, nil)))

	e.deploy(imageType, "elsewhere", image(map[string]any{"imageName": "docker.io/example/app:v1"}, nil))
}

func TestImagesStayInTheirRepository(t *testing.T) {
	t.Parallel()
	e := withSource(t, nil)
	require.NoError(t, e.deploy(imageType, "app", image(nil, nil)).delete())
	list, err := e.account.Find(repository + ":v1")
	require.NoError(t, err)
	assert.Len(t, list, 1, "a registry keeps what was pushed")

	forced := withSource(t, map[string]any{"forceDelete": true})
	require.NoError(t, forced.deploy(imageType, "app", image(nil, nil)).delete())
	require.NoError(t, forced.remove(repositoryType, "app", "app"))
	list, err = forced.account.List()
	require.NoError(t, err)
	assert.Empty(t, list, "the images went with the repository")
}

// TestContextDigest covers what of a file reaches the build.
func TestContextDigest(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	digestNow := func() string {
		t.Helper()
		digest, err := contextDigest(filepath.Join(e.projectDir, "src"), filepath.Join(e.projectDir, "Dockerfile"))
		require.NoError(t, err)
		return digest
	}
	e.write("Dockerfile", "FROM scratch\n")
	e.write("src/keep/a", "a")
	e.write("src/.dockerignore", "build\n!build/keep\n")
	seen := map[string]string{digestNow(): "the start"}
	differs := func(what string) {
		t.Helper()
		digest := digestNow()
		assert.NotContains(t, seen, digest, what)
		seen[digest] = what
	}
	same := func(what string) {
		t.Helper()
		assert.Contains(t, seen, digestNow(), what)
	}
	e.write("src/build/out", "ignored")
	same("a file in an ignored folder")
	e.write("src/build/keep", "kept")
	differs("a file that a later pattern brings back")
	e.write("Dockerfile", "FROM busybox\n")
	differs("a Dockerfile outside of the context")
	require.NoError(t, os.Rename(filepath.Join(e.projectDir, "src/keep/a"), filepath.Join(e.projectDir, "src/keep/b")))
	differs("another name")
	require.NoError(t, os.Chmod(filepath.Join(e.projectDir, "src/keep/b"), 0o755))
	differs("an executable file")
	require.NoError(t, os.Symlink("keep/b", filepath.Join(e.projectDir, "src/link")))
	differs("a symbolic link")
	e.write("Dockerfile.dockerignore", "keep\n")
	differs("the Dockerfile's own list of ignored files comes first")
}
