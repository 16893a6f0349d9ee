package localaws

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

const connectionProvider = "CodeStarSourceConnection"

// actionKey is the type of an action; all are of version 1.
type actionKey struct{ category, owner, provider string }

// actionType says what an action of a type takes: how many artifacts, and which keys its configuration must have or can have.
type actionType struct {
	inputs, outputs    [2]int
	required, optional []string
	// variables are those that it gives others, if it gives always the same.
	variables []string
	// open types have a configuration that is not looked into.
	open bool
}

var (
	sourceOutput = [2]int{1, 1}
	oneInput     = [2]int{1, 1}
	upToFive     = [2]int{0, 5}
)

var codeBuildAction = actionType{inputs: [2]int{1, 5}, outputs: upToFive, required: []string{"ProjectName"},
	optional: []string{"PrimarySource", "BatchEnabled", "BuildspecOverride", "CombineArtifacts", "EnvironmentVariables"}}

// actionTypes are CodePipeline's (AWS CodePipeline User Guide, "Action structure reference" and "Valid input and output artifacts for each
// action type"). Commands, which needs a property that pulumi-aws v6 does not have, and custom ones are not among them.
var actionTypes = map[actionKey]actionType{
	{"Source", "AWS", connectionProvider}: {outputs: sourceOutput, required: []string{"ConnectionArn", "FullRepositoryId", "BranchName"}, optional: []string{"OutputArtifactFormat", "DetectChanges"},
		variables: []string{"AuthorDate", "AuthorDisplayName", "AuthorEmail", "AuthorId", "BranchName", "CommitId", "CommitMessage", "ConnectionArn", "FullRepositoryName", "ProviderType"}},
	{"Source", "AWS", "CodeCommit"}: {outputs: sourceOutput, required: []string{"RepositoryName", "BranchName"}, optional: []string{"PollForSourceChanges", "OutputArtifactFormat"},
		variables: []string{"AuthorDate", "BranchName", "CommitId", "CommitMessage", "CommitterDate", "RepositoryName"}},
	{"Source", "AWS", "S3"}: {outputs: sourceOutput, required: []string{"S3Bucket", "S3ObjectKey"}, optional: []string{"PollForSourceChanges", "AllowOverrideForS3ObjectKey"},
		variables: []string{"BucketName", "ETag", "ObjectKey", "VersionId"}},
	{"Source", "AWS", "ECR"}: {outputs: sourceOutput, required: []string{"RepositoryName"}, optional: []string{"ImageTag"},
		variables: []string{"ImageDigest", "ImageTag", "ImageURI", "RegistryId", "RepositoryName"}},
	{"Source", "ThirdParty", "GitHub"}:    {outputs: sourceOutput, required: []string{"Owner", "Repo", "Branch", "OAuthToken"}, optional: []string{"PollForSourceChanges"}},
	{"Build", "AWS", "CodeBuild"}:         codeBuildAction,
	{"Test", "AWS", "CodeBuild"}:          codeBuildAction,
	{"Test", "AWS", "DeviceFarm"}:         {inputs: oneInput, open: true},
	{"Approval", "AWS", "Manual"}:         {optional: []string{"NotificationArn", "CustomData", "ExternalEntityLink"}},
	{"Deploy", "AWS", "S3"}:               {inputs: oneInput, open: true},
	{"Deploy", "AWS", "CloudFormation"}:   {inputs: [2]int{0, 10}, outputs: [2]int{0, 1}, open: true},
	{"Deploy", "AWS", "CodeDeploy"}:       {inputs: oneInput, open: true},
	{"Deploy", "AWS", "ElasticBeanstalk"}: {inputs: oneInput, open: true},
	{"Deploy", "AWS", "OpsWorks"}:         {inputs: oneInput, open: true},
	{"Deploy", "AWS", "ECS"}:              {inputs: oneInput, open: true},
	{"Deploy", "AWS", "ServiceCatalog"}:   {inputs: oneInput, open: true},
	{"Invoke", "AWS", "Lambda"}:           {inputs: upToFive, outputs: upToFive, open: true},
}

