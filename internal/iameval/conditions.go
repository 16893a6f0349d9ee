package iameval

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// comparison compares a value of the request with one of the policy. A policy's value that is none of its kind is an error.
type comparison func(policy, request string) (bool, error)

// comparisons are IAM's operators without the forms that are made of them: Not..., ...IfExists, ForAllValues: and ForAnyValue:.
var comparisons = map[string]comparison{
	"StringEquals":             plain(func(policy, request string) bool { return policy == request }),
	"StringEqualsIgnoreCase":   plain(strings.EqualFold),
	"StringLike":               plain(matches),
	"ArnEquals":                plain(arnMatches), // takes wildcards too
	"ArnLike":                  plain(arnMatches),
	"BinaryEquals":             plain(func(policy, request string) bool { return policy == request }),
	"Bool":                     parsed(boolean, func(policy, request bool) bool { return policy == request }),
	"NumericEquals":            number(func(policy, request float64) bool { return request == policy }),
	"NumericLessThan":          number(func(policy, request float64) bool { return request < policy }),
	"NumericLessThanEquals":    number(func(policy, request float64) bool { return request <= policy }),
	"NumericGreaterThan":       number(func(policy, request float64) bool { return request > policy }),
	"NumericGreaterThanEquals": number(func(policy, request float64) bool { return request >= policy }),
	"DateEquals":               date(func(policy, request time.Time) bool { return request.Equal(policy) }),
	"DateLessThan":             date(func(policy, request time.Time) bool { return request.Before(policy) }),
	"DateLessThanEquals":       date(func(policy, request time.Time) bool { return !request.After(policy) }),
	"DateGreaterThan":          date(func(policy, request time.Time) bool { return request.After(policy) }),
	"DateGreaterThanEquals":    date(func(policy, request time.Time) bool { return !request.Before(policy) }),
	"IpAddress":                inBlock,
}

// negations are the operators that hold when no value matches, by what they negate.
var negations = map[string]string{
	"StringNotEquals":           "StringEquals",
	"StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
	"StringNotLike":             "StringLike",
	"ArnNotEquals":              "ArnEquals",
	"ArnNotLike":                "ArnLike",
	"NumericNotEquals":          "NumericEquals",
	"DateNotEquals":             "DateEquals",
	"NotIpAddress":              "IpAddress",
}

// operator is a condition operator, taken apart.
type operator struct {
	compare                         comparison
	negated, ifExists, forAll, each bool
	null                            bool
}

func parseOperator(text string) (o operator, err error) {
	name := text
	if rest, ok := strings.CutPrefix(name, "ForAllValues:"); ok {
		o.forAll, name = true, rest
	} else if rest, ok := strings.CutPrefix(name, "ForAnyValue:"); ok {
		o.each, name = true, rest
	}
	if name == "Null" && name == text {
		return operator{null: true, compare: comparisons["Bool"]}, nil
	}
	name, o.ifExists = strings.CutSuffix(name, "IfExists")
	if negates, ok := negations[name]; ok {
		o.negated, name = true, negates
	}
	if o.compare = comparisons[name]; o.compare == nil {
		return o, fmt.Errorf("IAM has no condition operator %q", text)
	}
	return o, nil
}

// holds says whether all conditions of a statement do. Operators and keys are joined by and, values by or: where one is false, it does
// not matter that another cannot be told.
func (c call) holds(condition map[string]map[string]any) (bool, error) {
	var unknown error
	for _, text := range slices.Sorted(maps.Keys(condition)) {
		for _, key := range slices.Sorted(maps.Keys(condition[text])) {
			holds, err := c.holdsOne(text, key, condition[text][key])
			switch {
			case err != nil && unknown == nil:
				unknown = fmt.Errorf("%s %s: %w", text, key, err)
			case err == nil && !holds:
				return false, nil
			}
		}
	}
	return unknown == nil, unknown
}

