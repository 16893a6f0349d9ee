package localrun

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// How outputs of the program are called, in the order in which they are shown. Others follow by name, if they are not for programs: a line
// has no room for an object.
var outputLabels = []struct{ output, label string }{
	{"webUrl", "Web address"},
	{"loadBalancer", "Load balancer"},
	{"staticUrl", "Static files"},
	{"databaseEndpoint", "Database"},
	{"databaseName", "Database name"},
	{"databaseSecretArn", "Database secret"},
	{"queueUrl", "Queue"},
	{"deadLetterQueueUrl", "Dead letters"},
	{"clusterName", "Cluster"},
	{"serviceName", "Service"},
	{"logGroup", "Log group"},
	{"workersServiceName", "Workers"},
	{"workersLogGroup", "Their log group"},
	{"image", "Image"},
	{"dashboardUrl", "Dashboard"},
	{"alarmTopicArn", "Alarms go to"},
}

// printOutputs shows what an `up` has made.
func (r *run) printOutputs(ctx context.Context, stack string) error {
	data, err := r.quietly(ctx, "stack", "output", "--json", "--stack", stack, "-C", r.project.dir)
	if err != nil {
		return err
	}
	var outputs map[string]any
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber() // an account id is no floating-point number
	if err := decoder.Decode(&outputs); err != nil {
		return fmt.Errorf("pulumi stack output: %w", err)
	}
	down := "bin/slipway local destroy -s " + stack
	if r.configFile(stack) == EnvironmentFile(r.dir, stack) {
		down = "bin/slipway local env down " + stack
	}
	writeOutputs(r.stdout, stack, outputs, down)
	return nil
}

// writeOutputs writes the outputs as a person wants them, and the command that takes all of it down. Pulumi masks the
// secret ones as "[secret]".
func writeOutputs(w io.Writer, stack string, outputs map[string]any, down string) {
	fmt.Fprintf(w, "\n%s is up on the embedded AWS.\n\n", stack)
	rest := maps.Clone(outputs)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, known := range outputLabels {
		if value, ok := rest[known.output]; ok {
			fmt.Fprintf(table, "  %s\t%s\n", known.label, outputText(value))
			delete(rest, known.output)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(rest)) {
		if _, object := rest[name].(map[string]any); !object {
			fmt.Fprintf(table, "  %s\t%s\n", name, outputText(rest[name]))
		}
	}
	_ = table.Flush() // an error of w shows in the next line too
	if _, ok := outputs["webUrl"]; ok {
		fmt.Fprintln(w, "\nNothing answers at these addresses: the embedded AWS keeps what exists and runs nothing.")
	}
	var next [][2]string
	if _, ok := outputs["serviceName"]; ok {
		next = append(next, [2]string{"bin/slipway local serve " + stack, "run it on this machine"})
	}
	next = append(next, [][2]string{
		{"bin/slipway local pulumi preview -s " + stack, "what a change would do"},
		{"bin/slipway local pulumi stack output -s " + stack + " --json", "these values for scripts"},
		{"bin/slipway local aws ls", "what exists"},
		{down, "delete it"},
	}...)
	fmt.Fprintln(w, "\nNext:")
	for _, command := range next {
		fmt.Fprintf(table, "  %s\t%s\n", command[0], command[1])
	}
	_ = table.Flush()
}

func outputText(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return fmt.Sprint(value)
	}
	return strings.TrimSpace(text.String())
}
