package components_test

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/components"
)

func (w surroundings) pipeline() subject {
	type args = components.CodePipelineArgs
	source := func(change func(*components.PipelineSource)) func(*args) {
		return func(a *args) { change(&a.Source) }
	}
	deployment := func(change func(*components.PipelineSource)) func(*args) {
		return func(a *args) {
			a.DeploymentSource = &components.PipelineSource{Provider: "GitHub", Repository: "example/infrastructure"}
			change(a.DeploymentSource)
		}
	}
	image := func(change func(*components.PipelineImage)) func(*args) {
		return func(a *args) { change(&a.Image) }
	}
	environment := func(change func(*components.PipelineEnvironment)) func(*args) {
		return func(a *args) { change(&a.Environments[0]) }
	}
	approved := func(change func(*components.PipelineEnvironment)) func(*args) {
		return func(a *args) {
			a.Environments[0].Approval = true
			change(&a.Environments[0])
		}
	}
	stacks := func(count int) func(*args) {
		return func(a *args) {
			a.Environments = nil
			for i := range count {
				a.Environments = append(a.Environments, components.PipelineEnvironment{Stack: fmt.Sprint("tenant", i), Approval: true})
			}
		}
	}
	approvalOf := func(minutes, days int) func(*args) {
		return func(a *args) { a.ApprovalTimeout, a.ArtifactDays = minutes, days }
	}
	own := func(digest string) func(*args) {
		return func(a *args) { a.OwnBuildImage = &components.PipelineBuildImage{Digest: digest} }
	}
	longestStack := strings.Repeat("A-_9", 7) + "z"
	const theirs = "arn:aws:iam::222222222222:role/"
	return of(components.NewCodePipeline, func(string) *args {
		return &args{
			Source:       components.PipelineSource{Provider: "GitHub", Repository: "example/shop"},
			Image:        components.PipelineImage{Context: "docker/app"},
			Environments: []components.PipelineEnvironment{{Stack: longestStack}}, // so that the longest name is tried with it
			Stack:        "pipeline",
			BackendUrl:   "s3://my-state",
			StateKeyArn:  w.text("key"),
			Ephemeral:    true,
		}
	}, join(sourceRows("Source.", w, source), sourceRows("DeploymentSource.", w, deployment), map[string]argument{
		"name":             {at: []any{"a", "a" + strings.Repeat("-b", 6) + "c"}, past: []any{"", strings.Repeat("a", 15), "A", "a--b", "a-", "1a", "a.b", "a_b", "sthree-a"}},
		"Source":           {free: inTables},
		"DeploymentSource": {at: []any{deployment(func(*components.PipelineSource) {})}, past: []any{deployment(func(s *components.PipelineSource) { s.Repository = "example/shop" })}},
		"Image":            {free: inTables},
		"Image.Context": {at: []any{image(func(i *components.PipelineImage) { i.Context = "." }), image(func(i *components.PipelineImage) { i.Context = "docker/..app" })},
			past: []any{image(func(i *components.PipelineImage) { i.Context = "" }), image(func(i *components.PipelineImage) { i.Context = "/app" }), image(func(i *components.PipelineImage) { i.Context = ".." }),
				image(func(i *components.PipelineImage) { i.Context = "docker/../../app" })}},
		"Image.Dockerfile": {at: []any{image(func(i *components.PipelineImage) { i.Dockerfile = "build/Containerfile" })},
			past: []any{image(func(i *components.PipelineImage) { i.Dockerfile = "../Dockerfile" }), image(func(i *components.PipelineImage) { i.Dockerfile = "/Dockerfile" })}},
		"Image.Target": {at: []any{image(func(i *components.PipelineImage) { i.Target = "prod" })}, free: "the Dockerfile says which there are, and the build"},
		"Image.BuildArgs": {at: []any{image(func(i *components.PipelineImage) {
			i.BuildArgs = map[string]string{"BASE_IMAGE": "debian:12", "EMPTY": ""}
		})},
			past: []any{image(func(i *components.PipelineImage) { i.BuildArgs = map[string]string{"A B": "x"} }), image(func(i *components.PipelineImage) { i.BuildArgs = map[string]string{"A": "x\ny"} })}},
		"Image.TestCommand":  {at: []any{image(func(i *components.PipelineImage) { i.TestCommand = `npm test && echo "done: ä"` })}, free: anyText},
		"Image.Architecture": {at: []any{image(func(i *components.PipelineImage) { i.Architecture = "X86_64" })}, past: []any{image(func(i *components.PipelineImage) { i.Architecture = "arm64" })}},
		"Environments":       {at: []any{stacks(1), stacks(10)}, past: []any{stacks(0), stacks(11)}},
		"Environments.Stack": {at: []any{environment(func(e *components.PipelineEnvironment) { e.Stack = "a" })},
			past: []any{environment(func(e *components.PipelineEnvironment) { e.Stack = "" }), environment(func(e *components.PipelineEnvironment) { e.Stack = longestStack + "z" }),
				environment(func(e *components.PipelineEnvironment) { e.Stack = "a.b" }), environment(func(e *components.PipelineEnvironment) { e.Stack = "pipeline" }),
				func(a *args) { a.Environments = []components.PipelineEnvironment{{Stack: "a-b"}, {Stack: "a_b"}} }}},
		"Environments.Approval":  {at: []any{approved(func(*components.PipelineEnvironment) {})}, free: onOrOff},
		"Environments.SmokeTest": {at: []any{environment(func(e *components.PipelineEnvironment) { e.SmokeTest = true })}, free: onOrOff},
		"Environments.Region": {at: []any{environment(func(e *components.PipelineEnvironment) { e.Region = "eu-central-1" })},
			past: []any{environment(func(e *components.PipelineEnvironment) { e.Region = "frankfurt" }), environment(func(e *components.PipelineEnvironment) {
				e.Region, e.DeployRoleArn = "eu-central-1", theirs+"deploy"
			})}},
		"Environments.DeployRoleArn": {at: []any{environment(func(e *components.PipelineEnvironment) { e.DeployRoleArn = theirs + "path/deploy" })},
			past: []any{environment(func(e *components.PipelineEnvironment) { e.DeployRoleArn = "deploy" }), environment(func(e *components.PipelineEnvironment) { e.DeployRoleArn = "arn:aws:iam::222222222222:user/deploy" }),
				approved(func(e *components.PipelineEnvironment) { e.DeployRoleArn = theirs + "deploy" })}},
		"Environments.PlanRoleArn": {at: []any{approved(func(e *components.PipelineEnvironment) {
			e.DeployRoleArn, e.PlanRoleArn = theirs+"deploy", theirs+"plan"
		})},
			past: []any{approved(func(e *components.PipelineEnvironment) { e.DeployRoleArn, e.PlanRoleArn = theirs+"deploy", "plan" }), approved(func(e *components.PipelineEnvironment) { e.PlanRoleArn = theirs + "plan" }),
				environment(func(e *components.PipelineEnvironment) {
					e.DeployRoleArn, e.PlanRoleArn = theirs+"deploy", theirs+"plan"
				})}},
		"Stack":       {at: []any{"a", strings.Replace(longestStack, "A", "B", 1)}, past: []any{longestStack + "z", "a.b", "a b"}},
		"BackendUrl":  {at: []any{"s3://abc", "s3://" + strings.Repeat("b", 63) + "/folder/of/states?region=eu-central-1"}, past: []any{"", "file:///tmp/state", "s3://ab", "s3://" + strings.Repeat("b", 64), "s3://My-State", "https://api.pulumi.com"}},
		"StateKeyArn": {past: []any{func(a *args) { a.StateKeyArn = nil }}},
		"BuildImage": {at: []any{"debian:12", "aws/codebuild/amazonlinux-aarch64-standard:3.0",
			"123456789012.dkr.ecr.us-east-1.amazonaws.com/build@sha256:" + strings.Repeat("0", 64), "222222222222.dkr.ecr.us-east-1.amazonaws.com/build@sha256:" + strings.Repeat("0", 64)}, free: onlyAWS},
		"OwnBuildImage":        {at: []any{own("")}, past: []any{func(a *args) { own("")(a); a.BuildImage = pulumi.String("debian:12") }}},
		"OwnBuildImage.Digest": {at: []any{own("sha256:" + strings.Repeat("0", 64))}, past: []any{own("latest"), own("sha256:" + strings.Repeat("0", 63)), own("sha256:" + strings.Repeat("A", 64))}},
		"ComputeType":          {at: []any{"BUILD_GENERAL1_SMALL", "BUILD_GENERAL1_2XLARGE"}, past: []any{"BUILD_LAMBDA_1GB", "LARGE"}},
		"BuildTimeout":         {at: []any{5, 2160}, past: []any{4, 2161, -1}},
		"ApprovalTimeout":      {at: []any{approvalOf(5, 1), approvalOf(86400, 61)}, past: []any{approvalOf(4, 1), approvalOf(86401, 365), approvalOf(86400, 60), -1}},
		"DockerHubSecretArn":   {at: []any{string(w.text("secret"))}, free: onlyAWS},
		"Emails":               {at: []any{[]string{"a@b.co", strings.Repeat("a", 64) + "@example.com"}}, past: []any{[]string{"a"}, []string{"a@b"}, []string{"a@b.co", "a@b.co"}}},
		"KeepImages":           {at: []any{1, 1000}, past: []any{-1, 1001}},
		"ArtifactDays":         {at: []any{8, 365}, past: []any{-1, 7, 366}},
		"LogRetentionDays":     logRetention,
		"Ephemeral":            either,
		"Tags":                 tags(50),
	}))
}

