package localaws

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecr"
)

// pushedImageType is an image in a repository: a docker.Image pushes it and, as in the registry, leaves it there when
// Pulumi deletes the docker.Image.
const pushedImageType = "aws:ecr/image:Image"

// ecrKinds are the registry's resource types.
func ecrKinds() []*kind {
	const service = "ECR"
	registryID := func(d *draft) { d.set("registryId", d.accountID) }
	return []*kind{
		of(ecr.RepositoryArgs{}, ecr.Repository{}, kind{service: service, noun: "Repository", idFrom: "name",
			named: &naming{property: "name", most: 255}, unique: map[string]string{"name": "RepositoryAlreadyExistsException"},
			replace: []string{"name", "encryptionConfigurations"}, defaults: map[string]any{"imageTagMutability": "MUTABLE"},
			check: checkRepository, compute: func(d *draft) {
				d.set("arn", d.arn("ecr", "repository/"+d.id))
				d.set("registryId", d.accountID)
				d.set("repositoryUrl", d.registry()+"/"+d.id)
			},
			inUse: &inUse{code: "RepositoryNotEmptyException", by: []string{pushedImageType}, unless: "forceDelete",
				message: "The repository with name '%s' in registry with id '%s' cannot be deleted because it still contains images"}}),
		of(ecr.LifecyclePolicyArgs{}, ecr.LifecyclePolicy{}, kind{service: service, noun: "LifecyclePolicy", idFrom: "repository", overwrites: always,
			replace: []string{"repository", "policy"}, deleteFirst: true, check: checkLifecyclePolicy, compute: registryID}),
		of(ecr.RepositoryPolicyArgs{}, ecr.RepositoryPolicy{}, kind{service: service, noun: "RepositoryPolicy", idFrom: "repository", overwrites: always,
			replace: []string{"repository"}, check: checkRepositoryPolicy, compute: registryID, admit: admitRepositoryPolicy}),
	}
}

var registryImage = regexp.MustCompile(`^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/([^:@]+)`)

// repositoryOf is the repository of an image, by its name, and the registry that it is in. Other registries than ECR's, and those of accounts that
// nothing is known of, are not looked into.
func (a *Account) repositoryOf(image string) (registry *Account, name string, known bool) {
	parts := registryImage.FindStringSubmatch(image)
	if parts == nil {
		return nil, "", false
	}
	registry = a.at(scope{parts[1], parts[2]})
	return registry, parts[3], registry.known()
}

// noRepository is what a registry says of one that it does not have.
func (a *Account) noRepository(name string) string {
	return fmt.Sprintf("name unknown: The repository with name '%s' does not exist in the registry with id '%s'", name, a.accountID)
}

var repositoryName = regexp.MustCompile(`^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$`)

func checkRepository(c *checking) {
	if name := c.text("name"); name != "" && (len(name) < 2 || len(name) > 256 || !repositoryName.MatchString(name)) {
		c.fail("name", "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*'', 2 to 256 characters, got %q (InvalidParameterException)", name)
	}
	c.oneOf("imageTagMutability", "MUTABLE", "IMMUTABLE")
	c.oneOf("encryptionConfigurations[0].encryptionType", "AES256", "KMS", "KMS_DSSE")
	if c.has("encryptionConfigurations[0].kmsKey") && !strings.HasPrefix(c.text("encryptionConfigurations[0].encryptionType"), "KMS") {
		c.fail("encryptionConfigurations[0].kmsKey", "takes effect with encryptionType KMS only (InvalidParameterException)")
	}
}

// lifecycleRule is a rule of a lifecycle policy.
type lifecycleRule struct {
	RulePriority int    `json:"rulePriority"`
	Description  string `json:"description"`
	Selection    struct {
		TagStatus      string   `json:"tagStatus"`
		TagPrefixList  []string `json:"tagPrefixList"`
		TagPatternList []string `json:"tagPatternList"`
		CountType      string   `json:"countType"`
		CountUnit      string   `json:"countUnit"`
		CountNumber    int      `json:"countNumber"`
	} `json:"selection"`
	Action struct {
		Type string `json:"type"`
	} `json:"action"`
}

func checkLifecyclePolicy(c *checking) {
	document := c.text("policy")
	if document == "" {
		return
	}
	fail := func(format string, args ...any) {
		c.fail("policy", "Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure: %s' (InvalidParameterException)", fmt.Sprintf(format, args...))
	}
	var policy struct {
		Rules []lifecycleRule `json:"rules"`
	}
	if err := strictJSON([]byte(document), &policy); err != nil {
		fail("%v", err)
		return
	}
	if len(policy.Rules) == 0 {
		fail("rules must have at least one rule")
	}
	priorities, last := map[int]bool{}, 0
	for _, rule := range policy.Rules {
		if priorities[rule.RulePriority] {
			fail("rulePriority %d is given twice", rule.RulePriority)
		}
		priorities[rule.RulePriority] = true
		last = max(last, rule.RulePriority)
	}
	for n, rule := range policy.Rules {
		for _, problem := range rule.problems(last) {
			fail("rules[%d]: %s", n, problem)
		}
	}
}

// problems are what is wrong with a rule; last is the highest priority number of its policy.
func (r lifecycleRule) problems(last int) (problems []string) {
	add := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if r.RulePriority < 1 {
		add("rulePriority must be a positive integer, got %d", r.RulePriority)
	}
	s := r.Selection
	if !slices.Contains([]string{"tagged", "untagged", "any"}, s.TagStatus) {
		add("tagStatus must be tagged, untagged or any, got %q", s.TagStatus)
	}
	if s.TagStatus == "any" && r.RulePriority != last {
		add("the rule with tagStatus any must have the highest rulePriority, %d, got %d", last, r.RulePriority)
	}
	if hasTags := len(s.TagPrefixList)+len(s.TagPatternList) > 0; hasTags != (s.TagStatus == "tagged") {
		add("tagPrefixList or tagPatternList goes with tagStatus tagged, and only with it")
	}
	switch s.CountType {
	case "imageCountMoreThan":
		if s.CountUnit != "" {
			add("countUnit goes with countType sinceImagePushed only")
		}
	case "sinceImagePushed":
		if s.CountUnit != "days" {
			add("countType sinceImagePushed needs countUnit days, got %q", s.CountUnit)
		}
	default:
		add("countType must be imageCountMoreThan or sinceImagePushed, got %q", s.CountType)
	}
	if s.CountNumber < 1 {
		add("countNumber must be a positive integer, got %d", s.CountNumber)
	}
	if r.Action.Type != "expire" {
		add("action type must be expire, got %q", r.Action.Type)
	}
	return problems
}

func checkRepositoryPolicy(c *checking) {
	c.checkPolicy("policy", "InvalidParameterException: Invalid repository policy provided", repositoryPolicy)
}

func admitRepositoryPolicy(a *admission) error {
	return a.admitPrincipals("policy", "InvalidParameterException", repositoryPolicy)
}
