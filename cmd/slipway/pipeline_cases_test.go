package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/localaws"
	"slipway/internal/pipelinerun"
)

const (
	roleType       = "aws:iam/role:Role"
	repositoryType = "aws:ecr/repository:Repository"
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

// TestPipelineSourceChange has a new image rejected, and then the same one approved. Where .ci/with-docker provides docker, the first image and the new
// one are built with it.
func TestPipelineSourceChange(t *testing.T) {
	t.Parallel()
	d := newDelivering(t)
	docker, found := d.useDocker()
	if found {
		docker.forget(t)
	}
	first, before := d.image("prod"), d.made("prod")
	commit := d.edit("docker/app/project/version.txt", "first", "second")
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

	if found {
		assert.True(t, tookFromCache(d.log.String()), "the layers of the first image are taken again")
		docker.forget(t)
		docker.answers(t, released)
	}

	again := d.release(pipelinerun.Approved)
	d.requireStatus(pipelinerun.Succeeded, "Deploy-prod", again)
	assert.Contains(t, d.log.String(), builtBefore, "it is built once")
	assert.Equal(t, []string{released, released}, []string{d.image("staging"), d.image("prod")})
	assert.Equal(t, commit, again.Variable("Source", "CommitId"))

	// The image that was built from a cache is one itself, for the next build.
	if found {
		d.edit("docker/app/project/version.txt", "second", "next")
		d.runner.Holds = func(_ *pipelinerun.Execution, stage string) bool { return stage == "SelfUpdate" }
		next := d.release(pipelinerun.Rejected)
		d.requireStatus(pipelinerun.InProgress, "SelfUpdate", next)
		assert.NotEqual(t, released, next.Variable("Build", "IMAGE"))
		assert.True(t, tookFromCache(d.log.String()), "%s", d.log.String())
	}
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

// TestPipelineChange moves on to production in another account and region, in the steps of docs/pipeline.md, and has builds run in an image of the
// project's own. The pipeline updates itself and delivers there
// with its new definition, by roles of that account.
func TestPipelineChange(t *testing.T) {
	t.Parallel()
	const production = "210987654321"
	d := newDelivering(t)
	elsewhere := strings.NewReplacer("us-east-1", "eu-central-1", "app.example.com", "eu.example.com", "static.example.com", "static-eu.example.com", "config:\n", "config:\n  slipway:egress: nat\n")
	d.commit(map[string]string{"Pulumi.eu.yaml": elsewhere.Replace(sourceOfTheProject(t)["Pulumi.prod.yaml"])})
	const staging, prod = "    - stack: staging\n      smokeTest: true\n", "    - stack: prod\n"
	d.edit("Pulumi.pipeline.yaml", staging+prod, "    - stack: eu\n      region: eu-central-1\n")
	d.byHand("up", "-s", "pipeline", "--yes", "--skip-preview")

	project := func(name string) string {
		return d.one(roleType, "pipeline", "delivery-"+name+"-eu-role").Properties["arn"].(string)
	}
	d.commit(map[string]string{"Pulumi.eu-roles.yaml": fmt.Sprintf("config:\n  aws:region: eu-central-1\n  aws:assumeRole: {roleArn: \"arn:aws:iam::%s:role/OrganizationAccountAccessRole\"}\n"+
		"  slipway:deployRoles: {stack: eu, deployTrustedArns: [%q], planTrustedArns: [%q]}\n", production, project("deploy"), project("plan"))})
	d.byHand("up", "-s", "eu-roles", "--yes", "--skip-preview")
	deploys, plans := d.one(roleType, "eu-roles", "eu-deploy"), d.one(roleType, "eu-roles", "eu-plan")
	d.edit("Pulumi.pipeline.yaml", "      region: eu-central-1\n", fmt.Sprintf("      deployRoleArn: %s\n      planRoleArn: %s\n", deploys.Properties["arn"], plans.Properties["arn"]))
	d.edit("Pulumi.pipeline.yaml", "config:\n", "config:\n  slipway:pipelineBuildImage: own@sha256:"+strings.Repeat("0", 64)+"\n")
	last := d.release(pipelinerun.Approved)
	first := d.runner.Find("00000000-0000-4000-8000-000000000001")
	d.requireStatus(pipelinerun.Stopped, "SelfUpdate", first)
	d.requireStatus(pipelinerun.Succeeded, "Deploy-eu", last)
	assert.Equal(t, first.Variable("Source", "CommitId"), last.Variable("Source", "CommitId"), "the same source goes through the new definition")
	assert.Equal(t, []string{"Source", "Build", "SelfUpdate", "Plan-eu", "Approve-eu", "Deploy-eu"}, last.Ran)
	assert.Equal(t, d.image("prod"), d.image("eu"))
	service := d.one("aws:ecs/service:Service", "eu", "web-service")
	assert.Equal(t, []string{production, "eu-central-1"}, []string{service.Account, service.Region})
	for _, o := range d.objects("eu") {
		assert.True(t, o.Account == production || strings.HasPrefix(o.Type, "docker:"), "%s %s is in %s", o.Type, o.ID, o.Account)
	}

	before := d.made("eu")
	d.edit("Pulumi.eu.yaml", "config:\n", fmt.Sprintf("config:\n  aws:assumeRole: {roleArn: %q}\n  slipway:image: %q\n  slipway:webMaxCount: \"9\"\n", plans.Properties["arn"], d.image("eu")))
	out, err := d.tryByHand(project("plan"), "up", "-s", "eu", "--yes", "--skip-preview", "--run-program")
	require.Error(t, err)
	assert.Regexp(t, "User: arn:aws:sts::"+production+":assumed-role/eu-plan-[0-9a-f]{7}/embedded is not authorized to perform: ", out)
	assert.Equal(t, before, d.made("eu"), "who plans changes nothing")

	repository := d.one(repositoryType, "pipeline", "delivery-repository").Properties["arn"].(string)
	execution := d.one(roleType, "eu", "web-execution-role").Properties["arn"].(string)
	for _, action := range []string{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"} {
		assert.NoError(t, d.runner.May(execution, action, repository))
	}
	assert.ErrorContains(t, d.runner.May(execution, "ecr:PutImage", repository), "no identity-based policy allows it")
	d.commit(map[string]string{"Pulumi.third-roles.yaml": strings.NewReplacer(production, "333333333333", "stack: eu,", "stack: pipeline, pushImages: true,").Replace(d.read("Pulumi.eu-roles.yaml"))})
	d.byHand("up", "-s", "third-roles", "--yes", "--skip-preview")
	third := d.one(roleType, "third-roles", "pipeline-deploy").Properties["arn"].(string)
	assert.ErrorContains(t, d.runner.May(third, "ecr:BatchCheckLayerAvailability", repository), "no resource-based policy allows it", "a third account pulls nothing")
	d.requirePulled("delivery-deploy-eu", "delivery-build-image-repository")
}

// requirePulled is that CodeBuild pulls what a project runs in from a repository of the pipeline, and for no project of others.
func (d *delivering) requirePulled(project, repository string) {
	d.t.Helper()
	made := d.one("aws:codebuild/project:Project", "pipeline", project).Properties
	from := d.one(repositoryType, "pipeline", repository).Properties
	environment := made["environment"].(map[string]any)
	assert.Equal(d.t, from["repositoryUrl"].(string)+"@sha256:"+strings.Repeat("0", 64), environment["image"])
	assert.Equal(d.t, "CODEBUILD", environment["imagePullCredentialsType"])
	for arn, allowed := range map[string]bool{made["arn"].(string): true, made["arn"].(string) + "-other": false} {
		decision, err := d.runner.Account.Authorize(localaws.Call{Principal: "codebuild.amazonaws.com", Action: "ecr:BatchGetImage", Resource: from["arn"].(string),
			Context: map[string][]string{"aws:SourceAccount": {localaws.AccountID}, "aws:SourceArn": {arn}}})
		require.NoError(d.t, err)
		assert.Equal(d.t, allowed, decision.Allowed, arn)
	}
}

func TestPipelineBuildFails(t *testing.T) {
	t.Parallel()
	d := newDelivering(t)
	before := d.made("staging")
	d.commit(map[string]string{"docker/app/test": "#!/bin/sh\necho a test failed\nexit 3\n", "docker/app/project/version.txt": "broken\n"})
	d.requireStatus(pipelinerun.Failed, "Build", d.release(pipelinerun.Approved))
	assert.Contains(t, d.log.String(), "a test failed")
	assert.Equal(t, before, d.made("staging"))
}

func TestPipelineSmokeTestFails(t *testing.T) {
	t.Parallel()
	d := newDelivering(t)
	before := d.made("prod")
	d.edit("docker/app/project/version.txt", "first", "third")
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
