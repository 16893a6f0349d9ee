// Package deploytime says what the time of a deployment is made of. It takes the resources and their dependencies from an exported state,
// and how long AWS takes for each from a table, and compares two graphs: what Pulumi waits for with this program, and what AWS itself
// needs. The longest way through the second is the least that any program could take.
//
// It is arithmetic on a model: as if everything that waits for nothing more began at once, and Pulumi took no time of its own.
package deploytime

import (
	"slices"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"slipway/internal/localaws"
)

// Step is a resource on a critical path.
type Step struct {
	Resource             *Resource
	Start, Duration, End time.Duration
}

// Edge is a resource, another one that it waits for or has to, and why.
type Edge struct {
	Of, On *Resource
	Reason string
}

// Report is what a deployment takes.
type Report struct {
	// Modelled is the time of the program's graph, and Path its critical path: each step begins when the one before it ends.
	Modelled time.Duration
	Path     []Step
	// Bound is the time of the graph that AWS needs, and BoundPath its critical path.
	Bound     time.Duration
	BoundPath []Step
	// Missing are edges that AWS needs and the program does not have, directly or through others.
	Missing []Edge
	// Superfluous are edges that the program has and AWS does not need.
	Superfluous []Edge
	// Explained are superfluous edges that stay for the reason that each has.
	Explained []Edge
}

// FirstDeployment reports on the making of all resources of a state.
func FirstDeployment(s *State) Report {
	return s.report(func(r *Resource) time.Duration {
		if r.External {
			return 0
		}
		return duration(localaws.Create, r)
	})
}

// Release reports on an update with new images and nothing else: they are built and pushed, a task definition that names one is registered
// anew, and the service that runs it deploys. Nothing else changes, so nothing else takes time.
func Release(s *State) Report {
	g := graph{s.made(), s.data(s.programmed())}
	var images []*Resource
	for _, r := range g.resources {
		if r.Type == "docker:index/image:Image" {
			images = append(images, r)
		}
	}
	definitions := g.users(images, "aws:ecs/taskDefinition:TaskDefinition")
	deploying := g.users(definitions, services...)
	return s.report(func(r *Resource) time.Duration {
		switch {
		case slices.Contains(images, r), slices.Contains(deploying, r):
			return duration(localaws.Update, r)
		case slices.Contains(definitions, r):
			return duration(localaws.Create, r)
		default:
			return 0
		}
	})
}

func duration(operation localaws.Operation, r *Resource) time.Duration {
	return localaws.TypicalDuration(operation, r.Type, resource.NewPropertyMapFromMap(r.Inputs))
}

func (s *State) report(took func(*Resource) time.Duration) Report {
	programmed := s.programmed()
	needed, reasons := s.needed(programmed)
	var report Report
	report.Modelled, report.Path = criticalPath(s.made(), programmed, took)
	report.Bound, report.BoundPath = criticalPath(s.made(), needed, took)
	report.Missing = missing(s.made(), programmed, needed, reasons)
	report.Superfluous, report.Explained = s.superfluous(programmed, needed)
	return report
}
