package config

import (
	"errors"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/components"
	"slipway/internal/invalid"
	"slipway/internal/limits"
)

// pipelineKeys are those that only a pipeline reads. In every other stack they have the defaults of Pulumi.yaml.
var pipelineKeys = []string{"pipelineSource", "pipelineDeploymentSource", "pipelineTestCommand", "pipelineBackendUrl",
	"pipelineStateKeyArn", "pipelineBuildImage", "pipelineComputeType", "pipelineApprovalHours", "pipelineDockerHubSecretArn"}

// isPipeline tells whether the stack is the delivery pipeline, which delivers to environments, and no environment itself.
func (r *reader) isPipeline() bool {
	value, set := r.value("pipelineEnvironments")
	return set && value != "" && value != "[]"
}

// pipeline reads the delivery pipeline. What it builds has the same keys as in an environment that builds its image itself. All of an environment's
// other keys are of no effect: Pulumi.yaml gives them defaults in every stack.
func (r *reader) pipeline() *components.CodePipelineArgs {
	r.known = append(r.known, r.environmentKeys()...)
	const takes = `an object such as {provider: GitHub, repository: example/shop, branch: main}`
	architecture := r.text("architecture", "ARM64", limits.CPUArchitecture)
	p := &components.CodePipelineArgs{
		Source: objects[components.PipelineSource](r, "pipelineSource", takes),
		Image: components.PipelineImage{
			Context:      r.text("imageContext", "docker/app", nil),
			Dockerfile:   r.text("imageDockerfile", "", nil),
			Target:       r.text("imageTarget", "prod", nil),
			BuildArgs:    r.pairs("imageBuildArgs", limits.EnvironmentName),
			TestCommand:  r.text("pipelineTestCommand", "", nil),
			Architecture: architecture,
		},
		Environments:     objects[[]components.PipelineEnvironment](r, "pipelineEnvironments", "a list of stacks such as [{stack: staging, smokeTest: true}, {stack: prod, approval: true}]"),
		BackendUrl:       r.text("pipelineBackendUrl", "", limits.StateBackend),
		StateKeyArn:      pulumi.String(r.text("pipelineStateKeyArn", "", limits.KeyArn)),
		ComputeType:      r.text("pipelineComputeType", "BUILD_GENERAL1_MEDIUM", limits.CodeBuildComputeType),
		ApprovalTimeout:  60 * r.integer("pipelineApprovalHours", 168, func(hours int) error { return limits.ApprovalTimeout(60 * hours) }),
		Emails:           r.alarms().Emails,
		LogRetentionDays: r.integer("logRetentionDays", 365, limits.LogRetention),
		Ephemeral:        r.boolean("ephemeral", false),
	}
	if deployment := objects[components.PipelineSource](r, "pipelineDeploymentSource", takes); deployment.Provider != "" || deployment.Repository != "" {
		p.DeploymentSource = &deployment
	}
	r.buildImage(p)
	p.Source.Check(r.wrong, r.prefix+"pipelineSource")
	if p.DeploymentSource != nil {
		p.DeploymentSource.Check(r.wrong, r.prefix+"pipelineDeploymentSource")
	}
	components.CheckPipelineEnvironments(r.wrong, r.prefix+"pipelineEnvironments", p.Environments, r.stack)
	if secret := r.text("pipelineDockerHubSecretArn", "", optional(limits.SecretArn)); secret != "" {
		p.DockerHubSecretArn = pulumi.String(secret)
	}
	return p
}

const ownBuildImage = "own"

// buildImage reads what the projects run in: AWS's image, the project's own in a repository of the pipeline, or one that exists elsewhere.
func (r *reader) buildImage(p *components.CodePipelineArgs) {
	image := r.text("pipelineBuildImage", "", optional(func(image string) error {
		digest, own := strings.CutPrefix(image, ownBuildImage+"@")
		switch {
		case image == ownBuildImage, own && limits.Digest(digest) == nil, !own && limits.ImageByDigest(image) == nil:
			return nil
		}
		return errors.New("own for a repository of the pipeline's, own@sha256:... for an image in it, or an image elsewhere by digest, <repository>@sha256:...; docs/pipeline.md has the steps")
	}))
	switch digest, own := strings.CutPrefix(image, ownBuildImage+"@"); {
	case own, image == ownBuildImage:
		p.OwnBuildImage = &components.PipelineBuildImage{}
		if own {
			p.OwnBuildImage.Digest = digest
		}
	case image != "":
		p.BuildImage = pulumi.String(image)
	}
}

// environmentKeys are the keys that an environment reads.
func (r *reader) environmentKeys() []string {
	scratch := *r
	scratch.wrong, scratch.known = invalid.In(""), nil
	scratch.environment()
	return scratch.known
}
