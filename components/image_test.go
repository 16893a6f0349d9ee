package components_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/components"
)

const (
	imageToken    = "slipway:index:Image"
	ecrRepository = "aws:ecr/repository:Repository"
	dockerImage   = "docker:index/image:Image"
	repositoryUrl = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/app-repository-1234567"
	registryToken = "the registry's password"
)

func runImage(args *components.ImageArgs) (*recorder, map[string]string, error) {
	r := &recorder{
		outputs: map[string]func(pulumi.MockResourceArgs) resource.PropertyMap{
			ecrRepository: func(pulumi.MockResourceArgs) resource.PropertyMap {
				return resource.PropertyMap{"repositoryUrl": resource.NewProperty(repositoryUrl), "registryId": resource.NewProperty("123456789012")}
			},
			dockerImage: func(pulumi.MockResourceArgs) resource.PropertyMap {
				return resource.PropertyMap{"repoDigest": resource.NewProperty(webImage)}
			},
		},
		invokes: map[string]func(resource.PropertyMap) resource.PropertyMap{
			"aws:ecr/getAuthorizationToken:getAuthorizationToken": func(resource.PropertyMap) resource.PropertyMap {
				return resource.PropertyMap{"userName": resource.NewProperty("AWS"), "password": resource.NewProperty(registryToken)}
			},
		},
	}
	var built *components.Image
	err := r.run(func(ctx *pulumi.Context) error {
		image, err := components.NewImage(ctx, "app", args)
		if err != nil {
			return err
		}
		built = image
		return nil
	})
	if err != nil {
		return r, nil, err
	}
	return r, map[string]string{
		"reference":     awaitString(built.Reference),
		"repositoryUrl": awaitString(built.RepositoryUrl),
		"repositoryArn": awaitString(built.RepositoryArn),
	}, nil
}

