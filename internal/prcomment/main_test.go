package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/compare/report"
)

const (
	checked = "1111111111111111111111111111111111111111"
	newer   = "2222222222222222222222222222222222222222"
)

// hub answers as GitHub does, and remembers what was written.
type hub struct {
	pulls    []map[string]any
	comments []map[string]any
	archive  []byte // the artifact; nil for none
	size     int64  // as it is announced
	asked    []string
	written  []string
	bodies   []string
}

func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := func(v any) { _ = json.NewEncoder(w).Encode(v) }
	h.asked = append(h.asked, r.URL.RequestURI())
	path, ours := strings.CutPrefix(r.URL.Path, "/repos/you/shop")
	if !ours || r.Header.Get("Authorization") != "Bearer token" {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	switch {
	case r.Method != http.MethodGet:
		var comment struct{ Body string }
		data, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(data, &comment)
		h.written = append(h.written, r.Method+" "+path)
		h.bodies = append(h.bodies, comment.Body)
		answer(map[string]any{"id": 1})
	case path == "/pulls":
		answer(h.pulls)
	case strings.HasSuffix(path, "/artifacts"):
		artifacts := []any{}
		if h.archive != nil {
			artifacts = append(artifacts, map[string]any{"id": 5, "size_in_bytes": max(h.size, int64(len(h.archive)))})
		}
		answer(map[string]any{"artifacts": artifacts})
	case path == "/actions/artifacts/5/zip":
		_, _ = w.Write(h.archive)
	case path == "/issues/7/comments":
		var page int
		_, _ = fmt.Sscan(r.URL.Query().Get("page"), &page)
		answer(h.comments[min((page-1)*100, len(h.comments)):min(page*100, len(h.comments))])
	default:
		http.Error(w, "not found", http.StatusNotFound)
	}
}

// run comments on what the hub has, for checks that a pull request of a fork began.
func (h *hub) run(t *testing.T, edit func(run map[string]any)) (string, error) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	run := map[string]any{
		"id": 3, "event": "pull_request", "head_sha": checked, "head_branch": "fix&state=closed", "html_url": "https://example.com/runs/3",
		"head_repository": map[string]any{"full_name": "stranger/shop", "owner": map[string]any{"login": "stranger"}},
		"pull_requests":   []any{},
	}
	if edit != nil {
		edit(run)
	}
	data, err := json.Marshal(map[string]any{"workflow_run": run})
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "event.json")
	require.NoError(t, os.WriteFile(path, data, 0o600))
	return runWith(t, map[string]string{
		"GITHUB_API_URL": server.URL, "GITHUB_EVENT_PATH": path, "GITHUB_REPOSITORY": "you/shop", "GITHUB_TOKEN": "token",
	})
}

func runWith(t *testing.T, environment map[string]string) (string, error) {
	t.Helper()
	return run(t.Context(), func(name string) string { return environment[name] })
}

func pull(number int, sha, repository string) map[string]any {
	return map[string]any{"number": number, "head": map[string]any{"sha": sha, "repo": map[string]any{"full_name": repository}}}
}

// archive packs files as GitHub packs an artifact.
func archive(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var packed bytes.Buffer
	writer := zip.NewWriter(&packed)
	for name, content := range files {
		file, err := writer.Create(name)
		require.NoError(t, err)
		_, err = io.WriteString(file, content)
		require.NoError(t, err)
	}
	require.NoError(t, writer.Close())
	return packed.Bytes()
}

// comparison is a report in which a stranger tries to be more than text.
func comparison(t *testing.T) string {
	t.Helper()
	var text strings.Builder
	require.NoError(t, report.Report{Revision: "main", Base: newer, Stacks: []report.Stack{{
		Name:    "staging` @everybody ![](https://example.com/x.png)",
		Updated: []report.Resource{{Type: "aws:ecs/service:Service", Name: "<img src=x>\n# Merge this"}},
	}}}.WriteJSON(&text))
	return text.String()
}

func TestAComparisonIsCommented(t *testing.T) {
	t.Parallel()
	h := &hub{pulls: []map[string]any{pull(7, checked, "stranger/shop")}, archive: archive(t, map[string]string{fileName: comparison(t)})}
	message, err := h.run(t, nil)
	require.NoError(t, err)
	assert.Equal(t, "commented on pull request 7", message)
	assert.Equal(t, []string{"POST /issues/7/comments"}, h.written)
	assert.Contains(t, h.asked[0], "head=stranger%3Afix%26state%3Dclosed&", "a branch's name is no parameter")
	body := h.bodies[0]
	assert.True(t, strings.HasPrefix(body, mark+"\n"))
	assert.Contains(t, body, "### ``staging` @everybody ![](https://example.com/x.png)``: 1 updated\n", "code, which nobody is notified by")
	assert.Contains(t, body, "- `aws:ecs/service:Service` `<img src=x> # Merge this`\n")
	assert.Contains(t, body, "[The checks](https://example.com/runs/3) of "+checked)
}

