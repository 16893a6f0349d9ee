package e2e

import (
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// delivered is where the pipeline's stack, and by its roles staging and prod, are deployed once.
var delivered struct {
	sync.Once
	dir string
}

// pipelined is a project with pipeline, staging and prod deployed: a copy of the one that was deployed once.
func pipelined(t *testing.T) *project {
	t.Helper()
	delivered.Do(func() {
		dir := filepath.Join(baseline.dir, "delivered")
		p := newPipelineProject(t, dir)
		p.must("up", "-s", "pipeline", "--yes", "--skip-preview")
		p.release()
		for _, stack := range []string{"staging", "prod"} {
			p.actAs("deploy-"+stack, stack, stack+"-deploy")
			p.must("up", "-s", stack, "--yes", "--skip-preview")
		}
		delivered.dir = dir
	})
	require.NotEmpty(t, delivered.dir, "all stacks are up")
	p := newPipelineProject(t, t.TempDir())
	copyTree(t, filepath.Join(delivered.dir, ".local"), filepath.Join(p.dir, ".local"))
	p.release()
	return p
}

func newPipelineProject(t *testing.T, dir string) *project {
	t.Helper()
	p := newProjectIn(t, dir)
	copyFile(t, filepath.Join(repository, "Pulumi.pipeline.yaml"), filepath.Join(dir, "Pulumi.pipeline.yaml"))
	return p
}

// release gives the stacks an image in the pipeline's repository.
func (p *project) release() {
	p.t.Helper()
	repository := p.deployed("pipeline").objects["aws:ecr/repository:Repository delivery-repository"].Properties["repositoryUrl"].(string)
	for _, stack := range []string{"staging", "prod"} {
		p.set(stack, map[string]any{"slipway:image": repository + "@sha256:" + strings.Repeat("a", 64)})
	}
}

// actAs has everything done with the role of a project of the pipeline, which takes on another one for a stack.
func (p *project) actAs(project, stack, role string) {
	p.t.Helper()
	roles := p.deployed("pipeline")
	p.role = roles.role("delivery-" + project + "-role")
	p.set(stack, map[string]any{"aws:assumeRole": map[string]any{"roleArn": roles.role("delivery-" + role)}})
}

// denied is a command that has to be refused for this action.
func (p *project) denied(action string, args ...string) {
	p.t.Helper()
	before := p.objects()
	out, err := p.run(args...)
	require.Error(p.t, err, out)
	assert.Contains(p.t, out, "is not authorized to perform: "+action+" on resource: ")
	assert.Equal(p.t, before, p.objects(), "nothing was made or deleted")
}

const webSize = "slipway:webCpu"

// TestDeployRolesReachTheirStackOnly has the roles that deploy do so, and refuses them the other stack.
func TestDeployRolesReachTheirStackOnly(t *testing.T) {
	t.Parallel()
	t.Run("its own", func(t *testing.T) {
		t.Parallel()
		p := pipelined(t)
		p.actAs("deploy-prod", "prod", "prod-deploy")
		p.set("prod", map[string]any{"slipway:webMaxCount": 9, webSize: 2048, "slipway:webMemory": 4096, "slipway:logRetentionDays": 90})
		assert.NotEmpty(t, p.up("prod", "--refresh", "--run-program"))
		p.must("up", "-s", "prod", "--refresh", "--run-program", "--yes", "--skip-preview", "--expect-no-changes")
		p.actAs("deploy-staging", "staging", "staging-deploy")
		p.must("destroy", "-s", "staging", "--run-program", "--yes", "--skip-preview")
	})
	t.Run("another one", func(t *testing.T) {
		t.Parallel()
		p := pipelined(t)
		p.actAs("deploy-staging", "prod", "prod-deploy")
		p.denied("sts:AssumeRole", "up", "-s", "prod", "--yes", "--skip-preview")
		p.actAs("deploy-staging", "prod", "staging-deploy")
		p.denied("cloudwatch:DeleteAlarms", "destroy", "-s", "prod", "--run-program", "--yes", "--skip-preview")
		p.set("prod", map[string]any{webSize: 2048, "slipway:webMemory": 4096})
		p.denied("ecs:RegisterTaskDefinition", "up", "-s", "prod", "--yes", "--skip-preview")
	})
}

// TestThePlanRoleLooksOnly has it see everything that a plan needs, and refuses it every change.
func TestThePlanRoleLooksOnly(t *testing.T) {
	t.Parallel()
	p := pipelined(t)
	p.actAs("plan-prod", "prod", "prod-plan")
	p.must("preview", "-s", "prod", "--refresh", "--run-program", "--expect-no-changes")
	p.set("prod", map[string]any{webSize: 2048, "slipway:webMemory": 4096})
	assert.Contains(t, p.preview("prod", "--refresh", "--run-program"), "replace aws:ecs/taskDefinition:TaskDefinition web-task")
	p.denied("ecs:RegisterTaskDefinition", "up", "-s", "prod", "--yes", "--skip-preview")
	p.actAs("plan-prod", "prod", "prod-deploy")
	p.denied("sts:AssumeRole", "up", "-s", "prod", "--yes", "--skip-preview")
}

// TestThePipelineUpdatesItself has its role add an environment and take it away, and refuses it the environments.
func TestThePipelineUpdatesItself(t *testing.T) {
	t.Parallel()
	p := pipelined(t)
	p.actAs("self-update", "pipeline", "pipeline-deploy")
	p.must("up", "-s", "pipeline", "--refresh", "--run-program", "--yes", "--skip-preview")
	environment := func(stack string, approval bool) map[string]any {
		return map[string]any{"stack": stack, "approval": approval}
	}
	before := p.objects()
	p.set("pipeline", map[string]any{"slipway:pipelineApprovalHours": 24, "slipway:pipelineEnvironments": []any{environment("staging", false), environment("load", true), environment("prod", true)}})
	assert.Contains(t, p.up("pipeline", "--refresh", "--run-program"), "create aws:iam/role:Role delivery-load-deploy")
	p.set("pipeline", map[string]any{"slipway:pipelineEnvironments": []any{environment("staging", false), environment("prod", true)}})
	p.up("pipeline", "--refresh", "--run-program")
	assert.Len(t, p.objects(), len(before))

	p.actAs("self-update", "staging", "pipeline-deploy")
	p.set("staging", map[string]any{webSize: 2048, "slipway:webMemory": 4096})
	p.denied("ec2:DescribeAvailabilityZones", "up", "-s", "staging", "--yes", "--skip-preview")
}
