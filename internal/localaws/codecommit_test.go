package localaws

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestCodeRepositoryCheck(t *testing.T) {
	t.Parallel()
	checkAll(t, map[string]checkCase{
		"a name with a space":      {codeRepositoryType, map[string]any{"repositoryName": "my app"}, "repositoryName: InvalidRepositoryNameException"},
		"a name of 101":            {codeRepositoryType, map[string]any{"repositoryName": strings.Repeat("a", 101)}, "repositoryName: InvalidRepositoryNameException"},
		"a name that ends in .git": {codeRepositoryType, map[string]any{"repositoryName": "app.git"}, "repositoryName: InvalidRepositoryNameException"},
		"a description of 1001":    {codeRepositoryType, map[string]any{"repositoryName": "app", "description": strings.Repeat("a", 1001)}, "description: InvalidRepositoryDescriptionException"},
	})
	_, failures := newEmbedded(t).check(codeRepositoryType, "x", map[string]any{"repositoryName": strings.Repeat("a", 100), "description": strings.Repeat("a", 1000), "defaultBranch": "main"})
	assert.Empty(t, failures)
}

func TestCodeRepositories(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	repository := e.deploy(codeRepositoryType, "app", map[string]any{"repositoryName": "app"})
	assert.Equal(t, "app", repository.id)
	assert.Equal(t, "arn:aws:codecommit:us-east-1:123456789012:app", repository.text("arn"))
	assert.Equal(t, "https://git-codecommit.us-east-1.amazonaws.com/v1/repos/app", repository.text("cloneUrlHttp"))
	assert.Equal(t, "ssh://git-codecommit.us-east-1.amazonaws.com/v1/repos/app", repository.text("cloneUrlSsh"))
	id := repository.text("repositoryId")
	assert.Regexp(t, `^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`, id)

	_, err := e.tryCreate(codeRepositoryType, "again", map[string]any{"repositoryName": "app"})
	refused(t, err, "RepositoryNameExistsException")
	_, err = e.tryCreate(codeRepositoryType, "lost", map[string]any{"repositoryName": "lost", "kmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/none"})
	refused(t, err, "EncryptionKeyNotFoundException")

	renamed := map[string]any{"repositoryName": "shop"}
	assert.Empty(t, repository.replaces(renamed), "CodeCommit renames in place")
	assert.NoError(t, repository.update(renamed))
	assert.Equal(t, "arn:aws:codecommit:us-east-1:123456789012:shop", repository.text("arn"))
	assert.Equal(t, id, repository.text("repositoryId"), "it is the same repository")
	assert.NoError(t, repository.delete())
}
