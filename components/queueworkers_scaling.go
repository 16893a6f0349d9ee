package components

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"slipway/internal/invalid"
	"slipway/internal/limits"
)

// How the number of workers follows the queue. Two alarms, each with a step policy of its own:
//
//	out  looks at what waits, every minute, and adds tasks
//	in   looks at what waits and what is being worked on, and removes tasks only after idleMinutes without either
//
// There is no policy by CPU. A worker that waits for a database or a remote service uses none, so such a policy removes tasks that are
// busy; and one that computes is at 100 % with one message in the queue, so it adds tasks that find nothing to do.
//
// Messages in work keep all tasks: ECS, not the queue, chooses which task it stops, and need not choose an idle one.
const (
	// A task needs a minute to start, and SQS's figures are up to two minutes old: in less time what was added has had no effect yet.
	workersOutCooldown = 180 // seconds
	workersInCooldown  = 60  // seconds; the alarm has waited long enough
)

// ScalingStep says how many tasks to add, or to remove, at a depth of the queue. Depths are whole numbers of messages.
type ScalingStep struct {
	// Lower is the least depth that the step is for. Default: none for the step that removes, else required. Example: new(100).
	Lower *int `pulumi:"lower,optional"`
	// Upper is the depth at which the step ends: where the next one begins. The step that removes is for Upper too, and takes only 0.
	// Default: the next step's Lower, or none for the last. Example: new(500).
	Upper *int `pulumi:"upper,optional"`
	// Change is the number of tasks to add, or, below zero, to remove. Required. Example: 2.
	Change int `pulumi:"change"`
}

// BacklogPerTask keeps the time that a message waits under a limit.
type BacklogPerTask struct {
	// LatencySeconds is within how many seconds a message is to be done, once the tasks run. Required. Example: 60.
	LatencySeconds int `pulumi:"latencySeconds"`
	// SecondsPerMessage is what a message takes on average, 0.001 or more. Required. Example: 0.5.
	SecondsPerMessage float64 `pulumi:"secondsPerMessage"`
	// Concurrency is how many messages a task works on at the same time, as CELERY_CONCURRENCY says. Default: 2.
	Concurrency int `pulumi:"concurrency,optional"`
}

// messages is how many messages one task may have before it, in work included: at least one.
func (b BacklogPerTask) messages() int {
	return max(1, int(float64(b.LatencySeconds)/b.SecondsPerMessage*float64(b.Concurrency)))
}

func (b BacklogPerTask) check(wrong *invalid.Fields) {
	wrong.Check("backlog.latencySeconds", b.LatencySeconds, limits.WorkLatency(b.LatencySeconds))
	if err := limits.WorkSeconds(b.SecondsPerMessage); err != nil {
		wrong.Add("backlog.secondsPerMessage", b.SecondsPerMessage, err.Error())
	} else if b.SecondsPerMessage > float64(b.LatencySeconds) && b.LatencySeconds > 0 {
		wrong.Conflict("backlog.latencySeconds, backlog.secondsPerMessage", fmt.Sprintf("a message that takes %v seconds cannot be done within %d, by any number of tasks", b.SecondsPerMessage, b.LatencySeconds))
	}
	if b.Concurrency < 1 || b.Concurrency > 1000 {
		wrong.Add("backlog.concurrency", b.Concurrency, "a number of messages from 1 to 1000")
	}
}

// defaultSteps bring a task for the first message, and more where many wait.
func defaultSteps() []ScalingStep {
	return []ScalingStep{{Upper: new(0), Change: -1}, {Lower: new(1), Change: 1}, {Lower: new(100), Change: 2}, {Lower: new(500), Change: 5}}
}

// completeSteps sorts steps by depth, and gives those without an upper end the next one's beginning.
func completeSteps(steps []ScalingStep) []ScalingStep {
	sorted := slices.SortedStableFunc(slices.Values(steps), func(x, y ScalingStep) int { return cmp.Compare(x.from(), y.from()) })
	for i := range sorted {
		if sorted[i].Upper == nil && i+1 < len(sorted) {
			sorted[i].Upper = sorted[i+1].Lower
		}
	}
	return sorted
}

// from is where a step begins; below all others where it has no beginning.
func (s ScalingStep) from() int {
	if s.Lower == nil {
		return -1
	}
	return *s.Lower
}

func (s ScalingStep) String() string {
	switch {
	case s.Lower == nil && s.Upper == nil:
		return "every depth"
	case s.Lower == nil:
		return fmt.Sprintf("to %d", *s.Upper)
	case s.Upper == nil:
		return fmt.Sprintf("from %d", *s.Lower)
	}
	return fmt.Sprintf("from %d to %d", *s.Lower, *s.Upper)
}

// stepsMost is AWS's quota of step adjustments in a policy.
const stepsMost = 20

