package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

const (
	// What the checks leave: an artifact with this file in it.
	artifactName = "comparison"
	fileName     = "comparison.json"

	// A comparison of many stacks has some 100 KB.
	artifactLimit = 5 << 20
	answerLimit   = 10 << 20

	// Who writes what a workflow's own token writes.
	author = "github-actions[bot]"
)

// client calls GitHub's API for one repository.
type client struct {
	http       *http.Client
	api        string
	token      string
	repository string
}

// pullRequests are the open pull requests whose newest commit is the one that was checked. The event names none when
// the commit is in a fork, so they are looked up by their head.
func (c *client) pullRequests(ctx context.Context, event event) ([]int, error) {
	checks := event.WorkflowRun
	var found []struct {
		Number int `json:"number"`
		Head   struct {
			SHA  string `json:"sha"`
			Repo *struct {
				FullName string `json:"full_name"`
			} `json:"repo"` // none when the fork is deleted
		} `json:"head"`
	}
	query := url.Values{"state": {"open"}, "per_page": {"100"}, "head": {checks.HeadRepository.Owner.Login + ":" + checks.HeadBranch}}
	if err := c.call(ctx, http.MethodGet, "/pulls?"+query.Encode(), nil, &found); err != nil {
		return nil, err
	}
	var numbers []int
	for _, pull := range found {
		if pull.Head.SHA == checks.HeadSHA && pull.Head.Repo != nil && pull.Head.Repo.FullName == checks.HeadRepository.FullName {
			numbers = append(numbers, pull.Number)
		}
	}
	return numbers, nil
}

// artifact is the file that the checks have left, nil when there is none.
func (c *client) artifact(ctx context.Context, run int64) ([]byte, error) {
	var found struct {
		Artifacts []struct {
			ID   int64 `json:"id"`
			Size int64 `json:"size_in_bytes"`
		} `json:"artifacts"`
	}
	query := url.Values{"name": {artifactName}, "per_page": {"1"}}
	if err := c.call(ctx, http.MethodGet, fmt.Sprintf("/actions/runs/%d/artifacts?%s", run, query.Encode()), nil, &found); err != nil {
		return nil, err
	}
	if len(found.Artifacts) == 0 {
		return nil, nil
	}
	artifact := found.Artifacts[0]
	if artifact.Size > artifactLimit {
		return nil, fmt.Errorf("the artifact %s has %d bytes; it is to have %d at the most", artifactName, artifact.Size, artifactLimit)
	}
	response, err := c.send(ctx, http.MethodGet, fmt.Sprintf("/actions/artifacts/%d/zip", artifact.ID), nil)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	archive, err := limited(response.Body, artifactLimit, "the artifact "+artifactName)
	if err != nil {
		return nil, err
	}
	return unpack(archive)
}

// unpack reads the one file out of the archive. Nothing is written to the disk.
func unpack(archive []byte) ([]byte, error) {
	files, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, fmt.Errorf("the artifact %s: %w", artifactName, err)
	}
	for _, file := range files.File {
		if file.Name != fileName {
			continue
		}
		content, err := file.Open()
		if err != nil {
			return nil, fmt.Errorf("%s in the artifact: %w", fileName, err)
		}
		defer content.Close()
		return limited(content, artifactLimit, fileName+" in the artifact")
	}
	return nil, fmt.Errorf("the artifact %s has no %s", artifactName, fileName)
}

// comment updates our comment on the pull request, or makes it.
func (c *client) comment(ctx context.Context, pull int, body string) (string, error) {
	text := map[string]string{"body": body}
	id, err := c.ownComment(ctx, pull)
	if err != nil {
		return "", err
	}
	if id != 0 {
		return fmt.Sprintf("updated the comment on pull request %d", pull),
			c.call(ctx, http.MethodPatch, fmt.Sprintf("/issues/comments/%d", id), text, nil)
	}
	return fmt.Sprintf("commented on pull request %d", pull),
		c.call(ctx, http.MethodPost, fmt.Sprintf("/issues/%d/comments", pull), text, nil)
}

// ownComment is the comment of a former run, 0 when there is none. A person can write the mark, too.
func (c *client) ownComment(ctx context.Context, pull int) (int64, error) {
	const perPage = 100
	for page := 1; ; page++ {
		var comments []struct {
			ID   int64  `json:"id"`
			Body string `json:"body"`
			User struct {
				Login string `json:"login"`
			} `json:"user"`
		}
		if err := c.call(ctx, http.MethodGet, fmt.Sprintf("/issues/%d/comments?per_page=%d&page=%d", pull, perPage, page), nil, &comments); err != nil {
			return 0, err
		}
		for _, comment := range comments {
			if comment.User.Login == author && strings.HasPrefix(comment.Body, mark) {
				return comment.ID, nil
			}
		}
		if len(comments) < perPage {
			return 0, nil
		}
	}
}

// call sends a request to the repository's API and reads the answer.
func (c *client) call(ctx context.Context, method, path string, body, answer any) error {
	response, err := c.send(ctx, method, path, body)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	data, err := limited(response.Body, answerLimit, "the answer to "+path)
	if err != nil || answer == nil {
		return err
	}
	if err := json.Unmarshal(data, answer); err != nil {
		return fmt.Errorf("the answer to %s: %w", path, err)
	}
	return nil
}

func (c *client) send(ctx context.Context, method, path string, body any) (*http.Response, error) {
	var content io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(data)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.api+"/repos/"+c.repository+path, content)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Accept", "application/vnd.github+json")
	request.Header.Set("X-GitHub-Api-Version", "2022-11-28")
	response, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode >= 300 {
		defer response.Body.Close()
		said, _ := io.ReadAll(io.LimitReader(response.Body, 1000)) // the status says enough
		return nil, fmt.Errorf("%s %s: %s: %s", method, path, response.Status, bytes.TrimSpace(said))
	}
	return response, nil
}