// writeSource makes a build context of files by name.
func writeSource(t testing.TB, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, content := range files {
		path := filepath.Join(folder, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	}
	return folder
}

var source = map[string]string{
	"Dockerfile":    "FROM scratch AS prod\n",
	"app/main.py":   "print()\n",
	"app/empty":     "",
	"notes/todo.md": "later\n",
}

func TestImageBuiltAndPushed(t *testing.T) {
	t.Parallel()
	folder := writeSource(t, source)
	r, outputs, err := runImage(&components.ImageArgs{
		Context: folder, Target: "prod", BuildArgs: map[string]string{"BASE_IMAGE": "python:3.13-slim"}, KeepImages: 7,
	})
	require.NoError(t, err)
	r.requireDescends(t, imageToken, "app")
	assert.Equal(t, map[string]string{
		"reference": webImage, "repositoryUrl": repositoryUrl, "repositoryArn": "arn:aws:test:us-east-1:123456789012:app-repository-id",
	}, outputs)

	repository := r.find(t, ecrRepository, "app-repository").Inputs
	assert.Equal(t, map[string]any{
		"imageTagMutability": "IMMUTABLE", "imageScanningConfiguration": map[string]any{"scanOnPush": true}, "forceDelete": false,
		"encryptionConfigurations": []any{map[string]any{"encryptionType": "AES256"}},
	}, plain(repository, "imageTagMutability", "imageScanningConfiguration", "forceDelete", "encryptionConfigurations"), "ECR.1, .2")
	assert.JSONEq(t, `{"rules": [
		{"rulePriority": 1, "description": "Expire untagged images after a week",
		 "selection": {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 7}, "action": {"type": "expire"}},
		{"rulePriority": 2, "description": "Keep the last images only",
		 "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 7}, "action": {"type": "expire"}}]}`,
		r.find(t, "aws:ecr/lifecyclePolicy:LifecyclePolicy", "app-lifecycle").Inputs["policy"].StringValue(), "ECR.3")

	image := r.find(t, dockerImage, "app-image").Inputs
	assert.Regexp(t, "^"+repositoryUrl+":[0-9a-f]{16}$", image["imageName"].StringValue())
	assert.False(t, image["buildOnPreview"].BoolValue())
	assert.Equal(t, map[string]any{
		"context": folder, "dockerfile": filepath.Join(folder, "Dockerfile"), "target": "prod", "platform": "linux/arm64",
		"args": map[string]any{"BASE_IMAGE": "python:3.13-slim"},
	}, object(t, image, "build").Mappable())

	require.True(t, image["registry"].IsSecret() || image["registry"].ObjectValue()["password"].IsSecret(), "the token is a password")
	state := image["registry"]
	if state.IsSecret() {
		state = state.SecretValue().Element
	}
	password := state.ObjectValue()["password"]
	if password.IsSecret() {
		password = password.SecretValue().Element
	}
	assert.Equal(t, registryToken, password.StringValue())
}

func TestImageEphemeral(t *testing.T) {
	t.Parallel()
	r, _, err := runImage(&components.ImageArgs{Context: writeSource(t, source), Ephemeral: true})
	require.NoError(t, err)
	assert.True(t, r.find(t, ecrRepository, "app-repository").Inputs["forceDelete"].BoolValue(), "a repository with images can be deleted")
	assert.NotContains(t, object(t, r.find(t, dockerImage, "app-image").Inputs, "build"), resource.PropertyKey("target"), "the last stage")
}

func TestImagePrebuilt(t *testing.T) {
	t.Parallel()
	r, outputs, err := runImage(&components.ImageArgs{Prebuilt: webImage})
	require.NoError(t, err)
	assert.Equal(t, webImage, outputs["reference"])
	assert.Empty(t, outputs["repositoryArn"], "the image may be in another repository")
	r.find(t, ecrRepository, "app-repository") // stays: going back to a former image must not delete it
	assert.Empty(t, r.all(dockerImage))
}

// tagOf is the tag that a source gets.
func tagOf(t testing.TB, args components.ImageArgs) string {
	t.Helper()
	r, _, err := runImage(&args)
	require.NoError(t, err)
	_, tag, found := strings.Cut(r.find(t, dockerImage, "app-image").Inputs["imageName"].StringValue(), ":")
	require.True(t, found)
	return tag
}

func TestImageTagFollowsTheSource(t *testing.T) {
	t.Parallel()
	with := func(change map[string]string) map[string]string {
		files := map[string]string{}
		for name, content := range source {
			files[name] = content
		}
		for name, content := range change {
			files[name] = content
		}
		return files
	}
	base := tagOf(t, components.ImageArgs{Context: writeSource(t, source)})
	ignoring := with(map[string]string{".dockerignore": "notes\n**/*.log\nbuild\n!build/keep\n"})

	for _, test := range []struct {
		name  string
		same  bool
		files map[string]string
		from  map[string]string // compared with; source if nil
		args  components.ImageArgs
		touch func(t testing.TB, folder string)
	}{
		{name: "the same in another folder", same: true, files: source},
		{name: "other times and group permissions", same: true, files: source, touch: func(t testing.TB, folder string) {
			require.NoError(t, os.Chmod(filepath.Join(folder, "app/main.py"), 0o664))
		}},
		{name: "a changed file", files: with(map[string]string{"app/main.py": "print(1)\n"})},
		{name: "a new file", files: with(map[string]string{"app/new": ""})},
		{name: "a moved file", files: map[string]string{"Dockerfile": "FROM scratch AS prod\n", "app/main2.py": "print()\n", "app/empty": "", "notes/todo.md": "later\n"}},
		{name: "an executable file", files: source, touch: func(t testing.TB, folder string) {
			require.NoError(t, os.Chmod(filepath.Join(folder, "app/main.py"), 0o755))
		}},
		{name: "a link", files: source, touch: func(t testing.TB, folder string) {
			require.NoError(t, os.Symlink("main.py", filepath.Join(folder, "app/link")))
		}},
		{name: "another Dockerfile", files: with(map[string]string{"Dockerfile": "FROM scratch AS prod\nUSER 1\n"})},
		{name: "another target", files: source, args: components.ImageArgs{Target: "prod"}},
		{name: "another platform", files: source, args: components.ImageArgs{Platform: "linux/amd64"}},
		{name: "another revision", files: source, args: components.ImageArgs{Revision: "2"}},
		{name: "a build argument", files: source, args: components.ImageArgs{BuildArgs: map[string]string{"A": "1"}}},
		{name: "other tags and limits of the repository", same: true, files: source, args: components.ImageArgs{KeepImages: 3, Tags: map[string]string{"a": "b"}}},
		{name: "an ignored file", same: true, from: ignoring, files: with(map[string]string{
			".dockerignore": ignoring[".dockerignore"], "notes/more.md": "x", "app/deep/debug.log": "x", "build/out": "x"})},
		{name: "a file brought back", from: ignoring, files: with(map[string]string{".dockerignore": ignoring[".dockerignore"], "build/keep": "x"})},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			before := base
			if test.from != nil {
				before = tagOf(t, components.ImageArgs{Context: writeSource(t, test.from)})
			}
			args := test.args
			args.Context = writeSource(t, test.files)
			if test.touch != nil {
				test.touch(t, args.Context)
			}
			if after := tagOf(t, args); test.same {
				assert.Equal(t, before, after)
			} else {
				assert.NotEqual(t, before, after)
			}
		})
	}
}

