package components

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"slipway/internal/owned"
	"slipway/internal/permissions"
)

// deployGrants is what the policies of DeployRoles are written from.
type deployGrants struct {
	partition, account, region string
	stack, sharedWith          string // as the tag has them
	buckets                    []string
	needs                      permissions.Needs
}

// newDeployGrants reads partition and account out of the ARN of whoever makes the roles.
func newDeployGrants(project string, args DeployRolesArgs, callerArn, region string) (deployGrants, error) {
	caller, err := parseArn(callerArn)
	if err != nil {
		return deployGrants{}, err
	}
	has := permissions.Environment
	if args.Pipeline {
		has = permissions.Pipeline
	}
	if args.PushImages {
		has = slices.Concat(has, permissions.Pushing)
	}
	grants := deployGrants{
		partition: caller.partition, account: caller.account, region: region,
		stack: owned.Stack(project, args.Stack), buckets: args.Buckets,
		needs: permissions.For(has...),
	}
	if args.SharedWith != "" {
		grants.sharedWith = owned.Stack(project, args.SharedWith)
	}
	return grants, nil
}

// readPolicy lets see what a stack has, and change nothing. Most of AWS's actions that list or describe know no resource, so
// settings of what else is in the account are seen as well. Contents are not, except what the provider compares: the values of
// the stack's own secrets, and the objects of its buckets.
func (g deployGrants) readPolicy() (string, error) {
	contents := []string{permissions.GetSecretValue}
	settings := slices.DeleteFunc(slices.Clone(g.needs.Reads), func(action string) bool { return slices.Contains(contents, action) || service(action) == "s3" })
	return policyDocument(
		listStatement{policyStatement: policyStatement{Sid: "Settings", Effect: "Allow", Action: settings, Resource: []string{"*"}}},
		listStatement{policyStatement: policyStatement{Sid: "Buckets", Effect: "Allow", Action: ofServices(g.needs.Reads, "s3"), Resource: g.bucketArns()}},
		listStatement{
			policyStatement: policyStatement{Sid: "OwnSecrets", Effect: "Allow", Action: contents, Resource: []string{g.arn("secretsmanager", "*", "secret:*")}},
			Condition:       map[string]map[string][]string{"StringEquals": {"aws:ResourceTag/" + owned.StackTag: {g.stack}}},
		},
	)
}

// networkServices are those whose changes are in the policy of the network; those of all others are in the policy of the services. A
// managed policy takes 6,144 characters.
var networkServices = []string{"acm", "cloudfront", "ec2", "elasticloadbalancing", "route53"}

// networkPolicy lets change the network, and what is reached from outside.
func (g deployGrants) networkPolicy() (string, error) {
	return policyDocument(policyStatement{Sid: "Change", Effect: "Allow", Action: ofServices(g.needs.Changes, networkServices...), Resource: []string{"*"}})
}

// attaching gives a role a managed policy, and takes it away.
var attaching = []string{"iam:AttachRolePolicy", "iam:DetachRolePolicy"}

// servicesPolicy lets change the rest, hand the stack's roles to the services that run with them, and send its queues the message of a smoke test. Of managed policies only those of
// the account are attached: none of AWS's, which go as far as AdministratorAccess.
func (g deployGrants) servicesPolicy() (string, error) {
	elsewhere := append([]string{"iam", "s3"}, networkServices...)
	others := slices.DeleteFunc(slices.Clone(g.needs.Changes), func(action string) bool { return slices.Contains(elsewhere, service(action)) })
	roles, attach, policies := []string{}, []string{}, []string{}
	for _, action := range ofServices(g.needs.Changes, "iam") {
		switch {
		case slices.Contains(attaching, action):
			attach = append(attach, action)
		case strings.Contains(action, "Role"):
			roles = append(roles, action)
		default:
			policies = append(policies, action)
		}
	}
	statement := func(sid string, actions, resources []string, condition map[string]map[string][]string) listStatement {
		return listStatement{policyStatement: policyStatement{Sid: sid, Effect: "Allow", Action: actions, Resource: resources}, Condition: condition}
	}
	statements := []listStatement{
		statement("Change", others, []string{"*"}, nil),
		statement("Buckets", ofServices(g.needs.Changes, "s3"), g.bucketArns(), nil),
		statement("Roles", roles, []string{g.roleArns("*")}, nil),
		statement("PassRoles", []string{permissions.PassRole}, []string{g.roleArns("*")},
			map[string]map[string][]string{"StringEquals": {"iam:PassedToService": g.needs.Passes}}),
	}
	if slices.Contains(g.needs.Changes, "sqs:CreateQueue") {
		statements = append(statements, statement("SmokeTest", []string{"sqs:SendMessage"}, []string{g.arn("sqs", g.region, "*")},
			map[string]map[string][]string{"StringEquals": {"aws:ResourceTag/" + owned.StackTag: {g.stack}}}))
	}
	if len(policies) > 0 {
		statements = append(statements, statement("Policies", policies, []string{g.policyArns()}, nil))
	}
	if len(attach) > 0 {
		statements = append(statements, statement("AttachPolicies", attach, []string{g.roleArns("*")},
			map[string]map[string][]string{"ArnLike": {"iam:PolicyARN": {g.policyArns()}}}))
	}
	if len(g.needs.Links) > 0 {
		statements = append(statements, statement("LinkRoles", []string{permissions.CreateServiceLinkedRole}, []string{g.roleArns("aws-service-role/*")},
			map[string]map[string][]string{"StringEquals": {"iam:AWSServiceName": g.needs.Links}}))
	}
	return policyDocument(statements...)
}

