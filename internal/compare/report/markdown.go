package report

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

const (
	// MarkdownLimit is how long a comment on GitHub may be, in characters. Counted in bytes, it is never too much.
	MarkdownLimit = 65536
	// A list of more is folded.
	foldedFrom = 10
)

// WriteMarkdown writes the report for a pull request's comment or a job's summary. What exceeds limit bytes is cut, and
// a note says so.
func (r Report) WriteMarkdown(w io.Writer, limit int) error {
	var text strings.Builder
	fmt.Fprintf(&text, "## What this change does to the stacks\n\n%s, compared with %s at %s, on the embedded AWS.\n",
		r.head(), code(r.Revision), code(Short(r.Base)))
	for _, stack := range r.Stacks {
		stack.markdown(&text)
	}
	_, err := io.WriteString(w, cut(text.String(), limit))
	return err
}

// Markdown is the stack alone, for a job's summary.
func (s Stack) Markdown() string {
	var text strings.Builder
	s.markdown(&text)
	return strings.TrimPrefix(text.String(), "\n")
}

func (s Stack) markdown(text *strings.Builder) {
	fmt.Fprintf(text, "\n### %s: %s\n", code(s.Name), s.Summary())
	for _, message := range []string{s.BaseFailure, s.Refusal} {
		if message != "" {
			fmt.Fprintf(text, "\n%s\n", block(message))
		}
	}
	for _, list := range s.Lists() {
		if len(list.Resources) == 0 {
			continue
		}
		folded := len(list.Resources) > foldedFrom
		if folded {
			open := ""
			if list.Loses && slices.ContainsFunc(list.Resources, func(r Resource) bool { return r.HoldsData }) {
				open = " open" // a reader must not miss it
			}
			fmt.Fprintf(text, "\n<details%s>\n<summary>%s: %d</summary>\n\n", open, list.Title, len(list.Resources))
		} else {
			fmt.Fprintf(text, "\n**%s**\n\n", list.Title)
		}
		for _, resource := range list.Resources {
			fmt.Fprintf(text, "- %s %s", code(resource.Type), code(resource.Name))
			if resource.HoldsData && list.Loses {
				text.WriteString(" **holds data**")
			}
			text.WriteString("\n")
			for _, change := range resource.Changes {
				fmt.Fprintf(text, "  - %s\n", code(change.Text()))
			}
		}
		if folded {
			text.WriteString("\n</details>\n")
		}
	}
}

var backticks = regexp.MustCompile("`+")

// fence is a run of backticks that is longer than any in the text, and than the least.
func fence(text string, least int) string {
	longest := least
	for _, run := range backticks.FindAllString(text, -1) {
		longest = max(longest, len(run)+1)
	}
	return strings.Repeat("`", longest)
}

// printable is the text without what changes how other text looks: control characters, and marks of direction.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || unicode.IsGraphic(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}

// code sets a text as code, in which nothing means anything to Markdown.
func code(text string) string {
	text = strings.Join(strings.Fields(printable(text)), " ")
	if text == "" {
		text = " " // two backticks would begin something
	}
	fence := fence(text, 1)
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " "
	}
	return fence + text + fence
}

// block sets lines as code.
func block(text string) string {
	text = printable(text)
	fence := fence(text, 3)
	return fence + "\n" + text + "\n" + fence
}

// cut shortens the text to the limit, at the end of a line, and closes what is open there.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	const note = "\nCut here: the rest is too long for a comment. `slipway local compare` shows all of it.\n"
	const unfold = "\n</details>\n"
	room := limit - len(note) - len(unfold)
	kept, fence := 0, ""
	open := false
	var result strings.Builder
	for line := range strings.Lines(text) {
		if kept+len(line)+len(fence)+1 > room {
			break
		}
		kept += len(line)
		result.WriteString(line)
		switch trimmed := strings.TrimSpace(line); {
		case fence != "" && trimmed == fence:
			fence = ""
		case fence == "" && strings.HasPrefix(trimmed, "```") && strings.Trim(trimmed, "`") == "":
			fence = trimmed
		case fence == "" && strings.HasPrefix(trimmed, "<details"):
			open = true
		case fence == "" && trimmed == "</details>":
			open = false
		}
	}
	if fence != "" {
		result.WriteString(fence + "\n")
	}
	if open {
		result.WriteString(unfold)
	}
	return result.String() + note
}