// sourceRows are the rows of a repository that the pipeline begins with.
func sourceRows(prefix string, w surroundings, of func(func(*components.PipelineSource)) func(*components.CodePipelineArgs)) map[string]argument {
	type source = components.PipelineSource
	provider := func(name, repository string) any {
		return of(func(s *source) { s.Provider, s.Repository = name, repository })
	}
	branch := func(name string) any { return of(func(s *source) { s.Branch = name }) }
	connection := func(arn string) any { return of(func(s *source) { s.ConnectionArn = arn }) }
	commits := func(change func(*source)) any {
		return of(func(s *source) {
			s.Provider, s.Repository = "CodeCommit", "shop"
			change(s)
		})
	}
	patterns := func(set func(*source, []string)) argument {
		given := func(list ...string) any { return of(func(s *source) { set(s, list) }) }
		many := strings.Fields(strings.Repeat("docs/** ", 9))
		return argument{at: []any{given(many[:8]...), given("a", strings.Repeat("a", 255), "**.md")}, past: []any{given(many...), given(""), given(strings.Repeat("a", 256)), given("/docs"),
			commits(func(s *source) { set(s, []string{"docs/**"}) })}}
	}
	return map[string]argument{
		prefix + "Provider":   {at: []any{provider("GitHub", "a/b"), provider("GitLab", "a/b/c/d"), provider("Bitbucket", "a/b"), provider("CodeCommit", "a")}, past: []any{provider("", "a/b"), provider("Gitea", "a/b"), provider("github", "a/b")}},
		prefix + "Repository": {at: []any{provider("CodeCommit", strings.Repeat("r", 100))}, past: []any{provider("GitHub", ""), provider("GitHub", "shop"), provider("GitHub", "a b/c"), provider("CodeCommit", "a/b"), provider("CodeCommit", strings.Repeat("r", 101)), provider("CodeCommit", "shop.git")}},
		prefix + "Branch":     {at: []any{branch("b"), branch(strings.Repeat("b", 255)), branch("release/ä-1.x"), commits(func(s *source) { s.Branch = strings.Repeat("b", 255) })}, past: []any{branch("a b"), branch("release/*"), branch(strings.Repeat("b", 256)), branch("-b"), branch("a..b")}},
		prefix + "Paths":      patterns(func(s *source, list []string) { s.Paths = list }),
		prefix + "ExcludedPaths": patterns(func(s *source, list []string) {
			s.ExcludedPaths = list
		}),
		prefix + "ConnectionArn": {at: []any{connection(string(w.text("connection"))), connection("arn:aws:codestar-connections:us-east-1:123456789012:connection/0a1b2c3d")},
			past: []any{connection("github"), connection("arn:aws:codeconnections:us-east-1:123456789012:host/a"), commits(func(s *source) { s.ConnectionArn = string(w.text("connection")) })}},
	}
}

