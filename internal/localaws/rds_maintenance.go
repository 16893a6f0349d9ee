package localaws

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

const (
	minutesADay  = 24 * 60
	minutesAWeek = 7 * minutesADay
	// shortestWindow is in minutes.
	shortestWindow = 30
)

// window is a span of minutes in a week; it may run over the week's end.
type window struct{ start, length int }

var (
	dailyWindow  = regexp.MustCompile(`^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$`)
	weeklyWindow = regexp.MustCompile(`^(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):([0-5]\d)-(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):([0-5]\d)$`)
)

// dailyWindows reads "03:00-03:30" as seven windows, one for each day.
func dailyWindows(text string) ([]window, error) {
	m := dailyWindow.FindStringSubmatch(text)
	if m == nil {
		return nil, fmt.Errorf("%q must satisfy the format of \"hh24:mi-hh24:mi\"", text)
	}
	start, end := minuteOfDay(m[1], m[2]), minuteOfDay(m[3], m[4])
	length := (end - start + minutesADay) % minutesADay
	var windows []window
	for day := range 7 {
		windows = append(windows, window{day*minutesADay + start, length})
	}
	return windows, tooShort(length)
}

// weeklyWindowOf reads "sun:05:00-sun:05:30".
func weeklyWindowOf(text string) (window, error) {
	m := weeklyWindow.FindStringSubmatch(strings.ToLower(text))
	if m == nil {
		return window{}, fmt.Errorf("%q must satisfy the format of \"ddd:hh24:mi-ddd:hh24:mi\"", text)
	}
	start := dayOfWeek(m[1])*minutesADay + minuteOfDay(m[2], m[3])
	end := dayOfWeek(m[4])*minutesADay + minuteOfDay(m[5], m[6])
	length := (end - start + minutesAWeek) % minutesAWeek
	return window{start, length}, tooShort(length)
}

func tooShort(length int) error {
	if length < shortestWindow {
		return fmt.Errorf("the window must be at least %d minutes, got %d", shortestWindow, length)
	}
	return nil
}

func dayOfWeek(day string) int {
	return strings.Index("montuewedthufrisatsun", day) / len("mon")
}

func minuteOfDay(hour, minute string) int {
	h, _ := strconv.Atoi(hour) // digits, by the regular expression
	m, _ := strconv.Atoi(minute)
	return h*60 + m
}

// overlaps tells whether two windows have a minute in common.
func (w window) overlaps(other window) bool {
	return (other.start-w.start+minutesAWeek)%minutesAWeek < w.length || (w.start-other.start+minutesAWeek)%minutesAWeek < other.length
}

// checkWindows checks the windows that are given: their form, their length, and that a backup is not taken during the
// maintenance.
func (c *checking) checkWindows() {
	backup, maintenance := c.text("preferredBackupWindow"), c.text("preferredMaintenanceWindow")
	var backups []window
	var err error
	if backup != "" {
		if backups, err = dailyWindows(backup); err != nil {
			c.fail("preferredBackupWindow", "%v (InvalidParameterValue)", err)
			return
		}
	}
	if maintenance == "" {
		return
	}
	weekly, err := weeklyWindowOf(maintenance)
	if err != nil {
		c.fail("preferredMaintenanceWindow", "%v (InvalidParameterValue)", err)
		return
	}
	for _, daily := range backups {
		if daily.overlaps(weekly) {
			c.fail("preferredBackupWindow", "The backup window and maintenance window must not overlap: %s, %s (InvalidParameterValue)", backup, maintenance)
			return
		}
	}
}