// limitsPolicy takes back what is another stack's, what is elsewhere, and the roles that decide over the deployment. A deny holds whatever
// else allows. Null makes a condition count only where there is such a tag: without one, every value is another.
func (g deployGrants) limitsPolicy(protected []string) (string, error) {
	own := []string{g.stack}
	if g.sharedWith != "" {
		own = append(own, g.sharedWith)
	}
	anything := []string{"*"}
	unless := func(tag string, values []string) map[string]map[string][]string {
		return map[string]map[string][]string{"StringNotEquals": {tag: values}, "Null": {tag: {"false"}}}
	}
	return policyDocument(
		listStatement{
			policyStatement: policyStatement{Sid: "OtherStacks", Effect: "Deny", Action: anything, Resource: anything},
			Condition:       unless("aws:ResourceTag/"+owned.StackTag, own),
		},
		listStatement{
			policyStatement: policyStatement{Sid: "OtherNames", Effect: "Deny", Action: anything, Resource: anything},
			Condition:       unless("aws:RequestTag/"+owned.StackTag, []string{g.stack}),
		},
		listStatement{
			policyStatement: policyStatement{Sid: "OtherRegions", Effect: "Deny", Action: anything, Resource: anything},
			Condition:       map[string]map[string][]string{"StringNotEquals": {"aws:RequestedRegion": g.regions()}},
		},
		// A pipeline's stack has them among its resources, and reads them.
		listStatement{policyStatement: policyStatement{Sid: "DeployRoles", Effect: "Deny", NotAction: []string{"iam:Get*", "iam:List*"}, Resource: sortedUnique(protected)}},
	)
}

// deployTrust lets roles take on a role.
func deployTrust(arns []string) (string, error) {
	if len(arns) == 0 {
		return "", errors.New("nobody is trusted with the role; give the ARN of at least one role")
	}
	return policyDocument(listStatement{
		policyStatement: policyStatement{Effect: "Allow", Action: []string{"sts:AssumeRole"}},
		Principal:       map[string][]string{"AWS": sortedUnique(arns)},
	})
}

// regions are the stack's, and those where its partition has what is global: IAM, Route 53, CloudFront and its certificates and logs.
func (g deployGrants) regions() []string {
	global := map[string][]string{"aws-cn": {"cn-north-1", "cn-northwest-1"}, "aws-us-gov": {"us-gov-west-1"}}[g.partition]
	if global == nil {
		global = []string{usEast1}
	}
	return sortedUnique(append(global, g.region))
}

func (g deployGrants) arn(service, region, resource string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", g.partition, service, region, g.account, resource)
}

func (g deployGrants) roleArns(pattern string) string { return g.arn("iam", "", "role/"+pattern) }

func (g deployGrants) policyArns() string { return g.arn("iam", "", "policy/*") }

// bucketArns are the stack's buckets and what is in them.
func (g deployGrants) bucketArns() (arns []string) {
	for _, bucket := range sortedUnique(g.buckets) {
		arn := fmt.Sprintf("arn:%s:s3:::%s", g.partition, bucket)
		arns = append(arns, arn, arn+"/*")
	}
	return arns
}

// service is what stands before the colon of an action.
func service(action string) string {
	prefix, _, _ := strings.Cut(action, ":")
	return prefix
}

func ofServices(actions []string, services ...string) []string {
	return slices.DeleteFunc(slices.Clone(actions), func(action string) bool { return !slices.Contains(services, service(action)) })
}
