package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"slipway/internal/deploytime"
)

// deployment is one deployment on an embedded AWS that takes its time, and the model of it. All times are those of AWS.
type deployment struct {
	Stack string `json:"stack"`
	What  string `json:"what"`
	// Faster is how many times faster than AWS the embedded one was.
	Faster float64 `json:"faster"`
	// WallSeconds is what `pulumi up` took there, and TakenSeconds as many times as much: what Pulumi took itself counts as many times, too.
	WallSeconds  float64 `json:"wallSeconds"`
	TakenSeconds float64 `json:"takenSeconds"`
	// OverheadSeconds is what WallSeconds has beside the model's time: Pulumi, the program, and what other programs take from them.
	OverheadSeconds float64 `json:"overheadSeconds"`
	// BoundSeconds is the longest chain of dependencies that AWS imposes, and ModelledSeconds that of the program.
	BoundSeconds    float64 `json:"boundSeconds"`
	ModelledSeconds float64 `json:"modelledSeconds"`
	TakenPerBound   float64 `json:"takenPerBound"`
	// Missing and Superfluous are edges of the program's graph: "a -> b" is that a has to wait for b, or does so without need.
	Missing     []string `json:"missing"`
	Superfluous []string `json:"superfluous"`
	// Explained is how many edges AWS does not need stay, by the reason.
	Explained map[string]int `json:"explained"`
	// CriticalPath is the program's, by the model, and BoundPath that of AWS.
	CriticalPath []step `json:"criticalPath"`
	BoundPath    []step `json:"boundPath"`
}

// step is a resource on the critical path.
type step struct {
	Resource     string  `json:"resource"`
	StartSeconds float64 `json:"startSeconds"`
	Seconds      float64 `json:"seconds"`
	EndSeconds   float64 `json:"endSeconds"`
}

// parallel is how many resources Pulumi makes at a time, as docs/deploying.md advises. Its own default is four for each CPU: on two CPUs
// endpoints, certificates and a load balancer have the database wait.
const parallel = "64"

// releaseSpeed is for how many times faster than AWS releases are measured. They are a fifth as long as first deployments: at a fifth of
// the speed Pulumi's own time weighs the same in both. Slower than AWS is for those who ask for it.
func releaseSpeed(faster float64) float64 { return max(faster/5, min(faster, 1)) }

// timeDeployments measures the first deployment of staging and of production, and a release of staging: a line of the application's source
// has changed.
func timeDeployments(ctx context.Context, project project, options options) (deployments []deployment, err error) {
	for _, d := range []struct {
		stack, what string
		faster      float64
		prepare     func(stack string) error
		model       func(*deploytime.State) deploytime.Report
	}{
		{"staging", "first deployment", options.faster, project.create(ctx), deploytime.FirstDeployment},
		{"staging", "release", releaseSpeed(options.faster), project.changeSource, deploytime.Release},
		{"prod", "first deployment", options.faster, project.create(ctx), deploytime.FirstDeployment},
	} {
		if err := d.prepare(d.stack); err != nil {
			return nil, err
		}
		project.latency = strconv.FormatFloat(d.faster, 'f', -1, 64)
		fmt.Fprintf(options.log, "bench: %s: %s, %v times faster than AWS ... ", d.stack, d.what, d.faster)
		m, err := project.pulumi(ctx, "", "up", "--yes", "--skip-preview", "--parallel", parallel, "-s", d.stack)
		if err != nil {
			fmt.Fprintln(options.log, "failed")
			return nil, err
		}
		fmt.Fprintln(options.log, m.wall.Round(time.Millisecond))
		exported, err := project.pulumi(ctx, "", "stack", "export", "-s", d.stack)
		if err != nil {
			return nil, err
		}
		state, err := deploytime.ReadState(exported.stdout)
		if err != nil {
			return nil, err
		}
		deployments = append(deployments, newDeployment(d.stack, d.what, d.faster, m.wall, d.model(state)))
	}
	return deployments, nil
}

