package components_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"strconv"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
)

// simulation runs the registered alarms and policies, as CloudWatch and Application Auto Scaling do, over a queue and its workers, minute by
// minute. What it models: a task starts to work in the second minute after it was asked for; a message that a task works on is not visible;
// an alarm invokes its policy every minute that it is on; a cooldown lets only more than what was added through.
type simulation struct {
	rules    []*simulatedRule
	min, max int
	silent   func(minute int) bool // minutes that SQS says nothing about

	minute  int
	waiting int
	work    []int // minutes that each message in work still takes
	desired int
	running int
	pending int // tasks asked for in the minute before

	concurrency, minutesPerMessage int
	history                        []int // the desired count, minute by minute
	removedAtWork                  []string
}

type simulatedRule struct {
	expression ast.Expr
	comparison string
	threshold  float64
	periods    int
	adjustment string
	cooldown   int // minutes
	steps      []simulatedStep
	breaching  []bool
	last       int // minute of the last scaling
	added      int // what that one added
}

type simulatedStep struct {
	low, high float64
	change    int
}

// simulate takes the rules from what a program registered.
func simulate(t testing.TB, r *recorder) *simulation {
	t.Helper()
	target := r.find(t, scalingTarget, "workers-scaling").Inputs
	s := &simulation{min: int(target["minCapacity"].NumberValue()), max: int(target["maxCapacity"].NumberValue()),
		concurrency: 2, minutesPerMessage: 1, silent: func(int) bool { return false }}
	s.desired, s.running = s.min, s.min
	for _, name := range []string{"workers-scale-out", "workers-scale-in"} {
		alarm := r.find(t, metricAlarm, name).Inputs
		require.Equal(t, []string{arnOf(name)}, stringList(t, alarm["alarmActions"]), "the alarm invokes its policy")
		require.Equal(t, "notBreaching", alarm["treatMissingData"].StringValue())
		require.Equal(t, alarm["evaluationPeriods"], alarm["datapointsToAlarm"])
		step := object(t, r.find(t, scalingPolicy, name).Inputs, "stepScalingPolicyConfiguration")
		rule := &simulatedRule{
			comparison: alarm["comparisonOperator"].StringValue(),
			threshold:  alarm["threshold"].NumberValue(),
			periods:    int(alarm["evaluationPeriods"].NumberValue()),
			adjustment: step["adjustmentType"].StringValue(),
			cooldown:   int(step["cooldown"].NumberValue()) / 60,
			last:       math.MinInt32,
		}
		for _, query := range alarm["metricQueries"].ArrayValue() {
			if query := query.ObjectValue(); query["returnData"].BoolValue() {
				var err error
				rule.expression, err = parser.ParseExpr(query["expression"].StringValue())
				require.NoError(t, err)
			}
		}
		for _, adjustment := range step["stepAdjustments"].ArrayValue() {
			a := adjustment.ObjectValue()
			rule.steps = append(rule.steps, simulatedStep{bound(a["metricIntervalLowerBound"], math.Inf(-1)), bound(a["metricIntervalUpperBound"], math.Inf(1)), int(a["scalingAdjustment"].NumberValue())})
		}
		s.rules = append(s.rules, rule)
	}
	return s
}

func bound(v resource.PropertyValue, none float64) float64 {
	if !v.IsString() {
		return none
	}
	number, _ := strconv.ParseFloat(v.StringValue(), 64)
	return number
}

// pass lets a minute go by, with new messages: tasks work, then the alarms look.
func (s *simulation) pass(arriving int) {
	s.minute++
	s.waiting += arriving
	s.running += s.pending
	s.pending = max(0, s.desired-s.running)
	left := s.work[:0]
	for _, minutes := range s.work {
		if minutes > 1 {
			left = append(left, minutes-1)
		}
	}
	s.work = left
	for s.waiting > 0 && len(s.work) < s.running*s.concurrency {
		s.waiting--
		s.work = append(s.work, s.minutesPerMessage)
	}
	metrics := map[string]float64{"visible0": float64(s.waiting), "inflight0": float64(len(s.work)), "running": math.NaN()}
	if s.running > 0 {
		metrics["running"] = float64(s.running)
	}
	if s.silent(s.minute) {
		metrics["visible0"], metrics["inflight0"] = math.NaN(), math.NaN()
	}
	for _, rule := range s.rules {
		s.apply(rule, evaluate(rule.expression, metrics))
	}
	s.history = append(s.history, s.desired)
}

func (s *simulation) apply(rule *simulatedRule, value float64) {
	rule.breaching = append(rule.breaching, rule.comparison == "GreaterThanOrEqualToThreshold" && value >= rule.threshold ||
		rule.comparison == "LessThanOrEqualToThreshold" && value <= rule.threshold)
	if len(rule.breaching) < rule.periods {
		return
	}
	for _, breaching := range rule.breaching[len(rule.breaching)-rule.periods:] {
		if !breaching {
			return
		}
	}
	change := 0
	for _, step := range rule.steps {
		// AWS: a lower end belongs to the step above the threshold, an upper end to the step below it.
		distance := value - rule.threshold
		if step.low <= distance && distance < step.high || step.high <= 0 && distance == step.high {
			change = step.change
		}
	}
	if rule.adjustment == "ExactCapacity" {
		change -= s.desired
	}
	if s.minute-rule.last < rule.cooldown {
		if change <= rule.added {
			return
		}
		change -= rule.added
	} else {
		rule.added = 0
	}
	desired := min(max(s.desired+change, s.min), s.max)
	if desired == s.desired {
		return
	}
	if desired < s.desired && s.waiting+len(s.work) > 0 {
		s.removedAtWork = append(s.removedAtWork, fmt.Sprintf("minute %d: %d to %d tasks with %d messages waiting and %d in work", s.minute, s.desired, desired, s.waiting, len(s.work)))
	}
	rule.added += max(0, desired-s.desired)
	rule.last = s.minute
	s.desired = desired
	s.running = min(s.running, desired)
	s.pending = min(s.pending, desired-s.running)
}

// changes are the desired counts without repetitions.
func (s *simulation) changes() (changes []int) {
	last := s.min
	for _, count := range s.history {
		if count != last {
			changes = append(changes, count)
		}
		last = count
	}
	return changes
}

// evaluate is CloudWatch's metric math, as far as the rules use it; a missing data point is NaN.
func evaluate(expression ast.Expr, metrics map[string]float64) float64 {
	switch e := expression.(type) {
	case *ast.ParenExpr:
		return evaluate(e.X, metrics)
	case *ast.Ident:
		value, known := metrics[e.Name]
		if !known {
			panic("the alarm has no metric " + e.Name)
		}
		return value
	case *ast.BasicLit:
		number, err := strconv.ParseFloat(e.Value, 64)
		if err != nil {
			panic(err)
		}
		return number
	case *ast.BinaryExpr:
		x, y := evaluate(e.X, metrics), evaluate(e.Y, metrics)
		switch e.Op {
		case token.ADD:
			return x + y
		case token.SUB:
			return x - y
		case token.QUO:
			return x / y
		}
	case *ast.CallExpr:
		x := evaluate(e.Args[0], metrics)
		switch e.Fun.(*ast.Ident).Name {
		case "CEIL":
			return math.Ceil(x)
		case "FILL":
			if math.IsNaN(x) {
				return evaluate(e.Args[1], metrics)
			}
			return x
		}
	}
	panic(fmt.Sprintf("the simulation does not know the expression %#v", expression))
}
