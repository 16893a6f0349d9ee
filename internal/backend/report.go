package backend

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
)

// Report is what there is, and what was done.
type Report struct {
	Account string `json:"account"`
	Region  string `json:"region"`
	// Repository is what the name is derived from; "" for a given name.
	Repository string `json:"repository,omitempty"`
	// Name of the bucket and, after alias/, of the key.
	Name            string `json:"name"`
	BackendURL      string `json:"backendUrl"`
	SecretsProvider string `json:"secretsProvider"`
	KeyArn          string `json:"keyArn,omitempty"`
	DryRun          bool   `json:"dryRun"`
	Steps           []Step `json:"steps"`
}

// Step is one thing that a backend consists of.
type Step struct {
	// Did is what was done, or on a dry run would be.
	Did Did `json:"did"`
	// What it is, and which one or how it is set.
	What   string `json:"what"`
	Detail string `json:"detail"`
}

// Did is what a step did.
type Did string

// What a step can do.
const (
	AlreadyThere Did = "already there"
	Created      Did = "created"
	Set          Did = "set"
	Corrected    Did = "corrected"
	// LeftAlone is what is not as it would be made, and is not changed either.
	LeftAlone Did = "left alone"
)

func (r *Report) add(did Did, what, format string, args ...any) {
	r.Steps = append(r.Steps, Step{did, what, fmt.Sprintf(format, args...)})
}

// Changes counts what was made or corrected, or would be.
func (r *Report) Changes() (n int) {
	for _, s := range r.Steps {
		if s.Did == Created || s.Did == Set || s.Did == Corrected {
			n++
		}
	}
	return n
}

var wouldDo = map[Did]string{Created: "would create", Set: "would set", Corrected: "would correct"}

// Write writes a line for each thing.
func (r *Report) Write(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	var errs []error
	line := func(did, what, detail string) {
		_, err := fmt.Fprintf(table, "%s\t%s\t%s\n", did, what, detail)
		errs = append(errs, err)
	}
	for _, s := range r.Steps {
		did := string(s.Did)
		if r.DryRun {
			did = cmp.Or(wouldDo[s.Did], did)
		}
		line(did, s.What, s.Detail)
	}
	return errors.Join(append(errs, table.Flush())...)
}

// WriteJSON writes the report as an object.
func (r *Report) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(r)
}