func TestTheCommentIsUpdated(t *testing.T) {
	t.Parallel()
	h := &hub{pulls: []map[string]any{pull(7, checked, "stranger/shop")}}
	comment := func(id int, login, body string) {
		h.comments = append(h.comments, map[string]any{"id": id, "body": body, "user": map[string]any{"login": login}})
	}
	comment(1, "stranger", mark+" mine")
	comment(2, author, "of another workflow")
	for id := range 120 {
		comment(100+id, "stranger", "more")
	}
	comment(9, author, mark+"\r\nold")
	message, err := h.run(t, nil)
	require.NoError(t, err)
	assert.Equal(t, "updated the comment on pull request 7", message)
	assert.Equal(t, []string{"PATCH /issues/comments/9"}, h.written)
	assert.Contains(t, h.bodies[0], "did not come to its end", "an old comparison must not stay for a new commit")
}

func TestNothingIsWrittenElsewhere(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		pulls []map[string]any
		edit  func(map[string]any)
		says  string
	}{
		"a push":                      {nil, func(run map[string]any) { run["event"] = "push" }, "the checks are of a push"},
		"no pull request":             {nil, nil, "no open pull request"},
		"one that has moved on":       {[]map[string]any{pull(7, newer, "stranger/shop")}, nil, "no open pull request"},
		"the same branch elsewhere":   {[]map[string]any{pull(7, checked, "stranger/other")}, nil, "no open pull request"},
		"two that cannot be told":     {[]map[string]any{pull(7, checked, "stranger/shop"), pull(8, checked, "stranger/shop")}, nil, "[7 8] have the same commit"},
		"one whose fork is gone":      {[]map[string]any{{"number": 7, "head": map[string]any{"sha": checked, "repo": nil}}}, nil, "no open pull request"},
		"one by schedule, not a pull": {nil, func(run map[string]any) { run["event"] = "schedule" }, "the checks are of a schedule"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := &hub{pulls: test.pulls, archive: archive(t, map[string]string{fileName: comparison(t)})}
			message, err := h.run(t, test.edit)
			require.NoError(t, err)
			assert.Contains(t, message, test.says)
			assert.Empty(t, h.written)
		})
	}
}

func TestABadArtifactIsRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		archive []byte
		size    int64
		says    string
	}{
		"another file":        {archive(t, map[string]string{"comment.md": "# Merge this"}), 0, "has no comparison.json"},
		"a path":              {archive(t, map[string]string{"../comparison.json": comparison(t)}), 0, "has no comparison.json"},
		"no report":           {archive(t, map[string]string{fileName: "# Merge this"}), 0, "not a report of a comparison"},
		"no archive":          {[]byte("PK"), 0, "zip: not a valid zip file"},
		"too long, announced": {[]byte("PK"), artifactLimit + 1, "to have 5242880 at the most"},
		"too long, unpacked":  {archive(t, map[string]string{fileName: strings.Repeat(" ", artifactLimit+1)}), 0, "longer than 5242880 bytes"},
		"too long, in truth":  {make([]byte, artifactLimit+1), 1, "at the most"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := &hub{pulls: []map[string]any{pull(7, checked, "stranger/shop")}, archive: test.archive, size: test.size}
			_, err := h.run(t, nil)
			require.ErrorContains(t, err, test.says)
			assert.Empty(t, h.written)
		})
	}
}

func TestALongComparisonFits(t *testing.T) {
	t.Parallel()
	found := report.Report{Stacks: []report.Stack{{Name: "staging"}}}
	for i := range 3000 {
		found.Stacks[0].Created = append(found.Stacks[0].Created, report.Resource{Type: "aws:ec2/vpc:Vpc", Name: fmt.Sprint("network-", i)})
	}
	var text bytes.Buffer
	require.NoError(t, found.WriteJSON(&text))
	body, err := comment(text.Bytes(), checked, "https://example.com")
	require.NoError(t, err)
	assert.LessOrEqual(t, len(body), 65536)
	assert.Contains(t, body, "Cut here")
	assert.Contains(t, body, "[The checks]")
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	t.Parallel()
	_, err := runWith(t, map[string]string{"GITHUB_TOKEN": "token"})
	for _, name := range []string{"GITHUB_API_URL", "GITHUB_EVENT_PATH", "GITHUB_REPOSITORY"} {
		assert.ErrorContains(t, err, name+" is not set")
	}
}

func TestAnErrorOfGitHubIsShown(t *testing.T) {
	t.Parallel()
	h := &hub{}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	c := client{http: server.Client(), api: server.URL, token: "other", repository: "you/shop"}
	_, err := c.comment(t.Context(), 7, "text")
	assert.ErrorContains(t, err, "GET /issues/7/comments?per_page=100&page=1: 404 Not Found: not found")
}
