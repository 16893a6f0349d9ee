package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// longest is how many characters of a value are shown.
const longest = 120

// WriteText writes the report for a terminal or a log.
func (r Report) WriteText(w io.Writer) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%s, compared with %s at %s\n", r.head(), r.Revision, Short(r.Base))
	for _, stack := range r.Stacks {
		text.WriteString("\n" + stack.Text())
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// Text is the stack alone, for a terminal or a log.
func (s Stack) Text() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s: %s\n", s.Name, s.Summary())
	for _, message := range []string{s.BaseFailure, s.Refusal} {
		if message != "" {
			text.WriteString("  " + strings.ReplaceAll(message, "\n", "\n  ") + "\n")
		}
	}
	for _, list := range s.Lists() {
		for _, resource := range list.Resources {
			fmt.Fprintf(&text, "  %-8s %s %s", list.Verb, resource.Type, resource.Name)
			if resource.HoldsData && list.Loses {
				text.WriteString("  (holds data)")
			}
			text.WriteString("\n")
			for _, change := range resource.Changes {
				text.WriteString("             " + change.Text() + "\n")
			}
		}
	}
	return text.String()
}

// head says what is compared with the base.
func (r Report) head() string {
	if r.Uncommitted {
		return "The work tree, with changes that are not committed"
	}
	return "The work tree"
}

// List are the resources to which the same happens.
type List struct {
	Verb      string // "replace"
	Title     string // "Replaced"
	Loses     bool   // what the resource holds is lost
	Resources []Resource
}

// Lists are in the order in which a reviewer wants them: what can hurt comes first.
func (s Stack) Lists() []List {
	return []List{
		{"replace", "Replaced", true, s.Replaced},
		{"delete", "Deleted", true, s.Deleted},
		{"create", "Created", false, s.Created},
		{"update", "Updated", false, s.Updated},
	}
}

// Text is the change in one line.
func (c Change) Text() string {
	var text string
	switch {
	case c.Unknown:
		text = c.Path + ": known only after the update"
	case c.Old == Hidden && c.New == Hidden:
		text = c.Path + ": changed, a secret"
	case c.Old == nil:
		text = c.Path + ": added, " + shorten(c.New)
	case c.New == nil:
		text = c.Path + ": removed, was " + shorten(c.Old)
	default:
		text = c.Path + ": " + shorten(c.Old) + " -> " + shorten(c.New)
	}
	if c.Replaces {
		text += " (replaces the resource)"
	}
	return text
}

// shorten is the value as compact JSON on one line, cut when it is long.
func shorten(v any) string {
	if v == Hidden || v == Unknown {
		return fmt.Sprint(v)
	}
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	text := fmt.Sprint(v)
	if encoder.Encode(v) == nil {
		text = strings.TrimSpace(buffer.String())
	}
	if characters := []rune(text); len(characters) > longest {
		return string(characters[:longest]) + "…"
	}
	return text
}
