package components_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"slipway/components"
)

const (
	codePipeline     = "aws:codepipeline/pipeline:Pipeline"
	codeBuildProject = "aws:codebuild/project:Project"
	codeConnection   = "aws:codeconnections/connection:Connection"
	eventRule        = "aws:cloudwatch/eventRule:EventRule"
	repositoryPolicy = "aws:ecr/repositoryPolicy:RepositoryPolicy"
	prodAccount      = "222222222222"
)

func pipelineInputs() *components.CodePipelineArgs {
	return &components.CodePipelineArgs{
		Source:       components.PipelineSource{Provider: "GitHub", Repository: "example/shop"},
		Image:        components.PipelineImage{Context: "docker/app", Target: "prod", TestCommand: "npm test"},
		Environments: []components.PipelineEnvironment{{Stack: "staging", SmokeTest: true}, {Stack: "prod", Approval: true}},
		BackendUrl:   "s3://my-state/shop?region=eu-central-1",
		StateKeyArn:  pulumi.String(kmsArn),
	}
}

func runPipeline(t testing.TB, change func(*components.CodePipelineArgs)) *recorder {
	t.Helper()
	r := webRecorder()
	r.invokes["aws:index/getCallerIdentity:getCallerIdentity"] = func(resource.PropertyMap) resource.PropertyMap {
		return resource.PropertyMap{"accountId": resource.NewProperty("123456789012"), "arn": resource.NewProperty("arn:aws:iam::123456789012:user/admin")}
	}
	args := pipelineInputs()
	if change != nil {
		change(args)
	}
	require.NoError(t, r.run(func(ctx *pulumi.Context) error {
		_, err := components.NewCodePipeline(ctx, "delivery", args)
		return err
	}))
	return r
}

// pipelineStage is a stage as CodePipeline reads it.
type pipelineStage struct {
	Name        string
	BeforeEntry struct {
		Condition struct {
			Result string
			Rules  []struct{ Configuration map[string]string }
		}
	}
	Actions []struct {
		Name, Category, Provider, Namespace string
		Configuration                       map[string]string
		InputArtifacts, OutputArtifacts     []string
	}
}

func (r *recorder) stages(t testing.TB) (stages []pipelineStage) {
	t.Helper()
	text, err := json.Marshal(r.find(t, codePipeline, "delivery-pipeline").Inputs.Mappable()["stages"])
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &stages))
	return stages
}

// commands are what a project runs.
func (r *recorder) commands(t testing.TB, project string) []string {
	t.Helper()
	var spec struct {
		Phases map[string]struct{ Commands []string }
	}
	source := object(t, r.find(t, codeBuildProject, project).Inputs, "source")
	require.NoError(t, yaml.Unmarshal([]byte(source["buildspec"].StringValue()), &spec))
	return spec.Phases["build"].Commands
}

func TestCodePipelineStages(t *testing.T) {
	t.Parallel()
	r := runPipeline(t, nil)
	r.requireDescends(t, "slipway:index:CodePipeline", "delivery")
	stages := r.stages(t)
	var names []string
	for _, stage := range stages {
		names = append(names, stage.Name)
	}
	assert.Equal(t, []string{"Source", "Build", "SelfUpdate", "Deploy-staging", "Plan-prod", "Approve-prod", "Deploy-prod"}, names)

	for project, commands := range map[string][]string{
		"delivery-build":          {"delivery/install", "delivery/build", ". ./release.env"},
		"delivery-self-update":    {"delivery/install", "delivery/self-update"},
		"delivery-deploy-staging": {"delivery/install", "delivery/deploy staging", "delivery/smoke staging"},
		"delivery-plan-prod":      {"delivery/install", "delivery/plan prod plan", ". ./plan/plan.env"},
		"delivery-deploy-prod":    {"delivery/install", `delivery/apply prod "$CODEBUILD_SRC_DIR_Plan_prod"`},
	} {
		assert.Equal(t, commands, r.commands(t, project), project)
	}
	assert.Len(t, r.all(codeBuildProject), 5)

	produced := map[string]bool{}
	for _, stage := range stages {
		for _, action := range stage.Actions {
			for _, input := range action.InputArtifacts {
				assert.Truef(t, produced[input], "%s wants %s, which nothing before it leaves", stage.Name, input)
			}
			for _, output := range action.OutputArtifacts {
				produced[output] = true
			}
		}
	}
	assert.Equal(t, []string{"Release", "Plan_prod"}, stages[6].Actions[0].InputArtifacts)
	assert.Equal(t, "Release", stages[6].Actions[0].Configuration["PrimarySource"])
}

