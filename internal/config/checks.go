package config

import (
	"errors"
	"fmt"

	"slipway/internal/limits"
)

// memoryFor checks a task's memory against its CPU units. When those are wrong the mistake is theirs, and reported there.
func memoryFor(cpu int) func(int) error {
	return func(memory int) error {
		if limits.FargateCPU(cpu) != nil {
			return nil
		}
		return limits.FargateSize(cpu, memory)
	}
}

// noLessThan checks the largest number of tasks against the least, which the key least holds.
func noLessThan(count int, least string) func(int) error {
	return func(most int) error {
		if most < max(count, 1) {
			return fmt.Errorf("a number of tasks from %d (%s) to 5000", max(count, 1), least)
		}
		return limits.TaskCount(most)
	}
}

// optional lets an empty text pass: the key is not set.
func optional(check func(string) error) func(string) error {
	return func(v string) error {
		if v == "" {
			return nil
		}
		return check(v)
	}
}

// orNone lets 0 pass: the feature is off.
func orNone(check func(int) error) func(int) error {
	return func(v int) error {
		if v == 0 {
			return nil
		}
		return check(v)
	}
}

func percent(v int) error { return limits.Percent(v, 1) }

func atLeastZero(v int) error {
	if v < 0 {
		return errors.New("a number of requests a minute, or 0 for none")
	}
	return nil
}
