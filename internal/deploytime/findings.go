package deploytime

import (
	"slices"
	"strings"
)

// needed are the edges that AWS imposes: those by data, and those of the table. reasons has the table's.
func (s *State) needed(programmed edges) (needed edges, reasons map[[2]*Resource]string) {
	g := graph{s.made(), s.data(programmed)}
	needed, reasons = edges{}, map[[2]*Resource]string{}
	for of, on := range g.data {
		needed[of] = slices.Clone(on)
	}
	for _, need := range needs {
		for _, of := range g.resources {
			if !slices.Contains(need.of, of.Type) {
				continue
			}
			for _, on := range need.on(g, of) {
				if needed.reach(on)[of] {
					continue // it can only come after, as a policy about this very service does
				}
				needed.add(of, on)
				reasons[[2]*Resource{of, on}] = need.because
			}
		}
	}
	return needed, reasons
}

func missing(made []*Resource, programmed, needed edges, reasons map[[2]*Resource]string) (found []Edge) {
	for _, of := range made {
		waits := programmed.reach(of)
		for _, on := range needed[of] {
			if waits[on] {
				continue
			}
			reason := reasons[[2]*Resource{of, on}]
			if reason == "" {
				reason = "it has a value that the other one's creation yields"
			}
			found = append(found, Edge{of, on, reason})
		}
	}
	return found
}

func (s *State) superfluous(programmed, needed edges) (superfluous, explained []Edge) {
	for _, of := range s.made() {
		needs := needed.reach(of)
		for _, on := range programmed[of] {
			if needs[on] {
				continue
			}
			if reason := s.explain(of, on); reason != "" {
				explained = append(explained, Edge{of, on, reason})
				continue
			}
			superfluous = append(superfluous, Edge{of, on, "AWS does not need it"})
		}
	}
	return superfluous, explained
}

// explain is why an edge that AWS does not need stays, or empty.
func (s *State) explain(of, on *Resource) string {
	inside := s.remoteComponent(on)
	for _, habit := range habits {
		if (habit.of == "" || habit.of == of.Type) && habit.on(of, on, inside) {
			return habit.because
		}
	}
	return ""
}

// remoteComponent is the type of the remote component that a resource is in, or empty. The state does not tell them from the program's own;
// awsx is the only package of components that the program uses.
func (s *State) remoteComponent(r *Resource) string {
	for parent := s.byURN[r.Parent]; parent != nil; parent = s.byURN[parent.Parent] {
		if strings.HasPrefix(parent.Type, "awsx:") {
			return parent.Type
		}
	}
	return ""
}
