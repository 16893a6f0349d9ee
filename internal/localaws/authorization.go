package localaws

import (
	"fmt"
	"sort"
	"strings"

	"slipway/internal/iameval"
)

// Call is one call of AWS's API, as IAM sees it.
type Call struct {
	// Principal is a role, by name or ARN, or a service such as cloudfront.amazonaws.com.
	Principal string
	// Action is such as sqs:SendMessage.
	Action string
	// Resource is an ARN, or * for an action that knows no resource.
	Resource string
	// Context are the values of condition keys, such as aws:SourceArn. aws:SecureTransport is true if nothing else is said.
	Context map[string][]string
	// ResourceTags are those of what is called, where its service looks at them. Nil: not known.
	ResourceTags map[string]string
}

// Authorize says whether IAM allows a call, from the policies as they are: those of the role, that of the resource, and the trust policy of a role that
// is assumed. What is in another account than the caller has to be allowed by both. An action is not looked up: one that AWS does not have is one that nobody allowed.
func (a *Account) Authorize(call Call) (decision iameval.Decision, err error) {
	err = a.view(func() error {
		decision, err = a.authorize(call)
		return err
	})
	return decision, err
}

// authorize is Authorize for who holds the account's lock.
func (a *Account) authorize(call Call) (decision iameval.Decision, err error) {
	if strings.Contains(call.Principal, ".amazonaws.com") {
		return a.decide(call, nil, nil)
	}
	role := a.roleOf(call.Principal)
	if role == nil {
		return decision, fmt.Errorf("no role %q exists; `slipway local aws ls %s` lists those that do", call.Principal, roleType)
	}
	return a.decide(call, role, nil)
}

// roleOf is a role by ARN or name. A name is one of this account, or of another that alone has it.
func (a *Account) roleOf(handle string) *Object {
	role := a.anywhere(handle, roleType)
	if role != nil {
		return role
	}
	for _, o := range a.everything {
		if o.Type == roleType && o.ID == handle {
			if role != nil {
				return nil
			}
			role = o
		}
	}
	return role
}

// decide evaluates a call of a role, or of a service where there is none. identity are the role's policies, where they are known already.
func (a *Account) decide(call Call, role *Object, identity []iameval.Policy) (decision iameval.Decision, err error) {
	request := iameval.Request{Action: call.Action, Resource: call.Resource, Context: call.Context, ResourceTags: call.ResourceTags}
	policies, err := a.resourcePolicies(call.Resource, call.Action)
	if err != nil {
		return decision, err
	}
	if role == nil {
		request.Principal.Service = call.Principal
		return iameval.Evaluate(request, policies)
	}
	request.Principal.Role = role.text("arn")
	if policies.Identity = identity; identity == nil {
		if policies.Identity, err = a.at(role.scope()).identityPolicies(role); err != nil {
			return decision, err
		}
	}
	return iameval.Evaluate(request, policies)
}

// identityPolicies are a role's own, its inline policies and the attached ones, sorted by name. The account is the role's.
func (a *Account) identityPolicies(role *Object) (policies []iameval.Policy, err error) {
	if boundary := role.text("permissionsBoundary"); boundary != "" {
		return nil, fmt.Errorf("the role %s has the permissions boundary %s; boundaries are not evaluated", role.ID, boundary)
	}
	add := func(name, document string) error {
		p, err := policyOf(name+" of role "+role.ID, document, identityPolicy)
		policies = append(policies, p)
		return err
	}
	attach := func(arn string) error {
		managed := a.lookup(arn, policyType)
		if managed == nil {
			return fmt.Errorf("the role %s has the policy %s, and what that allows is not known here", role.ID, arn)
		}
		return add(managed.text("name"), managed.text("policy"))
	}
	inline, _ := role.Properties["inlinePolicies"].([]any)
	for _, one := range inline {
		p, _ := one.(map[string]any)
		name, _ := p["name"].(string)
		document, _ := p["policy"].(string)
		if document == "" { // an empty one says that there are no others
			continue
		}
		if err := add(name, document); err != nil {
			return nil, err
		}
	}
	arns, _ := role.Properties["managedPolicyArns"].([]any)
	for _, arn := range arns {
		arn, _ := arn.(string)
		if err := attach(arn); err != nil {
			return nil, err
		}
	}
	for o := range a.objects() {
		if a.lookup(o.text("role"), roleType) != role {
			continue
		}
		switch o.Type {
		case rolePolicyType:
			err = add(o.text("name"), o.text("policy"))
		case roleAttachmentType:
			err = attach(o.text("policyArn"))
		}
		if err != nil {
			return nil, err
		}
	}
	sort.Slice(policies, func(i, j int) bool { return policies[i].Name < policies[j].Name })
	return policies, nil
}

// policyHolders are the types whose objects have a policy: as a property, unless there is a resource of its own for it.
var policyHolders = []struct {
	holder, resource string
	use              policyUse
}{
	{bucketType, bucketPolicyType, bucketPolicy},
	{queueType, "aws:sqs/queuePolicy:QueuePolicy", queuePolicy},
	{topicType, topicPolicyType, topicPolicy},
	{repositoryType, "aws:ecr/repositoryPolicy:RepositoryPolicy", repositoryPolicy},
	{secretType, "", secretPolicy},
	{keyType, "", keyPolicy},
}

// resourcePolicies are the policies of what is called.
func (a *Account) resourcePolicies(arn, action string) (policies iameval.Policies, err error) {
	if strings.HasPrefix(strings.ToLower(action), "sts:") && strings.Contains(arn, ":role/") {
		role := a.anywhere(arn, roleType)
		if role == nil {
			return policies, fmt.Errorf("no role with the ARN %q exists; `slipway local aws ls %s` lists those that do", arn, roleType)
		}
		trust, err := policyOf("the trust policy of role "+role.ID, role.text("assumeRolePolicy"), trustPolicy)
		return iameval.Policies{Resource: []iameval.Policy{trust}, ResourceDecides: true, Account: role.Account}, err
	}
	policies.Account = accountOf(arn)
	holder, there := arn, a.of(arn)
	if strings.HasPrefix(arn, "arn:") && strings.Contains(arn, ":s3:::") {
		holder, _, _ = strings.Cut(arn, "/") // an object's policy is its bucket's
	}
	for _, h := range policyHolders {
		o := there.lookup(holder, h.holder)
		if o == nil {
			continue
		}
		document := o.text("policy")
		if own := a.at(o.scope()).lookup(o.ID, h.resource); own != nil {
			document = own.text("policy")
		}
		policies.Account = o.Account // which a bucket's ARN does not say
		policies.ResourceDecides = h.holder == keyType
		if document == "" {
			continue
		}
		p, err := policyOf("the policy of "+o.text("arn"), document, h.use)
		if err != nil {
			return policies, err
		}
		policies.Resource = append(policies.Resource, p)
	}
	return policies, nil
}

// policyOf reads a policy that is in the account.
func policyOf(name, document string, use policyUse) (iameval.Policy, error) {
	p := iameval.Policy{Name: name}
	statements, problems := parsePolicy(document, use)
	if len(problems) > 0 {
		return p, fmt.Errorf("%s: %s", name, strings.Join(problems, "; "))
	}
	for _, s := range statements {
		p.Statements = append(p.Statements, s.Statement)
	}
	return p, nil
}