func TestImageDockerfileElsewhere(t *testing.T) {
	t.Parallel()
	folder, elsewhere := writeSource(t, source), writeSource(t, map[string]string{"web.Dockerfile": "FROM a\n", "web.Dockerfile.dockerignore": "app\n"})
	args := components.ImageArgs{Context: folder, Dockerfile: filepath.Join(elsewhere, "web.Dockerfile")}
	before := tagOf(t, args)

	require.NoError(t, os.WriteFile(filepath.Join(folder, "app/main.py"), []byte("ignored"), 0o644))
	assert.Equal(t, before, tagOf(t, args), "its own .dockerignore holds")
	require.NoError(t, os.WriteFile(args.Dockerfile, []byte("FROM b\n"), 0o644))
	assert.NotEqual(t, before, tagOf(t, args))
}

func TestImageNamesEveryWrongArgument(t *testing.T) {
	t.Parallel()
	folder := writeSource(t, source)
	for _, test := range []struct {
		name    string
		args    *components.ImageArgs
		message string
	}{
		{"nil", nil, `context: got "", takes a folder that exists`},
		{"context", &components.ImageArgs{Context: folder + "/none"}, `takes a folder that exists, relative to the program's, or give prebuilt`},
		{"dockerfile", &components.ImageArgs{Context: folder, Dockerfile: "none"}, `dockerfile: got "none", takes a file that exists`},
		{"platform", &components.ImageArgs{Context: folder, Platform: "arm64"}, `platform: got "arm64", takes "linux/arm64"`},
		{"keepImages", &components.ImageArgs{Context: folder, KeepImages: -1}, `keepImages: got -1, takes a number of images from 1 to 1000`},
		{"buildArgs", &components.ImageArgs{Context: folder, BuildArgs: map[string]string{"a b": ""}}, `buildArgs: got "a b", takes names of letters`},
		{"prebuilt by tag", &components.ImageArgs{Prebuilt: "nginx:latest"}, `prebuilt: got "nginx:latest", takes a reference by digest`},
		{"both", &components.ImageArgs{Prebuilt: webImage, Context: folder}, `prebuilt: excludes context, dockerfile, target, buildArgs and revision`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r, _, err := runImage(test.args)
			require.ErrorContains(t, err, `Image "app": 1 field is wrong`)
			assert.ErrorContains(t, err, test.message)
			assert.Empty(t, r.all(ecrRepository))
		})
	}
	_, _, err := runImage(&components.ImageArgs{Context: writeSource(t, map[string]string{"Dockerfile": "FROM scratch\n", ".dockerignore": "[\n"})})
	assert.ErrorContains(t, err, ".dockerignore: ", "what cannot be read is not built")
}
