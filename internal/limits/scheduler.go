package limits

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // time zones must be known on machines without the system's list, too
)

var rate = regexp.MustCompile(`^rate\(([1-9]\d{0,8}) (minute|minutes|hour|hours|day|days)\)$`)

// ScheduleExpression checks a recurring schedule of EventBridge Scheduler (User Guide, "Schedule types"), of 256 characters at
// most (CreateSchedule, ScheduleExpression).
func ScheduleExpression(expression string) error {
	if rate.MatchString(expression) {
		return nil
	}
	fields, isCron := strings.CutPrefix(expression, "cron(")
	fields, closed := strings.CutSuffix(fields, ")")
	if isCron && closed && len(expression) <= 256 && cron(strings.FieldsFunc(fields, func(r rune) bool { return r == ' ' })) {
		return nil
	}
	return errors.New(`"rate(5 minutes)", or "cron(<minutes> <hours> <day of month> <month> <day of week> <year>)" with ? for one of the two days, such as "cron(0 3 * * ? *)" for 3:00 every day`)
}

// ScheduleTimeZone checks the zone of a schedule, by its name in the IANA database.
func ScheduleTimeZone(zone string) error {
	if _, err := time.LoadLocation(zone); err != nil || zone == "" || zone == "Local" {
		return errors.New(`a time zone of the IANA database, such as "UTC" or "Europe/Berlin"`)
	}
	return nil
}

// cronFields are the six fields with their ranges, the names that stand for numbers (the first for least), and the
// endings of AWS's own: L (last), W (weekday), and # (the n-th of the month).
var cronFields = []struct {
	least, most int
	names       []string
	special     *regexp.Regexp
}{
	{0, 59, nil, nil},
	{0, 23, nil, nil},
	{1, 31, nil, regexp.MustCompile(`^(L|LW|([1-9]|[12]\d|3[01])W)$`)},
	{1, 12, strings.Fields("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"), nil},
	{1, 7, strings.Fields("SUN MON TUE WED THU FRI SAT"), regexp.MustCompile(`^(([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)?L|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)#[1-5])$`)},
	{1970, 2199, nil, nil},
}

func cron(fields []string) bool {
	const dayOfMonth, dayOfWeek = 2, 4
	if len(fields) != len(cronFields) || (fields[dayOfMonth] == "?") == (fields[dayOfWeek] == "?") {
		return false
	}
	for i, field := range fields {
		if field == "?" && (i == dayOfMonth || i == dayOfWeek) {
			continue
		}
		for part := range strings.SplitSeq(strings.ToUpper(field), ",") {
			if !cronPart(i, part) {
				return false
			}
		}
	}
	return true
}

// cronPart checks one element of a field's list: *, n, n-m, or one of them with a step, or one of AWS's endings.
func cronPart(field int, part string) bool {
	f := cronFields[field]
	if f.special != nil && f.special.MatchString(part) {
		return true
	}
	span, step, stepped := strings.Cut(part, "/")
	if stepped {
		if n, ok := digits(step); !ok || n < 1 || n > f.most {
			return false
		}
	}
	if span == "*" {
		return true
	}
	number := func(text string) (int, bool) {
		for i, name := range f.names {
			if text == name {
				return f.least + i, true
			}
		}
		n, ok := digits(text)
		return n, ok && f.least <= n && n <= f.most
	}
	from, to, isRange := strings.Cut(span, "-")
	low, ok := number(from)
	if !isRange {
		return ok
	}
	high, okHigh := number(to)
	return ok && okHigh && low <= high
}

// digits is a number that is written without a sign.
func digits(text string) (int, bool) {
	n, err := strconv.ParseUint(text, 10, 31)
	return int(n), err == nil
}
