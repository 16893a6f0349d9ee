package components_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/components"
)

// policies are the ways to scale, each to be held to the same.
var policies = map[string]func(*components.QueueWorkersArgs){
	"default steps": nil,
	"own steps": func(args *components.QueueWorkersArgs) {
		args.Steps = []components.ScalingStep{{Lower: new(20), Change: 4}, {Upper: new(0), Change: -2}, {Lower: new(1), Change: 1}}
	},
	"backlog per task": func(args *components.QueueWorkersArgs) {
		args.Backlog = &components.BacklogPerTask{LatencySeconds: 300, SecondsPerMessage: 60}
	},
}

// eachPolicy runs a test for each way to scale.
func eachPolicy(t *testing.T, test func(*testing.T, *recorder)) {
	for name, change := range policies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, runWorkers(t, change))
		})
	}
}

func TestOneMessageWakesOneWorker(t *testing.T) {
	t.Parallel()
	eachPolicy(t, func(t *testing.T, r *recorder) {
		s := simulate(t, r)
		for range 10 {
			s.pass(0)
		}
		require.Empty(t, s.changes(), "nothing runs without work")
		s.pass(1)
		assert.Equal(t, 1, s.desired, "the first minute in which the message is seen")
		for range 30 {
			s.pass(0)
		}
		assert.Equal(t, []int{1, 0}, s.changes(), "one task, once, and back to none")
		assert.Zero(t, s.waiting+len(s.work), "the message is done")
	})
}

func TestALongTaskKeepsItsWorker(t *testing.T) {
	t.Parallel()
	eachPolicy(t, func(t *testing.T, r *recorder) {
		s := simulate(t, r)
		s.minutesPerMessage = 90
		s.pass(1)
		for range 85 {
			s.pass(0)
		}
		assert.Equal(t, []int{1}, s.changes(), "no message is visible all that time, and no task is removed or added")
		for range 30 {
			s.pass(0)
		}
		assert.Equal(t, []int{1, 0}, s.changes())
	})
}

func TestABurstIsWorkedOffWithoutFlapping(t *testing.T) {
	t.Parallel()
	eachPolicy(t, func(t *testing.T, r *recorder) {
		s := simulate(t, r)
		s.pass(600)
		most, done := 0, 0
		for minute := range 200 {
			s.pass(0)
			most = max(most, s.desired)
			if done == 0 && s.waiting+len(s.work) == 0 {
				done = minute
			}
		}
		assert.Equal(t, s.max, most, "all the tasks that are allowed help")
		assert.NotZero(t, done)
		assert.Less(t, done, 60, "600 messages, 20 a minute with ten tasks")
		assert.Zero(t, s.desired, "back to none")
		assert.Empty(t, s.removedAtWork)
		changes := s.changes()
		for i := 1; i < len(changes); i++ {
			falling := i > 0 && changes[i] < changes[i-1]
			if falling {
				assert.IsDecreasing(t, changes[i-1:], "once tasks are removed, none is added: %v", changes)
				break
			}
		}
	})
}

func TestSteadyWorkKeepsTheCount(t *testing.T) {
	t.Parallel()
	eachPolicy(t, func(t *testing.T, r *recorder) {
		s := simulate(t, r)
		for minute := range 240 {
			s.pass(1 - minute%3/2) // two messages in three minutes
		}
		assert.Equal(t, 1, s.changes()[0])
		assert.LessOrEqual(t, len(s.changes()), 1, "%v", s.changes())
	})
}

// TestASilentMinuteIsNotAnIdleOne: SQS's figures are missing at times, and no figure is not zero messages.
func TestASilentMinuteIsNotAnIdleOne(t *testing.T) {
	t.Parallel()
	eachPolicy(t, func(t *testing.T, r *recorder) {
		s := simulate(t, r)
		s.minutesPerMessage = 60
		s.silent = func(minute int) bool { return minute > 5 && minute < 50 }
		s.pass(1)
		for range 50 {
			s.pass(0)
		}
		assert.Equal(t, []int{1}, s.changes())
	})
}

