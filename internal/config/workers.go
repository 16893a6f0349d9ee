package config

import (
	"errors"
	"maps"
	"slices"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/components"
	"slipway/internal/limits"
)

func (r *reader) queue(env environment) *components.QueueArgs {
	return &components.QueueArgs{
		VisibilityTimeout: r.integer("queueVisibilityTimeout", 300, func(seconds int) error {
			if seconds < 30 {
				return errors.New("seconds from 30 to 43200, and more than the longest task takes")
			}
			return limits.VisibilityTimeout(seconds)
		}),
		MaxReceiveCount: r.integer("queueMaxReceiveCount", 3, limits.MaxReceiveCount),
		MaxMessageAge:   r.integer("queueMaxMessageAge", 1800, limits.MessageRetention),
		Ephemeral:       env.ephemeral,
	}
}

// workers reads what is the workers' own. The rest they have in common with the web service, whose application they run.
func (r *reader) workers(env environment, web *components.WebServiceArgs) *components.QueueWorkersArgs {
	cpu := r.integer("workerCpu", 256, limits.FargateCPU)
	minCount := r.integer("workerMinCount", 0, limits.TaskCount)
	concurrency := r.integer("workerConcurrency", 2, func(messages int) error {
		if messages < 1 || messages > 64 {
			return errors.New("a number of messages from 1 to 64")
		}
		return nil
	})
	variables := map[string]pulumi.StringInput{"CELERY_CONCURRENCY": pulumi.String(strconv.Itoa(concurrency))}
	maps.Copy(variables, r.variables("workerEnvironment"))
	return &components.QueueWorkersArgs{
		Command:        r.list("workerCommand", []string{"worker"}, nil),
		ReleaseCommand: web.ReleaseCommand,
		User:           web.User,
		Environment:    variables,
		Secrets:        maps.Clone(web.Secrets),
		Architecture:   web.Architecture,
		Cpu:            cpu,
		Memory:         r.integer("workerMemory", 512, memoryFor(cpu)),
		SpotWeight:     r.integer("workerSpotWeight", 0, func(v int) error { return limits.Percent(v, 0) }),
		StopTimeout: r.integer("workerStopTimeout", 120, func(seconds int) error {
			if seconds < 11 || seconds > 120 {
				return errors.New("seconds from 11 to 120; a worker keeps the last 10 to give messages back")
			}
			return nil
		}),
		MinCount: minCount,
		MaxCount: r.integer("workerMaxCount", 10, noLessThan(minCount, r.prefix+"workerMinCount")),
		IdleMinutes: r.integer("workerIdleMinutes", 5, func(minutes int) error {
			if minutes < 2 || minutes > 60 {
				return errors.New("minutes from 2 to 60")
			}
			return nil
		}),
		Steps:                  objects[[]components.ScalingStep](r, "workerSteps", "a list of steps such as [{upper: 0, change: -1}, {lower: 1, change: 1}]"),
		Backlog:                r.backlog(concurrency),
		Schedules:              r.schedules(),
		EnableExecuteCommand:   web.EnableExecuteCommand,
		ReadonlyRootFilesystem: web.ReadonlyRootFilesystem,
		LogRetentionDays:       env.logRetentionDays,
		Ephemeral:              env.ephemeral,
	}
}

// backlog is what the tasks are to keep up with, or nil where they follow the depth of the queue.
func (r *reader) backlog(concurrency int) *components.BacklogPerTask {
	latency := r.integer("workerLatencySeconds", 0, func(seconds int) error {
		if seconds != 0 && limits.WorkLatency(seconds) != nil {
			return errors.New("seconds to 43200, or 0 for none")
		}
		return nil
	})
	perMessage := r.number("workerSecondsPerMessage", 1, limits.WorkSeconds)
	if latency == 0 {
		return nil
	}
	return &components.BacklogPerTask{LatencySeconds: latency, SecondsPerMessage: perMessage, Concurrency: concurrency}
}

// schedules reads the jobs by name.
func (r *reader) schedules() map[string]components.Schedule {
	const key = "schedules"
	jobs := objects[map[string]components.Schedule](r, key, `an object of jobs such as {clear-sessions: {expression: "cron(0 3 * * ? *)", command: [python3, manage.py, clearsessions]}}`)
	for _, name := range slices.Sorted(maps.Keys(jobs)) {
		job := jobs[name]
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
