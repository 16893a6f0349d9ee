package localaws

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const someBuildspec = "version: 0.2\nenv:\n  exported-variables: [IMAGE]\nphases:\n  build:\n    commands:\n      - delivery/build\nartifacts:\n  files: ['**/*']\n"

// buildProject is a project of a pipeline.
func buildProject(changes map[string]any) map[string]any {
	return with(map[string]any{"serviceRole": "arn:aws:iam::123456789012:role/build", "artifacts": map[string]any{"type": "CODEPIPELINE"},
		"source":      map[string]any{"type": "CODEPIPELINE", "buildspec": someBuildspec},
		"environment": map[string]any{"type": "ARM_CONTAINER", "computeType": "BUILD_GENERAL1_SMALL", "image": "aws/codebuild/amazonlinux-aarch64-standard:3.0"}}, changes)
}

// builtIn is a project with changes to one of its objects.
func builtIn(property string, changes map[string]any) map[string]any {
	base := buildProject(nil)
	inner, _ := base[property].(map[string]any)
	return with(base, map[string]any{property: with(inner, changes)})
}

func TestProjectCheck(t *testing.T) {
	t.Parallel()
	environment := func(changes map[string]any) map[string]any { return builtIn("environment", changes) }
	source := func(changes map[string]any) map[string]any {
		return with(builtIn("source", with(map[string]any{"type": "GITHUB", "location": "https://github.com/a/b.git"}, changes)), map[string]any{"artifacts": map[string]any{"type": "NO_ARTIFACTS"}})
	}
	secondary := func(of ...any) map[string]any { return buildProject(map[string]any{"secondarySources": of}) }
	one := map[string]any{"type": "S3", "location": "b/k", "sourceIdentifier": "app"}
	const foreignImage = "210987654321.dkr.ecr.us-east-1.amazonaws.com/build:1"
	checkAll(t, map[string]checkCase{
		"a description of 256":          {projectType, buildProject(map[string]any{"description": strings.Repeat("a", 256)}), "description: a description takes 255"},
		"a queue of nine hours":         {projectType, buildProject(map[string]any{"queuedTimeout": 481}), "queuedTimeout: expected"},
		"no builds at a time":           {projectType, buildProject(map[string]any{"concurrentBuildLimit": 0}), "concurrentBuildLimit: expected"},
		"an environment that is none":   {projectType, environment(map[string]any{"type": "ARM", "image": "debian:12"}), "environment.type: expected environment.type to be one of"},
		"an ARM image on x86":           {projectType, environment(map[string]any{"type": "LINUX_CONTAINER"}), "environment.image: AWS CodeBuild curated image aws/codebuild/amazonlinux-aarch64-standard:3.0 is not supported for projects with environment type LINUX_CONTAINER and compute type BUILD_GENERAL1_SMALL"},
		"an x86 image on ARM":           {projectType, environment(map[string]any{"image": "aws/codebuild/standard:7.0"}), "environment.image: AWS CodeBuild curated image"},
		"a curated image that is none":  {projectType, environment(map[string]any{"image": "aws/codebuild/amazonlinux-aarch64-standard:3:0"}), "environment.image: AWS CodeBuild curated image"},
		"a machine of Lambda":           {projectType, environment(map[string]any{"image": "debian:12", "computeType": "BUILD_LAMBDA_1GB"}), "environment.computeType: compute type BUILD_LAMBDA_1GB is not supported"},
		"AWS's image by the role":       {projectType, environment(map[string]any{"imagePullCredentialsType": "SERVICE_ROLE"}), "environment.imagePullCredentialsType: Invalid input: cannot use a CodeBuild curated image with imagePullCredentialsType SERVICE_ROLE"},
		"others' image by CodeBuild":    {projectType, environment(map[string]any{"image": foreignImage}), "Invalid input: cannot use a cross-account ECR image with imagePullCredentialsType CODEBUILD"},
		"a registry's secret, no role":  {projectType, environment(map[string]any{"image": "debian:12", "registryCredential": map[string]any{"credential": "hub", "credentialProvider": "SECRETS_MANAGER"}}), "Invalid input: a registryCredential needs"},
		"a certificate of no kind":      {projectType, environment(map[string]any{"certificate": "arn:aws:s3:::b/cert.crt"}), "environment.certificate: must end in .pem or .zip"},
		"a variable of no kind":         {projectType, environment(map[string]any{"environmentVariables": []any{map[string]any{"name": "A", "value": "b", "type": "SECRET"}}}), "environment.environmentVariables[0].type: expected"},
		"a variable without a name":     {projectType, environment(map[string]any{"environmentVariables": []any{map[string]any{"name": "", "value": "b"}}}), "environment.environmentVariables[0].name: Invalid environment variable"},
		"a source that is none":         {projectType, source(map[string]any{"type": "SVN"}), "source.type: expected"},
		"GitHub without a repository":   {projectType, source(map[string]any{"location": nil}), "source.location: Invalid project source"},
		"no source, no buildspec":       {projectType, with(source(nil), map[string]any{"source": map[string]any{"type": "NO_SOURCE"}}), "source.buildspec: `buildspec` must be set"},
		"no source at a place":          {projectType, source(map[string]any{"type": "NO_SOURCE"}), "source.location: `location` must be empty"},
		"a status for S3":               {projectType, source(map[string]any{"type": "S3", "reportBuildStatus": true}), "source.reportBuildStatus: Invalid project source"},
		"a source of a pipeline alone":  {projectType, builtIn("artifacts", map[string]any{"type": "NO_ARTIFACTS"}), "artifacts.type: Invalid input: when using CodePipeline both sourceType, and artifactType must be set to: CODEPIPELINE"},
		"artifacts of a pipeline alone": {projectType, with(source(nil), map[string]any{"artifacts": map[string]any{"type": "CODEPIPELINE"}}), "artifacts.type: Invalid input: when using CodePipeline"},
		"no artifacts with a name":      {projectType, with(source(nil), map[string]any{"artifacts": map[string]any{"type": "NO_ARTIFACTS", "name": "x"}}), "artifacts.name: Invalid artifacts"},
		"artifacts in no bucket":        {projectType, with(source(nil), map[string]any{"artifacts": map[string]any{"type": "S3"}}), "artifacts.location: Invalid artifacts"},
		"plain artifacts":               {projectType, builtIn("artifacts", map[string]any{"encryptionDisabled": true}), "artifacts.encryptionDisabled: Invalid artifacts"},
		"a second source of pipelines":  {projectType, secondary(with(one, map[string]any{"type": "CODEPIPELINE"})), "secondarySources[0].type: Invalid input: sourceType CODEPIPELINE is not allowed for secondarySources"},
		"a hyphen in an identifier":     {projectType, secondary(with(one, map[string]any{"sourceIdentifier": "my-app"})), "secondarySources[0].sourceIdentifier: Invalid input: identifier must contain only"},
		"an identifier twice":           {projectType, secondary(one, one), "secondarySources[1].sourceIdentifier: Invalid input: identifiers must be unique"},
		"a cache that is none":          {projectType, buildProject(map[string]any{"cache": map[string]any{"type": "DISK"}}), "cache.type: expected"},
		"a cache in no bucket":          {projectType, buildProject(map[string]any{"cache": map[string]any{"type": "S3"}}), `cache.location: cache location is required when cache type is "S3"`},
		"a local cache of nothing":      {projectType, buildProject(map[string]any{"cache": map[string]any{"type": "LOCAL"}}), "cache.modes: Invalid cache: at least one mode"},
		"a local cache of no mode":      {projectType, buildProject(map[string]any{"cache": map[string]any{"type": "LOCAL", "modes": []any{"LAYERS"}}}), "cache.modes: Invalid cache: there is no mode LAYERS"},
		"logs that are on":              {projectType, buildProject(map[string]any{"logsConfig": map[string]any{"cloudwatchLogs": map[string]any{"status": "ON"}}}), "logsConfig.cloudwatchLogs.status: expected"},
		"logs in no group":              {projectType, buildProject(map[string]any{"logsConfig": map[string]any{"cloudwatchLogs": map[string]any{"groupName": "my logs"}}}), "logsConfig.cloudwatchLogs.groupName: Invalid logs config"},
		"logs in no bucket":             {projectType, buildProject(map[string]any{"logsConfig": map[string]any{"s3Logs": map[string]any{"status": "ENABLED"}}}), "logsConfig.s3Logs.location: Invalid logs config"},
		"six security groups":           {projectType, buildProject(map[string]any{"vpcConfig": map[string]any{"vpcId": "v", "subnets": []any{"s"}, "securityGroupIds": []any{"1", "2", "3", "4", "5", "6"}}}), "vpcConfig.securityGroupIds: Invalid vpc config"},
	})
	for name, inputs := range map[string]map[string]any{
		"a pipeline's":      buildProject(map[string]any{"name": strings.Repeat("a", 150), "buildTimeout": 2160, "queuedTimeout": 5, "concurrentBuildLimit": 1}),
		"GitHub's":          source(map[string]any{"reportBuildStatus": true, "buildspec": "ci/buildspec.yml"}),
		"x86":               environment(map[string]any{"type": "LINUX_CONTAINER", "image": "aws/codebuild/standard:7.0", "privilegedMode": true}),
		"another's image":   environment(map[string]any{"image": foreignImage, "imagePullCredentialsType": "SERVICE_ROLE"}),
		"a fleet's machine": environment(map[string]any{"type": "ARM_EC2", "image": "aws/codebuild/ami/amazonlinux-arm-base:latest"}),
		"a local cache":     buildProject(map[string]any{"cache": map[string]any{"type": "LOCAL", "modes": []any{"LOCAL_DOCKER_LAYER_CACHE", "LOCAL_SOURCE_CACHE"}}}),
		"a secret variable": environment(map[string]any{"environmentVariables": []any{map[string]any{"name": "TOKEN", "value": "hub:token", "type": "SECRETS_MANAGER"}}}),
		"two sources":       secondary(one, with(one, map[string]any{"sourceIdentifier": "ops"})),
	} {
		_, failures := newEmbedded(t).check(projectType, "x", inputs)
		assert.Empty(t, failures, name)
	}
}

