// Package cost computes what a stack costs a month while nobody uses it, from its exported state.
//
// Every type of resource has an entry in the table of kinds.go: what it costs, or why it costs nothing. A type without
// one is an error, so that nothing is left out unseen.
package cost

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"slipway/internal/state"
)

// Report is what a stack costs.
type Report struct {
	Stack string `json:"stack"`
	// Region is the stack's; the prices are those of us-east-1.
	Region string `json:"region"`
	Lines  []Line `json:"lines"`
	// Total is the sum of the lines, in dollars a month.
	Total float64 `json:"total"`
	// Free is why the other resources cost nothing.
	Free []Free `json:"free"`
}

// Line is one part of a component's cost.
type Line struct {
	// Component is the name of the outermost component that the resources are part of, such as web.
	Component string `json:"component"`
	// Item is what is paid for.
	Item string `json:"item"`
	// Monthly is in dollars.
	Monthly float64 `json:"monthly"`
	// Formula is how that comes about, such as 5 x 2 zones x $0.01 x 730 h.
	Formula string `json:"formula"`
	// Resources are the logical names.
	Resources []string `json:"resources"`
}

// Free is a reason and the types of the resources that it is for.
type Free struct {
	Reason string   `json:"reason"`
	Types  []string `json:"types"`
}

// item is what one resource costs: a product.
type item struct {
	what    string
	factors []factor
}

// factor is a number and how it is written in a formula.
type factor struct {
	value float64
	text  string
}

func (i item) monthly() float64 {
	product := 1.0
	for _, f := range i.factors {
		product *= f.value
	}
	return product
}

func (i item) formula() string {
	texts := make([]string, len(i.factors))
	for n, f := range i.factors {
		texts[n] = f.text
	}
	return strings.Join(texts, " x ")
}

// Of computes what a state costs. The error names every resource that has no price.
func Of(s *state.State) (Report, error) {
	report := Report{Stack: s.Stack, Region: s.Region, Lines: []Line{}}
	sums := map[[2]string]*sum{}
	free := map[string][]string{}
	var unknown []string
	for _, r := range s.Resources {
		if r.ID == "" || strings.HasPrefix(r.Type, "pulumi:") {
			continue // a component or a provider: nothing of AWS
		}
		items, err := itemsOf(s, r)
		if err != nil {
			unknown = append(unknown, fmt.Sprintf("%s: %s", r, err))
		}
		for _, i := range items {
			key := [2]string{r.Component, i.what}
			if sums[key] == nil {
				sums[key] = &sum{line: Line{Component: r.Component, Item: i.what}}
			}
			sums[key].add(r, i)
		}
		if reason := kinds[r.Type].free; len(items) == 0 && !slices.Contains(free[reason], r.Type) {
			free[reason] = append(free[reason], r.Type)
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		return Report{}, fmt.Errorf("no price is known for:\n  %s\nadd it to internal/cost", strings.Join(unknown, "\n  "))
	}
	for _, part := range sums {
		report.Lines = append(report.Lines, part.result())
	}
	slices.SortFunc(report.Lines, order(report.Lines))
	for _, line := range report.Lines {
		report.Total += line.Monthly
	}
	for _, reason := range slices.Sorted(maps.Keys(free)) {
		report.Free = append(report.Free, Free{Reason: reason, Types: slices.Sorted(slices.Values(free[reason]))})
	}
	return report, nil
}

func itemsOf(s *state.State, r *state.Resource) ([]item, error) {
	kind, ok := kinds[r.Type]
	switch {
	case !ok:
		return nil, fmt.Errorf("a resource of the type %s", r.Type)
	case kind.price == nil:
		return nil, nil
	}
	items, err := kind.price(s, r)
	if err == nil && len(items) == 0 && kind.free == "" {
		return nil, fmt.Errorf("nothing that is paid for")
	}
	return items, err
}

// sum collects the items of one name in one component.
type sum struct {
	line Line
	// parts are the items that differ, each with the number of resources that it is of.
	parts  []item
	counts []int
}

func (s *sum) add(r *state.Resource, i item) {
	s.line.Resources = append(s.line.Resources, r.Name)
	s.line.Monthly += i.monthly()
	same := slices.IndexFunc(s.parts, func(p item) bool { return p.formula() == i.formula() })
	if same < 0 {
		s.parts, s.counts = append(s.parts, i), append(s.counts, 0)
		same = len(s.parts) - 1
	}
	s.counts[same]++
}

func (s *sum) result() Line {
	var formulas []string
	for i, part := range s.parts {
		formula := part.formula()
		if s.counts[i] > 1 {
			formula = fmt.Sprintf("%d x %s", s.counts[i], formula)
		}
		formulas = append(formulas, formula)
	}
	slices.Sort(formulas)
	s.line.Formula = strings.Join(formulas, " + ")
	slices.Sort(s.line.Resources)
	s.line.Resources = slices.Compact(s.line.Resources)
	return s.line
}

// order puts the most expensive component first, and in it the most expensive line.
func order(lines []Line) func(a, b Line) int {
	components := map[string]float64{}
	for _, line := range lines {
		components[line.Component] += line.Monthly
	}
	return func(a, b Line) int {
		return cmp.Or(
			cmp.Compare(components[b.Component], components[a.Component]), cmp.Compare(a.Component, b.Component),
			cmp.Compare(b.Monthly, a.Monthly), cmp.Compare(a.Item, b.Item))
	}
}
