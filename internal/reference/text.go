package reference

import (
	"go/doc/comment"
	"go/parser"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// words writes the text of comments in Markdown, for the page of one component.
type words struct {
	source *Source
	page   string          // the component's name
	fields map[string]bool // those of the page, which may be of one syllable, such as Ephemeral
}

// special is what is set as code or escaped. The order decides.
var special = regexp.MustCompile("`[^`]+`" + // code already
	`|"[^"]*"` + // values
	`|\{"[^}]*\}` + // {"key": "value"}
	`|[^\s<(]*(?:<[^>]+>[^\s,;)<]*)+` + // with a placeholder, such as https://<domain>
	`|https?://[^\s)]+` +
	`|\b[a-zA-Z]\w*(?:\.[a-z]\w*)*(?:\.[A-Z]\w*)+(?:\(\)|\{[^}]*\})?` + // network.VpcId, pulumi.StringArray{...}
	`|\[\][a-zA-Z.]+\{[^}]*\}` + // []string{"..."}
	`|\b[a-z]+:[a-zA-Z]+\b` + // slipway:stack
	`|\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b` + // DATABASE_HOST
	`|\b[a-z]+(?:_[a-z]+)+\b` + // rds_iam
	`|\b[A-Z]\w*` +
	`|[*_<\[\]\\]`)

// prose is one paragraph in Markdown: names and values are code, other components are links.
func (w words) prose(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	var out strings.Builder
	end := 0
	for _, at := range special.FindAllStringIndex(text, -1) {
		before, found := text[:at[0]], text[at[0]:at[1]]
		out.WriteString(text[end:at[0]])
		end = at[1]
		switch {
		case found[0] == '`', strings.HasPrefix(found, "http") && !strings.Contains(found, "<"):
			out.WriteString(found)
		case unicode.IsUpper(rune(found[0])) && !strings.ContainsAny(found, "._<"):
			out.WriteString(w.name(found, before, text[end:]))
		case len(found) == 1:
			out.WriteString(`\` + found)
		default:
			kept := strings.TrimRight(found, ".:")
			out.WriteString("`" + kept + "`" + found[len(kept):])
		}
	}
	return out.String() + text[end:]
}

// name is a capitalized word: a component's, a name in Go, or only a word.
func (w words) name(word, before, after string) string {
	humped := strings.IndexFunc(word[1:], unicode.IsUpper) > 0 && strings.IndexFunc(word, unicode.IsLower) > 0
	begins := before == "" || strings.HasSuffix(before, ". ") || strings.HasSuffix(before, ": ")
	switch {
	case word == w.page:
		return word
	case humped && w.source.Components[word] != nil:
		return "[" + word + "](" + fileOf(word) + ")"
	case humped && w.source.words[word]:
		return "`" + word + "`"
	// Secrets Manager is a service of AWS.
	case !humped && !begins && w.fields[word] && !strings.HasPrefix(after, " Manager"):
		return "`" + word + "`"
	}
	return word
}

// blocks writes paragraphs, lists and code.
func (w words) blocks(blocks []comment.Block) string {
	var out []string
	for _, block := range blocks {
		switch b := block.(type) {
		case *comment.Paragraph:
			out = append(out, w.prose(plain(b.Text)))
		case *comment.Heading:
			out = append(out, "### "+plain(b.Text))
		case *comment.Code:
			out = append(out, w.code(b.Text))
		case *comment.List:
			var items []string
			for _, item := range b.Items {
				items = append(items, "- "+w.blocks(item.Content))
			}
			out = append(out, strings.Join(items, "\n"))
		}
	}
	return strings.Join(out, "\n\n")
}

// columns are set apart by two spaces or more.
var columns = regexp.MustCompile(`\s{2,}`)

// code is Go, a table where every line has its columns, or something else.
func (w words) code(text string) string {
	var rows [][]string
	for line := range strings.Lines(text) {
		cells := columns.Split(strings.TrimSpace(line), -1)
		if language(text) != "" || len(cells) == 1 {
			return "```" + language(text) + "\n" + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\t", "    ") + "\n```"
		}
		rows = append(rows, cells)
	}
	width := 0
	for _, row := range rows {
		width = max(width, len(row))
	}
	out := strings.Repeat("| ", width) + "|\n" + strings.Repeat("|---", width) + "|"
	for _, row := range rows {
		for len(row) < width {
			row = append(row, "")
		}
		for i := range row {
			row[i] = w.prose(row[i])
		}
		out += "\n" + tableRow(row...)
	}
	return out
}

// language is that of a block: Go, or none that matters.
func language(code string) string {
	if strings.Contains(code, "components.") || strings.Contains(code, " := ") {
		return "go"
	}
	return ""
}

func tableRow(cells ...string) string {
	for i := range cells {
		cells[i] = strings.ReplaceAll(cells[i], "|", `\|`)
	}
	return "| " + strings.Join(cells, " | ") + " |"
}

// parse reads a comment.
func parse(text string) []comment.Block {
	return new(comment.Parser).Parse(text).Content
}

func plain(text []comment.Text) string {
	var out strings.Builder
	for _, part := range text {
		switch t := part.(type) {
		case comment.Plain:
			out.WriteString(string(t))
		case comment.Italic:
			out.WriteString(string(t))
		case *comment.Link:
			out.WriteString(plain(t.Text))
		case *comment.DocLink:
			out.WriteString(plain(t.Text))
		}
	}
	return out.String()
}

// about is what the comment of an argument says, in its parts.
type about struct {
	meaning string
	// One of both: "Required.", with its condition, or the default.
	required, fallback string
	example            string
}

// sentenceEnd is a dot and what the next sentence begins with.
var sentenceEnd = regexp.MustCompile(`[.?]\)? [A-Z"$(` + "`" + `]`)

func sentences(text string) (all []string) {
	text = strings.Join(strings.Fields(text), " ")
	for {
		at := sentenceEnd.FindStringIndex(text)
		if at == nil {
			if text != "" {
				all = append(all, text)
			}
			return all
		}
		all = append(all, text[:at[1]-2])
		text = text[at[1]-1:]
	}
}

// describe takes the comment of a field apart. Its name at the beginning is left out, as the table has it.
func describe(name, text string) (a about) {
	var meaning []string
	for _, sentence := range sentences(text) {
		switch {
		case strings.HasPrefix(sentence, "Required"):
			a.required = strings.TrimSuffix(sentence, ".")
		case strings.HasPrefix(sentence, "Default: "):
			a.fallback = strings.TrimSuffix(strings.TrimPrefix(sentence, "Default: "), ".")
		case strings.HasPrefix(sentence, "Example: "):
			a.example = strings.TrimSuffix(strings.TrimPrefix(sentence, "Example: "), ".")
		default:
			meaning = append(meaning, sentence)
		}
	}
	a.meaning = withoutName(name, strings.Join(meaning, " "))
	return a
}

// withoutName is "The network." of "VpcId is the network."; "Cpu of a task" stays.
func withoutName(name, text string) string {
	rest, begins := strings.CutPrefix(text, name+" ")
	if !begins {
		return capital(text)
	}
	switch verb, after, _ := strings.Cut(rest, " "); verb {
	case "is", "are":
		if strings.HasPrefix(after, "of ") {
			return text
		}
		return capital(after)
	case "of", "that", "whose", "for", "in", "and":
		return text
	}
	return capital(rest)
}

func capital(text string) string {
	if text == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// word is an English one that could be a name in Go.
var word = regexp.MustCompile(`^(?:none|nothing)$`)

// value is a default or an example: code where it is an expression, prose otherwise.
func (w words) value(text string) string {
	expression := text
	if strings.HasPrefix(text, "{") {
		expression = "T" + text // a literal whose type the argument's name gives
	}
	if _, err := parser.ParseExpr(expression); err == nil && !word.MatchString(text) {
		return "`" + text + "`"
	}
	return w.prose(text)
}