// TestBuildspecsAreShellcheckClean looks at the commands as one script, as CodeBuild runs them.
func TestBuildspecsAreShellcheckClean(t *testing.T) {
	t.Parallel()
	_, err := exec.LookPath("shellcheck")
	require.NoError(t, err, "apt-get install shellcheck")
	r := runPipeline(t, nil)
	dir := t.TempDir()
	head := "#!/bin/bash\n"
	for _, stage := range r.stages(t) {
		for _, action := range stage.Actions {
			for _, artifact := range action.OutputArtifacts {
				head += "export CODEBUILD_SRC_DIR_" + artifact + "=given\n" // by CodeBuild
			}
		}
	}
	var scripts []string
	for _, project := range r.all(codeBuildProject) {
		commands := r.commands(t, project.Name)
		require.NotEmpty(t, commands, project.Name)
		for _, command := range commands {
			// What a script leaves for the shell to read is not there yet.
			if name, sourced := strings.CutPrefix(command, ". ./"); sourced {
				require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
				require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("export CHANGES=1\n"), 0o644))
				continue
			}
			script, _, _ := strings.Cut(command, " ")
			info, err := os.Stat(filepath.Join("..", script))
			require.NoError(t, err, "%s runs it", project.Name)
			assert.NotZero(t, info.Mode()&0o111, "%s is executable", script)
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, project.Name), []byte(head+strings.Join(commands, "\n")+"\n"), 0o644))
		scripts = append(scripts, project.Name)
	}
	check := exec.CommandContext(t.Context(), "shellcheck", append([]string{"--enable=quote-safe-variables", "--external-sources"}, scripts...)...)
	check.Dir = dir
	out, err := check.CombinedOutput()
	assert.NoError(t, err, "%s", out)
}

func TestCodePipelineAsksOnlyAboutChanges(t *testing.T) {
	t.Parallel()
	stages := runPipeline(t, nil).stages(t)
	for _, stage := range stages[5:] {
		condition := stage.BeforeEntry.Condition
		assert.Equal(t, "SKIP", condition.Result, stage.Name)
		require.Len(t, condition.Rules, 1, stage.Name)
		assert.Equal(t, map[string]string{"Variable": "#{Plan_prod.CHANGES}", "Operator": "NE", "Value": "0"}, condition.Rules[0].Configuration, "a rule that does not hold skips the stage")
	}
	approve := stages[5].Actions[0]
	assert.Equal(t, "Approval", approve.Category)
	assert.Equal(t, map[string]string{
		"NotificationArn":    arnOf("delivery-topic"),
		"ExternalEntityLink": "#{Plan_prod.SUMMARY_URL}",
		"CustomData":         "prod: #{Plan_prod.SUMMARY}",
	}, approve.Configuration)
	for _, stage := range stages[:5] {
		assert.Empty(t, stage.BeforeEntry.Condition.Rules, stage.Name)
	}
}

func TestOnlyTheProjectThatBuildsImagesIsPrivileged(t *testing.T) {
	t.Parallel()
	r := runPipeline(t, nil)
	for _, project := range r.all(codeBuildProject) {
		environment := object(t, project.Inputs, "environment")
		assert.Equal(t, project.Name == "delivery-build", environment["privilegedMode"].BoolValue(), project.Name)
		assert.Equal(t, "ARM_CONTAINER", environment["type"].StringValue())
		assert.Equal(t, arnOf("delivery-artifacts"), project.Inputs["encryptionKey"].StringValue(), "artifacts are encrypted")
	}
}

// granted are the actions that the policies of a role allow, and on what.
func (r *recorder) granted(t testing.TB, policies ...string) map[string][]string {
	t.Helper()
	granted := map[string][]string{}
	for _, name := range policies {
		var document struct {
			Statement []struct{ Action, Resource []string }
		}
		require.NoError(t, json.Unmarshal([]byte(r.find(t, "aws:iam/rolePolicy:RolePolicy", name).Inputs["policy"].StringValue()), &document))
		for _, statement := range document.Statement {
			for _, action := range statement.Action {
				granted[action] = append(granted[action], statement.Resource...)
			}
		}
	}
	return granted
}

