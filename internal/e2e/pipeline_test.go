package e2e

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/controls"
	"slipway/internal/state"
)

// TestThePipelineComesUpAndGoes goes the way of whoever tries the pipeline without an account.
func TestThePipelineComesUpAndGoes(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	copyFile(t, repository+"/Pulumi.pipeline.yaml", p.dir+"/Pulumi.pipeline.yaml")
	p.must("up", "-s", "pipeline", "--yes", "--skip-preview")
	outputs := p.outputs("pipeline")
	assert.Regexp(t, `^https://us-east-1\.console\.aws\.amazon\.com/codesuite/codepipeline/pipelines/delivery-pipeline-[0-9a-f]{7}/view\?region=us-east-1$`, outputs["pipelineUrl"])
	assert.Regexp(t, `/codesuite/settings/connections\?region=us-east-1$`, outputs["connectionUrl"])
	p.must("preview", "-s", "pipeline", "--expect-no-changes", "--refresh")

	deployed, err := state.Read(strings.NewReader(p.export("pipeline")))
	require.NoError(t, err)
	for _, result := range controls.Check(deployed, false).Unmet() {
		assert.Empty(t, result.Findings, result.ID)
	}

	t.Run("destroy", func(t *testing.T) {
		t.Parallel()
		other := newProject(t)
		copyFile(t, repository+"/Pulumi.pipeline.yaml", other.dir+"/Pulumi.pipeline.yaml")
		copyTree(t, p.dir+"/.local", other.dir+"/.local")
		other.set("pipeline", map[string]any{"slipway:ephemeral": true})
		other.must("up", "-s", "pipeline", "--yes", "--skip-preview")
		other.must("destroy", "-s", "pipeline", "--yes")
		for _, left := range other.objects() {
			assert.Contains(t, left, "aws:kms", "keys are deleted after a time only")
		}
	})
}
