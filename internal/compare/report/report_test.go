package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCodeCannotBeLeft(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain":        "`plain`",
		"a `b` c":      "``a `b` c``",
		"`":            "`` ` ``",
		"":             "` `",
		"one\ntwo":     "`one two`",
		"<b>@all</b>":  "`<b>@all</b>`",
		"a\u202eb\x1b": "`a\uFFFDb\uFFFD`",
	} {
		assert.Equal(t, want, code(text))
	}
}

func TestReadReadsWhatWasWritten(t *testing.T) {
	t.Parallel()
	report := Report{Revision: "main", Base: "0123", Uncommitted: true, Stacks: []Stack{{
		Name: "staging", Replaced: []Resource{{Type: "aws:ecs/service:Service", Name: "web", URN: "u", HoldsData: true,
			Changes: []Change{{Path: "name", Old: "a", New: "b", Replaces: true}, {Path: "arn", Old: "a", Unknown: true}}}},
		Deleted: []Resource{}, Created: []Resource{}, Updated: []Resource{}, Unchanged: 3,
	}, {Name: "prod", Refusal: "no", Replaced: []Resource{}, Deleted: []Resource{}, Created: []Resource{}, Updated: []Resource{}}}}
	var written bytes.Buffer
	require.NoError(t, report.WriteJSON(&written))
	got, err := Read(bytes.NewReader(written.Bytes()))
	require.NoError(t, err)
	assert.Equal(t, report, got)

	for _, wrong := range []string{"", "{", "[]", `{"html":"<img>"}`, `{"stacks":"none"}`, written.String() + "x", written.String() + "{}"} {
		_, err := Read(strings.NewReader(wrong))
		assert.ErrorContains(t, err, "not a report of a comparison", wrong)
	}
}
