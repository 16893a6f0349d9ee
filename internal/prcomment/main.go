// Command prcomment writes what the checks of a pull request have found into a comment there. It runs in a workflow that
// may write, with the default branch's own code. What the checks have left was made by the pull request's code: it is
// read as data, is shown by this program, and says neither where it is shown nor as what.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"slipway/internal/compare/report"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	message, err := run(ctx, os.Getenv)
	if err != nil {
		fmt.Fprintln(os.Stderr, "prcomment: "+err.Error())
		os.Exit(1)
	}
	fmt.Println("prcomment: " + message)
}

// event is GitHub's event workflow_run, as far as it is needed. GitHub fills it in, not the pull request.
type event struct {
	WorkflowRun struct {
		ID             int64  `json:"id"`
		Event          string `json:"event"`
		HeadSHA        string `json:"head_sha"`
		HeadBranch     string `json:"head_branch"`
		HTMLURL        string `json:"html_url"`
		HeadRepository struct {
			FullName string `json:"full_name"`
			Owner    struct {
				Login string `json:"login"`
			} `json:"owner"`
		} `json:"head_repository"`
	} `json:"workflow_run"`
}

// run comments on the pull request that the event is of, and says what it did.
func run(ctx context.Context, getenv func(string) string) (string, error) {
	github, event, err := fromEnvironment(getenv)
	if err != nil {
		return "", err
	}
	checks := event.WorkflowRun
	if checks.Event != "pull_request" {
		return "nothing to do: the checks are of a " + checks.Event, nil
	}
	pulls, err := github.pullRequests(ctx, event)
	if err != nil {
		return "", err
	}
	switch len(pulls) {
	case 0:
		return "nothing to do: no open pull request has the commit " + checks.HeadSHA + " as its newest", nil
	case 1:
	default:
		return fmt.Sprintf("nothing to do: pull requests %d have the same commit, and the checks do not say of which they are", pulls), nil
	}
	data, err := github.artifact(ctx, checks.ID)
	if err != nil {
		return "", err
	}
	body, err := comment(data, checks.HeadSHA, checks.HTMLURL)
	if err != nil {
		return "", err
	}
	return github.comment(ctx, pulls[0], body)
}

func fromEnvironment(getenv func(string) string) (*client, event, error) {
	var event event
	var missing []error
	for _, name := range []string{"GITHUB_API_URL", "GITHUB_EVENT_PATH", "GITHUB_REPOSITORY", "GITHUB_TOKEN"} {
		if getenv(name) == "" {
			missing = append(missing, fmt.Errorf("%s is not set; this runs in a workflow of GitHub, on workflow_run", name))
		}
	}
	if len(missing) > 0 {
		return nil, event, errors.Join(missing...)
	}
	data, err := os.ReadFile(getenv("GITHUB_EVENT_PATH"))
	if err != nil {
		return nil, event, err
	}
	if err := json.Unmarshal(data, &event); err != nil {
		return nil, event, fmt.Errorf("%s: %w", getenv("GITHUB_EVENT_PATH"), err)
	}
	if event.WorkflowRun.ID == 0 {
		return nil, event, errors.New("the event has no workflow_run; this runs on workflow_run")
	}
	return &client{
		http: http.DefaultClient, token: getenv("GITHUB_TOKEN"),
		repository: getenv("GITHUB_REPOSITORY"), api: getenv("GITHUB_API_URL"),
	}, event, nil
}

// mark is how the comment is found again. GitHub does not show it.
const mark = "<!-- slipway comparison -->"

// comment is the comment's text. Without data, the comparison has not come to its end.
func comment(data []byte, commit, url string) (string, error) {
	var text strings.Builder
	footer := fmt.Sprintf("\n[The checks](%s) of %s made this.\n", url, commit)
	if data == nil {
		return mark + "\nThe comparison with the base did not come to its end.\n" + footer, nil
	}
	found, err := report.Read(bytes.NewReader(data))
	if err != nil {
		return "", err
	}
	text.WriteString(mark + "\n")
	if err := found.WriteMarkdown(&text, report.MarkdownLimit-len(mark)-len(footer)-1); err != nil {
		return "", err
	}
	return text.String() + footer, nil
}

// limited reads all, and refuses what is longer than the limit.
func limited(r io.Reader, limit int64, what string) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%s: it is longer than %d bytes", what, limit)
	}
	return data, nil
}
