package compare

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
	fmt.Fprintf(&text, "%s, compared with %s at %s\n", r.head(), r.Revision, short(r.Base))
	for _, stack := range r.Stacks {
		fmt.Fprintf(&text, "\n%s: %s\n", stack.Name, stack.summary())
		for _, message := range []string{stack.BaseFailure, stack.Refusal} {
			if message != "" {
				text.WriteString("  " + strings.ReplaceAll(message, "\n", "\n  ") + "\n")
			}
		}
		for _, list := range stack.lists() {
			for _, resource := range list.resources {
				fmt.Fprintf(&text, "  %-8s %s %s", list.verb, resource.Type, resource.Name)
				if resource.HoldsData && list.loses {
					text.WriteString("  (holds data)")
				}
				text.WriteString("\n")
				for _, change := range resource.Changes {
					text.WriteString("             " + change.text() + "\n")
				}
			}
		}
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// head says what is compared with the base.
func (r Report) head() string {
	if r.Uncommitted {
		return "The work tree, with changes that are not committed"
	}
	return "The work tree"
}

// list are the resources to which the same happens.
type list struct {
	verb      string // "replace"
	title     string // "Replaced"
	loses     bool   // what the resource holds is lost
	resources []Resource
}

// lists are in the order in which a reviewer wants them: what can hurt comes first.
func (s Stack) lists() []list {
	return []list{
		{"replace", "Replaced", true, s.Replaced},
		{"delete", "Deleted", true, s.Deleted},
		{"create", "Created", false, s.Created},
		{"update", "Updated", false, s.Updated},
	}
}

// text is the change in one line.
func (c Change) text() string {
	var text string
	switch {
	case c.Unknown:
		text = c.Path + ": known only after the update"
	case c.Old == hidden && c.New == hidden:
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
	if v == hidden || v == unknown {
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
