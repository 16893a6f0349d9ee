package localaws

import (
	"fmt"
	"regexp"
	"strings"
)

// formerConnection is a connection of the service's former name. Those go on working, and nothing here makes them.
var formerConnection = regexp.MustCompile(`^arn:[a-z-]+:codestar-connections:`)

// actionObjects are what the configuration of an action names. CodePipeline looks for it only when the action runs; an action that can never
// run is refused here.
var actionObjects = map[string]map[string]reference{
	"CodeBuild": {"ProjectName": {types: []string{projectType}, code: "ResourceNotFoundException", message: "Project cannot be found: %s"}},
	connectionProvider: {"ConnectionArn": {types: []string{connectionType}, code: "ResourceNotFoundException", message: "Connection %s is not found",
		foreign: formerConnection.MatchString, abroad: true}},
	"CodeCommit": {"RepositoryName": {types: []string{codeRepositoryType}, code: "RepositoryDoesNotExistException", message: "%s does not exist"}},
	"ECR":        {"RepositoryName": references["repository"]},
	"S3":         {"S3Bucket": toBucket},
	"Manual":     {"NotificationArn": {types: []string{topicType}, code: "NotFound", message: "Topic does not exist: %s", abroad: true}},
}

// admitPipeline refuses roles that CodePipeline cannot take on, actions on what is not there, and buckets that it cannot use.
func admitPipeline(a *admission) error {
	role := a.account.lookup(a.text("roleArn"), roleType)
	if !trusts(role, "codepipeline.amazonaws.com") {
		return refuse("InvalidStructureException", "CodePipeline is not authorized to perform AssumeRole on role %s", role.text("arn"))
	}
	for _, stage := range a.pipelineStages() {
		for _, action := range stage.actions {
			if own := a.account.anywhere(action.role, roleType); own != nil && !trustsRole(own, role.text("arn")) {
				return refuse("InvalidStructureException", "Pipeline role %s is not authorized to perform AssumeRole on action role %s", role.text("arn"), own.text("arn"))
			}
			if a.elsewhere(action.role) {
				if err := a.admitAccount(&action); err != nil {
					return err
				}
				continue
			}
			if err := a.admitAction(&action); err != nil {
				return err
			}
		}
	}
	return a.admitStores()
}

func (a *admission) admitAction(action *pipelineAction) error {
	objects := actionObjects[action.provider]
	for _, key := range sortedKeys(objects) {
		r, handle := objects[key], action.setting(key)
		if handle == "" || isVariable(handle) {
			continue
		}
		if _, found := r.find(a.account, handle); !found {
			return refuse(r.code, r.message+" (action %s in stage %s)", handle, action.name, action.stage)
		}
	}
	return nil
}

// admitAccount refuses an action in another account that could not read the artifacts: they must be encrypted with a key that can be shared, and
// the bucket must let the account in.
func (a *admission) admitAccount(action *pipelineAction) error {
	account := accountOf(action.role)
	for n := range a.length("artifactStores") {
		at := fmt.Sprintf("artifactStores[%d]", n)
		if !a.has(at + ".encryptionKey") {
			return refuse("InvalidStructureException", "Action %s runs in account %s and cannot read artifacts that are encrypted with the default key: give artifactStores an encryptionKey", action.name, account)
		}
		bucket := a.account.lookup(a.text(at+".location"), bucketType)
		policy := a.account.lookup(bucket.ID, bucketPolicyType)
		if policy == nil || !strings.Contains(policy.text("policy"), account) {
			return refuse("InvalidStructureException", "Action %s runs in account %s, which the policy of the bucket %s does not let in", action.name, account, bucket.ID)
		}
	}
	return nil
}

// admitStores refuses buckets of another region.
func (a *admission) admitStores() error {
	for n := range a.length("artifactStores") {
		at := fmt.Sprintf("artifactStores[%d]", n)
		bucket, region := a.account.lookup(a.text(at+".location"), bucketType), orDefault(a.text(at+".region"), a.region)
		if bucket.Region != region {
			return refuse("InvalidStructureException", "The artifact store's bucket %s is in %s, and must be in %s", bucket.ID, bucket.Region, region)
		}
	}
	return nil
}