func TestEachProjectReachesItsOwnStateOnly(t *testing.T) {
	t.Parallel()
	r := runPipeline(t, nil)
	state := func(stack string) []string {
		of := func(folder, end string) string {
			return "arn:aws:s3:::my-state/shop/.pulumi/" + folder + "/slipway/" + stack + end
		}
		return []string{of("stacks", ".json*"), of("locks/organization", "/*"), of("history", "/*"), of("backups", "/*")}
	}
	for project, stack := range map[string]string{"self-update": "test", "deploy-staging": "staging", "deploy-prod": "prod"} {
		granted := r.granted(t, "delivery-"+project+"-policy")
		assert.ElementsMatch(t, append([]string{"arn:aws:test:us-east-1:123456789012:delivery-artifacts-id/*"}, state(stack)...), granted["s3:PutObject"], project)
		assert.Equal(t, state(stack), granted["s3:DeleteObject"], project)
		assert.Len(t, granted["sts:AssumeRole"], 1, project)
	}
	root := runPipeline(t, func(args *components.CodePipelineArgs) { args.BackendUrl = "s3://my-state" })
	assert.Contains(t, root.granted(t, "delivery-deploy-prod-policy")["s3:DeleteObject"], "arn:aws:s3:::my-state/.pulumi/stacks/slipway/prod.json*")

	plan := r.granted(t, "delivery-plan-prod-policy")
	assert.NotContains(t, plan, "s3:DeleteObject", "a plan changes nothing")
	assert.Equal(t, []string{"arn:aws:test:us-east-1:123456789012:delivery-artifacts-id/*"}, plan["s3:PutObject"])
	assert.NotEqual(t, plan["sts:AssumeRole"], r.granted(t, "delivery-deploy-prod-policy")["sts:AssumeRole"])

	build := r.granted(t, "delivery-build-policy")
	assert.NotContains(t, build, "sts:AssumeRole")
	assert.Equal(t, []string{arnOf("delivery-repository")}, build["ecr:PutImage"])
	for _, policy := range r.all("aws:iam/rolePolicy:RolePolicy") {
		if strings.HasSuffix(policy.Name, "-limits") {
			continue // it denies
		}
		for action, resources := range r.granted(t, policy.Name) {
			assert.NotContains(t, action, "*", policy.Name)
			if action != "ecr:GetAuthorizationToken" {
				assert.NotContains(t, resources, "*", "%s of %s", action, policy.Name)
			}
		}
	}
}

func TestAnEnvironmentInAnotherAccount(t *testing.T) {
	t.Parallel()
	r := runPipeline(t, func(args *components.CodePipelineArgs) {
		args.Environments[1].DeployRoleArn = "arn:aws:iam::" + prodAccount + ":role/deploy"
		args.Environments[1].PlanRoleArn = "arn:aws:iam::" + prodAccount + ":role/plan"
	})
	assert.Equal(t, []string{"arn:aws:iam::" + prodAccount + ":role/deploy"}, r.granted(t, "delivery-deploy-prod-policy")["sts:AssumeRole"])
	assert.Equal(t, []string{"arn:aws:iam::" + prodAccount + ":role/plan"}, r.granted(t, "delivery-plan-prod-policy")["sts:AssumeRole"])
	assert.JSONEq(t, `{"Version": "2012-10-17", "Statement": [{"Sid": "Pull0", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::`+prodAccount+`:root"},
		"Action": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer"]}]}`,
		r.find(t, repositoryPolicy, "delivery-images").Inputs["policy"].StringValue(), "its tasks pull the image from here, and slipway release lists them")
	assert.Empty(t, runPipeline(t, nil).all(repositoryPolicy))
}

func TestAnEnvironmentInAnotherRegion(t *testing.T) {
	t.Parallel()
	r := runPipeline(t, func(args *components.CodePipelineArgs) { args.Environments[1].Region = "ap-southeast-2" })
	denied := r.find(t, "aws:iam/rolePolicy:RolePolicy", "delivery-prod-deploy-limits").Inputs["policy"].StringValue()
	assert.Contains(t, denied, `{"StringNotEquals":{"aws:RequestedRegion":["ap-southeast-2","us-east-1"]}}`)
	here := r.find(t, "aws:iam/rolePolicy:RolePolicy", "delivery-staging-deploy-limits").Inputs["policy"].StringValue()
	assert.Contains(t, here, `{"StringNotEquals":{"aws:RequestedRegion":["eu-central-1","us-east-1"]}}`)
}

