package localaws

import (
	"fmt"
	"strings"
	"time"
)

var (
	aRepository = map[string]any{"name": "app"}
	aKeyOwner   = map[string]any{"Effect": "Allow", "Principal": map[string]any{"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"}
)

func repositories(name, refused, accepted string) ruleCase {
	return ruleCase{name, "InvalidParameterException", "'repositoryName' failed to satisfy constraint", inPreview(repositoryType, setting(aRepository, "name", refused), setting(aRepository, "name", accepted))}
}

// rolePolicies are statements of an inline policy.
func rolePolicies(name, about string, refused, accepted map[string]any) ruleCase {
	return policyTexts(name, about, document(with(allowSend, refused)), document(with(allowSend, accepted)))
}

// policyTexts are documents of an inline policy.
func policyTexts(name, about, refused, accepted string) ruleCase {
	inline := func(text string) map[string]any { return map[string]any{"role": "app", "policy": text} }
	return ruleCase{name, "MalformedPolicyDocument", about, inPreview(rolePolicyType, inline(refused), inline(accepted))}
}

// policyOfSize is a policy of that many characters, and spaced the same with white space, which does not count.
func policyOfSize(characters int) string {
	const resource = "arn:aws:sqs:us-east-1:123456789012:"
	one := document(with(allowSend, map[string]any{"Resource": resource}))
	return strings.Replace(one, resource, resource+strings.Repeat("a", characters-len(one)), 1)
}

func spaced(policy string) string { return strings.ReplaceAll(policy, ",", ",\n      ") }

// keyPolicyOf is a key with a policy of one statement.
func keyPolicyOf(changes map[string]any) map[string]any {
	return map[string]any{"policy": document(with(aKeyOwner, changes))}
}

var accountRules = []rule{
	{number: 77, says: "A repository's name that is not of 2 to 256 lower-case letters and digits, in words that single separators divide; the deletion of a repository with images; a lifecycle rule for any image that is not the last.",
		why: "The rules are tried by number, and the one for any image leaves nothing to those after it.", cases: []ruleCase{
			repositories("one character", "a", "ab"),
			repositories("257 characters", strings.Repeat("a", 257), strings.Repeat("a", 256)),
			repositories("upper case", "App", "app"),
			repositories("two dots", "my..app", "my.app"),
			repositories("three underscores", "my___app", "my__app"),
			repositories("a slash last", "team/", "team/app"),
			{"any before the last", "InvalidParameterException", "must have the highest rulePriority, 2, got 1", inPreview(lifecyclePolicyType, lifecyclePolicy(keepLast(1, "any", nil), keepLast(2, "untagged", nil)),
				lifecyclePolicy(keepLast(2, "any", nil), keepLast(1, "untagged", nil)))},
			{"with an image", "RepositoryNotEmptyException", "still contains images", onDelete(repositoryType, func(e *embedded) (*deployed, func() error) {
				app := e.deploy(repositoryType, "app", aRepository)
				e.source()
				e.create(imageType, "app", image(nil, nil))
				return app, func() error { return app.update(setting(aRepository, "forceDelete", true)) }
			})},
		}},
	{number: 78, says: "A log group's name that is not of 1 to 512 letters, digits and `.-_/#`; events kept for a number of days that CloudWatch Logs does not have.",
		why: "The numbers of days are those of the API.", cases: []ruleCase{
			{"a space", "InvalidParameterException", "1 to 512 letters, digits", inPreview(logGroupType, map[string]any{"name": "my logs"}, map[string]any{"name": "/my/logs_1.a-b#c"})},
			{"513 characters", "InvalidParameterException", "1 to 512 letters, digits", inPreview(logGroupType, map[string]any{"name": strings.Repeat("a", 513)}, map[string]any{"name": strings.Repeat("a", 512)})},
			{"two days", "InvalidParameterException", "retentionInDays", inPreview(logGroupType, map[string]any{"retentionInDays": 2}, map[string]any{"retentionInDays": 1})},
			{"a year of 366 days", "InvalidParameterException", "retentionInDays", inPreview(logGroupType, map[string]any{"retentionInDays": 366}, map[string]any{"retentionInDays": 365})},
			{"more than ten years", "InvalidParameterException", "retentionInDays", inPreview(logGroupType, map[string]any{"retentionInDays": 3654}, map[string]any{"retentionInDays": 3653})},
		}},
	{number: 79, says: "The name of a secret that is scheduled for deletion; a recovery window that is neither 0 nor from 7 to 30 days.",
		why: "The secret can still be restored.", cases: []ruleCase{
			{"6 days", "InvalidParameterException", "0 or in the range (7 - 30), got 6", inPreview(secretType, map[string]any{"recoveryWindowInDays": 6}, map[string]any{"recoveryWindowInDays": 7})},
			{"31 days", "InvalidParameterException", "0 or in the range (7 - 30), got 31", inPreview(secretType, map[string]any{"recoveryWindowInDays": 31}, map[string]any{"recoveryWindowInDays": 30})},
			{"1 day", "InvalidParameterException", "0 or in the range (7 - 30), got 1", inPreview(secretType, map[string]any{"recoveryWindowInDays": 1}, map[string]any{"recoveryWindowInDays": 0})},
			{"scheduled for deletion", "InvalidRequestException", "already scheduled for deletion", enforcement{"create", secretType, func(e *embedded) (error, error) {
				inputs := map[string]any{"name": "app/key", "recoveryWindowInDays": 7}
				secret := e.deploy(secretType, "key", inputs)
				if err := secret.delete(); err != nil {
					return nil, err
				}
				_, within := e.tryCreate(secretType, "key", inputs)
				e.account.existing(deletedSecretType, secret.id).Created = time.Now().AddDate(0, 0, -7)
				_, afterwards := e.tryCreate(secretType, "key", inputs)
				return within, afterwards
			}}},
		}},
	{number: 80, says: "An alias of a key that does not begin with `alias/`, or begins with `alias/aws/`; a key that is deleted in less than 7 or more than 30 days; a key policy that locks its owner out.",
		why: "A key that nobody can change is lost, and with it what it has encrypted.", cases: append(limited("ValidationException", keyType, nil, "deletionWindowInDays", 7, 30),
			ruleCase{"no alias/", "ValidationException", "must begin with 'alias/'", inPreview(aliasType, map[string]any{"name": "app", "targetKeyId": "x"}, map[string]any{"name": "alias/app", "targetKeyId": "x"})},
			ruleCase{"an alias of AWS", "NotAuthorizedException", "reserved for use by AWS", inPreview(aliasType, map[string]any{"name": "alias/aws/app", "targetKeyId": "x"}, map[string]any{"name": "alias/awsapp", "targetKeyId": "x"})},
			ruleCase{"locked out", "MalformedPolicyDocumentException", "will not allow you to update the key policy", inPreview(keyType, keyPolicyOf(map[string]any{"Action": "kms:Decrypt"}), keyPolicyOf(map[string]any{"Action": "kms:PutKeyPolicy"}))},
			ruleCase{"another account's", "MalformedPolicyDocumentException", "will not allow you to update the key policy", inPreview(keyType, keyPolicyOf(map[string]any{"Principal": map[string]any{"AWS": "210987654321"}}), keyPolicyOf(map[string]any{"Principal": map[string]any{"AWS": AccountID}}))},
			ruleCase{"on a condition", "MalformedPolicyDocumentException", "will not allow you to update the key policy", inPreview(keyType, keyPolicyOf(map[string]any{"Condition": map[string]any{"Bool": map[string]any{"aws:MultiFactorAuthPresent": "true"}}}), keyPolicyOf(nil))},
			ruleCase{"denied", "MalformedPolicyDocumentException", "will not allow you to update the key policy", inPreview(keyType, keyPolicyOf(map[string]any{"Effect": "Deny"}), keyPolicyOf(nil))})},
	{number: 81, says: "A role's name of more than 64 characters, a policy's of more than 128; inline policies of more than 10240 characters together, a managed one of more than 6144, white space apart; more than 10 managed policies of a role.",
		why: "They are IAM's quotas; that of 10 can be raised.", cases: []ruleCase{
			{"a role of 65", "ValidationError", "at most 64 characters", inPreview(roleType, setting(aRole, "name", strings.Repeat("a", 65)), setting(aRole, "name", strings.Repeat("a", 64)))},
			{"a policy of 129", "ValidationError", "at most 128 characters", inPreview(policyType, map[string]any{"name": strings.Repeat("a", 129), "policy": document(allowSend)}, map[string]any{"name": strings.Repeat("a", 128), "policy": document(allowSend)})},
			{"an inline policy of 129", "ValidationError", "at most 128 characters", inPreview(rolePolicyType, map[string]any{"role": "app", "name": strings.Repeat("a", 129), "policy": document(allowSend)}, map[string]any{"role": "app", "name": strings.Repeat("a", 128), "policy": document(allowSend)})},
			{"a managed policy of 6145 characters", "LimitExceeded", "PolicySize: 6144, got 6145", inPreview(policyType, map[string]any{"policy": policyOfSize(6145)}, map[string]any{"policy": spaced(policyOfSize(6144))})},
			{"inline policies of 10241 characters", "LimitExceeded", "Maximum policy size of 10240 bytes exceeded", onCreate(rolePolicyType, func(e *embedded) (map[string]any, map[string]any) {
				e.create(roleType, "app", setting(aRole, "name", "app"))
				e.create(rolePolicyType, "first", map[string]any{"role": "app", "policy": policyOfSize(6000)})
				return map[string]any{"role": "app", "policy": policyOfSize(4241)}, map[string]any{"role": "app", "policy": spaced(policyOfSize(4240))}
			})},
			{"an eleventh managed policy", "LimitExceeded", "PoliciesPerRole: 10", onCreate(roleAttachmentType, func(e *embedded) (map[string]any, map[string]any) {
				e.create(roleType, "full", setting(aRole, "name", "full"))
				e.create(roleType, "other", setting(aRole, "name", "other"))
				attached := func(role string, n int) map[string]any {
					return map[string]any{"role": role, "policyArn": fmt.Sprint("arn:aws:iam::aws:policy/Managed", n)}
				}
				for n := range 10 {
					e.create(roleAttachmentType, fmt.Sprint("full-", n), attached("full", n))
				}
				for n := range 9 {
					e.create(roleAttachmentType, fmt.Sprint("other-", n), attached("other", n))
				}
				return attached("full", 10), attached("other", 9)
			})},
		}},
	{number: 82, says: "A policy of another version; an effect in another case; a statement's id twice; an action without its service; a resource that is no ARN; a principal in a policy of a role; none in one of a resource.",
		why: "A policy that is misread allows too much.", cases: []ruleCase{
			policyTexts("another version", "must be version 2012-10-17 or greater", strings.Replace(document(allowSend), "2012-10-17", "2012-10-18", 1), document(allowSend)),
			rolePolicies("an effect in lower case", `Invalid effect: "allow"`, map[string]any{"Effect": "allow"}, map[string]any{"Effect": "Deny"}),
			policyTexts("an id twice", "must be unique", document(with(allowSend, map[string]any{"Sid": "a"}), with(allowSend, map[string]any{"Sid": "a"})), document(with(allowSend, map[string]any{"Sid": "a"}), with(allowSend, map[string]any{"Sid": "b"}))),
			rolePolicies("an action without its service", "must be prefaced by a vendor", map[string]any{"Action": "SendMessage"}, map[string]any{"Action": "sqs:SendMessage"}),
			rolePolicies("a name for a resource", "must be in ARN format", map[string]any{"Resource": "jobs"}, map[string]any{"Resource": "*"}),
			rolePolicies("no resource", "must contain resources", map[string]any{"Resource": nil}, nil),
			rolePolicies("a principal", "should not specify a principal", map[string]any{"Principal": "*"}, nil),
			{"trust in nobody", "MalformedPolicyDocument", "Missing required field Principal", inPreview(roleType, map[string]any{"assumeRolePolicy": document(with(trustTasks, map[string]any{"Principal": nil}))}, aRole)},
			{"trust with another action", "MalformedPolicyDocument", "may only specify STS AssumeRole actions", inPreview(roleType, map[string]any{"assumeRolePolicy": document(with(trustTasks, map[string]any{"Action": "s3:GetObject"}))}, aRole)},
			{"a managed policy with a principal", "MalformedPolicyDocument", "should not specify a principal", inPreview(policyType, map[string]any{"policy": document(with(allowSend, map[string]any{"Principal": "*"}))}, map[string]any{"policy": document(allowSend)})},
			{"trust in a role that is not there", "MalformedPolicyDocument", "Invalid principal in policy", onCreate(roleType, func(e *embedded) (map[string]any, map[string]any) {
				trusting := func(arn any) map[string]any {
					return map[string]any{"assumeRolePolicy": document(with(trustTasks, map[string]any{"Principal": map[string]any{"AWS": arn}}))}
				}
				return trusting("arn:aws:iam::123456789012:role/missing"), trusting(e.create(roleType, "other", aRole)["arn"])
			})},
		}},
	{number: 83, says: "The deletion of a role with policies, and of a policy that a role has.",
		why: "A role that is made again by that name would not have them.", cases: []ruleCase{
			{"a role with a managed policy", "DeleteConflict", "must detach all policies first", onDelete(roleType, func(e *embedded) (*deployed, func() error) {
				role := e.deploy(roleType, "app", aRole)
				return role, e.deploy(roleAttachmentType, "read", map[string]any{"role": role.id, "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}).delete
			})},
			{"a role with an inline policy", "DeleteConflict", "must detach all policies first", onDelete(roleType, func(e *embedded) (*deployed, func() error) {
				role := e.deploy(roleType, "app", aRole)
				return role, e.deploy(rolePolicyType, "send", map[string]any{"role": role.id, "policy": document(allowSend)}).delete
			})},
			{"a policy of a role", "DeleteConflict", "attached to entities", onDelete(policyType, func(e *embedded) (*deployed, func() error) {
				role, policy := e.deploy(roleType, "app", aRole), e.deploy(policyType, "send", map[string]any{"policy": document(allowSend)})
				return policy, e.deploy(roleAttachmentType, "send", map[string]any{"role": role.id, "policyArn": policy.id}).delete
			})},
		}},
}