var (
	fullRepository = regexp.MustCompile(`^[^/\s]+(/[^/\s]+)+$`)
	webLink        = regexp.MustCompile(`^https?://`)
)

func checkAction(c *checking, a *pipelineAction) {
	if v := c.value(a.at + ".runOrder"); v.IsNumber() && (v.NumberValue() < 1 || v.NumberValue() > 999) {
		c.between(a.at+".runOrder", 1, 999)
	}
	if a.category == "" || a.owner == "" || a.provider == "" || a.version == "" {
		return
	}
	typ, known := actionTypes[actionKey{a.category, a.owner, a.provider}]
	if !known || a.version != "1" {
		c.fail(a.at+".provider", "%s is not available in region %s (InvalidActionDeclarationException)", a.typed(), strings.ToUpper(strings.ReplaceAll(c.region, "-", "_")))
		return
	}
	if v := c.value(a.at + ".timeoutInMinutes"); v.IsNumber() && a.category != "Approval" {
		c.fail(a.at+".timeoutInMinutes", "a timeout is for manual approvals only, %s is an action of category %s (InvalidActionDeclarationException)", a.name, a.category)
	} else {
		c.between(a.at+".timeoutInMinutes", 5, 86400)
	}
	if !a.unlisted {
		checkArtifactCount(c, a, "input", len(a.inputs), typ.inputs)
		checkArtifactCount(c, a, "output", len(a.outputs), typ.outputs)
	}
	if !a.unset {
		checkConfiguration(c, a, typ)
	}
}

// typed is an action's type, as CodePipeline writes it.
func (a *pipelineAction) typed() string {
	return fmt.Sprintf("ActionType (Category: '%s', Provider: '%s', Owner: '%s', Version: '%s') in action '%s'", a.category, a.provider, a.owner, a.version, a.name)
}

func checkArtifactCount(c *checking, a *pipelineAction, what string, count int, bounds [2]int) {
	switch {
	case count < bounds[0]:
		c.fail(a.at+"."+what+"Artifacts", "%s declares %d %s artifacts which is less than the minimum count (%d) (InvalidActionDeclarationException)", a.typed(), count, what, bounds[0])
	case count > bounds[1]:
		c.fail(a.at+"."+what+"Artifacts", "%s declares %d %s artifacts which is greater than the maximum count (%d) (InvalidActionDeclarationException)", a.typed(), count, what, bounds[1])
	}
}

func checkConfiguration(c *checking, a *pipelineAction, typ actionType) {
	at := a.at + ".configuration"
	for _, key := range a.configuration.StableKeys() {
		name, v := string(key), plain(a.configuration[key])
		if !typ.open && !slices.Contains(typ.required, name) && !slices.Contains(typ.optional, name) {
			c.fail(at+"."+name, "Action configuration for action '%s' contains unknown configuration '%s', it takes: %s (InvalidActionDeclarationException)", a.name, name, strings.Join(slices.Concat(typ.required, typ.optional), ", "))
		} else if v.IsString() && (v.StringValue() == "" || len(v.StringValue()) > 50000) {
			c.fail(at+"."+name, "Map value must satisfy constraint: [Member must have length less than or equal to 50000, Member must have length greater than or equal to 1] (ValidationException)")
		}
	}
	required := typ.required
	if a.provider == "CodeBuild" && len(a.inputs) > 1 {
		required = append(slices.Clone(required), "PrimarySource")
	}
	for _, name := range required {
		if !given(a.configuration, name) {
			c.fail(at, "Action configuration for action '%s' is missing required configuration '%s' (InvalidActionDeclarationException)", a.name, name)
		}
	}
	switch a.provider {
	case "CodeBuild":
		checkBuildAction(c, a)
	case connectionProvider, "CodeCommit":
		checkSourceAction(c, a)
	case "Manual":
		checkApproval(c, a)
	}
}

