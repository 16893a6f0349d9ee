package deploytime

import (
	"bytes"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"slipway/internal/state"
)

// Resource is one resource of an exported state.
type Resource struct {
	URN, Type, ID, Parent string
	// Custom resources are made in AWS; the others are components, which take no time of their own.
	Custom bool
	// External resources exist already: the program has only read them.
	External        bool
	Inputs, Outputs map[string]any
	// Dependencies are the URNs of what it waits for, for one of its inputs or as a whole.
	Dependencies []string
}

// Name is the logical name.
func (r *Resource) Name() string { return r.URN[strings.LastIndex(r.URN, "::")+2:] }

// String is the type and the logical name: "aws:ecs/service:Service web-service".
func (r *Resource) String() string { return r.Type + " " + r.Name() }

// State is what `pulumi stack export` prints, as far as it is about time.
type State struct {
	resources []*Resource // in the order in which they were made
	byURN     map[string]*Resource
}

// ReadState reads what `pulumi stack export` has printed. Lines before the JSON, such as those of a local run, are skipped.
func ReadState(exported []byte) (*State, error) {
	deployment, err := state.Decode(bytes.NewReader(exported[max(0, bytes.IndexByte(exported, '{')):]))
	if err != nil {
		return nil, err
	}
	s := &State{byURN: map[string]*Resource{}}
	for _, r := range deployment.Resources {
		if r.Delete { // replaced, and still to be deleted
			continue
		}
		known := &Resource{
			URN: string(r.URN), Type: string(r.Type), ID: string(r.ID), Parent: string(r.Parent), Custom: r.Custom, External: r.External,
			Inputs: r.Inputs, Outputs: r.Outputs,
			Dependencies: texts(r.Dependencies),
		}
		for _, of := range r.PropertyDependencies {
			known.Dependencies = append(known.Dependencies, texts(of)...)
		}
		s.resources = append(s.resources, known)
		s.byURN[known.URN] = known
	}
	return s, nil
}

func texts(urns []resource.URN) (texts []string) {
	for _, urn := range urns {
		texts = append(texts, string(urn))
	}
	return texts
}

// made are the resources that AWS makes, in the order in which they were made: neither components, nor providers and stack references,
// which are Pulumi's own and are there at once.
func (s *State) made() (made []*Resource) {
	for _, r := range s.resources {
		if r.Custom && !strings.HasPrefix(r.Type, "pulumi:") {
			made = append(made, r)
		}
	}
	return made
}

// edges are what each resource waits for.
type edges map[*Resource][]*Resource

func (e edges) add(of, on *Resource) {
	if of != on && !slices.Contains(e[of], on) {
		e[of] = append(e[of], on)
	}
}

// reach is all that a resource waits for, directly or through others.
func (e edges) reach(of *Resource) map[*Resource]bool {
	reached := map[*Resource]bool{}
	var visit func(*Resource)
	visit = func(r *Resource) {
		for _, on := range e[r] {
			if !reached[on] {
				reached[on] = true
				visit(on)
			}
		}
	}
	visit(of)
	return reached
}

// programmed is what Pulumi waits for, with this program: resources for each other; components wait for nothing, and nothing for them.
//
// Whatever depends on a component waits for all that is in it. For a local one the SDK writes its children into the state, so what is
// left in there are remote components: their outputs are known when they are complete. What is in a component does not wait for it, but
// for what the component's own inputs waited for. What is in a resource waits for that, as its URN is known only then.
func (s *State) programmed() edges {
	inside := s.inside()
	made := s.made()
	e := edges{}
	for _, r := range made {
		for _, on := range s.waitsOfItself(r) {
			if slices.Contains(made, on) {
				e.add(r, on)
			}
			for _, child := range inside[on] {
				e.add(r, child)
			}
		}
	}
	return e
}

// waitsOfItself is what a resource depends on, and what its parents bring.
func (s *State) waitsOfItself(r *Resource) (waits []*Resource) {
	dependencies := slices.Sorted(slices.Values(r.Dependencies))
	for _, urn := range slices.Compact(dependencies) {
		if on := s.byURN[urn]; on != nil {
			waits = append(waits, on)
		}
	}
	switch parent := s.byURN[r.Parent]; {
	case parent == nil:
	case parent.Custom:
		waits = append(waits, parent)
	default:
		waits = append(waits, s.waitsOfItself(parent)...)
	}
	return waits
}

// inside are the resources in each component, however deep.
func (s *State) inside() map[*Resource][]*Resource {
	inside := map[*Resource][]*Resource{}
	for _, r := range s.made() {
		for parent := s.byURN[r.Parent]; parent != nil; parent = s.byURN[parent.Parent] {
			if !parent.Custom {
				inside[parent] = append(inside[parent], r)
			}
		}
	}
	return inside
}