// create makes an empty stack, which is not measured: a stack is created once.
func (p project) create(ctx context.Context) func(stack string) error {
	return func(stack string) error {
		_, err := p.pulumi(ctx, "", "stack", "init", stack)
		return err
	}
}

// changeSource adds a line to the application's source.
func (p project) changeSource(string) error {
	file, err := os.OpenFile(filepath.Join(p.dir, "docker", "app", "todo", "api.py"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteString("# one more line\n")
	return errors.Join(err, file.Close())
}

func newDeployment(stack, what string, faster float64, wall time.Duration, model deploytime.Report) deployment {
	d := deployment{
		Stack: stack, What: what, Faster: faster,
		WallSeconds:     wall.Seconds(),
		TakenSeconds:    wall.Seconds() * faster,
		OverheadSeconds: wall.Seconds() - model.Modelled.Seconds()/faster,
		BoundSeconds:    model.Bound.Seconds(),
		ModelledSeconds: model.Modelled.Seconds(),
		Missing:         edgeNames(model.Missing),
		Superfluous:     edgeNames(model.Superfluous),
		Explained:       map[string]int{},
		CriticalPath:    steps(model.Path),
		BoundPath:       steps(model.BoundPath),
	}
	if d.BoundSeconds > 0 {
		d.TakenPerBound = d.TakenSeconds / d.BoundSeconds
	}
	for _, edge := range model.Explained {
		d.Explained[edge.Reason]++
	}
	return d
}

func steps(path []deploytime.Step) (steps []step) {
	for _, s := range path {
		steps = append(steps, step{s.Resource.String(), s.Start.Seconds(), s.Duration.Seconds(), s.End.Seconds()})
	}
	return steps
}

func edgeNames(edges []deploytime.Edge) []string {
	names := []string{}
	for _, edge := range edges {
		names = append(names, fmt.Sprintf("%s -> %s", edge.Of, edge.On))
	}
	return names
}

// writeDeployments writes the times of deployments for people: a line for each, and then the critical paths.
func writeDeployments(w io.Writer, deployments []deployment) error {
	var err error
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	write := func(format string, values ...any) {
		_, lineErr := fmt.Fprintf(table, format, values...)
		err = errors.Join(err, lineErr)
	}
	write("STACK\tDEPLOYMENT\tFASTER\tOVERHEAD\t   TAKEN\t   BOUND\tTAKEN/BOUND\tEDGES MISSING\tEDGES TOO MANY\n")
	for _, d := range deployments {
		write("%s\t%s\t%6v\t%6.1f s\t%6.1f s\t%6.1f s\t%11.3f\t%13d\t%14d\n", d.Stack, d.What, d.Faster, d.OverheadSeconds, d.TakenSeconds, d.BoundSeconds, d.TakenPerBound, len(d.Missing), len(d.Superfluous))
	}
	for i, d := range deployments {
		write("\n%s, %s: critical path, %.1f s by the model\n", d.Stack, d.What, d.ModelledSeconds)
		write("   START\t   TAKES\t     END\tRESOURCE\n")
		for _, s := range d.CriticalPath {
			write("%6.1f s\t%6.1f s\t%6.1f s\t%s\n", s.StartSeconds, s.Seconds, s.EndSeconds, s.Resource)
		}
		if i > 0 && deployments[i-1].Stack == d.Stack {
			continue // a release has the graph of the deployment before it
		}
		for _, edge := range d.Missing {
			write("missing: %s\n", edge)
		}
		for _, edge := range d.Superfluous {
			write("too many: %s\n", edge)
		}
		for _, reason := range slices.Sorted(maps.Keys(d.Explained)) {
			write("edges that stay without need: %d, as %s\n", d.Explained[reason], reason)
		}
	}
	return errors.Join(err, table.Flush())
}