// checkBuildAction checks the artifacts of a build, of which the further ones are its secondary sources and artifacts. CodeBuild refuses their
// names only when the build begins.
func checkBuildAction(c *checking, a *pipelineAction) {
	primary := a.setting("PrimarySource")
	if primary != "" && !slices.Contains(a.inputs, primary) && !a.unlisted && !slices.Contains(a.inputs, "") {
		c.fail(a.at+".configuration.PrimarySource", "PrimarySource of action '%s' must be one of its input artifacts (%s), got %s (InvalidActionDeclarationException)", a.name, strings.Join(a.inputs, ", "), primary)
	}
	identified := func(property string, names []string) {
		for n, name := range names {
			if len(names) > 1 && name != "" && name != primary && !sourceIdentifier.MatchString(name) {
				c.fail(fmt.Sprintf("%s.%s[%d]", a.at, property, n), "Invalid input: identifier must contain only alphanumeric characters and underscores and be less than 128 characters in length: the build of action '%s' knows the artifact %s by its name (InvalidInputException)", a.name, name)
			}
		}
	}
	identified("inputArtifacts", a.inputs)
	identified("outputArtifacts", a.outputs)
	if text := a.setting("EnvironmentVariables"); text != "" {
		var variables []struct {
			Name  string `json:"name"`
			Value string `json:"value"`
			Type  string `json:"type"`
		}
		decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
		decoder.DisallowUnknownFields()
		err := decoder.Decode(&variables)
		for _, v := range variables {
			if v.Name == "" || !slices.Contains([]string{"", "PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER"}, v.Type) {
				err = fmt.Errorf("%+v", v)
			}
		}
		if err != nil {
			c.fail(a.at+".configuration.EnvironmentVariables", "EnvironmentVariables of action '%s' take a JSON list of objects with name, value and type (PLAINTEXT, PARAMETER_STORE or SECRETS_MANAGER): %v (InvalidActionDeclarationException)", a.name, err)
		}
	}
}

func checkSourceAction(c *checking, a *pipelineAction) {
	at := a.at + ".configuration"
	for key, allowed := range map[string][]string{"OutputArtifactFormat": {"CODE_ZIP", "CODEBUILD_CLONE_REF"}, "DetectChanges": {"true", "false"}, "PollForSourceChanges": {"true", "false"}} {
		if value := a.setting(key); value != "" && !slices.Contains(allowed, value) {
			c.fail(at+"."+key, "%s of action '%s' takes %s, got %q (InvalidActionDeclarationException)", key, a.name, strings.Join(allowed, " or "), value)
		}
	}
	if repository := a.setting("FullRepositoryId"); repository != "" && !isVariable(repository) && !fullRepository.MatchString(repository) {
		c.fail(at+".FullRepositoryId", "FullRepositoryId of action '%s' takes an owner and a name, such as some-user/my-repo, got %q (InvalidActionDeclarationException)", a.name, repository)
	}
	if connection := a.setting("ConnectionArn"); connection != "" && !strings.Contains(resourceOf(connection), "connection/") {
		c.fail(at+".ConnectionArn", "ConnectionArn of action '%s' takes the ARN of a connection, got %q (InvalidActionDeclarationException)", a.name, connection)
	}
}

func checkApproval(c *checking, a *pipelineAction) {
	at := a.at + ".configuration"
	if topic := a.setting("NotificationArn"); topic != "" && serviceOf(topic) != "sns" {
		c.fail(at+".NotificationArn", "NotificationArn of action '%s' takes the ARN of a topic, got %q (InvalidActionDeclarationException)", a.name, topic)
	}
	if link := a.setting("ExternalEntityLink"); link != "" && !isVariable(link) && !webLink.MatchString(link) {
		c.fail(at+".ExternalEntityLink", "ExternalEntityLink of action '%s' takes an address that begins with http:// or https://, got %q (InvalidActionDeclarationException)", a.name, link)
	}
}
