package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/pipelinerun"
)

const builtBefore = "this source was built before"

// requireStatus is the end of an execution, with what its builds printed when it is another one.
func (d *delivering) requireStatus(want pipelinerun.Status, stage string, e *pipelinerun.Execution) {
	d.t.Helper()
	require.Equal(d.t, string(want)+" in "+stage, string(e.Status)+" in "+e.Stage, "%v\n%s", e.Err, d.log.String())
}

func TestPipelineNoChange(t *testing.T) {
	t.Parallel()
	d := newDelivering(t)
	assert.Equal(t, d.image("staging"), d.image("prod"), "the first run has delivered one image to both")
	before := d.made("prod")
	e := d.release(pipelinerun.Rejected)
	d.requireStatus(pipelinerun.Succeeded, "Plan-prod", e)
	assert.Equal(t, []string{"Source", "Build", "SelfUpdate", "Deploy-staging", "Plan-prod"}, e.Ran)
	assert.Equal(t, []string{"Approve-prod", "Deploy-prod"}, e.Skipped)
	assert.Empty(t, d.told, "nobody is asked about nothing")
	assert.Contains(t, d.log.String(), builtBefore)
	assert.Equal(t, before, d.made("prod"))
}

// TestPipelineSourceChange has a new image rejected, and then the same one approved.
func TestPipelineSourceChange(t *testing.T) {
	t.Parallel()
	d := newDelivering(t)
	first, before := d.image("prod"), d.made("prod")
	commit := d.edit("docker/app/app.py", "first", "second")
	e := d.release(pipelinerun.Rejected)
	d.requireStatus(pipelinerun.Failed, "Approve-prod", e)
	require.ErrorContains(t, e.Err, "the approval was rejected")
	assert.Equal(t, before, d.made("prod"), "production is as it was")
	released := d.image("staging")
	assert.NotEqual(t, first, released)
	assert.Equal(t, released, e.Variable("Build", "IMAGE"))
	require.Len(t, d.told, 1)
	assert.Regexp(t, `^prod: prod: .*(updated|replaced)`, d.told[0].Message)
	assert.Contains(t, d.told[0].Link, "/summary.html")
	assert.NotContains(t, d.log.String(), builtBefore)

	again := d.release(pipelinerun.Approved)
	d.requireStatus(pipelinerun.Succeeded, "Deploy-prod", again)
	assert.Contains(t, d.log.String(), builtBefore, "it is built once")
	assert.Equal(t, []string{released, released}, []string{d.image("staging"), d.image("prod")})
	assert.Equal(t, commit, again.Variable("Source", "CommitId"))
}

// TestPipelineInfrastructureChange has production drift while the plan waits, and the next plan applied.
func TestPipelineInfrastructureChange(t *testing.T) {
	t.Parallel()
	d := newDelivering(t)
	d.edit("Pulumi.prod.yaml", "config:\n", "config:\n  slipway:webMaxCount: \"9\"\n")
	waiting := d.release(pipelinerun.Pending)
	d.requireStatus(pipelinerun.InProgress, "Approve-prod", waiting)
	require.Len(t, d.told, 1)

	alarm := func() string { return d.one("aws:cloudwatch/metricAlarm:MetricAlarm", "prod", "queue-age").ID }
	require.NoError(t, d.runner.Account.Remove(alarm()))
	before := d.made("prod")
	d.answer = pipelinerun.Approved
	stale := d.goOn()
	d.requireStatus(pipelinerun.Failed, "Deploy-prod", stale)
	assert.Contains(t, d.log.String(), "the plan does not fit any more")
	assert.Equal(t, before, d.made("prod"), "nothing was changed")

	d.requireStatus(pipelinerun.Succeeded, "Deploy-prod", d.release(pipelinerun.Approved))
	assert.NotEmpty(t, alarm(), "it is there again")
	assert.EqualValues(t, 9, d.one("aws:appautoscaling/target:Target", "prod", "web-scaling").Properties["maxCapacity"])
}

