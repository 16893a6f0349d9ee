package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	"slipway/internal/invalid"
)

// reader reads the project's keys and collects what is wrong with them.
type reader struct {
	config *config.Config
	// isSecret tells whether the stack keeps a key's value encrypted.
	isSecret func(key string) bool
	stack    string
	prefix   string
	// region is the stack's; empty where its configuration does not say, and the environment does.
	region string
	wrong  *invalid.Fields
	known  []string
	// root is the program's directory, which the paths of the configuration are relative to. Default: where it runs.
	root string
}

func newReader(ctx *pulumi.Context) *reader {
	return &reader{
		config:   config.New(ctx, ""),
		isSecret: ctx.IsConfigSecret,
		stack:    ctx.Stack(),
		prefix:   ctx.Project() + ":",
		region:   config.New(ctx, "aws").Get("region"),
		wrong:    invalid.In(fmt.Sprintf("configuration of the stack %q", ctx.Stack())),
	}
}

// value is a key's text, and whether it is set.
func (r *reader) value(key string) (string, bool) {
	r.known = append(r.known, key)
	value, err := r.config.Try(key)
	if err == nil && r.isSecret(r.prefix+key) {
		r.wrong.Conflict(r.prefix+key, "takes no encrypted value, because it is readable in what is deployed; put a secret into Secrets Manager and name its ARN in "+r.prefix+"webSecrets")
		return "", false
	}
	return value, err == nil
}

func (r *reader) text(key, fallback string, check func(string) error) string {
	value, ok := r.value(key)
	if !ok {
		value = fallback
	}
	if check != nil {
		r.wrong.Check(r.prefix+key, value, check(value))
	}
	return value
}

func (r *reader) boolean(key string, fallback bool) bool {
	text, ok := r.value(key)
	if !ok {
		return fallback
	}
	switch text {
	case "true":
		return true
	case "false":
		return false
	}
	r.wrong.Add(r.prefix+key, text, "true or false")
	return fallback
}

func (r *reader) integer(key string, fallback int, check func(int) error) int {
	text, ok := r.value(key)
	if !ok {
		return fallback
	}
	value, err := strconv.Atoi(text)
	if err != nil {
		r.wrong.Add(r.prefix+key, text, "a whole number")
		return fallback
	}
	r.wrong.Check(r.prefix+key, value, check(value))
	return value
}

func (r *reader) number(key string, fallback float64, check func(float64) error) float64 {
	text, ok := r.value(key)
	if !ok {
		return fallback
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		r.wrong.Add(r.prefix+key, text, "a number")
		return fallback
	}
	r.wrong.Check(r.prefix+key, value, check(value))
	return value
}

// list reads a list of texts.
func (r *reader) list(key string, fallback []string, check func(string) error) []string {
	text, ok := r.value(key)
	if !ok {
		return fallback
	}
	var values []string
	if err := json.Unmarshal([]byte(text), &values); err != nil {
		r.wrong.Add(r.prefix+key, text, `a list of texts such as ["a", "b"]`)
		return fallback
	}
	for i, value := range values {
		if check != nil {
			r.wrong.Check(fmt.Sprintf("%s%s[%d]", r.prefix, key, i), value, check(value))
		}
	}
	return values
}

// pairs reads an object of texts; numbers and booleans count as their text.
func (r *reader) pairs(key string, check func(name string) error) map[string]string {
	text, ok := r.value(key)
	if !ok {
		return nil
	}
	var values map[string]any
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber() // a large number must arrive as it was written
	if err := decoder.Decode(&values); err != nil {
		r.wrong.Add(r.prefix+key, text, "an object of texts such as {NAME: value}")
		return nil
	}
	pairs := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		value := values[name]
		at := r.prefix + key + "." + name
		r.wrong.Check(at, name, check(name))
		switch value := value.(type) {
		case string:
			pairs[name] = value
		case json.Number, bool:
			pairs[name] = fmt.Sprint(value)
		default:
			r.wrong.Add(at, value, "a text")
		}
	}
	return pairs
}

// objects reads a structured value; takes says what it looks like. Fields that it does not have are mistakes.
func objects[T any](r *reader, key, takes string) (value T) {
	text, ok := r.value(key)
	if !ok {
		return value
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&value); err != nil {
		r.wrong.Add(r.prefix+key, text, takes)
	}
	return value
}

// refuseUnknown reports keys of the project that nothing reads: a mistyped key must not be ignored in silence. The SDK
// lists no keys; the language host passes all of them to the program in the environment.
func (r *reader) refuseUnknown() {
	var all map[string]string
	if err := json.Unmarshal([]byte(os.Getenv(pulumi.EnvConfig)), &all); err != nil {
		return // an inline program, as in a test, has no such environment
	}
	var unknown []string
	for key := range all {
		if name, ours := strings.CutPrefix(key, r.prefix); ours && !slices.Contains(r.known, name) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	for _, name := range unknown {
		takes := "no value: there is no such key"
		if near := nearest(name, r.known); near != "" {
			takes += fmt.Sprintf("; did you mean %s%s?", r.prefix, near)
		}
		r.wrong.Conflict(r.prefix+name, "takes "+takes+" Pulumi.yaml lists the keys; `pulumi config rm "+name+"` removes it")
	}
}

// nearest is the known key that differs least, if it differs by little.
func nearest(name string, known []string) string {
	best, least := "", 4
	for _, k := range known {
		if d := levenshtein.Distance(strings.ToLower(name), strings.ToLower(k), nil); d < least {
			best, least = k, d
		}
	}
	return best
}
