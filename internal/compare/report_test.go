package compare

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/internal/compare/report"
	"slipway/internal/localrun"
)

var update = flag.Bool("update", false, "write the expected reports in testdata anew")

// preview reads what the CLI printed for an edit of the project; see testdata/README.md.
func preview(t require.TestingT, name string) report.Stack {
	data, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	require.NoError(t, err)
	stack := report.Stack{Name: name}
	require.NoError(t, ReadPreview(&stack, data))
	return stack
}

// example has a stack for everything that can be said of one.
func example(t require.TestingT) report.Report {
	example := report.Report{Revision: "origin/main", Base: "0123456789abcdef0123456789abcdef01234567"}
	for _, name := range []string{"database", "variable", "secret", "unchanged", "protected", "wrong", "created"} {
		example.Stacks = append(example.Stacks, preview(t, name))
	}
	example.Stacks[len(example.Stacks)-1].New = true
	example.Uncommitted = true
	example.Stacks = append(example.Stacks,
		report.Stack{Name: "gone", Removed: true},
		report.Stack{Name: "broken", BaseFailure: "error: the program failed\n```\nwith backticks\n```"})
	return example
}

// TestReports compares with what is in testdata, which a person reads in a review.
func TestReports(t *testing.T) {
	t.Parallel()
	example := example(t)
	for name, write := range map[string]func(io.Writer) error{
		"report.txt": example.WriteText,
		"report.md":  func(w io.Writer) error { return example.WriteMarkdown(w, report.MarkdownLimit) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got bytes.Buffer
			require.NoError(t, write(&got))
			path := filepath.Join("testdata", name)
			if *update {
				require.NoError(t, os.WriteFile(path, got.Bytes(), 0o644))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, string(want), got.String(), "after a wanted change: go test ./internal/compare -update")
		})
	}
}

func TestJSONIsForScripts(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, example(t).WriteJSON(&out))
	var got struct {
		Uncommitted bool
		Stacks      []struct {
			Name, Refusal string
			Replaced      []report.Resource
			Unchanged     int
		}
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &got))
	assert.True(t, got.Uncommitted)
	database := got.Stacks[0]
	require.NotEmpty(t, database.Replaced)
	assert.Equal(t, "aws:rds/cluster:Cluster", database.Replaced[0].Type, "what holds data comes first")
	assert.Equal(t, report.Change{Path: "databaseName", Old: "app", New: "shop", Replaces: true}, database.Replaced[0].Changes[0])
	assert.Contains(t, got.Stacks[5].Refusal, "slipway:webCpu: got 300")
}

func TestFailures(t *testing.T) {
	t.Parallel()
	assert.EqualError(t, example(t).Failures(), "protected: the head is refused\nwrong: the head is refused\nbroken: the base, origin/main at 0123456789, does not deploy")
	assert.NoError(t, report.Report{Stacks: []report.Stack{preview(t, "variable"), preview(t, "unchanged"), {Name: "gone", Removed: true}}}.Failures(),
		"a change is no failure")
}

func TestDataLoss(t *testing.T) {
	t.Parallel()
	assert.EqualError(t, report.Report{Stacks: []report.Stack{preview(t, "database"), preview(t, "variable"), preview(t, "created")}}.DataLoss(), strings.Join([]string{
		"database: aws:rds/cluster:Cluster database-cluster holds data and would be replaced",
		"database: aws:sqs/queue:Queue queue-dead-letters holds data and would be deleted",
		"database: aws:sqs/queue:Queue queue-queue holds data and would be deleted",
		"database: aws:cloudwatch/logGroup:LogGroup workers-logs holds data and would be deleted",
	}, "\n"))
	assert.NoError(t, report.Report{Stacks: []report.Stack{preview(t, "variable"), preview(t, "created")}}.DataLoss())
}

func TestAPreviewThatIsNone(t *testing.T) {
	t.Parallel()
	for _, output := range []string{"", "error: no", `{"steps":[{"op":"create","urn":"x"}]}`} {
		var stack report.Stack
		assert.Error(t, ReadPreview(&stack, []byte(output)), output)
	}
}

// TestCutMarkdownIsWhole cuts at every length: the limit holds, and nothing is left open that would swallow the note.
func TestCutMarkdownIsWhole(t *testing.T) {
	t.Parallel()
	example := example(t)
	var whole strings.Builder
	require.NoError(t, example.WriteMarkdown(&whole, report.MarkdownLimit))
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(500, len(whole.String())+10).Draw(t, "limit")
		var text strings.Builder
		require.NoError(t, example.WriteMarkdown(&text, limit))
		require.LessOrEqual(t, len(text.String()), limit)
		require.Equal(t, strings.Count(text.String(), "<details"), strings.Count(text.String(), "</details>"))
		open := ""
		for line := range strings.Lines(text.String()) {
			line = strings.TrimSpace(line)
			switch {
			case open != "" && line == open:
				open = ""
			case open == "" && strings.HasPrefix(line, "```"):
				open = line
			}
		}
		require.Empty(t, open, "a block of code is left open")
		if limit < len(whole.String()) {
			require.Contains(t, text.String(), "Cut here")
		} else {
			require.Equal(t, whole.String(), text.String())
		}
	})
}

func TestFailureIsPulumisOwnWords(t *testing.T) {
	t.Parallel()
	exit := &localrun.ExitError{Code: 255}
	assert.Equal(t, "aws:rds/cluster:Cluster (database-cluster):\n    error: no", failure(
		"slipway: embedded AWS\nUpdating (staging):\n + aws:ec2/vpc:Vpc network\nDiagnostics:\n  aws:rds/cluster:Cluster (database-cluster):\n    error: no\n\nResources:\n    + 3 created\n", exit))
	assert.Equal(t, "error: getting stack configuration", failure("slipway: embedded AWS\nerror: getting stack configuration\n", exit))
	assert.Equal(t, "no such file", failure("slipway: embedded AWS\n", fmt.Errorf("no such file")))
}
