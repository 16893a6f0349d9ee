package localaws

import (
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codebuild"
)

// codebuildKinds are CodeBuild's resource types. A project's log group is made by its first build, if nobody made it before.
func codebuildKinds() []*kind {
	awsKey := func(key string) bool { return strings.Contains(key, "alias/aws/") }
	return []*kind{
		of(codebuild.ProjectArgs{}, codebuild.Project{}, kind{service: "CodeBuild", noun: "Project", id: func(d *draft) string { return d.arn("codebuild", "project/"+d.text("name")) },
			named: &naming{property: "name", most: 150}, unique: map[string]string{"name": "ResourceAlreadyExistsException"}, replace: []string{"name"},
			defaults: map[string]any{"badgeEnabled": false, "badgeUrl": "", "buildTimeout": 60, "queuedTimeout": 480, "concurrentBuildLimit": 0, "description": "",
				"projectVisibility": "PRIVATE", "publicProjectAlias": ""},
			references: map[string]reference{
				"serviceRole":        {types: []string{roleType}, code: "InvalidInputException", message: "CodeBuild is not authorized to perform: sts:AssumeRole on %s"},
				"encryptionKey":      {types: []string{keyType, aliasType}, code: "InvalidInputException", message: "Invalid encryption key: %s does not exist", foreign: awsKey, abroad: true},
				"resourceAccessRole": {types: []string{roleType}, code: "InvalidInputException", message: "CodeBuild is not authorized to perform: sts:AssumeRole on %s"},
				"environment.registryCredential.credential": {types: []string{secretType}, code: "InvalidInputException", message: "Invalid registry credential: the secret %s does not exist",
					abroad: true},
			},
			check: checkProject, compute: computeProject, admit: admitProject}),
	}
}

func computeProject(d *draft) {
	d.set("arn", d.id)
	if !d.has("encryptionKey") {
		d.set("encryptionKey", d.arn("kms", "alias/aws/s3"))
	}
}

// admitProject refuses a role that CodeBuild cannot take on.
func admitProject(a *admission) error {
	if role := a.account.lookup(a.text("serviceRole"), roleType); !trusts(role, "codebuild.amazonaws.com") {
		return refuse("InvalidInputException", "CodeBuild is not authorized to perform: sts:AssumeRole on %s", role.text("arn"))
	}
	return nil
}