func TestScalingHoldsForAnyArrivals(t *testing.T) {
	t.Parallel()
	eachPolicy(t, func(t *testing.T, r *recorder) {
		test := t
		rapid.Check(t, func(t *rapid.T) {
			s := simulate(test, r)
			s.minutesPerMessage = rapid.IntRange(1, 20).Draw(t, "minutes per message")
			arrivals := rapid.SliceOfN(rapid.OneOf(rapid.Just(0), rapid.IntRange(0, 3), rapid.IntRange(0, 200)), 1, 40).Draw(t, "arrivals")
			quiet := rapid.IntRange(0, 12).Draw(t, "quiet minutes between")
			for _, arriving := range arrivals {
				s.pass(arriving)
				if arriving > 0 && s.desired == 0 {
					t.Fatalf("minute %d: messages wait and no task is asked for", s.minute)
				}
				for range quiet {
					s.pass(0)
				}
			}
			for range 10000 {
				if s.desired == 0 && s.waiting+len(s.work) == 0 {
					break
				}
				s.pass(0)
			}
			if s.desired != 0 || s.waiting+len(s.work) > 0 {
				t.Fatalf("%d tasks, %d messages waiting and %d in work for ever", s.desired, s.waiting, len(s.work))
			}
			if len(s.removedAtWork) > 0 {
				t.Fatalf("tasks were removed with work to do: %s", strings.Join(s.removedAtWork, "; "))
			}
		})
	})
}

func TestBacklogAddsWhatLacksAndNoMore(t *testing.T) {
	t.Parallel()
	for burst, want := range map[int]int{1: 1, 10: 1, 11: 2, 30: 2, 50: 4, 81: 8, 1000: 8} { // ten messages for each task; steps add 1, 2, 4, 8
		s := simulate(t, runWorkers(t, policies["backlog per task"]))
		s.pass(burst)
		assert.Equal(t, want, s.desired, "%d messages", burst)
	}
}

func TestTheScalingPoliciesAreTwoAndNotByCpu(t *testing.T) {
	t.Parallel()
	eachPolicy(t, func(t *testing.T, r *recorder) {
		require.Len(t, r.all(scalingPolicy), 2)
		for _, policy := range r.all(scalingPolicy) {
			assert.Equal(t, "StepScaling", policy.Inputs["policyType"].StringValue(), policy.Name)
			assert.Equal(t, "service/main/workers-service-1234567", policy.Inputs["resourceId"].StringValue())
		}
	})
}

func TestScalingLooksAtEveryQueue(t *testing.T) {
	t.Parallel()
	r := queueRecorder()
	require.NoError(t, r.run(func(ctx *pulumi.Context) error {
		queue, err := components.NewQueue(ctx, "queue", nil)
		if err != nil {
			return err
		}
		reports, err := components.NewQueue(ctx, "reports", &components.QueueArgs{Variable: "REPORTS_QUEUE_URL"})
		if err != nil {
			return err
		}
		args := workersInputs(queue)
		args.Queues = append(args.Queues, reports)
		_, err = components.NewQueueWorkers(ctx, "workers", args)
		return err
	}))
	for name, expression := range map[string]string{
		"workers-scale-out": "FILL(visible0, 0) + FILL(visible1, 0)",
		"workers-scale-in":  "visible0 + visible1 + inflight0 + inflight1",
	} {
		queues := map[string]bool{}
		for _, query := range r.find(t, metricAlarm, name).Inputs["metricQueries"].ArrayValue() {
			query := query.ObjectValue()
			if query["returnData"].BoolValue() {
				assert.Equal(t, expression, query["expression"].StringValue())
				continue
			}
			queues[object(t, object(t, query, "metric"), "dimensions")["QueueName"].StringValue()] = true
		}
		assert.Equal(t, map[string]bool{"queue-queue-1234567": true, "reports-queue-1234567": true}, queues, name)
	}
	assert.Contains(t, r.find(t, taskDefinition, "workers-task").Inputs["containerDefinitions"].StringValue(), `"REPORTS_QUEUE_URL"`)
}
