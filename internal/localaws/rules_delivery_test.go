package localaws

import "strings"

// pipelines are a pipeline that is refused and one that is taken.
func pipelines(name, code, about string, refused, accepted map[string]any) ruleCase {
	return ruleCase{name, code, about, inPreview(pipelineType, refused, accepted)}
}

// builds is a pipeline whose build has changes.
func builds(changes map[string]any) map[string]any {
	return pipelineOf(stageOf("Source", sourceAction(nil, nil)), stageOf("Build", buildAction(nil, changes)))
}

// keeping is a pipeline with these artifact stores, in buckets of the same name.
func keeping(stores ...map[string]any) map[string]any {
	var all []any
	for _, store := range stores {
		all = append(all, with(map[string]any{"type": "S3", "location": "artifacts"}, store))
	}
	return with(delivering(), map[string]any{"artifactStores": all})
}

// pushing is a pipeline that begins with a push to its source's branch.
func pushing(changes map[string]any) map[string]any {
	return triggered(with(map[string]any{"pushes": []any{map[string]any{"branches": map[string]any{"includes": []any{"main"}}}}}, changes))
}

// abroad are pipelines with an action in another account, whose artifacts are in a store that it cannot read and in one that it can.
func abroad(name, about string, refused, accepted func(bucket, opened, key string) map[string]any) ruleCase {
	return ruleCase{name, "InvalidStructureException", about, onCreate(pipelineType, func(e *embedded) (map[string]any, map[string]any) {
		pipeline, key := e.delivery(), e.create(keyType, "artifacts", nil)["arn"].(string)
		e.create(bucketType, "opened", map[string]any{"bucket": "opened"})
		e.create(bucketPolicyType, "opened", map[string]any{"bucket": "opened", "policy": document(with(readObjects("opened"), map[string]any{"Principal": map[string]any{"AWS": "210987654321"}}))})
		stages, _ := pipeline["stages"].([]any)
		theirs := buildAction(map[string]any{"ProjectName": "theirs"}, map[string]any{"namespace": "Theirs", "outputArtifacts": nil, "roleArn": "arn:aws:iam::210987654321:role/deploy"})
		in := func(store map[string]any) map[string]any {
			return with(pipeline, map[string]any{"stages": []any{stages[0], stages[1], stageOf("Theirs", theirs)}, "artifactStores": []any{store}})
		}
		return in(refused("artifacts", "opened", key)), in(accepted("artifacts", "opened", key))
	})}
}

func storeIn(bucket string) map[string]any { return map[string]any{"type": "S3", "location": bucket} }

func encryptedStore(bucket, key string) map[string]any {
	return with(storeIn(bucket), map[string]any{"encryptionKey": map[string]any{"id": key, "type": "KMS"}})
}

func projectNames(name, refused, accepted string) ruleCase {
	return ruleCase{name, "InvalidInputException", "Invalid project name", inPreview(projectType, buildProject(map[string]any{"name": refused}), buildProject(map[string]any{"name": accepted}))}
}

var (
	anApproval = stageOf("Approve", approvalAction(nil, nil))
	aSource    = stageOf("Source", sourceAction(nil, nil))
	aBuild     = stageOf("Build", buildAction(nil, nil))
	aTest      = buildAction(nil, map[string]any{"name": "Test", "namespace": "Test", "inputArtifacts": []any{"Release"}, "outputArtifacts": nil})
	sixSources = stageOf("Source", many(6, func(n int) any {
		name := string(rune('A' + n))
		return sourceAction(nil, map[string]any{"name": name, "namespace": name, "outputArtifacts": []any{name}})
	})...)
)

func readingSources(names ...any) map[string]any {
	return pipelineOf(sixSources, stageOf("Build", buildAction(map[string]any{"PrimarySource": "A"}, map[string]any{"inputArtifacts": names})))
}

