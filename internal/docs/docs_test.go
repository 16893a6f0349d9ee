// Package docs tests that the documents say what is there.
package docs

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"slipway/internal/owned"
)

const root = "../.."

// pages are the documents by their paths from the root.
func pages(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/components/*.md", "docker/*/README.md"} {
		paths, err := filepath.Glob(filepath.Join(root, pattern))
		require.NoError(t, err)
		require.NotEmpty(t, paths, pattern)
		for _, path := range paths {
			name, err := filepath.Rel(root, path)
			require.NoError(t, err)
			texts[filepath.ToSlash(name)] = read(t, path)
		}
	}
	return texts
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(content)
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	for page, text := range pages(t) {
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			target, anchor, _ := strings.Cut(found[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			path := filepath.Join(root, page)
			if target != "" {
				path = filepath.Join(root, filepath.Dir(page), target)
			}
			if assert.FileExists(t, path, "%s links to %s", page, found[1]) && anchor != "" {
				assert.Contains(t, anchors(read(t, path)), anchor, "%s links to %s", page, found[1])
			}
		}
	}
}

var (
	heading     = regexp.MustCompile(`(?m)^#+ (.+)$`)
	notInAnchor = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// anchors are the names by which headings are linked to.
func anchors(text string) (names []string) {
	for _, found := range heading.FindAllStringSubmatch(text, -1) {
		names = append(names, strings.ReplaceAll(notInAnchor.ReplaceAllString(strings.ToLower(found[1]), ""), " ", "-"))
	}
	return names
}

func TestReadmeLinksEveryPage(t *testing.T) {
	t.Parallel()
	readme := read(t, filepath.Join(root, "README.md"))
	for page := range pages(t) {
		// The components' pages are linked by their own README.md, which is generated with them.
		if page != "README.md" && (filepath.Dir(page) != "docs/components" || filepath.Base(page) == "README.md") {
			assert.Contains(t, readme, "]("+page, "README.md links to %s", page)
		}
	}
}

// code is what is set as code: between backticks, and lines that are indented by four.
var code = regexp.MustCompile("(?m)`([^`\n]+)`|^    (.+)$")

// commands are the lines of code of a page.
func commands(text string) (lines []string) {
	for _, found := range code.FindAllStringSubmatch(text, -1) {
		lines = append(lines, found[1]+found[2])
	}
	return lines
}

var (
	makeTarget = regexp.MustCompile(`(?:^|\s|/)make ([a-z][a-z/-]*)`)
	rule       = regexp.MustCompile(`(?m)^([a-z][a-z/-]*):`)
)

func TestMakeTargetsExist(t *testing.T) {
	t.Parallel()
	var targets []string
	for _, found := range rule.FindAllStringSubmatch(read(t, filepath.Join(root, "Makefile")), -1) {
		targets = append(targets, found[1])
	}
	checked := 0
	for page, text := range pages(t) {
		for _, line := range commands(text) {
			line, _, _ = strings.Cut(line, " #")
			for _, found := range makeTarget.FindAllStringSubmatch(line, -1) {
				checked++
				assert.Contains(t, targets, found[1], "%s: %s", page, line)
			}
		}
	}
	assert.NotZero(t, checked)
}

var (
	configSet    = regexp.MustCompile(`pulumi config set (?:--path '?)?(aws:|slipway:)?([A-Za-z]+)`)
	qualifiedKey = regexp.MustCompile(`(slipway:)([A-Za-z]+)`)
)

func TestConfigurationKeysExist(t *testing.T) {
	t.Parallel()
	var project struct{ Config map[string]any }
	require.NoError(t, yaml.Unmarshal([]byte(read(t, filepath.Join(root, "Pulumi.yaml"))), &project))
	for page, text := range pages(t) {
		named := append(configSet.FindAllStringSubmatch(text, -1), qualifiedKey.FindAllStringSubmatch(text, -1)...)
		for _, found := range named {
			tags := []string{owned.StackTag, owned.ResourceTag, owned.SecretTag, "slipway:backend"}
			if slices.Contains(tags, found[0]) || found[1] == "aws:" {
				continue
			}
			assert.Contains(t, slices.Collect(maps.Keys(project.Config)), found[2], "%s names a key that Pulumi.yaml does not have", page)
		}
	}
	readme := read(t, filepath.Join(root, "README.md"))
	_, section, found := strings.Cut(readme, "\n## Configuration\n")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	rows := regexp.MustCompile("(?m)^\\| (`[^|]+`) \\| ([^|]+) \\|").FindAllStringSubmatch(section, -1)
	require.NotEmpty(t, rows)
	for _, row := range rows {
		keys, defaults := strings.Split(row[1], ", "), strings.Split(row[2], ", ")
		for i, key := range keys {
			described, known := project.Config[strings.Trim(key, "`")].(map[string]any)
			if assert.True(t, known, "README.md names the key %s", key) {
				want := strings.Trim(strings.Trim(defaults[i], " "), "`\"")
				if got := fmt.Sprint(described["default"]); want != "none" {
					assert.Equal(t, want, got, "the default of %s", key)
				} else {
					assert.Contains(t, []string{"", "map[]", "[]"}, got, "the default of %s", key)
				}
			}
		}
	}
}

var sourcePath = regexp.MustCompile(`^(?:\.ci|cmd|components|docker|internal|tools)/[\w./*-]*$`)

func TestPathsExist(t *testing.T) {
	t.Parallel()
	checked := 0
	for page, text := range pages(t) {
		for _, line := range commands(text) {
			if !sourcePath.MatchString(line) {
				continue
			}
			checked++
			found, err := filepath.Glob(filepath.Join(root, line))
			require.NoError(t, err)
			assert.NotEmpty(t, found, "%s names %s", page, line)
		}
	}
	assert.NotZero(t, checked)
}

// quotedSource is a block of Go that begins with a comment naming the file that it is from.
var quotedSource = regexp.MustCompile("(?s)```go\n// ([\\w./-]+\\.go)\n(.*?)```")

func TestQuotedSourceIsInItsFile(t *testing.T) {
	t.Parallel()
	checked := 0
	for page, text := range pages(t) {
		for _, block := range quotedSource.FindAllStringSubmatch(text, -1) {
			source := read(t, filepath.Join(root, block[1]))
			for line := range strings.Lines(block[2]) {
				checked++
				assert.Contains(t, withoutRunsOfSpaces(source), withoutRunsOfSpaces(strings.TrimSpace(line)), "%s quotes %s", page, block[1])
			}
		}
	}
	assert.NotZero(t, checked)
}

// withoutRunsOfSpaces forgives gofmt's alignment, which changes with the neighbouring lines.
func withoutRunsOfSpaces(text string) string {
	return regexp.MustCompile(`[ \t]+`).ReplaceAllString(text, " ")
}
