package main

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzComment gives what the checks of a pull request have left, which strangers' code has made. A comment can always be found again, fits,
// and says which checks it is of.
func FuzzComment(f *testing.F) {
	f.Add([]byte(`{"revision":"main","base":"2222222222","stacks":[{"name":"` + "`" + ` <!-- slipway comparison -->","created":[{"type":"@all","name":"<img>"}]}]}`))
	f.Add([]byte(`{"stacks":[{"name":"` + strings.Repeat("x", 70000) + `"}]}`))
	f.Add([]byte(`# Merge this`))
	f.Add([]byte(nil))
	const commit, url = "1111111111111111111111111111111111111111", "https://example.com/runs/3"
	f.Fuzz(func(t *testing.T, data []byte) {
		body, err := comment(data, commit, url)
		if err != nil {
			if !strings.Contains(err.Error(), "not a report") {
				t.Errorf("the refusal does not say of what: %v", err)
			}
			return
		}
		if len(body) > 65536 || !utf8.ValidString(body) {
			t.Errorf("a comment of %d bytes", len(body))
		}
		if !strings.HasPrefix(body, mark+"\n") || !strings.HasSuffix(body, "\n[The checks]("+url+") of "+commit+" made this.\n") {
			t.Errorf("the comment %q", body)
		}
	})
}