var deliveryRules = []rule{
	{number: 84, says: "A pipeline of fewer than two stages, one whose first stage is not of sources only, or with a source in a later one.",
		why: "Something has to start it, once.", cases: []ruleCase{
			pipelines("one stage", "InvalidStructureException", "at least two stages, got 1", pipelineOf(aSource), pipelineOf(aSource, aBuild)),
			pipelines("no source first", "InvalidStructureException", "The first stage of a pipeline can only contain source actions", pipelineOf(anApproval, stageOf("Again", approvalAction(nil, nil))), pipelineOf(aSource, anApproval)),
			pipelines("an approval among sources", "InvalidStructureException", "The first stage of a pipeline can only contain source actions",
				pipelineOf(stageOf("Source", sourceAction(nil, nil), approvalAction(nil, nil)), aBuild), pipelineOf(sixSources, anApproval)),
			pipelines("a source later", "InvalidStructureException", "Only the first stage of a pipeline may contain source actions",
				pipelineOf(aSource, stageOf("More", sourceAction(nil, map[string]any{"namespace": "More", "outputArtifacts": []any{"More"}}))), pipelineOf(aSource, aBuild)),
		}},
	{number: 85, says: "An artifact with a name of other than 1 to 100 letters, digits, hyphens and underscores, that nothing before has made, or that is made twice; a build of none or more than 5 inputs, or of more than 5 outputs.",
		why: "An action reads what those before it have written.", cases: []ruleCase{
			pipelines("a name with a dot", "ValidationException", "'my.app' failed to satisfy constraint", builds(map[string]any{"outputArtifacts": []any{"my.app"}}), builds(map[string]any{"outputArtifacts": []any{"my-_App1"}})),
			pipelines("a name of 101", "ValidationException", "failed to satisfy constraint", builds(map[string]any{"outputArtifacts": []any{strings.Repeat("a", 101)}}), builds(map[string]any{"outputArtifacts": []any{strings.Repeat("a", 100)}})),
			pipelines("from nowhere", "InvalidActionDeclarationException", "Input Artifact Bundle Application in action Build is not declared", builds(map[string]any{"inputArtifacts": []any{"Application"}}), builds(nil)),
			pipelines("of the same turn", "InvalidActionDeclarationException", "Input Artifact Bundle Release in action Test is not declared",
				pipelineOf(aSource, stageOf("Build", buildAction(nil, nil), aTest)), pipelineOf(aSource, stageOf("Build", buildAction(nil, nil), with(aTest, map[string]any{"runOrder": 2})))),
			pipelines("made twice", "InvalidActionDeclarationException", "Source has been used more than once.", builds(map[string]any{"outputArtifacts": []any{"Source"}}), builds(map[string]any{"outputArtifacts": []any{"Source2"}})),
			pipelines("no input", "InvalidActionDeclarationException", "declares 0 input artifacts which is less than the minimum count (1)", builds(map[string]any{"inputArtifacts": nil}), builds(nil)),
			pipelines("six inputs", "InvalidActionDeclarationException", "declares 6 input artifacts which is greater than the maximum count (5)", readingSources("A", "B", "C", "D", "E", "F"), readingSources("A", "B", "C", "D", "E")),
			pipelines("six outputs", "InvalidActionDeclarationException", "declares 6 output artifacts which is greater than the maximum count (5)",
				builds(map[string]any{"outputArtifacts": []any{"a", "b", "c", "d", "e", "f"}}), builds(map[string]any{"outputArtifacts": []any{"a", "b", "c", "d", "e"}})),
		}},
	{number: 86, says: "A pipeline with `artifactStore` and `artifactStores`, with a region for a single store, or two stores of one region; triggers of a pipeline of version 1 or of another source than a connection; another account without a key and a bucket policy for it.",
		why: "The key of AWS's own cannot be shared.", never: "the provider has `artifactStores` alone, and sends a single one as `artifactStore`.", cases: []ruleCase{
			pipelines("one store with a region", "InvalidStructureException", "region cannot be set for a single-region CodePipeline", keeping(map[string]any{"region": "us-east-1"}), keeping(nil)),
			pipelines("two stores, one without", "InvalidStructureException", "region must be set for a cross-region CodePipeline", keeping(map[string]any{"region": "us-east-1"}, nil), keeping(map[string]any{"region": "us-east-1"}, map[string]any{"region": "eu-west-1"})),
			pipelines("two stores, one region", "InvalidStructureException", "only one Artifact Store can be defined per region", keeping(map[string]any{"region": "us-east-1"}, map[string]any{"region": "us-east-1"}),
				keeping(map[string]any{"region": "us-east-1"}, map[string]any{"region": "eu-west-1"})),
			pipelines("a trigger of version 1", "InvalidStructureException", "A trigger can only be used with V2 pipelines", with(pushing(nil), map[string]any{"pipelineType": "V1"}), pushing(nil)),
			pipelines("a trigger of a build", "InvalidStructureException", "must reference a CodeStarSourceConnection action", pushing(map[string]any{"sourceActionName": "Build"}), pushing(nil)),
			abroad("another account without a key", "cannot read artifacts that are encrypted with the default key",
				func(_, opened, _ string) map[string]any { return storeIn(opened) },
				func(_, opened, key string) map[string]any { return encryptedStore(opened, key) }),
			abroad("another account that the bucket keeps out", "which the policy of the bucket artifacts does not let in",
				func(bucket, _, key string) map[string]any { return encryptedStore(bucket, key) },
				func(_, opened, key string) map[string]any { return encryptedStore(opened, key) }),
		}},
	{number: 87, says: "A connection's name of more than 32 characters; the use of one before a person has completed the handshake.",
		why: "GitHub's side is a person's consent.", never: "a pipeline may name a connection that still waits, as every new one does. What fails is its executions, and no deployment starts one.", cases: []ruleCase{
			{"33 characters", "ValidationException", "takes 1 to 32 characters, got 33", inPreview(connectionType, map[string]any{"name": strings.Repeat("a", 33), "providerType": "GitHub"},
				map[string]any{"name": strings.Repeat("a", 32), "providerType": "GitHub"})},
		}},
	{number: 88, says: "A build project with a name of other than 2 to 150 characters, or a timeout that is not from 5 to 2160 minutes.",
		why: "The limits are the API's.", cases: append([]ruleCase{
			projectNames("one letter", "a", "ab"),
			projectNames("151 letters", strings.Repeat("a", 151), strings.Repeat("a", 150)),
			projectNames("a dot", "my.app", "my-app"),
		}, limited("InvalidInputException", projectType, buildProject(nil), "buildTimeout", 5, 2160)...)},
}
