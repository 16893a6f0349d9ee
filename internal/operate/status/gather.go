package status

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"slipway/internal/operate"
)

// Gather asks AWS how a stack is. What cannot be asked is a problem of the report; where nothing can be, it is an error.
func Gather(ctx context.Context, stack *operate.Deployed, now time.Time) (*Report, error) {
	g := &gatherer{stack: stack, now: now, failed: map[string]error{}, report: &Report{
		Stack: stack.Name, Time: now.UTC().Truncate(time.Second), WebUrl: stack.WebUrl,
		Services: make([]Service, len(stack.Services)), Queues: []Queue{}, Alarms: []Alarm{}, Problems: []string{},
	}}
	for i, name := range stack.ServiceNames() {
		g.ask(services, func() error { return g.service(ctx, name, &g.report.Services[i]) })
	}
	g.ask("queues", func() error { return g.queues(ctx) })
	g.ask("database", func() error { return g.database(ctx) })
	g.ask("metrics", func() error { return g.askMetrics(ctx) })
	g.ask("alarms", func() error { return g.alarms(ctx) })
	g.wait.Wait()
	if failed := g.failed[services]; failed != nil { // without these there is nothing to show
		return nil, failed
	}
	g.merge()
	g.report.judge()
	for _, part := range slices.Sorted(maps.Keys(g.failed)) {
		g.report.problem("%s: not known: %s", part, strings.Join(strings.Fields(g.failed[part].Error()), " "))
	}
	return g.report, nil
}

// gatherer asks for all parts at the same time.
type gatherer struct {
	stack   *operate.Deployed
	now     time.Time
	report  *Report
	metrics metrics
	wait    sync.WaitGroup
	mutex   sync.Mutex
	failed  map[string]error
}

// services is the part that a report cannot do without.
const services = "services"

func (g *gatherer) ask(part string, question func() error) {
	g.wait.Go(func() {
		if err := question(); err != nil {
			g.fail(part, err)
		}
	})
}

// fail notes down that a part is not known, and the first reason.
func (g *gatherer) fail(part string, err error) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if g.failed[part] == nil {
		g.failed[part] = err
	}
}

// queueNames are in the order of the alphabet.
func (g *gatherer) queueNames() []string {
	names := make([]string, 0, len(g.stack.Queues))
	for name := range g.stack.Queues {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
