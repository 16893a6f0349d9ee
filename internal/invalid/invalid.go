// Package invalid reports wrong fields: every mistake of one thing at once, each with the field, what it got and
// what it takes.
package invalid

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Fields collects the wrong fields of one subject: a component's arguments, or a stack's configuration.
//
//	wrong := invalid.In(`Vpc "staging"`)
//	wrong.Check("cidr", args.Cidr, limits.VpcCIDR(args.Cidr))
//	if err := wrong.Err(); err != nil { return nil, err }
type Fields struct {
	subject string
	lines   []string
}

// In starts a collection; subject names the thing that the fields belong to, as its owner would.
func In(subject string) *Fields { return &Fields{subject: subject} }

// Add records that field got a value that it does not take. takes completes the sentence "<field> takes ...", and
// ends with what to do or an example where that helps. Never pass a secret as got.
func (f *Fields) Add(field string, got any, takes string) {
	f.lines = append(f.lines, fmt.Sprintf("%s: got %s, takes %s", oneLine(field), display(got), takes))
}

// Check records err, if there is one, as what field takes. Package limits returns such errors.
func (f *Fields) Check(field string, got any, err error) {
	if err != nil {
		f.Add(field, got, err.Error())
	}
}

// Conflict records a mistake that lies in no single value, such as two fields that exclude each other.
func (f *Fields) Conflict(fields, reason string) {
	f.lines = append(f.lines, oneLine(fields)+": "+reason)
}

// Err returns all that was recorded as one error, or nil.
func (f *Fields) Err() error {
	if len(f.lines) == 0 {
		return nil
	}
	noun := "1 field is wrong"
	if len(f.lines) > 1 {
		noun = fmt.Sprintf("%d fields are wrong", len(f.lines))
	}
	return fmt.Errorf("%s: %s:\n  - %s", f.subject, noun, strings.Join(f.lines, "\n  - "))
}

func display(v any) string {
	switch v := v.(type) {
	case nil:
		return "nothing"
	case string:
		return fmt.Sprintf("%q", v)
	case []string:
		return fmt.Sprintf("%q", v)
	}
	return oneLine(fmt.Sprintf("%v", v))
}

// oneLine keeps what somebody has written, such as a name in an object, from looking like lines of the message.
func oneLine(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError }) {
		return text
	}
	quoted := strconv.Quote(text)
	return quoted[1 : len(quoted)-1]
}
