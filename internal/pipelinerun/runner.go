package pipelinerun

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"sync"

	"slipway/internal/localaws"
)

// Runner executes one pipeline. Its fields are set before the first Start.
type Runner struct {
	Account *localaws.Account
	// Pipeline is its name.
	Pipeline string
	// Dir is where every build gets a folder of its own, and where artifacts are.
	Dir string
	// Checkout returns the folder with the files of a commit, without git's own; an empty commit is the branch's newest, whose id is returned.
	Checkout func(action, commit string) (dir, id string, err error)
	// Environ is the environment of every build, besides what CodePipeline and CodeBuild give it.
	Environ []string
	// Approve answers an approval.
	Approve func(Approval) Answer
	// Holds tells whether an execution stays in a stage for now, as if its actions took that long. Default: none does.
	Holds func(e *Execution, stage string) bool
	// Log gets what builds print.
	Log io.Writer

	builds int

	mu         sync.Mutex // a build may start and stop executions
	executions []*Execution
}

// Approval is what a person is asked.
type Approval struct{ Stage, Link, Message string }

// Answer to an Approval.
type Answer int

// The answers.
const (
	Pending Answer = iota
	Approved
	Rejected
)

// Status of an execution.
type Status string

// The statuses, in CodePipeline's words.
const (
	InProgress Status = "InProgress"
	Succeeded  Status = "Succeeded"
	Failed     Status = "Failed"
	Stopped    Status = "Stopped"
	Superseded Status = "Superseded"
)

// Execution is one run of the pipeline.
type Execution struct {
	ID     string
	Status Status
	// Stage is where it is, or where it ended.
	Stage string
	// Ran and Skipped are the stages that were run and left out, in order.
	Ran, Skipped []string
	// Err is why it failed.
	Err error

	definition definition
	revisions  map[string]string
	next       int  // index of the stage that it enters next
	inside     bool // it is in the stage Stage, and not yet through
	stopping   bool
	variables  map[string]map[string]string
	artifacts  map[string]string // the files, by name
}

// Variable is one that an action of the execution has left.
func (e *Execution) Variable(namespace, name string) string { return e.variables[namespace][name] }

// Start begins an execution. Revisions are commits, by source action; where there is none, the branch's newest is taken.
func (r *Runner) Start(revisions map[string]string) (*Execution, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := &Execution{
		ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", len(r.executions)+1), Status: InProgress, revisions: revisions,
		variables: map[string]map[string]string{}, artifacts: map[string]string{},
	}
	e.variables["codepipeline"] = map[string]string{"PipelineExecutionId": e.ID}
	if err := find(r.Account, pipelineType, r.Pipeline, &e.definition); err != nil {
		return nil, err
	}
	if e.definition.ExecutionMode != "SUPERSEDED" {
		return nil, fmt.Errorf("only the execution mode SUPERSEDED is executed here, got %s", e.definition.ExecutionMode)
	}
	r.executions = append(r.executions, e)
	return e, nil
}

// Stop ends an execution behind the action that runs.
func (r *Runner) Stop(id string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.executions {
		if e.ID == id && e.Status == InProgress {
			e.stopping = true
			return nil
		}
	}
	return fmt.Errorf("PipelineExecutionNotFoundException: %s is not in progress", id)
}

// Find is the execution with an id, or the last one.
func (r *Runner) Find(id string) *Execution {
	for _, e := range slices.Backward(r.all()) {
		if e.ID == id || id == "" {
			return e
		}
	}
	return nil
}

// all are the executions so far.
func (r *Runner) all() []*Execution {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.executions)
}

// isStopping tells whether an execution is to end behind the action that has run.
func (r *Runner) isStopping(e *Execution) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return e.stopping
}

// Run goes on with all executions until each has ended, waits for an answer, or for another one to leave a stage.
func (r *Runner) Run(ctx context.Context) error {
	for moved := true; moved; {
		moved = false
		for _, e := range r.all() { // one may start another, which is for the next round
			for e.Status == InProgress {
				progress, err := r.step(ctx, e)
				if err != nil {
					return err
				}
				if !progress {
					break
				}
				moved = true
			}
		}
	}
	return ctx.Err()
}