func TestBuildspecs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"phases: {build: {commands: [make]}}":               "the buildspec has no version, it takes 0.2",
		"version: 0.3\nphases: {build: {commands: [make]}}": `there is no buildspec version "0.3", it takes 0.2`,
		"version: 0.2": "the buildspec has no phases",
		"version: 0.2\nphases:\n  test:\n    commands: [make]":                                `there is no phase "test"; there are: install, pre_build, build, post_build`,
		"version: 0.2\nphases:\n  build:\n    commands: []":                                   "the phase build has no commands",
		"version: 0.2\nphases:\n  build:\n    commands:\n      - echo: done":                  "line 5: cannot unmarshal !!map into string",
		"version: 0.2\nphases:\n  build:\n\tcommands: [make]":                                 "found character that cannot start any token",
		"version: 0.2\nphases: {build: {commands: [make], on-failure: STOP}}":                 `on-failure of the phase build takes ABORT, CONTINUE or RETRY, got "STOP"`,
		"version: 0.2\nphases: {build: {commands: [make]}}\nenv: {shell: zsh}":                `there is no shell "zsh"`,
		"version: 0.2\nphases: {build: {commands: [make]}}\nartifacts: {name: x}":             "artifacts have no files",
		"version: 0.2\nphases: {build: {commands: [make]}}\nenv: {exported-variables: [A-B]}": `"A-B" is no name of an environment variable`,
	} {
		_, failures := newEmbedded(t).check(projectType, "x", builtIn("source", map[string]any{"buildspec": text}))
		require.Len(t, failures, 1, text)
		assert.Contains(t, failures[0], "source.buildspec: YAML_FILE_ERROR: ")
		assert.Contains(t, failures[0], want)
	}
	for _, text := range []string{someBuildspec, "delivery/buildspec.yml", "arn:aws:s3:::specs/build.yml", "version: '0.2'\nphases:\n  install:\n    runtime-versions:\n      golang: 1.22\n  build:\n    on-failure: ABORT\n    commands: [make]\n    finally: [make clean]"} {
		_, failures := newEmbedded(t).check(projectType, "x", builtIn("source", map[string]any{"buildspec": text}))
		assert.Empty(t, failures, text)
	}
}

