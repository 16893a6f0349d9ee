package controls

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// WriteText writes the report for a terminal or a log: a line for each control, then what is behind them.
func (r Report) WriteText(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "CONTROL\tRESULT\tLOOKED AT\t")
	for _, result := range r.Results {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", result.ID, result.Status, looked(result), withNote(result))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	var text strings.Builder
	if unmet := r.Unmet(); len(unmet) > 0 {
		text.WriteString("\nNot met:\n")
		for _, result := range unmet {
			for _, finding := range result.Findings {
				fmt.Fprintf(&text, "  %s  %s\n", result.ID, finding)
			}
		}
	}
	writeGroups(&text, "Exceptions", groups([]Report{r}, false))
	writeGroups(&text, "Deviations of an environment that comes and goes", groups([]Report{r}, true))
	fmt.Fprintf(&text, "\n%s: %s\n", r.Stack, r.summary())
	_, err := io.WriteString(w, text.String())
	return err
}

func looked(result Result) string {
	if result.Looked == 0 {
		return "-"
	}
	return fmt.Sprint(result.Looked)
}

func withNote(result Result) string {
	if result.Note == "" {
		return result.Title
	}
	return result.Title + " (" + strings.ReplaceAll(result.Note, "`", "") + ")"
}

// summary counts the results by status.
func (r Report) summary() string {
	counts := map[Status]int{}
	for _, result := range r.Results {
		counts[result.Status]++
	}
	var parts []string
	for _, status := range []Status{NotMet, Met, MetExcept, Deviates, NotApplicable} {
		if counts[status] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[status], status))
		}
	}
	return fmt.Sprintf("%s; %d of %d options on", strings.Join(parts, ", "), counts[On], counts[On]+counts[Off])
}

func writeGroups(text *strings.Builder, heading string, list []group) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(text, "\n%s:\n", heading)
	for _, g := range list {
		fmt.Fprintf(text, "  %s  %s: %s", g.control, strings.Join(g.names, ", "), g.reason)
		if g.toMeet != "" {
			fmt.Fprintf(text, "; met by %s", strings.ReplaceAll(g.toMeet, "`", ""))
		}
		text.WriteByte('\n')
	}
}

// group is what is accepted for one reason.
type group struct {
	control, reason, toMeet string
	names                   []string
}

// groups collects the exceptions, or the deviations, of some reports.
func groups(reports []Report, deviations bool) (list []group) {
	for _, report := range reports {
		for _, result := range report.Results {
			for _, e := range result.Explained {
				if (e.ToMeet != "") != deviations {
					continue
				}
				i := slices.IndexFunc(list, func(g group) bool { return g.control == result.ID && g.reason == e.Reason })
				if i < 0 {
					list = append(list, group{control: result.ID, reason: e.Reason, toMeet: e.ToMeet})
					i = len(list) - 1
				}
				if _, name, _ := strings.Cut(e.Resource, " "); !slices.Contains(list[i].names, name) {
					list[i].names = append(list[i].names, name)
				}
			}
		}
	}
	order := map[string]int{}
	for i, c := range table {
		order[c.id] = i
	}
	slices.SortStableFunc(list, func(a, b group) int { return cmp.Compare(order[a.control], order[b.control]) })
	for _, g := range list {
		slices.Sort(g.names)
	}
	return list
}

// Markdown is the report for a document.
func (r Report) Markdown() string { return Markdown(r) }

// Markdown is what some reports say side by side, for a document.
func Markdown(reports ...Report) string {
	var page strings.Builder
	columns := make([]string, len(reports))
	for i, report := range reports {
		columns[i] = report.Stack
	}
	row(&page, append([]string{"Control", ""}, columns...)...)
	rule(&page, len(columns)+2)
	for i, c := range table {
		if c.option == "" {
			row(&page, append([]string{c.id, c.title}, cells(reports, i)...)...)
		}
	}
	page.WriteString("\nOptions, which cost money or fit some environments only:\n\n")
	row(&page, append(append([]string{"Control", ""}, columns...), "How, or why not")...)
	rule(&page, len(columns)+3)
	for i, c := range table {
		if c.option != "" {
			row(&page, append(append([]string{c.id, c.title}, cells(reports, i)...), c.option)...)
		}
	}
	page.WriteString("\nThe exceptions:\n\n")
	row(&page, "Control", "Resources", "Why")
	rule(&page, 3)
	for _, g := range groups(reports, false) {
		row(&page, g.control, strings.Join(g.names, ", "), g.reason)
	}
	if list := groups(reports, true); len(list) > 0 {
		page.WriteString("\nThe deviations:\n\n")
		row(&page, "Control", "Resources", "Why", "To meet it")
		rule(&page, 4)
		for _, g := range list {
			row(&page, g.control, strings.Join(g.names, ", "), g.reason, g.toMeet)
		}
	}
	return page.String()
}

// cells are what each report says of one control.
func cells(reports []Report, control int) (texts []string) {
	for _, report := range reports {
		result := report.Results[control]
		text := string(result.Status)
		if result.Status == NotApplicable {
			text = "- (" + result.Note + ")"
		}
		texts = append(texts, text)
	}
	return texts
}

func row(page *strings.Builder, cells ...string) {
	for i, cell := range cells {
		cells[i] = strings.ReplaceAll(cell, "|", `\|`)
	}
	page.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

func rule(page *strings.Builder, columns int) {
	page.WriteString(strings.Repeat("|---", columns) + "|\n")
}
