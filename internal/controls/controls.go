// Package controls checks an exported state against security controls: those of AWS Foundational Security Best Practices
// (FSBP) for what the components create, and some of cdk-nag's AwsSolutions beyond them.
//
// The controls are tables, one for each service. What deviates from a control for a reason is in tables too:
// exceptions.go. A control that finds nothing to look at says so; it does not pass.
package controls

import (
	"fmt"
	"slices"

	"slipway/internal/state"
)

// control is a row: what is looked at, and what has to be true of it.
type control struct {
	// id is AWS's, such as S3.5, or several that ask for the same.
	id    string
	title string
	// of are the types of the resources that are looked at, and where tells which of them; nil is all.
	of    []string
	where func(in *state.State, r *state.Resource) bool
	// check finds what is wrong with one of them. An option without a check is on when there is one.
	check func(in *state.State, r *state.Resource) []Finding
	// none says why there is nothing to look at. Default: nothing of this kind.
	none string
	// option is what turns on a control that costs money or fits some only. It never fails.
	option string
}

// Finding is one property of one resource that does not satisfy a control.
type Finding struct {
	Resource string `json:"resource"`
	Property string `json:"property"`
	Got      string `json:"got"`
	Takes    string `json:"takes"`
}

func (f Finding) String() string {
	return fmt.Sprintf("%s: %s: got %s, takes %s", f.Resource, f.Property, f.Got, f.Takes)
}

// Status says how a state stands to a control.
type Status string

const (
	Met           Status = "met"
	MetExcept     Status = "met with exceptions"
	Deviates      Status = "deviates"
	NotMet        Status = "not met"
	NotApplicable Status = "not applicable"
	On            Status = "on"
	Off           Status = "off"
)

// Result is what a control says of a state.
type Result struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	// Status is NotMet when there are Findings that nothing explains.
	Status Status `json:"status"`
	// Looked is the number of resources that were looked at.
	Looked int `json:"lookedAt"`
	// Findings are those without an explanation.
	Findings []Finding `json:"findings,omitempty"`
	// Explained are the findings with an exception or a deviation that is written down.
	Explained []Explained `json:"explained,omitempty"`
	// Note says why nothing was looked at, what turns an option on, or what would meet the control.
	Note string `json:"note,omitempty"`
}

// Explained is why a finding is accepted.
type Explained struct {
	Finding
	Reason string `json:"reason"`
	// ToMeet is what would meet the control, for a deviation of environments that come and go.
	ToMeet string `json:"toMeet,omitempty"`
}

// Report is what all controls say of a state.
type Report struct {
	Stack string `json:"stack"`
	// Ephemeral says that the deviations of environments that come and go were accepted.
	Ephemeral bool     `json:"ephemeral"`
	Results   []Result `json:"controls"`
}

// Unmet are the results with findings that nothing explains.
func (r Report) Unmet() (unmet []Result) {
	for _, result := range r.Results {
		if result.Status == NotMet {
			unmet = append(unmet, result)
		}
	}
	return unmet
}

// Check checks a state. Ephemeral accepts, with their reasons, the deviations of environments that come and go.
func Check(s *state.State, ephemeral bool) Report {
	report := Report{Stack: s.Stack, Ephemeral: ephemeral}
	for _, c := range table {
		report.Results = append(report.Results, c.result(s, ephemeral))
	}
	return report
}

// table is every control, in the order of the report.
var table = slices.Concat(ecsControls, rdsControls, s3Controls, cloudfrontControls, elbControls, ec2Controls,
	messagingControls, iamControls, otherControls, elasticBeanstalkControls)

func (c control) result(s *state.State, ephemeral bool) Result {
	result := Result{ID: c.id, Title: c.title}
	for _, r := range s.Of(c.of...) {
		if c.where != nil && !c.where(s, r) {
			continue
		}
		result.Looked++
		if c.check == nil {
			continue
		}
		for _, finding := range c.check(s, r) {
			finding.Resource = r.String()
			if explained, ok := explain(c.id, r.Name, finding, ephemeral); ok {
				result.Explained = append(result.Explained, explained)
			} else {
				result.Findings = append(result.Findings, finding)
			}
		}
	}
	result.Status, result.Note = c.status(result)
	return result
}

func (c control) status(result Result) (Status, string) {
	switch {
	case c.option != "" && result.Looked > 0 && len(result.Findings) == 0:
		return On, ""
	case c.option != "" && (result.Looked > 0 || c.check == nil):
		return Off, c.option
	case result.Looked == 0 && c.none == "":
		return NotApplicable, "nothing of this kind"
	case result.Looked == 0:
		return NotApplicable, c.none
	case len(result.Findings) > 0:
		return NotMet, toMeet(c.id)
	case slices.ContainsFunc(result.Explained, func(e Explained) bool { return e.ToMeet != "" }):
		return Deviates, ""
	case len(result.Explained) > 0:
		return MetExcept, ""
	}
	return Met, ""
}

// must is a finding unless the condition holds.
func must(holds bool, property, got, takes string) []Finding {
	if holds {
		return nil
	}
	if got == "" {
		got = "nothing"
	}
	return []Finding{{Property: property, Got: got, Takes: takes}}
}

// isTrue takes true for a property.
func isTrue(property string) func(*state.State, *state.Resource) []Finding {
	return func(_ *state.State, r *state.Resource) []Finding {
		return must(r.At(property).Bool(), property, r.At(property).String(), "true")
	}
}

// oneOf takes one of these texts for the property at a path.
func oneOf(takes []string, path ...any) func(*state.State, *state.Resource) []Finding {
	return func(_ *state.State, r *state.Resource) []Finding {
		got := r.At(path...).String()
		return must(slices.Contains(takes, got), dotted(path), got, alternatives(takes))
	}
}

// has takes a companion for a resource: one of a kind whose property names it by its id.
func has(kind, property string) func(*state.State, *state.Resource) []Finding {
	return func(in *state.State, r *state.Resource) []Finding {
		return must(len(in.Where(kind, property, r.ID)) > 0, kind, "none for it", "one")
	}
}