// checkSteps records gaps, overlaps and steps that would leave a message lying or stop a task at work. The steps are complete.
func checkSteps(steps []ScalingStep, minCount int, wrong *invalid.Fields) {
	adding := slices.DeleteFunc(slices.Clone(steps), func(s ScalingStep) bool { return s.Change < 0 })
	for _, s := range steps {
		switch {
		case s.Change == 0:
			wrong.Add("steps", s.String(), "steps that add or remove tasks; leave out a depth at which nothing is to happen")
		case s.Change < -limits.MaxTasks || s.Change > limits.MaxTasks:
			wrong.Add("steps", s.Change, fmt.Sprintf("a change of at most %d tasks, which is all that a service can have", limits.MaxTasks))
		case s.Change < 0 && (s.from() > 0 || s.Upper == nil || *s.Upper != 0):
			wrong.Add("steps", s.String(), fmt.Sprintf("tasks removed (change %d) at depth 0 only, {upper: 0}: with messages waiting or in work ECS might stop a task that is busy", s.Change))
		case s.Change > 0 && s.from() < 1:
			wrong.Add("steps", s.String(), fmt.Sprintf("tasks added (change %d) from a depth of 1 or more; minCount says how many run without messages", s.Change))
		case s.Change > 0 && s.Upper != nil && *s.Upper <= s.from():
			wrong.Add("steps", s.String(), "steps whose upper end is above the lower")
		}
	}
	if removing := len(steps) - len(adding); removing != 1 {
		wrong.Add("steps", removing, "exactly one step that removes tasks, such as {upper: 0, change: -1}")
	}
	if len(adding) == 0 || len(adding) > stepsMost {
		wrong.Add("steps", len(adding), fmt.Sprintf("1 to %d steps that add tasks, such as {lower: 1, change: 1}", stepsMost))
		return
	}
	if first := adding[0].from(); minCount == 0 && first > 1 {
		wrong.Add("steps", first, "1 as the least depth that adds tasks where minCount is 0, or fewer messages would wait for ever")
	}
	for i, s := range adding {
		switch last := i == len(adding)-1; {
		case !last && s.Upper == nil:
			// The next has no beginning, which is reported already.
		case last && s.Upper != nil:
			wrong.Conflict("steps", fmt.Sprintf("there is a gap above %d; leave out the last step's upper end", *s.Upper))
		case !last && *s.Upper > adding[i+1].from():
			wrong.Conflict("steps", fmt.Sprintf("steps overlap: one is %s, the next %s", s, adding[i+1]))
		case !last && *s.Upper < adding[i+1].from():
			wrong.Conflict("steps", fmt.Sprintf("there is a gap between the steps %s and %s", s, adding[i+1]))
		}
	}
}

// scalingRule is an alarm and the steps that it takes.
type scalingRule struct {
	role, description     string
	expression, label     string
	comparison            string
	threshold             int
	periods               int // minutes
	adjustmentType        string
	cooldown              int
	steps                 []relativeStep
	usesInFlight, usesRun bool // what of the metrics the expression names besides the visible messages
}

// relativeStep is a step as AWS takes it: its ends are distances from the alarm's threshold; nil is infinity.
type relativeStep struct {
	lower, upper *int
	change       int
}

// scaleOutBySteps adds tasks by what waits: {lower: 1, change: 1} wakes the first one. Messages in work do not count, or one long task
// would bring a task after the other.
func scaleOutBySteps(steps []ScalingStep, queues int) scalingRule {
	rule := scalingRule{
		role:           "out",
		description:    "Messages wait: adds tasks by the depth of the queue.",
		expression:     filled("visible", queues),
		label:          "Messages that wait",
		comparison:     "GreaterThanOrEqualToThreshold",
		periods:        1,
		adjustmentType: "ChangeInCapacity",
		cooldown:       workersOutCooldown,
	}
	for _, s := range steps {
		if s.Change < 0 {
			continue
		}
		if len(rule.steps) == 0 {
			rule.threshold = *s.Lower
		}
		step := relativeStep{lower: new(*s.Lower - rule.threshold), change: s.Change}
		if s.Upper != nil {
			step.upper = new(*s.Upper - rule.threshold)
		}
		rule.steps = append(rule.steps, step)
	}
	return rule
}

// scaleOutByBacklog adds the tasks that lack: as many as the messages need, less those that run. Nothing is divided by the number of
// tasks, so it works from zero. Steps double, and each adds its least: tasks are never more than the messages need.
func scaleOutByBacklog(backlog BacklogPerTask, maxCount, queues int) scalingRule {
	rule := scalingRule{
		role:        "out",
		description: fmt.Sprintf("A task has more than %d messages before it: adds the tasks that lack.", backlog.messages()),
		expression:  fmt.Sprintf("CEIL((%s + %s) / %d) - FILL(running, 0)", filled("visible", queues), filled("inflight", queues), backlog.messages()),
		label:       "Tasks that lack", comparison: "GreaterThanOrEqualToThreshold", threshold: 1,
		periods: 1, adjustmentType: "ChangeInCapacity", cooldown: workersOutCooldown, usesInFlight: true, usesRun: true,
	}
	for missing := 1; missing <= max(1, maxCount); missing *= 2 {
		step := relativeStep{lower: new(missing - 1), change: missing}
		if missing*2 <= maxCount {
			step.upper = new(missing*2 - 1)
		}
		rule.steps = append(rule.steps, step)
	}
	return rule
}

// scaleIn removes tasks when there has been no work for some minutes. A minute that SQS says nothing about is not an idle one.
func scaleIn(adjustmentType string, change, idleMinutes, queues int) scalingRule {
	return scalingRule{
		role:        "in",
		description: fmt.Sprintf("No message waited or was in work for %d minutes: removes tasks.", idleMinutes),
		expression:  sum("visible", queues) + " + " + sum("inflight", queues),
		label:       "Messages that wait or are in work", comparison: "LessThanOrEqualToThreshold", threshold: 0,
		periods: idleMinutes, adjustmentType: adjustmentType, cooldown: workersInCooldown, usesInFlight: true,
		steps: []relativeStep{{upper: new(0), change: change}},
	}
}

// filled adds a metric of all queues up. SQS says nothing of a queue that nobody has used for hours: it counts as empty.
func filled(metric string, queues int) string {
	terms := make([]string, queues)
	for i := range terms {
		terms[i] = fmt.Sprintf("FILL(%s%d, 0)", metric, i)
	}
	return strings.Join(terms, " + ")
}

func sum(metric string, queues int) string {
	terms := make([]string, queues)
	for i := range terms {
		terms[i] = fmt.Sprintf("%s%d", metric, i)
	}
	return strings.Join(terms, " + ")
}
