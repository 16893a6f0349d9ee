// Package plan shows a saved plan of Pulumi to the person who approves it, and tells later whether it still fits.
//
// The plan itself, what `pulumi preview --save-plan` writes, is for Pulumi. What is shown comes from the `--json` of the
// same preview, in which secrets are hidden.
package plan

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"slipway/internal/compare"
	"slipway/internal/compare/report"
)

// Summary is what a plan does to a stack.
type Summary struct {
	report.Stack
	// Commit and Image are what it deploys, as far as the caller knows.
	Commit string `json:"commit,omitempty"`
	Image  string `json:"image,omitempty"`
	// Role is what the plan was made with, when the stack's provider takes a role on.
	Role string `json:"role,omitempty"`
	// Changes is how many resources change.
	Changes int `json:"changes"`
	// Counts is the same in words: "1 replaced, 2 updated, 99 unchanged".
	Counts string `json:"summary"`
	// MadeUp are the names that Pulumi has made up for what is to be created, with the resource's own. Each preview makes
	// others up.
	MadeUp map[string]string `json:"madeUp,omitempty"`
}

// Read reads what `pulumi preview --json` printed. A preview that was refused is an error with the reason.
func Read(stack string, preview []byte) (Summary, error) {
	s := Summary{Stack: report.Stack{
		Name: stack, Replaced: []report.Resource{}, Deleted: []report.Resource{}, Created: []report.Resource{}, Updated: []report.Resource{},
	}}
	if err := compare.ReadPreview(&s.Stack, preview); err != nil {
		return Summary{}, fmt.Errorf("this is not what pulumi preview --json prints: %w", err)
	}
	if s.Refusal != "" {
		return Summary{}, fmt.Errorf("the preview of %s was refused: %s", stack, s.Refusal)
	}
	var err error
	if s.MadeUp, err = madeUp(preview); err != nil {
		return Summary{}, err
	}
	s.Updated = slices.DeleteFunc(s.Updated, onlyTakesOnAnotherRole)
	for _, list := range s.Lists() {
		s.Changes += len(list.Resources)
	}
	s.Counts = s.Stack.Summary()
	return s, nil
}

// onlyTakesOnAnotherRole tells whether nothing but the role of a provider changes, as it does in every plan: what makes
// it may read alone, and what was there was made by another role.
func onlyTakesOnAnotherRole(r report.Resource) bool {
	return strings.HasPrefix(r.Type, "pulumi:providers:") && len(r.Changes) > 0 &&
		!slices.ContainsFunc(r.Changes, func(c report.Change) bool { return !strings.HasPrefix(c.Path, "assumeRole") })
}

// autoName is how Pulumi ends the names that it makes up.
var autoName = regexp.MustCompile(`-[0-9a-f]{7}$`)

func madeUp(preview []byte) (map[string]string, error) {
	var digest struct {
		Steps []struct {
			Op       string
			URN      string
			NewState struct{ Inputs map[string]any }
		}
	}
	if err := json.Unmarshal(preview, &digest); err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, step := range digest.Steps {
		if step.Op == "same" || step.Op == "update" {
			continue
		}
		defaults, _ := step.NewState.Inputs["__defaults"].([]any)
		for _, property := range defaults {
			key, _ := property.(string)
			if name, ok := step.NewState.Inputs[key].(string); ok && autoName.MatchString(name) {
				names[name] = step.URN[strings.LastIndex(step.URN, "::")+2:]
			}
		}
	}
	return names, nil
}

// ReadSummary reads what WriteJSON wrote.
func ReadSummary(r io.Reader) (Summary, error) {
	var s Summary
	decoder := json.NewDecoder(r)
	decoder.DisallowUnknownFields()
	decoder.UseNumber()
	if err := decoder.Decode(&s); err != nil {
		return Summary{}, fmt.Errorf("not the summary of a plan: %w", err)
	}
	if s.Name == "" {
		return Summary{}, errors.New("not the summary of a plan: it names no stack")
	}
	return s, nil
}

// WriteJSON writes the summary for scripts.
func (s Summary) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(s)
}

// WriteText writes the summary for a terminal or a log.
func (s Summary) WriteText(w io.Writer) error {
	_, err := io.WriteString(w, s.Stack.Text())
	return err
}

// WriteMarkdown writes the summary for a page that shows Markdown.
func (s Summary) WriteMarkdown(w io.Writer) error {
	var text strings.Builder
	fmt.Fprintf(&text, "## Plan for `%s`\n\n", s.Name)
	if s.Commit != "" {
		fmt.Fprintf(&text, "Commit `%s`", report.Short(s.Commit))
		if s.Image != "" {
			fmt.Fprintf(&text, ", image `%s`", s.Image)
		}
		text.WriteString("\n\n")
	}
	text.WriteString(s.Stack.Markdown())
	_, err := io.WriteString(w, text.String())
	return err
}
