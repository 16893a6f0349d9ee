package localaws

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"
)

// AccountID is the id of the one embedded account. AWS's own documentation uses it for examples.
const AccountID = "123456789012"

// Object is one thing that exists in the embedded account.
type Object struct {
	// Type is the Pulumi type token, such as aws:ec2/vpc:Vpc.
	Type string `json:"type"`
	// ID is the provider's id, such as vpc-0a1b2c3d4e5f60718.
	ID string `json:"id"`
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
}

// Identity is what tells objects apart.
type Identity struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

func (o *Object) identity() *Identity { return &Identity{o.Type, o.ID} }

// text is a property as a string, or "".
func (o *Object) text(property string) string {
	s, _ := o.Properties[property].(string)
	return s
}

func (o *Object) key() objectKey { return objectKey{o.Type, o.ID} }

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

// objectKey is a type with an id, or with another handle.
type objectKey struct{ typ, id string }

// Account is what exists in the embedded AWS, kept in a journal: one line of JSON for each change. Several processes
// may use it at once: a change is made under a file lock, after reading what others have appended, so that a killed
// process loses nothing that was acknowledged and leaves at most a torn last line, which the next one drops.
type Account struct {
	mu     sync.Mutex
	path   string
	offset int64
	// first is the journal's first line as this account read it. It has the time of a creation in it, so it tells a journal that
	// was begun anew from the one that was there.
	first   []byte
	objects map[objectKey]*Object
	// byHandle finds objects by all their handles, and usedBy those that refer to an object.
	byHandle map[objectKey]*Object
	usedBy   map[objectKey]map[objectKey]bool
	// generations counts how often each URN was created, so that a replacement has an id of its own.
	generations map[string]int
}

// Open reads the account that is kept in dir; a missing directory is an empty account.
func Open(dir string) (*Account, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the embedded AWS keeps what exists in %s: %w", dir, err)
	}
	a := &Account{path: filepath.Join(dir, "account.jsonl")}
	a.clear()
	return a, a.view(func() error { return nil })
}

// List returns what exists, sorted by type and id.
func (a *Account) List() ([]Object, error) {
	var list []Object
	err := a.view(func() error {
		for _, o := range a.objects {
			list = append(list, *o)
		}
		return nil
	})
	sort.Slice(list, func(i, j int) bool {
		return list[i].Type < list[j].Type || list[i].Type == list[j].Type && list[i].ID < list[j].ID
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
		for _, o := range a.objects {
			if slices.Contains(o.handles(), id) {
				found = append(found, o)
			}
		}
		switch len(found) {
		case 0:
			return nil, fmt.Errorf("nothing in the embedded AWS has the id %q; `slipway local aws ls` lists what exists", id)
		case 1:
			if k := catalogue[found[0].Type]; k != nil {
				return k.removal(a, found[0])
			}
			return []change{{Remove: found[0].identity()}}, nil
		}
		var ids []string
		for _, o := range found {
			ids = append(ids, o.Type+" "+o.ID)
		}
		sort.Strings(ids)
		return nil, fmt.Errorf("%q names %d objects; use the ARN or id of one: %s", id, len(found), strings.Join(ids, ", "))
	})
}

// lookup finds the object of one of the types that handle names. The caller holds the lock.
func (a *Account) lookup(handle string, types ...string) *Object {
	for _, t := range types {
		if o := a.byHandle[objectKey{t, handle}]; o != nil {
			return o
		}
	}
	return nil
}

// users returns the objects that refer to o, sorted so that messages are stable. The caller holds the lock.
func (a *Account) users(o *Object) (users []*Object) {
	for key := range a.usedBy[o.key()] {
		if user := a.objects[key]; user != nil && user != o {
			users = append(users, user)
		}
	}
	sort.Slice(users, func(i, j int) bool { return users[i].Type+users[i].ID < users[j].Type+users[j].ID })
	return users
}

func (a *Account) clear() {
	a.offset, a.first, a.generations = 0, nil, map[string]int{}
	a.objects, a.byHandle = map[objectKey]*Object{}, map[objectKey]*Object{}
	a.usedBy = map[objectKey]map[objectKey]bool{}
}

func (a *Account) link(o *Object) {
	a.objects[o.key()] = o
	for _, h := range o.handles() {
		a.byHandle[objectKey{o.Type, h}] = o
	}
	for _, r := range o.References {
		target := objectKey{r.Type, r.ID}
		if a.usedBy[target] == nil {
			a.usedBy[target] = map[objectKey]bool{}
		}
		a.usedBy[target][o.key()] = true
	}
}

func (a *Account) unlink(o *Object) {
	if o == nil {
		return
	}
	delete(a.objects, o.key())
	for _, h := range o.handles() {
		if a.byHandle[objectKey{o.Type, h}] == o {
			delete(a.byHandle, objectKey{o.Type, h})
		}
	}
	for _, r := range o.References {
		delete(a.usedBy[objectKey{r.Type, r.ID}], o.key())
	}
}