// step enters the next stage, if that is free, or goes on in the one that it is in.
func (r *Runner) step(ctx context.Context, e *Execution) (progress bool, err error) {
	if r.isStopping(e) {
		e.Status = Stopped
		return true, nil
	}
	if e.next == len(e.definition.Stages) {
		e.Status = Succeeded
		return true, nil
	}
	s := e.definition.Stages[e.next]
	if !e.inside {
		if r.occupied(e, s.Name) {
			r.supersede(e, s.Name)
			return false, nil
		}
		enters, err := e.enters(s)
		if err != nil {
			e.fail(err)
			return true, nil
		}
		if !enters {
			e.Skipped = append(e.Skipped, s.Name)
			e.next++
			return true, nil
		}
		e.inside, e.Stage = true, s.Name
	}
	if r.Holds != nil && r.Holds(e, s.Name) {
		return false, nil
	}
	done, err := r.act(ctx, e, s)
	if err != nil {
		e.fail(fmt.Errorf("stage %s: %w", s.Name, err))
		return true, nil
	}
	if !done {
		return false, nil
	}
	e.Ran = append(e.Ran, s.Name)
	e.next, e.inside = e.next+1, false
	return true, nil
}

func (e *Execution) fail(err error) { e.Status, e.Err, e.inside = Failed, err, false }

// occupied tells whether another execution is in a stage.
func (r *Runner) occupied(e *Execution, stage string) bool {
	return slices.ContainsFunc(r.all(), func(other *Execution) bool {
		return other != e && other.Status == InProgress && other.inside && other.Stage == stage
	})
}

// supersede takes the place of older executions that wait for the same stage.
func (r *Runner) supersede(e *Execution, stage string) {
	for _, other := range r.all() {
		if other == e {
			return // the others are newer
		}
		if other.Status == InProgress && !other.inside && other.next < len(other.definition.Stages) && other.definition.Stages[other.next].Name == stage {
			other.Status = Superseded
		}
	}
}

// act runs the actions of a stage. It is not done while an approval waits.
func (r *Runner) act(ctx context.Context, e *Execution, s stage) (done bool, err error) {
	for _, a := range s.Actions {
		switch a.Category + " " + a.Provider {
		case "Source CodeStarSourceConnection":
			err = r.source(e, a)
		case "Build CodeBuild":
			err = r.build(ctx, e, a)
		case "Approval Manual":
			answer, err := r.approval(e, s, a)
			if err != nil || answer == Pending {
				return false, err
			}
			if answer == Rejected {
				return false, errors.New("the approval was rejected")
			}
		default:
			err = fmt.Errorf("actions of %s are not executed here", a.Provider)
		}
		if err != nil {
			return false, fmt.Errorf("action %s: %w", a.Name, err)
		}
	}
	return true, nil
}

// source leaves the files of a commit as an artifact.
func (r *Runner) source(e *Execution, a action) error {
	if err := r.May(e.definition.RoleArn, "codeconnections:UseConnection", a.Configuration["ConnectionArn"]); err != nil {
		return err
	}
	dir, id, err := r.Checkout(a.Name, e.revisions[a.Name])
	if err != nil {
		return err
	}
	e.variables[a.Namespace] = map[string]string{"CommitId": id, "BranchName": a.Configuration["BranchName"], "FullRepositoryName": a.Configuration["FullRepositoryId"]}
	return r.keep(e, e.definition.RoleArn, a.OutputArtifacts[0], dir, []string{"**/*"})
}

// approval asks a person, who hears of it by the topic.
func (r *Runner) approval(e *Execution, s stage, a action) (Answer, error) {
	if err := r.May(e.definition.RoleArn, "sns:Publish", a.Configuration["NotificationArn"]); err != nil {
		return Pending, err
	}
	link, err := e.resolve(a.Configuration["ExternalEntityLink"])
	if err != nil {
		return Pending, err
	}
	message, err := e.resolve(a.Configuration["CustomData"])
	if err != nil {
		return Pending, err
	}
	return r.Approve(Approval{Stage: s.Name, Link: link, Message: message}), nil
}

// May is an error unless the policies as they are deployed let a role do something.
func (r *Runner) May(role, act, resource string) error {
	decision, err := r.Account.Authorize(localaws.Call{Principal: role, Action: act, Resource: resource, Context: map[string][]string{"aws:RequestedRegion": {"us-east-1"}},
		ResourceTags: r.tags(resource)})
	if err == nil && !decision.Allowed {
		err = fmt.Errorf("AccessDenied: %s is not authorized to perform: %s on resource: %s: %s", filepath.Base(role), act, resource, decision)
	}
	return err
}

// tags are those of what has an ARN.
func (r *Runner) tags(arn string) map[string]string {
	tags := map[string]string{}
	found, _ := r.Account.Find(arn)
	for _, o := range found {
		of, _ := o.Properties["tagsAll"].(map[string]any)
		for key, value := range of {
			tags[key], _ = value.(string)
		}
	}
	return tags
}
