package tasklog

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/awsexchange"
)

func groups(t *testing.T, file string) (*Groups, *awsexchange.Server) {
	t.Helper()
	server := awsexchange.Serve(t, "", "testdata/"+file+".json")
	return &Groups{
		Client: cloudwatchlogs.NewFromConfig(server.Config()), Since: time.UnixMilli(1700000000000),
		Groups: []Group{{"web", "web-logs"}, {"workers", "workers-logs"}},
	}, server
}

// lines are events as a person sees them, without the time.
func lines(t *testing.T, read func(func(Event) error) error) (text string) {
	t.Helper()
	var out bytes.Buffer
	printer := &Printer{Out: &out, Applications: map[string]string{"web": "web", "workers": "worker"}}
	require.NoError(t, read(printer.Print))
	for line := range strings.Lines(out.String()) {
		text += line[len("2023-11-14T22:13:20.000Z "):]
	}
	return text
}

func TestReadMergesGroupsPageByPage(t *testing.T) {
	t.Parallel()
	g, server := groups(t, "pages")
	g.Filter = "?ERROR ?WARN"
	assert.Equal(t, ""+
		"web/release aaaaaaaa migrated\n"+
		"workers cccccccc first\n"+
		"web aaaaaaaa second\n"+
		"web bbbbbbbb third\n"+
		"workers cccccccc fourth\n"+
		"web aaaaaaaa fifth\n", lines(t, func(emit func(Event) error) error { return g.Read(t.Context(), emit) }))
	requests := server.Requests("FilterLogEvents")
	require.Len(t, requests, 4)
	assert.JSONEq(t, `{"logGroupName": "web-logs", "startTime": 1700000000000, "filterPattern": "?ERROR ?WARN"}`, requests[0])
	assert.Contains(t, strings.Join(requests[2:], ""), `"nextToken":"more"`)
}

func TestFollowShowsWhatComesAndNothingTwice(t *testing.T) {
	t.Parallel()
	g, server := groups(t, "follow")
	ctx, cancel := context.WithCancel(t.Context())
	var shown []string
	require.NoError(t, g.Follow(ctx, time.Microsecond, func(e Event) error {
		shown = append(shown, e.Message)
		if e.Message == "of a new task" {
			cancel()
		}
		return nil
	}))
	assert.Equal(t, []string{"one", "two", "late", "three", "of a new task"}, shown)
	var asked struct{ StartTime int64 }
	requests := server.Requests("FilterLogEvents")
	require.NoError(t, json.Unmarshal([]byte(requests[len(requests)-1]), &asked))
	assert.Equal(t, int64(1700000070000), asked.StartTime, "half a minute before the last event")
}

func TestReadEndsWithItsErrors(t *testing.T) {
	t.Parallel()
	g, _ := groups(t, "pages")
	broken := errors.New("broken pipe")
	require.ErrorIs(t, g.Read(t.Context(), func(Event) error { return broken }), broken)
	for file, want := range map[string]string{
		"no-group":   "the log group web-logs of web is not there; pulumi refresh, then pulumi up",
		"bad-filter": "CloudWatch does not take this: Invalid character(s) in term ']'; --filter takes a filter pattern such as",
		"throttled":  "CloudWatch Logs FilterLogEvents: AWS had too many requests from this account, and again after waiting",
	} {
		g, _ := groups(t, file)
		require.ErrorContains(t, g.Read(t.Context(), func(Event) error { return nil }), want)
	}
}

func TestPrinter(t *testing.T) {
	t.Parallel()
	event := Event{Time: time.Date(2026, 1, 31, 8, 0, 0, 5e6, time.UTC), Service: "web", Container: "web", Task: strings.Repeat("a", 32), Message: "\x1b]0;title\a<b>\tc"}
	for name, test := range map[string]struct {
		printer Printer
		want    string
	}{
		"a file":           {Printer{}, "2026-01-31T08:00:00.005Z web aaaaaaaa \x1b]0;title\a<b>\tc\n"},
		"a terminal":       {Printer{Terminal: true}, "2026-01-31T08:00:00.005Z web aaaaaaaa \uFFFD]0;title\uFFFD<b>\tc\n"},
		"one with colours": {Printer{Terminal: true, Colour: true}, fmt.Sprintf("2026-01-31T08:00:00.005Z \x1b[%dmweb aaaaaaaa\x1b[0m \uFFFD]0;title\uFFFD<b>\tc\n", colour(event.Task))},
		"a program":        {Printer{JSON: true, Terminal: true, Colour: true}, `{"time":"2026-01-31T08:00:00.005Z","service":"web","container":"web","task":"` + event.Task + `","message":"\u001b]0;title\u0007<b>\tc"}` + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			test.printer.Out, test.printer.Applications = &out, map[string]string{"web": "web"}
			require.NoError(t, test.printer.Print(event))
			assert.Equal(t, test.want, out.String())
		})
	}
}
