package config

import (
	"errors"

	"slipway/components"
	"slipway/internal/limits"
)

// Queue configures components.Queue.
type Queue struct {
	VisibilityTimeout int
	MaxReceiveCount   int
	MaxMessageAge     int
}

// Workers configures components.QueueWorkers.
type Workers struct {
	Enabled            bool
	Command            []string
	Environment        map[string]string
	Cpu, Memory        int
	Concurrency        int
	MinCount, MaxCount int
	IdleMinutes        int
	Steps              []components.ScalingStep
	LatencySeconds     int
	SecondsPerMessage  float64
	SpotWeight         int
	StopTimeout        int
	Schedules          map[string]components.Schedule
}

// Backlog is what the tasks are to keep up with, or nil where they follow the depth of the queue.
func (w Workers) Backlog() *components.BacklogPerTask {
	if w.LatencySeconds == 0 {
		return nil
	}
	return &components.BacklogPerTask{LatencySeconds: w.LatencySeconds, SecondsPerMessage: w.SecondsPerMessage, Concurrency: w.Concurrency}
}

func (r *reader) queue() Queue {
	return Queue{
		VisibilityTimeout: r.integer("queueVisibilityTimeout", 300, func(seconds int) error {
			if seconds < 30 {
				return errors.New("seconds from 30 to 43200, and more than the longest task takes")
			}
			return limits.VisibilityTimeout(seconds)
		}),
		MaxReceiveCount: r.integer("queueMaxReceiveCount", 3, limits.MaxReceiveCount),
		MaxMessageAge:   r.integer("queueMaxMessageAge", 1800, limits.MessageRetention),
	}
}

func (r *reader) workers() Workers {
	w := Workers{
		Enabled:     r.boolean("queueWorkers", true),
		Command:     r.list("workerCommand", []string{"worker"}, nil),
		Environment: r.pairs("workerEnvironment", variable),
		Cpu:         r.integer("workerCpu", 256, limits.FargateCPU),
		Concurrency: r.integer("workerConcurrency", 2, func(messages int) error {
			if messages < 1 || messages > 64 {
				return errors.New("a number of messages from 1 to 64")
			}
			return nil
		}),
		MinCount: r.integer("workerMinCount", 0, limits.TaskCount),
		IdleMinutes: r.integer("workerIdleMinutes", 5, func(minutes int) error {
			if minutes < 2 || minutes > 60 {
				return errors.New("minutes from 2 to 60")
			}
			return nil
		}),
		LatencySeconds: r.integer("workerLatencySeconds", 0, func(seconds int) error {
			if seconds < 0 {
				return errors.New("seconds, or 0 for none")
			}
			return nil
		}),
		SecondsPerMessage: r.number("workerSecondsPerMessage", 1, func(seconds float64) error {
			if seconds <= 0 {
				return errors.New("seconds above 0")
			}
			return nil
		}),
		SpotWeight: r.integer("workerSpotWeight", 0, func(v int) error { return limits.Percent(v, 0) }),
		StopTimeout: r.integer("workerStopTimeout", 120, func(seconds int) error {
			if seconds < 11 || seconds > 120 {
				return errors.New("seconds from 11 to 120; a worker keeps the last 10 to give messages back")
			}
			return nil
		}),
		Steps:     objects[[]components.ScalingStep](r, "workerSteps", "a list of steps such as [{upper: 0, change: -1}, {lower: 1, change: 1}]"),
		Schedules: r.schedules(),
	}
	w.Memory = r.integer("workerMemory", 512, memoryFor(w.Cpu))
	w.MaxCount = r.integer("workerMaxCount", 10, noLessThan(w.MinCount, r.prefix+"workerMinCount"))
	return w
}

// schedules reads the jobs by name.
func (r *reader) schedules() map[string]components.Schedule {
	const key = "schedules"
	jobs := objects[map[string]components.Schedule](r, key, `an object of jobs such as {clear-sessions: {expression: "cron(0 3 * * ? *)", command: [python3, manage.py, clearsessions]}}`)
	for name, job := range jobs {
		at := r.prefix + key + "." + name
		r.wrong.Check(at+".expression", job.Expression, limits.ScheduleExpression(job.Expression))
		if job.TimeZone != "" {
			r.wrong.Check(at+".timeZone", job.TimeZone, limits.ScheduleTimeZone(job.TimeZone))
		}
		if len(job.Command) == 0 {
			r.wrong.Add(at+".command", nil, "a list of texts such as [python3, manage.py, clearsessions]")
		}
	}
	return jobs
}
