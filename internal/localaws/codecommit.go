package localaws

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codecommit"
)

const codeRepositoryType = "aws:codecommit/repository:Repository"

// codeCommitKinds are CodeCommit's resource types. A repository begins empty: its default branch is set by the first push, and the
// provider leaves it alone until then. It is renamed in place.
func codeCommitKinds() []*kind {
	return []*kind{
		of(codecommit.RepositoryArgs{}, codecommit.Repository{}, kind{service: "CodeCommit", noun: "Repository", idFrom: "repositoryName",
			named: &naming{property: "repositoryName", most: 100}, unique: map[string]string{"repositoryName": "RepositoryNameExistsException"},
			references: map[string]reference{"kmsKeyId": {types: []string{keyType, aliasType}, code: "EncryptionKeyNotFoundException", message: "No KMS key was found for %s", foreign: awsOwned("alias/aws/")}},
			check:      checkCodeRepository, compute: computeCodeRepository}),
	}
}

var codeRepositoryName = regexp.MustCompile(`^[\w.-]{1,100}$`)

func checkCodeRepository(c *checking) {
	name := c.text("repositoryName")
	if name != "" && (!codeRepositoryName.MatchString(name) || strings.HasSuffix(name, ".git")) {
		c.fail("repositoryName", "InvalidRepositoryNameException: a repository's name takes 1 to 100 letters, digits, periods, underscores and hyphens, and does not end in .git; got %q", name)
	}
	if size := len(c.text("description")); size > 1000 {
		c.fail("description", "InvalidRepositoryDescriptionException: a description takes 1000 characters at most, got %d", size)
	}
}

func computeCodeRepository(d *draft) {
	name := d.text("repositoryName")
	d.set("arn", d.arn("codecommit", name))
	d.set("repositoryId", (&draft{id: d.seed("codecommit/" + d.region + "/" + d.id)}).uuid())
	d.set("cloneUrlHttp", fmt.Sprintf("https://git-codecommit.%s.%s/v1/repos/%s", d.region, dnsSuffix(d.region), name))
	d.set("cloneUrlSsh", fmt.Sprintf("ssh://git-codecommit.%s.%s/v1/repos/%s", d.region, dnsSuffix(d.region), name))
}
