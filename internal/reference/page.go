package reference

import (
	"fmt"
	"go/ast"
	"go/doc/comment"
	"go/types"
	"maps"
	"slices"
	"strings"
)

const generatedBy = "<!-- Generated from the comments in components/*.go by: go test ./internal/reference -update -->\n"

const introduction = generatedBy + `
# The components

Each takes a Dockerised web application one step to AWS, and is wired to the others by outputs. A component is made by
` + "`components.NewX(ctx, name, &components.XArgs{...}, opts...)`" + `, and nothing is registered before all arguments are right.
[Architecture](../architecture.md) says how they work together, and [cost](../cost.md) what an environment of them comes to.

How to read the pages:

- An argument has two names: that of the field in Go, and that in error messages.
- "or output" is a value that may come from a resource: a ` + "`pulumi.StringInput`" + ` and the like.
- "by pointer" is a number, a boolean or a word that is left out by nil, because 0, false and "" mean something: ` + "`new(2)`" + `.
- Costs are those of us-east-1, on demand, without taxes.

| Component | Purpose |
|---|---|
`

const connections = `
## Connections

A service is given what its application uses by the argument ` + "`Connections`" + `. Each lets the service in, grants its role the least that it
needs, and says which variables the containers get: `

// connectable are the components that a service can be connected to.
func (s *Source) connectable() string {
	var links []string
	for _, name := range slices.Sorted(maps.Keys(s.Components)) {
		for _, method := range s.Components[name].Methods {
			if method.Name.Name == "Connect" {
				links = append(links, "["+name+"]("+fileOf(name)+"#connect)")
			}
		}
	}
	return strings.Join(links, ", ")
}

// Pages are the pages by the names of their files.
func (s *Source) Pages() map[string]string {
	index := introduction
	pages := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(s.Components)) {
		c := s.Components[name]
		s.complete(c)
		pages[fileOf(name)] = s.page(c)
		summary := sentences(plain(parse(c.Comment)[0].(*comment.Paragraph).Text))[0]
		if head, _, cut := strings.Cut(summary, ": "); cut && len(summary) > 160 {
			summary = head + "."
		}
		index += tableRow("["+name+"]("+fileOf(name)+")", words{source: s, page: name}.prose(withoutName(name, summary))) + "\n"
	}
	pages["README.md"] = index + connections + s.connectable() + ".\n"
	return pages
}

func fileOf(component string) string { return strings.ToLower(component) + ".md" }

// parts are what a component's comment says, in the order of its page.
type parts struct {
	purpose, example, creates, cost, notes []comment.Block
}

// takeApart sorts the blocks of a component's comment: by the first words of paragraphs, and a code block belongs to what is before it.
func takeApart(text string) (p parts) {
	into := &p.purpose
	for _, block := range parse(text) {
		switch b := block.(type) {
		case *comment.Paragraph:
			switch begins := plain(b.Text); {
			case strings.HasPrefix(begins, "It creates"):
				into = &p.creates
			case strings.HasPrefix(begins, "About what it costs"), strings.HasPrefix(begins, "It costs"):
				into = &p.cost
			case into != &p.purpose:
				into = &p.notes
			}
		case *comment.Heading:
			into = &p.notes
		case *comment.Code:
			if p.example == nil {
				p.example = []comment.Block{b}
				continue
			}
		}
		*into = append(*into, block)
	}
	return p
}

func (s *Source) page(c *Component) string {
	w := words{source: s, page: c.Name, fields: map[string]bool{}}
	arguments := s.types[c.Args.name].expr.(*ast.StructType)
	for _, field := range slices.Concat(s.fields(arguments), c.Outputs, c.Resources) {
		w.fields[field.Name] = true
	}
	for _, nested := range s.nested(arguments) {
		if inner, is := nested.expr.(*ast.StructType); is {
			for _, field := range s.fields(inner) {
				w.fields[field.Name] = true
			}
		}
	}
	p := takeApart(c.Comment)
	page := generatedBy + "\n# " + c.Name + "\n\n"
	section := func(heading, text string) {
		if text != "" {
			page += "## " + heading + "\n\n" + strings.TrimSpace(text) + "\n\n"
		}
	}
	// What leads to the example with a colon is not followed by it here.
	purpose := w.blocks(p.purpose)
	if head, colon := strings.CutSuffix(purpose, ":"); colon {
		purpose = head + "."
	}
	page += purpose + "\n\n"
	page += fmt.Sprintf("[Source](../../components/%s), [all components](README.md)\n\n", c.File)
	section("Example", w.blocks(p.example))
	section("What it creates", w.blocks(p.creates))
	section("Cost", w.blocks(p.cost))
	section("Good to know", w.blocks(p.notes))
	section("Arguments", w.blocks(parse(s.types[c.Args.name].comment))+"\n\n"+w.arguments(s.fields(arguments)))
	for _, nested := range s.nested(arguments) {
		page += "### " + nested.name + "\n\n" + w.blocks(parse(nested.comment)) + "\n\n" + w.nested(nested) + "\n\n"
	}
	section("Outputs", w.outputs(c.Outputs))
	section("Methods", w.methods(c.Methods))
	section("Resources", w.resources(c.Resources))
	return strings.TrimSpace(page) + "\n"
}

