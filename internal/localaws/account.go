package localaws

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"time"
)

// Object is one thing that exists in the embedded account.
type Object struct {
	// Type is the Pulumi type token, such as aws:ec2/vpc:Vpc.
	Type string `json:"type"`
	// ID is the provider's id, such as vpc-0a1b2c3d4e5f60718.
	ID string `json:"id"`
	// Account is the id of the account that it is in.
	Account string `json:"account"`
	// Region is the region it was made in.
	Region string `json:"region"`
	// URN is the Pulumi resource that made it. The account is not Pulumi's state: an object may outlive it.
	URN string `json:"urn"`
	// Created is when it was made.
	Created time.Time `json:"created"`
	// Properties are its inputs and outputs as AWS would show them. Of secrets there is a digest only.
	Properties map[string]any `json:"properties"`
	// Inputs are the inputs alone, as the provider's Read reports them.
	Inputs map[string]any `json:"inputs"`
	// References are the objects that it names, each with the property that does.
	References []Reference `json:"references,omitempty"`
}

// Reference says that an object's property names another object by its id, ARN or name.
type Reference struct {
	Property string `json:"property"`
	Type     string `json:"type"`
	ID       string `json:"id"`
	// Region is where it is, when that is another region than that of the object that names it.
	Region string `json:"region,omitempty"`
}

// key is that of the object that is named by one in a scope.
func (r Reference) key(by scope) objectKey {
	return keyOf(scope{by.accountID, orDefault(r.Region, by.region)}, r.Type, r.ID)
}

// Identity is what tells the objects of a stack apart, as Pulumi's state knows them.
type Identity struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

func (o *Object) identity() Identity { return Identity{o.Type, o.ID} }

func (o *Object) scope() scope { return scope{o.Account, o.Region} }

// removed is the change that takes the object away.
func (o *Object) removed() change {
	return change{Remove: &removal{o.identity(), o.Account, o.Region}}
}

// text is a property as a string, or "".
func (o *Object) text(property string) string {
	s, _ := o.Properties[property].(string)
	return s
}

func (o *Object) key() objectKey { return keyOf(o.scope(), o.Type, o.ID) }

// handleProperties are the properties by which AWS and Pulumi name an object, besides its id.
var handleProperties = []string{"arn", "name", "identifier", "clusterIdentifier", "family", "bucket", "repositoryUrl", "repositoryName"}

// handles are all the names that the object answers to.
func (o *Object) handles() []string {
	handles := []string{o.ID}
	for _, property := range handleProperties {
		if h := o.text(property); h != "" && h != o.ID {
			handles = append(handles, h)
		}
	}
	return handles
}

// Account is what exists in the embedded AWS, seen from one of its accounts and regions. Those that are seen from elsewhere are the same.
type Account struct {
	*journal
	scope
}

// Open reads what is kept in dir; a missing directory is an empty account.
func Open(dir string) (*Account, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the embedded AWS keeps what exists in %s: %w", dir, err)
	}
	j := &journal{path: filepath.Join(dir, "account.jsonl")}
	j.clear()
	return &Account{j, home}, j.view(func() error { return nil })
}

// List returns what exists in all accounts, sorted by type and id.
func (a *Account) List() ([]Object, error) {
	var list []Object
	err := a.view(func() error {
		for _, o := range a.everything {
			list = append(list, *o)
		}
		return nil
	})
	sort.Slice(list, func(i, j int) bool {
		return list[i].Type < list[j].Type || list[i].Type == list[j].Type && (list[i].ID < list[j].ID ||
			list[i].ID == list[j].ID && list[i].Account+list[i].Region < list[j].Account+list[j].Region)
	})
	return list, err
}

// Find returns what has that id, ARN or name; ids of different types may be the same.
func (a *Account) Find(handle string) ([]Object, error) {
	list, err := a.List()
	var found []Object
	for _, o := range list {
		if slices.Contains(o.handles(), handle) {
			found = append(found, o)
		}
	}
	return found, err
}

// Remove deletes the object with that id behind Pulumi's back, as somebody with a console would. It is refused with
// AWS's error while something else uses the object.
func (a *Account) Remove(id string) error {
	return a.update(func() ([]change, error) {
		var found []*Object
		for _, o := range a.everything {
			if slices.Contains(o.handles(), id) {
				found = append(found, o)
			}
		}
		switch len(found) {
		case 0:
			return nil, fmt.Errorf("nothing in the embedded AWS has the id %q; `slipway local aws ls` lists what exists", id)
		case 1:
			if k := catalogue[found[0].Type]; k != nil {
				return k.removal(a.at(found[0].scope()), found[0])
			}
			return []change{found[0].removed()}, nil
		}
		var ids []string
		for _, o := range found {
			ids = append(ids, o.Type+" "+o.ID)
		}
		sort.Strings(ids)
		return nil, fmt.Errorf("%q names %d objects; use the ARN or id of one: %s", id, len(found), strings.Join(ids, ", "))
	})
}

// users returns the objects that refer to o, sorted so that messages are stable. The caller holds the lock.
func (a *Account) users(o *Object) (users []*Object) {
	for key := range a.usedBy[o.key()] {
		if user := a.everything[key]; user != nil && user != o {
			users = append(users, user)
		}
	}
	sort.Slice(users, func(i, j int) bool { return users[i].Type+users[i].ID < users[j].Type+users[j].ID })
	return users
}
