package localaws

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var dashboardName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)

const (
	dashboardWidgets = 500 // at most
	dashboardAlarms  = 100 // in a widget at most
	dashboardColumns = 24
)

var widgetTypes = []string{"metric", "text", "log", "alarm", "explorer", "custom"}

// dashboardWidget is a widget as far as CloudWatch checks it (Dashboard Body Structure and Syntax, CloudWatch API Reference).
type dashboardWidget struct {
	Type                string
	X, Y, Width, Height *int
	Properties          *struct {
		Region      string
		Metrics     []json.RawMessage
		Annotations json.RawMessage
		Alarms      []string
		Markdown    *string
		Query       string
	}
}

func checkDashboard(c *checking) {
	if name := c.text("dashboardName"); name != "" && !dashboardName.MatchString(name) {
		c.fail("dashboardName", "The value %s for field DashboardName contains invalid characters. It can only contain alphanumerics, dash (-) and underscore (_), 255 at most (InvalidParameterValue)", name)
	}
	body := c.text("dashboardBody")
	if body == "" {
		return
	}
	var dashboard struct{ Widgets *[]dashboardWidget }
	if err := json.Unmarshal([]byte(body), &dashboard); err != nil {
		c.fail("dashboardBody", "The field DashboardBody must be a valid JSON object (InvalidParameterInput): %v", err)
		return
	}
	var problems []string
	switch {
	case dashboard.Widgets == nil:
		problems = []string{"/: should have required property 'widgets'"}
	case len(*dashboard.Widgets) > dashboardWidgets:
		problems = []string{fmt.Sprintf("/widgets: should NOT have more than %d items, got %d", dashboardWidgets, len(*dashboard.Widgets))}
	default:
		for i, widget := range *dashboard.Widgets {
			for _, problem := range widget.problems() {
				problems = append(problems, fmt.Sprintf("/widgets/%d%s", i, problem))
			}
		}
	}
	if len(problems) > 0 {
		c.fail("dashboardBody", "The dashboard body is invalid, there are %d validation errors (InvalidParameterInput): %s", len(problems), strings.Join(problems, "; "))
	}
}

// problems are what is wrong with a widget, each with its path.
func (w dashboardWidget) problems() (problems []string) {
	if !slices.Contains(widgetTypes, w.Type) {
		problems = append(problems, fmt.Sprintf("/type: should be one of %s, got %q", strings.Join(widgetTypes, ", "), w.Type))
	}
	for _, side := range []struct {
		name      string
		value     *int
		low, high int
	}{
		{"x", w.X, 0, dashboardColumns - 1},
		{"y", w.Y, 0, 1 << 31},
		{"width", w.Width, 1, dashboardColumns},
		{"height", w.Height, 1, 1000},
	} {
		if side.value != nil && (*side.value < side.low || *side.value > side.high) {
			problems = append(problems, fmt.Sprintf("/%s: should be from %d to %d, got %d", side.name, side.low, side.high, *side.value))
		}
	}
	if w.Properties == nil {
		return append(problems, ": should have required property 'properties'")
	}
	missing := func(property string) {
		problems = append(problems, fmt.Sprintf("/properties: should have required property '%s'", property))
	}
	switch p := w.Properties; w.Type {
	case "metric":
		if p.Region == "" {
			missing("region")
		}
		if p.Metrics == nil && p.Annotations == nil {
			missing("metrics")
		}
	case "alarm":
		if len(p.Alarms) < 1 || len(p.Alarms) > dashboardAlarms {
			problems = append(problems, fmt.Sprintf("/properties/alarms: should have 1 to %d items, got %d", dashboardAlarms, len(p.Alarms)))
		}
		for _, alarm := range p.Alarms {
			if !strings.HasPrefix(alarm, "arn:") {
				problems = append(problems, fmt.Sprintf("/properties/alarms: should hold ARNs, got %q", alarm))
			}
		}
	case "text":
		if p.Markdown == nil {
			missing("markdown")
		}
	case "log":
		if p.Query == "" {
			missing("query")
		}
	}
	return problems
}
