package reference

import (
	"flag"
	"go/ast"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	componentsPath = "../../components"
	pagesPath      = "../../docs/components"
)

var update = flag.Bool("update", false, "write docs/components anew")

func read(t *testing.T) *Source {
	t.Helper()
	source, err := Read(componentsPath)
	require.NoError(t, err)
	require.NotEmpty(t, source.Components)
	return source
}

// TestTheComponentsPages keeps docs/components what the comments say.
func TestTheComponentsPages(t *testing.T) {
	t.Parallel()
	pages := read(t).Pages()
	if *update {
		require.NoError(t, os.RemoveAll(pagesPath))
		require.NoError(t, os.MkdirAll(pagesPath, 0o755))
		for name, page := range pages {
			require.NoError(t, os.WriteFile(filepath.Join(pagesPath, name), []byte(page), 0o644))
		}
	}
	entries, err := os.ReadDir(pagesPath)
	require.NoError(t, err)
	for _, entry := range entries {
		content, err := os.ReadFile(filepath.Join(pagesPath, entry.Name()))
		require.NoError(t, err)
		// The pages are long: a difference is to be seen after an update, by git diff.
		page, known := pages[entry.Name()]
		assert.True(t, known && page == string(content),
			"docs/components/%s is not what the comments say: go test ./internal/reference -update", entry.Name())
		delete(pages, entry.Name())
	}
	assert.Empty(t, slices.Collect(maps.Keys(pages)), "pages are missing: go test ./internal/reference -update")
}

// literal is what a default begins with that is an example, too.
var literal = regexp.MustCompile(`^(?:[0-9"{[]|true\b|false\b|[A-Z]\w+$)`)

// TestTheCommentsSayEverything holds what the pages need of the comments.
func TestTheCommentsSayEverything(t *testing.T) {
	t.Parallel()
	source := read(t)
	source.Pages()
	for name, c := range source.Components {
		p := takeApart(c.Comment)
		assert.NotEmpty(t, p.purpose, "%s: the comment begins with what it is for", name)
		assert.NotEmpty(t, p.example, "%s: the comment has an example, indented", name)
		assert.NotEmpty(t, p.creates, `%s: a paragraph of the comment begins with "It creates"`, name)
		assert.NotEmpty(t, p.cost, `%s: a paragraph of the comment begins with "About what it costs a month" or "It costs"`, name)
		if !assert.NotNil(t, c.Args, "%s has no %sArgs", name, name) {
			continue
		}
		for _, output := range c.Outputs {
			assert.NotEmpty(t, output.Comment, "%s.%s: an output has a comment", name, output.Name)
		}
		for _, method := range c.Methods {
			assert.NotEmpty(t, method.Doc.Text(), "%s.%s: a method has a comment", name, method.Name.Name)
		}
		arguments := c.Args.expr.(*ast.StructType)
		for _, of := range append([]*declared{c.Args}, source.nested(arguments)...) {
			assert.NotEmpty(t, of.comment, "%s has a comment", of.name)
			for _, value := range source.consts[of.name] {
				assert.NotEmpty(t, value.comment, "%s has a comment", value.name)
			}
			fields, is := of.expr.(*ast.StructType)
			if !is {
				assert.NotEmpty(t, source.consts[of.name], "%s: has values", of.name)
				continue
			}
			for _, field := range source.fields(fields) {
				a := describe(field.Name, field.Comment)
				assert.NotEmpty(t, a.meaning, "%s.%s: the comment says what it is for", of.name, field.Name)
				assert.True(t, (a.required == "") != (a.fallback == ""), `%s.%s: the comment says "Required" or "Default: ...", and one of them only`, of.name, field.Name)
				assert.True(t, a.example != "" || literal.MatchString(a.fallback),
					`%s.%s: the comment has "Example: ...", as no default shows what a value looks like`, of.name, field.Name)
				if field.Needed {
					assert.NotEmpty(t, a.required, `%s.%s: has a tag without "optional", so it is required`, of.name, field.Name)
				}
			}
		}
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		name, comment string
		want          about
	}{
		{"VpcId", "VpcId is the network. Required. Example: network.VpcId.", about{meaning: "The network.", required: "Required", example: "network.VpcId"}},
		{"Cpu", "Cpu of a task in CPU units: 256 to\n16384. Default: 256.", about{meaning: "Cpu of a task in CPU units: 256 to 16384.", fallback: "256"}},
		{"Cidr", `Cidr is a block. Default: "10.0.0.0/16".`, about{meaning: "A block.", fallback: `"10.0.0.0/16"`}},
		{"Context", "Context is sent. Required unless Prebuilt is given. It is a folder.", about{meaning: "Sent. It is a folder.", required: "Required unless Prebuilt is given"}},
		{"Alarms", "Alarms says when it is full. $0.20 a month. Default: true, and false when Ephemeral.",
			about{meaning: "Says when it is full. $0.20 a month.", fallback: "true, and false when Ephemeral"}},
	} {
		assert.Equal(t, one.want, describe(one.name, one.comment))
	}
}

func TestProse(t *testing.T) {
	t.Parallel()
	w := words{source: read(t), page: "WebService", fields: map[string]bool{"Secrets": true, "Ephemeral": true}}
	for text, want := range map[string]string{
		"none unless Ephemeral, in Secrets Manager": "none unless `Ephemeral`, in Secrets Manager",
		`"ARM64" or "X86_64"`:                       "`\"ARM64\"` or `\"X86_64\"`",
		"https://<domain>, or none":                 "`https://<domain>`, or none",
		"see DeployRoles and SpotWeight":            "see [DeployRoles](deployroles.md) and `SpotWeight`",
		"a WebService tells DATABASE_HOST":          "a WebService tells `DATABASE_HOST`",
		"such as network.Reachability().":           "such as `network.Reachability()`.",
		"`pulumi up` of two * three":                "`pulumi up` of two \\* three",
		"CloudWatch and https://example.com/a_b":    "CloudWatch and https://example.com/a_b",
	} {
		assert.Equal(t, want, w.prose(text))
	}
}