func (c call) holdsOne(text, key string, raw any) (bool, error) {
	o, err := parseOperator(text)
	if err != nil {
		return false, err
	}
	wanted, err := conditionValues(raw)
	if err != nil {
		return false, err
	}
	got, err := c.values(key)
	if err != nil {
		return false, err
	}
	return o.holds(wanted, got)
}

// holds compares a key's values in the request with those of the policy. What a missing key means is in the IAM User Guide under
// "Condition operators" and "Set operators for multivalued context keys".
func (o operator) holds(wanted, got []string) (bool, error) {
	one := func(value string) (bool, error) {
		for _, w := range wanted {
			if equal, err := o.compare(w, value); err != nil || equal {
				return equal != o.negated, err
			}
		}
		return o.negated, nil
	}
	switch {
	case o.null:
		return o.compare(wanted[0], strconv.FormatBool(len(got) == 0))
	case len(got) == 0 && o.each && o.ifExists:
		return false, errors.New("the key is missing, and AWS does not say whether ForAnyValue or IfExists counts then; give it a value")
	case len(got) == 0:
		return o.forAll || !o.each && (o.ifExists || o.negated), nil
	case !o.forAll && !o.each && len(got) > 1:
		return false, fmt.Errorf("the key has %d values and the operator is for one; ForAllValues: and ForAnyValue: are for many", len(got))
	}
	for _, value := range got {
		matched, err := one(value)
		if err != nil || matched != o.forAll {
			return matched, err
		}
	}
	return o.forAll, nil
}

// conditionValues are the values in a policy: one or a list, of texts, numbers and booleans.
func conditionValues(raw any) (values []string, err error) {
	list, ok := raw.([]any)
	if !ok {
		list = []any{raw}
	}
	for _, v := range list {
		switch v := v.(type) {
		case string:
			values = append(values, v)
		case bool:
			values = append(values, strconv.FormatBool(v))
		case float64:
			values = append(values, strconv.FormatFloat(v, 'f', -1, 64))
		default:
			return nil, fmt.Errorf("a condition takes texts, numbers and booleans, got %v", v)
		}
	}
	if len(values) == 0 {
		return nil, errors.New("the condition has no value")
	}
	return values, nil
}

func plain(equal func(policy, request string) bool) comparison {
	return func(policy, request string) (bool, error) { return equal(policy, request), nil }
}

// parsed compares values of a kind. A request's value that is none of it matches nothing.
func parsed[T any](parse func(string) (T, error), compare func(policy, request T) bool) comparison {
	return func(policy, request string) (bool, error) {
		p, err := parse(policy)
		if err != nil {
			return false, err
		}
		r, err := parse(request)
		return err == nil && compare(p, r), nil
	}
}

// boolean is stricter than Go's own.
func boolean(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, fmt.Errorf("it takes true or false, got %q", text)
}

func number(compare func(policy, request float64) bool) comparison {
	return parsed(func(text string) (float64, error) { return strconv.ParseFloat(text, 64) }, compare)
}

// date takes ISO 8601 and seconds since 1970.
func date(compare func(policy, request time.Time) bool) comparison {
	return parsed(func(text string) (time.Time, error) {
		if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
			return time.Unix(seconds, 0), nil
		}
		for _, layout := range []string{"2006-01-02", "2006-01-02T15:04Z07:00"} {
			if t, err := time.Parse(layout, text); err == nil {
				return t, nil
			}
		}
		return time.Parse(time.RFC3339, text)
	}, compare)
}

// inBlock is for a policy's address or block.
func inBlock(policy, request string) (bool, error) {
	block, err := netip.ParsePrefix(policy)
	if err != nil {
		address, wrong := netip.ParseAddr(policy)
		if wrong != nil {
			return false, err
		}
		block = netip.PrefixFrom(address, address.BitLen())
	}
	address, err := netip.ParseAddr(request)
	return err == nil && block.Contains(address), nil
}
