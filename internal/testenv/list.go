package testenv

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
)

// Listed is a test environment as List shows it.
type Listed struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
	// From is the stack that it was made from.
	From string `json:"from"`
	// Resources is how many Pulumi knows of; null when the backend does not say.
	Resources *int `json:"resources"`
	// LastUpdate is the time of its last change, in UTC; "" for none, and while one is running in Pulumi Cloud.
	LastUpdate string `json:"lastUpdate"`
}

// List returns the test environments, by name.
func (e *Environments) List(ctx context.Context) ([]Listed, error) {
	listed := []Listed{}
	var stacks []stack
	if err := e.pulumi().Query(ctx, &stacks, "stack", "ls", "--json", "--tag", kindTag); err != nil {
		return nil, err
	}
	for _, s := range stacks {
		o, err := e.origin(ctx, s.Name)
		if err != nil {
			return nil, err
		}
		listed = append(listed, Listed{s.Name, o.kind, o.from, s.ResourceCount, s.LastUpdate})
	}
	return listed, nil
}

// WriteList writes a line for each environment.
func WriteList(w io.Writer, list []Listed) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, err := fmt.Fprintln(table, "NAME\tKIND\tFROM\tRESOURCES\tLAST UPDATE")
	for _, l := range list {
		resources, updated := "-", "-"
		if l.Resources != nil {
			resources = fmt.Sprint(*l.Resources)
		}
		if l.LastUpdate != "" {
			updated = l.LastUpdate
		}
		_, lineErr := fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", l.Name, l.Kind, l.From, resources, updated)
		err = errors.Join(err, lineErr)
	}
	return errors.Join(err, table.Flush())
}

// WriteListJSON writes the environments as an array.
func WriteListJSON(w io.Writer, list []Listed) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(list)
}
