package report

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzReport reads reports that strangers' code may have made. What is read is written again as it was, and is shown within the limit,
// with all that is opened in it closed.
func FuzzReport(f *testing.F) {
	f.Add(`{"revision":"main","base":"2222222222222222222222222222222222222222","stacks":[{"name":"staging","replaced":[{"type":"aws:rds/cluster:Cluster","name":"db","holdsData":true,`+
		`"changes":[{"path":"engine","old":1e400,"new":{"a":[null]},"replaces":true}]}],"refusal":"`+"```\\n</details>"+`"}]}`, 2000)
	f.Add(`{"stacks":[{"name":"`+"`"+`","removed":true,"baseFailure":"x"}]}`, 0)
	f.Add(`{"stacks":[{"created":[{},{},{},{},{},{},{},{},{},{},{},{}],"unchanged":-1}]}`, 700)
	f.Add(`{"base":"ü€ü€ü€","stacks":null} `, MarkdownLimit)
	f.Add(`{"uncommitted":true} {}`, MarkdownLimit)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		read, err := Read(strings.NewReader(text))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "not a report") {
				t.Errorf("the refusal does not say of what: %v", err)
			}
			return
		}
		var written bytes.Buffer
		if err := read.WriteJSON(&written); err != nil {
			t.Fatal(err)
		}
		again, err := Read(strings.NewReader(written.String()))
		if err != nil {
			t.Fatal(err)
		}
		var twice bytes.Buffer
		if err := again.WriteJSON(&twice); err != nil || twice.String() != written.String() {
			t.Errorf("%s is read and written as %s: %v", written.String(), twice.String(), err)
		}

		var plain bytes.Buffer
		if err := read.WriteText(&plain); err != nil {
			t.Fatal(err)
		}
		_, _ = read.Failures(), read.DataLoss()

		var shown strings.Builder
		limit = max(600, min(limit, MarkdownLimit)) // there is room for the notes
		if err := read.WriteMarkdown(&shown, limit); err != nil {
			t.Fatal(err)
		}
		if shown.Len() > limit || !utf8.ValidString(shown.String()) {
			t.Errorf("%d bytes of Markdown where %d is the limit", shown.Len(), limit)
		}
		checkClosed(t, shown.String())
	})
}

// checkClosed checks that each block of code and each folded list ends before the next begins, and that no line of a stranger's stands
// outside of code.
func checkClosed(t *testing.T, markdown string) {
	t.Helper()
	fence, folded := "", false
	for line := range strings.Lines(markdown) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case fence != "":
			if line == fence {
				fence = ""
			}
		case strings.HasPrefix(line, "```") && strings.Trim(line, "`") == "":
			fence = line
		case line == "<details>" || line == "<details open>":
			if folded {
				t.Errorf("a list is folded within another:\n%s", markdown)
			}
			folded = true
		case line == "</details>":
			if !folded {
				t.Errorf("a list ends that did not begin:\n%s", markdown)
			}
			folded = false
		case line == "" || strings.HasPrefix(line, "## ") || strings.HasPrefix(line, "### `") || strings.HasPrefix(line, "**") || strings.HasPrefix(line, "<summary>") ||
			strings.HasPrefix(line, "- `") || strings.HasPrefix(line, "  - `") || strings.HasPrefix(line, "The ") || strings.HasPrefix(line, "Cut here"):
		default:
			t.Errorf("the line %q is neither code nor one of the report's own", line)
		}
	}
	if fence != "" || folded {
		t.Errorf("something stays open:\n%s", markdown)
	}
}
