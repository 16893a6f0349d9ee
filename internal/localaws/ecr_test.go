package localaws

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
)

const lifecyclePolicyType = "aws:ecr/lifecyclePolicy:LifecyclePolicy"

// keepLast is a lifecycle rule.
func keepLast(priority int, status string, changes map[string]any) map[string]any {
	selection := with(map[string]any{"tagStatus": status, "countType": "imageCountMoreThan", "countNumber": 20}, changes)
	return map[string]any{"rulePriority": priority, "selection": selection, "action": map[string]any{"type": "expire"}}
}

func lifecyclePolicy(rules ...map[string]any) map[string]any {
	text, err := json.Marshal(map[string]any{"rules": rules})
	if err != nil {
		panic(err) // maps of texts and numbers are always valid JSON
	}
	return map[string]any{"repository": "app", "policy": string(text)}
}

func TestECRCheck(t *testing.T) {
	t.Parallel()
	checkAll(t, map[string]checkCase{
		"an unknown mutability":          {repositoryType, map[string]any{"name": "app", "imageTagMutability": "FIXED"}, "imageTagMutability: expected"},
		"a priority twice":               {lifecyclePolicyType, lifecyclePolicy(keepLast(1, "untagged", nil), keepLast(1, "untagged", nil)), "rulePriority 1 is given twice"},
		"days without a unit":            {lifecyclePolicyType, lifecyclePolicy(keepLast(1, "any", map[string]any{"countType": "sinceImagePushed"})), "countType sinceImagePushed needs countUnit days"},
		"tagged without tags":            {lifecyclePolicyType, lifecyclePolicy(keepLast(1, "tagged", nil)), "tagPrefixList or tagPatternList goes with tagStatus tagged"},
		"a count of nothing":             {lifecyclePolicyType, lifecyclePolicy(keepLast(1, "any", map[string]any{"countNumber": 0})), "countNumber must be a positive integer, got 0"},
		"a misspelt word":                {lifecyclePolicyType, lifecyclePolicy(keepLast(1, "any", map[string]any{"countNumbers": 3})), `unknown field "countNumbers"`},
		"no rules":                       {lifecyclePolicyType, lifecyclePolicy(), "rules must have at least one rule"},
		"a repository policy for nobody": {"aws:ecr/repositoryPolicy:RepositoryPolicy", map[string]any{"repository": "app", "policy": document(map[string]any{"Effect": "Allow", "Action": "ecr:BatchGetImage"})}, "policy: InvalidParameterException: Invalid repository policy provided: Missing required field Principal"},
	})
}

func TestRepositories(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	repository := e.create(repositoryType, "app", map[string]any{"name": "team/app"})
	assert.Equal(t, "team/app", repository["id"])
	assert.Equal(t, "arn:aws:ecr:us-east-1:123456789012:repository/team/app", repository["arn"])
	assert.Equal(t, "123456789012.dkr.ecr.us-east-1.amazonaws.com/team/app", repository["repositoryUrl"])
	assert.Equal(t, AccountID, repository["registryId"])
	_, err := e.tryCreate(repositoryType, "again", map[string]any{"name": "team/app"})
	refused(t, err, "RepositoryAlreadyExistsException")
	_, err = e.tryCreate(lifecyclePolicyType, "app", lifecyclePolicy(keepLast(1, "any", nil)))
	refused(t, err, "RepositoryNotFoundException")

	policy := e.deploy(lifecyclePolicyType, "app", with(lifecyclePolicy(keepLast(1, "any", nil)), map[string]any{"repository": "team/app"}))
	diff := policy.diff(with(lifecyclePolicy(keepLast(1, "any", map[string]any{"countNumber": 5})), map[string]any{"repository": "team/app"}))
	assert.Len(t, diff.ReplaceKeys, 1, "ECR's lifecycle policies are replaced")
	assert.True(t, diff.DeleteBeforeReplace, "and the old one goes first: there is one for each repository")

	encrypted := e.deploy(repositoryType, "other", map[string]any{"name": "other"})
	kms := map[string]any{"name": "other", "encryptionConfigurations": []any{map[string]any{"encryptionType": "KMS"}}}
	assert.Equal(t, []string{"encryptionConfigurations"}, encrypted.replaces(kms))
	assert.Empty(t, encrypted.replaces(map[string]any{"name": "other", "imageTagMutability": "IMMUTABLE"}))
}
