package localaws

import (
	"fmt"
	"maps"

	"slipway/internal/permissions"
)

// read is the operation that finds out how a resource is. It changes nothing, so no fault and no latency knows it.
const read Operation = "read"

// intent is what a provider is asked to do with a resource.
type intent struct {
	operation Operation
	kind      *kind
	draft     *draft  // of a creation or an update
	object    *Object // as it is; nil for a creation
}

// permit refuses what the role of a provider may not do, before anything is done. The caller holds the lock.
func (a *Account) permit(cfg configuration, i intent) error {
	if !cfg.checked {
		return nil
	}
	row, known := permissions.Of(i.kind.token)
	if !known {
		return fmt.Errorf("internal/permissions does not know what %s needs; add a row for it", i.kind.token)
	}
	references, err := i.references(a)
	if err != nil {
		return err
	}
	role := a.lookup(cfg.role, roleType)
	if role == nil {
		return refuse("InvalidClientTokenId", "The security token included in the request is invalid: the role %s is gone", cfg.role)
	}
	identity, err := a.identityPolicies(role)
	if err != nil {
		return err
	}
	for _, call := range a.calls(row, i, references) {
		if call.Context == nil {
			call.Context = map[string][]string{}
		}
		call.Context["aws:RequestedRegion"] = []string{i.region(cfg, call.Action)}
		i.describePolicies(call)
		if err := a.allow(cfg.role, identity, call); err != nil {
			return i.kind.operation(i.operation.verb(), i.operation.doing(), err)
		}
	}
	return nil
}

// permitFunction refuses a function that the provider's role may not call.
func (a *Account) permitFunction(cfg configuration, token string) error {
	if !cfg.checked {
		return nil
	}
	actions, known := permissions.OfFunction(token)
	if !known {
		return fmt.Errorf("internal/permissions does not know what %s needs; add a row for it", token)
	}
	for _, action := range actions {
		call := Call{Action: action, Resource: "*", Context: map[string][]string{"aws:RequestedRegion": {regionOf(action, cfg.region)}}, ResourceTags: map[string]string{}}
		if action == "sts:GetCallerIdentity" {
			continue // AWS answers it whatever the policies say
		}
		if err := a.allow(cfg.role, nil, call); err != nil {
			return err
		}
	}
	return nil
}

// references are the objects that the resource names.
func (i intent) references(a *Account) ([]Reference, error) {
	if i.draft != nil {
		return i.kind.resolve(a, i.draft)
	}
	return i.object.References, nil
}

// region is where a call goes to. Services that AWS has once are in us-east-1.
func (i intent) region(cfg configuration, action string) string {
	region := cfg.region
	if i.object != nil && i.draft == nil {
		region = i.object.Region
	}
	return regionOf(action, region)
}

// regionOf is where a call that is made from a region goes to.
func regionOf(action, region string) string {
	switch serviceOfAction(action) {
	case "iam", "route53", "cloudfront":
		return globalRegions[partitionOf(region)]
	}
	return region
}

// globalRegions are where each partition has the services that it has once.
var globalRegions = map[string]string{"aws": "us-east-1", "aws-cn": "cn-northwest-1", "aws-us-gov": "us-gov-west-1"}

// calls are those of AWS's API that the operation takes, with what each is checked on.
func (a *Account) calls(row permissions.Row, i intent, references []Reference) (calls []Call) {
	parent := a.parent(row, references)
	tags, requested := tagsOf(i.object), i.requestedTags()
	add := func(tags map[string]string, context map[string][]string, actions ...string) {
		for _, action := range actions {
			call := a.on(action, i, references, parent, tags)
			call.Context = maps.Clone(context)
			calls = append(calls, call)
		}
	}
	withTags := map[string][]string{}
	for key, value := range requested {
		withTags["aws:RequestTag/"+key] = []string{value}
	}
	switch i.operation {
	case Create:
		add(map[string]string{}, withTags, row.Create...)
		if parent != nil {
			for _, action := range row.Create {
				if serviceOf(arnOf(parent)) == serviceOfAction(action) && !permissions.OnNothing(action) {
					call := a.about(parent, action)
					call.Context = maps.Clone(withTags)
					calls = append(calls, call)
				}
			}
		}
		if len(requested) > 0 {
			add(map[string]string{}, withTags, row.Tag...)
		}
		add(requested, nil, row.Read...)
	case Update:
		add(tags, nil, row.Update...)
		if !maps.Equal(tags, requested) {
			add(tags, withTags, row.Tag...)
			add(tags, nil, row.Untag...)
		}
		add(tags, nil, row.Read...)
	case Delete:
		if row.Stays != "" {
			return nil
		}
		add(tags, nil, row.Delete...)
		add(tags, nil, row.Read...)
	default:
		add(tags, nil, row.Read...)
	}
	calls = append(calls, a.handedOver(row, i)...)
	if i.operation == Create {
		calls = append(calls, a.linked(row)...)
	}
	return calls
}

// handedOver are the calls for roles that the resource gives to a service.
func (a *Account) handedOver(row permissions.Row, i intent) (calls []Call) {
	if i.draft == nil {
		return nil
	}
	for _, pass := range row.Passes {
		for _, handle := range i.draft.texts(pass.Property) {
			if pass.IfChanged && i.object != nil && i.object.text(pass.Property) == handle {
				continue
			}
			if role := a.lookup(handle, roleType); role != nil {
				call := a.about(role, permissions.PassRole)
				call.Context = map[string][]string{"iam:PassedToService": {pass.Service}}
				calls = append(calls, call)
			}
		}
	}
	return calls
}

// linked are the calls for service-linked roles, which AWS makes for the first resource of a service in an account.
func (a *Account) linked(row permissions.Row) (calls []Call) {
	for _, service := range row.Links {
		if a.hasLinked(service) {
			continue
		}
		calls = append(calls, Call{
			Action:   permissions.CreateServiceLinkedRole,
			Resource: a.globalARN("iam", "role/aws-service-role/"+service+"/AWSServiceRole"),
			Context:  map[string][]string{"iam:AWSServiceName": {service}}, ResourceTags: map[string]string{},
		})
	}
	return calls
}

// hasLinked tells whether something exists that has a service's linked role made.
func (a *Account) hasLinked(service string) bool {
	for o := range a.objects() {
		row, _ := permissions.Of(o.Type)
		for _, link := range row.Links {
			if link == service {
				return true
			}
		}
	}
	return false
}

// describePolicies adds what conditions ask for where a managed policy is attached or a boundary set.
func (i intent) describePolicies(call Call) {
	text := func(property string) string {
		if i.draft != nil {
			return i.draft.text(property)
		}
		return i.object.text(property)
	}
	switch call.Action {
	case "iam:AttachRolePolicy", "iam:DetachRolePolicy":
		call.Context["iam:PolicyARN"] = []string{text("policyArn")}
	case "iam:CreateRole":
		if boundary := text("permissionsBoundary"); boundary != "" {
			call.Context["iam:PermissionsBoundary"] = []string{boundary}
		}
	}
}
