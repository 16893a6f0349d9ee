package plan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"

	"slipway/internal/compare/report"
)

// Check tells whether a preview of now would do what the plan does. The error says what differs. It is for before an
// update: Pulumi itself compares resource by resource while it changes them.
func (s Summary) Check(now Summary) error {
	if s.Name != now.Name {
		return fmt.Errorf("the plan is for the stack %s, not for %s", s.Name, now.Name)
	}
	if s.Image != now.Image {
		return fmt.Errorf("the plan was made for the image %q, and this is a release of %q", s.Image, now.Image)
	}
	planned, current := s.resources(), now.resources()
	var differences []string
	for _, urn := range keys(planned, current) {
		was, is := planned[urn], current[urn]
		if was.text == is.text {
			continue
		}
		differences = append(differences, fmt.Sprintf("  %s\n    planned: %s\n    now:     %s",
			label(urn), was.words(), is.words()))
	}
	if len(differences) == 0 {
		return nil
	}
	return fmt.Errorf("the plan does not fit any more: %s or its state has changed since it was made\n%s\n"+
		"Nothing was changed. Make a new plan and have it approved: in the pipeline, release the change again", s.Name, strings.Join(differences, "\n"))
}

// planned is what happens to a resource.
type planned struct {
	verb    string
	changes []report.Change
	text    string // everything, to be compared
}

func (p planned) words() string {
	if p.verb == "" {
		return "no change"
	}
	words := p.verb
	for i, change := range p.changes {
		if i == 3 {
			return words + ", ..."
		}
		words += []string{" (", ", "}[min(i, 1)] + change.Text()
	}
	if len(p.changes) > 0 {
		words += ")"
	}
	return words
}

// resources are those that change, by URN.
func (s Summary) resources() map[string]planned {
	all := map[string]planned{}
	for _, list := range s.Lists() {
		for _, r := range list.Resources {
			all[r.URN] = planned{list.Verb, r.Changes, list.Verb + s.settled(r.Changes)}
		}
	}
	return all
}

// settled are the changes as a text in which the names that Pulumi makes up are those of the resources.
func (s Summary) settled(changes []report.Change) string {
	text, err := json.Marshal(changes)
	if err != nil {
		return err.Error() // values of a JSON document always can be
	}
	// The longest first: one name may begin as another does.
	names := keys(s.MadeUp, nil)
	sort.Slice(names, func(i, j int) bool { return len(names[i]) > len(names[j]) })
	for _, name := range names {
		text = bytes.ReplaceAll(text, []byte(name), []byte("<"+s.MadeUp[name]+">"))
	}
	return string(text)
}

func label(urn string) string {
	parts := strings.Split(urn, "::")
	return parts[2][strings.LastIndex(parts[2], "$")+1:] + " " + parts[3]
}

func keys[V any](a, b map[string]V) []string {
	var all []string
	for key := range a {
		all = append(all, key)
	}
	for key := range b {
		if _, both := a[key]; !both {
			all = append(all, key)
		}
	}
	slices.Sort(all)
	return all
}
