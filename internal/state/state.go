// Package state reads what `pulumi stack export` writes, for reports about what a stack has made.
package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// State is what a stack has made, as Pulumi knows it.
type State struct {
	// Project and Stack are the names in the resources' URNs.
	Project, Stack string
	// Region is that of the AWS provider that resources get when they name none. Example: us-east-1.
	Region string
	// Resources are what Pulumi manages: neither what the program only looked up, nor the stack itself.
	Resources []*Resource
	// Interrupted are the operations that an update began and did not finish. What they made is not among the resources.
	Interrupted int
}

// Resource is one resource of a state, a component or what a provider made.
type Resource struct {
	URN string
	// Type is the token, such as aws:s3/bucketV2:BucketV2.
	Type string
	// Name is the logical name, such as site-bucket.
	Name string
	// ID is the provider's, and empty for a component.
	ID string
	// Component is the name of the outermost component that it is part of, or its own name.
	Component string
	// Protect says that Pulumi refuses to delete it.
	Protect bool

	outputs resource.PropertyMap
}

// At is the value at a path in the outputs: what exists, as the provider saw it last.
func (r *Resource) At(path ...any) Value {
	return Value{resource.NewObjectProperty(r.outputs)}.At(path...)
}

// String is the type and the logical name, as messages show it.
func (r *Resource) String() string { return r.Type + " " + r.Name }

// howTo is the end of each message about something that is no state.
const howTo = "give what `pulumi stack export -s STACK` writes"

const stackType = "pulumi:pulumi:Stack"

// Read reads an exported state. It refuses what is empty, something else, more than one, and a stack without resources.
func Read(from io.Reader) (*State, error) {
	deployment, err := Decode(from)
	if err != nil {
		return nil, err
	}
	s := &State{Interrupted: len(deployment.PendingOperations)}
	parents := map[resource.URN]resource.URN{}
	for _, r := range deployment.Resources {
		if !r.URN.IsValid() {
			return nil, fmt.Errorf("a resource has the URN %q, which is none; %s", r.URN, howTo)
		}
		parents[r.URN] = r.Parent
	}
	for _, r := range deployment.Resources {
		s.Project, s.Stack = r.URN.Project().String(), r.URN.Stack().String()
		if string(r.Type) == "pulumi:providers:aws" && (s.Region == "" || strings.HasPrefix(r.URN.Name(), "default")) {
			s.Region, _ = r.Inputs["region"].(string)
		}
		if r.External || string(r.Type) == stackType {
			continue
		}
		s.Resources = append(s.Resources, &Resource{
			URN: string(r.URN), Type: string(r.Type), Name: r.URN.Name(), ID: string(r.ID), Protect: r.Protect,
			Component: outermost(r.URN, parents),
			outputs:   properties(r.Outputs),
		})
	}
	if len(s.Resources) == 0 {
		return nil, errors.New("the state holds no resources: the stack has not been deployed, or was destroyed")
	}
	return s, nil
}

// Decode is the text alone, for whoever needs what a State leaves out.
func Decode(from io.Reader) (*apitype.DeploymentV3, error) {
	text, err := io.ReadAll(from)
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, fmt.Errorf("the state is empty; %s", howTo)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	var export struct {
		Version    int                   `json:"version"`
		Deployment *apitype.DeploymentV3 `json:"deployment"`
	}
	if err := decoder.Decode(&export); err != nil {
		return nil, fmt.Errorf("the state is not JSON that Pulumi writes: %w; %s", err, howTo)
	}
	if export.Deployment == nil {
		return nil, fmt.Errorf("this JSON is no exported state, for it has no deployment; %s", howTo)
	}
	if export.Version < 3 || export.Version > 4 {
		return nil, fmt.Errorf("the state has format %d, takes 3 or 4; export it with a Pulumi CLI of version 3", export.Version)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the state; give one state at a time")
	}
	return export.Deployment, nil
}

// outermost is the name of the last resource on the way from one to the stack.
func outermost(urn resource.URN, parents map[resource.URN]resource.URN) string {
	for range parents { // as many steps at the most, whatever the file says
		parent := parents[urn]
		if parent == "" || string(parent.Type()) == stackType {
			break
		}
		urn = parent
	}
	return urn.Name()
}

// Of are the resources of these types, in the order of the state.
func (s *State) Of(types ...string) (found []*Resource) {
	for _, r := range s.Resources {
		if slices.Contains(types, r.Type) {
			found = append(found, r)
		}
	}
	return found
}

// Where are the resources of a type whose property has this text.
func (s *State) Where(kind, property, text string) (found []*Resource) {
	for _, r := range s.Of(kind) {
		if text != "" && r.At(property).String() == text {
			found = append(found, r)
		}
	}
	return found
}