func TestPipelineSources(t *testing.T) {
	t.Parallel()
	t.Run("by connection", func(t *testing.T) {
		r := runPipeline(t, func(args *components.CodePipelineArgs) {
			args.Source.Branch, args.Source.Paths, args.Source.ExcludedPaths = "release", []string{"docker/**"}, []string{"**.md"}
		})
		assert.Equal(t, "GitHub", r.find(t, codeConnection, "delivery-github").Inputs["providerType"].StringValue())
		assert.Equal(t, []any{map[string]any{"providerType": "CodeStarSourceConnection", "gitConfiguration": map[string]any{
			"sourceActionName": "Source",
			"pushes": []any{map[string]any{
				"branches":  map[string]any{"includes": []any{"release"}},
				"filePaths": map[string]any{"includes": []any{"docker/**"}, "excludes": []any{"**.md"}},
			}},
		}}}, r.find(t, codePipeline, "delivery-pipeline").Inputs.Mappable()["triggers"])
		assert.Equal(t, []string{arnOf("delivery-github")}, r.granted(t, "delivery-pipeline-policy")["codeconnections:UseConnection"])
	})
	t.Run("two repositories of one provider share a connection", func(t *testing.T) {
		r := runPipeline(t, func(args *components.CodePipelineArgs) {
			args.DeploymentSource = &components.PipelineSource{Provider: "GitHub", Repository: "example/shop-infrastructure"}
		})
		assert.Len(t, r.all(codeConnection), 1)
		stages := r.stages(t)
		require.Len(t, stages[0].Actions, 2)
		assert.Equal(t, "example/shop-infrastructure", stages[0].Actions[0].Configuration["FullRepositoryId"], "the scripts are in the first artifact")
		assert.Equal(t, []string{"Source", "Application"}, stages[1].Actions[0].InputArtifacts)
		assert.Contains(t, stages[1].Actions[0].Configuration["EnvironmentVariables"], "#{Application.CommitId}", "an image is named after the application's commit")
	})
	t.Run("CodeCommit", func(t *testing.T) {
		r := runPipeline(t, func(args *components.CodePipelineArgs) {
			args.Source = components.PipelineSource{Provider: "CodeCommit", Repository: "shop"}
		})
		assert.Empty(t, r.all(codeConnection))
		assert.JSONEq(t, `{"source": ["aws.codecommit"], "detail-type": ["CodeCommit Repository State Change"], "resources": ["arn:aws:codecommit:eu-central-1:123456789012:shop"],
			"detail": {"event": ["referenceCreated", "referenceUpdated"], "referenceType": ["branch"], "referenceName": ["main"]}}`,
			r.find(t, eventRule, "delivery-commits-source").Inputs["eventPattern"].StringValue())
		assert.Equal(t, []string{"arn:aws:codecommit:eu-central-1:123456789012:shop"}, r.granted(t, "delivery-pipeline-policy")["codecommit:UploadArchive"])
	})
}

func TestCodePipelineRefusesAllThatIsWrongAtOnce(t *testing.T) {
	t.Parallel()
	r := webRecorder()
	err := r.run(func(ctx *pulumi.Context) error {
		_, err := components.NewCodePipeline(ctx, "delivery", &components.CodePipelineArgs{
			Source:          components.PipelineSource{Provider: "Gitea", Repository: "shop", Branch: "a b"},
			Image:           components.PipelineImage{Context: "../app", Architecture: "arm"},
			Environments:    []components.PipelineEnvironment{{Stack: "a-b", Region: "Ohio"}, {Stack: "a_b", PlanRoleArn: "x"}, {Stack: "test", Approval: true, Region: "us-east-1", DeployRoleArn: "arn:aws:iam::1:role/x"}},
			BackendUrl:      "file:///tmp",
			ComputeType:     "LARGE",
			BuildTimeout:    4,
			ApprovalTimeout: 86401,
			KeepImages:      -1,
			ArtifactDays:    400,
			Emails:          []string{"ops"},
		})
		return err
	})
	require.Error(t, err)
	for _, field := range []string{"source.provider", "source.branch", "image.context", "image.architecture", "environments[0].region", "environments[1].stack", "environments[1].planRoleArn", "environments[2].region",
		"environments[2].stack", "environments[2].deployRoleArn", "backendUrl", "stateKeyArn", "computeType", "buildTimeout", "approvalTimeout", "keepImages", "artifactDays", "emails[0]"} {
		assert.Contains(t, err.Error(), "- "+field, "each mistake names its field")
	}
	for _, registered := range r.resources {
		assert.True(t, strings.HasPrefix(registered.TypeToken, "pulumi:"), "nothing is registered on bad input: %s", registered.TypeToken)
	}
}

