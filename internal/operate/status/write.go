package status

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"slipway/internal/operate"
)

// WriteJSON writes the report for a program, indented unless it is one of many.
func (r *Report) WriteJSON(w io.Writer, oneOfMany bool) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	if !oneOfMany {
		encoder.SetIndent("", "  ")
	}
	return encoder.Encode(r)
}

// Write writes the report for a person: one screen. colour is for terminals.
func (r *Report) Write(w io.Writer, colour bool) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%s  %s", r.Stack, r.Time.Format(time.RFC3339))
	if r.WebUrl != "" {
		text.WriteString("  " + r.WebUrl)
	}
	text.WriteString("\n\n")
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SERVICE\tTASKS\tDEPLOYMENT\tSINCE\tRUNS\tIMAGE\tREGISTERED\tBY")
	for _, s := range r.Services {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", s.Name, s.tasks(), s.deployment(), r.ago(s.Deployment.Since),
			s.Release.TaskDefinition, operate.Digest(s.Release.Image), r.ago(s.Release.Time), orDash(s.Release.By))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	text.WriteString("\n")
	for _, line := range r.lines() {
		fmt.Fprintf(table, "%s\t%s\n", line[0], line[1])
	}
	if err := table.Flush(); err != nil {
		return err
	}
	r.verdict(&text, colour)
	_, err := io.WriteString(w, text.String())
	return err
}

// lines are what there is beside the services: what it is and how it is.
func (r *Report) lines() (lines [][2]string) {
	for _, s := range r.Services {
		if s.Targets != nil {
			lines = append(lines, [2]string{"TARGETS", s.Name + ": " + targets(s.Targets)})
		}
	}
	for _, s := range r.Services {
		if len(s.Events) > 0 {
			lines = append(lines, [2]string{"EVENT", fmt.Sprintf("%s: %s (%s)", s.Name, s.Events[0].Message, r.ago(s.Events[0].Time))})
		}
	}
	for _, q := range r.Queues {
		text := fmt.Sprintf("%s: %d waiting, %d in work, dead letters: %d", q.Name, q.Waiting, q.InWork, q.DeadLetters)
		if q.OldestSeconds != nil && q.Waiting > 0 {
			text += ", the oldest for " + (time.Duration(*q.OldestSeconds) * time.Second).String()
		}
		lines = append(lines, [2]string{"QUEUE", text})
	}
	if r.Database != nil {
		lines = append(lines, [2]string{"DATABASE", r.Database.text()})
	}
	if len(r.Alarms) > 0 {
		lines = append(lines, [2]string{"ALARMS", alarms(r.Alarms)})
	}
	return lines
}

func (r *Report) verdict(text *strings.Builder, colour bool) {
	good, bad, end := "", "", ""
	if colour {
		good, bad, end = "\x1b[32m", "\x1b[31m", "\x1b[0m"
	}
	if len(r.Problems) == 0 {
		fmt.Fprintf(text, "\n%sAll is well.%s\n", good, end)
		return
	}
	fmt.Fprintf(text, "\n%sNot well:%s\n", bad, end)
	for _, problem := range r.Problems {
		fmt.Fprintf(text, "  %s\n", problem)
	}
}

func (s Service) tasks() string {
	text := fmt.Sprintf("%d of %d run", s.Running, s.Desired)
	if s.Running > s.Desired { // the old ones of a deployment are still there
		text = fmt.Sprintf("%d run, %d wanted", s.Running, s.Desired)
	}
	if s.Pending > 0 {
		text += fmt.Sprintf(", %d starting", s.Pending)
	}
	return text
}

// deployment names what is on its way where that is not what runs.
func (s Service) deployment() string {
	if s.Deployment.TaskDefinition == s.Release.TaskDefinition {
		return s.Deployment.State
	}
	return s.Deployment.State + ": " + s.Deployment.TaskDefinition
}

// count tells how many there are of each state, in the order in which they come.
func count(states []string) string {
	var order []string
	number := map[string]int{}
	for _, state := range states {
		if number[state]++; number[state] == 1 {
			order = append(order, state)
		}
	}
	var parts []string
	for _, state := range order {
		parts = append(parts, fmt.Sprintf("%d %s", number[state], state))
	}
	return strings.Join(parts, ", ")
}

func targets(targets []Target) string {
	if len(targets) == 0 {
		return "none"
	}
	var states []string
	for _, target := range targets {
		states = append(states, target.State)
	}
	return count(states)
}

func alarms(alarms []Alarm) string {
	words := map[string]string{"OK": "ok", "ALARM": "in alarm", "INSUFFICIENT_DATA": "without data yet", "MISSING": "missing"}
	var states []string
	for _, alarm := range alarms {
		states = append(states, words[alarm.State])
	}
	return count(states)
}

func (d *Database) text() string {
	text := fmt.Sprintf("%s: %s, instances: %d", d.Cluster, d.State, d.Instances)
	limits := fmt.Sprintf("%s to %s ACU", units(d.MinCapacity), units(d.MaxCapacity))
	switch {
	case d.MaxCapacity == 0:
	case d.Capacity == nil:
		text += ", " + limits
	case *d.Capacity == 0:
		text += ", paused (" + limits + ")"
	default:
		text += fmt.Sprintf(", %s ACU in use (%s)", units(*d.Capacity), limits)
	}
	return text
}

func units(capacity float64) string { return strconv.FormatFloat(capacity, 'f', -1, 64) }

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// ago is how long before the report something was, in the two largest units.
func (r *Report) ago(then time.Time) string {
	if then.IsZero() {
		return "-"
	}
	switch d := r.Time.Sub(then); {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	default:
		return fmt.Sprintf("%d days ago", int(d.Hours()/24))
	}
}
