package tasklog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"slipway/internal/awsaccess"
)

// Group is the log group of a service.
type Group struct{ Service, Name string }

// Groups are read as one log.
type Groups struct {
	Client *cloudwatchlogs.Client
	Groups []Group
	Since  time.Time
	// Filter is a pattern of CloudWatch Logs. Default: everything.
	Filter string
}

// late is by how much an event may come after one that happened later: the log driver of ECS sends every five seconds, and
// CloudWatch takes a moment.
const late = 30 * time.Second

// pages is the log of one group, page by page.
type pages struct {
	group Group
	pager *cloudwatchlogs.FilterLogEventsPaginator
	page  []Event
}

func (g *Groups) from(group Group, since time.Time) *pages {
	input := &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &group.Name, StartTime: new(since.UnixMilli())}
	if g.Filter != "" {
		input.FilterPattern = &g.Filter
	}
	return &pages{group: group, pager: cloudwatchlogs.NewFilterLogEventsPaginator(g.Client, input)}
}

// fill has an event at hand, unless there is none left. Pages can be empty.
func (p *pages) fill(ctx context.Context) error {
	for len(p.page) == 0 && p.pager.HasMorePages() {
		answer, err := p.pager.NextPage(ctx)
		if err != nil {
			return p.explain(err)
		}
		for _, event := range answer.Events {
			p.page = append(p.page, newEvent(p.group.Service, event))
		}
		slices.SortStableFunc(p.page, byTime)
	}
	return nil
}

func (p *pages) explain(err error) error {
	var missing *types.ResourceNotFoundException
	var wrong *types.InvalidParameterException
	switch {
	case errors.As(err, &missing):
		return fmt.Errorf("the log group %s of %s is not there; pulumi refresh, then pulumi up", p.group.Name, p.group.Service)
	case errors.As(err, &wrong):
		return fmt.Errorf("CloudWatch does not take this: %s; --filter takes a filter pattern such as '\"one two\"' for a text, '?ERROR ?WARN' for either, '{ $.level = \"error\" }' for JSON", wrong.ErrorMessage())
	}
	return awsaccess.Explain(err)
}

// Read gives all that there is to emit, in the order of time, and returns the time of the last one.
func (g *Groups) Read(ctx context.Context, emit func(Event) error) error {
	return g.read(ctx, g.Since, emit)
}

func (g *Groups) read(ctx context.Context, since time.Time, emit func(Event) error) error {
	sources := make([]*pages, 0, len(g.Groups))
	for _, group := range g.Groups {
		sources = append(sources, g.from(group, since))
	}
	for {
		var first *pages
		for _, source := range sources {
			if err := source.fill(ctx); err != nil {
				return err
			}
			if len(source.page) > 0 && (first == nil || byTime(source.page[0], first.page[0]) < 0) {
				first = source
			}
		}
		if first == nil {
			return nil
		}
		if err := emit(first.page[0]); err != nil {
			return err
		}
		first.page = first.page[1:]
	}
}

// Follow is Read that goes on, until ctx ends: it asks for what is new after each pause. An event that comes late is emitted
// late, and none twice.
func (g *Groups) Follow(ctx context.Context, pause time.Duration, emit func(Event) error) error {
	since, newest := g.Since, g.Since
	seen := map[string]time.Time{}
	for {
		err := g.read(ctx, since, func(e Event) error {
			if _, twice := seen[e.id]; twice {
				return nil
			}
			seen[e.id] = e.Time
			if e.Time.After(newest) {
				newest = e.Time
			}
			return emit(e)
		})
		if err != nil && ctx.Err() == nil {
			return err
		}
		if again := newest.Add(-late); again.After(since) {
			since = again
		}
		for id, at := range seen {
			if at.Before(since) {
				delete(seen, id)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}
