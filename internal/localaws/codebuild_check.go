package localaws

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	projectName       = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9\-_]{1,149}$`)
	sourceIdentifier  = regexp.MustCompile(`^[A-Za-z0-9_]{1,127}$`)
	certificateObject = regexp.MustCompile(`\.(pem|zip)$`)
	registryHost      = regexp.MustCompile(`^(\d{12})\.dkr\.ecr\.`)
)

func checkProject(c *checking) {
	if name := c.text("name"); name != "" && !projectName.MatchString(name) {
		c.fail("name", "Invalid project name: it takes 2 to 150 letters, digits, hyphens and underscores, a letter or digit first, got %q (InvalidInputException)", name)
	}
	if size := len(c.text("description")); size > 255 {
		c.fail("description", "a description takes 255 characters at most, got %d (InvalidInputException)", size)
	}
	c.between("buildTimeout", 5, 2160)
	c.between("queuedTimeout", 5, 480)
	if v := c.value("concurrentBuildLimit"); v.IsNumber() && v.NumberValue() < 1 {
		c.invalid("concurrentBuildLimit", "expected concurrentBuildLimit to be at least (1), got %v", v.NumberValue())
	}
	c.oneOf("projectVisibility", "PRIVATE", "PUBLIC_READ")
	checkProjectEnvironment(c)
	checkProjectSource(c)
	checkProjectArtifacts(c)
	checkProjectCache(c)
	checkProjectLogs(c)
	checkProjectNetwork(c)
}

// computeTypes are the machines of each type of environment (AWS CodeBuild User Guide, "Build environment compute modes and types"). Those of
// fleets are not in the table.
var computeTypes = map[string][]string{
	"LINUX_CONTAINER":               {"BUILD_GENERAL1_SMALL", "BUILD_GENERAL1_MEDIUM", "BUILD_GENERAL1_LARGE", "BUILD_GENERAL1_XLARGE", "BUILD_GENERAL1_2XLARGE"},
	"ARM_CONTAINER":                 {"BUILD_GENERAL1_SMALL", "BUILD_GENERAL1_MEDIUM", "BUILD_GENERAL1_LARGE", "BUILD_GENERAL1_XLARGE", "BUILD_GENERAL1_2XLARGE"},
	"LINUX_GPU_CONTAINER":           {"BUILD_GENERAL1_SMALL", "BUILD_GENERAL1_LARGE"},
	"WINDOWS_SERVER_2019_CONTAINER": {"BUILD_GENERAL1_MEDIUM", "BUILD_GENERAL1_LARGE"},
	"WINDOWS_SERVER_2022_CONTAINER": {"BUILD_GENERAL1_MEDIUM", "BUILD_GENERAL1_LARGE", "BUILD_GENERAL1_XLARGE"},
	"LINUX_LAMBDA_CONTAINER":        {"BUILD_LAMBDA_1GB", "BUILD_LAMBDA_2GB", "BUILD_LAMBDA_4GB", "BUILD_LAMBDA_8GB", "BUILD_LAMBDA_10GB"},
	"ARM_LAMBDA_CONTAINER":          {"BUILD_LAMBDA_1GB", "BUILD_LAMBDA_2GB", "BUILD_LAMBDA_4GB", "BUILD_LAMBDA_8GB", "BUILD_LAMBDA_10GB"},
}

// fleetTypes are the types of environments that only fleets have.
var fleetTypes = []string{"LINUX_EC2", "ARM_EC2", "WINDOWS_EC2", "MAC_ARM"}

const curatedPrefix = "aws/codebuild/"

// curatedImages says in which types of environments AWS's own images run; the first that fits counts.
var curatedImages = []struct {
	image *regexp.Regexp
	types []string
}{
	{regexp.MustCompile(`^aws/codebuild/amazonlinux2?-aarch64-lambda-standard:`), []string{"ARM_LAMBDA_CONTAINER"}},
	{regexp.MustCompile(`^aws/codebuild/amazonlinux2?-x86_64-lambda-standard:`), []string{"LINUX_LAMBDA_CONTAINER"}},
	{regexp.MustCompile(`^aws/codebuild/amazonlinux2?-aarch64-standard:\d+\.\d+(-[\d.]+)?$`), []string{"ARM_CONTAINER"}},
	{regexp.MustCompile(`^aws/codebuild/(standard|amazonlinux2?-x86_64-standard):\d+\.\d+(-[\d.]+)?$`), []string{"LINUX_CONTAINER", "LINUX_GPU_CONTAINER"}},
	{regexp.MustCompile(`^aws/codebuild/windows-base:2019-`), []string{"WINDOWS_SERVER_2019_CONTAINER"}},
	{regexp.MustCompile(`^aws/codebuild/windows-base:2022-`), []string{"WINDOWS_SERVER_2022_CONTAINER"}},
	{regexp.MustCompile(`^aws/codebuild/(ami|macos)`), fleetTypes},
}

func checkProjectEnvironment(c *checking) {
	const at = "environment"
	image, environment, compute := c.text(at+".image"), c.text(at+".type"), c.text(at+".computeType")
	c.oneOf(at+".type", append(sortedKeys(computeTypes), fleetTypes...)...)
	curated := strings.HasPrefix(image, curatedPrefix)
	sizes, known := computeTypes[environment]
	switch {
	case curated && environment != "" && !runsCurated(image, environment), curated && known && compute != "" && !slices.Contains(sizes, compute):
		c.fail(at+".image", "AWS CodeBuild curated image %s is not supported for projects with environment type %s and compute type %s (InvalidInputException)", image, environment, compute)
	case known && compute != "" && !slices.Contains(sizes, compute):
		c.fail(at+".computeType", "compute type %s is not supported for projects with environment type %s, it takes %s (InvalidInputException)", compute, environment, strings.Join(sizes, ", "))
	}
	c.oneOf(at+".imagePullCredentialsType", "CODEBUILD", "SERVICE_ROLE")
	checkPullCredentials(c, image, orDefault(c.text(at+".imagePullCredentialsType"), "CODEBUILD"))
	if certificate := c.text(at + ".certificate"); certificate != "" && !certificateObject.MatchString(certificate) {
		c.invalid(at+".certificate", "must end in .pem or .zip, got %q", certificate)
	}
	for n := range c.objects(at + ".environmentVariables") {
		variable := fmt.Sprintf("%s.environmentVariables[%d]", at, n)
		c.oneOf(variable+".type", "PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER")
		if v := c.value(variable + ".name"); v.IsString() && v.StringValue() == "" {
			c.fail(variable+".name", "Invalid environment variable: its name is empty (InvalidInputException)")
		}
	}
}

func runsCurated(image, environment string) bool {
	for _, curated := range curatedImages {
		if curated.image.MatchString(image) {
			return slices.Contains(curated.types, environment)
		}
	}
	return false
}

// checkPullCredentials checks who pulls the image: CodeBuild itself, which its repository's policy must let in, or the project's role.
func checkPullCredentials(c *checking, image, credentials string) {
	const at = "environment.imagePullCredentialsType"
	account := registryHost.FindStringSubmatch(image)
	switch {
	case strings.HasPrefix(image, curatedPrefix) && credentials == "SERVICE_ROLE":
		c.fail(at, "Invalid input: cannot use a CodeBuild curated image with imagePullCredentialsType SERVICE_ROLE (InvalidInputException)")
	case account != nil && account[1] != c.accountID && credentials == "CODEBUILD":
		c.fail(at, "Invalid input: cannot use a cross-account ECR image with imagePullCredentialsType CODEBUILD (InvalidInputException)")
	case c.has("environment.registryCredential") && credentials == "CODEBUILD":
		c.fail(at, "Invalid input: a registryCredential needs imagePullCredentialsType SERVICE_ROLE (InvalidInputException)")
	}
	c.oneOf("environment.registryCredential.credentialProvider", "SECRETS_MANAGER")
}

// sourceTypes are where a build's source can come from.
var sourceTypes = []string{"BITBUCKET", "CODECOMMIT", "CODEPIPELINE", "GITHUB", "GITHUB_ENTERPRISE", "GITLAB", "GITLAB_SELF_MANAGED", "NO_SOURCE", "S3"}

// reportingSources are those to whom the status of a build can be reported.
var reportingSources = []string{"BITBUCKET", "GITHUB", "GITHUB_ENTERPRISE", "GITLAB", "GITLAB_SELF_MANAGED"}

func checkProjectSource(c *checking) {
	c.oneOf("source.type", sourceTypes...)
	source := c.text("source.type")
	switch {
	case source == "NO_SOURCE" && !c.has("source.buildspec"):
		c.invalid("source.buildspec", "`buildspec` must be set when source's `type` is `NO_SOURCE`")
	case source == "NO_SOURCE" && c.has("source.location"):
		c.invalid("source.location", "`location` must be empty when source's `type` is `NO_SOURCE`")
	case source != "" && source != "NO_SOURCE" && source != "CODEPIPELINE" && !c.has("source.location"):
		c.fail("source.location", "Invalid project source: location must be set for the source type %s (InvalidInputException)", source)
	}
	if c.isTrue("source.reportBuildStatus") && source != "" && !slices.Contains(reportingSources, source) {
		c.fail("source.reportBuildStatus", "Invalid project source: reportBuildStatus takes effect for the source types %s only, got %s (InvalidInputException)", strings.Join(reportingSources, ", "), source)
	}
	checkBuildspec(c, "source.buildspec")
	c.checkSecondary("secondarySources", "sourceIdentifier", "sourceType")
}

func checkProjectArtifacts(c *checking) {
	c.oneOf("artifacts.type", "CODEPIPELINE", "NO_ARTIFACTS", "S3")
	source, artifacts := c.text("source.type"), c.text("artifacts.type")
	switch {
	case source != "" && artifacts != "" && (source == "CODEPIPELINE") != (artifacts == "CODEPIPELINE"):
		c.fail("artifacts.type", "Invalid input: when using CodePipeline both sourceType, and artifactType must be set to: CODEPIPELINE (InvalidInputException)")
	case artifacts == "NO_ARTIFACTS" && c.has("artifacts.name"):
		c.fail("artifacts.name", "Invalid artifacts: artifact type NO_ARTIFACTS should have null output name (InvalidInputException)")
	case artifacts == "S3" && !c.has("artifacts.location"):
		c.fail("artifacts.location", "Invalid artifacts: location must be set for the artifact type S3 (InvalidInputException)")
	case artifacts != "" && artifacts != "S3" && c.isTrue("artifacts.encryptionDisabled"):
		c.fail("artifacts.encryptionDisabled", "Invalid artifacts: encryptionDisabled is for the artifact type S3 only, got %s (InvalidInputException)", artifacts)
	}
	c.checkSecondary("secondaryArtifacts", "artifactIdentifier", "artifactType")
}

// checkSecondary checks further sources or artifacts, which a build finds by their identifiers.
func (c *checking) checkSecondary(property, identifier, typed string) {
	list := c.objects(property)
	if len(list) > 12 {
		c.fail(property, "Invalid input: there are 12 %s at most, got %d (InvalidInputException)", property, len(list))
	}
	seen := map[string]bool{}
	for n := range list {
		at := fmt.Sprintf("%s[%d]", property, n)
		if c.text(at+".type") == "CODEPIPELINE" {
			c.fail(at+".type", "Invalid input: %s CODEPIPELINE is not allowed for %s (InvalidInputException)", typed, property)
		}
		name := c.text(at + "." + identifier)
		if name != "" && !sourceIdentifier.MatchString(name) {
			c.fail(at+"."+identifier, "Invalid input: identifier must contain only alphanumeric characters and underscores and be less than 128 characters in length, got %q (InvalidInputException)", name)
		}
		if name != "" && seen[name] {
			c.fail(at+"."+identifier, "Invalid input: identifiers must be unique, %q is given twice (InvalidInputException)", name)
		}
		seen[name] = true
	}
}

func checkProjectCache(c *checking) {
	c.oneOf("cache.type", "NO_CACHE", "LOCAL", "S3")
	modes := texts(c.value("cache.modes"), "")
	for _, mode := range modes {
		if !slices.Contains([]string{"LOCAL_CUSTOM_CACHE", "LOCAL_DOCKER_LAYER_CACHE", "LOCAL_SOURCE_CACHE"}, mode) {
			c.fail("cache.modes", "Invalid cache: there is no mode %s (InvalidInputException)", mode)
		}
	}
	switch c.text("cache.type") {
	case "S3":
		if !c.has("cache.location") {
			c.invalid("cache.location", "cache location is required when cache type is \"S3\"")
		}
	case "LOCAL":
		if !c.has("cache.modes") {
			c.fail("cache.modes", "Invalid cache: at least one mode must be set for the cache type LOCAL (InvalidInputException)")
		}
		if slices.Contains(modes, "LOCAL_DOCKER_LAYER_CACHE") && strings.HasPrefix(c.text("environment.type"), "WINDOWS") {
			c.fail("cache.modes", "Invalid cache: LOCAL_DOCKER_LAYER_CACHE is for Linux only, got %s (InvalidInputException)", c.text("environment.type"))
		}
	}
}

func checkProjectLogs(c *checking) {
	for _, logs := range []string{"cloudwatchLogs", "s3Logs"} {
		c.oneOf("logsConfig."+logs+".status", "ENABLED", "DISABLED")
	}
	if group := c.text("logsConfig.cloudwatchLogs.groupName"); group != "" && !logGroupName.MatchString(group) {
		c.fail("logsConfig.cloudwatchLogs.groupName", "Invalid logs config: a log group's name takes 1 to 512 of [.-_/#A-Za-z0-9], got %q (InvalidInputException)", group)
	}
	if c.text("logsConfig.s3Logs.status") == "ENABLED" && !c.has("logsConfig.s3Logs.location") {
		c.fail("logsConfig.s3Logs.location", "Invalid logs config: location must be set when logs to S3 are enabled (InvalidInputException)")
	}
}

func checkProjectNetwork(c *checking) {
	for property, most := range map[string]int{"subnets": 16, "securityGroupIds": 5} {
		if v := c.value("vpcConfig." + property); v.IsArray() && (len(v.ArrayValue()) == 0 || len(v.ArrayValue()) > most) {
			c.fail("vpcConfig."+property, "Invalid vpc config: there are 1 to %d %s, got %d (InvalidInputException)", most, property, len(v.ArrayValue()))
		}
	}
}