func TestTheBuildImage(t *testing.T) {
	t.Parallel()
	digest := "sha256:" + strings.Repeat("0a", 32)
	const elsewhere = "222222222222.dkr.ecr.us-east-1.amazonaws.com/tools/build"
	for name, test := range map[string]struct {
		change             func(*components.CodePipelineArgs)
		image, credentials string
		repository         bool
	}{
		"AWS's": {nil, "aws/codebuild/amazonlinux-aarch64-standard:3.0", "CODEBUILD", false},
		"the project's own, which is not pushed yet": {func(args *components.CodePipelineArgs) { args.OwnBuildImage = &components.PipelineBuildImage{} },
			"aws/codebuild/amazonlinux-aarch64-standard:3.0", "CODEBUILD", true},
		"the project's own": {func(args *components.CodePipelineArgs) {
			args.OwnBuildImage = &components.PipelineBuildImage{Digest: digest}
		}, "@" + digest, "CODEBUILD", true},
		"public": {func(args *components.CodePipelineArgs) {
			args.BuildImage = pulumi.String("public.ecr.aws/a/b@" + digest)
		}, "public.ecr.aws/a/b@" + digest, "CODEBUILD", false},
		"another's": {func(args *components.CodePipelineArgs) { args.BuildImage = pulumi.String(elsewhere + "@" + digest) }, elsewhere + "@" + digest, "SERVICE_ROLE", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := runPipeline(t, test.change)
			var projects []string
			for _, project := range r.all(codeBuildProject) {
				environment := object(t, project.Inputs, "environment")
				assert.Equal(t, test.image, environment["image"].StringValue())
				assert.Equal(t, test.credentials, environment["imagePullCredentialsType"].StringValue())
				granted := r.granted(t, project.Name+"-policy")["ecr:BatchGetImage"]
				assert.Equal(t, test.credentials == "SERVICE_ROLE", slices.Contains(granted, "arn:aws:ecr:us-east-1:222222222222:repository/tools/build"), project.Name)
				projects = append(projects, `"`+arnOf(project.Name)+`"`)
			}
			policies := r.all(repositoryPolicy)
			if !test.repository {
				assert.Empty(t, policies)
				return
			}
			slices.Sort(projects)
			require.Len(t, policies, 1)
			assert.JSONEq(t, `{"Version": "2012-10-17", "Statement": [{"Sid": "PullForProjects", "Effect": "Allow", "Principal": {"Service": ["codebuild.amazonaws.com"]},
				"Action": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
				"Condition": {"StringEquals": {"aws:SourceAccount": ["123456789012"], "aws:SourceArn": [`+strings.Join(projects, ", ")+`]}}}]}`,
				policies[0].Inputs["policy"].StringValue())
			assert.Contains(t, strings.Join(r.waitsFor(t, codePipeline, "delivery-pipeline"), " "), policies[0].Name)
		})
	}
}

func TestWhatTheBuildIsTold(t *testing.T) {
	t.Parallel()
	r := runPipeline(t, func(args *components.CodePipelineArgs) {
		args.Image.BuildArgs = map[string]string{"PYTHON_PACKAGES": "debian", "BASE_IMAGE": "debian:12-slim"}
	})
	told := map[string]string{}
	for _, variable := range object(t, r.find(t, codeBuildProject, "delivery-build").Inputs, "environment")["environmentVariables"].ArrayValue() {
		told[variable.ObjectValue()["name"].StringValue()] = variable.ObjectValue()["value"].StringValue()
	}
	assert.Equal(t, map[string]string{
		"IMAGE_REPOSITORY": "", "IMAGE_CONTEXT": "docker/app", "IMAGE_DOCKERFILE": "docker/app/Dockerfile", "IMAGE_PLATFORM": "linux/arm64",
		"IMAGE_TARGET": "prod", "IMAGE_TEST": "npm test", "IMAGE_BUILD_ARGS": "BASE_IMAGE=debian:12-slim\nPYTHON_PACKAGES=debian",
	}, told, "the recorder knows no repository's address")
}
