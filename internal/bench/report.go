package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"
)

// report is what was measured, and on what.
type report struct {
	OS   string `json:"os"`
	Arch string `json:"arch"`
	CPUs int    `json:"cpus"`
	Rows []row  `json:"rows"`
	// Deployments are those on an embedded AWS that takes its time.
	Deployments []deployment `json:"deployments"`
}

// row is one command on one stack. Times are medians of the runs, memory is their maximum.
type row struct {
	Stack              string  `json:"stack"`
	Resources          int     `json:"resources"`
	Command            string  `json:"command"`
	Runs               int     `json:"runs"`
	WallSeconds        float64 `json:"wallSeconds"`
	CPUSeconds         float64 `json:"cpuSeconds"`
	MemoryBytes        int64   `json:"memoryBytes"`
	SecondsPerResource float64 `json:"secondsPerResource"` // of wall time
}

func newReport() report {
	return report{OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU()}
}

func newRow(stack string, resources int, command string, measurements []measurement) row {
	r := row{Stack: stack, Resources: resources, Command: command, Runs: len(measurements)}
	var wall, cpu []time.Duration
	for _, m := range measurements {
		wall, cpu = append(wall, m.wall), append(cpu, m.cpu)
		r.MemoryBytes = max(r.MemoryBytes, m.memory)
	}
	r.WallSeconds, r.CPUSeconds = median(wall).Seconds(), median(cpu).Seconds()
	if resources > 0 {
		r.SecondsPerResource = r.WallSeconds / float64(resources)
	}
	return r
}

// median is the middle value, or the mean of the two in the middle. There is one at least.
func median(values []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

func (r report) writeJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}

// writeTable writes the report for people: a table of commands and one of deployments, if they were measured.
func (r report) writeTable(w io.Writer) error {
	if len(r.Rows) > 0 {
		if err := r.writeRows(w); err != nil {
			return err
		}
	}
	if len(r.Deployments) == 0 {
		return nil
	}
	if len(r.Rows) > 0 {
		if _, err := fmt.Fprintln(w); err != nil {
			return err
		}
	}
	return writeDeployments(w, r.Deployments)
}

// writeRows names the stack in every row, so that one can be taken out of a log.
func (r report) writeRows(w io.Writer) error {
	_, err := fmt.Fprintf(w, "%s/%s, %d CPUs; times are medians\n\n", r.OS, r.Arch, r.CPUs)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	write := func(format string, values ...any) {
		_, lineErr := fmt.Fprintf(table, format, values...)
		err = errors.Join(err, lineErr)
	}
	write("STACK\tRESOURCES\tCOMMAND\tRUNS\t     WALL\t      CPU\t  MEMORY\tWALL/RESOURCE\n")
	for _, row := range r.Rows {
		write("%s\t%9d\t%s\t%4d\t%7.2f s\t%7.2f s\t%5d MB\t%10.1f ms\n",
			row.Stack, row.Resources, row.Command, row.Runs, row.WallSeconds, row.CPUSeconds, row.MemoryBytes/1e6, row.SecondsPerResource*1e3)
	}
	return errors.Join(err, table.Flush())
}
