package localaws

import (
	"strings"

	"slipway/internal/permissions"
)

// parent is what the resource belongs to.
func (a *Account) parent(row permissions.Row, references []Reference) *Object {
	for _, r := range references {
		if row.On != "" && r.Property == row.On {
			return a.referenced(r)
		}
	}
	return nil
}

// on is a call with the resource that AWS checks it on: the resource itself, what it belongs to, or what it names of the action's service.
func (a *Account) on(action string, i intent, references []Reference, parent *Object, tags map[string]string) Call {
	own := i.arn()
	switch {
	case permissions.OnNothing(action):
		return Call{Action: action, Resource: "*", ResourceTags: map[string]string{}}
	case own != "" && (parent == nil || own != arnOf(parent)) && serviceOf(own) == serviceOfAction(action):
		return callOn(action, own, tags)
	case parent != nil && serviceOf(arnOf(parent)) == serviceOfAction(action):
		return a.about(parent, action)
	}
	if named := a.named(references, serviceOfAction(action)); named != nil {
		return a.about(named, action)
	}
	if scaled := i.scaled(a); scaled != nil && serviceOfAction(action) == "ecs" {
		return a.about(scaled, action)
	}
	return Call{Action: action, Resource: "*", ResourceTags: map[string]string{}}
}

// about is a call about an object.
func (a *Account) about(o *Object, action string) Call {
	return callOn(action, arnOf(o), tagsOf(o))
}

func callOn(action, arn string, tags map[string]string) Call {
	if permissions.OnObjects(action) && !strings.Contains(arn, "/") {
		arn += "/*"
	}
	if permissions.IgnoresTags(action) || tags == nil {
		tags = map[string]string{}
	}
	return Call{Action: action, Resource: arn, ResourceTags: tags}
}

// named is an object of a service that the resource names, or that one names which it does.
func (a *Account) named(references []Reference, service string) *Object {
	var further []*Object
	for _, r := range references {
		o := a.referenced(r)
		switch {
		case o == nil:
		case serviceOf(arnOf(o)) == service:
			return o
		default:
			for _, r := range o.References {
				further = append(further, a.at(o.scope()).referenced(r))
			}
		}
	}
	for _, o := range further {
		if o != nil && serviceOf(arnOf(o)) == service {
			return o
		}
	}
	return nil
}

// scaled is the service that Application Auto Scaling is to scale, which it knows as service/<cluster>/<service>.
func (i intent) scaled(a *Account) *Object {
	if i.draft != nil {
		return a.lookup(i.draft.arn("ecs", i.draft.text("resourceId")), serviceType)
	}
	return a.lookup(i.object.scope().arn("ecs", i.object.text("resourceId")), serviceType)
}

// arn is the resource's own, empty for what has none.
func (i intent) arn() string {
	if i.object != nil {
		return arnOf(i.object)
	}
	return arnIn(i.draft.text("arn"), i.draft.id)
}

func arnOf(o *Object) string { return arnIn(o.text("arn"), o.ID) }

// arnIn is the ARN of something, which for some types is its id.
func arnIn(arn, id string) string {
	if arn == "" && strings.HasPrefix(id, "arn:") {
		return id
	}
	return arn
}

// requestedTags are those that the resource is to have.
func (i intent) requestedTags() map[string]string {
	if i.draft == nil {
		return nil
	}
	properties := toStoredMap(i.draft.properties())
	return tagsIn(properties)
}

// tagsOf are an object's.
func tagsOf(o *Object) map[string]string {
	if o == nil {
		return map[string]string{}
	}
	return tagsIn(o.Properties)
}

func tagsIn(properties map[string]any) map[string]string {
	tags := map[string]string{}
	for _, property := range []string{"tags", "tagsAll"} {
		of, _ := properties[property].(map[string]any)
		for key, value := range of {
			if text, ok := value.(string); ok {
				tags[key] = text
			}
		}
	}
	return tags
}

// serviceOfAction is what stands before the colon.
func serviceOfAction(action string) string {
	service, _, _ := strings.Cut(action, ":")
	return service
}
