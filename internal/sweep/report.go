package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// report is what the sweep has found.
type report struct {
	Rows     []row     `json:"rows"`
	Total    counts    `json:"total"`
	Problems []problem `json:"problems"`
	Seconds  float64   `json:"seconds"`
}

// row is what became of one way to fail in one deployment.
type row struct {
	Environment string `json:"environment"`
	Deployment  string `json:"deployment"`
	Way         string `json:"way"`
	counts
}

type counts struct {
	// Calls are those that the deployment makes and that can fail so.
	Calls int `json:"calls"`
	// Runs are what was tried: one for each call and way. A call that is refused is so three times in a run.
	Runs int `json:"runs"`
	// Failed is how many times calls have failed, with an error that names the resource.
	Failed int `json:"failed"`
	// Again is how many runs had done everything after the same command, given again.
	Again int `json:"again"`
	// Orphans is how many things existed then that no state had. They are removed by recovery.
	Orphans int `json:"orphans"`
	// Converged is how many runs ended as they should, and Unowned how many things nobody owned at the end.
	Converged int `json:"converged"`
	Unowned   int `json:"unowned"`
}

func (c *counts) add(o outcome) {
	c.Runs++
	c.Failed += o.failed
	c.Orphans += len(o.orphans)
	c.Unowned += len(o.left)
	if o.again {
		c.Again++
	}
	if o.problem == "" {
		c.Converged++
	}
}

type problem struct {
	Run     string `json:"run"`
	Problem string `json:"problem"`
}

func newReport(deployments []prepared, outcomes []outcome, took time.Duration) report {
	r := report{Rows: []row{}, Problems: []problem{}, Seconds: took.Seconds()}
	for i := range deployments {
		d := &deployments[i]
		r.Total.Calls += len(d.calls)
		for _, way := range ways {
			line := row{Environment: d.environment.name, Deployment: d.deployment.name, Way: way.name}
			for _, t := range allTrials(deployments[i : i+1]) {
				if t.way.name == way.name {
					line.Calls++
				}
			}
			for _, o := range outcomes {
				if o.trial.prepared == d && o.trial.way.name == way.name {
					line.add(o)
				}
			}
			if line.Calls > 0 {
				r.Rows = append(r.Rows, line)
			}
		}
	}
	for _, o := range outcomes {
		r.Total.add(o)
		if o.problem != "" {
			r.Problems = append(r.Problems, problem{o.trial.String(), o.problem})
		}
	}
	return r
}

// verdict is an error when a run has not converged or something is left unowned.
func (r report) verdict() error {
	if r.Total.Converged != r.Total.Runs || r.Total.Unowned != 0 {
		return fmt.Errorf("%d of %d runs did not converge, and %d things were left unowned", r.Total.Runs-r.Total.Converged, r.Total.Runs, r.Total.Unowned)
	}
	return nil
}

func (r report) writeJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}

func (r report) writeTable(w io.Writer) error {
	var err error
	write := func(w io.Writer, format string, values ...any) {
		_, lineErr := fmt.Fprintf(w, format, values...)
		err = errors.Join(err, lineErr)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	write(table, "ENVIRONMENT\tDEPLOYMENT\tCALLS ARE\tCALLS\t RUNS\tFAILED\tAGAIN\tORPHANS\tCONVERGED\tUNOWNED\n")
	for _, l := range append(r.Rows, row{Environment: "all", counts: r.Total}) {
		write(table, "%s\t%s\t%s\t%5d\t%5d\t%6d\t%5d\t%7d\t%9d\t%7d\n",
			l.Environment, l.Deployment, l.Way, l.Calls, l.Runs, l.Failed, l.Again, l.Orphans, l.Converged, l.Unowned)
	}
	err = errors.Join(err, table.Flush())
	for _, p := range r.Problems {
		write(w, "\n%s: %s\n", p.Run, p.Problem)
	}
	write(w, "\n%d calls were failed in %s: %d of %d runs converged, %d things were left unowned.\n",
		r.Total.Failed, time.Duration(r.Seconds*float64(time.Second)).Round(time.Second), r.Total.Converged, r.Total.Runs, r.Total.Unowned)
	return err
}