// nested are the types of the package that arguments are made of, outer ones first; not other components.
func (s *Source) nested(of *ast.StructType) (found []*declared) {
	for _, field := range s.fields(of) {
		name := named(field.Type)
		t := s.types[name]
		if t == nil || s.Components[name] != nil {
			continue
		}
		inner := []*declared{t}
		switch expr := t.expr.(type) {
		case *ast.StructType:
			inner = append(inner, s.nested(expr)...)
		case *ast.InterfaceType:
			continue
		}
		for _, one := range inner {
			if !slices.Contains(found, one) {
				found = append(found, one)
			}
		}
	}
	return found
}

func (w words) nested(of *declared) string {
	if fields, is := of.expr.(*ast.StructType); is {
		return w.arguments(w.source.fields(fields))
	}
	table := "| Value | In Go | Meaning |\n|---|---|---|\n"
	for _, c := range w.source.consts[of.name] {
		table += tableRow(fmt.Sprintf("`%q`", c.value), "`components."+c.name+"`", w.prose(withoutName(c.name, c.comment))) + "\n"
	}
	return strings.TrimSpace(table)
}

func (w words) arguments(fields []Field) string {
	table := "| Argument | Type | Default | Meaning |\n|---|---|---|---|\n"
	for _, field := range fields {
		a := describe(field.Name, field.Comment)
		name := "`" + field.Name + "`"
		if field.Tag != "" {
			name += "<br>`" + field.Tag + "`"
		}
		fallback := w.value(a.fallback)
		if a.required != "" {
			fallback = strings.Replace(w.prose(a.required), "Required", "**required**", 1)
		}
		meaning := w.prose(a.meaning)
		if a.example != "" {
			meaning += " Example: " + w.value(a.example)
		}
		table += tableRow(name, w.kind(field.Type), fallback, meaning) + "\n"
	}
	return strings.TrimSpace(table)
}

func (w words) outputs(fields []Field) string {
	if len(fields) == 0 {
		return "None."
	}
	table := "| Output | Type | Meaning |\n|---|---|---|\n"
	for _, field := range fields {
		table += tableRow("`"+field.Name+"`<br>`"+field.Tag+"`", w.kind(field.Type), w.prose(withoutName(field.Name, field.Comment))) + "\n"
	}
	return strings.TrimSpace(table)
}

func (w words) resources(fields []Field) string {
	if len(fields) == 0 {
		return ""
	}
	table := "Fields of the component, for what it has no argument or output for.\n\n| Field | Type | |\n|---|---|---|\n"
	for _, field := range fields {
		table += tableRow("`"+field.Name+"`", "`"+types.ExprString(field.Type)+"`", w.prose(withoutName(field.Name, field.Comment))) + "\n"
	}
	return strings.TrimSpace(table)
}

func (w words) methods(methods []*ast.FuncDecl) string {
	var out []string
	for _, method := range methods {
		signature := strings.TrimPrefix(types.ExprString(method.Type), "func")
		out = append(out, "### "+method.Name.Name+"\n\n```go\nfunc (*"+w.page+") "+method.Name.Name+signature+"\n```\n\n"+
			w.blocks(parse(withoutName(method.Name.Name, method.Doc.Text()))))
	}
	return strings.Join(out, "\n\n")
}

// kinds are the types that are not of the package, in words.
var kinds = map[string]string{
	"string": "string", "int": "number", "float64": "number", "bool": "boolean",
	"pulumi.StringInput": "string or output", "pulumi.StringPtrInput": "string or output",
	"pulumi.IntInput": "number or output", "pulumi.StringArrayInput": "list of strings or output",
	"pulumi.StringOutput": "string", "pulumi.IntOutput": "number",
	"pulumi.StringArrayOutput": "list of strings", "pulumi.StringMapOutput": "map of strings",
	"pulumi.Resource": "resource",
}

// kind is a type in words.
func (w words) kind(expr ast.Expr) string {
	switch t := expr.(type) {
	case *ast.ArrayType:
		return "list of " + plural(w.kind(t.Elt))
	case *ast.MapType:
		return "map of " + plural(w.kind(t.Value)) + " by name"
	case *ast.StarExpr:
		if _, basic := t.X.(*ast.Ident); basic && kinds[named(t.X)] != "" || w.source.consts[named(t.X)] != nil {
			return w.kind(t.X) + ", by pointer"
		}
		return w.kind(t.X)
	}
	text := types.ExprString(expr)
	switch known := kinds[text]; {
	case known != "":
		return known
	case text == "Connection":
		return "[connection](README.md#connections)"
	case w.source.Components[text] != nil:
		return "[" + text + "](" + fileOf(text) + ")"
	case w.source.types[text] != nil:
		return "[" + text + "](#" + strings.ToLower(text) + ")"
	}
	return "`" + text + "`"
}

func plural(kind string) string {
	if first, rest, cut := strings.Cut(kind, " or "); cut {
		return first + "s or " + rest + "s"
	}
	if strings.HasSuffix(kind, ")") || strings.HasSuffix(kind, "`") {
		return kind
	}
	return kind + "s"
}