// TestPipelineChange gives the pipeline another environment, in another region: it updates itself, and delivers there with its new definition.
func TestPipelineChange(t *testing.T) {
	t.Parallel()
	d := newDelivering(t)
	elsewhere := strings.NewReplacer("us-east-1", "eu-central-1", "app.example.com", "eu.example.com", "static.example.com", "static-eu.example.com")
	commit := d.commit(map[string]string{"Pulumi.eu.yaml": elsewhere.Replace(sourceOfTheProject(t)["Pulumi.prod.yaml"])})
	const staging, production = "    - stack: staging\n      smokeTest: true\n", "    - stack: prod\n"
	d.edit("Pulumi.pipeline.yaml", staging+production, "    - stack: eu\n      region: eu-central-1\n")
	last := d.release(pipelinerun.Approved)
	first := d.runner.Find("00000000-0000-4000-8000-000000000001")
	d.requireStatus(pipelinerun.Stopped, "SelfUpdate", first)
	d.requireStatus(pipelinerun.Succeeded, "Deploy-eu", last)
	assert.NotEqual(t, commit, last.Variable("Source", "CommitId"))
	assert.Equal(t, first.Variable("Source", "CommitId"), last.Variable("Source", "CommitId"), "the same source goes through the new definition")
	assert.Equal(t, []string{"Source", "Build", "SelfUpdate", "Plan-eu", "Approve-eu", "Deploy-eu"}, last.Ran)
	assert.Equal(t, "eu-central-1", d.one("aws:ecs/service:Service", "eu", "web-service").Region)
	assert.Equal(t, d.image("prod"), d.image("eu"))
}

func TestPipelineBuildFails(t *testing.T) {
	t.Parallel()
	d := newDelivering(t)
	before := d.made("staging")
	d.commit(map[string]string{"docker/app/test": "#!/bin/sh\necho a test failed\nexit 3\n", "docker/app/app.py": "broken\n"})
	d.requireStatus(pipelinerun.Failed, "Build", d.release(pipelinerun.Approved))
	assert.Contains(t, d.log.String(), "a test failed")
	assert.Equal(t, before, d.made("staging"))
}

func TestPipelineSmokeTestFails(t *testing.T) {
	t.Parallel()
	d := newDelivering(t)
	before := d.made("prod")
	d.edit("docker/app/app.py", "first", "third")
	d.webStatus = http.StatusServiceUnavailable
	e := d.release(pipelinerun.Approved)
	d.requireStatus(pipelinerun.Failed, "Deploy-staging", e)
	assert.Contains(t, d.log.String(), "503 Service Unavailable")
	assert.Equal(t, before, d.made("prod"))
	assert.Equal(t, d.image("staging"), e.Variable("Build", "IMAGE"), "staging has it, to be looked at")
}

// TestPipelineSuperseded has three commits while a stage takes its time: the second never gets there.
func TestPipelineSuperseded(t *testing.T) {
	t.Parallel()
	d := newDelivering(t)
	var slow string
	d.runner.Holds = func(e *pipelinerun.Execution, stage string) bool {
		return stage == "Deploy-staging" || e.ID == slow && stage == "SelfUpdate"
	}
	one, err := d.runner.Start(nil)
	require.NoError(t, err)
	slow = one.ID
	d.goOn()
	two := d.release(pipelinerun.Approved)
	three := d.release(pipelinerun.Approved)
	d.requireStatus(pipelinerun.InProgress, "SelfUpdate", one)
	d.requireStatus(pipelinerun.Superseded, "Build", two)
	d.requireStatus(pipelinerun.InProgress, "Build", three)
	slow = ""
	d.goOn()
	d.requireStatus(pipelinerun.InProgress, "Deploy-staging", one)
	assert.Equal(t, []string{"Source", "Build", "SelfUpdate"}, three.Ran, "it waits where the first one is")
}
