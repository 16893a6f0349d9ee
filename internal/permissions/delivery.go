package permissions

// passing adds what lets a pipeline use a connection. The service had another name before, and AWS checks the one in the connection's ARN.
func passing(action string) []string {
	return sorted([]string{action, "codeconnections:PassConnection", "codestar-connections:PassConnection"})
}

var delivery = map[string]Row{
	"aws:codepipeline/pipeline:Pipeline": {
		Create: passing("codepipeline:CreatePipeline"),
		Read:   []string{"codepipeline:GetPipeline", "codepipeline:ListTagsForResource"},
		Update: passing("codepipeline:UpdatePipeline"),
		Delete: []string{"codepipeline:DeletePipeline"},
		Tag:    []string{"codepipeline:TagResource"},
		Untag:  []string{"codepipeline:UntagResource"},
		Passes: []Pass{{Property: "roleArn", Service: "codepipeline.amazonaws.com"}},
	},
	// Tags come with the other calls: CodeBuild has no actions for them.
	"aws:codebuild/project:Project": {
		Create: []string{"codebuild:CreateProject"},
		Read:   []string{"codebuild:BatchGetProjects"},
		Update: []string{"codebuild:UpdateProject"},
		Delete: []string{"codebuild:DeleteProject"},
		Passes: []Pass{{Property: "serviceRole", Service: "codebuild.amazonaws.com", IfChanged: true}},
	},
	"aws:codeconnections/connection:Connection": {
		Create: []string{"codeconnections:CreateConnection"},
		Read:   []string{"codeconnections:GetConnection", "codeconnections:ListTagsForResource"},
		Delete: []string{"codeconnections:DeleteConnection"},
		Tag:    []string{"codeconnections:TagResource"},
		Untag:  []string{"codeconnections:UntagResource"},
	},
	"aws:codecommit/repository:Repository": {
		Create: []string{"codecommit:CreateRepository"},
		Read:   []string{"codecommit:GetRepository", "codecommit:ListBranches", "codecommit:ListTagsForResource"},
		Update: []string{"codecommit:UpdateDefaultBranch", "codecommit:UpdateRepositoryDescription", "codecommit:UpdateRepositoryName"},
		Delete: []string{"codecommit:DeleteRepository"},
		Tag:    []string{"codecommit:TagResource"},
		Untag:  []string{"codecommit:UntagResource"},
	},
	"aws:cloudwatch/eventRule:EventRule": {
		Create: []string{"events:PutRule"},
		Read:   []string{"events:DescribeRule", "events:ListTagsForResource"},
		Update: []string{"events:PutRule"},
		Delete: []string{"events:DeleteRule"},
		Tag:    []string{"events:TagResource"},
		Untag:  []string{"events:UntagResource"},
	},
	"aws:cloudwatch/eventTarget:EventTarget": {
		On:     "rule",
		Create: []string{"events:PutTargets"},
		Read:   []string{"events:ListTargetsByRule"},
		Update: []string{"events:PutTargets"},
		Delete: []string{"events:RemoveTargets"},
		Passes: []Pass{{Property: "roleArn", Service: "events.amazonaws.com"}},
	},
}
