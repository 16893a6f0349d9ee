// Package report is what a comparison has found, and how it is shown. It reads and writes texts only, so that one that
// strangers' code has made can be shown, too.
package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Report is what a change does to each stack.
type Report struct {
	// Revision is what the user named, and Base the commit that it led to.
	Revision string `json:"revision"`
	Base     string `json:"base"`
	// Uncommitted tells that the head has changes that are in no commit.
	Uncommitted bool    `json:"uncommitted"`
	Stacks      []Stack `json:"stacks"`
}

// Stack is what a change does to one stack.
type Stack struct {
	Name string `json:"name"`
	// New tells that only the head configures the stack, Removed that only the base does.
	New     bool `json:"new,omitempty"`
	Removed bool `json:"removed,omitempty"`
	// BaseFailure is why the base could not be deployed. Nothing else is known then.
	BaseFailure string `json:"baseFailure,omitempty"`
	// Refusal is why the head was refused. The resources are those before the refusal.
	Refusal string `json:"refusal,omitempty"`

	Replaced  []Resource `json:"replaced"`
	Deleted   []Resource `json:"deleted"`
	Created   []Resource `json:"created"`
	Updated   []Resource `json:"updated"`
	Unchanged int        `json:"unchanged"`
}

// Resource is a resource that changes.
type Resource struct {
	Type string `json:"type"`
	Name string `json:"name"`
	URN  string `json:"urn"`
	// HoldsData tells that what is in the resource is lost with it.
	HoldsData bool `json:"holdsData,omitempty"`
	// Changes are those of its inputs; for what is replaced or updated.
	Changes []Change `json:"changes,omitempty"`
}

// Change is a property that changes.
type Change struct {
	// Path is the property, such as containerDefinitions["web"].environment["LEVEL"]; JSON texts are looked into.
	Path string `json:"path"`
	// Old and New are the values, nil where there is none. Secrets are "[secret]".
	Old any `json:"old"`
	New any `json:"new"`
	// Unknown tells that the new value is known only after the update.
	Unknown bool `json:"unknown,omitempty"`
	// Replaces tells that this property is why the resource is replaced.
	Replaces bool `json:"replaces,omitempty"`
}

const (
	// Hidden is what Pulumi prints in the place of a secret.
	Hidden = "[secret]"
	// Unknown stands, within a value, for what is known only after the update.
	Unknown = "[unknown]"
)

// Read reads what WriteJSON wrote. Anything else is an error.
func Read(r io.Reader) (Report, error) {
	var report Report
	decoder := json.NewDecoder(r)
	decoder.DisallowUnknownFields()
	decoder.UseNumber()
	if err := decoder.Decode(&report); err != nil {
		return Report{}, fmt.Errorf("not a report of a comparison: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Report{}, errors.New("not a report of a comparison: something follows it")
	}
	return report, nil
}

// WriteJSON writes the report for scripts.
func (r Report) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(r)
}

// Failures are the stacks that could not be compared to the end.
func (r Report) Failures() error {
	var failures []error
	for _, stack := range r.Stacks {
		switch {
		case stack.BaseFailure != "":
			failures = append(failures, fmt.Errorf("%s: the base, %s at %s, does not deploy", stack.Name, r.Revision, Short(r.Base)))
		case stack.Refusal != "":
			failures = append(failures, fmt.Errorf("%s: the head is refused", stack.Name))
		}
	}
	return errors.Join(failures...)
}

// DataLoss are the resources that hold data and are replaced or deleted.
func (r Report) DataLoss() error {
	var losses []error
	for _, stack := range r.Stacks {
		for _, list := range []struct {
			verb      string
			resources []Resource
		}{{"replaced", stack.Replaced}, {"deleted", stack.Deleted}} {
			for _, resource := range list.resources {
				if resource.HoldsData {
					losses = append(losses, fmt.Errorf("%s: %s %s holds data and would be %s", stack.Name, resource.Type, resource.Name, list.verb))
				}
			}
		}
	}
	return errors.Join(losses...)
}

// Short is a commit as people write it.
func Short(commit string) string { return commit[:min(10, len(commit))] }

// Summary is what happens to the stack in a few words.
func (s Stack) Summary() string {
	switch {
	case s.BaseFailure != "":
		return "the base does not deploy"
	case s.Removed:
		return "removed: it has no configuration any more"
	}
	var parts []string
	for _, part := range []struct {
		count int
		what  string
	}{
		{len(s.Replaced), "replaced"}, {len(s.Deleted), "deleted"}, {len(s.Created), "created"}, {len(s.Updated), "updated"},
	} {
		if part.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.count, part.what))
		}
	}
	if len(parts) == 0 {
		parts = []string{"no changes"}
	}
	if s.Unchanged > 0 {
		parts = append(parts, fmt.Sprintf("%d unchanged", s.Unchanged))
	}
	text := strings.Join(parts, ", ")
	switch {
	case s.Refusal != "":
		return "refused"
	case s.New:
		return "new, " + text
	}
	return text
}
