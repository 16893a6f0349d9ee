// Package status tells whether a deployed stack works: its services, what requests reach, its queues, its database, its alarms.
package status

import (
	"fmt"
	"time"
)

// Report is how a stack is at one moment.
type Report struct {
	Stack    string    `json:"stack"`
	Time     time.Time `json:"time"`
	WebUrl   string    `json:"webUrl,omitempty"`
	Services []Service `json:"services"`
	Queues   []Queue   `json:"queues"`
	// Database is nil for a stack without.
	Database *Database `json:"database"`
	Alarms   []Alarm   `json:"alarms"`
	// Problems are sentences, one for each thing that is wrong. None: all is well.
	Problems []string `json:"problems"`
}

// Service is a service of ECS.
type Service struct {
	Name       string     `json:"name"`
	Service    string     `json:"service"`
	Running    int        `json:"running"`
	Pending    int        `json:"pending"`
	Desired    int        `json:"desired"`
	Deployment Deployment `json:"deployment"`
	Release    Release    `json:"release"`
	// Targets are empty for a service without requests.
	Targets []Target `json:"targets"`
	// Events are the last three things that ECS has said of the service, the newest first.
	Events []Event `json:"events"`
}

// Event is something that ECS has said.
type Event struct {
	Time    time.Time `json:"time"`
	Message string    `json:"message"`
}

// The states of a deployment.
const (
	Completed   = "completed"
	InProgress  = "in progress"
	Failed      = "failed"
	RolledBack  = "rolled back"
	RollingBack = "rolling back"
)

// Deployment is the last one of a service.
type Deployment struct {
	// State is Completed, InProgress, Failed, RolledBack or RollingBack.
	State string `json:"state"`
	// TaskDefinition is what it is to run, family:revision; the former one again once it was rolled back.
	TaskDefinition string    `json:"taskDefinition"`
	Reason         string    `json:"reason,omitempty"`
	Since          time.Time `json:"since"`
	// FailedTasks is how many of its tasks did not start or were not healthy.
	FailedTasks int `json:"failedTasks"`
}

// Release is what runs.
type Release struct {
	Image string `json:"image"`
	// TaskDefinition is family:revision. It was registered at Time by By, the name in the ARN of who did.
	TaskDefinition string    `json:"taskDefinition"`
	Time           time.Time `json:"time"`
	By             string    `json:"by,omitempty"`
}

// Target is a task as the load balancer sees it.
type Target struct {
	Address string `json:"address"`
	State   string `json:"state"`
	Reason  string `json:"reason,omitempty"`
}

// Queue is a queue, with about how many messages there are.
type Queue struct {
	Name        string `json:"name"`
	Waiting     int    `json:"waiting"`
	InWork      int    `json:"inWork"`
	DeadLetters int    `json:"deadLetters"`
	// OldestSeconds is how long the oldest message has waited; nil where CloudWatch does not say, as for a queue that nobody uses.
	OldestSeconds *float64 `json:"oldestSeconds"`
}

// Database is a cluster of Aurora.
type Database struct {
	Cluster   string `json:"cluster"`
	State     string `json:"state"`
	Instances int    `json:"instances"`
	// Capacity is in use now, in Aurora capacity units; nil where CloudWatch does not say. 0 is paused.
	Capacity    *float64 `json:"capacity"`
	MinCapacity float64  `json:"minCapacity"`
	MaxCapacity float64  `json:"maxCapacity"`
}

// Alarm is an alarm that tells people.
type Alarm struct {
	Name string `json:"name"`
	// State is OK, ALARM, INSUFFICIENT_DATA as CloudWatch has it, or MISSING.
	State  string `json:"state"`
	Reason string `json:"reason,omitempty"`
}

// judge finds what is wrong.
func (r *Report) judge() {
	for _, service := range r.Services {
		r.judgeService(service)
	}
	for _, queue := range r.Queues {
		if queue.DeadLetters > 0 {
			r.problem("%s: messages have failed for good, %d are in the dead-letter queue", queue.Name, queue.DeadLetters)
		}
	}
	if r.Database != nil && !working[r.Database.State] {
		r.problem("database: %s is %s", r.Database.Cluster, r.Database.State)
	}
	for _, alarm := range r.Alarms {
		switch alarm.State {
		case "ALARM":
			r.problem("alarm %s: %s", alarm.Name, alarm.Reason)
		case "MISSING":
			r.problem("alarm %s: it does not exist any more; pulumi refresh -s %s, then pulumi up", alarm.Name, r.Stack)
		}
	}
}

func (r *Report) judgeService(s Service) {
	switch s.Deployment.State {
	case Failed, RollingBack, RolledBack:
		r.problem("%s: the last deployment %s: %s", s.Name, map[string]string{
			Failed: "failed", RollingBack: "is being rolled back", RolledBack: "was rolled back",
		}[s.Deployment.State], s.Deployment.Reason)
	case InProgress:
		if s.Deployment.FailedTasks > 0 {
			r.problem("%s: tasks of the deployment that is on its way have failed, %d so far", s.Name, s.Deployment.FailedTasks)
		}
	default:
		if s.Running < s.Desired && s.Pending == 0 {
			r.problem("%s: %d of %d tasks run", s.Name, s.Running, s.Desired)
		}
	}
	healthy := 0
	for _, target := range s.Targets {
		switch target.State {
		case "healthy":
			healthy++
		case "unhealthy", "unavailable":
			r.problem("%s: %s is %s: %s", s.Name, target.Address, target.State, target.Reason)
		}
	}
	if s.Targets != nil && s.Desired > 0 && healthy == 0 {
		r.problem("%s: no task is healthy; the website is down", s.Name)
	}
}

// working are the states in which a cluster of Aurora answers.
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/accessing-monitoring.html
var working = map[string]bool{
	"available": true, "backing-up": true, "backtracking": false, "maintenance": true, "modifying": true, "preparing-data-migration": true,
	"promoting": true, "renaming": true, "resetting-master-credentials": true, "storage-optimization": true, "update-iam-db-auth": true, "upgrading": true,
}

func (r *Report) problem(format string, args ...any) {
	r.Problems = append(r.Problems, fmt.Sprintf(format, args...))
}
