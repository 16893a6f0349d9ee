package cost

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// WriteText writes the report for a terminal or a log.
func (r Report) WriteText(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "COMPONENT\tITEM\t A MONTH\t")
	for _, line := range r.Lines {
		fmt.Fprintf(table, "%s\t%s\t%8s\t%s\n", line.Component, line.Item, amount(line.Monthly), line.Formula)
	}
	fmt.Fprintf(table, "%s\tidle\t%8s\t\n", r.Stack, amount(r.Total))
	if err := table.Flush(); err != nil {
		return err
	}
	var text strings.Builder
	text.WriteString("\nNothing while idle:\n")
	for _, free := range r.Free {
		fmt.Fprintf(&text, "  %s: %s\n", free.Reason, strings.Join(nouns(free.Types), ", "))
	}
	fmt.Fprintf(&text, "\nAbout, in US dollars, for %d hours without traffic, free tiers and taxes. %s.\n", hours, r.prices())
	_, err := io.WriteString(w, text.String())
	return err
}

func (r Report) prices() string {
	if r.Region == pricesOf || r.Region == "" {
		return "Prices of " + pricesOf
	}
	return fmt.Sprintf("Prices of %s; this stack is in %s, where they differ", pricesOf, r.Region)
}

// amount is dollars and cents.
func amount(v float64) string { return fmt.Sprintf("$%.2f", v) }

// nouns are types by service and noun: aws:sqs/queue:Queue is sqs Queue, and docker:index/image:Image docker Image.
func nouns(types []string) []string {
	names := make([]string, len(types))
	for i, token := range types {
		parts := strings.Split(token, ":")
		service, _, _ := strings.Cut(parts[1], "/")
		if service == "index" {
			service = parts[0]
		}
		names[i] = service + " " + parts[len(parts)-1]
	}
	return names
}

// Markdown is the report for a document.
func (r Report) Markdown() string { return Markdown(r) }

// Markdown is what some stacks cost side by side, for a document.
func Markdown(reports ...Report) string {
	var page strings.Builder
	page.WriteString("| Component | |")
	for _, r := range reports {
		fmt.Fprintf(&page, " %s |", r.Stack)
	}
	page.WriteString(" How it comes about |\n|---|---|" + strings.Repeat("---:|", len(reports)) + "---|\n")
	for _, line := range union(reports) {
		fmt.Fprintf(&page, "| %s | %s |", line.Component, line.Item)
		for _, r := range reports {
			fmt.Fprintf(&page, " %s |", cell(r, line))
		}
		fmt.Fprintf(&page, " %s |\n", formulas(reports, line))
	}
	page.WriteString("| **Idle** | |")
	for _, r := range reports {
		fmt.Fprintf(&page, " **%s** |", amount(r.Total))
	}
	page.WriteString(" |\n\nThese cost nothing while nobody uses them:\n\n| | Why |\n|---|---|\n")
	for _, free := range unionFree(reports) {
		fmt.Fprintf(&page, "| %s | %s |\n", strings.Join(nouns(free.Types), ", "), free.Reason)
	}
	return page.String()
}

// union are the lines that any of the reports has, with the sums of what they cost, for the order.
func union(reports []Report) (lines []Line) {
	for _, r := range reports {
		for _, line := range r.Lines {
			i := slices.IndexFunc(lines, line.isSame)
			if i < 0 {
				lines = append(lines, line)
			} else {
				lines[i].Monthly += line.Monthly
			}
		}
	}
	slices.SortFunc(lines, order(lines))
	return lines
}

func (l Line) isSame(other Line) bool { return l.Component == other.Component && l.Item == other.Item }

func cell(r Report, line Line) string {
	if i := slices.IndexFunc(r.Lines, line.isSame); i >= 0 {
		return amount(r.Lines[i].Monthly)
	}
	return "-"
}

// formulas is one formula where all are the same, and otherwise each with its stack.
func formulas(reports []Report, line Line) string {
	var named, distinct []string
	for _, r := range reports {
		i := slices.IndexFunc(r.Lines, line.isSame)
		if i < 0 {
			continue
		}
		formula := r.Lines[i].Formula
		named = append(named, r.Stack+": "+formula)
		if !slices.Contains(distinct, formula) {
			distinct = append(distinct, formula)
		}
	}
	if len(distinct) == 1 {
		return distinct[0]
	}
	return strings.Join(named, "; ")
}

func unionFree(reports []Report) (all []Free) {
	for _, r := range reports {
		for _, free := range r.Free {
			i := slices.IndexFunc(all, func(f Free) bool { return f.Reason == free.Reason })
			if i < 0 {
				all = append(all, Free{Reason: free.Reason})
				i = len(all) - 1
			}
			types := append(all[i].Types, free.Types...)
			slices.Sort(types)
			all[i].Types = slices.Compact(types)
		}
	}
	slices.SortFunc(all, func(a, b Free) int { return strings.Compare(a.Reason, b.Reason) })
	return all
}