func TestProjects(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	role := e.create(roleType, "build", trusting("codebuild.amazonaws.com"))["arn"]
	stranger := e.create(roleType, "stranger", trusting("codepipeline.amazonaws.com"))["arn"]
	for name, changes := range map[string]map[string]any{
		"roleless": nil,
		"stranger": {"serviceRole": stranger},
		"keyless":  {"serviceRole": role, "encryptionKey": "arn:aws:kms:us-east-1:123456789012:key/none"},
	} {
		_, err := e.tryCreate(projectType, name, buildProject(changes))
		refused(t, err, "InvalidInputException")
	}
	_, err := e.tryCreate(projectType, "nowhere", buildProject(map[string]any{"serviceRole": role, "vpcConfig": map[string]any{"vpcId": "vpc-0", "subnets": []any{"subnet-0"}, "securityGroupIds": []any{"sg-0"}}}))
	require.ErrorContains(t, err, "NotFound")

	inputs := buildProject(map[string]any{"serviceRole": role})
	project := e.deploy(projectType, "build", inputs)
	assert.Regexp(t, `^build-[0-9a-f]{7}$`, project.text("name"))
	assert.Equal(t, "arn:aws:codebuild:us-east-1:123456789012:project/"+project.text("name"), project.id)
	assert.Equal(t, project.id, project.text("arn"))
	assert.Equal(t, "arn:aws:kms:us-east-1:123456789012:alias/aws/s3", project.text("encryptionKey"))
	assert.Equal(t, "60", fmt.Sprint(project.outputs["buildTimeout"].NumberValue()))
	assert.Empty(t, project.diff(inputs).ChangedKeys, "a second deployment changes nothing")
	assert.Equal(t, []string{"name"}, project.replaces(with(inputs, map[string]any{"name": "other"})))
	assert.Empty(t, project.replaces(with(inputs, map[string]any{"buildTimeout": 30})))
	_, err = e.tryCreate(projectType, "again", with(inputs, map[string]any{"name": project.text("name")}))
	refused(t, err, "ResourceAlreadyExistsException")
	require.NoError(t, project.delete())
}