func (w surroundings) deployRoles() subject {
	type args = components.DeployRolesArgs
	trusted := pulumi.StringArray{w.text("role")}
	buckets := func(count int) []string {
		var list []string
		for i := range count {
			list = append(list, fmt.Sprintf("%s%02d*", strings.Repeat("b", 60), i))
		}
		return list
	}
	return of(components.NewDeployRoles, func(string) *args { return &args{Stack: "prod", DeployTrustedArns: trusted} }, map[string]argument{
		"name":              names(49),
		"Stack":             {at: []any{"a", strings.Repeat("A-_.", 15)}, past: []any{"", strings.Repeat("a", 61), "a b", "a/b", "prod*"}},
		"SharedWith":        {at: []any{"b", strings.Repeat("B-_.", 15)}, past: []any{strings.Repeat("a", 61), "a b", "*", "prod"}},
		"Pipeline":          either,
		"Region":            {at: []any{"us-east-1", "us-gov-west-1"}, past: []any{"frankfurt", "eu-central", "*"}},
		"DeployTrustedArns": {past: []any{func(a *args) { a.DeployTrustedArns = nil }}},
		"PlanTrustedArns":   {at: []any{func(a *args) { a.PlanTrustedArns = trusted }}, free: onlyAWS},
		"Buckets":           {at: []any{[]string{"abc"}, buckets(10)}, past: []any{buckets(11), []string{"ab*"}, []string{"*"}, []string{"Site"}, []string{"a*b"}, []string{strings.Repeat("b", 64)}}},
		"PushImages":        either,
		"PermissionsBoundaryArn": {at: []any{string(w.text("boundary")), "arn:aws:iam::aws:policy/PowerUserAccess"},
			past: []any{"boundary", "arn:aws:iam::123456789012:role/boundary"}},
		"Tags": tags(50),
	})
}
