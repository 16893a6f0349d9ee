package doctor

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Status is how something is.
type Status string

// What a check can find.
const (
	OK      Status = "ok"
	Missing Status = "missing"
	Wrong   Status = "wrong"
	// Unknown is what could not be looked at, for lack of a permission for example.
	Unknown Status = "unknown"
)

// Check is one thing that was looked at.
type Check struct {
	Status Status `json:"status"`
	What   string `json:"what"`
	Detail string `json:"detail"`
	// Next is what to do about it; "" where nothing is to be done.
	Next string `json:"next,omitempty"`
	// Optional tells that deploying goes without it.
	Optional bool `json:"optional,omitempty"`
}

// Report is everything that was looked at.
type Report struct{ Checks []Check }

func (r *Report) add(status Status, what, detail, next string) {
	r.Checks = append(r.Checks, Check{Status: status, What: what, Detail: detail, Next: next})
}

// optional is add for what is good to have.
func (r *Report) optional(status Status, what, detail, next string) {
	r.Checks = append(r.Checks, Check{Status: status, What: what, Detail: detail, Next: next, Optional: true})
}

// Failing counts what is needed and not right.
func (r *Report) Failing() (n int) {
	for _, c := range r.Checks {
		if !c.Optional && (c.Status == Missing || c.Status == Wrong) {
			n++
		}
	}
	return n
}

const (
	green, yellow, red, plain = "\x1b[32m", "\x1b[33m", "\x1b[31m", "\x1b[0m"
)

func (c Check) colour() string {
	switch {
	case c.Status == OK:
		return green
	case c.Optional || c.Status == Unknown:
		return yellow
	}
	return red
}

// Write writes a line for each check, and under it what to do.
func (r *Report) Write(w io.Writer, coloured bool) error {
	width := 0
	for _, c := range r.Checks {
		width = max(width, utf8.RuneCountInString(c.What))
	}
	var errs []error
	for _, c := range r.Checks {
		status := fmt.Sprintf("%-7s", c.Status)
		if coloured {
			status = c.colour() + status + plain
		}
		detail := c.Detail
		if c.Optional && c.Status != OK {
			detail += " (optional)"
		}
		_, err := fmt.Fprintf(w, "%s  %-*s  %s\n", status, width, c.What, detail)
		errs = append(errs, err)
		if c.Next != "" {
			_, err := fmt.Fprintf(w, "%s  next: %s\n", strings.Repeat(" ", 9+width), c.Next)
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// WriteJSON writes the checks as an array.
func (r *Report) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(r.Checks)
}
